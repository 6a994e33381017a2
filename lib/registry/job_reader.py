"""Finding and counting paid things. State changes are in `jobs.py`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, false, func, or_, select

from lib.models import OPEN_STATES, Job, JobKind, JobState, Money, Purpose
from lib.registry import schema
from lib.registry.database import Database
from lib.registry.schema import record_of
from lib.services import RETENTION_RULES

LONGEST_WINDOW = max(rule.window for rule in RETENTION_RULES if rule.window)
COST = case(
    (
        schema.jobs.c.charged.is_not(None),
        schema.jobs.c.charged - func.coalesce(schema.jobs.c.refunded, 0),
    ),
    (schema.jobs.c.state == JobState.FAILED, 0),
    (
        and_(
            schema.jobs.c.state == JobState.UNKNOWN,
            schema.jobs.c.balance_before == schema.jobs.c.balance_after,
        ),
        0,
    ),
    else_=schema.jobs.c.estimate,
)
"""What a job costs as far as is known: the same as `Job.cost`, for sums."""
LOOKED_AT = (JobState.UNKNOWN, JobState.DONE, JobState.FAILED)
"""A job that does not move by itself may be looked at again, at its `next_check_at`."""


def cost_since(
    connection: Connection,
    since: datetime,
    now: datetime,
    *,
    purposes: Collection[Purpose],
    without_services: Collection[str],
    sent: bool = False,
) -> Money:
    """What was sent since then costs, and what was ordered and is still to be sent.

    An order counts in the month that it is sent in. One that was not sent in time is not sent by
    itself any more, and does not count. `sent`: only what was sent.
    """
    table = schema.jobs
    is_confirmed = table.c.state == JobState.CONFIRMED
    counts = [
        and_(~is_confirmed, table.c.submitted_at >= since),
        and_(~is_confirmed, table.c.submitted_at.is_(None), table.c.created_at >= since),
    ]
    if not sent:
        in_time = or_(table.c.send_before.is_(None), table.c.send_before > now)
        counts.append(and_(is_confirmed, in_time))
    total = connection.scalar(
        select(func.sum(COST)).where(
            or_(*counts), _is_for(purposes), table.c.service.not_in(without_services)
        )
    )
    return total if isinstance(total, Money) else Money(int(total or 0))


def _is_for(purposes: Collection[Purpose]) -> Any:
    """The same as `Job.purpose`, as a condition."""
    table = schema.jobs
    is_use = table.c.kind == JobKind.ACTIVATION
    noted = func.coalesce(table.c.request["purpose"].as_string(), "")
    bounded = (Purpose.REFRESH.value, Purpose.TEST_CALL.value)
    conditions = {
        Purpose.ORDER: ~is_use,
        Purpose.KEEPING: and_(is_use, noted.not_in(bounded)),
        Purpose.REFRESH: and_(is_use, noted == Purpose.REFRESH.value),
        Purpose.TEST_CALL: and_(is_use, noted == Purpose.TEST_CALL.value),
    }
    return or_(false(), *(conditions[purpose] for purpose in purposes))


def open_order(connection: Connection, order_key: str) -> Job | None:
    """The job with this key that is not over yet."""
    table = schema.jobs
    over = (JobState.DONE, JobState.FAILED)
    chosen = select(table).where(table.c.order_key == order_key, table.c.state.not_in(over))
    row = connection.execute(chosen.order_by(table.c.created_at).limit(1)).first()
    return record_of(Job, row) if row else None


class JobReader:
    """Reads jobs; never changes one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, job_id: str) -> Job | None:
        found = self._find(schema.jobs.c.id == job_id)
        return found[0] if found else None

    def latest(
        self, *, services: Collection[str], limit: int = 200, parts: bool = True
    ) -> list[Job]:
        """The newest jobs of these services, newest first; `parts`: those of long texts as well."""
        table = schema.jobs
        shown = () if parts else (table.c.long_text_id == "",)
        return self._find(
            table.c.service.in_(services), *shown, order=(table.c.created_at.desc(),), limit=limit
        )

    def of_voice(self, voice_id: str, kind: JobKind) -> list[Job]:
        table = schema.jobs
        return self._find(table.c.voice_id == voice_id, table.c.kind == kind)

    def open_order(self, order_key: str) -> Job | None:
        """The job with this key that is not over yet."""
        with self._database.read() as connection:
            return open_order(connection, order_key)

    def twin(self, job: Job) -> Job | None:
        """The job that keeps this new order out."""
        table = schema.jobs
        same_activation = and_(
            table.c.voice_id == job.voice_id,
            table.c.kind == JobKind.ACTIVATION,
            table.c.state.in_(OPEN_STATES),
        )
        if twin := self.open_order(job.order_key):
            return twin
        if job.kind is not JobKind.ACTIVATION:
            return None
        same_number = and_(
            table.c.order_key == job.order_key,
            table.c.kind == JobKind.ACTIVATION,
            table.c.voice_id == job.voice_id,
        )
        found = self._find(or_(same_activation, same_number))
        return found[0] if found else None

    def since(self, kind: JobKind, service: str, moment: datetime) -> list[Job]:
        """Jobs of this kind ordered at this service since then, oldest first."""
        table = schema.jobs
        return self._find(
            table.c.kind == kind, table.c.service == service, table.c.created_at >= moment
        )

    def due(self, services: Collection[str], now: datetime, limit: int) -> list[Job]:
        """Jobs that may want something by `now`: to be sent, polled, looked at again, given up.

        What keeps a voice comes first, the soonest loss before the others, and those whose time
        is over, kept or not, after all that have time left.
        The many parts of long texts come last, so that nobody waits behind them.
        """
        table, voices = schema.jobs, schema.voices
        clock = select(voices.c.clock_start).where(voices.c.id == table.c.voice_id)
        keeping_first = case(
            (table.c.kind == JobKind.ACTIVATION, 0), (table.c.long_text_id == "", 1), else_=2
        )
        started = clock.scalar_subquery()
        is_over = case(
            (and_(table.c.kind == JobKind.ACTIVATION, started <= now - LONGEST_WINDOW), 1), else_=0
        )
        soonest_loss = case((table.c.kind == JobKind.ACTIVATION, started), else_=None)
        return self._find(
            table.c.service.in_(services),
            or_(
                and_(
                    table.c.state == JobState.CONFIRMED,
                    or_(table.c.next_check_at.is_(None), table.c.next_check_at <= now),
                    or_(table.c.send_before.is_(None), table.c.send_before > now),
                ),
                and_(table.c.state == JobState.SUBMITTING, table.c.lease_until <= now),
                and_(
                    table.c.state.in_([JobState.WAITING, *LOOKED_AT]),
                    table.c.next_check_at <= now,
                    or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
                ),
            ),
            order=(
                keeping_first,
                is_over,
                soonest_loss.asc().nulls_last(),
                table.c.next_check_at.asc().nulls_first(),
                table.c.created_at,
                table.c.id,
            ),
            limit=limit,
        )

    def next_due(self, services: Collection[str], now: datetime | None = None) -> datetime | None:
        """When the next open job wants something; a confirmed one wants it at once.

        With `now`, orders that are too old to be sent by themselves want nothing any more.
        """
        table = schema.jobs
        moment = func.coalesce(table.c.next_check_at, table.c.lease_until, table.c.created_at)
        with self._database.read() as connection:
            return connection.scalar(
                select(func.min(moment)).where(
                    table.c.service.in_(services),
                    or_(
                        table.c.state.in_([JobState.SUBMITTING, JobState.WAITING]),
                        and_(
                            table.c.state == JobState.CONFIRMED,
                            or_(
                                table.c.send_before.is_(None),
                                table.c.send_before > (now or table.c.created_at),
                            ),
                        ),
                        and_(
                            table.c.state.in_(LOOKED_AT),
                            table.c.next_check_at.is_not(None),
                        ),
                    ),
                )
            )

    def counts(self, services: Collection[str]) -> dict[str, int]:
        """How many jobs stand in each state."""
        table = schema.jobs
        with self._database.read() as connection:
            rows = connection.execute(
                select(table.c.state, func.count())
                .where(table.c.service.in_(services))
                .group_by(table.c.state)
            ).all()
        return {str(state): count for state, count in rows}

    def spent_since(
        self,
        moment: datetime,
        now: datetime,
        *,
        purposes: Collection[Purpose],
        without_services: Collection[str],
    ) -> Money:
        """What was spent or is on its way since then, for these purposes."""
        with self._database.read() as connection:
            return cost_since(
                connection, moment, now, purposes=purposes, without_services=without_services
            )

    def spent_besides(self, job: Job) -> Money:
        """What the other orders of its account cost that were sent since this one was."""
        table = schema.jobs
        with self._database.read() as connection:
            total = connection.scalar(
                select(func.sum(COST)).where(
                    table.c.account == job.account,
                    table.c.service == job.service,
                    table.c.submitted_at >= job.submitted_at,
                    table.c.id != job.id,
                )
            )
        return total if isinstance(total, Money) else Money(int(total or 0))

    def _find(
        self, *conditions: Any, order: tuple[Any, ...] = (), limit: int | None = None
    ) -> list[Job]:
        chosen = select(schema.jobs).where(*conditions)
        chosen = chosen.order_by(*(order or (schema.jobs.c.created_at,)))
        with self._database.read() as connection:
            rows = connection.execute(chosen.limit(limit)).all()
        return [record_of(Job, row) for row in rows]
