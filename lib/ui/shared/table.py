"""The table of all voices, what can still be saved first: filters, rows, which are chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from lib.models import Health
from lib.services import KIND_TITLES
from lib.studio.alerts.notices import ATTENTION
from lib.studio.library.listing import Entry
from lib.studio.library.together import Together, fact, once
from lib.ui import words
from lib.ui.access.front import page_file
from lib.ui.shared import fields, filters, finding, paging
from lib.units import span

TABLE = "retention_table"
HEALTH = "retention_health"
ARCHIVED = "retention_archived"
GO_TO = "retention_go_to"
GOING = "retention_going"
"""The id of the voice that somebody wants to go to, until the next drawing leads there."""
ROWS = "retention_rows"
"""Ids of the voices as they were drawn last: what the numbers of chosen rows mean."""
CHOSEN = "retention_chosen"
"""Ids of all voices that are chosen, on any page of the table."""
PAGE, ORDER = "retention_page", "retention_order"
PER_PAGE = 200
"""Rows that a browser gets; of more voices, a page at a time."""
FORGET = "retention_forget"
"""Set where no row is to be chosen any more, from the next drawing on."""

WIDTHS = {"Voice": 118, "Health": 125, "Left": 79, "Expires": 108, "Service": 100, "Owner": 76}
"""Pixels at least of each column: all show on a laptop, the first three on a phone. What is left of
a wide screen is shared out.
"""
LAST = datetime.max.replace(tzinfo=UTC)
ORDERS: dict[str, Callable[[Entry], Any] | None] = {
    "Most urgent first": None,
    "By health": lambda item: list(Health).index(item.standing.health),
    "Expires first": lambda item: item.standing.deadline or LAST,
    "Name": lambda item: item.voice.name.casefold(),
}
"""How the rows of several pages can be sorted; None: as the library is."""


def only(entries: Sequence[Entry]) -> None:
    """From now on the table shows voices as these: of their states, and that need somebody."""
    st.session_state[ATTENTION] = all(item.needs_somebody for item in entries)
    st.session_state[HEALTH] = healths_of(entries)


def healths_of(entries: Sequence[Entry]) -> list[Health]:
    """The states that these voices are in, worst first."""
    found = {item.standing.health for item in entries}
    return [health for health in Health if health in found]


def filtered(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Draw the filters, which are kept in the address, and the way to one voice; returns the voices
    that the filters let through.
    """
    present = once(entries, _present) if fact(entries, _have_archived) else entries
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        healths = _health_filter(present)
        attention = _attention_filter(present)
        archived = len(present) < len(entries) and st.toggle(
            "Show archived", key=ARCHIVED, bind="query-params"
        )
    with st.container(horizontal=True):
        with st.container(key="wide_filters"):
            shown = filters.draw(entries if archived else present, "retention", without=("health",))
        if attention:
            shown = [item for item in shown if item.needs_somebody]
        if healths:
            shown = [item for item in shown if item.standing.health in healths]
        _draw_go_to(shown, entries)
    return shown


def _have_archived(entries: Sequence[Entry]) -> bool:
    return any(item.is_archived for item in entries)


def _present(entries: Sequence[Entry]) -> Sequence[Entry]:
    """All that are not archived."""
    return Together([item for item in entries if not item.is_archived])


def chosen(found: Sequence[Entry]) -> list[Entry]:
    """Draw a page of the rows; returns the voices whose rows are chosen, on any page."""
    ordered = _ordered(found)
    skip = paging.skip(PAGE, _asked_for(), PER_PAGE, len(ordered))
    shown = ordered[skip : skip + PER_PAGE]
    ids = _carry_over(ordered, shown)
    _draw_rows(shown)
    if len(ordered) > PER_PAGE:
        _draw_pages(ordered, len(shown), ids)
    return [item for item in ordered if item.voice.id in ids] if ids else []


def _asked_for() -> tuple[object, ...]:
    """What the table shows, in which order."""
    keys = (HEALTH, ATTENTION, ARCHIVED)
    asked = (st.session_state.get(key) for key in keys)
    return (*asked, _order(), filters.asked_for("retention"))


def _order() -> str:
    return st.session_state.get(ORDER) or next(iter(ORDERS))


def _draw_rows(shown: Sequence[Entry]) -> None:
    zone = st.context.timezone
    st.dataframe(
        [_row(item) for item in shown],
        key=TABLE,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        alt="All voices, what can still be saved first",
        placeholder="",
        column_config={
            "Voice": st.column_config.TextColumn(width=WIDTHS["Voice"]),
            "Health": st.column_config.MultiselectColumn(
                width=WIDTHS["Health"],
                options=[label.signed for label in words.HEALTH.values()],
                color=[words.HEALTH_COLOURS[health] for health in words.HEALTH],
            ),
            "Left": st.column_config.TextColumn(width=WIDTHS["Left"]),
            "Expires": st.column_config.DatetimeColumn(
                format="D MMM, HH:mm", timezone=zone or "UTC", width=WIDTHS["Expires"]
            ),
            "Service": st.column_config.TextColumn(width=WIDTHS["Service"]),
            "Owner": st.column_config.TextColumn(width=WIDTHS["Owner"]),
        },
    )


def _ticked() -> list[int]:
    """The numbers of the rows that are chosen in the table as it is drawn."""
    state = st.session_state.get(TABLE)
    return list(state["selection"]["rows"]) if state else []


def _ordered(found: Sequence[Entry]) -> Sequence[Entry]:
    """In the order that somebody asked for; a single page sorts itself, in the browser."""
    key = ORDERS[_order()]
    return sorted(found, key=key) if key and len(found) > PER_PAGE else found


def _draw_pages(ordered: Sequence[Entry], length: int, ids: Collection[str]) -> None:
    """The way to other pages, their order, and to choose what is on all of them."""
    with st.container(horizontal=True, vertical_alignment="center", key="retention_pages"):
        paging.draw(PAGE, PER_PAGE, length, len(ordered))
        st.space("stretch")
        if len(ids) < len(ordered):
            st.button(
                f"Choose all {len(ordered):,}",
                key="retention_all",
                type="tertiary",
                on_click=_choose,
                args=([item.voice.id for item in ordered],),
            )
        else:
            st.button(
                "Choose none", key="retention_none", type="tertiary", on_click=_choose, args=([],)
            )
        st.selectbox(
            "Order",
            list(ORDERS),
            key=ORDER,
            label_visibility="collapsed",
            width=180,
        )


def _choose(ids: Collection[str]) -> None:
    """These voices are chosen from now on, and no other."""
    st.session_state[CHOSEN] = set(ids)
    st.session_state[ROWS] = []


def _health_filter(entries: Sequence[Entry]) -> Collection[Health]:
    """How many voices stand where, worst first: badges that narrow the table, kept in the address.

    Returns those that are chosen. One that is chosen stays there to be let go of, also at zero.
    """
    if HEALTH not in st.session_state:
        asked = st.query_params.get_all(HEALTH)
        st.session_state[HEALTH] = [item for item in Health if words.HEALTH[item].word in asked]
    chosen: Collection[Health] = st.session_state[HEALTH]
    found = fact(entries, _counts)
    chosen = st.pills(
        "Health",
        [health for health in Health if found[health] or health in chosen],
        selection_mode="multi",
        key=HEALTH,
        format_func=lambda health: _pill(health, found[health]),
        label_visibility="collapsed",
    )
    # Not bound to the address by Streamlit, which would write what the badges say, count and all.
    wanted = [words.HEALTH[health].word for health in chosen]
    if not wanted:
        st.query_params.pop(HEALTH, None)
    elif st.query_params.get_all(HEALTH) != wanted:
        st.query_params[HEALTH] = wanted
    return chosen


def _counts(entries: Sequence[Entry]) -> Counter[Health]:
    return Counter(item.standing.health for item in entries)


def _needing(entries: Sequence[Entry]) -> int:
    return sum(item.needs_somebody for item in entries)


def _pill(health: Health, number: int) -> str:
    """What a badge says, as Markdown: sign, number and word."""
    label = words.HEALTH[health]
    return f":{label.colour}[{label.icon}] {number:,} {label.word.lower()}"


def _attention_filter(entries: Sequence[Entry]) -> bool:
    """Whether only those are to be shown that need somebody; draws nothing where none does."""
    needing = fact(entries, _needing)
    label = f"Needs attention ({needing:,})"
    return needing > 0 and st.toggle(label, key=ATTENTION, bind="query-params")


def _draw_go_to(shown: Sequence[Entry], entries: Sequence[Entry]) -> None:
    """A way to one voice's page for those who use the keyboard: a list that is searched. Of many
    voices it has those that the filters let through.
    """
    if going := st.session_state.pop(GOING, ""):
        st.switch_page(page_file("voice"), query_params={"id": going})
    offered = finding.at_hand(shown, entries)
    titles = {voice_id: finding.label(item) for voice_id, item in offered.items()}
    names = fields.tell_apart(titles, {})
    st.selectbox(
        "Go to a voice",
        list(offered),
        index=None,
        key=GO_TO,
        format_func=names.__getitem__,
        placeholder="Go to a voice" if len(entries) <= finding.AT_ONCE else "Go to a match",
        label_visibility="collapsed",
        width=180,
        filter_mode="contains",
        on_change=_go,
    )


def _go() -> None:
    """The next drawing leads to the voice that was picked; the list is empty when one returns."""
    st.session_state[GOING] = st.session_state[GO_TO]
    st.session_state[GO_TO] = None


def _carry_over(ordered: Sequence[Entry], shown: Sequence[Entry]) -> set[str]:
    """Rows move as time passes, and filters and pages change; what was chosen are voices, not
    numbers. Returns the ids of all that are chosen.
    """
    ids = [item.voice.id for item in shown]
    before: list[str] = st.session_state.get(ROWS, ids)
    numbers = _ticked()
    wanted: set[str] = set()
    is_over = st.session_state.pop(FORGET, False)
    if TABLE in st.session_state and not is_over:
        elsewhere = st.session_state.get(CHOSEN, set()) - {*before}
        wanted = elsewhere | {before[number] for number in numbers if number < len(before)}
    if wanted:
        wanted &= {item.voice.id for item in ordered}
    rows = [number for number, voice_id in enumerate(ids) if voice_id in wanted]
    if set(rows) != set(numbers):
        st.session_state[TABLE] = {"selection": {"rows": rows}}
    st.session_state[ROWS], st.session_state[CHOSEN] = ids, wanted
    return wanted


def _row(item: Entry) -> dict[str, object]:
    deadline = item.standing.deadline
    demo = "Demo " if item.is_demo else ""
    return {
        "Voice": item.voice.name,
        "Health": [words.HEALTH[item.standing.health].signed],
        "Left": _left(deadline, item.now) if deadline else "",
        "Expires": deadline,
        "Service": demo + KIND_TITLES[item.voice.kind],
        "Owner": item.voice.owner,
    }


def _left(deadline: datetime, now: datetime) -> str:
    """How long it still has, or how long ago that ended."""
    return span(deadline - now) if deadline > now else f"{span(now - deadline)} ago"
