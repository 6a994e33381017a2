"""Texts to be spoken: one order, or, for a long text, one order a part and a record of the text.

A part that came to its end makes its long text due, in the same transaction (see `job_moves.py`).
All changes of a long text are conditional, as those of a job are. Nothing here is paid.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    distinct,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.exc import IntegrityError

from lib.event_kinds import EventKind
from lib.models import Job, JobKind, JobState, LongText, Money, Take, TextState
from lib.registry import budgets, schema, scripts
from lib.registry.budgets import UNLIMITED, Budget
from lib.registry.database import Database, in_portions
from lib.registry.job_moves import log_event, waiting_again
from lib.registry.job_queries import COST
from lib.registry.schema import columns_of, record_of, records_of
from lib.registry.wording import Deed, Reason, deed, failed, ordered, ordered_in_parts, sentence
from lib.scripts import LineOrder

Text = tuple[Job, Sequence[Job]] | tuple[LongText, Sequence[Job]]
"""The order for a text in one piece, and no parts; or a long text, with the orders of its parts."""
TRIES = 5


@dataclass(frozen=True)
class PartsSum:
    """How the parts of a long text stand, without their texts.

    `cost` is that of all their orders, `is_final` whether all of it is charged or will never be;
    `charged` and `refunded`: what was so far.
    """

    spoken: int = 0
    cost: Money = field(default_factory=Money)
    charged: Money = field(default_factory=Money)
    refunded: Money = field(default_factory=Money)
    is_final: bool = True


class LongTexts:
    """Commits the orders of texts; finds and changes long texts, and finds their parts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def order(
        self, *texts: Text, budget: Budget = UNLIMITED, lines: Sequence[LineOrder] = ()
    ) -> list[Job | LongText]:
        """Commit these texts, all of them with all their parts, or nothing.

        A text that is ordered already and not over stays as it is: its order is in the answer, in
        place of the new one. `lines`: which of the orders speak lines of scripts; where one was
        made for a line with the same number, that is in the answer, even if it is over. Raises
        `OverBudget`.
        """
        for _ in range(TRIES - 1):
            with suppress(IntegrityError):  # one of them was ordered elsewhere in this moment
                return self._order(texts, budget, lines)
        return self._order(texts, budget, lines)

    def _order(
        self, texts: Sequence[Text], budget: Budget, lines: Sequence[LineOrder]
    ) -> list[Job | LongText]:
        ordered: list[Job | LongText] = []
        new: list[Text] = []
        with self._database.write() as connection:
            budgets.claim(connection, budget)
            known = _twins(connection, [first for first, _ in texts], lines)
            for text in texts:
                first = text[0]
                ordered.append(known.setdefault(first.order_key, first))
                if ordered[-1] is first:
                    new.append(text)
            if new and (jobs := _insert_all(connection, new, lines)):
                now = min(job.created_at for job in jobs)  # the demo's clock may be far ahead
                budgets.check(connection, budget, jobs, now)
        return ordered

    # Finding

    def get(self, text_id: str) -> LongText | None:
        """The long text with this id, or None."""
        found = self._find(schema.long_texts.c.id == text_id)
        return found[0] if found else None

    def some(self, text_ids: Collection[str]) -> list[LongText]:
        """These long texts, as far as they are here, newest first."""
        return self._find(schema.long_texts.c.id.in_(text_ids))

    def latest(self, *, services: Collection[str], limit: int = 200) -> list[LongText]:
        """The newest long texts of these services, newest first."""
        return self._find(schema.long_texts.c.service.in_(services), limit=limit)

    def of_voice(self, voice_id: str) -> list[LongText]:
        """All long texts that this voice was to speak, newest first."""
        return self._find(schema.long_texts.c.voice_id == voice_id)

    def unfinished(self, *, services: Collection[str], limit: int) -> list[LongText]:
        """The newest that are neither joined nor deleted, newest first."""
        table = schema.long_texts.c
        of_services = table.service.in_(services)
        return self._find(of_services, schema.IS_UNFINISHED, limit=limit)

    def due(self, services: Collection[str], now: datetime, limit: int) -> list[LongText]:
        """Those to be looked at by `now`, and joined if all parts are spoken."""
        table = schema.long_texts.c
        of_services = table.service.in_(services)
        return self._find(*_is_due(now), of_services, order=(table.next_check_at,), limit=limit)

    def next_due(self, services: Collection[str]) -> datetime | None:
        """When the next one is to be looked at."""
        table = schema.long_texts.c
        is_waiting = table.state == TextState.WAITING
        soonest = select(func.min(table.next_check_at)).where(table.service.in_(services))
        with self._database.read() as connection:
            found: datetime | None = connection.scalar(soonest.where(is_waiting))
        return found

    def parts(self, text_id: str) -> list[Job]:
        """The parts in their order, and of each part its orders, the oldest first."""
        table = schema.jobs
        chosen = select(table).where(table.c.long_text_id == text_id)
        with self._database.read() as connection:
            rows = connection.execute(chosen.order_by(table.c.part, table.c.created_at)).all()
        return [record_of(Job, row) for row in rows]

    def takes_of(self, text_id: str) -> dict[str, Take]:
        """The joined sound and those of the parts, by the ids of their orders."""
        jobs, takes = schema.jobs.c, schema.takes
        ids = select(jobs.id).where(jobs.long_text_id == text_id)
        its = or_(takes.c.id == text_id, takes.c.id.in_(ids))
        with self._database.read() as connection:
            rows = connection.execute(select(takes).where(its)).all()
        return {row.id: record_of(Take, row) for row in rows}

    def sums(self, text_ids: Collection[str]) -> dict[str, PartsSum]:
        """How many parts of these long texts are spoken and what they cost, in one query.

        A part that was ordered again is one part, and all its orders cost.
        """
        with self._database.read() as connection:
            return sums_of(connection, text_ids)

    # Changing

    def lease(self, text_id: str, owner: str, *, now: datetime, until: datetime) -> bool:
        """One worker looks at a long text whose time has come."""
        table = schema.long_texts
        taken = update(table).where(table.c.id == text_id, *_is_due(now))
        with self._database.write() as connection:
            changed = connection.execute(taken.values(lease_owner=owner, lease_until=until))
        return changed.rowcount == 1

    def later(
        self, text_id: str, *, next_at: datetime, answer: str, in_trouble: bool = True
    ) -> None:
        """Not yet: look again at `next_at`. Trouble is counted in `attempts`."""
        table = schema.long_texts
        attempts = table.c.attempts + 1 if in_trouble else 0
        free = {"lease_owner": "", "lease_until": None}
        waiting = update(table).where(table.c.id == text_id, table.c.state == TextState.WAITING)
        changes = {"next_check_at": next_at, "last_answer": answer, "attempts": attempts}
        with self._database.write() as connection:
            connection.execute(waiting.values(**changes, **free))

    def check_now(self, text_id: str, now: datetime) -> None:
        """The next pass looks at it, if it waits."""
        table = schema.long_texts
        with self._database.write() as connection:
            connection.execute(
                update(table)
                .where(
                    table.c.id == text_id,
                    table.c.state == TextState.WAITING,
                    table.c.next_check_at > now + timedelta(seconds=1),
                )
                .values(next_check_at=now)
            )

    def finish(self, take: Take, *, now: datetime) -> bool:
        """It is joined: committed with the sound, in place of one that was joined before. False
        where it does not wait any more.
        """
        table = schema.takes
        said, what = sentence(Reason.DONE), deed(Deed.DONE)
        done = {"state": TextState.DONE, "finished_at": now, "error": "", "last_answer": said}
        with self._database.write() as connection:
            moved = _moved(connection, take.id, (TextState.WAITING,), now, "", what, done)
            if moved:
                chosen = select(table.c.name, table.c.favourite).where(table.c.id == take.id)
                before = connection.execute(chosen).first()
                connection.execute(delete(table).where(table.c.id == take.id))
                # What people said about it stays, however often it is joined.
                kept = dict(before._mapping) if before else {}
                connection.execute(insert(table).values(columns_of(take) | kept))
        return moved

    def fail(self, text_id: str, *, now: datetime, error: str) -> bool:
        """It cannot be joined, and says in plain words why. False where it does not wait."""
        changes = {"state": TextState.FAILED, "finished_at": now, "error": error, "attempts": 0}
        what = failed(error)
        with self._database.write() as connection:
            return _moved(connection, text_id, (TextState.WAITING,), now, "", what, changes)

    def resume(self, text_id: str, *, person: str, now: datetime) -> bool:
        """One that was given up or joined waits for its parts again, and is looked at now. False
        where it waits already.
        """
        over = (TextState.FAILED, TextState.DONE)
        what = deed(Deed.RESUMED)
        with self._database.write() as connection:
            return _moved(connection, text_id, over, now, person, what, waiting_again(now))

    def _find(
        self,
        *conditions: ColumnElement[bool],
        order: tuple[ColumnElement[object], ...] = (),
        limit: int | None = None,
    ) -> list[LongText]:
        table = schema.long_texts
        order = order or (table.c.created_at.desc(),)
        chosen = select(table).where(*conditions).order_by(*order, table.c.id).limit(limit)
        with self._database.read() as connection:
            return [record_of(LongText, row) for row in connection.execute(chosen)]


def sums_of(connection: Connection, text_ids: Collection[str]) -> dict[str, PartsSum]:
    """The same as `LongTexts.sums`, for whoever reads already."""
    if not text_ids:
        return {}
    table = schema.jobs
    is_open = and_(table.c.charged.is_(None), table.c.state != JobState.FAILED)
    given_back = case((table.c.charged.is_not(None), table.c.refunded))
    sums = (func.sum(COST), func.sum(table.c.charged), func.sum(given_back))
    chosen = (
        select(
            table.c.long_text_id,
            func.count(distinct(case((table.c.state == JobState.DONE, table.c.part)))),
            func.count(case((is_open, 1))),
            *(type_coerce(amount, BigInteger) for amount in sums),
        )
        .where(table.c.long_text_id.in_(text_ids))
        .group_by(table.c.long_text_id)
    )
    found: dict[str, PartsSum] = {}
    for text_id, spoken, waiting, *amounts in connection.execute(chosen).all():
        cost, charged, refunded = (Money(int(amount or 0)) for amount in amounts)
        found[text_id] = PartsSum(spoken, cost, charged, refunded, is_final=not waiting)
    return found


def _moved(
    connection: Connection,
    text_id: str,
    states: Sequence[TextState],
    now: datetime,
    person: str,
    what: str,
    changes: dict[str, object],
) -> bool:
    """Change a long text that is in one of these states, and note who did what."""
    table = schema.long_texts
    rest = {"next_check_at": None, "lease_owner": "", "lease_until": None}
    changed = connection.execute(
        update(table)
        .where(table.c.id == text_id, table.c.state.in_(states))
        .values(**rest | changes, revision=table.c.revision + 1)
    )
    if changed.rowcount == 1:
        found = connection.execute(select(table).where(table.c.id == text_id)).one()
        kind = EventKind.DECIDED if person else EventKind.OTHER
        log_event(connection, now, person, what, record_of(LongText, found), kind=kind)
    return changed.rowcount == 1


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """It waits, its time has come, and nobody looks at it right now."""
    table = schema.long_texts.c
    is_free = or_(table.lease_until.is_(None), table.lease_until <= now)
    return (table.state == TextState.WAITING, table.next_check_at <= now, is_free)


def _insert_all(
    connection: Connection, texts: Sequence[Text], lines: Sequence[LineOrder]
) -> list[Job]:
    """Insert these orders, what they are of and what the record says of them; returns all jobs."""
    firsts = [first for first, _ in texts]
    long_texts = [first for first in firsts if isinstance(first, LongText)]
    jobs = [job for _, parts in texts for job in parts]
    jobs += [first for first in firsts if isinstance(first, Job)]
    told = [_event(first, len(parts)) for first, parts in texts]
    made = {first.id for first in firsts}
    spoken = [line for line in lines if line.order_id in made]
    for table, records in (
        (schema.long_texts, long_texts),
        (schema.jobs, jobs),
        (schema.script_orders, spoken),
    ):
        if records:
            connection.execute(insert(table), [columns_of(record) for record in records])
    connection.execute(insert(schema.events), told)
    return jobs


def _event(order: Job | LongText, parts: int) -> dict[str, object]:
    what = ordered_in_parts(parts) if parts else ordered(JobKind.SPEECH)
    return {
        "at": order.created_at,
        "person": order.person,
        "what": what,
        "voice_id": order.voice_id,
        "job_id": order.id,
        "kind": EventKind.ORDERED,
    }


def _twins(
    connection: Connection, orders: Sequence[Job | LongText], lines: Sequence[LineOrder]
) -> dict[str, Job | LongText]:
    """By key, the orders that are these already: with the same key and not over yet, or made for
    the same line with the same number.
    """
    jobs, texts = schema.jobs.c, schema.long_texts.c
    found: dict[str, Job | LongText] = {}
    for some in in_portions([order.order_key for order in orders]):
        is_over = jobs.state.in_((JobState.DONE, JobState.FAILED))
        open_jobs = select(schema.jobs).where(jobs.order_key.in_(some), ~is_over)
        open_texts = select(schema.long_texts).where(
            texts.order_key.in_(some), texts.state == TextState.WAITING
        )
        twins: list[Job | LongText] = [*records_of(Job, connection, open_jobs)]
        twins += records_of(LongText, connection, open_texts)
        found |= {twin.order_key: twin for twin in twins}
    keys = {order.id: order.order_key for order in orders}
    made = {line.order_id: keys[line.order_id] for line in lines}
    earlier = scripts.ordered_already(connection, lines)
    for some in in_portions(list(earlier)):
        its_jobs = select(schema.jobs).where(jobs.id.in_(some))
        its_texts = select(schema.long_texts).where(texts.id.in_(some))
        before: list[Job | LongText] = [*records_of(Job, connection, its_jobs)]
        before += records_of(LongText, connection, its_texts)
        found |= {made[earlier[order.id].order_id]: order for order in before}
    return found
