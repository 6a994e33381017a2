"""The one voice whose row is chosen: how it stands, what happens next and why, what can be done."""

from __future__ import annotations

import streamlit as st

from lib.retention import reason_words
from lib.studio.core.context import Context
from lib.studio.library import samples
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.shared import now_playing, voices

AGAIN = "panel_"
"""Begins the keys of its buttons: a voice that needs attention has some at the top of the page."""


def draw(context: Context, item: Entry, *, primary: bool) -> None:
    """All that the table has no room for. `primary`: its first button is that of the page."""
    voice = item.voice
    with st.container(border=True, key="retention_panel"):
        voices.name_link(voice)
        st.markdown(voices.badges(item))
        if sample := samples.sample(context, item.dossier):
            now_playing.play(context, voice, sample)
        lines = [voices.next_words(item)]
        if item.standing.deadline:
            lines = [voices.deadline_words(item), *lines]
        st.markdown(words.plain(" ".join(filter(None, lines))))
        label = "**Proof:** " if item.standing.evidence else ""
        st.markdown(label + words.plain(reason_words(item.standing.why)))
        if voice.owner:
            st.caption(words.plain(f"Owner: {voice.owner}"))
        with st.container(horizontal=True, vertical_alignment="center"):
            voices.buttons(context, item, primary=primary, again=AGAIN)
            voices.link(voice, "voice", "Open", ":material/arrow_forward:")
        voices.questions(context, item, again=AGAIN)
