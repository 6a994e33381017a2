"""What the team has spent, may spend, and has left, as far as is known without asking a service."""

from __future__ import annotations

from datetime import timedelta

from lib.models import Money
from lib.pricing import month_start
from lib.services import DEMO, SERVICES
from lib.studio.workshop import Workshop

BALANCE_FRESH = timedelta(hours=1)


def fault(workshop: Workshop, service: str, price: Money) -> str:
    """Why this cannot be paid by budget or by the balance last seen, or "".

    The worker that sends an order asks the service again.
    """
    if service == DEMO:
        return ""
    left = budget_left(workshop)
    if left is not None and price > left:
        return f"This costs {price}, and {max(left, Money())} of this month's budget is left."
    account_id = workshop.account(service)
    for account in workshop.registry.accounts.all():
        fresh = account.balance_at and workshop.clock.now() - account.balance_at < BALANCE_FRESH
        if account.id == account_id and fresh and account.balance and account.balance < price:
            return (
                f"This costs {price}, and the balance at {SERVICES[service].title} was "
                f"{account.balance} when last seen. Top it up, then check it in Settings."
            )
    return ""


def budget_left(workshop: Workshop) -> Money | None:
    """What this month's budget still allows; None where there is no budget."""
    budget = workshop.settings.team.monthly_budget
    if budget is None:
        return None
    return budget - month_spent(workshop)


def month_spent(workshop: Workshop, *, keeping: bool = False) -> Money:
    """This month's money, without the demo's; keeping voices has a sum of its own."""
    return workshop.registry.jobs.spent_since(
        month_start(workshop.clock.now()), without_services=(DEMO,), keeping=keeping
    )
