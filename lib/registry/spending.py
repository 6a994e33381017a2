"""Money as people account for it: summed by month, person, voice, service and kind of order.

An order counts in the month (UTC) that it was sent in, as it does in budgets; one that is still to
be sent, in the present one; one that was not sent in time, nowhere. The parts of a long text count
as the orders they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from lib.models import JobState, Money, Purpose
from lib.registry import schema
from lib.registry.columns import Utc
from lib.registry.database import Database
from lib.registry.job_queries import amounts, is_for
from lib.registry.orders import Times, is_expired


class By(StrEnum):
    """What money is summed by."""

    MONTH = "month"
    PERSON = "person"
    VOICE = "voice"
    """Its id; "" for what is about no voice."""
    SERVICE = "service"
    KIND = "kind"
    """Of order; refreshes and test calls, which are uses as well, by their purpose."""


@dataclass(frozen=True)
class Amounts:
    """Money, told apart by how sure it is.

    `reserved`: what those that are not charged yet will cost, as far as they will be sent.
    `unclear`: what may have been charged for those whose outcome nobody knows.
    """

    charged: Money = field(default_factory=Money)
    refunded: Money = field(default_factory=Money)
    reserved: Money = field(default_factory=Money)
    unclear: Money = field(default_factory=Money)

    @property
    def spent(self) -> Money:
        """What is gone for good, as far as that is known."""
        return self.charged - self.refunded

    @property
    def total(self) -> Money:
        """What counts in a budget."""
        return self.spent + self.reserved + self.unclear

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.charged + other.charged,
            self.refunded + other.refunded,
            self.reserved + other.reserved,
            self.unclear + other.unclear,
        )


@dataclass(frozen=True)
class Spent:
    """The money of orders that are alike in what they were summed by.

    `voice`: the name of their voice, where they were summed by voice and it is still here.
    """

    by: Mapping[By, str]
    amounts: Amounts
    voice: str = ""


@dataclass(frozen=True)
class WantedSpending:
    """Which orders are summed: those that count from `since` on and before `before`; those of one
    person; those that one account pays. None lets all through.
    """

    since: datetime | None = None
    before: datetime | None = None
    person: str | None = None
    account: str | None = None


class Spending:
    """Sums up what orders cost, and changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sums(
        self, times: Times, wanted: WantedSpending, *by: By, limit: int | None = None
    ) -> list[Spent]:
        """The money of these orders in one query, a sum for each combination of what they are
        summed by, the latest month first; nothing where there was none. `times`: the services
        whose orders are meant.
        """
        if not times:
            return []
        is_sqlite = self._database.engine.dialect.name == "sqlite"
        single = _single(times, wanted, by, is_sqlite=is_sqlite).subquery()
        keys = [single.c[each] for each in by]
        known = [func.sum(single.c[name]) for name in _NAMES]
        name = func.max(single.c.name) if By.VOICE in by else literal("")
        order = [key.desc() if key.name == By.MONTH else key.asc() for key in keys]
        whole = select(*keys, name, *known).group_by(*keys).order_by(*order)
        has_any = or_(*(each > 0 for each in known))
        with self._database.read() as connection:
            rows = connection.execute(whole.having(has_any).limit(limit)).all()
        return [_spent(by, row) for row in rows]


_NAMES = ("charged", "refunded", "reserved", "unclear")


def _single(
    times: Times, wanted: WantedSpending, by: Sequence[By], *, is_sqlite: bool
) -> Select[Any]:
    """What each order counts with, beside what it is summed by."""
    jobs, voices = schema.jobs, schema.voices
    columns: dict[By, ColumnElement[Any]] = {
        By.PERSON: jobs.c.person,
        By.VOICE: jobs.c.voice_id,
        By.SERVICE: jobs.c.service,
        By.KIND: _kind(),
    }
    if By.MONTH in by:
        columns[By.MONTH] = _month(times, is_sqlite=is_sqlite)
    late = is_expired(times)
    known = (amount.label(n) for n, amount in zip(_NAMES, amounts(late), strict=True))
    conditions = [jobs.c.service.in_(list(times)), _counts(times, wanted, late)]
    if wanted.person is not None:
        conditions.append(jobs.c.person == wanted.person)
    if wanted.account is not None:
        conditions.append(jobs.c.account == wanted.account)
    chosen = select(*(columns[each].label(each) for each in by), *known)
    if By.VOICE in by:
        chosen = chosen.add_columns(func.coalesce(voices.c.name, "").label("name"))
        chosen = chosen.outerjoin_from(jobs, voices, voices.c.id == jobs.c.voice_id)
    return chosen.where(*conditions)


def _counts(times: Times, wanted: WantedSpending, late: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an order counts in this time; by the index of when they were sent or made."""
    jobs = schema.jobs.c
    since, before = wanted.since, wanted.before
    present = [
        service
        for service, now in times.items()
        if (since is None or since <= now) and (before is None or now < before)
    ]
    is_confirmed = jobs.state == JobState.CONFIRMED
    sent, unsent = [~is_confirmed], [~is_confirmed, jobs.submitted_at.is_(None)]
    if since is not None:
        sent.append(jobs.submitted_at >= since)
        unsent.append(jobs.created_at >= since)
    if before is not None:
        sent.append(jobs.submitted_at < before)
        unsent.append(jobs.created_at < before)
    waits = and_(is_confirmed, ~late, jobs.service.in_(present))
    return or_(and_(*sent), and_(*unsent), waits)


def _month(times: Times, *, is_sqlite: bool) -> ColumnElement[str]:
    """The month that an order counts in, as "2026-11"."""
    jobs = schema.jobs.c
    now = case(
        *((jobs.service == service, literal(now, Utc())) for service, now in times.items()),
        else_=jobs.created_at,
    )
    sent = func.coalesce(jobs.submitted_at, jobs.created_at)
    moment = case((jobs.state == JobState.CONFIRMED, now), else_=sent)
    if is_sqlite:  # which has moments as texts, all of them in UTC
        return func.substr(type_coerce(moment, String), 1, len("2026-11"))
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM")


def _kind() -> ColumnElement[str]:
    kinds = ((is_for([purpose]), purpose.value) for purpose in (Purpose.REFRESH, Purpose.TEST_CALL))
    return case(*kinds, else_=type_coerce(schema.jobs.c.kind, String))


def _spent(by: Sequence[By], row: Sequence[Any]) -> Spent:
    keys, (name, *known) = row[: len(by)], row[len(by) :]
    found = Amounts(*(Money(int(amount or 0)) for amount in known))
    return Spent(dict(zip(by, map(str, keys), strict=True)), found, str(name or ""))
