"""Tells the name of a speaker from the beginning of a sentence. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from lib.scripts import MAX_SPEAKER
from lib.studio.core.typed_text import one_line

MOST_WORDS = 4
_TIME = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?(?:\s?[AaPp]\.?[Mm]\.?)?"
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s+"
_BEFORE = re.compile(
    rf"^(?:>\s*|[-*+•‣◦–—]\s+|\d{{1,3}}[.)]\s+|\[(?:{_DATE})?{_TIME}\]\s*[-–—]?\s*"
    rf"|\((?:{_DATE})?{_TIME}\)\s*|(?:{_DATE})?{_TIME}\s+(?:[-–—]\s+)?)"
)
"""What lists, quotations and chats have before a name."""
_NAMED = re.compile(r"(?P<name>[^:：﹕\n]{1,120}?)\s*[:：﹕]")
_LOOSE = (
    re.compile(r"(?P<name>[^:：\n–—-]{2,60}?)\s+[-–—]\s+(?=\S)"),
    re.compile(r"(?P<name>[^:：.\n]{2,60})\.\s+(?=\S)"),
)
"""How plays name speakers without a colon: in capitals before a dash or a full stop. Sentences
begin like this, too.
"""
_BEFORE_QUOTES = re.compile(r"(?P<name>[^\s「」『』]{1,20})[「『](?P<text>.*)[」』]", re.DOTALL)
"""How Japanese scripts do it."""
LOOKED_AT = 250
"""Characters at the beginning of a line: whatever names there are stand there."""
_QUOTED = re.compile(r"""["'](?P<a>.*)["']|[“„](?P<b>.*)[”“]|[«»](?P<c>.*)[«»]""")
_NOTE = re.compile(r"(?P<name>[^()\[\]（）]*)[(\[（](?P<note>[^()\[\]（）]*)[)\]）]")
_NO_NAME = re.compile(
    r"""[!?…,;"“”„«»<>{}|\\=@。、！？，]|\w{5,}\.|\.\w{5,}|\.$|(?<!\w)['‘’]|['‘’](?!\w)"""
)
"""What names do not have; a full stop stands only after something short, as in "Dr. Bell"."""
_OF_NAMES = "a and da de del della den der di do du e et la le of the und van von y zu"
_SMALL = frozenset(_OF_NAMES.split())
"""Words within names that are not capitalised."""
_MARKS = "*_`~"


@dataclass(frozen=True)
class Named:
    """A line that may begin with a name. `note`: what stands in brackets beside the name.

    `is_loose`: there is no colon, so that it is a name only if most lines begin with one.
    """

    name: str
    text: str = ""
    note: str = ""
    is_loose: bool = False

    @property
    def key(self) -> str:
        """The same for a name however it is capitalised."""
        return self.name.casefold()


def named(line: str) -> Named | None:
    """What has the form of a name at the beginning, and what is said; None where nothing has."""
    without = line[_end_of(_BEFORE, line) :]
    for text in dict.fromkeys((without, line)):
        found = _NAMED.match(text[:LOOKED_AT])
        name = found and name_in(found["name"])
        if not (found and name):
            continue
        said = text[found.end() :]
        is_time = said[:1].isdecimal() and found["name"][-1:].isdecimal()
        if said.startswith("//") or is_time:
            continue
        opened = found["name"].lstrip().startswith(tuple(_MARKS))
        if opened and not found["name"].endswith(tuple(_MARKS)):  # they close behind the colon
            said = said.lstrip(_MARKS)
        return replace(name, text=said.strip())
    return _loosely_named(line)


def _loosely_named(line: str) -> Named | None:
    """The same without a colon, for a name in capitals, or of a script that has none."""
    quoted = _BEFORE_QUOTES.fullmatch(line)
    found = quoted or next(filter(None, (form.match(line[:LOOKED_AT]) for form in _LOOSE)), None)
    name = found and name_in(found["name"])
    if not (found and name) or name.name.upper() != name.name:
        return None
    said = quoted["text"] if quoted else line[found.end() :]
    return replace(name, text=said.strip(), is_loose=True)


def _end_of(pattern: re.Pattern[str], line: str) -> int:
    found = pattern.match(line[:LOOKED_AT])
    return found.end() if found else 0


def cue(line: str, following: str) -> Named | None:
    """The name that stands alone above what it says, as in a screenplay: in capitals."""
    forced = line.startswith("@")
    found = name_in(line.removeprefix("@").removesuffix("^"))
    if not found or not following:
        return None
    shouted = found.name.isupper() and not line.rstrip(_MARKS).endswith((".", ":"))
    is_name = forced or (shouted and not (following.isupper() and name_in(following)))
    return found if is_name else None


def name_in(text: str) -> Named | None:
    """A text as a name, if it has the form of one: short, some letters, no signs of a sentence."""
    bare = text.strip().strip(_MARKS).strip()
    note = ""
    if found := _NOTE.fullmatch(bare):
        bare, note = found["name"].strip().strip(_MARKS).strip(), found["note"]
    if quoted := _QUOTED.fullmatch(bare):
        bare = next(filter(None, quoted.groups()), "")
    name = one_line(bare)
    if not name or len(name) > MAX_SPEAKER or len(name.split()) > MOST_WORDS:
        return None
    if _NO_NAME.search(name) or not any(char.isalpha() for char in name):
        return None
    return Named(name, note=note)


def are_meant(found: Sequence[Named | None], filled: int) -> Collection[str]:
    """The keys of what are names among these, of a text with so many `filled` lines.

    Names are capitalised, where the script has capitals. Others count where most lines of the text
    begin with some name and this one comes back, or where all do; those without a colon, where no
    line has one.
    """
    named_ones = [one for one in found if one]
    firm = [one for one in named_ones if not one.is_loose]
    counts = Counter(one.key for one in firm or named_ones)
    share = counts.total() / filled if filled else 0.0
    return {
        one.key
        for one in firm or named_ones
        if (_is_capitalised(one.name) and not one.is_loose)
        or share == 1
        or (share >= 0.5 and counts[one.key] > 1)
    }


def _is_capitalised(name: str) -> bool:
    first, *others = re.findall(r"[^\W_][\w'’.]*", name) or [name]
    return not first[0].islower() and all(
        not word[0].islower() or word in _SMALL for word in others
    )
