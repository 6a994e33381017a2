"""What was read of a script, before anybody made one of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.studio.core.typed_text import one_line

SHOWN = 3
"""Examples in a sentence."""
LONGEST_SHOWN = 40


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


def count(number: int, one: str, several: str) -> str:
    """ "1 line has", "3 lines have"."""
    return f"{number:,} {one if number == 1 else several}"


def examples(texts: Sequence[str]) -> str:
    """ "“a”, “b”, “c” and 4 more", each once."""
    known = [one_line(text) for text in dict.fromkeys(texts)]
    shown = [
        f"“{text[:LONGEST_SHOWN].rstrip()}…”" if len(text) > LONGEST_SHOWN else f"“{text}”"
        for text in known[:SHOWN]
    ]
    more = f" and {len(known) - SHOWN:,} more" if len(known) > SHOWN else ""
    return f"{', '.join(shown)}{more}"
