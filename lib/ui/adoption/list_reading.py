"""How a list of voices was read: shown before anything happens, and changeable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from zlib import crc32

import streamlit as st

from lib.studio.adoption.cells import Column
from lib.studio.adoption.columns import Layout, find_layout
from lib.studio.adoption.decoding import decode
from lib.studio.adoption.lists import Line, Reading, read_layout
from lib.studio.adoption.moments import DayOrder
from lib.studio.adoption.tables import BadList, Table, from_text
from lib.studio.adoption.workbooks import is_workbook, read_workbook
from lib.ui import words

COLUMNS = {
    Column.ID: "Voice ID or address",
    Column.NAME: "Name",
    Column.KIND: "Kind or service",
    Column.MADE: "Made on",
    Column.TAGS: "Tags",
    Column.TRANSCRIPT: "What is said",
    Column.DESCRIPTION: "Description",
    Column.LANGUAGE: "Language",
    Column.UNUSED: "Not used",
}
SEPARATORS = {
    "\t": "tabs",
    ";": "semicolons",
    ",": "commas",
    "|": "bars",
    "，": "full-width commas",
    "；": "full-width semicolons",
    "｜": "full-width bars",
}
EARLIEST, MINE = "earliest", "mine"
HELD = "adopt_held"
"""Where the session keeps the file that was read last."""


@dataclass(frozen=True)
class _Source:
    """A list's table and where it comes from.

    `found`: the encoding or the sheet that it was read in, `possible` all that it can be read in
    by their titles, `label` what that is, `key` where the session keeps a choice among them.
    """

    table: Table
    found: str = ""
    possible: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    key: str = ""
    is_damaged: bool = False


def draw(data: bytes | None, text: str) -> tuple[Line, ...]:
    """The voices of a file, or of pasted lines where there is none; what went wrong is told."""
    try:
        source = _pasted(text) if data is None else _brought(data)
        if not source.table.rows:
            return ()
        told = st.empty()
        layout = find_layout(source.table)
        if source.found or layout.above or source.table.width > 1:
            layout = _ask_layout(source, layout)
            told.caption(words.plain(_told(source, layout)))
        if source.is_damaged:
            st.warning(
                "Some characters of this file cannot be read. Choose another encoding, or save it "
                "as CSV UTF-8.",
                icon=":material/translate:",
            )
        return _ask_dates(layout)
    except BadList as problem:
        st.error(words.plain(str(problem)), icon=":material/block:")
        return ()


def made(moment: date | datetime | None) -> str:
    """When a voice was made, as a table shows it: a day, or a moment in the viewer's zone."""
    if moment is None:
        return ""
    if not isinstance(moment, datetime):
        return _day(moment)
    there = moment.astimezone(words.zone(st.context.timezone))
    return f"{_day(there)}, {there:%H:%M}{' UTC' if there.tzinfo is UTC else ''}"


def _pasted(text: str) -> _Source:
    return _Source(from_text(text))


def _brought(data: bytes) -> _Source:
    """A file's table, in the encoding or from the sheet that was chosen below. It is read once, and
    not again in each run of the page.
    """
    key = f"adopt_source_{crc32(data):x}"
    chosen = st.session_state.get(key, "")
    known: tuple[str, str] | None
    source: _Source | None
    known, source = st.session_state.get(HELD, (None, None))
    if source is None or known != (key, chosen):
        with st.spinner("Reading the list…"):
            read = _of_workbook if is_workbook(data) else _of_text
            source = read(data, key, chosen)
        st.session_state[HELD] = (key, chosen), source
    return source


def _of_workbook(data: bytes, key: str, chosen: str) -> _Source:
    book = read_workbook(data, chosen)
    return _Source(book.table, book.sheet, {name: name for name in book.sheets}, "Sheet", key)


def _of_text(data: bytes, key: str, chosen: str) -> _Source:
    decoded = decode(data, language=st.context.locale or "", codec=chosen)
    titles = {encoding.codec: encoding.title for encoding in decoded.possible}
    return _Source(
        from_text(decoded.text),
        decoded.encoding.codec,
        titles,
        "Encoding",
        key,
        is_damaged=decoded.is_damaged,
    )


def _ask_layout(source: _Source, layout: Layout) -> Layout:
    """The layout that was found, and the controls that change it."""
    table = source.table
    known = f"{crc32(repr((table.width, table.rows[0].cells)).encode()):x}"
    with st.expander("Change how this list is read", icon=":material/tune:", key="adopt_reading"):
        if len(source.possible) > 1:
            st.selectbox(
                source.label,
                list(source.possible),
                index=list(source.possible).index(source.found),
                format_func=lambda name: source.possible.get(name, name),
                key=source.key,
                width=320,
            )
        has_header = st.checkbox(
            "The first line is a header",
            value=bool(layout.above),
            key=f"adopt_header_{known}",
            persist_state="session",
        )
        if has_header != bool(layout.above):
            layout = find_layout(table, has_header=has_header)
        chosen = _ask_columns(layout, f"adopt_column_{known}_{int(has_header)}")
    if chosen == layout.columns:
        return layout
    return find_layout(table, has_header=has_header, chosen=chosen)


def _ask_columns(layout: Layout, key: str) -> tuple[Column, ...]:
    """What each column holds, beside its name and an example."""
    chosen = []
    with st.container(horizontal=True):
        for at, column in enumerate(layout.columns):
            name = (layout.header.cell(at) if layout.header else "") or f"Column {at + 1}"
            example = next((row.cell(at) for row in layout.rows if row.cell(at)), "empty")
            choice = st.selectbox(
                f"**{words.plain(words.short(name, 20))}** {words.plain(words.short(example, 20))}",
                list(COLUMNS),
                index=list(COLUMNS).index(column),
                format_func=lambda each: COLUMNS[each],
                key=f"{key}_{at}",
                persist_state="session",
                width=240,
            )
            chosen.append(choice or Column.UNUSED)
    return tuple(chosen)


def _told(source: _Source, layout: Layout) -> str:
    """How the list was read, in a few words."""
    separator = SEPARATORS.get(source.table.separator, source.table.separator)
    what = f"Columns between {separator}" if separator else "One voice on each line"
    if source.label == "Sheet":
        what = f"Sheet “{words.short(source.found)}”"
    elif source.found:
        what += f", in {source.possible[source.found]}"
    if layout.header is None:
        return f"{what}. No header."
    cells = words.short(", ".join(filter(None, layout.header.cells)), 80)
    above = " Lines above it are left out." if len(layout.above) > 1 else ""
    return f"{what}. Line {layout.header.number} is its header: {cells}.{above}"


def _ask_dates(layout: Layout) -> tuple[Line, ...]:
    """The voices, after the questions that their dates leave open."""
    reading = read_layout(layout)
    order, zone = _ask_order(reading), _ask_zone(reading)
    if order or zone:
        reading = read_layout(layout, order=order, zone=zone)
    return reading.lines


def _ask_order(reading: Reading) -> DayOrder | None:
    """Which day it is, where day and month could be swapped."""
    if reading.unclear is None:
        return None
    text, written = reading.unclear
    days = {order: written.days[order] for order in reading.orders}
    if len(days) == 1:
        (day,) = days.values()
        st.caption(
            words.plain(
                f"{text} is read as {_day(day)}: only then are all dates in this list valid."
            )
        )
        return None
    return st.segmented_control(
        f"Which day is {words.plain(text)}?",
        list(days),
        format_func=lambda order: _day(days[order]) if order in days else "",
        key=f"adopt_order_{crc32(text.encode()):x}",
        help="The answer applies to all dates in this list.",
        persist_state="session",
    )


def _ask_zone(reading: Reading) -> tzinfo | None:
    """The zone of times that name none; None for the earliest instant that they may mean."""
    name = st.context.timezone
    if not reading.zoneless:
        return None
    titles = {EARLIEST: "The earliest (UTC+14)", MINE: f"Mine ({name})"}
    chosen = st.segmented_control(
        f"Which time zone is {words.plain(reading.zoneless)} in?",
        [EARLIEST, MINE] if name else [EARLIEST],
        format_func=lambda each: titles[each],
        default=None if "adopt_zone" in st.session_state else EARLIEST,
        required=True,
        key="adopt_zone",
        help=(
            "The answer applies to all times in this list without a zone. With the earliest, no "
            "voice expires sooner than shown."
        ),
        persist_state="session",
    )
    return words.zone(name) if chosen == MINE else None


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
