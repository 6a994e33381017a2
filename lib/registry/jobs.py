"""All state changes of paid things. Each is one conditional UPDATE whose row count decides.

Which state may follow which is a table: `MOVES` in `job_mover.py`, which makes the moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, insert, or_, update
from sqlalchemy.exc import IntegrityError

from lib.models import (
    ErrorKind,
    Evidence,
    Job,
    JobKind,
    JobState,
    Money,
    Take,
    Voice,
)
from lib.registry import budgets, schema
from lib.registry.budgets import UNLIMITED, Budget, OverBudget
from lib.registry.job_mover import JobMover, tell
from lib.registry.schema import columns_of
from lib.registry.voices import bump

SENT = (JobState.SUBMITTING, JobState.WAITING, JobState.UNKNOWN)
"""States in which an answer of the service may still arrive; a late one always wins."""
ENDING = (JobState.CONFIRMED, *SENT)
_FREE: dict[str, Any] = {"lease_owner": "", "lease_until": None}


class AlreadyOrdered(Exception):
    """The same order is open already: `job` is it."""

    def __init__(self, job: Job) -> None:
        super().__init__("This was ordered already.")
        self.job = job


@dataclass(frozen=True)
class Outcome:
    """What is committed together when a job ends well."""

    result: dict[str, Any]
    charged: Money | None = None
    voice_fields: dict[str, Any] | None = None
    evidence: Evidence | None = None
    take: Take | None = None
    look_again_at: datetime | None = None


class Jobs(JobMover):
    """Every paid or waiting thing, and the only place where its state changes."""

    # Ordering

    def order(
        self,
        job: Job,
        voice: Voice | None = None,
        recording: Evidence | None = None,
        *,
        budget: Budget = UNLIMITED,
    ) -> None:
        """Commit a confirmed order, with its new voice and the copy of its recording.

        Raises `AlreadyOrdered` and `OverBudget`.
        """
        try:
            with self._database.write() as connection:
                budgets.claim(connection, budget)
                if voice:
                    connection.execute(insert(schema.voices).values(columns_of(voice)))
                if recording:
                    connection.execute(insert(schema.evidence).values(columns_of(recording)))
                connection.execute(insert(schema.jobs).values(columns_of(job)))
                tell(connection, job.created_at, job.person, f"ordered: {job.kind}", job)
                if not voice and job.kind is not JobKind.SPEECH:
                    bump(connection, job.voice_id)
                budgets.check(connection, budget, [job], job.created_at)
        except IntegrityError:
            twin = self.twin(job)
            if twin is None:
                raise
            raise AlreadyOrdered(twin) from None

    def order_instead(
        self,
        unknown: Job,
        job: Job,
        *,
        voice_fields: dict[str, Any],
        why: str,
        budget: Budget = UNLIMITED,
    ) -> bool:
        """Give up an order whose outcome nobody knows, and commit another one in its place.

        False if it has moved on meanwhile; then nothing is ordered. Raises `OverBudget`.
        """
        with self._database.write() as connection:
            budgets.claim(connection, budget)
            given_up = self.moved(
                connection,
                unknown.id,
                (JobState.UNKNOWN,),
                job.created_at,
                job.person,
                f"failed: {why}",
                voice_fields=voice_fields or None,
                state=JobState.FAILED,
                finished_at=job.created_at,
                next_check_at=None,
                error=why,
                error_kind=ErrorKind.UNKNOWN_OUTCOME,
                error_tells_cost=False,
                charged=unknown.perhaps_charged,
            )
            if given_up:
                connection.execute(insert(schema.jobs).values(columns_of(job)))
                tell(connection, job.created_at, job.person, f"ordered: {job.kind}", job)
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
        """A person asks again for what was confirmed but not sent in time. Raises `OverBudget`."""
        with self._database.write() as connection:
            budgets.claim(connection, budget)
            renewed = self.moved(
                connection,
                job_id,
                (JobState.CONFIRMED,),
                now,
                person,
                "ordered again",
                send_before=send_before,
                next_check_at=None,
            )
            if renewed:
                budgets.check(connection, budget, [self.read(connection, job_id)], now)
        return renewed

    # Sending

    def left_of(self, budget: Budget, now: datetime, *, sent: bool = False) -> Money | None:
        """What a budget still allows: `Budget.left`."""
        with self._database.read() as connection:
            return budget.left(connection, now, sent=sent)

    def ask_budget(self, job: Job, budget: Budget, now: datetime) -> None:
        """Whether a confirmed order fits beside what was sent: asked before any effort is made,
        and once more by `submit`. Raises `OverBudget`.
        """
        if job.service in budget.without_services or not job.estimate.micros:
            return
        left = self.left_of(budget, now, sent=True)
        if left is not None and job.estimate > left:
            raise OverBudget(budget, job.estimate, left)

    def reserve(self, job_id: str, owner: str, *, now: datetime, until: datetime) -> bool:
        """One worker prepares a confirmed order; saves work, protects nothing."""
        table = schema.jobs
        return self.lease(
            job_id,
            owner,
            until,
            table.c.state == JobState.CONFIRMED,
            or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
        )

    def submit(
        self,
        job_id: str,
        owner: str,
        *,
        now: datetime,
        until: datetime,
        account: str,
        balance: Money | None,
        voice_fields: dict[str, Any] | None = None,
        budget: Budget = UNLIMITED,
    ) -> bool:
        """The line that protects money: only one caller ever gets True for an order.

        Raises `OverBudget` where it does not fit any more beside all that was sent.
        """
        table = schema.jobs
        with self._database.write() as connection:
            budgets.claim(connection, budget)
            sent = self.moved(
                connection,
                job_id,
                (JobState.CONFIRMED,),
                now,
                "",
                "sent",
                voice_fields=voice_fields,
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
                budgets.check(connection, budget, [self.read(connection, job_id)], now, sent=True)
        return sent

    def line_moves(
        self, service: str, *, now: datetime, send_before: datetime, answer: str
    ) -> None:
        """One of the orders in line was sent: those behind it are none the older for that.

        Those are the ones that nothing but the line holds up: they were not looked at yet, or told
        that they wait in line, and say `answer` from now on.
        """
        table = schema.jobs
        said = case((table.c.answer_kind == ErrorKind.QUEUE, answer), else_="")
        with self._database.write() as connection:
            connection.execute(
                update(table)
                .where(
                    table.c.service == service,
                    table.c.state == JobState.CONFIRMED,
                    table.c.send_before > now,
                    table.c.send_before < send_before,
                    table.c.answer_kind.in_(("", ErrorKind.QUEUE)),
                )
                .values(send_before=send_before, last_answer=said)
            )

    def back_in_line(
        self, job_id: str, *, now: datetime, next_at: datetime, why: str, kind: ErrorKind
    ) -> bool:
        """Nothing was sent, or the answer proves that nothing ran: it is confirmed again."""
        return self.move(
            job_id,
            (JobState.SUBMITTING,),
            now,
            "",
            f"not sent: {why}",
            state=JobState.CONFIRMED,
            submitted_at=None,
            next_check_at=next_at,
            last_answer=why,
            answer_kind=kind,
            **_FREE,
        )

    def accepted(
        self,
        job_id: str,
        *,
        now: datetime,
        submitted_at: datetime,
        next_at: datetime,
        ticket: dict[str, Any],
        result: dict[str, Any],
        charged: Money | None,
        request_id: str,
        voice_fields: dict[str, Any] | None = None,
    ) -> bool:
        """The service took it, and answered with a ticket or already with a result.

        Where the next use of its voice is under way, it stays unknown, and is asked after.
        """
        told: dict[str, Any] = {
            "ticket": ticket,
            "result": result,
            "charged": charged,
            "request_id": request_id,
            "next_check_at": next_at,
        }
        try:
            return self.move(
                job_id,
                (JobState.SUBMITTING, JobState.UNKNOWN),
                now,
                "",
                "accepted by the service",
                voice_fields=voice_fields,
                state=JobState.WAITING,
                submitted_at=submitted_at,
                finished_at=None,
                error="",
                error_kind="",
                error_tells_cost=False,
                last_answer="The service took the order.",
                answer_kind="",
                **told,
                **_FREE,
            )
        except IntegrityError:
            return self.note(job_id, now=now, what="accepted by the service", **told)

    def lose_sight(
        self,
        job_id: str,
        *,
        now: datetime,
        why: str,
        next_at: datetime | None,
        request_id: str = "",
        states: Sequence[JobState] = (JobState.SUBMITTING,),
    ) -> bool:
        """It left and no usable answer came: nobody knows whether it ran. At `next_at` its ticket
        or the balance is looked at once more.
        """
        return self.move(
            job_id,
            states,
            now,
            "",
            "outcome unknown",
            state=JobState.UNKNOWN,
            attempts=0,
            finished_at=now,
            next_check_at=next_at,
            error=why,
            error_kind=ErrorKind.UNKNOWN_OUTCOME,
            error_tells_cost=False,
            request_id=request_id,
            **_FREE,
        )

    # Following

    def take_turn(self, job: Job, owner: str, *, now: datetime, until: datetime) -> bool:
        """One worker asks the service about a job whose time has come."""
        table = schema.jobs
        return self.lease(
            job.id,
            owner,
            until,
            table.c.state == job.state,
            table.c.next_check_at <= now,
            or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
        )

    def later(
        self,
        job: Job,
        *,
        next_at: datetime | None,
        answer: str,
        kind: ErrorKind | None = None,
        in_trouble: bool = True,
        result: dict[str, Any] | None = None,
    ) -> None:
        """Not yet: look again at `next_at` (None: never again). Trouble is counted in `attempts`,
        and what is known of the result by now is kept. `kind` is that of the reason, where
        `answer` tells of one.

        What has moved on meanwhile, by another worker's hand, is left alone.
        """
        table = schema.jobs
        known: dict[str, Any] = {} if result is None else {"result": result}
        with self._database.write() as connection:
            connection.execute(
                update(table)
                .where(table.c.id == job.id, table.c.state == job.state)
                .values(
                    next_check_at=next_at,
                    last_answer=answer,
                    answer_kind=kind or "",
                    attempts=table.c.attempts + 1 if in_trouble else 0,
                    **known,
                    **_FREE,
                )
            )

    def check_now(self, job_id: str, now: datetime) -> None:
        """A person wants to know: the next pass looks at it, unless that is under way."""
        table = schema.jobs
        with self._database.write() as connection:
            connection.execute(
                update(table)
                .where(
                    table.c.id == job_id,
                    table.c.state == JobState.WAITING,
                    table.c.next_check_at > now + timedelta(seconds=1),
                )
                .values(next_check_at=now)
            )

    def answered(self, job_id: str, *, now: datetime, result: dict[str, Any]) -> bool:
        """The run ended well and its result is known, but not in our hands yet."""
        return self.move(
            job_id,
            (JobState.WAITING,),
            now,
            "",
            "finished at the service",
            result=result,
            next_check_at=now,
            last_answer="Finished. Fetching the result.",
            answer_kind="",
            attempts=0,
            **_FREE,
        )

    def finish(
        self, job_id: str, *, now: datetime, outcome: Outcome, states: Sequence[JobState] = SENT
    ) -> bool:
        """The job is done; what it brought is committed with it."""
        values: dict[str, Any] = {"result": outcome.result}
        if outcome.charged is not None:
            values["charged"] = outcome.charged
        return self.move(
            job_id,
            states,
            now,
            "",
            "done",
            voice_fields=outcome.voice_fields,
            records=(outcome.evidence, outcome.take),
            state=JobState.DONE,
            finished_at=now,
            next_check_at=outcome.look_again_at,
            error="",
            error_kind="",
            error_tells_cost=False,
            last_answer="Done.",
            answer_kind="",
            **values,
            **_FREE,
        )

    def fail(
        self,
        job_id: str,
        *,
        now: datetime,
        error: str,
        error_kind: str = "",
        error_tells_cost: bool = False,
        request_id: str = "",
        charged: Money | None = None,
        refunded: Money | None = None,
        evidence: Evidence | None = None,
        states: Sequence[JobState] = ENDING,
        person: str = "",
        look_again_at: datetime | None = None,
    ) -> bool:
        """The job is over without a result, and says in plain words why. Its ticket may be looked
        at again: it may come to a good end after all, or its price come back. `error_tells_cost`:
        the sentence says itself that nothing was spent.
        """
        values: dict[str, Any] = {"charged": charged} if charged is not None else {}
        if refunded is not None:
            values["refunded"] = refunded
        if request_id:
            values["request_id"] = request_id
        return self.move(
            job_id,
            states,
            now,
            person,
            f"failed: {error}",
            records=(evidence,),
            state=JobState.FAILED,
            finished_at=now,
            next_check_at=look_again_at,
            attempts=0,
            error=error,
            error_kind=error_kind,
            error_tells_cost=error_tells_cost,
            **values,
            **_FREE,
        )

    def note(self, job_id: str, *, now: datetime, what: str, **fields: Any) -> bool:
        """Add what became known later (a balance, a refund) without moving the job."""
        return self.move(job_id, tuple(JobState), now, "", what, **fields)
