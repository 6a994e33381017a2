"""Reads scripts from tables: which columns hold names, lines and pauses. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lib.scripts import MAX_PAUSE, MAX_SPEAKER, NARRATOR
from lib.studio.core.typed_text import one_line, several_lines
from lib.studio.scripts import wording
from lib.studio.scripts.drafts import Draft, DraftLine
from lib.studio.scripts.names import name_in

SEPARATORS = "\t;,|"
NAMES = (
    "speaker", "character", "name", "role", "who", "cast", "voice", "sprecher", "sprecherin",
    "figur", "rolle", "personaje", "hablante", "personnage", "locuteur", "personaggio",
    "personagem", "角色", "人物", "キャラクター", "話者", "персонаж", "роль",
)  # fmt: skip
TEXTS = (
    "text", "dialogue", "dialog", "says", "script", "sentence", "line", "texto", "texte", "testo",
    "satz", "zeile", "台词", "文本", "セリフ", "台詞", "текст", "реплика",
)  # fmt: skip
PAUSES = ("pause", "pauseafter", "pauses", "silence", "wait", "pausa", "停顿", "пауза")
"""How the columns of scripts are called, the surest word first."""
ROWS_LOOKED_AT = 50
_PAUSE = re.compile(r"(\d{1,5}(?:[.,]\d{1,3})?)\s*(ms|s|sec|secs|seconds?)?\.?", re.IGNORECASE)
_UNIT = re.compile(r"\(.*?\)|\[.*?\]")

Rows = Sequence[Sequence[str]]


def found(lines: Sequence[str]) -> Rows:
    """The rows of a pasted table; none where it is no table.

    A table has tabs or bars in most of its lines, or begins with the names of its columns: commas
    are in sentences, too.
    """
    filled = [line for line in lines if line.strip()]
    for sign, is_row in (("\t", _has_tab), ("|", _is_between_bars)):
        if sum(map(is_row, filled)) * 2 > len(filled) > 0:
            return _rows(lines, sign)
    for sign in SEPARATORS:
        header = [cell.strip(' "') for cell in filled[0].split(sign)] if filled else []
        if len(header) > 1 and {"name", "text"} <= _meanings(header).keys():
            return _rows(lines, sign)
    return ()


def parsed(lines: Sequence[str]) -> Rows:
    """The rows of a file that is a table, whatever stands between its cells."""
    filled = [line for line in lines if line.strip()][:ROWS_LOOKED_AT]
    best = max(SEPARATORS, key=lambda sign: (sum(sign in line for line in filled), sign != ","))
    return _rows(lines, best)


def read(rows: Rows, told: Iterable[str] = ()) -> Draft:
    """The lines of a table, with or without a header. `told` comes first in what is told."""
    return _Sheet([row for row in rows if any(map(str.strip, row))]).draft(told)


@dataclass
class _Sheet:
    """One reading of a table."""

    rows: Rows
    lines: list[DraftLine] = field(default_factory=list)
    nameless: int = 0
    silent: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    """Pauses that cannot be read, or are too long."""

    def draft(self, told: Iterable[str]) -> Draft:
        header = self.rows[0] if self.rows else ()
        columns = _meanings(header)
        has_header = "text" in columns
        rows = self.rows[1:] if has_header else self.rows
        if not has_header:
            columns = _by_content(rows)
        speaker = ""
        for row in rows:
            speaker = self._row(row, columns, speaker)
        unused = [
            one_line(cell)
            for at, cell in enumerate(header)
            if has_header and cell.strip() and at not in columns.values()
        ]
        return Draft(tuple(self.lines), (*told, *self._told(unused)))

    def _row(self, row: Sequence[str], columns: dict[str, int], before: str) -> str:
        """Read one row; returns who speaks it."""
        name = one_line(_cell(row, columns.get("name")))
        if len(name) > MAX_SPEAKER:
            self.cut.append(name)
        speaker = one_line(name, MAX_SPEAKER) or before
        text = several_lines(_cell(row, columns.get("text")))
        if not text:
            self.silent.append(name or _cell(row, 0) or NARRATOR)
            return speaker
        self.nameless += not name
        pause = self._pause(_cell(row, columns.get("pause")))
        self.lines.append(DraftLine(speaker or NARRATOR, text, pause))
        return speaker

    def _pause(self, cell: str) -> float | None:
        seconds = _seconds(cell) if cell else None
        if cell and seconds is None:
            self.odd.append(cell)
        return seconds

    def _told(self, unused: Sequence[str]) -> Iterator[str]:
        if self.nameless:
            yield wording.nameless_rows(self.nameless)
        if unused:
            yield wording.unread_columns(unused)
        if self.silent:
            yield wording.silent(self.silent)
        if self.cut:
            yield wording.names_cut(MAX_SPEAKER, self.cut)
        if self.odd:
            yield wording.unread_pauses(MAX_PAUSE, self.odd)


def _rows(lines: Sequence[str], sign: str) -> Rows:
    """Cells by a CSV reader; line by line where quotes do not close."""
    if sign == "|":
        cells = [line.strip().strip("|").split("|") for line in lines]
        return [row for row in cells if not all(re.fullmatch(r"\s*:?-*:?\s*", c) for c in row)]
    try:
        read_by = csv.reader(
            (f"{line}\n" for line in lines), delimiter=sign, skipinitialspace=True, strict=True
        )
        return list(read_by)
    except csv.Error:
        return [[cell.strip().strip('"') for cell in line.split(sign)] for line in lines]


def _has_tab(line: str) -> bool:
    return "\t" in line.strip()


def _is_between_bars(line: str) -> bool:
    bare = line.strip()
    return bare.startswith("|") and bare.endswith("|") and bare.count("|") > 1


def _meanings(header: Sequence[str]) -> dict[str, int]:
    """Which columns hold what, by what they are called."""
    called = ["".join(_UNIT.sub("", cell).casefold().split()) for cell in header]
    found: dict[str, int] = {}
    for what, words in (("text", TEXTS), ("name", NAMES), ("pause", PAUSES)):
        for word in words:
            if word in called and what not in found:
                found[what] = called.index(word)
    return found


def _by_content(rows: Rows) -> dict[str, int]:
    """The same by what is in them: the longest texts, and names in a column before or after."""
    looked_at = rows[:ROWS_LOOKED_AT]
    width = max(map(len, looked_at), default=0)
    columns = [[row[at].strip() for row in looked_at if at < len(row)] for at in range(width)]
    names = [sum(name_in(cell) is not None for cell in cells) for cells in columns]
    lengths = [sum(map(len, cells)) for cells in columns]
    text = max(range(width), key=lambda at: (lengths[at] and -names[at], lengths[at]), default=0)
    is_name = [
        at != text and names[at] * 2 > sum(map(bool, cells)) for at, cells in enumerate(columns)
    ]
    found = {"text": text}
    if any(is_name):
        found["name"] = is_name.index(True)
    numbers = [str(number) for number in range(1, len(looked_at) + 1)]
    for at, cells in enumerate(columns):
        filled = [cell for cell in cells if cell]
        is_pause = filled and all(_seconds(cell) is not None for cell in filled)
        if at > max(found.values()) and is_pause and cells != numbers:
            found["pause"] = at
            break
    return found


def _seconds(cell: str) -> float | None:
    """A pause as people write it: "1.5", "0,5 s", "300 ms"."""
    match = _PAUSE.fullmatch(cell)
    if match is None:
        return None
    number = float(match[1].replace(",", "."))
    seconds = number / 1_000 if (match[2] or "").lower() == "ms" else number
    return seconds if seconds <= MAX_PAUSE else None


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""
