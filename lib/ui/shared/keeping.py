"""How a voice is to be kept, as a choice with its cost."""

from __future__ import annotations

import streamlit as st

from lib.models import Money
from lib.services import ACTIVATION_ATTEMPTS
from lib.studio.library import bulk
from lib.ui import words


def choose_refresh(key: str, now: int, each: Money, *, demo: bool, lasting: bool = False) -> int:
    """How often a kept voice is used again, in days (0 for never), with what that costs.

    `now`: what holds until another choice. `each`: the price of one use. `lasting`: the choice
    stays while somebody looks at other pages.
    """
    days = sorted({*bulk.REFRESH_CHOICES, now})
    chosen = st.selectbox(
        "Use it again once it is kept",
        days,
        index=days.index(now),
        key=key,
        format_func=words.refresh,
        persist_state="session" if lasting else None,
    )
    st.caption(words.plain(refresh_words(each, chosen, demo=demo)))
    return chosen


def refresh_words(each: Money, days: int, *, demo: bool) -> str:
    """What using a voice every so many days means and costs, in a sentence or two."""
    wording = words.REFRESH_HELP.get(days, f"Used again every {days} days.")
    if not days:
        return f"{wording} No further cost."
    month = words.price(bulk.monthly_price(each, days), demo=demo)
    return f"{wording} About {month} a month, for as long as the voice is kept."


def retries_words(each: Money, *, demo: bool) -> str:
    """That more tries may follow one that does not succeed, and what all of them cost."""
    most = words.price(each * ACTIVATION_ATTEMPTS, demo=demo)
    return f"If a try fails, there are up to {ACTIVATION_ATTEMPTS} in all, for {most} at most."
