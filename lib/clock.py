"""The one source of "now": everything that asks for the time is handed a `Clock`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
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
