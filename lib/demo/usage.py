"""NanoGPT's route that tells what a key was charged, by day."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime

from lib.demo.desk import Desk
from lib.demo.state import MICROS
from lib.demo.wire import Answer, Refusal, Request

LONGEST = 366
"""Days of one question."""


def usage(desk: Desk, request: Request) -> Answer:
    """What was charged and given back in these days (UTC), the last one included.

    Days to come have nothing in them: whoever asks may have a clock that is ahead of this one.
    """
    try:
        first, last = (date.fromisoformat(request.query[name]) for name in ("from", "to"))
    except (KeyError, ValueError):
        raise Refusal(400, "from and to must both be YYYY-MM-DD", "invalid_date_range") from None
    if not first <= last or (last - first).days >= LONGEST:
        raise Refusal(400, f"from and to must span 1 to {LONGEST} days", "invalid_date_range")
    days: defaultdict[date, list[tuple[int, int]]] = defaultdict(list)
    for charge in desk.state.charges():
        day = _day_of(charge["at"])
        if first <= day <= last:
            days[day].append((charge["cost"], charge["cost"] if charge["refunded"] else 0))
    every = [row for rows in days.values() for row in rows]
    return Answer.of_json(
        {
            "object": "usage",
            "scope": "current_key",
            "from": first.isoformat(),
            "to": last.isoformat(),
            "timezone": "UTC",
            "groupBy": "day",
            "asOf": datetime.fromtimestamp(desk.now(), UTC).isoformat(),
            "totals": _sums(every),
            "byDay": [
                {"date": day.isoformat()} | _sums(rows) for day, rows in sorted(days.items())
            ],
        }
    )


def _sums(rows: list[tuple[int, int]]) -> dict[str, float]:
    cost, back = (sum(row[place] for row in rows) for place in (0, 1))
    return {
        "requests": len(rows),
        "costUsd": cost / MICROS,
        "refundedUsd": back / MICROS,
        "netCostUsd": (cost - back) / MICROS,
    }


def _day_of(moment: float) -> date:
    return datetime.fromtimestamp(moment, UTC).date()
