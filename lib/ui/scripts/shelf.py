"""All scripts, the one that was changed last first, found by their names."""

from __future__ import annotations

import streamlit as st

from lib import units
from lib.roles import Permission
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.scripts import standing
from lib.studio.scripts.standing import Summary
from lib.ui import words
from lib.ui.access.front import may
from lib.ui.scripts import writing
from lib.ui.shared import paging

PER_PAGE = 20
PAGE, SEARCH = "scripts_page", "scripts_search"
SEARCHED_FROM = 6
"""So many scripts are looked through without a search."""


def draw(context: Context, *, is_missing: bool) -> None:
    """`is_missing`: somebody came by a link to a script that is not here."""
    st.title("Scripts", anchor=False)
    if is_missing:
        st.info("There is no script at this link. It may have been deleted.")
    search = str(st.session_state.get(SEARCH) or "").strip()
    total = standing.count(context, search)
    may_write = may(context, Permission.SPEAK)
    if not total and not search:
        _draw_empty(may_write=may_write)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if may_write:
            _new_button()
        st.space("stretch")
        if search or total >= SEARCHED_FROM:
            st.text_input(
                "Find a script",
                key=SEARCH,
                placeholder="Name",
                icon=":material/search:",
                label_visibility="collapsed",
                width=240,
            )
    if not total:
        st.write("No scripts match.")
        return
    skip = paging.skip(PAGE, search, PER_PAGE, total)
    shown = standing.listed(context, search, limit=PER_PAGE, skip=skip)
    for summary in shown:
        with st.container(border=True, gap="xxsmall", key=f"scripts_row_{summary.script.id}"):
            _draw_one(context, summary)
    if total > PER_PAGE:
        with st.container(horizontal=True, vertical_alignment="center"):
            paging.draw(PAGE, PER_PAGE, len(shown), total)


def _draw_empty(*, may_write: bool) -> None:
    if not may_write:
        st.info("No scripts yet. Scripts by members of your team appear here.")
        return
    st.write(
        "Dialogues, lessons, ads: paste a script, give each name a voice, and generate all lines "
        "at once. You see the price first."
    )
    _new_button()


def _new_button() -> None:
    st.button(
        "New script",
        key="script_new",
        icon=":material/add:",
        type="primary",
        on_click=writing.begin,
    )


def _draw_one(context: Context, summary: Summary) -> None:
    script = summary.script
    # No link: one to the page that it stands on changes the page and not the address.
    st.button(
        f"**{words.plain(script.name)}**{words.demo_badge(demo=script.service == DEMO)}",
        key=f"script_open_{script.id}",
        type="tertiary",
        on_click=st.query_params.from_dict,
        args=({"id": script.id},),
    )
    count = len(script.lines)
    facts = [units.count(count, "line"), units.count(len(script.speakers), "speaker")]
    facts.append(
        "all generated"
        if summary.spoken == count
        else f"{summary.spoken:,} generated"
        if summary.spoken
        else "nothing generated yet"
    )
    facts += [units.seconds(summary.seconds)] if summary.seconds else []
    by = f" by {script.person}" if script.person else ""
    facts.append(f"changed {words.until(script.changed_at, context.clock.now())}{by}")
    st.caption(words.plain(" · ".join(facts)))
