"""Paid and waiting things: ordered, sent, followed, found.

Each change of a state is one conditional UPDATE whose row count decides (`job_moves.py`): where it
answers False, the job had moved on, and nothing was changed. Which state may follow which is a
table (`TRANSITIONS` in `job_states.py`). The parts that the queries are made of are in
`job_queries.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Unpack

from sqlalchemy import ColumnElement, case, func, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from lib.json_reading import JsonObject
from lib.models import (
    OWN_STORY,
    ErrorKind,
    Evidence,
    Inquiry,
    Job,
    JobKind,
    JobState,
    Money,
    Take,
    Voice,
)
from lib.registry import budgets, job_moves, job_queries, schema, scripts
from lib.registry.budgets import UNLIMITED, Budget
from lib.registry.changes import JobChanges, VoiceChanges
from lib.registry.database import Database
from lib.registry.job_moves import log_order
from lib.registry.job_states import ENDING, SENT
from lib.registry.schema import columns_of
from lib.registry.voices import add, bump
from lib.registry.wording import Deed, Reason, deed, failed, not_sent, sentence


class AlreadyOrdered(Exception):
    """The same order is open already: `job` is it."""

    def __init__(self, job: Job) -> None:
        super().__init__(sentence(Reason.ALREADY_ORDERED))
        self.job = job


@dataclass(frozen=True)
class Outcome:
    """What is committed together when a job ends well.

    `charged`: None where nothing new is known of the price. `look_again_at`: when its ticket is to
    be asked about once more, as a refund may take the speech back.
    """

    result: JsonObject
    charged: Money | None = None
    voice_changes: VoiceChanges | None = None
    evidence: Evidence | None = None
    take: Take | None = None
    look_again_at: datetime | None = None


class Jobs:
    """Every paid or waiting thing, and the only place where its state changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Ordering

    def order(
        self,
        job: Job,
        voice: Voice | None = None,
        files: Sequence[Evidence] = (),
        *,
        budget: Budget = UNLIMITED,
    ) -> None:
        """Commit a confirmed order, with its new voice and the copies of its files.

        Raises `AlreadyOrdered` where the same order, or another use of the same voice, is open, and
        `OverBudget` where it does not fit; nothing is stored then.
        """
        try:
            with self._database.write() as connection:
                budgets.claim(connection, budget)
                if voice:
                    add(connection, self._database, voice)
                for copy in files:
                    connection.execute(insert(schema.evidence).values(columns_of(copy)))
                connection.execute(insert(schema.jobs).values(columns_of(job)))
                log_order(connection, job)
                if not voice and job.kind not in OWN_STORY:
                    bump(connection, job.voice_id)
                budgets.check(connection, budget, [job], job.created_at)
        except IntegrityError:
            with self._database.read() as connection:
                twin = job_queries.twin(connection, job)
            if twin is None:
                raise
            raise AlreadyOrdered(twin) from None

    def order_instead(
        self,
        unknown: Job,
        job: Job,
        *,
        voice_changes: VoiceChanges,
        why: str,
        budget: Budget = UNLIMITED,
    ) -> bool:
        """Give up an order whose outcome nobody knows, `why` tells people, and commit `job` in its
        place. False if it has moved on meanwhile; then nothing is ordered. Raises `OverBudget`.
        """
        with self._database.write() as connection:
            budgets.claim(connection, budget)
            given_up = job_moves.move(
                connection,
                unknown.id,
                (JobState.UNKNOWN,),
                job.created_at,
                job.person,
                failed(why),
                voice_changes=voice_changes,
                state=JobState.FAILED,
                finished_at=job.created_at,
                next_check_at=None,
                error=why,
                error_kind=ErrorKind.UNKNOWN_OUTCOME,
                charged=unknown.perhaps_charged,
            )
            if given_up:
                connection.execute(insert(schema.jobs).values(columns_of(job)))
                log_order(connection, job)
                scripts.hand_on(connection, unknown.id, job)
                budgets.check(connection, budget, [job], job.created_at)
        return given_up

    def renew(
        self,
        job_id: str,
        *,
        person: str,
        now: datetime,
        send_before: datetime,
        budget: Budget = UNLIMITED,
    ) -> bool:
        """A person asks again for what was confirmed but not sent in time: it may be sent until
        `send_before`. Raises `OverBudget`.
        """
        with self._database.write() as connection:
            budgets.claim(connection, budget)
            renewed = job_moves.move(
                connection,
                job_id,
                (JobState.CONFIRMED,),
                now,
                person,
                deed(Deed.RENEWED),
                send_before=send_before,
                next_check_at=None,
            )
            if renewed:
                budgets.check(connection, budget, [job_moves.read(connection, job_id)], now)
        return renewed

    # Sending

    def reserve(self, job_id: str, owner: str, *, now: datetime, until: datetime) -> bool:
        """One worker prepares a confirmed order, and holds it until then; saves work, protects
        nothing.
        """
        table = schema.jobs
        is_confirmed = (table.c.id == job_id, table.c.state == JobState.CONFIRMED)
        free = (*is_confirmed, job_queries.is_free(now))
        return self._change(free, {"lease_owner": owner, "lease_until": until})

    def submit(
        self,
        job_id: str,
        owner: str,
        *,
        now: datetime,
        until: datetime,
        account: str,
        balance: Money | None,
        voice_changes: VoiceChanges | None = None,
        budget: Budget = UNLIMITED,
    ) -> bool:
        """The line that protects money: only one caller ever gets True for an order.

        `until` is when its answer must be there, `account` the id of the account that pays,
        `balance` what that had before. False as well where the order is past its `send_before`.
        Raises `OverBudget` where it does not fit any more beside all that was sent.
        """
        table = schema.jobs
        with self._database.write() as connection:
            budgets.claim(connection, budget)
            sent = job_moves.move(
                connection,
                job_id,
                (JobState.CONFIRMED,),
                now,
                "",
                deed(Deed.SENT),
                voice_changes=voice_changes,
                conditions=(or_(table.c.send_before.is_(None), table.c.send_before > now),),
                state=JobState.SUBMITTING,
                submitted_at=now,
                next_check_at=None,
                lease_owner=owner,
                lease_until=until,
                account=account,
                balance_before=balance,
                attempts=table.c.attempts + 1,
            )
            if sent:
                budgets.check(
                    connection, budget, [job_moves.read(connection, job_id)], now, sent=True
                )
        return sent

    def extend_queued(
        self, service: str, *, now: datetime, send_before: datetime, answer: str
    ) -> None:
        """One of the orders in line was sent: those behind it are none the older for that.

        Those are the ones that nothing but the line holds up: they were not looked at yet, or told
        that they wait in line, and say `answer` from now on.
        """
        table = schema.jobs
        told = literal(answer, table.c.last_answer.type)
        said = case((table.c.answer_kind == ErrorKind.QUEUE, told), else_="")
        behind = (
            table.c.service == service,
            table.c.state == JobState.CONFIRMED,
            table.c.send_before > now,
            table.c.send_before < send_before,
            table.c.answer_kind.in_((ErrorKind.NONE, ErrorKind.QUEUE)),
        )
        self._change(behind, {"send_before": send_before, "last_answer": said})

    def requeue(
        self, job_id: str, *, now: datetime, next_at: datetime, why: str, kind: ErrorKind
    ) -> bool:
        """Nothing was sent, or the answer proves that nothing ran: it is confirmed again, and may
        be sent from `next_at` on. `kind` is that of the reason `why`.
        """
        return self.move(
            job_id,
            (JobState.SUBMITTING,),
            now,
            "",
            not_sent(why),
            state=JobState.CONFIRMED,
            submitted_at=None,
            next_check_at=next_at,
            last_answer=why,
            answer_kind=kind,
        )

    def accepted(
        self,
        job_id: str,
        *,
        now: datetime,
        submitted_at: datetime,
        next_at: datetime,
        ticket: JsonObject,
        result: JsonObject,
        charged: Money | None,
        request_id: str,
        voice_changes: VoiceChanges | None = None,
    ) -> bool:
        """The service took it, and answered with a `ticket` or already with a `result` (the other
        one is empty); it is asked about, or fetched, at `next_at`. `charged`: None where the answer
        tells no price.

        Where the next use of its voice is under way, it stays unknown, and is asked after.
        """
        changes = JobChanges(
            ticket=ticket,
            result=result,
            charged=charged,
            request_id=request_id,
            next_check_at=next_at,
        )
        waits = changes | JobChanges(
            state=JobState.WAITING,
            submitted_at=submitted_at,
            last_answer=sentence(Reason.ACCEPTED),
            answer_kind=ErrorKind.NONE,
        )
        what = deed(Deed.ACCEPTED)
        states = (JobState.SUBMITTING, JobState.UNKNOWN)
        try:
            return self.move(job_id, states, now, "", what, voice_changes=voice_changes, **waits)
        except IntegrityError:
            unknown = (JobState.UNKNOWN,)
            asked = changes | JobChanges(inquiry=Inquiry.ASKING)
            stays = self.move(job_id, unknown, now, "", what, **asked)
            return stays or self.note(job_id, now=now, what=what, **changes)

    def mark_unknown(
        self,
        job_id: str,
        *,
        now: datetime,
        why: str,
        next_at: datetime | None,
        request_id: str = "",
    ) -> bool:
        """It left and no usable answer came: nobody knows whether it ran. At `next_at` the balance
        is looked at; None: never.
        """
        changes = _lost(now, why, next_at) | JobChanges(state=JobState.UNKNOWN)
        changes["request_id"] = request_id
        return self.move(job_id, (JobState.SUBMITTING,), now, "", deed(Deed.UNKNOWN), **changes)

    def let_go(self, job_id: str, *, now: datetime, why: str, next_at: datetime | None) -> bool:
        """It is not waited for any longer. At `next_at` its ticket is asked about, or its sound
        fetched, once more; None: never.
        """
        lost = _lost(now, why, next_at, left_something=True)
        changes = lost | JobChanges(state=JobState.UNKNOWN)
        return self.move(job_id, (JobState.WAITING,), now, "", deed(Deed.UNKNOWN), **changes)

    # Following

    def lease(self, job: Job, owner: str, *, now: datetime, until: datetime) -> bool:
        """One worker asks the service about a job whose time has come, and holds it until then."""
        table = schema.jobs
        is_due = (table.c.id == job.id, table.c.state == job.state, table.c.next_check_at <= now)
        free = (*is_due, job_queries.is_free(now))
        return self._change(free, {"lease_owner": owner, "lease_until": until})

    def later(
        self,
        job: Job,
        *,
        next_at: datetime | None,
        answer: str,
        kind: ErrorKind = ErrorKind.NONE,
        in_trouble: bool = True,
        result: JsonObject | None = None,
        is_compared: bool = False,
    ) -> None:
        """Not yet: look again at `next_at` (None: never again). Trouble is counted in `attempts`,
        and what is known of the result by now is kept. `kind` is that of the reason, where
        `answer` tells of one. `is_compared`: its outcome is unknown, and the balance was looked at.

        What has moved on meanwhile, by another worker's hand, is left alone.
        """
        table = schema.jobs
        known = JobChanges() if result is None else JobChanges(result=result)
        if job.state is JobState.UNKNOWN:
            left = job.ticket or job.result or result
            known["inquiry"] = Inquiry.COMPARED if is_compared else Inquiry.of(left, next_at)
        is_where_it_was = (table.c.id == job.id, table.c.state == job.state)
        changes = JobChanges(
            next_check_at=next_at,
            last_answer=answer,
            answer_kind=kind,
            attempts=table.c.attempts + 1 if in_trouble else 0,
            lease_owner="",
            lease_until=None,
        )
        self._change(is_where_it_was, {**changes, **known})

    def check_now(self, job_id: str, now: datetime) -> None:
        """A person wants to know: the next pass looks at it, unless that is under way."""
        table = schema.jobs
        is_waiting = (table.c.id == job_id, table.c.state == JobState.WAITING)
        is_later = table.c.next_check_at > now + timedelta(seconds=1)
        self._change((*is_waiting, is_later), {"next_check_at": now})

    def answered(self, job_id: str, *, now: datetime, result: JsonObject) -> bool:
        """The run ended well: its `result` says where what it made lies, and is fetched now."""
        return self.move(
            job_id,
            (JobState.WAITING,),
            now,
            "",
            deed(Deed.FINISHED),
            result=result,
            next_check_at=now,
            last_answer=sentence(Reason.FINISHED),
            answer_kind=ErrorKind.NONE,
            attempts=0,
            lease_owner="",
            lease_until=None,
        )

    def finish(
        self, job_id: str, *, now: datetime, outcome: Outcome, states: Sequence[JobState] = SENT
    ) -> bool:
        """The job is done; what it brought is committed with it. `states`: those that it may be in
        so far.
        """
        changes = JobChanges(
            state=JobState.DONE,
            result=outcome.result,
            finished_at=now,
            next_check_at=outcome.look_again_at,
            last_answer=sentence(Reason.DONE),
            answer_kind=ErrorKind.NONE,
        )
        if outcome.charged is not None:
            changes["charged"] = outcome.charged
        return self.move(
            job_id,
            states,
            now,
            "",
            deed(Deed.DONE),
            voice_changes=outcome.voice_changes,
            records=(outcome.evidence, outcome.take),
            **changes,
        )

    def fail(
        self,
        job_id: str,
        *,
        now: datetime,
        error: str,
        error_kind: ErrorKind = ErrorKind.NONE,
        error_tells_cost: bool = False,
        request_id: str = "",
        charged: Money | None = None,
        refunded: Money | None = None,
        evidence: Evidence | None = None,
        states: Sequence[JobState] = ENDING,
        person: str = "",
        look_again_at: datetime | None = None,
    ) -> bool:
        """The job is over without a result; `error` says why, in a sentence for people.

        `error_tells_cost`: the sentence says itself that nothing was spent. `request_id`, `charged`
        and `refunded` stay as they were where nothing is given. `evidence` is committed with it.
        `look_again_at`: when its ticket is asked about again, as the run may come to a good end
        after all, or its price come back. `person`: who gave it up.
        """
        changes = JobChanges(
            state=JobState.FAILED,
            finished_at=now,
            next_check_at=look_again_at,
            attempts=0,
            error=error,
            error_kind=error_kind,
            error_tells_cost=error_tells_cost,
        )
        if charged is not None:
            changes["charged"] = charged
        if refunded is not None:
            changes["refunded"] = refunded
        if request_id:
            changes["request_id"] = request_id
        return self.move(job_id, states, now, person, failed(error), records=(evidence,), **changes)

    def note(self, job_id: str, *, now: datetime, what: str, **changes: Unpack[JobChanges]) -> bool:
        """Add what became known later (a balance, a refund) without moving the job; `what` is for
        the library's record.
        """
        return self.move(job_id, tuple(JobState), now, "", what, **changes)

    # Finding

    def get(self, job_id: str) -> Job | None:
        """The job with this id, or None."""
        return next(iter(self.of_ids([job_id])), None)

    def of_ids(self, job_ids: Collection[str]) -> list[Job]:
        """The jobs with these ids that there are, oldest first."""
        return self._find(schema.jobs.c.id.in_(job_ids))

    def some(self, job_ids: Collection[str]) -> list[Job]:
        """These jobs, as far as they are here, oldest first."""
        return self._find(schema.jobs.c.id.in_(job_ids))

    def latest(self, *, services: Collection[str], limit: int = 200) -> list[Job]:
        """The newest jobs of these services, newest first."""
        newest = schema.jobs.c.created_at.desc()
        return self._find(schema.jobs.c.service.in_(services), order=(newest,), limit=limit)

    def of_voice(self, voice_id: str, kind: JobKind) -> list[Job]:
        """All jobs of this kind that are about this voice, oldest first."""
        table = schema.jobs
        return self._find(table.c.voice_id == voice_id, table.c.kind == kind)

    def open_order(self, order_key: str) -> Job | None:
        """The job with this key that is not over yet, or None."""
        with self._database.read() as connection:
            return job_queries.open_order(connection, order_key)

    def since(self, kind: JobKind, service: str, moment: datetime) -> list[Job]:
        """Jobs of this kind ordered at this service since then, oldest first."""
        table = schema.jobs
        return self._find(
            table.c.kind == kind, table.c.service == service, table.c.created_at >= moment
        )

    def due(self, services: Collection[str], now: datetime, limit: int) -> list[Job]:
        """At most `limit` jobs of these services that may want something by `now`, in the order of
        their turns.
        """
        return self._find(
            schema.jobs.c.service.in_(services),
            job_queries.is_due(now),
            order=job_queries.order_of_turns(now),
            limit=limit,
        )

    def next_due(self, services: Collection[str], now: datetime | None = None) -> datetime | None:
        """When the next job wants something, or None; a confirmed one wants it at once.

        With `now`, orders that are too old to be sent by themselves want nothing any more.
        """
        table = schema.jobs
        moment = func.coalesce(table.c.next_check_at, table.c.lease_until, table.c.created_at)
        with self._database.read() as connection:
            return connection.scalar(
                select(func.min(moment)).where(
                    table.c.service.in_(services), job_queries.will_be_due(now)
                )
            )

    def counts(self, services: Collection[str]) -> dict[str, int]:
        """How many jobs of these services stand in each state, by its word."""
        table = schema.jobs
        with self._database.read() as connection:
            rows = connection.execute(
                select(table.c.state, func.count())
                .where(table.c.service.in_(services))
                .group_by(table.c.state)
            ).all()
        return {str(state): count for state, count in rows}

    # Moving

    def move(
        self,
        job_id: str,
        states: Sequence[JobState],
        now: datetime,
        person: str,
        what: str,
        *,
        voice_changes: VoiceChanges | None = None,
        records: Sequence[Evidence | Take | None] = (),
        **changes: Unpack[JobChanges],
    ) -> bool:
        """`job_moves.move` in a transaction of its own."""
        with self._database.write() as connection:
            return job_moves.move(
                connection,
                job_id,
                states,
                now,
                person,
                what,
                voice_changes=voice_changes,
                records=records,
                **changes,
            )

    def _change(
        self, conditions: Sequence[ColumnElement[bool]], values: Mapping[str, object]
    ) -> bool:
        """Change what is no part of the story: no move, no new revision, nothing told."""
        with self._database.write() as connection:
            changed = connection.execute(update(schema.jobs).where(*conditions).values(values))
        return changed.rowcount == 1

    def _find(
        self,
        *conditions: ColumnElement[bool],
        order: Sequence[ColumnElement[object]] = (schema.jobs.c.created_at,),
        limit: int | None = None,
    ) -> list[Job]:
        with self._database.read() as connection:
            return job_queries.find(connection, *conditions, order=order, limit=limit)


def _lost(
    now: datetime, why: str, next_at: datetime | None, *, left_something: bool = False
) -> JobChanges:
    return JobChanges(
        inquiry=Inquiry.of(left_something, next_at),
        attempts=0,
        finished_at=now,
        next_check_at=next_at,
        error=why,
        error_kind=ErrorKind.UNKNOWN_OUTCOME,
    )
