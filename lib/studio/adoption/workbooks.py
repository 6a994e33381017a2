"""Rows of cells from an Excel file, read within bounds. Pure.

openpyxl reads values alone (no formula, link or macro is followed), and reads XML with defusedxml.
What a file says of its unpacked size is what it may unpack to: `zipfile` reads no more.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from lib.studio.adoption.cells import clean_id, is_id
from lib.studio.adoption.columns import ROWS_LOOKED_AT
from lib.studio.adoption.tables import MAX_COLUMNS, BadList, Table, table
from lib.studio.adoption.wording import Reason, sentence

MAX_BYTES = 5_000_000
MAX_UNPACKED = 10_000_000
MAX_PARTS = 500
MAX_SHEETS = 20
MAX_ROWS = 1_000
MAX_BLANK_ROWS = 1_000
"""Where so many rows are empty, a sheet is over."""
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Workbook:
    """One sheet of a workbook, and the names of all that hold something."""

    table: Table
    sheet: str
    sheets: tuple[str, ...]


def is_workbook(data: bytes) -> bool:
    """Whether these are the bytes of a workbook, of whatever age and name."""
    return data.startswith((_ZIP, _OLE))


def read_workbook(data: bytes, sheet: str = "") -> Workbook:
    """Read the sheet of this name, else the first one with an ID in it.

    Raises `BadList` for what is no `.xlsx`, or is too large.
    """
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise BadList(sentence(Reason.WORKBOOK_LOCKED))
        raise BadList(sentence(Reason.WORKBOOK_OLD))
    _check_size(data)
    # Imported here: it takes a while, and few lists need it.
    from openpyxl import load_workbook

    found: dict[str, Table] = {}
    problem = BadList(sentence(Reason.WORKBOOK_EMPTY))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what it leaves out: charts, rules, links
            book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
            with closing(book):
                for each in book.worksheets[:MAX_SHEETS]:
                    try:
                        found[each.title] = table(_rows(each), at_most=MAX_ROWS)
                    except BadList as unfit:  # another sheet may do
                        problem = unfit
    except Exception:  # a damaged file ends in whatever its part of the reader stumbles over
        raise BadList(sentence(Reason.WORKBOOK_DAMAGED)) from None
    filled = {name: rows for name, rows in found.items() if rows.rows}
    if not filled:
        raise problem
    first = next((name for name, rows in filled.items() if _holds_ids(rows)), next(iter(filled)))
    shown = sheet if sheet in filled else first
    return Workbook(filled[shown], shown, tuple(filled))


def _check_size(data: bytes) -> None:
    """Refuse what is too large unpacked, before any of it is."""
    if len(data) > MAX_BYTES:
        raise BadList(sentence(Reason.WORKBOOK_TOO_LARGE))
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        raise BadList(sentence(Reason.WORKBOOK_DAMAGED)) from None
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise BadList(sentence(Reason.WORKBOOK_TOO_LARGE))
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise BadList(sentence(Reason.NO_WORKBOOK))


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    blank = 0
    # A column more than may be there, so that too many are noticed.
    rows = sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True)
    for number, values in enumerate(rows, start=1):
        cells = [_text(value) for value in values]
        blank = 0 if any(cells) else blank + 1
        if blank > MAX_BLANK_ROWS:
            return
        yield number, cells


def _text(value: object) -> str:
    """A value as people would type it; a day that the sheet knows as one is beyond doubt."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _holds_ids(rows: Table) -> bool:
    first = rows.rows[:ROWS_LOOKED_AT]
    return any(is_id(clean_id(cell)) for row in first for cell in row.cells)
