"""Home: what needs you, the voices, the last takes, the last look of the keeper."""

from lib.ui.front import enter, page_file, plain_failures

workshop = enter()

import streamlit as st

from lib import keeper
from lib.models import Purpose
from lib.studio import library, money
from lib.ui import accounts, purse, unreadable, voices, words
from lib.ui.live import reading_the_vault
from lib.ui.player import play_take

TAKES = 3
VOICES = 12

st.title("Your voices", anchor=False)

with plain_failures():
    if reading_the_vault(workshop):
        st.stop()
    entries = library.entries(workshop)
    accounts.remind(entries)
    unreadable.draw(workshop)
    waiting = [item for item in entries if item.needs_somebody and not item.is_demo]
    examples = [item for item in entries if item.needs_somebody and item.is_demo]
    notes = workshop.registry.notes.all()

    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Clone a voice", key="home_clone", icon=":material/mic:", type="primary"):
            st.switch_page(page_file("clone"))
        if st.button("Speak", key="home_speak", icon=":material/graphic_eq:"):
            st.switch_page(page_file("playground"))
        st.space("stretch")
        voices.last_pass(workshop, notes.get(keeper.HEARTBEAT))

    if workshop.settings.live_services:
        spent = f"Spent this month: {money.month_spent(workshop)}"
        kept = money.month_spent(workshop, keeping=True)
        parts = [
            spent,
            purse.bound_left(workshop, Purpose.ORDER),
            f"{kept} for keeping voices" if kept.micros else "",
            purse.bound_left(workshop, Purpose.REFRESH),
        ]
        st.caption(" · ".join(filter(None, parts)).replace("$", r"\$"))

    if waiting or examples:
        st.subheader("What needs you", anchor=False)
        for item in (waiting or examples)[:5]:
            voices.card(workshop, item, place="needs")

    st.subheader("Library", anchor=False)
    if not entries:
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
        found = [item for item in newest if voices.matches(item, search or "")]
        if not found:
            st.write("No voice matches that.")
        with st.grid(3, min_column_width=240, key="home_library") as grid:
            for item in found[:VOICES]:
                with grid.cell():
                    voices.tile(workshop, item)
        if len(found) > VOICES:
            st.page_link(
                page_file("retention"),
                label=f"All {len(present):,} voices",
                icon=":material/arrow_forward:",
            )

    takes = workshop.registry.takes.latest(services=workshop.settings.visible, limit=TAKES)
    if takes:
        st.subheader("Last takes", anchor=False)
        by_id = {item.voice.id: item for item in entries}
        for take in takes:
            item = by_id.get(take.voice_id)
            if item is None:
                continue
            with st.container(border=True):
                st.markdown(
                    f"**{words.plain(item.voice.name)}** · {words.until(take.created_at, item.now)}"
                )
                st.text(take.text[:200])
                play_take(workshop, take, item.voice.service)
