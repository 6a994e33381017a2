"""Home: what needs attention, the voices, the last takes, the last look of the keeper."""

from lib.ui.access.front import draw_elevation, enter, may, page_file, plain_failures

context = enter()

from collections.abc import Sequence

import streamlit as st

from lib import keeper
from lib.models import Purpose
from lib.roles import Permission
from lib.studio.alerts.attention import needing
from lib.studio.alerts.notices import ATTENTION
from lib.studio.core import money
from lib.studio.library import listing, takes
from lib.studio.library.listing import Entry
from lib.studio.library.together import once
from lib.studio.storage import unreadable
from lib.ui import words
from lib.ui.home import first_steps, library
from lib.ui.shared import accounts, attention, budget, bulk, table, voices
from lib.ui.shared.live import reading_the_vault, watch
from lib.ui.shared.player import play_take

TAKES = 3
LINES = 5


def show(label: str, key: str, found: Sequence[Entry]) -> None:
    """The way to these voices on Retention."""
    healths = [words.HEALTH[health].word for health in table.healths_of(found)]
    filters = {ATTENTION: "true", table.HEALTH: healths}
    with st.container(key=key, width="content"):
        st.page_link(
            page_file("retention"),
            label=label,
            icon=":material/arrow_forward:",
            query_params=filters,
        )


def draw_attention(found: Sequence[Entry]) -> None:
    """What needs somebody, and how far the last deed is."""
    lines = once(found, needing)
    if lines or unreadable.waiting(context):
        st.subheader("Needs attention", anchor=False)
    bulk.progress(found, of_group=True)
    attention.draw(context, lines, most=LINES, place="needs", show=show)


st.title("Your voices", anchor=False)

with plain_failures():
    if reading_the_vault(context):
        st.stop()
    entries = listing.entries(context)
    accounts.remind(context, entries)

    with st.container(horizontal=True, vertical_alignment="center"):
        waits = bool(once(entries, needing))  # then saving that comes first
        if may(context, Permission.CLONE) and st.button(
            "Clone a voice",
            key="home_clone",
            icon=":material/mic:",
            type="secondary" if waits else "primary",
        ):
            st.switch_page(page_file("clone"))
        if may(context, Permission.SPEAK):
            verb, icon = "Generate speech", ":material/graphic_eq:"
        else:
            verb, icon = "Listen", ":material/headphones:"
        if st.button(verb, key="home_speak", icon=icon):
            st.switch_page(page_file("playground"))
        st.space("stretch")
        voices.last_pass(context, keeper.signs(context).passed_at)

    if context.settings.live_services and may(context, Permission.ACTIVITY):
        kept = money.month_spent(context, keeping=True)
        parts = [
            f"Spent this month: {money.month_spent(context)}",
            budget.bound_left(context, Purpose.ORDER),
            f"{kept} for keeping voices" if kept.micros else "",
            budget.bound_left(context, Purpose.REFRESH),
        ]
        st.caption(" · ".join(filter(None, parts)).replace("$", r"\$"))

    first_steps.draw(context, entries)

    # To judge all voices takes a while: the first drawing takes those that the page has already.
    loaded: list[Sequence[Entry]] = [entries]

    def load() -> Sequence[Entry]:
        return loaded.pop() if loaded else listing.entries(context)

    watch(
        load,
        draw_attention,
        is_in_progress=attention.is_in_progress,
        key="home_attention",
    )
    if not may(context, Permission.SETTINGS) and unreadable.waiting(context):
        draw_elevation(context)

    st.subheader("Library", anchor=False)
    if not entries and not may(context, Permission.CLONE):
        st.info("No voices yet. Members of your team can make them.")
    elif not entries:
        st.info(
            "No voices yet. Clone your first one from a recording of 10 seconds or more, describe "
            "one in words, or add an existing one.",
            icon=":material/mic:",
        )
    else:
        library.draw(context, entries)

    if last := takes.latest(context, TAKES):
        st.subheader("Latest takes", anchor=False)
        for take in last:
            speaker = listing.find(context, take.voice_id)
            if speaker is None:
                continue
            with st.container(border=True):
                with st.container(horizontal=True, vertical_alignment="center"):
                    voices.name_link(speaker.voice)
                    st.caption(words.until(take.created_at, speaker.now))
                if take.name:
                    st.markdown(f"**{words.plain(take.name)}**")
                st.text(take.text[:200])
                play_take(context, take, speaker.voice.service)
