"""Which orders are shown: by state, kind, person, month and words. The address keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from lib.models import JobKind
from lib.studio.core.context import Context
from lib.studio.core.records import Standing, WantedOrders
from lib.studio.jobs import overview
from lib.ui import words
from lib.ui.shared import in_use
from lib.ui.shared.in_use import InUse

STATE, KINDS, PEOPLE = "jobs_filter", "jobs_kind", "jobs_person"
MONTH, SEARCH = "jobs_month", "jobs_search"
ALL = "All"
STATES: Mapping[str, tuple[Standing, ...]] = {
    ALL: (),
    "In progress": (Standing.UNDER_WAY,),
    words.TO_DECIDE: (Standing.TO_DECIDE,),
    "Unconfirmed": (Standing.UNKNOWN,),
    "Done": (Standing.DONE,),
    "Failed": (Standing.FAILED,),
}


def draw(context: Context, months: Sequence[date]) -> WantedOrders:
    """Draw the filters; returns what they let through. `months`: those in which there are some."""
    state = st.segmented_control(
        "State",
        list(STATES),
        key=STATE,
        default=ALL,
        required=True,
        label_visibility="collapsed",
        bind="query-params",
    )
    searching = in_use.search("jobs", "Search orders", key=SEARCH, placeholder="Voice, text or ID")
    with searching as search:
        kinds = in_use.choice(
            "What", list(words.WORK), key=KINDS, named=lambda kind: words.WORK[kind]
        )
        people = in_use.choice("Person", overview.people(context), key=PEOPLE, named=words.short)
        month = st.selectbox(
            "Month",
            months,
            index=None,
            key=MONTH,
            format_func=words.month,
            placeholder="All",
            help="Months begin at 00:00 UTC, as they do for budgets.",
            bind="query-params",
        )
    in_use.draw(
        "jobs",
        [
            *(InUse(words.WORK[kind], KINDS, kind) for kind in kinds),
            *(InUse(words.short(person), PEOPLE, person) for person in people),
            *([InUse(words.month(month), MONTH)] if month else []),
        ],
    )
    return WantedOrders(
        kinds=tuple(map(JobKind, kinds)),
        people=tuple(people),
        standings=STATES.get(state or ALL, ()),
        since=_midnight(month) if month else None,
        before=_midnight(_next(month)) if month else None,
        search=search,
    )


def only_to_decide() -> None:
    """From now on only those are shown that stand still, whoever ordered them and when."""
    clear()
    st.session_state[STATE] = words.TO_DECIDE


def clear() -> None:
    """Let all orders through."""
    st.session_state[STATE] = ALL
    st.session_state[SEARCH] = ""
    in_use.drop_all([KINDS, PEOPLE, MONTH])


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
