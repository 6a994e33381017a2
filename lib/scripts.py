"""Scripts: lines that several voices speak one after another, as records. Pure.

The takes of a line are those of its orders (`LineOrder`): an order has the id of its take.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

MAX_LINES = 500
MAX_CHARS = 300_000
"""Of all lines together: some five hours of speech, and a manifest that can be read again."""
MAX_LINE_CHARS = 60_000
"""Of one line, as of a text in the Playground."""
MAX_SCRIPT_NAME = 80
MAX_SPEAKER = 40
PAUSE = 0.5
"""Seconds of silence after a line, unless somebody says otherwise."""
MAX_PAUSE = 30.0
SPEEDS = (0.25, 4.0)
"""The slowest and the fastest that anybody may ask for; models allow less."""
NARRATOR = "Narrator"
"""Who speaks a line that names nobody."""


class Reason(StrEnum):
    """Why a script is refused."""

    CHANGED = "changed"
    NO_LINES = "no_lines"


SENTENCES = {
    Reason.CHANGED: (
        "Somebody changed this script in the meantime. Look at it as it is now, and try again."
    ),
    Reason.NO_LINES: "There are no lines in this script yet.",
}


def _too_many_lines(count: int) -> str:
    return (
        f"This script has {count:,} lines, and {MAX_LINES:,} fit into one. "
        "Split it into several scripts."
    )


def _line_too_long(number: int, characters: int) -> str:
    return (
        f"Line {number:,} has {characters:,} characters, and {MAX_LINE_CHARS:,} fit into one. "
        "Split it into several lines."
    )


def _too_many_characters(count: int) -> str:
    return (
        f"This script has {count:,} characters, and {MAX_CHARS:,} fit into one. "
        "Split it into several scripts."
    )


class ScriptRefused(Exception):
    """A script cannot be made, read or changed like this; `str()` is a sentence."""


class ScriptChanged(ScriptRefused):
    """Somebody else changed the script since this person looked at it."""

    def __init__(self) -> None:
        super().__init__(SENTENCES[Reason.CHANGED])


@dataclass(frozen=True)
class Speaker:
    """A name in a script and the voice that speaks it; "" where none was given yet.

    `model` and `language`: "" for the usual ones of the voice.
    """

    name: str
    voice_id: str = ""
    model: str = ""
    language: str = ""
    speed: float = 1.0


@dataclass(frozen=True)
class Line:
    """What one speaker says. `pause`: seconds of silence after it, None for the script's own.

    `take_id`: the take that was chosen, "" for the newest that fits.
    """

    id: str
    speaker: str
    text: str
    pause: float | None = None
    take_id: str = ""


@dataclass(frozen=True)
class Script:
    """Lines in their order, and who speaks them. Each change raises the `revision`.

    `service`: that of the demo for its example, "" for a script of the team's own. One that was
    deleted stays as a note without name and lines, so that it never comes back from a vault.
    """

    id: str
    name: str
    created_at: datetime
    changed_at: datetime
    person: str = ""
    pause: float = PAUSE
    speakers: tuple[Speaker, ...] = ()
    lines: tuple[Line, ...] = ()
    service: str = ""
    deleted_at: datetime | None = None
    revision: int = 1
    saved_revision: int = 0

    def speaker(self, name: str) -> Speaker:
        """The speaker of this name; without a voice where the script has none."""
        return next((one for one in self.speakers if one.name == name), Speaker(name))

    def pause_after(self, line: Line) -> float:
        """Seconds of silence after this line."""
        return self.pause if line.pause is None else line.pause


@dataclass(frozen=True)
class LineOrder:
    """An order to speak a line. `number`: which order of its line it is, counted from 1."""

    order_id: str
    script_id: str
    line_id: str
    ordered_at: datetime
    number: int = 1


class _Spoken(Protocol):
    @property
    def speaker(self) -> str: ...
    @property
    def text(self) -> str: ...


def cast_of(lines: Iterable[_Spoken], before: Sequence[Speaker] = ()) -> tuple[Speaker, ...]:
    """Who speaks these lines, in the order in which they first do; whoever spoke before keeps
    their voice.
    """
    known = {speaker.name: speaker for speaker in before}
    names = dict.fromkeys(line.speaker for line in lines)
    return tuple(known.get(name, Speaker(name)) for name in names)


def is_within_limits(script: Script) -> bool:
    """Whether a script that a stranger may have written is one that could be made here."""
    pauses = [script.pause, *(line.pause for line in script.lines if line.pause is not None)]
    slowest, fastest = SPEEDS
    return (
        all(0 <= pause <= MAX_PAUSE for pause in pauses)
        and all(slowest <= speaker.speed <= fastest for speaker in script.speakers)
        and not (script.lines and fault(script.lines))
    )


def fault(lines: Sequence[_Spoken]) -> str:
    """Why a script cannot have these lines, in a sentence; "" where it can."""
    if not lines:
        return SENTENCES[Reason.NO_LINES]
    if len(lines) > MAX_LINES:
        return _too_many_lines(len(lines))
    for number, line in enumerate(lines, 1):
        if len(line.text) > MAX_LINE_CHARS:
            return _line_too_long(number, len(line.text))
    total = sum(len(line.text) for line in lines)
    return _too_many_characters(total) if total > MAX_CHARS else ""
