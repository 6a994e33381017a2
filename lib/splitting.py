"""Long texts in parts that a model can speak, and how long a text should sound. Pure.

A part ends where a sentence ends; only a sentence that is too long by itself is cut at a comma,
then at a blank, then between signs. Nothing but white space at the seams is lost.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate

from lib.text_breaks import Breaks, Fitness

_UNITS = 300
"""In a second, of what follows: whole numbers add up exactly, in whatever order."""
LETTER = 20
"""Of an alphabet's letters and blanks, at an ordinary pace: about 170 English words a minute."""
DIGIT = 75
"""A number is written shorter than it is said."""
SYLLABLES = ((0x3040, 0x30FF, 39), (0xAC00, 0xD7A3, 60))
"""Kana and Hangul: first and last character, and what each of them takes."""
IDEOGRAPH = 72
IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3134F))
LEAST_SHARE = 0.5
"""A sound that takes less of its expected time than this is not fast, it is cut off."""
NEAR_LIMIT = (-0.5, 1.0)
"""Seconds: a sound that ends just where the model's own limit is, did not end by itself."""
NEAR = 0.5
"""Of a part: where it ends with a whole sentence, clause or word, it may be this much shorter."""
TOO_SHORT_TO_TELL = 1.5
"""Seconds: a word may be said fast or slowly."""


class Seam(StrEnum):
    """What ends where a part ends."""

    SENTENCE = "sentence"
    CLAUSE = "clause"
    WORD = "word"


def split(text: str, longest: int, *, seconds: float = 0.0) -> tuple[str, ...]:
    """The text in as few parts as fit: `longest` characters each and, where given, `seconds`.

    A sentence that fits is never cut, nor is a clause or a word of one that does not. Raises
    ValueError for a limit that nothing fits.
    """
    if longest < 1 or seconds < 0:
        raise ValueError("a limit that nothing fits")
    breaks = Breaks(text)
    reach = _Reach(text, longest, seconds)
    parts = []
    begun = breaks.after_blanks(0)
    while begun < len(text):
        end = _end_of_part(breaks, reach, begun)
        parts.append(text[begun:end])
        begun = breaks.after_blanks(end)
    return tuple(parts)


def seams(text: str, parts: Sequence[str]) -> tuple[Seam, ...]:
    """What ends at each seam between two of the parts that `split` made of this text.

    Where the parts are not found in it, each is taken to end with a sentence.
    """
    breaks = Breaks(text)
    found: list[Seam] = []
    end = 0
    for number, part in enumerate(parts, start=1):
        start = text.find(part, end)
        if start < 0:
            return (Seam.SENTENCE,) * (len(parts) - 1)
        end = start + len(part)
        if number < len(parts):
            found.append(_seam_at(breaks, end))
    return tuple(found)


def expected_seconds(text: str) -> float:
    """How long this text takes to say at an ordinary pace, roughly."""
    return sum(map(_units_of, text)) / _UNITS


def looks_cut(text: str, seconds: float, *, speed: float = 1.0, limit: float = 0.0) -> bool:
    """Whether a sound of this length can hardly hold the whole text.

    `limit`: the most seconds that the model makes of one text, where it is known.
    """
    expected = expected_seconds(text) / speed
    if expected < TOO_SHORT_TO_TELL:
        return False
    first, last = NEAR_LIMIT
    if limit and limit + first <= seconds <= limit + last:
        return expected > limit * LEAST_SHARE
    return seconds < expected * LEAST_SHARE


def _units_of(char: str) -> int:
    code = ord(char)
    if code < 0x3040:  # nearly all texts, and quickly
        return DIGIT if char.isdecimal() else LETTER
    for first, last, units in SYLLABLES:
        if first <= code <= last:
            return units
    if any(first <= code <= last for first, last in IDEOGRAPHS):
        return IDEOGRAPH
    return LETTER


class _Reach:
    """How far a part can go from a place."""

    def __init__(self, text: str, longest: int, seconds: float) -> None:
        self.end = len(text.rstrip())
        self._longest = longest
        self._most = int(seconds * _UNITS) if seconds else None
        self._said = [0, *accumulate(map(_units_of, text))] if seconds else []
        """What is said up to each place."""

    def furthest(self, start: int) -> int:
        """The last place where a part that begins here may end."""
        last = min(start + self._longest, self.end)
        if self._most is not None:
            last = min(last, bisect_right(self._said, self._said[start] + self._most) - 1)
        return max(last, start + 1)  # a single letter may take longer than is allowed


def _end_of_part(breaks: Breaks, reach: _Reach, begun: int) -> int:
    """Where the part that begins here ends best."""
    last = reach.furthest(begun)
    if last >= reach.end:
        return last
    near = begun + (last - begun) * NEAR
    for places in (breaks.sentences, breaks.clauses, breaks.words):
        at = bisect_right(places, last)
        if not at or (place := places[at - 1]) <= begun:
            continue
        following = places[at] if at < len(places) else reach.end
        if place >= near or following <= reach.furthest(breaks.after_blanks(place)):
            return place
    return _between_signs(breaks, begun, last, near)


def _between_signs(breaks: Breaks, begun: int, last: int, near: float) -> int:
    """The best place for a cut in what is too long without a blank; near the end, if it can be."""
    best, end = None, last  # a sign that is longer than a part is cut
    for place in range(last, begun, -1):
        if place < near and best is not None and best >= Fitness.BETWEEN:
            break
        fitness = breaks.fitness(place)
        if fitness is not None and (best is None or fitness > best):
            best, end = fitness, place
        if best is Fitness.WORD:
            break
    return end


def _seam_at(breaks: Breaks, place: int) -> Seam:
    if breaks.sentence_ends_at(place):
        return Seam.SENTENCE
    return Seam.CLAUSE if breaks.clause_ends_at(place) else Seam.WORD
