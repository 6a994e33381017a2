"""Subtitles for the sound of a script: in time with it, and short enough to be read."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from lib.scripts import Line, Script
from lib.studio.scripts.subtitles import Span, subtitles
from tests.parts.clock import START

LONG = (
    "The storm is over, and the lighthouse is dark. I counted the steps last night: there are one "
    "hundred and ninety-nine of them, and not one is even. Will you come up with me?"
)
CUE = re.compile(
    r"(\d+)\n(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})\n(.+)", re.S
)


def script(*lines: tuple[str, str]) -> Script:
    said = tuple(Line(f"line-{at}", name, text) for at, (name, text) in enumerate(lines))
    return Script("play", "Play", START, START, lines=said)


def cues(text: str) -> list[tuple[float, float, str]]:
    """The cues of a SubRip file, read as players read it."""
    found = []
    for number, block in enumerate(text.strip().split("\n\n"), 1):
        match = CUE.fullmatch(block)
        assert match is not None, block
        assert int(match[1]) == number
        times = [int(part) for part in match.groups()[1:9]]
        start, end = (h * 3_600 + m * 60 + s + ms / 1_000 for h, m, s, ms in (times[:4], times[4:]))
        found.append((start, end, match[10]))
    return found


def test_each_line_is_a_cue_at_its_time_and_a_new_speaker_is_named() -> None:
    play = script(("ANNA", "Good morning."), ("ANNA", "Ben?"), ("BEN", "Yes."))
    spans = [
        Span("line-0", 0.0, 1.25),
        Span("line-1", 1.75, 2.5, "Ben, my friend?"),
        Span("line-2", 3_661.0, 3_662.0009),
    ]
    assert cues(subtitles(play, spans)) == [
        (0.0, 1.25, "ANNA: Good morning."),
        (1.75, 2.5, "Ben, my friend?"),
        (3_661.0, 3_662.001, "BEN: Yes."),
    ]


@pytest.mark.parametrize(
    ("text", "widest"), [(LONG, 42), ("風が強い。" * 40, 21), ("a" * 300, 42), (LONG * 20, 42)]
)
def test_a_long_line_is_split_in_proportion_and_nothing_of_it_is_lost(
    text: str, widest: int
) -> None:
    found = cues(subtitles(script(("ANNA", text)), [Span("line-0", 10.0, 22.0)]))
    assert (found[0][0], found[-1][1]) == (10.0, 22.0)
    assert all(before[1] == after[0] for before, after in pairwise(found))
    rows = [row for _, _, shown in found for row in shown.split("\n")]
    assert all(len(shown.split("\n")) <= 2 for _, _, shown in found)
    assert max(map(len, rows)) <= widest
    assert "".join("".join(rows).split()) == "".join(f"ANNA: {text}".split())
    paces = [len(shown) / (end - start) for start, end, shown in found]
    assert max(paces) < 1.5 * min(paces)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("One.\n\nTwo.", "One. Two."),
        ("Wait<#1.5#> here.", "Wait here."),
        ("<break time='1s'/>Well <i>done</i>.", "Well done."),
        ("1\n00:00 --> 00:01", "1 00:00 → 00:01"),
    ],
)
def test_no_text_breaks_the_file(text: str, shown: str) -> None:
    (cue,) = cues(subtitles(script(("A", text)), [Span("line-0", 0, 1)]))
    assert cue[2] == f"A: {shown}"


def test_what_is_not_heard_has_no_subtitle() -> None:
    assert subtitles(script(("ANNA", "Hello.")), []) == ""
    assert subtitles(script(("ANNA", "Hello.")), [Span("gone", 0, 1)]) == ""
