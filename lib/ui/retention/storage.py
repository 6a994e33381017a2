"""The way to a new storage on screen: how far it is, what holds it up, what can be given up."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib import units
from lib.retention import StepKind, reason_words
from lib.roles import Permission
from lib.studio.core.context import Context
from lib.studio.library.listing import Entry
from lib.studio.library.together import fact, once
from lib.studio.storage import migration
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.shared.confirming import answer

ASKING = "storage_leave_asked"


def stuck(entries: Sequence[Entry]) -> list[Entry]:
    """The voices whose files cannot move to the new storage."""
    return [item for item in entries if item.step.kind is StepKind.MOVE and item.step.blocked]


def _files_left(entries: Sequence[Entry]) -> int:
    return sum(migration.files_left(item.dossier, item.terms.vault) for item in entries)


def show_move(context: Context, entries: Sequence[Entry]) -> None:
    """How far everything is on its way to a new storage, if something is."""
    move = migration.progress(context, fact(entries, _files_left))
    if move is None:
        return
    st.progress(
        move.done / move.total,
        f"Moving your files to the new storage: {move.done:,} of {move.total:,}. A file counts as "
        "backed up once it was checked there.",
    )
    # Giving up is offered only where a move is stuck: files that are merely slow will come.
    held_up = once(entries, stuck)
    if not held_up:
        return
    with st.container(border=True, key="storage_stuck"):
        st.write(words.plain(f"On hold: {reason_words(held_up[0].step.why)}"))
        st.caption(
            "The current keys have to open both places. If the old one is gone for good, leave "
            "behind what was only there: the voices stay, those files do not."
        )
        if not may(context, Permission.SETTINGS):
            return
        if not st.session_state.get(ASKING):
            if st.button("Leave the old files behind", key="storage_leave"):
                st.session_state[ASKING] = True
                st.rerun()
            return
        give_up = f"Leave {units.count(move.total - move.done, 'file')} behind"
        keys = "storage_leave_sure", "storage_leave_not"
        if answer(ASKING, give_up, "Keep trying", keys=keys):
            migration.leave_behind(context, [item.dossier for item in entries], person(context))
            st.rerun()
