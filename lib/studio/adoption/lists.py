"""Reads lists of existing voices as people have them: pasted lines, CSV, a sheet. Pure.

A row holds an ID or an address, and may hold a name, a kind or service, a date, and tags, with or
without a header. What cannot be read becomes a fault of its own row; what may mean two things
(`Choices`) is found as far as it can be, shown, and a person's to change.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from itertools import islice

from lib.services import KINDS, SERVICES
from lib.studio.adoption.cells import (
    Column,
    clean_id,
    is_id,
    kind_and_service,
    labelled,
    only_kind,
)
from lib.studio.adoption.columns import Layout, find_layout
from lib.studio.adoption.moments import DayOrder, Written, is_date, parse, possible_orders, taken
from lib.studio.adoption.tables import BadList, Row, from_text
from lib.studio.adoption.wording import Reason, sentence, too_many_lines, unknown_kind
from lib.studio.core.typed_text import one_line, tidy_tags

MAX_LINES = 500
MAX_CELL = 8_000


@dataclass(frozen=True)
class Line:
    """One voice of a list. `made` is a day, or a moment in UTC; `fault` a sentence on what is
    wrong.
    """

    number: int
    id: str = field(default="", repr=False)
    name: str = ""
    kind: str = ""
    service: str = ""
    made: date | datetime | None = None
    tags: tuple[str, ...] = ()
    transcript: str = ""
    description: str = ""
    language: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Reading:
    """The voices of a list, and what its dates leave open.

    `unclear`: a date in which day and month could be swapped, None if there is none; `orders`:
    the orders that fit all dates then. `zoneless`: a moment without a time zone, "" for none.
    """

    lines: tuple[Line, ...]
    orders: tuple[DayOrder, ...] = ()
    unclear: tuple[str, Written] | None = None
    zoneless: str = ""


Parts = dict[Column, str]


def read(text: str) -> tuple[Line, ...]:
    """The voices of a pasted list, in its order, each as it is found."""
    return read_layout(find_layout(from_text(text))).lines


def read_layout(
    layout: Layout, *, order: DayOrder | None = None, zone: tzinfo | None = None
) -> Reading:
    """The voices of a list whose layout is known, in its order.

    `order`: of day and month, where a person has said it. `zone`: of moments that name none;
    without one they count from their earliest possible instant. What is wrong with one row stands
    in its `fault`. Raises `BadList` if the list is too long.
    """
    if len(layout.rows) > MAX_LINES:
        raise BadList(too_many_lines(len(layout.rows), MAX_LINES))
    rows = [(row, _parts(row, layout)) for row in layout.rows]
    dates: dict[str, Written] = {}
    for _, parts in rows:
        text = parts.get(Column.MADE, "")
        if text and (found := _written(text)):
            dates[text] = found
    unclear = [item for item in dates.items() if item[1].is_ambiguous]
    orders = possible_orders(dates.values())
    order = order or (orders[0] if len(orders) == 1 else None)
    return Reading(
        tuple(_line(row, parts, dates, order, zone) for row, parts in rows),
        orders,
        max(unclear, key=lambda item: len(set(item[1].days.values())), default=None),
        next((text for text, found in dates.items() if found.is_zoneless), ""),
    )


def format_list(voices: Iterable[tuple[str, str, str]]) -> str:
    """Write voices as a list that `read` accepts: the first 500.

    Each voice is a tuple of its ID, its name, and its kind or service.
    """
    written = io.StringIO()
    rows = csv.writer(written, delimiter="\t", lineterminator="\n")
    rows.writerows([("id", "name", "kind"), *islice(voices, MAX_LINES)])
    return written.getvalue()


def _line(
    row: Row,
    parts: Parts,
    dates: dict[str, Written],
    order: DayOrder | None,
    zone: tzinfo | None,
) -> Line:
    if any(len(cell) > MAX_CELL for cell in row.cells):
        return Line(row.number, fault=sentence(Reason.CELL_TOO_LONG))
    kind, service = kind_and_service(parts.get(Column.KIND, ""))
    made, fault = _made(parts.get(Column.MADE, ""), dates, order, zone)
    if parts.get(Column.KIND) and not kind and not service:
        fault = fault or unknown_kind(_what_may_be_written())
    if not parts.get(Column.ID):
        fault = sentence(Reason.NO_ID)
    return Line(
        row.number,
        id=parts.get(Column.ID, ""),
        name=one_line(parts.get(Column.NAME, "")),
        kind=kind,
        service=service,
        made=made,
        tags=tidy_tags(re.split(r"[,;|]", parts.get(Column.TAGS, ""))),
        transcript=parts.get(Column.TRANSCRIPT, ""),
        description=one_line(parts.get(Column.DESCRIPTION, "")),
        language=one_line(parts.get(Column.LANGUAGE, "")),
        fault=fault,
    )


def _written(text: str) -> Written | None:
    try:
        return parse(text)
    except ValueError:
        return None


def _made(
    text: str, dates: dict[str, Written], order: DayOrder | None, zone: tzinfo | None
) -> tuple[date | datetime | None, str]:
    """When it was made, and a sentence on why that is not known."""
    if not text:
        return None, ""
    unread = sentence(Reason.DATE_UNREADABLE)
    if text not in dates:
        return None, unread
    try:
        made = taken(dates[text], order, zone)
    except ValueError:
        return None, unread
    return made, "" if made else sentence(Reason.DATE_UNCLEAR)


def _parts(row: Row, layout: Layout) -> Parts:
    """What a row says, by the columns of the list; without a header, a row that is shorter or has
    its ID elsewhere is read by what its cells look like.
    """
    at = layout.columns.index(Column.ID) if Column.ID in layout.columns else 0
    is_usual = len(row.cells) == len(layout.columns) and (
        is_id(clean_id(row.cell(at))) or not any(is_id(clean_id(cell)) for cell in row.cells)
    )
    if layout.is_strict or (is_usual and not any(labelled(cell)[0] for cell in row.cells)):
        return _by_column(row.cells, layout.columns)
    return _by_form(row.cells, at)


def _by_column(cells: Sequence[str], columns: Sequence[Column]) -> Parts:
    """The first filled cell of each meaning; an ID before what is none. Of two about the kind, or
    of tags, all count.
    """
    parts: Parts = {}
    for cell, what in zip(cells, columns, strict=False):
        if not cell or not what:
            continue
        if what is Column.ID:
            found = clean_id(cell)
            if not is_id(parts.get(what, "")) and (is_id(found) or what not in parts):
                parts[what] = found
        elif what in parts and what in (Column.KIND, Column.TAGS):
            parts[what] += f"{' ' if what is Column.KIND else ';'}{cell}"
        else:
            parts.setdefault(what, cell)
    return parts


def _by_form(cells: Sequence[str], id_at: int) -> Parts:
    """Each cell is what it says in front of a colon, else what its form shows."""
    parts: Parts = {}
    rest: list[str] = []
    for cell in cells:
        what, value = labelled(cell)
        if what and what not in parts:
            parts[what] = clean_id(value) if what is Column.ID else value
        elif cell:
            rest.append(cell)
    if Column.ID not in parts and rest:
        usual = cells[id_at] if id_at < len(cells) and cells[id_at] in rest else rest[0]
        found = next((cell for cell in (usual, *rest) if is_id(clean_id(cell))), usual)
        rest.remove(found)
        parts[Column.ID] = clean_id(found)
    for cell in rest:
        if any(kind_and_service(cell)):
            parts[Column.KIND] = f"{parts.get(Column.KIND, '')} {cell}".strip()
        elif Column.MADE not in parts and is_date(cell):
            parts[Column.MADE] = cell
        elif Column.NAME not in parts:
            parts[Column.NAME] = cell
        else:
            parts[Column.TAGS] = f"{parts.get(Column.TAGS, '')};{cell}".strip(";")
    return parts


def _what_may_be_written() -> list[str]:
    """The kinds, and the services whose name says the kind as well."""
    alone = [service.title for service in SERVICES.values() if only_kind(service.id)]
    return [*(kind.title for kind in KINDS.values()), *alone]
