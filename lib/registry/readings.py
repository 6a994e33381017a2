"""Texts to be spoken. A long one is one order a part, and one for the whole, which costs nothing
and is never sent.

All of these carry the id of the whole as their `reading`. A part that was spoken makes the whole
due to be joined, in the same transaction (see `job_mover.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import BigInteger, and_, case, distinct, func, insert, select, type_coerce
from sqlalchemy.exc import IntegrityError

from lib.models import Job, JobState, Money, Take
from lib.registry import budgets, schema
from lib.registry.budgets import UNLIMITED, Budget
from lib.registry.job_mover import JobMover, tell
from lib.registry.job_reader import COST, open_order
from lib.registry.schema import columns_of, record_of

Text = tuple[Job, Sequence[Job]]
"""The order for a text in one piece, and no parts; or that for the whole, with those of its parts.
"""
TRIES = 5


@dataclass(frozen=True)
class PartsSum:
    """How the parts of a long text stand, without their texts.

    `cost` is that of all their orders, `is_final` whether all of it is charged or will never be.
    """

    spoken: int = 0
    parts: int = 0
    cost: Money = field(default_factory=Money)
    is_final: bool = True


class Readings(JobMover):
    """Commits the orders of texts, and finds those of long ones."""

    def order(self, *texts: Text, budget: Budget = UNLIMITED) -> list[Job]:
        """Commit these texts, all of them with all their parts, or nothing.

        A text that is ordered already and not over stays as it is: its order is in the answer, in
        place of the new one. Raises `OverBudget`.
        """
        for _ in range(TRIES - 1):
            with suppress(IntegrityError):  # one of them was ordered elsewhere in this moment
                return self._order(texts, budget)
        return self._order(texts, budget)

    def _order(self, texts: Sequence[Text], budget: Budget) -> list[Job]:
        ordered: list[Job] = []
        new: list[Job] = []
        with self._database.write() as connection:
            budgets.claim(connection, budget)
            for first, parts in texts:
                twin = open_order(connection, first.order_key)
                ordered.append(twin or first)
                if twin is None:
                    rows = [columns_of(job) for job in (first, *parts)]
                    connection.execute(insert(schema.jobs), rows)
                    what = f"ordered: {first.kind}" + (f" in {len(parts)} parts" if parts else "")
                    tell(connection, first.created_at, first.person, what, first)
                    new += [first, *parts]
            if new:
                now = min(job.created_at for job in new)  # the demo's clock may be far ahead
                budgets.check(connection, budget, new, now)
        return ordered

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
            error_tells_cost=False,
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

    def sums(self, readings: Collection[str]) -> dict[str, PartsSum]:
        """How many parts of these long texts are spoken and what they cost, in one query.

        A part that was ordered again is one part, and all its orders cost.
        """
        if not readings:
            return {}
        table = schema.jobs
        number = table.c.request["part"].as_string()  # a cast would stumble over a stranger's word
        is_open = and_(table.c.charged.is_(None), table.c.state != JobState.FAILED)
        chosen = (
            select(
                table.c.reading,
                func.count(distinct(case((table.c.state == JobState.DONE, number)))),
                func.count(distinct(number)),
                type_coerce(func.sum(COST), BigInteger),
                func.count(case((is_open, 1))),
            )
            .where(table.c.reading.in_(readings), table.c.id != table.c.reading)
            .group_by(table.c.reading)
        )
        with self._database.read() as connection:
            rows = connection.execute(chosen).all()
        return {
            reading: PartsSum(spoken, parts, Money(int(total)), is_final=not waiting)
            for reading, spoken, parts, total, waiting in rows
        }

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
