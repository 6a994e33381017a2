"""Reads a text line by line: who speaks, what is said, and what nobody speaks. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lib.scripts import NARRATOR
from lib.studio.core.typed_text import several_lines
from lib.studio.scripts import wording
from lib.studio.scripts.drafts import Draft, DraftLine
from lib.studio.scripts.names import Named, are_meant, cue, named

_TECHNICAL = re.compile(
    r"(?:v\.?\s?o|o\.?\s?[sc]|cont['’]?d|continued|off|voice[ -]?over)\.?", re.IGNORECASE
)
"""What screenplays say beside a name of where the voice comes from: nobody misses it."""
_TITLE_PAGE = re.compile(
    r"(?:title|credit|authors?|source|(?:draft )?date|contact|copyright|notes|revision|format)\s*:",
    re.IGNORECASE,
)
"""What the first lines of a screenplay may say of it, the title first."""
_CENTRED = re.compile(r">.*<")
_RULE = re.compile(r"[-=_*~#.·•\s]{3,}")
_HEADING = re.compile(
    r"#{1,6}\s|(?:INT|EXT|EST|INT\.?/EXT|I/E)[. ]|WEBVTT\b|NOTE\s*$"
    r"|(?:scene|act|chapter|szene|akt|kapitel|escena|acto|scène|acte|scena|atto)\s+"
    r"(?:\d{1,3}|[ivxlc]{1,7}|one|two|three|four|five)\b(?=\s*$|\s*[:.–—-])",
    re.IGNORECASE,
)
_TRANSITION = re.compile(r"(?:FADE|CUT|DISSOLVE|SMASH|MATCH|JUMP)\b[^a-z]{0,30}")
_TIMES = re.compile(r"[\d:.,]{4,12}\s*-->\s*[\d:.,]{4,12}.*")
"""Of subtitles."""


def read(lines: Sequence[str]) -> Draft:
    """The lines of a text. `told` names whatever was left out, and what names nobody."""
    return _Reader([line.strip() for line in lines]).draft()


@dataclass
class _Reader:
    """One reading of a text."""

    raw: Sequence[str]
    said: list[tuple[str, list[str]]] = field(default_factory=list)
    """Each speaker with what they say, in rows."""
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    """Names beside which nothing stands to be said."""
    nameless: int = 0
    spelt: dict[str, str] = field(default_factory=dict)
    """By its key, how each name was written first."""

    def draft(self) -> Draft:
        begin = _after_title_page(self.raw)
        self.is_left_out = [
            bool(line) and (at < begin or _is_left_out(self.raw, at))
            for at, line in enumerate(self.raw)
        ]
        found = [
            None if left_out else named(line)
            for line, left_out in zip(self.raw, self.is_left_out, strict=True)
        ]
        filled = sum(bool(line) for line in self.raw) - sum(self.is_left_out)
        keys = are_meant(found, filled)
        self._read([one if one and one.key in keys else None for one in found])
        return Draft(tuple(self._lines()), tuple(self._told()))

    def _read(self, found: Sequence[Named | None]) -> None:
        speaker, waiting = "", ""
        is_screenplay, begins, goes_on = False, True, False
        for at, line in enumerate(self.raw):
            following = self.raw[at + 1] if at + 1 < len(self.raw) else ""
            above = begins and not waiting and not found[at]
            if not line:
                begins, goes_on = True, False
                continue
            if self.is_left_out[at]:
                self.left_out.append(line)
            elif its := found[at] or (cue(line, following) if above else None):
                is_screenplay |= found[at] is None
                self.silent += [waiting] if waiting else []
                speaker, waiting, goes_on = self._called(its), "", False
                if its.text:
                    self.said.append((speaker, [its.text]))
                else:
                    waiting = speaker
            elif goes_on:  # more of what is said below a name of its own
                self.said[-1][1].append(line)
            elif waiting:
                self.said.append((waiting, [line]))
                waiting, goes_on = "", True
            else:
                speaker = "" if is_screenplay and begins else speaker
                self.nameless += 1
                self.said.append((speaker or NARRATOR, [line]))
            begins = False
        self.silent += [waiting] if waiting else []

    def _called(self, its: Named) -> str:
        if its.note and not _TECHNICAL.fullmatch(its.note.strip()):
            self.notes.append(its.note)
        return self.spelt.setdefault(its.key, its.name)

    def _lines(self) -> Iterator[DraftLine]:
        for speaker, rows in self.said:
            if text := several_lines("\n".join(rows)):
                yield DraftLine(speaker, text)
            else:
                self.silent.append(speaker)

    def _told(self) -> Iterator[str]:
        if self.nameless:
            yield wording.nameless_lines(self.nameless)
        if self.left_out:
            yield wording.left_out(self.left_out)
        if self.notes:
            yield wording.notes_left_out(self.notes)
        if self.silent:
            yield wording.silent(self.silent)


def _after_title_page(lines: Sequence[str]) -> int:
    """Where a screenplay begins after what is said of it."""
    first = next((at for at, line in enumerate(lines) if line), 0)
    if not lines or not lines[first].lower().startswith("title:"):
        return 0
    rest = (at for at in range(first, len(lines)) if not _TITLE_PAGE.match(lines[at]))
    return next(rest, len(lines))


def _is_left_out(lines: Sequence[str], at: int) -> bool:
    """Whether a line is a heading, a rule, or a time or a number of subtitles."""
    line = lines[at]
    if line.isdecimal() and at + 1 < len(lines):
        return _TIMES.fullmatch(lines[at + 1]) is not None
    return any(
        pattern.fullmatch(line) for pattern in (_RULE, _TRANSITION, _TIMES, _CENTRED)
    ) or bool(_HEADING.match(line))
