"""Long texts: one order a part, and one for the whole, which costs nothing and is never sent.

All of them carry the id of the whole as their `reading`. A part that was spoken makes the whole
due to be joined, in the same transaction (see `job_mover.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from lib.models import Job, JobState, Take
from lib.registry import schema
from lib.registry.job_mover import JobMover, tell
from lib.registry.jobs import AlreadyOrdered
from lib.registry.schema import columns_of, record_of


class Readings(JobMover):
    """Commits and finds the orders of long texts."""

    def order(self, whole: Job, parts: Sequence[Job]) -> None:
        """Commit the whole with all its parts, or nothing. Raises `AlreadyOrdered`."""
        try:
            with self._database.write() as connection:
                rows = [columns_of(job) for job in (whole, *parts)]
                connection.execute(insert(schema.jobs), rows)
                what = f"ordered: {whole.kind} in {len(parts)} parts"
                tell(connection, whole.created_at, whole.person, what, whole)
        except IntegrityError:
            twin = self.open_order(whole.order_key)
            if twin is None:
                raise
            raise AlreadyOrdered(twin) from None

    def resume(self, reading: str, *, person: str, now: datetime) -> bool:
        """A whole that was given up or joined waits for its parts again, and is looked at now."""
        return self.move(
            reading,
            (JobState.FAILED, JobState.DONE),
            now,
            person,
            "to be joined again",
            state=JobState.WAITING,
            order_key=reading,
            next_check_at=now,
            finished_at=None,
            error="",
            error_kind="",
        )

    def of(self, reading: str) -> list[Job]:
        """The parts in their order, and of each part its orders, the oldest first."""
        table = schema.jobs
        found = self._find(table.c.reading == reading, table.c.id != reading)
        return sorted(found, key=lambda job: (number_of(job), job.created_at))

    def takes_of(self, reading: str) -> dict[str, Take]:
        """What was spoken of the whole and its parts, by the ids of their orders."""
        table = schema.jobs
        ids = select(table.c.id).where(table.c.reading == reading)
        with self._database.read() as connection:
            rows = connection.execute(select(schema.takes).where(schema.takes.c.id.in_(ids))).all()
        return {row.id: record_of(Take, row) for row in rows}

    def unfinished(self, *, services: Collection[str], limit: int) -> list[Job]:
        """The newest wholes that are not joined, newest first."""
        table = schema.jobs
        return self._find(
            table.c.reading == table.c.id,
            table.c.service.in_(services),
            table.c.state != JobState.DONE,
            order=(table.c.created_at.desc(),),
            limit=limit,
        )


def number_of(part: Job) -> int:
    """Which part of its text an order is for, counted from 1."""
    number = part.request.get("part")
    return number if isinstance(number, int) else 0
