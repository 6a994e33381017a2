"""Stories that lie in the vault and cannot be read, as they were found last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath

from sqlalchemy import Connection, delete, insert, select, update

from lib.manifest import Fault
from lib.registry import schema
from lib.registry.database import Database, in_portions
from lib.registry.schema import columns_of, first_of, records_of


@dataclass(frozen=True)
class Unreadable:
    """One of them. `key` is where its story lies or should lie, `sha256` that of its bytes.

    `told`: what could be made out of it (name, provider_voice_id, service). `files`: how many of
    each kind lie beside it, written between `first_at` and `last_at`. `aside_at`, `aside_by`:
    somebody knows of it, and nothing waits for it any more.
    """

    key: str
    vault: str
    fault: Fault
    found_at: datetime
    sha256: str = ""
    told: dict[str, str] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    first_at: datetime | None = None
    last_at: datetime | None = None
    aside_at: datetime | None = None
    aside_by: str = ""

    @property
    def id(self) -> str:
        """Of the voice, the take or the script."""
        return PurePosixPath(self.key).parent.name

    @property
    def what(self) -> str:
        """What its story is of, as a word."""
        return {"takes": "take", "scripts": "script"}.get(self.key.partition("/")[0], "voice")

    @property
    def is_voice(self) -> bool:
        return self.what == "voice"

    @property
    def is_aside(self) -> bool:
        """Whether somebody knows of it, so that nothing waits for it any more."""
        return self.aside_at is not None


class UnreadableStories:
    """One row per story, by its key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Unreadable]:
        """Those that wait for somebody first, then by key."""
        table = schema.unreadable
        chosen = select(table).order_by(table.c.aside_at.is_not(None), table.c.key)
        with self._database.read() as connection:
            return records_of(Unreadable, connection, chosen)

    def get(self, key: str) -> Unreadable | None:
        """The one whose story lies, or should lie, at this key, or None."""
        with self._database.read() as connection:
            return _get(connection, key)

    def put(self, found: Sequence[Unreadable], *, instead_of: str = "") -> None:
        """Note these. `instead_of`: they are all there are in that vault."""
        table = schema.unreadable
        with self._database.write() as connection:
            if instead_of:
                keys = [item.key for item in found]
                old = connection.scalars(select(table.c.key).where(table.c.vault == instead_of))
                _drop(connection, set(old) - set(keys))
            for item in found:
                _put(connection, item)

    def drop(self, keys: Collection[str]) -> None:
        """They can be read again, or are not there any more."""
        if keys:
            with self._database.write() as connection:
                _drop(connection, keys)

    def set_aside(self, key: str, *, person: str, at: datetime) -> None:
        """This person knows of it: nothing waits for it any more."""
        table = schema.unreadable
        with self._database.write() as connection:
            connection.execute(
                update(table).where(table.c.key == key).values(aside_at=at, aside_by=person)
            )


def _drop(connection: Connection, keys: Collection[str]) -> None:
    for some in in_portions(sorted(keys)):
        connection.execute(delete(schema.unreadable).where(schema.unreadable.c.key.in_(some)))


def _get(connection: Connection, key: str) -> Unreadable | None:
    chosen = select(schema.unreadable).where(schema.unreadable.c.key == key)
    return first_of(Unreadable, connection, chosen)


def _put(connection: Connection, item: Unreadable) -> None:
    """What is known of the same story already stays: since when, and who set it aside."""
    known = _get(connection, item.key)
    if known and (known.fault, known.sha256) == (item.fault, item.sha256):
        aside = item if item.is_aside else known
        item = replace(
            item, found_at=known.found_at, aside_at=aside.aside_at, aside_by=aside.aside_by
        )
    if item != known:
        _drop(connection, [item.key])
        connection.execute(insert(schema.unreadable).values(columns_of(item)))
