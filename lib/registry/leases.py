"""Who works on what right now, and what the keeper last saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select, update

from lib.json_reading import JsonObject
from lib.registry import schema
from lib.registry.database import Database
from lib.registry.schema import first_of, records_of

LONGEST_QUEUE = timedelta(minutes=1)
"""More than that is no queue, but a clock that was set."""


class Leases:
    """Named leases by the database's clock, so that two machines agree on it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def hold(self, name: str, owner: str, length: timedelta) -> Iterator[bool]:
        """True inside the block if the lease of this name is ours: nobody else held it. It ends
        with the block, or after `length` at the latest.
        """
        got = self._take(name, owner, length)
        try:
            yield got
        finally:
            if got:
                self._release(name, owner)

    def queue(self, name: str, length: timedelta) -> float:
        """Reserve so much time behind all that was reserved under this name, whoever did it;
        returns the seconds until it begins.
        """
        table = schema.leases
        add = self._database.insert(table).on_conflict_do_nothing()
        ours = table.c.name == name
        with self._database.write() as connection:
            connection.execute(add.values(name=name, until=_now(connection)))
            # Whoever else reserves under this name waits here until we are done.
            end = connection.scalar(select(table.c.until).where(ours).with_for_update())
            now = _now(connection)
            ahead = _moment(end) - now
            if not timedelta(0) < ahead < LONGEST_QUEUE:
                ahead = timedelta(0)
            connection.execute(update(table).where(ours).values(until=now + ahead + length))
        return ahead.total_seconds()

    def _take(self, name: str, owner: str, length: timedelta) -> bool:
        table = schema.leases
        with self._database.write() as connection:
            now = _now(connection)
            held = {"owner": owner, "until": now + length}
            take = self._database.insert(table).values(name=name, **held)
            free = or_(table.c.until <= now, table.c.owner == owner)
            # One statement, which gives the row back only to whoever got it.
            taken = take.on_conflict_do_update(index_elements=["name"], set_=held, where=free)
            return connection.scalar(taken.returning(table.c.name)) is not None

    def _release(self, name: str, owner: str) -> None:
        table = schema.leases
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.name == name, table.c.owner == owner))


@dataclass(frozen=True)
class Note:
    """What was last seen of one thing, when, and since when a person waits for a new look."""

    name: str
    at: datetime | None = None
    asked_at: datetime | None = None
    body: JsonObject = field(default_factory=dict)


class Notes:
    """The keeper's heartbeat and the results of the checks that Settings shows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Note]:
        """All notes, by their names."""
        with self._database.read() as connection:
            return {note.name: note for note in records_of(Note, connection, select(schema.notes))}

    def get(self, name: str) -> Note | None:
        """The note of this name, or None."""
        with self._database.read() as connection:
            chosen = select(schema.notes).where(schema.notes.c.name == name)
            return first_of(Note, connection, chosen)

    def write(self, name: str, body: Mapping[str, object], at: datetime) -> None:
        """Note what was seen; an earlier wish for a look is answered by it."""
        self._put(name, {"body": body, "at": at, "asked_at": None})

    def ask(self, name: str, at: datetime) -> None:
        """A person wants this looked at anew."""
        self._put(name, {"asked_at": at})

    def _put(self, name: str, values: JsonObject) -> None:
        add = self._database.insert(schema.notes).values({"name": name, "body": {}, **values})
        with self._database.write() as connection:
            connection.execute(add.on_conflict_do_update(index_elements=["name"], set_=values))


def _moment(value: object) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _now(connection: Connection) -> datetime:
    """The database's clock, with the fractions of a second that SQLite's usual one leaves out."""
    is_sqlite = connection.dialect.name == "sqlite"
    exact = func.strftime("%Y-%m-%d %H:%M:%f", "now") if is_sqlite else func.clock_timestamp()
    return _moment(connection.scalar(select(exact)))
