"""What a key was charged, as NanoGPT documents to tell it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.demo.caller import Caller, recording
from tests.parts.clock import SettableClock

DAY = timedelta(days=1)


def test_usage_is_told_by_day_with_refunds_taken_off(caller: Caller, clock: SettableClock) -> None:
    first = clock.now().date()
    caller.clone("annaVoice01", recording("anna"))
    clock.advance(DAY)
    caller.clone("annaVoice02", recording("ben"))
    told = caller.get("/v1/usage", **{"from": first, "to": first + DAY, "group_by": "day"})
    assert told.status == 200
    assert told.json["totals"] == {
        "requests": 2,
        "costUsd": 2.0,
        "refundedUsd": 0.0,
        "netCostUsd": 2.0,
    }
    assert [row["date"] for row in told.json["byDay"]] == [f"{first}", f"{first + DAY}"]
    one_day = caller.get("/v1/usage", **{"from": first, "to": first})
    assert one_day.json["totals"]["netCostUsd"] == 1.0


def test_a_clock_that_is_ahead_at_midnight_is_answered(
    caller: Caller, clock: SettableClock
) -> None:
    caller.clone("annaVoice01", recording("anna"))
    today = clock.now().date()
    told = caller.get("/v1/usage", **{"from": today, "to": today + DAY})
    assert told.json["totals"]["netCostUsd"] == 1.0
    assert [row["date"] for row in told.json["byDay"]] == [f"{today}"]
    tomorrow = caller.get("/v1/usage", **{"from": today + DAY, "to": today + DAY})
    assert tomorrow.json["totals"]["netCostUsd"] == 0.0


@pytest.mark.parametrize(("first", "last"), [(1, 0), (-366, 0), (None, 0)])
def test_only_ranges_of_at_most_366_days_are_told(
    caller: Caller, clock: SettableClock, first: int | None, last: int
) -> None:
    today = clock.now().date()
    asked = {"to": today + last * DAY}
    if first is not None:
        asked["from"] = today + first * DAY
    assert caller.get("/v1/usage", **asked).status == 400
