"""What a balance tells of an order: of one whose outcome nobody knows, and of one that failed."""

from __future__ import annotations

from datetime import timedelta

from lib.models import Job, Money
from lib.providers.base import ProviderError
from lib.studio.core.context import Context, NotConnected
from lib.studio.core.reasons import Deed
from lib.studio.core.standpoint import standpoint_of
from lib.studio.core.wording import deed

SEEN_TOGETHER = timedelta(minutes=15)
"""Later, too much else may have been paid from it."""
ROUNDED_BY = Money.usd("0.01")
"""A balance may be told in whole cents: whether less than two of them came back, it cannot show."""


def note_balance_after(context: Context, job: Job) -> bool:
    """Ask the service for the balance and note it with the order, for a person who has to judge
    an unknown outcome by what it was before and after. False where the service does not answer.

    A second look counts where it comes soon and shows less: this was charged after the first one.
    """
    try:
        after = context.provider(job.service).balance()
    except (ProviderError, NotConnected):
        return False
    if after is not None and (job.balance_after is None or _fell_since(context, job, after)):
        context.registry.jobs.note(
            job.id,
            now=context.now(job.service),
            what=deed(Deed.BALANCE_LOOKED_UP),
            balance_after=max(after, Money()),
        )
    return True


def refund_shown(context: Context, job: Job) -> Money | None:
    """What came back of a failed run whose service says nothing of it; None where the balance does
    not show that all of it did.
    """
    charged = job.charged or job.estimate
    try:
        if job.balance_before is None or job.submitted_at is None:
            return None
        if charged < ROUNDED_BY * 2:
            return None
        if job.account != standpoint_of(context).account(job.service):
            return None
        balance = context.provider(job.service).balance()
    except (ProviderError, NotConnected):
        return None
    if balance is None:
        return None
    kept = job.balance_before - charged - context.registry.budgets.spent_besides(job)
    off = balance - kept - charged
    return charged if abs(off.micros) <= ROUNDED_BY.micros else None


def _fell_since(context: Context, job: Job, balance: Money) -> bool:
    """Whether it fell by what this may have cost, and before much else was paid from it."""
    now = context.now(job.service)
    is_soon = now - (job.finished_at or now) <= SEEN_TOGETHER
    fall = (job.balance_after or Money()) - balance
    return is_soon and Money() < fall <= job.estimate
