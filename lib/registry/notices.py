"""What people were told: reserved before it is sent, so that two keepers tell it once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Delete, Update, delete, or_, select, update

from lib.registry import schema
from lib.registry.database import Database, in_portions

RESERVED_FOR = timedelta(minutes=10)
"""A keeper that died between reserving and sending leaves it to the next one after this."""


@dataclass(frozen=True)
class NoticeRecord:
    """One notice: when people were told (None: somebody is at it), when it was last true."""

    id: str
    reserved_at: datetime
    told_at: datetime | None
    seen_at: datetime


class Notices:
    """Notices by their identity. A row is a reservation until `told_at` is set."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, NoticeRecord]:
        """Everything told or reserved, by its identity."""
        table = schema.notices
        chosen = select(table.c.id, table.c.reserved_at, table.c.told_at, table.c.seen_at)
        with self._database.read() as connection:
            return {row.id: NoticeRecord(**row._mapping) for row in connection.execute(chosen)}

    def reserve(self, wanted: Iterable[str], owner: str, now: datetime) -> frozenset[str]:
        """Those of the wanted that nobody has told or is telling: ours to tell now."""
        table = schema.notices
        row = {"owner": owner, "reserved_at": now, "seen_at": now}
        left_behind = table.c.told_at.is_(None) & (table.c.reserved_at <= now - RESERVED_FOR)
        ours: set[str] = set()
        # One statement decides for each: of two keepers that ask at once, one gets the row back.
        with self._database.write() as connection:
            for some in _portions(wanted):
                add = self._database.insert(table).values([{"id": name} | row for name in some])
                reserved = add.on_conflict_do_update(
                    index_elements=["id"], set_=row, where=left_behind
                )
                ours.update(connection.scalars(reserved.returning(table.c.id)))
        return frozenset(ours)

    def mark_sent(self, notices: Collection[str], owner: str, now: datetime) -> None:
        """They were delivered."""
        ours = update(schema.notices).where(schema.notices.c.owner == owner)
        self._each(ours.values(told_at=now, seen_at=now), notices)

    def take_back(self, sent: Mapping[str, datetime]) -> None:
        """What an earlier database knew: told then. What is known here stays as it is."""
        add = self._database.insert(schema.notices).on_conflict_do_nothing()
        with self._database.write() as connection:
            for some in _portions(sent):
                told = [(name, sent[name]) for name in some]
                rows = [
                    {"id": name, "reserved_at": at, "told_at": at, "seen_at": at}
                    for name, at in told
                ]
                connection.execute(add.values(rows))

    def release(self, notices: Collection[str], owner: str) -> None:
        """They could not be delivered: whoever comes next may tell them."""
        table = schema.notices
        self._each(delete(table).where(table.c.owner == owner, table.c.told_at.is_(None)), notices)

    def still_true(self, notices: Collection[str], now: datetime) -> None:
        """What they tell was seen to be so just now."""
        self._each(update(schema.notices).values(seen_at=now), notices)

    def forget(self, prefix: str, before: datetime, *, all_before: datetime) -> None:
        """Drop those with this prefix that were last true before, and any that are very old."""
        table = schema.notices
        ended = table.c.id.startswith(prefix, autoescape=True) & (table.c.seen_at < before)
        with self._database.write() as connection:
            connection.execute(delete(table).where(or_(ended, table.c.seen_at < all_before)))

    def _each(self, change: Update | Delete, notices: Collection[str]) -> None:
        with self._database.write() as connection:
            for some in _portions(notices):
                connection.execute(change.where(schema.notices.c.id.in_(some)))


def _portions(notices: Iterable[str]) -> Iterator[Sequence[str]]:
    """Always in one order: two keepers that reserve the same never wait in a ring."""
    return in_portions(sorted(set(notices)))
