"""The way to a new storage on screen: how far it is, what holds it up, what can be given up."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.retention import StepKind
from lib.roles import Permission
from lib.studio.core.context import Context
from lib.studio.library.listing import Entry
from lib.studio.storage import migration
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.shared.confirming import answer

ASKING = "storage_leave_asked"


def stuck(entries: Sequence[Entry]) -> list[Entry]:
    """The voices whose files cannot move to the new storage."""
    return [item for item in entries if item.step.kind is StepKind.MOVE and item.step.blocked]


def show_move(context: Context, entries: Sequence[Entry]) -> None:
    """How far everything is on its way to a new storage, if something is."""
    move = migration.progress(context, (item.dossier for item in entries))
    if move is None:
        return
    st.progress(
        move.done / move.total,
        f"Your files move to the new storage: {move.done:,} of {move.total:,}. Until a copy is "
        "there and was read back, it counts for nothing.",
    )
    # Giving up is offered only where a move is stuck: files that are merely slow will come.
    held_up = stuck(entries)
    if not held_up:
        return
    with st.container(border=True, key="storage_stuck"):
        st.write(words.plain(f"Held up: {held_up[0].step.why}"))
        st.caption(
            "Both places have to be readable with the keys that are set now. If the old one is "
            "gone for good, give up what was only there: the voices stay, those files do not."
        )
        if not may(context, Permission.SETTINGS):
            return
        if not st.session_state.get(ASKING):
            if st.button("Give up the old files", key="storage_leave"):
                st.session_state[ASKING] = True
                st.rerun()
            return
        give_up = f"Give up {words.count(move.total - move.done, 'file')}"
        keys = "storage_leave_sure", "storage_leave_not"
        if answer(ASKING, give_up, "Keep asking for them", keys=keys):
            migration.leave_behind(context, [item.dossier for item in entries], person(context))
            st.rerun()
