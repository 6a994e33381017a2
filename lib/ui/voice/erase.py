"""Erasing this voice for good, and the way back while there is one."""

from __future__ import annotations

import streamlit as st

from lib.roles import Permission
from lib.studio.core.context import Context
from lib.studio.core.records import Erasure
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import may
from lib.ui.shared import confirming, erasing


def notice(context: Context, erasure: Erasure | None) -> None:
    """That this voice is going to be erased, for everybody who looks at it."""
    if erasure is None:
        return
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key="erase_notice"
    ):
        st.markdown(f":material/delete_forever: {words.plain(erasing.when(erasure, context))}")
        if may(context, Permission.ERASE):
            erasing.keep_button(context, erasure, key="erase_cancel")


def draw(context: Context, item: Entry, erasure: Erasure | None) -> None:
    """The button for admins, and its question."""
    if erasure or not may(context, Permission.ERASE):
        return
    voice = item.voice
    open_key = f"asked_erase_{voice.id}"
    if st.button("Erase for good…", key=f"erase_{voice.id}", icon=":material/delete_forever:"):
        st.session_state[open_key] = True
    if open_key not in st.session_state:
        return
    with st.container(border=True, key=f"erase_question_{voice.id}"):
        if erasing.question(context, [item.dossier], voice.name, key=f"erase_{voice.id}"):
            confirming.close(open_key)
            st.rerun()
        st.button(
            "Leave it",
            key=f"erase_leave_{voice.id}",
            type="tertiary",
            on_click=confirming.close,
            args=(open_key,),
        )


def draw_gone(erasure: Erasure) -> None:
    """What its page shows once it is erased."""
    at = erasure.finished_at or erasure.started_at
    on = f" on {at:%-d %B %Y}" if at else ""
    st.info(f"This voice was erased{on}. Nothing of it is kept here.")
