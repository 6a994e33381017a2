"""What people were told: reserved before it is sent, so that two keepers tell it once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

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
        add = self._database.insert(table).on_conflict_do_nothing()
        ours: set[str] = set()
        with self._database.write() as connection:
            for some in _portions(wanted):
                added = add.values([{"id": notice} | row for notice in some])
                ours.update(connection.scalars(added.returning(table.c.id)))
                left_behind = (
                    update(table)
                    .where(
                        table.c.id.in_(some),
                        table.c.told_at.is_(None),
                        table.c.reserved_at <= now - RESERVED_FOR,
                    )
                    .values(**row)
                )
                ours.update(connection.scalars(left_behind.returning(table.c.id)))
        return frozenset(ours)

    def mark_sent(self, notices: Collection[str], owner: str, now: datetime) -> None:
        """They were delivered."""
        table = schema.notices
        with self._database.write() as connection:
            for some in _portions(notices):
                connection.execute(
                    update(table)
                    .where(table.c.id.in_(some), table.c.owner == owner)
                    .values(told_at=now, seen_at=now)
                )

    def take_back(self, sent: Mapping[str, datetime]) -> None:
        """What an earlier database knew: told then. What is known here stays as it is."""
        table = schema.notices
        add = self._database.insert(table).on_conflict_do_nothing()
        with self._database.write() as connection:
            for some in _portions(sent):
                rows = [
                    {"id": name, "reserved_at": at, "told_at": at, "seen_at": at}
                    for name, at in ((name, sent[name]) for name in some)
                ]
                connection.execute(add.values(rows))

    def release(self, notices: Collection[str], owner: str) -> None:
        """They could not be delivered: whoever comes next may tell them."""
        table = schema.notices
        with self._database.write() as connection:
            for some in _portions(notices):
                connection.execute(
                    delete(table).where(
                        table.c.id.in_(some), table.c.owner == owner, table.c.told_at.is_(None)
                    )
                )

    def still_true(self, notices: Collection[str], now: datetime) -> None:
        """What they tell was seen to be so just now."""
        table = schema.notices
        with self._database.write() as connection:
            for some in _portions(notices):
                connection.execute(update(table).where(table.c.id.in_(some)).values(seen_at=now))

    def forget(self, prefix: str, before: datetime, *, all_before: datetime) -> None:
        """Drop those with this prefix that were last true before, and any that are very old."""
        table = schema.notices
        ended = table.c.id.startswith(prefix, autoescape=True) & (table.c.seen_at < before)
        with self._database.write() as connection:
            connection.execute(delete(table).where(or_(ended, table.c.seen_at < all_before)))


def _portions(notices: Iterable[str]) -> Iterator[Sequence[str]]:
    """Always in one order: two keepers that reserve the same never wait in a ring."""
    return in_portions(sorted(set(notices)))
