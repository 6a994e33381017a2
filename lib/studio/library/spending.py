"""What was spent, on what and by whom; what is left to spend, and what keeping will cost.

Whoever may see what everybody spent sees all of it; anybody else, what they ordered themselves.
Months are those of budgets: UTC, and an order counts in the one that it was sent in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import reduce

from lib import pricing
from lib.models import Money, Purpose
from lib.pricing import next_month
from lib.providers.base import Metered
from lib.registry import Used
from lib.registry.spending import Amounts, By, Spent, WantedSpending
from lib.retention import StepKind
from lib.roles import Permission, Person
from lib.services import DEMO
from lib.studio.core import money, usage
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.standpoint import standpoint_of
from lib.studio.core.usage import Compared
from lib.studio.library.listing import Entry

EVERYTHING = (By.MONTH, By.PERSON, By.VOICE, By.SERVICE, By.KIND)
KEEPING = frozenset({"activation", Purpose.REFRESH.value, Purpose.TEST_CALL.value})
"""The kinds of orders that keep voices, as money is summed by them."""
MOST_LINES = 50_000
WEEK, MONTH = 7, 30
"""Days."""


@dataclass(frozen=True)
class Period:
    """Which money is asked for: that of one month, by its first day, or of all; real or the demo's.

    Both are never added up.
    """

    month: date | None = None
    play: bool = False


class Whose(StrEnum):
    """Whose orders a bound holds for."""

    TEAM = "team"
    OWN = "own"
    KEEPING = "keeping"
    """The refreshes and test calls of all."""


@dataclass(frozen=True)
class Bound:
    """What this month may cost, and what counts in that so far. It starts again on `resets`."""

    whose: Whose
    limit: Money
    used: Used
    resets: date

    @property
    def left(self) -> Money:
        """What may still be ordered."""
        return max(self.limit - self.used.total, Money())


@dataclass(frozen=True)
class Report:
    """What was spent in a period, by what was asked for, the most first.

    `keeping`: what of it keeps voices, by kind. `months`: the last twelve, the oldest first.
    """

    rows: list[Spent]
    total: Amounts
    keeping: dict[str, Amounts]
    months: list[tuple[date, Amounts]]


@dataclass(frozen=True)
class Ahead:
    """What keeping is going to cost, as it is agreed to now: `again` voices are used at regular
    times, which costs `weekly` and `monthly`; `waiting` are still to be used for the first time,
    which costs `once`.
    """

    again: int = 0
    weekly: Money = field(default_factory=Money)
    monthly: Money = field(default_factory=Money)
    waiting: int = 0
    once: Money = field(default_factory=Money)


@dataclass(frozen=True)
class Figures:
    """What a service itself says: what is left there, and what it charged in a month.

    `balance` and `compared` are None where it did not say so yet. `is_metered`: whether it can be
    asked what it charged.
    """

    service: str
    is_metered: bool = False
    balance: Money | None = None
    balance_at: datetime | None = None
    compared: Compared | None = None


def months(context: Context) -> list[date]:
    """The first days of all months from the first order to the present, the newest first; none
    where nothing was ordered.
    """
    times = {service: context.now(service) for service in context.settings.visible}
    span = context.registry.orders.span(times)
    return pricing.months(span[0], max(span[1], context.clock.now())) if span else []


def report(context: Context, person: Person, period: Period, by: By) -> Report:
    """What was spent in this period; two queries. Raises `NotPermitted`."""
    person.require(Permission.LISTEN)
    sums, times = context.registry.spending.sums, _times(context, play=period.play)
    wanted = _wanted(person, period)
    pictured = _year_to(period.month or max(times.values(), default=context.clock.now()).date())
    since = _midnight(pictured[0]) if period.month else None
    kinds = sums(times, WantedSpending(since, person=wanted.person), By.MONTH, By.KIND)
    rows = sums(times, wanted, by)
    in_period = kinds if period.month is None else _of_month(kinds, period.month)
    return Report(
        rows=sorted(rows, key=lambda row: (-row.amounts.total.micros, row.by[by])),
        total=_sum(rows),
        keeping={
            kind: _sum(row for row in in_period if row.by[By.KIND] == kind)
            for kind in {row.by[By.KIND] for row in in_period} & KEEPING
        },
        months=[(month, _sum(_of_month(kinds, month))) for month in pictured],
    )


def lines(context: Context, person: Person, period: Period) -> list[Spent]:
    """The same money by all that it can be summed by at once, the newest month first; one query.
    Raises `NotPermitted`.
    """
    person.require(Permission.LISTEN)
    times, wanted = _times(context, play=period.play), _wanted(person, period)
    return context.registry.spending.sums(times, wanted, *EVERYTHING, limit=MOST_LINES)


def bounds(context: Context, person: Person) -> list[Bound]:
    """What bounds this month's orders for this person, as far as anything does; a query for each.
    Raises `NotPermitted`.
    """
    person.require(Permission.SPEAK)
    orders, keeping = (money.budget_for(context, p) for p in (Purpose.ORDER, Purpose.REFRESH))
    resets = next_month(context.clock.now()).date()
    found = []
    if orders.limit is not None:
        found.append(Bound(Whose.TEAM, orders.limit, money.used(context), resets))
    if orders.each is not None:
        own = money.used(context, person=recorded_as(person))
        found.append(Bound(Whose.OWN, orders.each, own, resets))
    if keeping.limit is not None:
        kept = money.used(context, Purpose.REFRESH)
        found.append(Bound(Whose.KEEPING, keeping.limit, kept, resets))
    return found


def ahead(entries: Iterable[Entry], *, play: bool) -> Ahead:
    """What keeping these voices is going to cost. Pure."""
    again: list[tuple[Money, int]] = []
    once: list[Money] = []
    for item in entries:
        if item.is_archived or (item.voice.service == DEMO) is not play:
            continue
        if item.life.kind is StepKind.REFRESH and item.voice.refresh_days:
            again.append((item.use_price, item.voice.refresh_days))
        elif item.life.kind in (StepKind.ACTIVATE, StepKind.REFRESH):
            once.append(item.use_price)
    weekly, monthly = (_every(again, days) for days in (WEEK, MONTH))
    return Ahead(len(again), weekly, monthly, len(once), Money.total(once))


def figures(context: Context, person: Person, month: date | None) -> list[Figures]:
    """What the services with a key here say of their accounts, as the keeper last heard it; two
    queries. Raises `NotPermitted`.
    """
    person.require(Permission.ACTIVITY)
    standpoint, notes = standpoint_of(context), context.registry.notes.all()
    found = []
    for service, account in standpoint.in_use.items():
        said = usage.compared(notes, standpoint, service)
        compared = said.get(f"{month:%Y-%m}") if month else None
        is_metered = isinstance(context.providers.get(service), Metered)
        found.append(Figures(service, is_metered, account.balance, account.balance_at, compared))
    return found


def _of_month(rows: Iterable[Spent], month: date) -> list[Spent]:
    return [row for row in rows if row.by[By.MONTH] == f"{month:%Y-%m}"]


def _sum(rows: Iterable[Spent]) -> Amounts:
    return reduce(Amounts.__add__, (row.amounts for row in rows), Amounts())


def _times(context: Context, *, play: bool) -> dict[str, datetime]:
    """The services that take this kind of money, each with its time."""
    return {
        service: context.now(service)
        for service in context.settings.visible
        if (service == DEMO) is play
    }


def _wanted(person: Person, period: Period) -> WantedSpending:
    """Of everybody's orders where this person may see them, else of their own."""
    since = _midnight(period.month) if period.month else None
    before = next_month(since) if since else None
    whose = None if person.may(Permission.ACTIVITY) else recorded_as(person)
    return WantedSpending(since, before, whose)


def _year_to(day: date) -> list[date]:
    """The first days of the twelve months that end with that of this day, the oldest first."""
    last = _midnight(day)
    return pricing.months(next_month(last.replace(year=last.year - 1)), last)[::-1]


def _midnight(day: date) -> datetime:
    """When the month of this day begins."""
    return datetime.combine(day.replace(day=1), time(), UTC)


def _every(uses: Sequence[tuple[Money, int]], days: int) -> Money:
    """What these cost together in so many days, each used every so many days; rounded up."""
    return Money.total(Money(-(-price.micros * days // each)) for price, each in uses)
