"""What the services say about how long voices live, with source and date."""

from __future__ import annotations

from datetime import date

import streamlit as st

from lib.services import Retention, retention_rules
from lib.ui import words

RECHECK = "re-check due"


def one(rule: Retention, today: date) -> None:
    """The rule of one voice, in words."""
    window = f"It has {rule.hours} hours." if rule.hours else "There is no limit."
    st.write(words.plain(f"{rule.expires} {window} The clock starts: {_lower(rule.starts)}"))
    st.write(words.plain(f"What stops it: {_lower(rule.stops)}"))
    due = f" :orange-badge[:material/update: {RECHECK}]" if rule.recheck_due(today) else ""
    silent = "" if rule.documented else " The service itself says nothing."
    wording = words.plain(f"Source: {_source(rule)}. Read on {_date(rule.checked_on)}.{silent}")
    st.caption(wording + due)


def table(today: date) -> None:
    """All rules, side by side."""
    with st.expander("What the services say", icon=":material/gavel:", key="retention_rules"):
        st.table(
            [
                {
                    "Voices": rule.who + ("" if rule.documented else " (the service says nothing)"),
                    "Time": f"{rule.hours} hours" if rule.hours else "no limit",
                    "What ends": rule.expires,
                    "The clock starts": rule.starts,
                    "What stops it": rule.stops,
                    "Source": words.plain(f"{_source(rule)}, read {_date(rule.checked_on)}")
                    + (f" :orange-badge[{RECHECK}]" if rule.recheck_due(today) else ""),
                }
                for rule in retention_rules()
            ]
        )


def _source(rule: Retention) -> str:
    return rule.source.rstrip(".")


def _date(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
