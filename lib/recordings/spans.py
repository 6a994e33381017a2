"""A stretch of a recording."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """From `start` to `end`, in seconds from the beginning of the recording."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return max(self.end - self.start, 0.0)

    def shared_with(self, other: Span) -> float:
        """How many seconds lie in both."""
        return max(min(self.end, other.end) - max(self.start, other.start), 0.0)
