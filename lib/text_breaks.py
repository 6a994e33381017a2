"""Where a text of any script may be cut: after sentences, after clauses, between words. Pure.

Built on Unicode's own properties (sentence terminals, grapheme clusters, line breaking), so that
no script needs a table here. What has to stay whole is never a place to cut: numbers, addresses,
marks of pauses, a sign of several characters, and whatever a closing sign belongs to.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from enum import IntEnum
from functools import cached_property
from itertools import takewhile

import regex

_STOP = r"[\p{Sentence_Terminal}\p{Sentence_Break=ATerm}…‥]"
_COMMA = rf"[[\p{{Terminal_Punctuation}}、､﹑]--{_STOP}]"
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}\p{Tibetan}\p{Line_Break=SA}]"
"""Scripts that write no blanks between words."""

_BLANK = r"[\s\x1c-\x1f]"
"""What `str.isspace` holds for."""

_STOPS = regex.compile(rf"(?V1)(?<!{_STOP}){_STOP}+")
_COMMAS = regex.compile(rf"(?V1)(?<!{_COMMA}){_COMMA}+")
_PARAGRAPH = regex.compile(r"\n[^\S\n]*\n")
_LINE_OR_DASH = regex.compile(r"\n|(?<=[^\S\n][–—―-])(?=\s)|(?<=[—―])(?=\p{Lo})")
_BLANKS = regex.compile(rf"{_BLANK}+")
_ONLY_BLANKS = regex.compile(rf"{_BLANK}*")
_BREAKING = regex.compile(r"[^\S\u00a0\u2007\u202f]")
_SIGN = regex.compile(r"\X")
_QUOTE_OR_LINE = regex.compile(r'["\n]')

_SEMICOLON = regex.compile("[;\u037e]")
_CASELESS_BEFORE = regex.compile(r"(?<=\p{Lo}\p{M}{0,4})")
_CASELESS = regex.compile(r"\p{Lo}")
_THAI_LIKE_BEFORE = regex.compile(r"(?<=\p{Line_Break=SA})")
_IDEOGRAPH_BEFORE = regex.compile(r"(?<=[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}])")
_GREEK_BEFORE = regex.compile(r"(?<=\p{Greek}\p{M}{0,4})")
_CLOSING = regex.compile(r"[\p{Pe}\p{Terminal_Punctuation}\p{Line_Break=CL}\p{Line_Break=EX}…‥%‰]")
_LEADING_STOPS = regex.compile(r"[.…‥]+")
_QUOTES = frozenset("\"'«»‹›‘’‛“”‟＂＇⸂⸃⸄⸅⸉⸊⸌⸍⸜⸝⸠⸡")
_MOSTLY_OPENING = frozenset("«‹“‘‛‟⸂⸄⸉⸌⸜⸠")
"""German closes with some of them."""
_BRACKET = regex.compile(r"\p{Pe}")
_OPENING = regex.compile(r"[\p{Ps}¿¡]")
_INSIDE_WORD = regex.compile(
    rf"(?V1)(?<=[\w--{_UNSPACED}]['’]?)(?=['’]?[\w--{_UNSPACED}])|(?<=\p{{Katakana}})(?=\p{{Katakana}})"
    r"|(?<=\p{Logical_Order_Exception})|(?=[\p{Indic_Syllabic_Category=Vowel_Dependent}ๆฯໆຯ])"
    r"|(?=[\p{Line_Break=NS}\p{Line_Break=CJ}])"
)
_WORD_STARTS = regex.compile(
    rf"(?V1)(?<=[\p{{Line_Break=BA}}\p{{Line_Break=B2}}\p{{Line_Break=HY}}\p{{Line_Break=ZW}}"
    rf"\p{{Terminal_Punctuation}}\p{{Pe}}/ๆໆ])|(?=[\p{{Logical_Order_Exception}}\p{{Ps}}\s])"
    rf"|(?<=\p{{Hiragana}})(?=[\p{{Han}}\p{{Katakana}}])"
    rf"|(?<={_UNSPACED})(?=[[\p{{L}}\p{{Nd}}]--{_UNSPACED}])"
    rf"|(?<=[\p{{L}}--{_UNSPACED}])(?={_UNSPACED})"
)

_PAUSE = r"<#\d{1,3}(?:\.\d{1,3})?#>"
_WHOLE = regex.compile(
    rf"(?<pause>{_PAUSE})|</?[A-Za-z][^<>\n]{{0,200}}>"
    r"|(?:https?://|ftp://|www\.)[!-~]*[A-Za-z0-9/=&_~#-]"
    r"|(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)*"
    r"|(?<![A-Za-z0-9_.-])[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)+(?:/(?:[!-~]*[A-Za-z0-9/=&_~#-])?)?"
    r"|\+\d[\d ()./-]{4,20}\d"
    r"|(?<!\d)\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3}){1,6}(?!\d)"
    r"|[\p{Sc}#№§]?\p{Nd}++(?:[.,:'’/٫٬．，：–-]\p{Nd}++){0,6}+(?:\s?[%‰°]|\p{Sc})?"
)
_PAUSES_AT_END = regex.compile(rf"(?:\s*{_PAUSE})+\s*$")

_LETTER = rf"[[\p{{L}}\p{{M}}\p{{Nd}}]--{_UNSPACED}]"
_WORD_BEFORE = regex.compile(rf"(?V1)(?:{_LETTER}+(?:\.{_LETTER}+)*|{_UNSPACED}+)$")
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
_SHORT_CASELESS = 1
_SHORT_THAI = 3
"""Letters of an abbreviation before a full stop: Thai ends no sentence with it."""
_SOFT = frozenset(".!?…‥")
"""Stops that stand inside sentences as well; those of other scripts do not."""


class Fitness(IntEnum):
    """How well a place between two signs does for a cut where no blank is."""

    TORN = 0
    """Before a closing sign, after an opening one, or inside a mark."""
    INSIDE = 1
    """Inside a word, a number or an address."""
    BETWEEN = 2
    """Between signs of a script that writes no blanks."""
    WORD = 3
    """Where a word most likely begins."""


class Breaks:
    """The places of one text. Each stands before blanks, never after them."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def sentences(self) -> list[int]:
        """After each sentence, also where a paragraph ends without a stop."""
        return self._sorted(self._said_to_end)

    @cached_property
    def clauses(self) -> list[int]:
        """After each clause, line and sentence."""
        return self._sorted(self._said_to_pause | self._said_to_end)

    @cached_property
    def words(self) -> list[int]:
        """Before each blank that may be cut at, and after each clause and sentence."""
        beside_pauses = (place for span in self._pauses for place in span)
        ends = self._said_to_pause | self._said_to_end
        return self._sorted(ends.union(self._word_ends(), beside_pauses), beside=True)

    def sentence_ends_at(self, place: int) -> bool:
        """Whether a sentence ends here, or just before marks of pauses that stand here."""
        return self._before_pauses(place) in self._said_to_end

    def clause_ends_at(self, place: int) -> bool:
        """The same for a clause."""
        return self._before_pauses(place) in self._said_to_pause

    def after_blanks(self, place: int) -> int:
        """Where what follows begins; a blank that carries an accent is none."""
        found = _ONLY_BLANKS.match(self._text, place)
        end = found.end() if found else place
        return end if end in self._signs or end == place else end - 1

    def fitness(self, place: int) -> Fitness | None:
        """How well it does for a cut; None after a blank, and within a sign of several parts."""
        text = self._text
        if place not in self._signs or text[place - 1].isspace():
            return None
        if self._is_closing(place) or self._is_opening(place - 1) or _spans(self._pauses, place):
            return Fitness.TORN
        if _spans(self._whole, place) or _INSIDE_WORD.match(text, place):
            return Fitness.INSIDE
        return Fitness.WORD if _WORD_STARTS.match(text, place) else Fitness.BETWEEN

    # --- what is known of the whole text ------------------------------------------------------

    @cached_property
    def _signs(self) -> frozenset[int]:
        """Between all that a reader sees as one sign (Unicode's grapheme clusters)."""
        return frozenset((0, *(found.end() for found in _SIGN.finditer(self._text))))

    @cached_property
    def _whole(self) -> list[tuple[int, int]]:
        """Numbers, addresses and marks of pauses: first place and last."""
        return [found.span() for found in _WHOLE.finditer(self._text)]

    @cached_property
    def _pauses(self) -> list[tuple[int, int]]:
        return [found.span() for found in _WHOLE.finditer(self._text) if found["pause"]]

    @cached_property
    def _said_to_end(self) -> frozenset[int]:
        return frozenset(self._sentence_ends())

    @cached_property
    def _said_to_pause(self) -> frozenset[int]:
        return frozenset(self._clause_ends())

    @cached_property
    def _closing_quotes(self) -> frozenset[int]:
        """Every second straight quote of a line closes."""
        closing, is_open = [], False
        for found in _QUOTE_OR_LINE.finditer(self._text):
            if found[0] == "\n":
                is_open = False
                continue
            if is_open:
                closing.append(found.start())
            is_open = not is_open
        return frozenset(closing)

    def _sorted(self, places: frozenset[int], *, beside: bool = False) -> list[int]:
        """The places that may be cut at. `beside`: also those beside a mark of a pause, which has
        to stand between two texts.
        """
        return sorted(
            place
            for place in places & self._signs
            if not _spans(self._whole, place)
            and not self._is_closing(place)
            and not self._is_opening(place - 1)
            and (beside or not self._is_beside_pause(place))
        )

    def _is_beside_pause(self, place: int) -> bool:
        if not self._pauses:
            return False
        following = self.after_blanks(place)
        return any(
            start in (place, following) or end == place
            for start, end in _around(self._pauses, following)
        )

    def _before_pauses(self, place: int) -> int:
        found = _PAUSES_AT_END.search(self._text, max(0, place - 200), place)
        return found.start() if found else place

    # --- sentences, clauses, words ------------------------------------------------------------

    def _sentence_ends(self) -> Iterator[int]:
        for found in _STOPS.finditer(self._text):
            end = self._after_closing(found.end())
            if self._ends_sentence(found[0], found.start(), end):
                yield end
        for found in _SEMICOLON.finditer(self._text):  # Greek asks with it
            if _GREEK_BEFORE.match(self._text, found.start()):
                yield self._after_closing(found.end())
        for found in _PARAGRAPH.finditer(self._text):
            yield found.start()

    def _ends_sentence(self, mark: str, start: int, end: int) -> bool:
        """Told from an abbreviation, an initial, a day of the month, and speech that goes on."""
        text = self._text
        before, after = text[start - 1 : start], text[end : end + 1]
        if before.isdecimal() and after.isdecimal():
            return False
        if not _SOFT.issuperset(mark):
            return True
        if not after or after.isspace():
            follows = text[self.after_blanks(end) :][:1] if after else ""
            if follows.islower() or follows in tuple(",;"):
                return False
        elif _CASELESS_BEFORE.match(text, start) or _CASELESS.match(after):
            if after.islower():
                return False
        elif mark[0] not in "!?" or not after.isupper():
            return False
        return mark != "." or not self._is_abbreviated(start)

    def _is_abbreviated(self, stop: int) -> bool:
        """Whether an abbreviation, an initial or a short number stands before this full stop."""
        found = _WORD_BEFORE.search(self._text, max(0, stop - 40), stop)
        if found is None:
            return False
        word = found[0].casefold()
        if word.isdecimal():
            return len(word) <= _SHORT_NUMBER
        if _IDEOGRAPH_BEFORE.match(self._text, stop):
            return False
        if _CASELESS_BEFORE.match(self._text, stop):
            is_thai_like = _THAI_LIKE_BEFORE.match(self._text, stop)
            letters = len(_CASELESS.findall(word.rpartition(".")[2]))
            return letters <= (_SHORT_THAI if is_thai_like else _SHORT_CASELESS)
        return len(word) <= 1 or word in _ABBREVIATIONS

    def _clause_ends(self) -> Iterator[int]:
        text = self._text
        for found in _COMMAS.finditer(text):
            end = self._after_closing(found.end())
            after = text[end : end + 1]
            is_other = not found[0].isascii() or _CASELESS.match(after)
            if (
                not after
                or after.isspace()
                or is_other
                or _CASELESS_BEFORE.match(text, found.start())
            ):
                yield end
        for found in _STOPS.finditer(text):
            end = self._after_closing(found.end())
            if found[0] != "." and text[end : end + 1].isspace():
                yield end
        for found in _LINE_OR_DASH.finditer(text):
            yield found.start()

    def _word_ends(self) -> Iterator[int]:
        for found in _BLANKS.finditer(self._text):
            start = found.start()
            is_inside = self._text[start - 1 : start] == "." and start not in self._said_to_end
            if _BREAKING.search(found[0]) and not is_inside:
                yield start

    # --- signs that belong to what stands before or after them ---------------------------------

    def _after_closing(self, place: int) -> int:
        """After quotes and brackets that close here."""
        text = self._text
        while place < len(text) and (_BRACKET.match(text, place) or self._is_quoted(place)):
            place += 1
        return place

    def _is_quoted(self, place: int) -> bool:
        text = self._text
        return text[place] in _QUOTES and self._is_closing_quote(place, text[place - 1 : place])

    def _is_closing(self, place: int) -> bool:
        """Whether what stands here, after blanks, belongs to what is before them."""
        text, at = self._text, self.after_blanks(place)
        sign = text[at : at + 1]
        before = text[at - 1 : at] if at else ""
        if sign in _QUOTES and sign:
            return self._is_closing_quote(at, before)
        if not _CLOSING.match(sign):
            return False
        if sign in ".…‥" and (not before or before.isspace()):  # ".NET", "…and then"
            begins = _LEADING_STOPS.match(text, at)
            after = text[begins.end() : begins.end() + 1] if begins else ""
            return not after or after.isspace()
        return True

    def _is_closing_quote(self, at: int, before: str) -> bool:
        """Whether this quote closes: languages open and close with the same ones."""
        sign, after = self._text[at], self._text[at + 1 : at + 2]
        ends = not after or after.isspace() or bool(_CLOSING.match(after))
        if before and _OPENING.match(before):
            return False
        if not before or before.isspace():  # French spaces its quotes
            return ends and sign not in _MOSTLY_OPENING
        if sign in '"＂':
            return ends or at in self._closing_quotes
        return ends or sign not in _MOSTLY_OPENING

    def _is_opening(self, at: int) -> bool:
        """Whether what stands here, before blanks, belongs to what follows."""
        text = self._text
        while at >= 0 and text[at].isspace():
            at -= 1
        if at < 0:
            return False
        if text[at] in _QUOTES:
            before = text[at - 1 : at] if at else ""
            return (not before or before.isspace()) and not self._is_closing_quote(at, before)
        return bool(_OPENING.match(text[at]))


def beginning(text: str, longest: int) -> str:
    """As many whole signs of a text as fit; a single one that is too long is cut."""
    if len(text) <= longest:
        return text
    ends = takewhile(lambda end: end <= longest, (f.end() for f in _SIGN.finditer(text)))
    return text[: max(ends, default=longest)]


def _spans(spans: list[tuple[int, int]], place: int) -> bool:
    """Whether this place is inside one of the spans, which are in order."""
    at = bisect_left(spans, (place,)) - 1
    return at >= 0 and spans[at][0] < place < spans[at][1]


def _around(spans: list[tuple[int, int]], place: int) -> list[tuple[int, int]]:
    at = bisect_left(spans, (place,))
    return spans[max(at - 1, 0) : at + 2]
