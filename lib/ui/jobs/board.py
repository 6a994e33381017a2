"""All orders that the filters let through, renewed by itself while one of them is under way."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib import units
from lib.studio.core.context import Context
from lib.studio.core.money import Sum
from lib.studio.core.records import Standing, WantedOrders
from lib.studio.jobs import overview
from lib.studio.jobs.overview import Board
from lib.ui import words
from lib.ui.jobs import cards, choosing, filters, saving, table
from lib.ui.shared import lengths
from lib.ui.shared.live import watch

PAGE = 50
"""Rows; more with each press of “Show more”."""
MOST_ROWS = 1_000
LENGTH = "jobs_shown"
"""For which filters how many rows are shown."""


def draw(context: Context, wanted: WantedOrders, *, is_open: bool) -> None:
    """What stands still and what moves, the sums, and the table. `is_open`: whether one order is
    open beside it.
    """
    watch(
        lambda: overview.board(context, wanted, limit=lengths.shown(LENGTH, wanted, PAGE)),
        partial(_draw, context, wanted, choosing.chosen(), is_open),
        is_in_progress=lambda board: bool(board.moving),
        key="jobs_list",
    )


def _draw(context: Context, wanted: WantedOrders, drawn: str, is_open: bool, board: Board) -> None:
    chosen = choosing.chosen()
    if chosen != drawn:
        st.rerun()  # a row was chosen: its story stands outside of this part
    if is_open:
        cards.draw_folded(board, chosen)
    else:
        with_moving = not wanted.standings or Standing.UNDER_WAY in wanted.standings
        is_all = wanted.standings == (Standing.TO_DECIDE,)
        cards.draw(context, board, with_moving=with_moving, is_all=is_all)
    if not board.count:
        st.write("No order matches these filters.")
        st.button("Clear filters", key="jobs_clear", on_click=filters.clear)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(words.plain(_sums(context, board)), width="stretch")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            table.draw_picker(context, board.rows, chosen)
            saving.draw(context, wanted, board.count)
    table.draw(context, board.rows, chosen)
    _draw_more(wanted, board)


def _draw_more(wanted: WantedOrders, board: Board) -> None:
    shown = len(board.rows)
    if shown >= board.count:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"The newest {shown:,} of {board.count:,} are shown.", width="content")
        if shown < MOST_ROWS:
            lengths.button(LENGTH, wanted, min(shown + PAGE, MOST_ROWS))
        else:
            st.caption("To see older ones, choose a month, or save the CSV.", width="content")


def _sums(context: Context, board: Board) -> str:
    """How many there are, and their money."""
    sums: list[tuple[Sum, str]] = [
        (board.charged, "charged"),
        (board.refunded, "refunded"),
        (board.reserved, "not charged yet"),
        (board.unclear, "may have been charged"),
    ]
    told = [f"{words.total(amount)} {what}" for amount, what in sums if amount != Sum.of(())]
    facts = " · ".join([units.count(board.count, "order"), *(told or ["nothing charged"])])
    # Where all of it is play money, that is said at the top of the page.
    return facts.replace(" play money", "") if context.settings.has_only_demo else facts
