"""What the services say: how long voices live, and what they keep; with source and date."""

from __future__ import annotations

from datetime import date

import streamlit as st

from lib import units
from lib.services import Retention, copies_elsewhere, retention_rules
from lib.ui import words

RECHECK = "re-check due"


def one(rule: Retention, today: date) -> None:
    """The rule of one voice, in words."""
    window = f"Time limit: {words.hours(rule.hours)}." if rule.hours else "There is no time limit."
    st.write(words.plain(f"{rule.expires} {window} The clock starts: {_lower(rule.starts)}"))
    st.write(words.plain(f"What stops it: {_lower(rule.stops)}"))
    due = f" :orange-badge[:material/update: {RECHECK}]" if rule.recheck_due(today) else ""
    silent = "" if rule.documented else " The service itself does not say."
    wording = words.plain(f"Source: {_source(rule)}. Read on {units.day(rule.checked_on)}.{silent}")
    st.caption(wording + due)


def table(today: date) -> None:
    """All rules, side by side."""
    with st.expander("What the services say", icon=":material/gavel:", key="retention_rules"):
        st.table(
            [
                {
                    "Voices": rule.who + ("" if rule.documented else " (the service does not say)"),
                    "Time": words.hours(rule.hours) if rule.hours else "no limit",
                    "What ends": rule.expires,
                    "The clock starts": rule.starts,
                    "What stops it": rule.stops,
                    "Source": words.plain(f"{_source(rule)}, read {units.day(rule.checked_on)}")
                    + (f" :orange-badge[{RECHECK}]" if rule.recheck_due(today) else ""),
                }
                for rule in retention_rules()
            ]
        )
        _copies()


def _copies() -> None:
    """What becomes of recordings and voices that left the app."""
    st.markdown("**What they keep from your recordings and voices**")
    for copies in copies_elsewhere():
        with st.container(gap="xxsmall"):
            st.markdown(words.plain(copies.who))
            st.caption(words.plain(f"{copies.keeps} {copies.ends}"))
            st.caption(
                words.plain(f"Source: {copies.source}. Read on {units.day(copies.checked_on)}.")
            )


def _source(rule: Retention) -> str:
    return rule.source.rstrip(".")


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
