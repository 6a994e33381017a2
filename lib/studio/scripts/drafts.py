"""What was read of a script, before anybody made one of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DraftLine:
    """A line that was read. `pause`: seconds after it, None where nothing was said of it."""

    speaker: str
    text: str
    pause: float | None = None


@dataclass(frozen=True)
class Draft:
    """What was read, and in `told` a sentence on each thing that somebody should look at."""

    lines: tuple[DraftLine, ...] = ()
    told: tuple[str, ...] = ()
