"""Budgets are reservations: what orders cost is summed, and compared with what a month may cost,
in the very transaction that makes, renews or sends one. Such transactions follow one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from lib.models import Job, Money, Purpose
from lib.registry.job_reader import cost_since

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

    def left(self, connection: Connection, now: datetime, *, sent: bool = False) -> Money | None:
        """What may still be ordered; below nothing, where more was spent. None: no limit.

        `sent`: orders that were confirmed and not sent yet do not count.
        """
        if self.limit is None:
            return None
        spent = cost_since(
            connection,
            self.since,
            now,
            purposes=self.purposes,
            without_services=self.without_services,
            sent=sent,
        )
        return self.limit - spent


UNLIMITED = Budget()


class OverBudget(Exception):
    """Orders that cost `price` do not fit into what was `left` of this budget; none was made."""

    def __init__(self, budget: Budget, price: Money, left: Money) -> None:
        super().__init__("This does not fit into the budget.")
        self.budget = budget
        self.price = price
        self.left = max(left, Money())


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
