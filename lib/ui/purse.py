"""What is left to spend, beside a price that somebody is about to agree to."""

from __future__ import annotations

from lib.services import DEMO, SERVICES
from lib.studio import money
from lib.studio.workshop import NotConnected, Workshop
from lib.ui import words


def facts(workshop: Workshop, service: str, *, budget: bool = True) -> list[str]:
    """The balance last seen, with its age, and what is left of the month's budget.

    Where several services are paid, the balance says whose it is.
    """
    demo = service == DEMO
    several = not demo and len(workshop.settings.live_services) > 1
    whose = f"{SERVICES[service].title} balance" if several else "balance"
    found = []
    try:
        account_id = workshop.account(service)
    except NotConnected:
        return []
    for account in workshop.registry.accounts.all():
        if account.id == account_id and account.balance and account.balance_at:
            age = words.until(account.balance_at, workshop.clock.now())
            found.append(f"{whose} {words.price(account.balance, demo=demo)} ({age})")
    if budget and not demo and (left := money.budget_left(workshop)) is not None:
        found.append(f"{left} of this month's budget left")
    return found
