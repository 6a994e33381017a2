"""Erasing all that there is of a person; what waits to be erased, and receipts of what was."""

from __future__ import annotations

import streamlit as st

from lib import units
from lib.studio.core.context import Context
from lib.studio.core.records import Erasure
from lib.studio.erasure import asking
from lib.ui import words
from lib.ui.shared import erasing

RECEIPTS = 50
"""Receipts that are shown, the newest."""
PERSON = "erase_person"


def draw(context: Context) -> None:
    """For admins only. A few queries; one more while a person is looked for."""
    st.subheader("Erase a person's data", anchor=False)
    with st.container(border=True, key="erase_part"):
        st.caption(
            "Finds every voice cloned from recordings of this person, and erases it with "
            "everything made from it. To erase a single voice, open its page, under Keeping."
        )
        name = st.text_input(
            "Who speaks", key=PERSON, placeholder="Name, as it was given when the voice was cloned"
        ).strip()
        if name:
            _found(context, name)
        _waiting(context)
        _receipts(asking.receipts(context, RECEIPTS))


def _found(context: Context, name: str) -> None:
    found = asking.of_person(asking.to_be_kept(context), name)
    if not found:
        st.info("No voice was cloned from a recording of anybody with this name.")
        return
    names = ", ".join(words.short(dossier.voice.name) for dossier in found)
    st.markdown(f"**{units.count(len(found), 'voice')}:** {words.plain(names)}")
    if erasing.question(context, found, name, key="erase_all"):
        st.rerun()


def _waiting(context: Context) -> None:
    for erasure, voice in asking.waiting(context):
        with st.container(horizontal=True, vertical_alignment="center"):
            name = f"**{words.plain(words.short(voice.name))}**" if voice else "A voice"
            st.markdown(f"{name}: {words.plain(erasing.when(erasure, context))}")
            erasing.keep_button(context, erasure, key=f"erase_cancel_{erasure.voice_id}")


def _receipts(done: list[Erasure]) -> None:
    if not done:
        return
    with st.expander(f"Receipts ({len(done)})", key="erase_receipts"):
        for erasure in done:
            receipt = asking.receipt_of(erasure)
            counts = erasing.counted(receipt.files, receipt.takes)
            what = ", ".join(["the voice", *counts])
            at = f"{erasure.finished_at:%-d %B %Y, %H:%M} UTC: " if erasure.finished_at else ""
            who = f" Asked for by {erasure.asked_by}." if erasure.asked_by else ""
            st.markdown(words.plain(f"{at}{what}.{who} ID {erasure.voice_id}"))
