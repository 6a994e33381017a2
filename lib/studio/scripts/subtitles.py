"""Subtitles (SubRip, .srt) for the sound of a script. Pure.

A cue has two rows at most. What is longer is split where sentences, clauses or words end, each cue
in proportion to how long its words take; who speaks is named where that changes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lib.scripts import Script
from lib.splitting import expected_seconds, split
from lib.studio.core.typed_text import one_line

WIDTH = 42
"""Columns of a row; a wide sign takes two."""
ROWS = 2
_PAUSE = re.compile(r"<#\d{1,3}(?:\.\d{1,3})?#>|<break\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")
"""Marks for a voice: nobody reads them."""


@dataclass(frozen=True)
class Span:
    """Where a line is heard in the sound of its script, in seconds; `text`: what is said there."""

    line_id: str
    start: float
    end: float
    text: str = ""


def subtitles(script: Script, heard: Sequence[Span]) -> str:
    """SubRip for a sound of the script in which these lines are heard."""
    lines = {line.id: line for line in script.lines}
    cues: list[str] = []
    before = ""
    for span in heard:
        line = lines.get(span.line_id)
        speaker = line.speaker if line else ""
        text = _shown(span.text or (line.text if line else ""))
        name = f"{speaker}: " if speaker != before else ""
        before = speaker
        for start, end, rows in _cues(span, text, name):
            times = f"{_time(start)} --> {_time(end)}"
            cues.append(f"{len(cues) + 1}\n{times}\n{rows}\n")
    return "\n".join(cues)


def _cues(span: Span, text: str, name: str) -> Iterator[tuple[float, float, str]]:
    """Beginning, end and rows of each cue of a line."""
    rows = _rows(f"{name}{text}")
    groups = [rows[at : at + ROWS] for at in range(0, len(rows), ROWS)]
    weights = [expected_seconds("".join(group)) for group in groups]
    total = sum(weights) or 1.0
    length = span.end - span.start
    places = [span.start]
    for weight in weights:
        places.append(places[-1] + length * weight / total)
    for (start, end), group in zip(pairwise(places), groups, strict=True):
        yield start, end, "\n".join(group)


def _rows(text: str) -> tuple[str, ...]:
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return split(text, WIDTH // 2 if wide * 2 > len(text) else WIDTH)


def _shown(text: str) -> str:
    """A text as it is read: in one line, without marks for the voice, and no arrow of a cue."""
    return one_line(_TAG.sub("", _PAUSE.sub(" ", text))).replace("-->", "→")


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1_000)
    whole, rest = divmod(milliseconds, 1_000)
    return f"{whole // 3_600:02}:{whole // 60 % 60:02}:{whole % 60:02},{rest:03}"
