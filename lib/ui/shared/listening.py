"""The question after a test call of an adopted voice: is this the voice?"""

from __future__ import annotations

import streamlit as st

from lib.roles import Permission
from lib.studio.adoption import listening
from lib.studio.adoption.wording import Reason, sentence
from lib.studio.core.context import Context
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.shared.player import play_copy


def ask(context: Context, item: Entry, *, again: str = "") -> None:
    """Draw the sound of an adopted voice's test call and the two answers, until one is given.

    `again` begins the keys where this is asked elsewhere on the page as well.
    """
    unheard, voice = item.unheard, item.voice
    if unheard is None:
        return
    if not unheard.key:
        st.caption("The test call is done. Storing its audio…")
        return
    able = may(context, Permission.KEEP)
    then = "Listen, then answer." if able else "A member of your team has to answer."
    st.markdown(f"**Is this {words.plain(voice.name)}?** {then}")
    play_copy(context, voice.service, unheard, alt=f"The test call of {voice.name}")
    if not able:
        return
    with st.container(horizontal=True):
        yes = st.button(
            "Yes, this is the voice",
            key=f"{again}ear_yes_{voice.id}",
            icon=":material/check:",
            type="primary",
        )
        no = st.button(
            "No, this is another voice",
            key=f"{again}ear_no_{voice.id}",
            icon=":material/close:",
            help=f"Then this test call does not count. {sentence(Reason.ANOTHER_VOICE)}",
        )
    if yes or no:
        listening.record_verdict(
            context, voice.id, unheard.id, is_the_voice=yes, person=person(context)
        )
        if no:
            st.toast(
                f"Noted: another voice spoke. {sentence(Reason.ANOTHER_VOICE)}",
                icon=":material/info:",
            )
        st.rerun()
