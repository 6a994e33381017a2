"""Reads scripts as people have them. Pure.

`NAME: line`, a screenplay with names in capitals above what they say, a chat with its times
(`lines.py`), or a table (`sheets.py`). What a line says stays as it is; what nobody speaks is left
out, and told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lib.scripts import MAX_LINES, ScriptRefused, fault
from lib.studio.adoption.decoding import decode
from lib.studio.adoption.tables import BadList
from lib.studio.adoption.workbooks import is_workbook, read_workbook
from lib.studio.scripts import lines, sheets, wording
from lib.studio.scripts.drafts import Draft, DraftLine
from lib.studio.scripts.sheets import Rows
from lib.studio.scripts.wording import Reason, sentence

__all__ = ["Draft", "DraftLine", "read_file", "read_text"]

MAX_TEXT, MAX_ROWS = 1_000_000, 20_000
"""Characters, and rows of them, that are looked at."""
NO_TEXT = (b"%PDF", b"<?xml", b"{\\rtf")
"""What files begin with that are read as nothing but signs."""
TABLES = (".csv", ".tsv", ".tab")
_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029\x85\v\f]")
_DIRECTION = re.compile(r"\([^()\n]{1,120}\)|\[[^\[\]\n]{1,120}\]|（[^（）\n]{1,120}）")


def read_text(text: str) -> Draft:
    """A pasted script. Raises `ScriptRefused`."""
    raw = _raw(text)
    return _of_rows(rows) if (rows := sheets.found(raw)) else _checked(lines.read(raw))


def read_file(data: bytes, name: str) -> Draft:
    """A script from a file: text, CSV, TSV or Excel. Raises `ScriptRefused`."""
    if data.startswith(NO_TEXT):
        raise ScriptRefused(sentence(Reason.NO_SCRIPT))
    try:
        if is_workbook(data):
            book = read_workbook(data)
            told = [wording.one_sheet(book.sheet)] if len(book.sheets) > 1 else []
            return _of_rows([row.cells for row in book.table.rows], told)
        text = decode(data).text
    except BadList:
        raise ScriptRefused(sentence(Reason.NO_SCRIPT)) from None
    if not name.lower().endswith(TABLES):
        return read_text(text)
    return _of_rows(sheets.parsed(_raw(text)))


def _raw(text: str) -> list[str]:
    if len(text) > MAX_TEXT:
        raise ScriptRefused(wording.too_long(MAX_TEXT, MAX_ROWS))
    rows = _BREAK.split(text.replace("\ufeff", "").replace("\0", ""))
    if len(rows) > MAX_ROWS:
        raise ScriptRefused(wording.too_long(MAX_TEXT, MAX_ROWS))
    return rows


def _of_rows(rows: Rows, told: Sequence[str] = ()) -> Draft:
    """A table; where all of it is in one column, that is a text."""
    if all(sum(bool(cell.strip()) for cell in row) <= 1 for row in rows):
        draft = lines.read([next(filter(str.strip, row), "") for row in rows])
        return _checked(replace(draft, told=(*told, *draft.told)))
    return _checked(sheets.read(rows, told))


def _checked(draft: Draft) -> Draft:
    """A draft of as many lines as fit; that single ones are too long is told."""
    if not draft.lines:
        raise ScriptRefused(sentence(Reason.NOTHING_READ))
    why = fault(draft.lines)
    if len(draft.lines) > MAX_LINES:
        raise ScriptRefused(why)
    told = [*draft.told, *([why] if why else [])]
    found = [match[0] for line in draft.lines if (match := _DIRECTION.search(line.text))]
    if found:
        told.append(wording.directions(len(found), found))
    return replace(draft, told=tuple(told))
