"""What is left to spend, beside a price that somebody is about to agree to."""

from __future__ import annotations

from lib.models import Money, Purpose
from lib.services import SERVICES
from lib.studio.core import money
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.ui import words
from lib.ui.access.front import seen


def facts(context: Context, *services: str, purpose: Purpose = Purpose.ORDER) -> list[str]:
    """What there is to pay orders at these services from: the balances last seen, with their age,
    and what is left of the budgets or the ceiling that bound this purpose; each once.

    No service is asked. Where several are paid here, a balance says whose it is. Nothing is told
    of a service without a key, nor of the demo's play money.
    """
    found = []
    several = len(context.settings.live_services) > 1
    for service in services:
        account = money.account_in_use(context, service)
        if account is None:
            continue
        if account.balance and account.balance_at:
            whose = f"{SERVICES[service].title} balance" if several else "balance"
            age = words.until(account.balance_at, context.clock.now())
            found.append(f"{whose} {account.balance} ({age})")
        found += [bound_left(context, purpose), own_left(context, purpose)]
    return list(dict.fromkeys(filter(None, found)))


def bound_left(context: Context, purpose: Purpose) -> str:
    """What the month still allows for this purpose; "" where nothing bounds it."""
    left = money.budget_left(context, purpose)
    if left is None:
        return ""
    return f"{max(left, Money())} of {money.name_of(money.budget_for(context, purpose))} left"


def own_left(context: Context, purpose: Purpose = Purpose.ORDER) -> str:
    """What the month still allows to whoever this is drawn for; "" where nothing bounds that."""
    if context.settings.team.member_budget is None:
        return ""
    left = money.own_left(context, recorded_as(seen(context)), purpose)
    return "" if left is None else f"{max(left, Money())} of your own budget left"
