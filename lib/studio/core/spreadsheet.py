"""Tables to take along: a CSV that spreadsheets open as it is, whatever strangers wrote in it."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

MEDIA_TYPE = "text/csv"
_FORMULAS = frozenset("=+-@\N{MINUS SIGN}")
"""What a cell begins with that spreadsheets compute; wide and small forms count as these."""
_STARTS = ("\t", "\r", "\n")
"""What may lead into a cell of its own."""

Cell = str | int | Decimal | datetime | None


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV with these columns. Texts that a spreadsheet would compute begin with an apostrophe
    there; moments are in UTC.
    """
    target = io.StringIO(newline="")
    lines = csv.writer(target)
    lines.writerow(columns)
    lines.writerows([_written(cell) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")  # without its mark Excel reads another encoding


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return _harmless(cell) if isinstance(cell, str) else str(cell)


def _harmless(text: str) -> str:
    """A text that no spreadsheet computes: people are called whatever they like."""
    first = next((char for char in text if not _is_unseen(char)), "")
    is_formula = unicodedata.normalize("NFKC", first)[:1] in _FORMULAS if first else False
    return f"'{text}" if is_formula or text.startswith(_STARTS) else text


def _is_unseen(char: str) -> bool:
    """A blank, or a sign that takes no room: spreadsheets may look past it."""
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf")
