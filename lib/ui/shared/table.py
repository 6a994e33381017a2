"""The table of all voices, what can still be saved first: filters, rows, which are chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from lib.models import Health
from lib.services import DEMO, KIND_TITLES, SERVICES
from lib.studio.alerts.notices import ATTENTION
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.shared import voices

TABLE = "retention_table"
HEALTH = "retention_health"
OPEN = "retention_open"
ROWS = "retention_rows"
"""Ids of the voices as they were drawn last: what the numbers of chosen rows mean."""
FORGET = "retention_forget"
"""Set where no row is to be chosen any more, from the next drawing on."""

_T = TypeVar("_T")


def only(healths: Sequence[Health]) -> None:
    """From now on the table shows only voices that need somebody, of these states if any."""
    st.session_state[ATTENTION] = True
    st.session_state[HEALTH] = list(healths)


def is_of_attention() -> bool:
    """Whether somebody is looking at only those that need somebody."""
    return bool(st.session_state.get(ATTENTION)) or st.query_params.get(ATTENTION) == "true"


def counts(entries: Sequence[Entry]) -> None:
    """How many voices stand where, worst first."""
    found = Counter(item.standing.health for item in entries)
    shown = [health for health in Health if found[health]]
    st.markdown(" ".join(words.HEALTH[health].counted(found[health]) for health in shown))


def filtered(entries: Sequence[Entry]) -> list[Entry]:
    """Draw the filters, which are kept in the address; returns the voices that they let through."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key="retention_search",
            placeholder="Name, tag or description",
            icon=":material/search:",
            width=220,
            bind="query-params",
        )
        health = _choice(
            "Health",
            HEALTH,
            [item for item in Health if any(e.standing.health is item for e in entries)],
            lambda item: words.HEALTH[item].word,
        )
        service = _choice(
            "Service",
            "retention_service",
            sorted({item.voice.service for item in entries}),
            lambda name: SERVICES[name].title if name in SERVICES else name,
        )
        owner = _choice(
            "Owner",
            "retention_owner",
            sorted({item.voice.owner for item in entries}),
            lambda name: name or "Nobody",
        )
        attention = any(item.needs_somebody for item in entries) and st.toggle(
            "Needs attention", key=ATTENTION, bind="query-params"
        )
        archived = any(item.is_archived for item in entries) and st.toggle(
            "Show archived", key="retention_archived", bind="query-params"
        )
    return [
        item
        for item in entries
        if (archived or not item.is_archived)
        and (not attention or item.needs_somebody)
        and (not health or item.standing.health in health)
        and (not service or item.voice.service in service)
        and (not owner or item.voice.owner in owner)
        and voices.matches(item, search)
    ]


def chosen(shown: Sequence[Entry]) -> list[Entry]:
    """Draw the rows; returns the voices whose rows are chosen."""
    _carry_over(shown)
    zone = st.context.timezone
    state = st.dataframe(
        [_row(item) for item in shown],
        key=TABLE,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        alt="All voices, what can still be saved first",
        placeholder="",
        column_config={
            "Voice": st.column_config.TextColumn(width=150, pinned=True),
            "Open": st.column_config.ButtonColumn(
                "", width=60, type="tertiary", key=OPEN, on_click=_open
            ),
            "Health": st.column_config.MultiselectColumn(
                width=130,
                options=[label.signed for label in words.HEALTH.values()],
                color=[words.HEALTH_COLOURS[health] for health in words.HEALTH],
            ),
            "Deadline": st.column_config.DatetimeColumn(
                format="ddd D MMM, HH:mm", timezone=zone or "UTC", width=140
            ),
            "Left": st.column_config.TextColumn(width=100),
            "What happens next": st.column_config.TextColumn(width="medium"),
            "Why": st.column_config.TextColumn("Proof", width="medium"),
        },
    )
    rows = state.selection.rows
    return [shown[number] for number in rows if number < len(shown)]


def _open() -> None:
    """The voice of the row whose button was pressed comes into the address."""
    row = st.session_state[OPEN].row
    rows = st.session_state.get(ROWS, [])
    if row < len(rows):
        st.query_params["voice"] = rows[row]


def _carry_over(shown: Sequence[Entry]) -> None:
    """Rows move as time passes and filters change; what was chosen are voices, not numbers."""
    ids = [item.voice.id for item in shown]
    before = st.session_state.get(ROWS, ids)
    state = st.session_state.get(TABLE)
    numbers: list[int] = list(state["selection"]["rows"]) if state else []
    if st.session_state.pop(FORGET, False):
        wanted: list[int] = []
    elif before == ids:
        wanted = numbers
    else:
        place = {voice_id: number for number, voice_id in enumerate(ids)}
        picked = [before[number] for number in numbers if number < len(before)]
        wanted = [place[voice_id] for voice_id in picked if voice_id in place]
    if wanted != numbers:
        st.session_state[TABLE] = {"selection": {"rows": wanted}}
    st.session_state[ROWS] = ids


def _row(item: Entry) -> dict[str, object]:
    deadline = item.standing.deadline
    demo = "Demo " if item.voice.service == DEMO else ""
    return {
        "Voice": item.voice.name,
        "Open": "Open",
        "Health": [words.HEALTH[item.standing.health].signed],
        "Deadline": deadline,
        "Left": words.until(deadline, item.now) if deadline else "",
        "What happens next": voices.next_words(item),
        "Why": item.standing.why,
        "Service": demo + KIND_TITLES[item.voice.kind],
        "Owner": item.voice.owner,
    }


def _choice(label: str, key: str, options: Sequence[_T], named: Callable[[_T], str]) -> list[_T]:
    """A filter over what there is; nothing chosen lets all through."""
    return st.multiselect(
        label, options, key=key, format_func=named, placeholder="All", width=170,
        bind="query-params",
    )  # fmt: skip
