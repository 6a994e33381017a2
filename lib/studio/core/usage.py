"""What services say that they charged, beside what was noted here at the same moment.

The keeper asks once an hour and stores both; pages read that. Of a month that has ended it asks for
two days more, as late charges and refunds count in it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from lib.json_reading import object_of, text_of
from lib.models import Money
from lib.pricing import month_start, next_month
from lib.providers.base import Metered, ProviderError, Usage
from lib.registry import Note
from lib.registry.spending import Amounts, WantedSpending
from lib.studio.core.context import Context
from lib.studio.core.standpoint import Standpoint, standpoint_of

log = logging.getLogger("voicekeep.usage")

PREFIX = "usage:"
ASK_EVERY = timedelta(hours=1)
LATE = timedelta(days=2)
MOST_MONTHS = 24


@dataclass(frozen=True)
class Compared:
    """What a service says that a month cost, refunds taken off, and what was noted here then.

    `unclear`: what may have been charged besides, for orders whose outcome nobody knew.
    """

    at: datetime
    theirs: Money
    ours: Money
    unclear: Money

    @property
    def more(self) -> Money:
        """How much more the service counts; below nothing where it counts less."""
        return self.theirs - self.ours


def ask_services(context: Context) -> int:
    """Ask each service in use that is due; returns how many answered.

    A service that does not answer is logged, and what it said before holds.
    """
    notes, standpoint = context.registry.notes.all(), standpoint_of(context)
    return sum(
        _ask(context, name, standpoint.account(name), notes.get(PREFIX + name) or Note(name))
        for name in context.settings.live_services
        if isinstance(context.providers.get(name), Metered)
    )


def compared(
    notes: Mapping[str, Note], standpoint: Standpoint, service: str
) -> dict[str, Compared]:
    """What was stored for the key in use, by month as "2026-11". Pure."""
    note, current = notes.get(PREFIX + service), standpoint.in_use.get(service)
    if note is None or current is None or note.body.get("account") != current.id:
        return {}
    stored = object_of(note.body.get("months"))
    found = {month: _read(object_of(row)) for month, row in stored.items()}
    return {month: row for month, row in found.items() if row is not None}


def _ask(context: Context, service: str, account: str, last: Note) -> bool:
    now = context.now(service)
    is_mine = last.body.get("account") == account
    if is_mine and last.at and now - last.at < ASK_EVERY:
        return False
    provider = context.provider(service)
    assert isinstance(provider, Metered)  # noqa: S101 - looked at before
    months = object_of(last.body.get("months")) if is_mine else {}
    answered = False
    for start in dict.fromkeys((month_start(now - LATE), month_start(now))):
        end = min(next_month(start) - timedelta(days=1), now).date()
        try:
            said = provider.usage(start.date(), end)
        except ProviderError as problem:
            log.warning("What was charged could not be read: %s", problem)
            continue
        if said is not None:
            months |= {f"{start:%Y-%m}": _row(_ours(context, service, account, start), said, now)}
            answered = True
    newest = dict(sorted(months.items())[-MOST_MONTHS:])
    context.registry.notes.write(
        PREFIX + service, {"account": account, "months": newest}, context.clock.now()
    )
    return answered


def _ours(context: Context, service: str, account: str, start: datetime) -> Amounts:
    """What was noted here for the orders of this account in this month."""
    wanted = WantedSpending(since=start, before=next_month(start), account=account)
    found = context.registry.spending.sums({service: context.now(service)}, wanted)
    return found[0].amounts if found else Amounts()


def _row(ours: Amounts, said: Usage, now: datetime) -> dict[str, str]:
    amounts = {"theirs": said.spent, "ours": ours.spent, "unclear": ours.unclear}
    return {"at": now.isoformat()} | {name: str(amount.dollars) for name, amount in amounts.items()}


def _read(row: Mapping[str, object]) -> Compared | None:
    """What was stored; None where an older release stored something else."""
    try:
        amounts = (Decimal(text_of(row.get(name))) for name in ("theirs", "ours", "unclear"))
        theirs, ours, unclear = map(Money.usd, amounts)
        return Compared(datetime.fromisoformat(text_of(row.get("at"))), theirs, ours, unclear)
    except (ValueError, InvalidOperation):
        return None
