"""Takes that are shared by a link: whose copy lies in a bucket, or is to be laid there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, delete, func, or_, select, type_coerce, update

from lib.registry import schema
from lib.registry.columns import Utc
from lib.registry.database import Database
from lib.registry.schema import columns_of, records_of


@dataclass(frozen=True)
class Share:
    """One link to one take, from the wish to share it until its copy is gone.

    `key`: where the copy lies in this `vault`; the address that is signed for it is stored nowhere.
    `copied_at`: when the copy was read back. `ended_at`: somebody ended it early, and the copy is
    to be deleted. `trouble`: why the copy could not be made or deleted yet, as a sentence.
    """

    id: str
    take_id: str
    vault: str
    key: str
    shared_at: datetime
    shared_by: str
    until: datetime
    copied_at: datetime | None = None
    ended_at: datetime | None = None
    trouble: str = ""

    def is_open(self, now: datetime) -> bool:
        """Whether whoever has the link can fetch the copy."""
        return self.copied_at is not None and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        """Whether somebody ended it, or its time is over: its copy is to be deleted."""
        return self.ended_at is not None or now >= self.until

    def is_in_progress(self, now: datetime) -> bool:
        """Whether its copy is being made or deleted, and nothing went wrong so far."""
        return not self.trouble and not self.is_open(now)


@dataclass(frozen=True)
class Shared:
    """A share, with what its take says and the name of the voice; "" where they are gone."""

    share: Share
    text: str
    voice: str


class Shares:
    """One row for each link. What is over has no row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, share_id: str) -> Share | None:
        """This one, or None."""
        found = self._find(schema.shares.c.id == share_id)
        return found[0] if found else None

    def all(self) -> list[Share]:
        """Every one, whatever is to happen with it."""
        return self._find()

    def listed(self, *, take_id: str = "") -> list[Shared]:
        """Every one, or those of one take, with what is shared; the newest first."""
        shares, takes, voices = schema.shares, schema.takes, schema.voices
        chosen = (
            select(shares, takes.c.text.label("said"), voices.c.name.label("voice"))
            .outerjoin(takes, takes.c.id == shares.c.take_id)
            .outerjoin(voices, voices.c.id == takes.c.voice_id)
            .order_by(shares.c.shared_at.desc(), shares.c.id)
        )
        if take_id:
            chosen = chosen.where(shares.c.take_id == take_id)
        names = shares.c.keys()
        with self._database.read() as connection:
            return [
                Shared(
                    Share(**{name: row[name] for name in names}),
                    row["said"] or "",
                    row["voice"] or "",
                )
                for row in connection.execute(chosen).mappings()
            ]

    def count_of(self, voice_id: str) -> int:
        """How many links lead to takes of this voice."""
        shares, takes = schema.shares, schema.takes
        its = shares.join(takes, takes.c.id == shares.c.take_id)
        chosen = select(func.count()).select_from(its).where(takes.c.voice_id == voice_id)
        with self._database.read() as connection:
            return connection.scalar(chosen) or 0

    def to_copy(self, now: datetime) -> list[Share]:
        """Those whose copy is to be made."""
        return self._find(schema.shares.c.copied_at.is_(None), ~_is_over(now))

    def to_end(self, now: datetime) -> list[Share]:
        """Those whose copy is to be deleted: somebody ended them, their time is over, or their
        take was deleted, here or by another container.
        """
        return self._find(_is_over(now))

    def next_due(self) -> datetime | None:
        """When a copy is next to be made or deleted; None where nothing is shared."""
        table = schema.shares.c
        wanted = case((table.copied_at.is_(None), table.shared_at), else_=table.until)
        due = type_coerce(func.min(func.coalesce(table.ended_at, wanted)), Utc)
        with self._database.read() as connection:
            found: datetime | None = connection.scalar(select(due))
        return found

    def add(self, shares: Collection[Share]) -> None:
        """Note that they are shared; what is known already stays as it is."""
        if not shares:
            return
        add = self._database.insert(schema.shares).on_conflict_do_nothing()
        with self._database.write() as connection:
            connection.execute(add, [columns_of(share) for share in shares])

    def copied(self, share_id: str, now: datetime) -> bool:
        """The copy lies in the bucket and was read back; False where nobody wants it any more."""
        return self._change(share_id, copied_at=now, trouble="")

    def end(self, share_id: str, now: datetime) -> bool:
        """Somebody ends it; False where that was done already, or it is not there."""
        return self._change(share_id, schema.shares.c.ended_at.is_(None), ended_at=now, trouble="")

    def note(self, share_id: str, trouble: str) -> None:
        """Why its copy could not be made or deleted."""
        self._change(share_id, trouble=trouble)

    def remove(self, share_id: str) -> None:
        """Its copy is gone."""
        with self._database.write() as connection:
            connection.execute(delete(schema.shares).where(schema.shares.c.id == share_id))

    def _change(self, share_id: str, *conditions: ColumnElement[bool], **values: object) -> bool:
        table = schema.shares
        with self._database.write() as connection:
            its = update(table).where(table.c.id == share_id, *conditions)
            return connection.execute(its.values(**values)).rowcount == 1

    def _find(self, *conditions: ColumnElement[bool]) -> list[Share]:
        table = schema.shares
        chosen = select(table).where(*conditions).order_by(table.c.shared_at, table.c.id)
        with self._database.read() as connection:
            return records_of(Share, connection, chosen)


def _is_over(now: datetime) -> ColumnElement[bool]:
    shares, takes = schema.shares.c, schema.takes.c
    is_kept = select(takes.id).where(takes.id == shares.take_id).exists()
    return or_(shares.ended_at.is_not(None), shares.until <= now, ~is_kept)
