"""A recording as a picture: speech and pauses, what was cut off, and the part that is used.

The part is chosen with two handles, by mouse, touch or keyboard, in the browser; it is told to the
app when a hand comes to rest. What arrives is a visitor's input.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from lib import units
from lib.recordings.spans import Span
from lib.ui.access.uninterrupted import uninterrupted

SHORTEST = 1.0
"""Seconds: the handles come no nearer to each other."""
DECIMALS = 3
LARGEST = 2**53
"""Above which a browser's numbers are no longer exact."""
MOST_SLICES = 1_200
"""As many columns as a wide screen shows."""


def waveform(
    key: str,
    *,
    envelope: Sequence[float],
    seconds: float,
    speech: Sequence[Span],
    clipped: Sequence[Span],
    part: Span | None,
    on_change: Callable[[Span | None], None],
) -> None:
    """Draw it with its legend; `part` is the one that is used, None the whole recording.

    `envelope`: the loudest sample, 0 to 1, of equal slices of the recording, which is `seconds`
    long. `on_change` gets what somebody chose, None for the whole, in a callback that is not
    interrupted; the next run is to draw it as `part`.
    """
    chosen = within(part, seconds) or Span(0.0, seconds)
    _waveform(
        key=key,
        data={
            "envelope": [round(loudest, DECIMALS) for loudest in thinned(envelope)],
            "seconds": seconds,
            "speech": drawable(speech, seconds),
            "clipped": drawable(clipped, seconds),
            "part": [chosen.start, chosen.end],
            "shortest": min(SHORTEST, seconds),
            "seen": st.session_state.get(f"{key}_seen", 0),
            "told": told(seconds, speech, clipped),
        },
        on_part_change=lambda: _changed(key, seconds, on_change),
    )


def told(seconds: float, speech: Sequence[Span], clipped: Sequence[Span]) -> str:
    """What the picture shows, for those who cannot see it."""
    spoken = units.seconds(sum(span.seconds for span in speech))
    cut_off = f", cut off in {units.count(len(clipped), 'place')}" if clipped else ""
    return f"Waveform of {units.seconds(seconds)} with {spoken} of speech{cut_off}"


def read_part(said: object, seconds: float) -> tuple[int, Span | None] | None:
    """A part as the script sends it, with the number of the message; None for anything else.

    The part lies within the recording, and is None where that is all of it.
    """
    if not isinstance(said, Mapping):
        return None
    number, start, end = said.get("id"), _number(said.get("start")), _number(said.get("end"))
    if type(number) is not int or not 0 < number < LARGEST or start is None or end is None:
        return None
    return number, within(Span(start, end), seconds)


def within(part: Span | None, seconds: float) -> Span | None:
    """The part, inside the recording and not too short; None where it is the whole."""
    if part is None:
        return None
    shortest = min(SHORTEST, seconds)
    start = min(max(part.start, 0.0), seconds - shortest)
    end = min(max(part.end, start + shortest), seconds)
    if start <= 0.0 and end >= seconds:
        return None
    return Span(round(start, DECIMALS), round(end, DECIMALS))


def drawable(spans: Iterable[Span], seconds: float) -> list[list[float]]:
    """In order, inside the recording; those that would touch on the screen are one."""
    narrowest = seconds / MOST_SLICES
    drawn: list[list[float]] = []
    for span in sorted(spans, key=lambda span: span.start):
        start, end = max(span.start, 0.0), min(span.end, seconds)
        if drawn and start - drawn[-1][1] <= narrowest:
            drawn[-1][1] = max(drawn[-1][1], end)
        elif start <= end:
            drawn.append([start, end])
    return [[round(start, DECIMALS), round(end, DECIMALS)] for start, end in drawn]


def thinned(envelope: Sequence[float]) -> Sequence[float]:
    """The loudest of neighbours, where there are more slices than columns."""
    step = math.ceil(len(envelope) / MOST_SLICES)
    if step <= 1:
        return envelope
    return [max(envelope[first : first + step]) for first in range(0, len(envelope), step)]


def _number(said: object) -> float | None:
    """A finite number of a size that a recording may have."""
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    return float(said) if abs(said) <= LARGEST else None


def _changed(key: str, seconds: float, on_change: Callable[[Span | None], None]) -> None:
    with uninterrupted():
        read = read_part(st.session_state[key].get("part"), seconds)
        if read is None:
            return
        st.session_state[f"{key}_seen"], part = read
        on_change(part)


def _part(kind: str) -> str:
    return Path(__file__).with_suffix(kind).read_text("utf-8")


_waveform = st.components.v2.component(
    "voicekeep_waveform", html=_part(".html"), css=_part(".css"), js=_part(".js")
)
