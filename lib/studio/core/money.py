"""What the team has spent, may spend, and has left, as far as is known without asking a service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from lib.models import Account, Money, Purpose
from lib.pricing import month_start, next_month
from lib.registry import UNLIMITED, Budget, OverBudget, Used
from lib.roles import KEEPER
from lib.services import DEMO, SERVICES
from lib.studio.core import wording
from lib.studio.core.context import Context, NotConnected
from lib.studio.core.reasons import Called, Priced
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.core.wording import called

BALANCE_FRESH = timedelta(hours=1)
PLAY_MONEY = frozenset({DEMO})
CEILED = frozenset({Purpose.REFRESH, Purpose.TEST_CALL})
"""What the limit for keeping bounds, where there is one."""


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


def fault(
    context: Context, standpoint: Standpoint, prices: Mapping[str, Money], person: str
) -> str:
    """Why this, by service, cannot be paid from the balance last seen, or "". `person`: in whose
    name it is ordered. Raises `NotConnected`, and `OverBudget` where it does not fit into a budget.

    Asked before any effort is made: the budget decides when the order is committed, and the worker
    that sends it asks the service again.
    """
    total, now = Sum.of(prices.items()).live, context.clock.now()
    context.registry.budgets.ask(budget_for(context), total, now, person=person)
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
        return wording.over_balance(price, SERVICES[service].title, account.balance)
    return ""


def budget_for(context: Context, purpose: Purpose = Purpose.ORDER) -> Budget:
    """What bounds orders for this purpose in this month.

    Test calls are bounded by the budgets where there is no limit for keeping; refreshes, which
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
        each=team.member_budget if of_budget else None,
        without_people=frozenset({KEEPER.label}),
    )


def used(context: Context, purpose: Purpose = Purpose.ORDER, *, person: str | None = None) -> Used:
    """What counts this month in what bounds this purpose. `person`: of their orders alone."""
    budget = budget_for(context, purpose)
    return context.registry.budgets.used(budget, context.clock.now(), person=person)


def budget_left(context: Context, purpose: Purpose = Purpose.ORDER) -> Money | None:
    """What this month still allows for this purpose; None where nothing bounds it."""
    limit = budget_for(context, purpose).limit
    return None if limit is None else limit - used(context, purpose).total


def own_left(context: Context, person: str, purpose: Purpose = Purpose.ORDER) -> Money | None:
    """The same of what this person may order; None where nothing bounds that."""
    limit = budget_for(context, purpose).each
    return None if limit is None else limit - used(context, purpose, person=person).total


def month_spent(context: Context, *, keeping: bool = False) -> Money:
    """This month's money, without the demo's; keeping voices has a sum of its own."""
    of_budget = _of_budget(context)
    now = context.clock.now()
    counted = Budget(
        purposes=frozenset(Purpose) - of_budget if keeping else of_budget,
        since=month_start(now),
        without_services=PLAY_MONEY,
    )
    return context.registry.budgets.used(counted, now).total


def name_of(budget: Budget) -> str:
    """What people call it."""
    return called(Called.BUDGET if Purpose.ORDER in budget.purposes else Called.KEEPING_LIMIT)


def over_budget(
    problem: OverBudget, priced: Priced = Priced.ONE, *, reader: str | None = None
) -> str:
    """Why orders do not fit, with all numbers. `reader`: who reads it, where that is one person."""
    price, left, limit = problem.price, problem.left, problem.limit
    # Parts of a cent count as a cent: a price must not read as if it fitted.
    told = str if price.shown > left.shown else _exact
    name = name_of(problem.budget)
    if problem.person is not None:
        is_own = problem.person == reader
        name = wording.own_budget() if is_own else wording.budget_of(problem.person)
    sentences = [wording.over_budget(priced, told(price), told(left), name)]
    spent, reserved = problem.used.charged, problem.used.reserved
    if reserved.micros:
        sentences.append(wording.used_up_and_reserved(told(limit), told(spent), told(reserved)))
    elif problem.used.total.micros:
        sentences.append(wording.used_up(told(limit), told(spent)))
    if price <= limit:
        sentences.append(wording.resets(next_month(problem.budget.since)))
    return " ".join(sentences)


def _exact(amount: Money) -> str:
    return amount.exact


def _of_budget(context: Context) -> frozenset[Purpose]:
    """What the monthly budgets pay."""
    team = context.settings.team
    is_bound = team.monthly_budget is not None or team.member_budget is not None
    if is_bound and team.monthly_keeping is None:
        return frozenset({Purpose.ORDER, Purpose.TEST_CALL})
    return frozenset({Purpose.ORDER})
