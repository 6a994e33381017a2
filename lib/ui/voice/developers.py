"""For developers: the voice's ID to copy, and a command line that speaks with it."""

from __future__ import annotations

import streamlit as st

from lib.roles import Permission
from lib.services import KINDS, SERVICES
from lib.studio.core.context import Context
from lib.studio.library import programs
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import may


def draw(context: Context, item: Entry) -> None:
    """Both, each with a button that copies it."""
    voice = item.voice
    is_file = KINDS[voice.kind].is_file
    if is_file and not may(context, Permission.KEEP):
        st.caption("Members of your team see the address of its file.")
        return
    st.markdown("**Address of the voice file**" if is_file else "**Voice ID**")
    if name := programs.identifier(item):
        st.code(name, language=None, wrap_lines=True)
    else:
        st.caption("The service gives no address for it." if is_file else "It has no ID yet.")
    title = SERVICES[voice.service].title
    call = programs.speech_call(context, item)
    if call is None:
        told = (
            "The demo works only inside this app. With a key for a real service, you find a ready "
            "command here."
            if item.is_demo
            else f"You find a ready command here once {title} has a key and a model for this voice."
        )
        st.caption(words.plain(told))
        return
    st.markdown("**Generate speech from a shell**")
    st.code(programs.curl(context, item, call), language="bash", wrap_lines=True)
    st.caption(words.plain(_notes(item, is_file=is_file, answers_sound=call.answers_sound)))


def _notes(item: Entry, *, is_file: bool, answers_sound: bool) -> str:
    """Where the key goes, what it costs, and what comes back."""
    service = SERVICES[item.voice.service]
    notes = [
        f"Put your key into {service.key_setting} first. {service.title} charges that key for "
        "each call, and Voicekeep does not count it."
    ]
    if is_file:
        notes.append("The service has to be able to fetch the file from that address.")
    if not answers_sound:
        notes.append("The answer is the audio itself, or JSON with its address.")
    return " ".join(notes)
