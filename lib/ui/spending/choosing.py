"""Which money is shown: of which month, and whether it is real. The address keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from lib.studio.core.context import Context
from lib.studio.library.spending import Period
from lib.ui import words

ALL = "All months"
MONTH, MONEY = "spending_month", "spending_money"
REAL, PLAY = "Real money", "Play money (demo)"


def draw(context: Context, months: Sequence[date]) -> Period:
    """Draw what can be chosen. `months`: those that there are, the newest first."""
    settings = context.settings
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.selectbox(
            "Month",
            [*months, ALL],
            key=MONTH,
            format_func=_named,
            label_visibility="collapsed",
            width=210,
            bind="query-params",
        )
        month = chosen if isinstance(chosen, date) else None
        if not settings.shows_demo or settings.has_only_demo:
            return Period(month, play=settings.has_only_demo)
        money = st.segmented_control(
            "Money",
            [REAL, PLAY],
            default=REAL,
            required=True,
            key=MONEY,
            label_visibility="collapsed",
            bind="query-params",
        )
        return Period(month, play=money == PLAY)


def _named(month: date | str) -> str:
    return words.month(month) if isinstance(month, date) else month


def within(period: Period) -> str:
    """The same within a sentence."""
    return f"in {words.month(period.month)}" if period.month else "in all months"
