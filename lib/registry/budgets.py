"""Budgets are reservations: what orders cost is summed, and compared with what a month may cost,
in the very transaction that makes, renews or sends one. Such transactions follow one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, or_, text

from lib.models import Job, JobState, Money, Purpose
from lib.registry import job_queries, schema
from lib.registry.database import Database

BUDGET_LOCK = 7_261_505_382
"""Any number of our own for `pg_advisory_xact_lock`, other than that of the migrations."""

ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Budget:
    """The most that orders for these purposes may cost together since the month began.

    Without a `limit` nothing is bounded. Orders at `without_services` neither count nor are
    refused: the demo's play money.
    """

    limit: Money | None = None
    purposes: frozenset[Purpose] = frozenset(Purpose)
    since: datetime = ALWAYS
    without_services: frozenset[str] = frozenset()

    def spent(self, connection: Connection, now: datetime, *, sent: bool = False) -> Money:
        """What was sent since then costs, and what was ordered and is still to be sent.

        An order counts in the month that it is sent in. One that was not sent in time is not sent
        by itself any more, and does not count. `sent`: only what was sent.
        """
        table = schema.jobs
        is_confirmed = table.c.state == JobState.CONFIRMED
        counts = [
            and_(~is_confirmed, table.c.submitted_at >= self.since),
            and_(~is_confirmed, table.c.submitted_at.is_(None), table.c.created_at >= self.since),
        ]
        if not sent:
            in_time = or_(table.c.send_before.is_(None), table.c.send_before > now)
            counts.append(and_(is_confirmed, in_time))
        return job_queries.cost_of(
            connection,
            or_(*counts),
            job_queries.is_for(self.purposes),
            table.c.service.not_in(self.without_services),
        )

    def left(self, connection: Connection, now: datetime, *, sent: bool = False) -> Money | None:
        """What may still be ordered; below nothing, where more was spent. None: no limit.

        `sent`: orders that were confirmed and not sent yet do not count.
        """
        return None if self.limit is None else self.limit - self.spent(connection, now, sent=sent)


UNLIMITED = Budget()


class OverBudget(Exception):
    """Orders that cost `price` do not fit into what was `left` of this budget; none was made."""

    def __init__(self, budget: Budget, price: Money, left: Money) -> None:
        super().__init__("This does not fit into the budget.")
        self.budget = budget
        self.price = price
        self.left = max(left, Money())


class Budgets:
    """What was spent of a budget, and what it still allows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spent(self, budget: Budget, now: datetime) -> Money:
        """What orders cost that count in this budget, whatever its limit."""
        with self._database.read() as connection:
            return budget.spent(connection, now)

    def left(self, budget: Budget, now: datetime) -> Money | None:
        """What may still be ordered; None: no limit."""
        with self._database.read() as connection:
            return budget.left(connection, now)

    def ask(self, budget: Budget, job: Job, now: datetime) -> None:
        """Whether a confirmed order fits beside what was sent: asked before any effort is made,
        and once more by `Jobs.submit`. Raises `OverBudget`.
        """
        if job.service in budget.without_services or not job.estimate.micros:
            return
        with self._database.read() as connection:
            left = budget.left(connection, now, sent=True)
        if left is not None and job.estimate > left:
            raise OverBudget(budget, job.estimate, left)

    def spent_besides(self, job: Job) -> Money:
        """What the other orders of its account cost that were sent since this one was."""
        table = schema.jobs
        with self._database.read() as connection:
            return job_queries.cost_of(
                connection,
                table.c.account == job.account,
                table.c.service == job.service,
                table.c.submitted_at >= job.submitted_at,
                table.c.id != job.id,
            )


def claim(connection: Connection, budget: Budget) -> None:
    """Whatever else changes what this budget sums waits until this transaction has ended.

    It comes first in a transaction. On SQLite a transaction that writes has the database for
    itself from its beginning.
    """
    if budget.limit is not None and connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": BUDGET_LOCK})


def check(
    connection: Connection,
    budget: Budget,
    orders: Sequence[Job],
    now: datetime,
    *,
    sent: bool = False,
) -> None:
    """Raises `OverBudget` where these orders, made or sent in this transaction, do not fit."""
    paid = (order.estimate for order in orders if order.service not in budget.without_services)
    price = Money.total(paid)
    left = budget.left(connection, now, sent=sent) if price.micros else None
    if left is not None and left < Money():
        raise OverBudget(budget, price, left + price)
