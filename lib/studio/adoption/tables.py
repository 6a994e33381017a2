"""Rows of cells from a text: by a CSV reader, and line by line where that finds nothing. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from lib.studio.adoption.cells import clean_id, is_id, parts_of_line
from lib.studio.adoption.wording import Reason, sentence, too_many_columns

MAX_CHARS = 1_000_000
MAX_ROWS = 10_000
MAX_COLUMNS = 30
MAX_LINES = 20_000
"""With the line breaks inside of cells."""
MAX_BREAKS = 200
"""Lines that one row may have, because its cells hold line breaks."""
ROWS_SAMPLED = 20
"""How many filled rows are sampled to find the separator of a list."""
SEPARATORS = "\t;,|，；｜"
_SEPARATOR_LINE = re.compile(r'"?sep=(?P<sign>[^"\w])"?(?P=sign)*', re.IGNORECASE)
_RULE = re.compile(r"[:=_+-]{2,}|[-–—]+")


class BadList(Exception):
    """A list that cannot be taken as a whole; `str()` is a sentence."""


@dataclass(frozen=True)
class Row:
    """One row with the number of its first line."""

    number: int
    cells: tuple[str, ...] = field(repr=False)

    def cell(self, index: int) -> str:
        return self.cells[index] if index < len(self.cells) else ""


@dataclass(frozen=True)
class Table:
    """The filled rows of a list. `separator`: what stands between cells, "" for lines."""

    rows: tuple[Row, ...]
    separator: str = ""

    @property
    def width(self) -> int:
        return max((len(row.cells) for row in self.rows), default=0)


def from_text(text: str) -> Table:
    """The rows of a text. Raises `BadList` if it is too long."""
    if len(text) > MAX_CHARS:
        raise BadList(sentence(Reason.LIST_TOO_LONG))
    text = text.replace("\ufeff", "").replace("\0", "")
    lines = re.split(r"\r\n|[\n\r\u2028\u2029\x85]", text)
    if len(lines) > MAX_LINES:
        raise BadList(sentence(Reason.LIST_TOO_LONG))
    separator = _named_separator(lines) or _found_separator(lines)
    if separator:
        return table(_records(lines, separator), separator)
    return table((n, parts_of_line(line)) for n, line in enumerate(lines, start=1))


def table(
    rows: Iterable[tuple[int, Sequence[str]]], separator: str = "", *, at_most: int = MAX_ROWS
) -> Table:
    """The rows that hold something, without the rules that people draw. Raises `BadList`."""
    found: list[Row] = []
    for number, cells in rows:
        row = _row(number, cells)
        if any(cell and not _RULE.fullmatch(cell) for cell in row.cells):
            found.append(row)
        if len(found) > at_most:
            raise BadList(sentence(Reason.LIST_TOO_LONG))
    # What stands between bars has an empty cell on either side.
    first = min((_leading(row) for row in found), default=0)
    cut = Table(tuple(Row(row.number, row.cells[first:]) for row in found), separator)
    if cut.width > MAX_COLUMNS:
        raise BadList(too_many_columns(cut.width, MAX_COLUMNS))
    return cut


def _row(number: int, cells: Sequence[str]) -> Row:
    stripped = [cell.strip() for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return Row(number, tuple(stripped))


def _leading(row: Row) -> int:
    return next((at for at, cell in enumerate(row.cells) if cell), 0)


def _named_separator(lines: list[str]) -> str:
    """What Excel's own first line names, which is no part of the list and is emptied."""
    for number, line in enumerate(lines):
        if found := _SEPARATOR_LINE.fullmatch(line.strip(" ")):
            lines[number] = ""
            return found["sign"]
        if line.strip():
            break
    return ""


def _found_separator(lines: Sequence[str]) -> str:
    """The sign that leaves most IDs alone in their cells; "" where whole lines have more."""
    sample = _sampled(lines)
    text = "".join(sample)
    counts = {sign: _counts(sample, sign) for sign in SEPARATORS if sign in text}
    counts = {sign: count for sign, count in counts.items() if count[1]}
    best = max(counts, key=lambda sign: counts[sign], default="")
    by_line = sum(is_id(parts_of_line(line)[0]) for line in sample)
    return best if best and counts[best][0] >= by_line else ""


def _counts(sample: Sequence[str], separator: str) -> tuple[int, int, bool]:
    """In how many rows an ID stands alone between these signs, how many rows they part, and whether
    each quote ends where a cell does.
    """
    rows = [cells[:MAX_COLUMNS] for _, cells in _records(sample, separator)]
    ids = sum(any(is_id(clean_id(cell)) for cell in cells) for cells in rows)
    parted = sum(sum(map(bool, cells)) > 1 for cells in rows)
    try:
        list(
            csv.reader(
                (f"{line}\n" for line in sample),
                delimiter=separator,
                skipinitialspace=True,
                strict=True,
            )
        )
    except csv.Error:
        return ids, parted, False
    return ids, parted, True


def _sampled(lines: Sequence[str]) -> list[str]:
    """The first lines, as far as they are enough rows."""
    found, filled = [], 0
    for line in lines:
        found.append(line)
        filled += bool(line.strip())
        if filled >= ROWS_SAMPLED:
            break
    return found


def _records(lines: Sequence[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its first line. A quote that is never closed, or closed in
    another row, swallows no voice: its line is read by itself.
    """
    at = 0
    while at < len(lines):
        cells, used = _record(lines, at, separator)
        yield at + 1, cells
        at += used


def _record(lines: Sequence[str], at: int, separator: str) -> tuple[list[str], int]:
    """The cells of the row that begins at this line, and how many lines it has."""
    if '"' not in lines[at]:
        return lines[at].split(separator), 1
    ahead = (f"{line}\n" for line in islice(lines, at, at + MAX_BREAKS))
    reader = csv.reader(ahead, delimiter=separator, skipinitialspace=separator != " ", strict=True)
    try:
        cells = next(reader, [])
    except csv.Error:
        return _of_one_line(lines[at], separator), 1
    further = (line for cell in cells for line in cell.split("\n")[1:])
    if any(_begins_row(line, separator) for line in further):
        return _of_one_line(lines[at], separator), 1
    return cells, reader.line_num


def _of_one_line(line: str, separator: str) -> list[str]:
    reader = csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True)
    try:
        return next(reader, [])
    except csv.Error:
        return [cell.strip().strip('"') for cell in line.split(separator)]


def _begins_row(line: str, separator: str) -> bool:
    """Whether a line is a voice of its own: an ID stands alone in one of its first cells."""
    cells = _of_one_line(line, separator)
    return len(cells) > 1 and any(is_id(clean_id(cell)) for cell in cells[:3])
