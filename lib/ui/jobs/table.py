"""The table of orders, the newest first, and a picker for those who use the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from lib import units
from lib.models import JobKind, Money
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.core.records import OrderRow
from lib.ui import words
from lib.ui.jobs.choosing import choose

TABLE = "jobs_table"
PICKER = "jobs_open"
ROWS = "jobs_rows"
"""Ids of the orders as they were drawn last, and the numbers of those that were chosen then."""
COST, PLAY_MONEY = "Cost", "Play money"
_STAGES = (*words.STATE.values(), words.NOT_SENT)


def draw(context: Context, rows: Sequence[OrderRow], chosen: str) -> None:
    """Draw the rows; the one that is chosen comes into the address."""
    ids = [row.id for row in rows]
    wanted: list[int] = [ids.index(chosen)] if chosen in ids else []
    _point_at(ids, wanted)
    both = not context.settings.has_only_demo and any(row.service == DEMO for row in rows)
    money = st.column_config.NumberColumn(format="$%.2f", width=64)
    st.dataframe(
        [_cells(context, row, both=both) for row in rows],
        key=TABLE,
        hide_index=True,
        on_select=_choose_row,
        selection_mode="single-row",
        # For a browser that did not take part in the run before.
        selection_default={"selection": {"rows": wanted, "columns": [], "cells": []}},
        alt="All orders that match the filters, the newest first",
        placeholder="",
        # The first three fit on a phone; all of them grow where there is room.
        column_config={
            "Voice": st.column_config.TextColumn(width=148),
            "State": st.column_config.MultiselectColumn(
                width=98,
                options=[stage.signed for stage in _STAGES],
                color=[words.COLOURS[stage.colour] for stage in _STAGES],
            ),
            "What": st.column_config.TextColumn(width=76),
            COST: money,
            PLAY_MONEY: money,
            "Age": st.column_config.DatetimeColumn(
                format="distance", timezone=st.context.timezone or "UTC", width=120
            ),
            "Person": st.column_config.TextColumn(width=110),
        },
    )


def draw_picker(context: Context, rows: Sequence[OrderRow], chosen: str) -> None:
    """The same by keyboard, or by typing a name."""
    named = {row.id: _line(context, row) for row in rows}
    picked = chosen if chosen in named else None
    if st.session_state.get(PICKER) != picked:  # else somebody may be typing in it
        st.session_state[PICKER] = picked
    st.selectbox(
        "Open an order",
        list(named),
        index=None,
        key=PICKER,
        format_func=lambda order_id: named.get(order_id, ""),
        placeholder="Open an order",
        label_visibility="collapsed",
        width=200,
        on_change=_pick,
    )


def what(row: OrderRow) -> str:
    """What it is, and how many of it where it is more than one."""
    if row.parts:
        return f"{words.WORK[row.kind]}, {units.count(row.parts, 'part')}"
    is_sum = row.kind is JobKind.ACTIVATION and row.uses.isdecimal()
    uses = int(row.uses[:6]) if is_sum else 1
    return f"{words.WORK[row.kind]} × {uses:,}" if uses > 1 else words.WORK[row.kind]


def cost(row: OrderRow, now: datetime) -> Money:
    """What it costs as far as is known; nothing for one that was not sent in time."""
    return Money() if row.is_expired(now) else row.cost


def _cells(context: Context, row: OrderRow, *, both: bool) -> dict[str, object]:
    """`both`: real and play money are told apart, as there are both."""
    now = context.now(row.service)
    # A browser counts from its own now, and the demo's time runs faster.
    since = context.clock.now() - max(now - row.created_at, timedelta())
    money = PLAY_MONEY if both and row.service == DEMO else COST
    return {
        "Voice": words.subject(row.kind, row.voice),
        "State": [words.stage(row, now).signed],
        "What": what(row),
        money: float(cost(row, now).shown),
        "Age": since,
        "Person": row.person,
        **({"Demo": "Demo" if row.service == DEMO else ""} if both else {}),
    }


def _line(context: Context, row: OrderRow) -> str:
    now = context.now(row.service)
    name = words.short(words.subject(row.kind, row.voice), 30)
    state = words.stage(row, now).word
    when = words.local(row.created_at, st.context.timezone)
    demo = " · Demo" if row.service == DEMO and not context.settings.has_only_demo else ""
    return f"{what(row)} · {name} · {state} · {when}{demo}"


def _choose_row() -> None:
    """The chosen row's order is open from now on; none, where that row is not chosen any more."""
    ids, drawn = st.session_state.get(ROWS, ([], []))
    numbers = list(st.session_state[TABLE].selection.rows)
    if numbers != drawn:  # else the browser only repeats what was drawn
        choose(ids[numbers[0]] if numbers and numbers[0] < len(ids) else "")


def _pick() -> None:
    choose(st.session_state[PICKER] or "")


def _point_at(ids: list[str], wanted: list[int]) -> None:
    """Rows move as orders come; what is chosen is an order, not a number."""
    state = st.session_state.get(TABLE)
    if (list(state["selection"]["rows"]) if state else []) != wanted:
        st.session_state[TABLE] = {"selection": {"rows": wanted}}
    st.session_state[ROWS] = ids, wanted
