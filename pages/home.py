"""Home: what needs attention, the voices, the last takes, the last look of the keeper."""

from lib.ui.access.front import draw_elevation, enter, may, page_file, plain_failures

context = enter()

import streamlit as st

from lib import keeper
from lib.models import Health, Purpose
from lib.roles import Permission
from lib.studio.alerts.attention import attention_groups
from lib.studio.alerts.notices import ATTENTION
from lib.studio.core import money
from lib.studio.library import listing, takes
from lib.studio.library.listing import Entry
from lib.studio.storage import unreadable
from lib.ui import words
from lib.ui.shared import accounts, attention, budget, bulk, table, voices
from lib.ui.shared.live import reading_the_vault, watch
from lib.ui.shared.player import play_take

TAKES = 3
VOICES = 12
LINES = 5


def show(label: str, key: str, healths: list[Health]) -> None:
    """The way to these voices on Retention."""
    filters = {ATTENTION: "true"}
    if len(healths) == 1:
        filters[table.HEALTH] = words.HEALTH[healths[0]].word
    with st.container(key=key, width="content"):
        st.page_link(
            page_file("retention"),
            label=label,
            icon=":material/arrow_forward:",
            query_params=filters,
        )


def draw_attention(found: list[Entry]) -> None:
    """What needs somebody, live voices before the demo's; and how far the last deed is."""
    needing = [item for item in found if item.needs_somebody]
    live = [item for item in needing if not item.is_demo]
    if needing or unreadable.waiting(context):
        st.subheader("Needs attention", anchor=False)
    bulk.progress(found, of_group=True)
    attention.draw(context, attention_groups(live or needing), most=LINES, place="needs", show=show)


st.title("Your voices", anchor=False)

with plain_failures():
    if reading_the_vault(context):
        st.stop()
    entries = listing.entries(context)
    accounts.remind(context, entries)

    with st.container(horizontal=True, vertical_alignment="center"):
        if may(context, Permission.CLONE) and st.button(
            "Clone a voice", key="home_clone", icon=":material/mic:", type="primary"
        ):
            st.switch_page(page_file("clone"))
        if may(context, Permission.SPEAK):
            verb, icon = "Speak", ":material/graphic_eq:"
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

    # To judge all voices takes a while: the first drawing takes those that the page has already.
    loaded = [entries]
    watch(
        lambda: loaded.pop() if loaded else listing.entries(context),
        draw_attention,
        is_in_progress=attention.is_in_progress,
        key="home_attention",
    )
    if not may(context, Permission.SETTINGS) and unreadable.waiting(context):
        draw_elevation(context)

    st.subheader("Library", anchor=False)
    if not entries and not may(context, Permission.CLONE):
        st.info("No voice yet. The members of your team make them.")
    elif not entries:
        st.info(
            "No voice yet. Bring a recording of 10 seconds or more and clone your first one, "
            "describe one in words, or adopt one that you have.",
            icon=":material/mic:",
        )
    else:
        search = st.text_input(
            "Search voices",
            key="home_search",
            placeholder="Name, tag or description",
            label_visibility="collapsed",
            icon=":material/search:",
        )
        present = [item for item in entries if not item.is_archived]
        newest = sorted(present, key=lambda item: item.voice.created_at, reverse=True)
        found = [item for item in newest if voices.matches(item, search)]
        if not found:
            st.write("No voice matches that.")
        with st.grid(3, min_column_width=240, key="home_library") as grid:
            for item in found[:VOICES]:
                with grid.cell():
                    voices.tile(context, item)
        if len(found) > VOICES:
            st.page_link(
                page_file("retention"),
                label=f"All {len(present):,} voices",
                icon=":material/arrow_forward:",
            )

    if last := takes.latest(context, TAKES):
        st.subheader("Last takes", anchor=False)
        by_id = {item.voice.id: item for item in entries}
        for take in last:
            speaker = by_id.get(take.voice_id)
            if speaker is None:
                continue
            with st.container(border=True):
                made = words.until(take.created_at, speaker.now)
                st.markdown(f"**{words.plain(speaker.voice.name)}** · {made}")
                st.text(take.text[:200])
                play_take(context, take, speaker.voice.service)
