"""Days and moments as people and programs write them.

Nothing is decided in silence: where day and month could be swapped, each order is kept; a moment
without a time zone counts from its earliest possible instant, as a day does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum

FURTHEST_EAST = timezone(timedelta(hours=14))
"""Where each day begins first."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERS = re.compile(r"(\d{1,4}) ?([-/.年]) ?(\d{1,2}) ?([-/.月]) ?(\d{1,4})[日.]?")
_DAY_AND_MONTH = (
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ .-]+(?P<month>[a-z]{3,9})",
    r"(?P<month>[a-z]{3,9})[ .-]+(?P<day>\d{1,2})(?:st|nd|rd|th)?",
)
_WORDS = [re.compile(rf"{order}[ .,-]+(?P<year>\d{{4}})") for order in _DAY_AND_MONTH]
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[.,]? +")
_TIME = re.compile(
    r"(?:t|,? +(?:at +)?)(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?(?: ?(?P<half>[ap])\.?m\.?)?"
    r"(?P<zone> ?z| ?(?:utc|gmt)? ?(?P<sign>[-+])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?"
    r"| ?utc| ?gmt)?"
    r"(?: ?[\[(][\w /+-]{1,60}[\])])?"
)  # fmt: skip
_LIKE_A_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}([T ].{0,80})?")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?", re.ASCII)
MAX_WRITTEN = 100


class DayOrder(StrEnum):
    """In which order day, month and year stand in a date of numbers."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


@dataclass(frozen=True)
class Written:
    """A date as it is written: the day that it is in each order, and perhaps a time with a zone."""

    days: Mapping[DayOrder, date]
    time: time | None = None

    @property
    def is_ambiguous(self) -> bool:
        return len(set(self.days.values())) > 1

    @property
    def is_zoneless(self) -> bool:
        """Whether it is a moment whose zone nobody wrote."""
        return self.time is not None and self.time.tzinfo is None


def parse(text: str) -> Written:
    """Read a date or a moment. Raises `ValueError` for what is none."""
    text = " ".join(text.split())[: MAX_WRITTEN + 1].lower()
    if len(text) > MAX_WRITTEN:
        raise ValueError("not a date")
    if _EPOCH.fullmatch(text):
        moment = datetime.fromtimestamp(int(text[:10]), UTC)
        return Written(dict.fromkeys(DayOrder, moment.date()), moment.timetz())
    text = _WEEKDAY.sub("", text, count=1)
    for pattern in (_NUMBERS, *_WORDS):
        if found := pattern.match(text):
            days = _days_of_numbers(found) if pattern is _NUMBERS else _day_of_words(found)
            rest = text[found.end() :]
            if days and not rest:
                return Written(days)
            if days and (clock := _TIME.fullmatch(rest)):
                return Written(days, _time_of(clock))
    raise ValueError("not a date")


def is_date(text: str) -> bool:
    """Whether a text is a date by its form, be there such a day or not. A bare number may be
    anything.
    """
    try:
        parse(text)
    except ValueError:
        return _LIKE_A_DATE.fullmatch(text) is not None
    return not text.strip().isdigit()


def possible_orders(found: Iterable[Written]) -> tuple[DayOrder, ...]:
    """The orders that fit all dates of a list; () where each date has one meaning only."""
    found = list(found)
    unclear = [written for written in found if written.is_ambiguous]
    if not unclear:
        return ()
    fitting = [order for order in DayOrder if all(order in written.days for written in found)]
    return tuple(
        fitting or [order for order in DayOrder if all(order in each.days for each in unclear)]
    )


def taken(
    written: Written, order: DayOrder | None, zone: tzinfo | None = None
) -> date | datetime | None:
    """The day, or the moment in UTC; None while nobody has said which of two days it is.

    `zone`: of moments that name none; without one they count from their earliest instant. Raises
    `ValueError` for a moment outside of the calendar.
    """
    day = written.days.get(order) if order else None
    if day is None and written.is_ambiguous:
        return None
    day = day or next(iter(written.days.values()))
    if written.time is None:
        return day
    moment = datetime.combine(day, written.time)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone or FURTHEST_EAST)
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # its zone takes it out of the calendar
        raise ValueError("not a date") from None


def _days_of_numbers(found: re.Match[str]) -> dict[DayOrder, date]:
    first, one, second, two, third = found.groups()
    if one != two and (one, two) != ("年", "月"):
        return {}
    if len(first) == 4 and len(third) <= 2:
        day = _day(first, second, third)
        return dict.fromkeys(DayOrder, day) if day else {}
    read = {
        DayOrder.DAY_FIRST: _day(third, second, first),
        DayOrder.MONTH_FIRST: _day(third, first, second),
        DayOrder.YEAR_FIRST: _day(first, second, third),
    }
    return {order: day for order, day in read.items() if day}


def _day_of_words(found: re.Match[str]) -> dict[DayOrder, date]:
    month = found["month"][:3]
    if month not in _MONTHS:
        return {}
    day = _day(found["year"], str(_MONTHS.index(month) + 1), found["day"])
    return dict.fromkeys(DayOrder, day) if day else {}


def _day(year: str, month: str, day: str) -> date | None:
    """A day; a year of two digits is one of this century."""
    if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
        return None
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _time_of(found: re.Match[str]) -> time:
    hour, half = int(found["hour"]), found["half"]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("not a time")
        hour = hour % 12 + (12 if half == "p" else 0)
    zone: tzinfo | None = None
    if found["zone"]:
        away = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
        zone = timezone(-away if found["sign"] == "-" else away)
    part = int((found["part"] or "0")[:6].ljust(6, "0"))
    return time(hour, int(found["minute"]), int(found["second"] or 0), part, tzinfo=zone)
