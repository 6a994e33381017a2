"""Days and moments of a list: nothing about them is decided in silence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from lib.studio.adoption.columns import find_layout
from lib.studio.adoption.lists import Reading, read_layout
from lib.studio.adoption.moments import DayOrder, is_date, parse, possible_orders, taken
from lib.studio.adoption.tables import from_text

DAY, MONTH, YEAR = DayOrder.DAY_FIRST, DayOrder.MONTH_FIRST, DayOrder.YEAR_FIRST
BERLIN, AUCKLAND = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Auckland")
DATED = date(2026, 11, 20)


def utc(*parts: int) -> datetime:
    year, month, day, hour, *rest = parts
    return datetime(year, month, day, hour, *rest, tzinfo=UTC)  # type: ignore[misc,arg-type]


def listed(*dates: str, **choices: object) -> Reading:
    rows = [f"Narrator{number:04};Anna;{text}" for number, text in enumerate(dates)]
    layout = find_layout(from_text("\n".join(["id;name;made", *rows])))
    return read_layout(layout, **choices)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["2026-11-20", "2026/11/20", "2026.11.20", "20.11.2026", "20/11/2026", "11/20/2026",
     "2026年11月20日", "2026. 11. 20.", "20 Nov 2026", "20. November 2026", "Nov 20, 2026",
     "Friday, November 20th, 2026", "20-Nov-2026", "٢٠٢٦-١١-٢٠"],
)  # fmt: skip
def test_a_day_that_can_only_be_one_is_taken(text: str) -> None:
    assert is_date(text)
    assert taken(parse(text), None) == DATED


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T10:00:00+02:00", utc(2026, 11, 20, 8)),
        ("2026-11-20T10:00:00.5Z", utc(2026, 11, 20, 10, 0, 0, 500_000)),
        ("2026-11-20 10:00 UTC", utc(2026, 11, 20, 10)),
        ("2026-11-20 10:00 GMT+1", utc(2026, 11, 20, 9)),
        ("2026-11-20 10:00-0330", utc(2026, 11, 20, 13, 30)),
        ("Fri, 20 Nov 2026 10:00:00 GMT", utc(2026, 11, 20, 10)),
        ("Fri Nov 20 2026 10:00:00 GMT+0100 (Central European Time)", utc(2026, 11, 20, 9)),
        ("11/20/2026, 2:05:07 PM Z", utc(2026, 11, 20, 14, 5, 7)),
        ("20.11.2026 12:30 am +00:00", utc(2026, 11, 20, 0, 30)),
        ("1795168800", utc(2026, 11, 20, 10)),
        ("1795168800000", utc(2026, 11, 20, 10)),
    ],
)
def test_a_moment_that_names_its_zone_is_that_moment(text: str, moment: datetime) -> None:
    written = parse(text)
    assert not written.is_zoneless
    assert taken(written, None, AUCKLAND) == moment


@pytest.mark.parametrize(
    ("text", "earliest", "in_auckland"),
    [
        ("2026-11-20 10:00", utc(2026, 11, 19, 20), utc(2026, 11, 19, 21)),
        ("20.11.2026 10:00", utc(2026, 11, 19, 20), utc(2026, 11, 19, 21)),
        ("Nov 20, 2026 at 1:30 PM", utc(2026, 11, 19, 23, 30), utc(2026, 11, 20, 0, 30)),
        ("2026/07/20T10:00:30", utc(2026, 7, 19, 20, 0, 30), utc(2026, 7, 19, 22, 0, 30)),
    ],
)
def test_a_moment_without_a_zone_counts_from_its_earliest_instant(
    text: str, earliest: datetime, in_auckland: datetime
) -> None:
    written = parse(text)
    assert written.is_zoneless
    assert taken(written, None) == earliest
    assert taken(written, None, AUCKLAND) == in_auckland


def test_an_hour_that_a_clock_showed_twice_is_the_earlier_one() -> None:
    twice = parse("2026-10-25 02:30")
    assert taken(twice, None, BERLIN) == utc(2026, 10, 25, 0, 30)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("03/04/2026", {DAY: date(2026, 4, 3), MONTH: date(2026, 3, 4)}),
        ("3-4-2026", {DAY: date(2026, 4, 3), MONTH: date(2026, 3, 4)}),
        ("03.04.2026", {DAY: date(2026, 4, 3), MONTH: date(2026, 3, 4)}),
        ("20.11.26", {DAY: date(2026, 11, 20), YEAR: date(2020, 11, 26)}),
        ("01/02/03", {DAY: date(2003, 2, 1), MONTH: date(2003, 1, 2), YEAR: date(2001, 2, 3)}),
        ("03/04/2026 10:00", {DAY: date(2026, 4, 3), MONTH: date(2026, 3, 4)}),
    ],
)
def test_a_date_of_two_meanings_has_both_and_is_taken_in_none(
    text: str, days: dict[DayOrder, date]
) -> None:
    written = parse(text)
    assert written.is_ambiguous
    assert written.days == days
    assert taken(written, None) is None


def test_the_same_number_twice_is_one_day() -> None:
    assert taken(parse("05/05/2026"), None) == date(2026, 5, 5)


@pytest.mark.parametrize(
    "text",
    ["", "2026", "20", "yesterday", "2026-13-01", "31.02.2026", "32/01/2026", "1/2/345",
     "2026-11-20 25:00", "2026-11-20 13:00 PM", "2026-11-20T10:00+99:00", "2026年11/20",
     "20 Smarch 2026", "2026-11-20 10:00 NZDT", "1" * 500, "2026-11-20" + " " * 500 + "x"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00"])
def test_a_moment_outside_of_the_calendar_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        taken(parse(text), None)


def test_a_list_asks_once_which_order_its_dates_have() -> None:
    found = listed("03/04/2026", "05/06/2026 10:00", "2026-11-19")
    assert found.orders == (DAY, MONTH)
    assert found.unclear
    assert found.unclear[0] == "03/04/2026"
    assert [line.made for line in found.lines] == [None, None, date(2026, 11, 19)]
    assert all("two ways" in line.fault for line in found.lines[:2])
    told = listed("03/04/2026", "05/06/2026 10:00", "2026-11-19", order=MONTH, zone=BERLIN)
    assert [line.made for line in told.lines] == [
        date(2026, 3, 4), utc(2026, 5, 6, 8), date(2026, 11, 19),
    ]  # fmt: skip
    assert not any(line.fault for line in told.lines)


def test_where_only_one_order_fits_the_list_there_is_nothing_to_ask() -> None:
    found = listed("03/04/2026", "25/06/2026")
    assert found.orders == (DAY,)
    assert [line.made for line in found.lines] == [date(2026, 4, 3), date(2026, 6, 25)]


def test_where_no_order_fits_the_whole_list_its_unclear_dates_are_asked_about() -> None:
    assert possible_orders(map(parse, ["25/06/2026", "06/25/2026", "03/04/2026"])) == (DAY, MONTH)
    assert possible_orders(map(parse, ["2026-11-20", "20.11.2026"])) == ()


def test_a_list_names_a_moment_whose_zone_is_not_known() -> None:
    assert listed("2026-11-20", "2026-11-20 10:00").zoneless == "2026-11-20 10:00"
    assert listed("2026-11-20", "2026-11-20 10:00Z").zoneless == ""
