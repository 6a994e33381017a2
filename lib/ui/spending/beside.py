"""What stands beside the sums: what keeping costs, and what the services say themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from lib import units
from lib.models import Money
from lib.services import SERVICES
from lib.studio.core.records import Amounts
from lib.studio.library.spending import Ahead, Figures, Period, Report
from lib.ui import words
from lib.ui.spending import choosing

CENT = Money.usd("0.01")
"""Less than that is no difference."""
USES = {
    "activation": "for first uses",
    "refresh": "for using voices again",
    "test_call": "for test calls",
}


def draw_keeping(report: Report, period: Period, ahead: Ahead) -> None:
    """What keeping voices cost, and what it is going to cost."""
    st.subheader("Keeping voices", anchor=False)
    st.markdown(words.plain(kept_words(report.keeping, period)))
    st.markdown(words.plain(ahead_words(ahead)))


def kept_words(keeping: dict[str, Amounts], period: Period) -> str:
    """What keeping cost in a period. Pure."""
    when = choosing.within(period)
    told = [f"{keeping[kind].total} {what}" for kind, what in USES.items() if kind in keeping]
    return f"{', '.join(told)} {when}." if told else f"Nothing was spent on it {when}."


def ahead_words(ahead: Ahead) -> str:
    """What keeping is going to cost. Pure."""
    sentences = []
    if ahead.again:
        sentences.append(
            f"{units.count(ahead.again, 'voice is', 'voices are')} used again on a schedule: about "
            f"{ahead.weekly} a week, {ahead.monthly} a month."
        )
    if ahead.waiting:
        wait = units.count(ahead.waiting, "voice waits for its", "voices wait for their")
        sentences.append(f"{wait} first use: {ahead.once} once.")
    if not sentences:
        return "No voice is used again on a schedule, so keeping costs nothing more."
    return "Ahead: " + " ".join(sentences)


def draw_services(found: Sequence[Figures], period: Period, now: datetime) -> None:
    """What is left at each service, and whether it counts what is counted here."""
    if not found:
        return
    st.subheader("What the services say", anchor=False)
    for figures in found:
        st.markdown(
            f"**{SERVICES[figures.service].title}** {words.plain(balance_words(figures, now))}"
        )
        if period.month:
            st.caption(words.plain(compared_words(figures, period, now)))


def balance_words(figures: Figures, now: datetime) -> str:
    """What is left there. Pure."""
    if figures.balance is None or figures.balance_at is None:
        return "has not reported a balance yet."
    return f"had a balance of {figures.balance} {_ago(figures.balance_at, now)}."


def compared_words(figures: Figures, period: Period, now: datetime) -> str:
    """What it charged in a month, and how that differs from what is noted here. Pure."""
    found, when = figures.compared, choosing.within(period)
    if not figures.is_metered:
        return "It does not report what it charged."
    if found is None:
        return f"It has not reported what it charged {when}."
    charged = f"It counts {found.theirs} {when}, after refunds"
    asked = f"Asked {_ago(found.at, now)}."
    if abs(found.more.micros) < CENT.micros:
        return f"{charged}: the same as here for this account. {asked}"
    if found.more > Money():
        unclear = f" Up to {found.unclear} may be unconfirmed orders."
        return (
            f"{charged}: {found.more} more than the {found.ours} here for this "
            f"account.{unclear if found.unclear.micros else ''} It also counts whatever else uses "
            f"this key. {asked}"
        )
    less = Money() - found.more
    return (
        f"{charged}: {less} less than the {found.ours} here for this account. It may not have "
        f"counted the newest orders yet, and it counts one key only. {asked}"
    )


def _ago(moment: datetime, now: datetime) -> str:
    told = words.until(moment, now)
    return "just now" if told == "now" else told
