"""What is left to spend, beside a price that somebody is about to agree to."""

from __future__ import annotations

from lib.models import Money, Purpose
from lib.services import SERVICES
from lib.studio.core import money
from lib.studio.core.context import Context
from lib.ui import words


def facts(context: Context, *services: str, purpose: Purpose = Purpose.ORDER) -> list[str]:
    """What there is to pay orders at these services from: the balances last seen, with their age,
    and what is left of the budget or ceiling that bounds this purpose; each once.

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
        found.append(bound_left(context, purpose))
    return list(dict.fromkeys(filter(None, found)))


def bound_left(context: Context, purpose: Purpose) -> str:
    """What the month still allows for this purpose; "" where nothing bounds it."""
    left = money.budget_left(context, purpose)
    if left is None:
        return ""
    return f"{max(left, Money())} of {money.name_of(money.budget_for(context, purpose))} left"
