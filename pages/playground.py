"""Playground: voices say a text; the cost before, the player after, every take kept."""

from lib.ui.access.front import enter, may, plain_failures

context = enter()

import streamlit as st

from lib.roles import Permission
from lib.studio.jobs import overview
from lib.studio.library import listing
from lib.studio.library import takes as library_takes
from lib.studio.library.together import once
from lib.ui.playground import picking, sharing, takes
from lib.ui.shared import accounts, finding, now_playing, progress, speaking
from lib.ui.shared.live import reading_the_vault

UNFINISHED = 3
"""Long texts not joined yet that are shown."""

st.title("Playground", anchor=False)

with plain_failures():
    if reading_the_vault(context):
        st.stop()
    everything = listing.entries(context)
    wanted = st.query_params.get("voice", "")
    by_id = once(everything, finding.by_id)
    sharing.linked(context, by_id)
    if not may(context, Permission.SPEAK):
        takes.unfinished(context, overview.unfinished(context, UNFINISHED), by_id)
        takes.draw(context, by_id)
        if not library_takes.count(context, most=1):
            st.info("No takes yet. Takes by members of your team appear here.")
        st.stop()
    able, mute = once(everything, finding.able), once(everything, picking.mute)
    if not able:
        picking.explain_mute(mute, wanted)
        picking.show_mute(mute)
        st.info(
            "No voice is ready yet. Clone one, describe one, or add an existing one. It takes "
            "about a minute."
        )
        st.page_link("pages/clone.py", label="Get a voice", icon=":material/mic:")
        takes.draw(context, by_id)
        st.stop()
    said = st.session_state.get(speaking.SAID, [])
    if picking.is_fresh_visit():
        st.session_state[progress.QUIET] = tuple(said)
    begun = overview.unfinished(context, UNFINISHED + len(said))
    with st.container():  # one place for what comes and goes: the takes stay where they are
        accounts.remind(context, everything)
        now_playing.draw(context, able)
        chosen = picking.choose_voices(context, able)
        picking.explain_mute(mute, wanted)
        speaking.draw(context, chosen, begun)
        if said:
            with st.container(border=len(said) == 1, key="speak_result"):
                progress.side_by_side(context, said)
        picking.show_mute(mute)
        waiting = [text for text in begun if text.id not in said][:UNFINISHED]
        takes.unfinished(context, waiting, by_id)
        sharing.draw_all(context)
    takes.draw(context, by_id, with_form=True)
