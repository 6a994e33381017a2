"""The part that somebody chose in the picture lies in the recording, whatever a browser says."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.recordings.spans import Span
from lib.ui.clone.waveform import MOST_SLICES, drawable, read_part, thinned, told, within

LONG = 34.0


def said(start: Any, end: Any, number: Any = 1) -> dict[str, Any]:
    return {"id": number, "start": start, "end": end}


@pytest.mark.parametrize(
    ("start", "end", "part"),
    [
        (3.2, 18, Span(3.2, 18.0)),
        (-5, 12, Span(0.0, 12.0)),
        (30, 99, Span(30.0, LONG)),
        (12, 12.2, Span(12.0, 13.0)),
        (20, 10, Span(20.0, 21.0)),
        (33.9, 34, Span(33.0, LONG)),
        (50, 60, Span(33.0, LONG)),
        (0, LONG, None),
        (-1, 99, None),
    ],
)
def test_a_part_is_brought_into_the_recording(start: float, end: float, part: Span | None) -> None:
    assert read_part(said(start, end, 5), LONG) == (5, part)


@pytest.mark.parametrize(
    "message",
    [
        None, "part", [3, 4], {}, said(None, 4), said("3", "4"), said(True, 4),
        said(math.nan, 4), said(3, math.inf), said(3, 10**400),
        said(3, 4, 0), said(3, 4, -1), said(3, 4, True), said(3, 4, 1.5), said(3, 4, 10**400),
    ],
)  # fmt: skip
def test_what_is_no_part_is_nothing(message: object) -> None:
    assert read_part(message, LONG) is None


@given(st.floats(), st.floats(), st.floats(0.01, 3_600))
def test_no_part_is_shorter_than_a_second_or_the_recording(
    start: float, end: float, seconds: float
) -> None:
    read = read_part(said(start, end), seconds)
    if read is None or read[1] is None:
        return
    part = read[1]
    assert 0 <= part.start < part.end <= seconds + 0.001
    assert part.seconds >= min(1.0, seconds) - 0.002


def test_a_recording_of_less_than_a_second_is_used_whole() -> None:
    assert within(Span(0.2, 0.3), 0.5) is None


def test_those_who_cannot_see_it_are_told_what_it_shows() -> None:
    speech = [Span(1, 9), Span(10, 14)]
    assert told(LONG, speech, []) == "Waveform of 34.0 s with 12.0 s of speech"
    assert told(LONG, speech, [Span(2, 2.1)]).endswith(", cut off in 1 place")


def test_what_would_touch_on_the_screen_is_drawn_as_one() -> None:
    near = [Span(2.0, 2.1), Span(0.5, 1.0), Span(1.01, 1.5), Span(33.0, 40.0), Span(-3.0, 0.1)]
    assert drawable(near, LONG) == [[0.0, 0.1], [0.5, 1.5], [2.0, 2.1], [33.0, LONG]]


def test_a_picture_is_bounded_however_much_was_cut_off() -> None:
    crackle = [Span(n / 1_000, n / 1_000 + 0.0005) for n in range(0, 3_600_000, 700)]
    assert len(drawable(crackle, 3_600.0)) <= MOST_SLICES


@pytest.mark.parametrize("slices", [0, 1, 1_200, 1_201, 50_000])
def test_the_loudest_moment_is_seen_in_a_picture_of_any_width(slices: int) -> None:
    envelope = [0.1] * slices
    if slices:
        envelope[slices // 2] = 0.9
    drawn = thinned(envelope)
    assert len(drawn) <= MOST_SLICES
    assert max(drawn, default=0.9) == 0.9
