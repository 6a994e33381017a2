"""What the queries of `jobs.py` and `budgets.py` are made of: what jobs cost, which are due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    case,
    false,
    func,
    or_,
    select,
    type_coerce,
)

from lib.models import OPEN_STATES, Job, JobKind, JobState, Money, Purpose
from lib.registry import schema
from lib.registry.job_states import LOOKED_AT
from lib.registry.schema import records_of
from lib.services import retention_rules

LONGEST_WINDOW = max(rule.window for rule in retention_rules() if rule.window)
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


def cost_of(connection: Connection, *conditions: ColumnElement[bool]) -> Money:
    """What all jobs cost together for which these conditions hold."""
    total = connection.scalar(select(func.sum(COST)).where(*conditions))
    return total if isinstance(total, Money) else Money(int(total or 0))


def amounts(is_expired: ColumnElement[bool]) -> tuple[ColumnElement[int], ...]:
    """What was charged for a job, what was refunded, what it will cost, and what may have been
    charged where nobody knows its outcome: together its cost, refunds taken off. Zero, or no value.

    `is_expired`: whether it was not sent in time, so that it will cost nothing.
    """
    jobs = schema.jobs.c
    is_open, is_unknown = jobs.charged.is_(None), jobs.state == JobState.UNKNOWN
    found = (
        jobs.charged,
        case((~is_open, jobs.refunded)),
        case((and_(is_open, ~is_unknown, ~is_expired), COST)),
        case((and_(is_open, is_unknown), COST)),
    )
    return tuple(type_coerce(amount, BigInteger) for amount in found)


def costs_of(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Money, Money]:
    """The same, what is charged and what is not charged yet apart."""
    is_charged = schema.jobs.c.charged.is_not(None)
    charged, reserved = (
        type_coerce(func.sum(case((its, COST))), BigInteger) for its in (is_charged, ~is_charged)
    )
    row = connection.execute(select(charged, reserved).where(*conditions)).one()
    return Money(int(row[0] or 0)), Money(int(row[1] or 0))


def is_for(purposes: Collection[Purpose]) -> ColumnElement[bool]:
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


def find(
    connection: Connection,
    *conditions: ColumnElement[bool],
    order: Sequence[ColumnElement[object]] = (schema.jobs.c.created_at,),
    limit: int | None = None,
) -> list[Job]:
    """The jobs for which these conditions hold, oldest first unless `order` says otherwise."""
    chosen = select(schema.jobs).where(*conditions).order_by(*order).limit(limit)
    return records_of(Job, connection, chosen)


def open_order(connection: Connection, order_key: str) -> Job | None:
    """The job with this key that is not over yet."""
    table = schema.jobs
    over = (JobState.DONE, JobState.FAILED)
    found = find(connection, table.c.order_key == order_key, table.c.state.not_in(over), limit=1)
    return found[0] if found else None


def is_due(now: datetime) -> ColumnElement[bool]:
    """A job that may want something by `now`: to be sent, polled, looked at again, given up."""
    table = schema.jobs
    return or_(
        and_(
            table.c.state == JobState.CONFIRMED,
            or_(table.c.next_check_at.is_(None), table.c.next_check_at <= now),
            or_(table.c.send_before.is_(None), table.c.send_before > now),
        ),
        and_(table.c.state == JobState.SUBMITTING, table.c.lease_until <= now),
        and_(
            table.c.state.in_([JobState.WAITING, *LOOKED_AT]),
            table.c.next_check_at <= now,
            is_free(now),
        ),
    )


def will_be_due(now: datetime | None) -> ColumnElement[bool]:
    """A job that wants something now or later. With `now`, orders that are too old to be sent by
    themselves want nothing any more.
    """
    table = schema.jobs
    return or_(
        table.c.state.in_([JobState.SUBMITTING, JobState.WAITING]),
        and_(
            table.c.state == JobState.CONFIRMED,
            or_(
                table.c.send_before.is_(None),
                table.c.send_before > (now or table.c.created_at),
            ),
        ),
        and_(table.c.state.in_(LOOKED_AT), table.c.next_check_at.is_not(None)),
    )


def is_free(now: datetime) -> ColumnElement[bool]:
    """A job that no worker holds."""
    table = schema.jobs
    return or_(table.c.lease_until.is_(None), table.c.lease_until <= now)


def order_of_turns(now: datetime) -> tuple[ColumnElement[object], ...]:
    """Whose turn comes before whose.

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
    return (
        keeping_first,
        is_over,
        soonest_loss.asc().nulls_last(),
        table.c.next_check_at.asc().nulls_first(),
        table.c.created_at,
        table.c.id,
    )


def twin(connection: Connection, job: Job) -> Job | None:
    """The job that keeps this new order out: the same order, or another use of the same voice."""
    table = schema.jobs
    if same := open_order(connection, job.order_key):
        return same
    if job.kind is not JobKind.ACTIVATION:
        return None
    is_open = and_(table.c.kind == JobKind.ACTIVATION, table.c.state.in_(OPEN_STATES))
    has_number = and_(table.c.kind == JobKind.ACTIVATION, table.c.order_key == job.order_key)
    found = find(connection, table.c.voice_id == job.voice_id, or_(is_open, has_number), limit=1)
    return found[0] if found else None
