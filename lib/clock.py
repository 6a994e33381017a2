"""The one source of "now", and how lengths of time are told.

Everything that asks for the time is handed a `Clock`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, always UTC-aware."""

    def now(self) -> datetime: ...


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class FasterClock:
    """A clock that runs `speed` times as fast as `base` since an anchor: the demo's clock.

    `real_start` is when the anchor was set by `base`, `told_start` what this clock said then.
    """

    base: Clock
    real_start: datetime
    told_start: datetime
    speed: float

    def now(self) -> datetime:
        return self.told_start + (self.base.now() - self.real_start) * self.speed


def span(length: timedelta) -> str:
    """A length of time in its two largest units: "2 d 4 h", "3 min", "12 s"."""
    seconds = int(abs(length.total_seconds()))
    if seconds == 0:
        return "under 1 s"
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{left} s"
