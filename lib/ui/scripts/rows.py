"""The lines of a script as a table that people fill in, put in order and delete from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pandas as pd
import streamlit as st

from lib.scripts import MAX_PAUSE, NARRATOR

NUMBER, NAME, LINE, PAUSE = "No.", "Name", "Line", "Pause"
COLUMNS = (NUMBER, NAME, LINE, PAUSE)
BLANK = 3
"""Empty rows of a table in which nothing is written yet."""


class Written(Protocol):
    """What somebody is to say: of a script, or of what was read to become one."""

    @property
    def speaker(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def pause(self) -> float | None: ...


@dataclass(frozen=True)
class Row:
    """A row as it was left. `place`: which of the lines it was before (from 0); None: it is new."""

    speaker: str
    text: str
    pause: float | None = None
    place: int | None = None


def draw(lines: Sequence[Written], *, key: str) -> list[Row]:
    """Draw the table of these lines; returns what it holds now, in order, without rows that
    say nothing."""
    shown = [
        {NUMBER: number, NAME: line.speaker, LINE: line.text, PAUSE: line.pause}
        for number, line in enumerate(lines, 1)
    ]
    shown += [{NUMBER: None, NAME: "", LINE: "", PAUSE: None}] * (0 if lines else BLANK)
    table = pd.DataFrame(shown, columns=list(COLUMNS)).astype(
        {NUMBER: "Int64", NAME: str, LINE: str, PAUSE: "Float64"}
    )
    st.caption(
        "Change a number to move its line. New lines go at the end of the table: give one a number "
        "to put it before that line."
    )
    edited = st.data_editor(
        table,
        key=key,
        hide_index=True,
        num_rows="dynamic",
        height="content" if len(shown) < 10 else 420,
        alt="The lines of the script",
        placeholder="",
        column_config={
            NUMBER: st.column_config.NumberColumn(
                width=56, min_value=1, step=1, help="Change it to move the line there."
            ),
            NAME: st.column_config.TextColumn(width=120, help="Who says it."),
            LINE: st.column_config.TextColumn(width=520),
            PAUSE: st.column_config.NumberColumn(
                width=80,
                min_value=0.0,
                max_value=MAX_PAUSE,
                step=0.1,
                format="%.1f s",
                help="Silence after the line. Empty: the usual pause of this script.",
            ),
        },
    )
    return in_order(edited.to_dict("index"), len(lines))


def in_order(table: Mapping[Any, Mapping[Any, Any]], count: int) -> list[Row]:
    """The rows of a table by their index, which is the place that each of the first `count` had.

    A row goes where its number says: before the line of that number if it came from below or is
    new, behind it if it came from above. One without a number comes last; one without a name goes
    on with the speaker before it. Pure.
    """
    rows = []
    for index, cells in table.items():
        speaker, text = _text(cells[NAME]), _text(cells[LINE])
        if text:
            place = int(index) if int(index) < count else None
            number = _number(cells[NUMBER])
            moved = math.inf if number is None else number
            before = moved - (place + 1) if place is not None else -1.0
            side = 0 if before == 0 else math.copysign(1, before)
            rows.append((moved, side, Row(speaker, text, _number(cells[PAUSE]), place)))
    ordered = [row for _, _, row in sorted(rows, key=lambda item: item[:2])]
    speaker = NARRATOR
    for at, row in enumerate(ordered):
        speaker = row.speaker or speaker
        ordered[at] = replace(row, speaker=speaker)
    return ordered


def _text(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _number(cell: Any) -> float | None:
    return None if cell is None or pd.isna(cell) else float(cell)
