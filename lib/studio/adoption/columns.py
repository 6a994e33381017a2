"""What the columns of a list hold: by a header that programs write, else by their content. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lib.studio.adoption.cells import (
    Column,
    clean_id,
    exactness,
    is_id,
    kind_and_service,
    labelled,
    meaning,
)
from lib.studio.adoption.moments import is_date
from lib.studio.adoption.tables import Row, Table
from lib.studio.core.typed_text import MAX_NAME

ROWS_LOOKED_AT = 100
"""Rows that tell what their columns hold."""


@dataclass(frozen=True)
class Layout:
    """How a table is laid out.

    `above`: the rows before the voices, of which the last is the header. `columns`: what each one
    holds. `is_strict`: each row is read by its columns, because they have a header or were chosen;
    else a row that differs is read by what its cells look like.
    """

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    above: tuple[Row, ...] = ()
    is_strict: bool = False

    @property
    def header(self) -> Row | None:
        return self.above[-1] if self.above else None


def find_layout(
    table: Table, *, has_header: bool | None = None, chosen: Sequence[Column] = ()
) -> Layout:
    """The layout of a table. `has_header` and `chosen` are a person's; the rest is found."""
    count = _rows_above(table)
    if has_header is not None:
        count = max(count, 1) if has_header else 0
    above, rows = table.rows[:count], table.rows[count:]
    # Exports that were put behind each other bring their header again.
    rows = tuple(row for row in rows if row.cells not in [each.cells for each in above])
    if len(chosen) == table.width and chosen:
        return Layout(rows, tuple(chosen), above, is_strict=True)
    names = [above[-1].cell(at) if above else "" for at in range(table.width)]
    return Layout(rows, _columns(rows, names), above, is_strict=bool(above))


def _rows_above(table: Table) -> int:
    """How many rows stand above the voices: titles in a cell of their own, and a header."""
    rows = table.rows
    wide = sum(_filled(row) > 1 for row in rows) > len(rows) / 2
    titles = 0
    while wide and titles < len(rows) - 1 and _is_title(rows[titles]):
        titles += 1
    first = rows[titles] if rows else Row(1, ())
    is_header = _names_id(first) or (
        not _has_id(first)
        and not any(is_date(cell) for cell in first.cells)
        and any(_has_id(row) for row in rows[titles + 1 : titles + 1 + ROWS_LOOKED_AT])
    )
    return titles + is_header


def _names_id(row: Row) -> bool:
    """Whether a row is a header as programs write it."""
    plain = all(not cell or re.fullmatch(r"[\w /-]{1,40}", cell) for cell in row.cells)
    return plain and any(meaning(cell) is Column.ID for cell in row.cells)


def _is_title(row: Row) -> bool:
    return _filled(row) == 1 and not _has_id(row)


def _filled(row: Row) -> int:
    return sum(map(bool, row.cells))


def _has_id(row: Row) -> bool:
    return any(is_id(clean_id(cell)) for cell in row.cells)


def _columns(rows: Sequence[Row], names: Sequence[str]) -> tuple[Column, ...]:
    """What each column holds; `names`: those in the header, "" where there is none."""
    seen, has_header = rows[:ROWS_LOOKED_AT], any(names)
    cells = [[row.cells[at] for row in seen if row.cell(at)] for at in range(len(names))]
    found = [meaning(name) for name in names]
    _place_ids(found, names, seen)
    for at, column in enumerate(found):
        if not column:
            found[at] = _by_content(cells[at])
    free = [at for at, column in enumerate(found) if not column and any(map(_is_text, cells[at]))]
    if free and Column.NAME not in found:
        # In a table names differ from row to row; a pasted line has its name first.
        best = max(free, key=lambda at: len(set(cells[at]))) if has_header else free[0]
        found[best] = Column.NAME
        free.remove(best)
    if not has_header and Column.TAGS not in found:
        for at in free:
            found[at] = Column.TAGS
    return tuple(found)


def _place_ids(found: list[Column], names: Sequence[str], rows: Sequence[Row]) -> None:
    """Mark the columns of the IDs: those that are named so and have some, else the one with most.

    Of two in one row the one with the more exact name counts; a column that is only named so, as
    one of row numbers is, gives way.
    """
    ids = [{row.number: clean_id(row.cell(at)) for row in rows} for at in range(len(found))]
    holding = [{number for number, name in each.items() if is_id(name)} for each in ids]
    named = [at for at, column in enumerate(found) if column is Column.ID]
    placed: list[int] = []
    for at in sorted(named, key=lambda at: exactness(names[at])):
        if holding[at] and not any(holding[at] & holding[other] for other in placed):
            placed.append(at)
    unnamed = [at for at, column in enumerate(found) if not column]
    if not placed and unnamed:
        most = max(unnamed, key=lambda at: len({ids[at][number] for number in holding[at]}))
        placed = [most] if holding[most] or not named else named
    for at in named:
        found[at] = Column.UNUSED
    for at in placed or named:
        found[at] = Column.ID


def _by_content(cells: Sequence[str]) -> Column:
    """What most cells of a column look like."""

    def most(looks: Callable[[str], bool]) -> bool:
        return bool(cells) and sum(map(looks, cells)) * 2 > len(cells)

    if most(is_date):
        return Column.MADE
    if most(lambda cell: any(kind_and_service(cell))):
        return Column.KIND
    return Column.UNUSED


def _is_text(cell: str) -> bool:
    """Whether it may be a name: some letter, and not as long as a text."""
    return any(char.isalpha() for char in cell) and len(cell) <= MAX_NAME and not labelled(cell)[0]
