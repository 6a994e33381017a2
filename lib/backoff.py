"""How long to wait after a failure before the next try: longer each time, up to an end. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32


@dataclass(frozen=True)
class Backoff:
    """The pauses after the first failure, the second, and so on; the last one repeats.

    `jitter` is the share, from 0 to 1, by which a pause differs at most, so that what failed
    together is not tried together. The pauses become longer by it; the last one becomes shorter,
    else whatever looks only that often would come a moment too early each time.
    """

    steps: tuple[timedelta, ...]
    jitter: float = 0.0

    @classmethod
    def doubling(cls, first: timedelta, longest: timedelta, jitter: float = 0.0) -> Backoff:
        """Twice as long after each further failure, and `longest` in the end."""
        steps = [first]
        while steps[-1] * 2 < longest:
            steps.append(steps[-1] * 2)
        return cls((*steps, longest), jitter)

    def pause(self, failures: int, seed: str = "") -> timedelta:
        """The pause after so many failures (at least 1), the same each time for the same seed."""
        place = min(max(failures, 1), len(self.steps)) - 1
        share = self.jitter * crc32(f"{seed} {failures}".encode()) / 2**32
        return self.steps[place] * (1 - share if place == len(self.steps) - 1 else 1 + share)
