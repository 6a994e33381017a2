"""Several takes at once: which are chosen, downloaded as one file, deleted after one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import BinaryIO

import streamlit as st

from lib import units
from lib.models import Take
from lib.roles import Permission
from lib.studio.core.context import Context
from lib.studio.core.records import VaultError, WantedTakes
from lib.studio.library import takes, takes_file
from lib.studio.library.listing import Entry
from lib.studio.library.takes_file import MOST, Packed, TooMuch
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.shared import ready_file
from lib.ui.shared.confirming import answer, close, show_refusals
from lib.ui.shared.player import save_button
from lib.ui.shared.ready_file import ReadyFile

CHOSEN = "takes_chosen"
"""Of which list takes are chosen, and their ids: another list begins with none."""
DELETING = "takes_deleting_all"
"""The ids of takes of which somebody was asked whether they are to be deleted."""
PACKED = "takes_packed"
"""The file that was made of takes, by their ids."""
TOLD = "takes_told"
"""How the last deed ended, until something else is done."""
NAMED = 6
"""So many takes are named in a question; the others are counted."""
EXCERPT = 60
"""Characters of each."""


def of(wanted: WantedTakes) -> frozenset[str]:
    """The ids of the takes that are chosen in this list."""
    known, ids = st.session_state.get(CHOSEN, (wanted, frozenset()))
    return ids if known == wanted else frozenset()


def box(take: Take, wanted: WantedTakes) -> None:
    """The box that chooses a take."""
    key = f"takes_choose_{take.id}"
    is_chosen = take.id in of(wanted)
    # Written only where it differs, or a run would undo what is ticked while it draws.
    if st.session_state.get(key, False) != is_chosen:
        st.session_state[key] = is_chosen
    st.checkbox(
        words.plain(f"Choose “{words.short(take.name or take.text)}”"),
        key=key,
        label_visibility="collapsed",
        on_change=_turn,
        args=(take.id, wanted),
    )


def bar(context: Context, wanted: WantedTakes, by_id: Mapping[str, Entry]) -> None:
    """What can be done with the takes that are chosen, the question, and the file."""
    ids = of(wanted)
    may_delete = may(context, Permission.SPEAK)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="takes_bar"):
        st.button(
            "Choose none" if ids else "Choose all",
            key="takes_choose_all",
            icon=":material/remove_done:" if ids else ":material/done_all:",
            on_click=_choose_none if ids else _choose_all,
            args=() if ids else (context, wanted),
        )
        is_wanted = st.button(
            "Download", key="takes_download", icon=":material/folder_zip:", disabled=not ids
        )
        if may_delete and st.button(
            "Delete", key="takes_delete_all", icon=":material/delete:", disabled=not ids
        ):
            ready_file.forget(PACKED)
            st.session_state[DELETING] = ids
        st.caption(_how_many(ids, may_delete=may_delete), width="content")
    if told := st.session_state.pop(TOLD, ""):
        st.warning(words.plain(told))
    if is_wanted:
        close(DELETING)
        _pack(context, ids, by_id)
    _draw_file(context, ids)
    if may_delete:
        _question(context, by_id)


def _how_many(ids: frozenset[str], *, may_delete: bool) -> str:
    if not ids:
        return f"Tick takes to download {'or delete ' if may_delete else ''}them together."
    more = " at most" if len(ids) == MOST else ""
    return f"{units.count(len(ids), 'take')} chosen{more and f', {MOST}{more}'}"


def _turn(take_id: str, wanted: WantedTakes) -> None:
    ids = of(wanted) ^ {take_id}
    if len(ids) > MOST:
        st.session_state[TOLD] = f"{MOST} takes can be chosen at a time."
        return
    _choose(wanted, ids)


def _choose_all(context: Context, wanted: WantedTakes) -> None:
    _choose(wanted, frozenset(take.id for take in takes.latest(context, MOST, wanted)))


def _choose_none() -> None:
    st.session_state.pop(CHOSEN, None)
    close(DELETING)


def _choose(wanted: WantedTakes, ids: frozenset[str]) -> None:
    st.session_state[CHOSEN] = wanted, ids
    close(DELETING)  # it was asked about others


def _pack(context: Context, ids: frozenset[str], by_id: Mapping[str, Entry]) -> None:
    """Read the sounds; the file lies ready then."""
    ready_file.forget(PACKED)
    found = takes.some(context, ids)
    if not found:
        st.info("These takes no longer exist.")
        return
    voice_ids = {take.voice_id for take in found}
    voices = {name: by_id[name].voice for name in voice_ids if name in by_id}
    line = st.progress(0.0, "Reading the audio…")

    def report(number: int) -> None:
        line.progress((number - 1) / len(found), f"Reading take {number:,} of {len(found):,}")

    def pack(file: BinaryIO) -> Packed:
        return takes_file.pack(context, file, found, voices, person(context), report=report)

    try:
        ready_file.make(context, PACKED, ids, pack)
    except TooMuch as problem:
        st.warning(str(problem), icon=":material/folder_zip:")
    except VaultError as problem:
        st.error(words.plain(f"The file was not made. {problem}"))
    except OSError:
        st.error("The file was not made: this server’s disk is full.")
    line.empty()


def _draw_file(context: Context, ids: frozenset[str]) -> None:
    """The file that was made for the takes that are chosen, until others are."""
    ready: ReadyFile[Packed] | None = st.session_state.get(PACKED)
    if ready is None:
        return
    if ready.made_of != ids:
        ready_file.forget(PACKED)
        return
    packed = ready.told
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="takes_file"):
        told = f"{units.count(packed.count, 'take')} in one ZIP, with a table of their texts."
        if packed.missing:
            told += f" {units.count(len(packed.missing), 'take')} could not be read."
        st.markdown(told, width="stretch")
        save_button(
            f"Save it ({units.size(packed.bytes)})",
            ready.read,
            file_name=f"Takes {context.clock.now():%Y-%m-%d}.zip",
            mime=takes_file.MEDIA_TYPE,
            key="takes_save",
        )


def _question(context: Context, by_id: Mapping[str, Entry]) -> None:
    asked: frozenset[str] | None = st.session_state.get(DELETING)
    if not asked:
        return
    found = takes.some(context, asked)
    if not found:
        close(DELETING)
        return
    with st.container(border=True, key="takes_question"):
        is_one = len(found) == 1
        what = "The audio and its text" if is_one else "The audio and the texts"
        st.markdown(
            f"**Delete {units.count(len(found), 'take')}?** {what} are deleted from your storage, "
            f"and links to {'it' if is_one else 'them'} end. What {'it' if is_one else 'they'} "
            "cost stays in your spending."
        )
        lines = [f"- {_named(take, by_id.get(take.voice_id))}" for take in found[:NAMED]]
        more = len(found) - len(lines)
        st.markdown("\n".join([*lines, *([f"- and {more:,} more"] if more else [])]))
        keys = ("takes_delete_sure", "takes_delete_leave")
        them = "it" if is_one else "them"
        if answer(
            DELETING,
            f"Delete {them}",
            f"Keep {them}",
            keys=keys,
            icon=":material/delete:",
            primary=False,
        ):
            _delete(context, found)


def _named(take: Take, item: Entry | None) -> str:
    who = f"{words.short(item.voice.name)}: " if item else ""
    return words.plain(who + words.short(take.name or take.text, EXCERPT))


def _delete(context: Context, found: Sequence[Take]) -> None:
    line = st.progress(0.0, "Deleting…")

    def report(number: int) -> None:
        line.progress((number - 1) / len(found), f"Deleting take {number:,} of {len(found):,}")

    with show_refusals("Check which takes are still here."):
        deleted = takes.delete_all(context, found, person(context), report=report)
        _choose_none()
        if deleted.refused:
            names = ", ".join(f"“{words.short(take.text, EXCERPT)}”" for take in deleted.refused)
            st.session_state[TOLD] = (
                f"{units.count(deleted.count, 'take')} deleted. A part of {names} is being "
                "generated right now. Delete it a little later."
            )
        st.toast(f"{units.count(deleted.count, 'take')} deleted.", icon=":material/delete:")
        st.rerun()
