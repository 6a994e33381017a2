"""Long texts in parts that a model can speak, and how long a text should sound. Pure.

A part ends where a sentence ends; only a sentence that is too long by itself is cut at a comma,
then at a blank, then anywhere. Nothing but white space at the seams is lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

LETTER_SECONDS = 1 / 15
"""Of an alphabet's letters and blanks, at an ordinary pace: about 170 English words a minute."""
DIGIT_SECONDS = 0.25
"""A number is written shorter than it is said."""
SYLLABLE_SECONDS = ((0x3040, 0x30FF, 0.13), (0xAC00, 0xD7A3, 0.2))
"""Kana and Hangul: first and last character, seconds."""
IDEOGRAPH_SECONDS = 0.24
IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3134F))
LEAST_SHARE = 0.5
"""A sound that takes less of its expected time than this is not fast, it is cut off."""
NEAR_LIMIT = (-0.5, 1.0)
"""Seconds: a sound that ends just where the model's own limit is, did not end by itself."""
TOO_SHORT_TO_TELL = 1.5
"""Seconds: a word may be said fast or slowly."""

_CLOSERS = "[\"'”’»)\\]」』）】]*"
_STOPS, _COMMAS = ".!?…؟۔।॥", ",;:،；，、："
# A run of signs is tried from its first one alone: a row of them would take quadratic time.
_SENTENCE_END = re.compile(
    rf"(?<![{_STOPS}])[{_STOPS}]+{_CLOSERS}(?=\s)|[。！？｡]+{_CLOSERS}|\n[^\S\n]*\n\s*",
    re.MULTILINE,
)
_CLAUSE_END = re.compile(
    rf"(?<![{_COMMAS}])[{_COMMAS}]+{_CLOSERS}(?=\s)|[；，、：]|\s[–—-](?=\s)|\n"
)
_BLANK = re.compile(r"\s+")
_WORD_BEFORE = re.compile(r"[^\W_]+(?:\.[^\W_]+)*$")
_SHORTENED = (
    "adm al approx apr art aug ave bd bzw ca cap capt cf ch co col corp dec dept dipl dr eng esq "
    "est etc evtl feb fig fr gen geb gez ggf gov hr hrsg inc inkl ing jan jr jul jun kap lt ltd m "
    "maj max min mio mme mlle mr mrd mrs ms mt nov nr no nos oct okt op p pp prof rd rep resp rev "
    "s sep sept sen sgt sog sr sra st str tel usw u.a v vgl vol vs z.b e.g i.e d.h bzgl sta dra "
    "ee.uu u.s a.m p.m ph.d m.a b.a"
)
_ABBREVIATIONS = frozenset(_SHORTENED.split())
_SHORT_NUMBER = 2
"""Digits: "3. Mai" is a day; a longer number before a full stop ends its sentence."""
_JOINERS = "\u200d\ufe0e\ufe0f"

_Cut = Callable[[str, int, int], Iterator[int]]
"""Places between two positions of a text where it may be cut."""


class Seam(StrEnum):
    """What ends where a part ends."""

    SENTENCE = "sentence"
    CLAUSE = "clause"
    WORD = "word"


def split(text: str, longest: int, *, seconds: float = 0.0) -> tuple[str, ...]:
    """The text in as few parts as fit: `longest` characters each and, where given, `seconds`.

    Raises ValueError for a limit that nothing fits.
    """
    if longest < 1 or seconds < 0:
        raise ValueError("a limit that nothing fits")

    def fits(start: int, end: int) -> bool:
        part = text[start:end].strip()
        return len(part) <= longest and (not seconds or expected_seconds(part) <= seconds)

    parts: list[str] = []
    begun = end_of_part = 0
    for start, end in _pieces(text, 0, len(text), _CUTS, fits):
        if not fits(begun, end):
            parts.append(text[begun:end_of_part].strip())
            begun = start
        end_of_part = end
    parts.append(text[begun:].strip())
    return tuple(filter(None, parts))


def seams(text: str, parts: Sequence[str]) -> tuple[Seam, ...]:
    """What ends at each seam between two of the parts that `split` made of this text.

    Where the parts are not found in it, each is taken to end with a sentence.
    """
    sentences = set(_sentences(text, 0, len(text)))
    clauses = set(_clauses(text, 0, len(text)))
    found: list[Seam] = []
    end = 0
    for number, part in enumerate(parts):
        start = text.find(part, end)
        if start < 0:
            return (Seam.SENTENCE,) * (len(parts) - 1)
        if number:
            between = range(end, start + 1)
            ends_sentence = not sentences.isdisjoint(between)
            ends_clause = not clauses.isdisjoint(between)
            found.append(
                Seam.SENTENCE if ends_sentence else Seam.CLAUSE if ends_clause else Seam.WORD
            )
        end = start + len(part)
    return tuple(found)


def expected_seconds(text: str) -> float:
    """How long this text takes to say at an ordinary pace, roughly."""
    return sum(map(_seconds_of, text))


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


def _seconds_of(char: str) -> float:
    code = ord(char)
    if code < 0x3040:  # nearly all texts, and quickly
        return DIGIT_SECONDS if char.isdecimal() else LETTER_SECONDS
    for first, last, seconds in SYLLABLE_SECONDS:
        if first <= code <= last:
            return seconds
    if any(first <= code <= last for first, last in IDEOGRAPHS):
        return IDEOGRAPH_SECONDS
    return LETTER_SECONDS


def _pieces(
    text: str, start: int, end: int, cuts: tuple[_Cut, ...], fits: Callable[[int, int], bool]
) -> Iterator[tuple[int, int]]:
    """What fits, uncut as far as it goes: sentences, else clauses, else words, else letters."""
    if not cuts or fits(start, end):
        yield start, end
        return
    for cut in (*cuts[0](text, start, end), end):
        if start < cut:
            yield from _pieces(text, start, cut, cuts[1:], fits)
            start = cut


def _sentences(text: str, start: int, end: int) -> Iterator[int]:
    for found in _SENTENCE_END.finditer(text, start, end):
        if _ends_sentence(text, found):
            yield found.end()


def _ends_sentence(text: str, found: re.Match[str]) -> bool:
    """Told from an abbreviation, an initial, a day of the month, and speech that goes on."""
    mark = found[0]
    if mark.isspace() or mark[0] in "。！？｡":
        return True
    after = text[found.end() : found.end() + 80].lstrip()
    if after[:1].islower() or after[:1] in tuple(",;"):
        return False
    if not mark.startswith(".") or mark.startswith(".."):
        return True
    word = _WORD_BEFORE.search(text, max(0, found.start() - 40), found.start())
    if word is None:
        return True
    before = word[0].casefold()
    if before.isdecimal():
        return len(before) > _SHORT_NUMBER
    return len(before) > 1 and before not in _ABBREVIATIONS


def _clauses(text: str, start: int, end: int) -> Iterator[int]:
    return (found.end() for found in _CLAUSE_END.finditer(text, start, end))


def _words(text: str, start: int, end: int) -> Iterator[int]:
    return (found.end() for found in _BLANK.finditer(text, start, end))


def _letters(text: str, start: int, end: int) -> Iterator[int]:
    """Between any two characters that do not make one sign together."""
    for place in range(start + 1, end):
        char, before = text[place], text[place - 1]
        if not unicodedata.combining(char) and char not in _JOINERS and before != "\u200d":
            yield place


_CUTS: tuple[_Cut, ...] = (_sentences, _clauses, _words, _letters)
