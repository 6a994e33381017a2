"""Playground: voices say a text; the cost before, the player after, every take kept."""

from lib.ui.access.front import enter, may, plain_failures

context = enter()

import streamlit as st

from lib.roles import Permission
from lib.studio.jobs import overview
from lib.studio.library import listing
from lib.studio.library import takes as library_takes
from lib.ui.playground import picking, speaking, takes
from lib.ui.shared import accounts, progress
from lib.ui.shared.live import reading_the_vault

UNFINISHED = 3
"""Long texts not joined yet that are shown."""

st.title("Playground", anchor=False)

with plain_failures():
    if reading_the_vault(context):
        st.stop()
    everything = listing.entries(context)
    wanted = st.query_params.get("voice", "")
    by_id = {item.voice.id: item for item in everything}
    if not may(context, Permission.SPEAK):
        takes.unfinished(context, overview.unfinished(context, UNFINISHED), by_id)
        takes.draw(context, by_id)
        if not library_takes.count(context):
            st.info("Nothing was spoken yet. What members have spoken is heard here.")
        st.stop()
    able, mute = picking.able(everything), picking.mute(everything)
    if not able:
        picking.show_mute(mute, wanted)
        st.info(
            "No voice can speak yet. Clone one, describe one, or adopt one that you have; it takes "
            "about a minute."
        )
        st.page_link("pages/clone.py", label="Get a voice", icon=":material/mic:")
        st.stop()
    said = st.session_state.get(speaking.SAID, [])
    if picking.is_fresh_visit():
        st.session_state[progress.QUIET] = tuple(said)
    begun = overview.unfinished(context, UNFINISHED + len(said))
    accounts.remind(context, everything)
    chosen = picking.choose_voices(able)
    picking.show_mute(mute, wanted)
    speaking.draw(context, chosen, begun)
    if said:
        with st.container(border=len(said) == 1, key="speak_result"):
            progress.side_by_side(context, said)
    waiting = [text for text in begun if text.id not in said][:UNFINISHED]
    takes.unfinished(context, waiting, by_id)
    takes.draw(context, by_id)
