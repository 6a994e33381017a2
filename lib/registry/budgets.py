"""Budgets are reservations: what orders cost is summed, and compared with what a month may cost,
in the very transaction that makes, renews or sends one. Such transactions follow one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, or_, text

from lib.models import Job, JobState, Money, Purpose
from lib.registry import job_queries, schema
from lib.registry.database import Database
from lib.registry.wording import Reason, sentence

BUDGET_LOCK = 7_261_505_382
"""Any number of our own for `pg_advisory_xact_lock`, other than that of the migrations."""

ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Used:
    """What counts in a budget: `charged` and not refunded, and `reserved` for what is not charged
    yet, as far as it is known.
    """

    charged: Money = field(default_factory=Money)
    reserved: Money = field(default_factory=Money)

    @property
    def total(self) -> Money:
        """All that is not left any more."""
        return self.charged + self.reserved


@dataclass(frozen=True)
class Budget:
    """The most that orders for these purposes may cost together since the month began, and the
    most that those of `each` person may.

    Without a `limit`, or without one for `each`, that is not bounded. Orders at `without_services`
    neither count nor are refused: the demo's play money. Those of `without_people` are not bounded
    by `each`: the app's own.
    """

    limit: Money | None = None
    purposes: frozenset[Purpose] = frozenset(Purpose)
    since: datetime = ALWAYS
    without_services: frozenset[str] = frozenset()
    each: Money | None = None
    without_people: frozenset[str] = frozenset()

    def used(
        self,
        connection: Connection,
        now: datetime,
        *,
        person: str | None = None,
        sent: bool = False,
    ) -> Used:
        """What was sent since then costs, and what was ordered and is still to be sent.

        An order counts in the month that it is sent in. One that was not sent in time is not sent
        by itself any more, and does not count. `person`: only their orders. `sent`: only what was
        sent.
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
        charged, reserved = job_queries.costs_of(
            connection,
            or_(*counts),
            job_queries.is_for(self.purposes),
            table.c.service.not_in(self.without_services),
            *([] if person is None else [table.c.person == person]),
        )
        return Used(charged, reserved)

    @property
    def is_bound(self) -> bool:
        """Whether it bounds anything."""
        return self.limit is not None or self.each is not None

    def bounds(self, people: Iterable[str]) -> Iterator[tuple[str | None, Money]]:
        """Whose orders are bounded, where these people order (None: everybody's), and by what."""
        if self.limit is not None:
            yield None, self.limit
        if self.each is not None:
            for person in sorted(set(people) - self.without_people):
                yield person, self.each


UNLIMITED = Budget()


class OverBudget(Exception):
    """Orders that cost `price` do not fit beside what is `used` of this `limit`; none was made.

    `person`: whose own limit that is; None for that of all together.
    """

    def __init__(
        self, budget: Budget, price: Money, used: Used, limit: Money, person: str | None = None
    ) -> None:
        super().__init__(sentence(Reason.OVER_BUDGET))
        self.budget = budget
        self.price = price
        self.used = used
        self.limit = limit
        self.person = person

    @property
    def left(self) -> Money:
        """What could still be ordered."""
        return max(self.limit - self.used.total, Money())


class Budgets:
    """What was spent of a budget, and what it still allows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def used(self, budget: Budget, now: datetime, *, person: str | None = None) -> Used:
        """What counts in this budget, whatever its limit. `person`: of their orders."""
        with self._database.read() as connection:
            return budget.used(connection, now, person=person)

    def ask(
        self, budget: Budget, price: Money, now: datetime, *, person: str, sent: bool = False
    ) -> None:
        """Whether orders of this price would fit if this person made them. Raises `OverBudget`.

        `sent`: beside what was sent; this was confirmed already.
        """
        if not budget.is_bound or not price.micros:
            return
        with self._database.read() as connection:
            for whose, limit in budget.bounds([person]):
                used = budget.used(connection, now, person=whose, sent=sent)
                if used.total + price > limit:
                    raise OverBudget(budget, price, used, limit, whose)

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
    if budget.is_bound and connection.dialect.name != "sqlite":
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
    paid = [order for order in orders if order.service not in budget.without_services]
    if not any(order.estimate.micros for order in paid):
        return
    for whose, limit in budget.bounds(order.person for order in paid):
        used = budget.used(connection, now, person=whose, sent=sent)
        price = Money.total(order.estimate for order in paid if whose in (None, order.person))
        if used.total > limit and price.micros:
            before = Used(used.charged, used.reserved - price)
            raise OverBudget(budget, price, before, limit, whose)
