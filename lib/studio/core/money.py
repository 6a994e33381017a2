"""What the team has spent, may spend, and has left, as far as is known without asking a service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from lib.models import Account, Money, Purpose
from lib.pricing import month_start
from lib.registry import UNLIMITED, Budget, OverBudget
from lib.services import DEMO, SERVICES
from lib.studio.core.context import Context, NotConnected
from lib.studio.core.standpoint import Standpoint, standpoint_of

BALANCE_FRESH = timedelta(hours=1)
PLAY_MONEY = frozenset({DEMO})
CEILED = frozenset({Purpose.REFRESH, Purpose.TEST_CALL})
"""What the ceiling for keeping bounds, where there is one."""


@dataclass(frozen=True)
class Sum:
    """Real money and the demo's play money, each by itself: they are never added up."""

    live: Money
    play: Money

    @classmethod
    def of(cls, amounts: Iterable[tuple[str, Money]]) -> Sum:
        """The sum of these amounts, each with the service that it is paid to."""
        pairs = list(amounts)
        return cls(
            Money.total(amount for service, amount in pairs if service != DEMO),
            Money.total(amount for service, amount in pairs if service == DEMO),
        )


def account_in_use(context: Context, service: str) -> Account | None:
    """The account whose key is in use, with the balance last seen and its time.

    None for the demo, whose play money is not noted, and where there is no key.
    """
    return standpoint_of(context).in_use.get(service)


def fault(context: Context, standpoint: Standpoint, prices: Mapping[str, Money]) -> str:
    """Why this, by service, cannot be paid by budget or by the balance last seen, or "". Raises
    `NotConnected`.

    Asked before any effort is made: the budget decides when the order is committed, and the worker
    that sends it asks the service again.
    """
    total = Sum.of(prices.items()).live
    left = budget_left(context) if prices.keys() - PLAY_MONEY else None
    if left is not None and total > left:
        return over_budget(OverBudget(budget_for(context), total, left))
    faults = (_over_balance(context, standpoint, *pair) for pair in prices.items())
    return next(filter(None, faults), "")


def _over_balance(context: Context, standpoint: Standpoint, service: str, price: Money) -> str:
    if service == DEMO:
        return ""
    account = standpoint.in_use.get(service)
    if account is None:
        raise NotConnected(service)
    fresh = account.balance_at and context.clock.now() - account.balance_at < BALANCE_FRESH
    if fresh and account.balance and account.balance < price:
        return (
            f"This costs {price}, and the balance at {SERVICES[service].title} was "
            f"{account.balance} when last seen. Top it up, then check it in Settings."
        )
    return ""


def budget_for(context: Context, purpose: Purpose = Purpose.ORDER) -> Budget:
    """What bounds orders for this purpose in this month.

    Test calls are bounded by the budget where there is no ceiling for keeping; refreshes, which
    were agreed to for each voice, by nothing then.
    """
    team = context.settings.team
    if purpose is Purpose.KEEPING:
        return UNLIMITED
    of_budget = purpose in _of_budget(context)
    return Budget(
        limit=team.monthly_budget if of_budget else team.monthly_keeping,
        purposes=_of_budget(context) if of_budget else CEILED,
        since=month_start(context.clock.now()),
        without_services=PLAY_MONEY,
    )


def budget_left(context: Context, purpose: Purpose = Purpose.ORDER) -> Money | None:
    """What this month still allows for this purpose; None where nothing bounds it."""
    return context.registry.budgets.left(budget_for(context, purpose), context.clock.now())


def month_spent(context: Context, *, keeping: bool = False) -> Money:
    """This month's money, without the demo's; keeping voices has a sum of its own."""
    of_budget = _of_budget(context)
    now = context.clock.now()
    counted = Budget(
        purposes=frozenset(Purpose) - of_budget if keeping else of_budget,
        since=month_start(now),
        without_services=PLAY_MONEY,
    )
    return context.registry.budgets.spent(counted, now)


def name_of(budget: Budget) -> str:
    """What people call it."""
    if Purpose.ORDER in budget.purposes:
        return "this month's budget"
    return "this month's ceiling for keeping"


def over_budget(problem: OverBudget, cost: str = "This costs {}") -> str:
    """Why orders do not fit, in a sentence."""
    price, left = cost.format(problem.price), problem.left
    return f"{price}, and {left} of {name_of(problem.budget)} is left."


def _of_budget(context: Context) -> frozenset[Purpose]:
    """What the monthly budget pays."""
    team = context.settings.team
    if team.monthly_budget is not None and team.monthly_keeping is None:
        return frozenset({Purpose.ORDER, Purpose.TEST_CALL})
    return frozenset({Purpose.ORDER})
