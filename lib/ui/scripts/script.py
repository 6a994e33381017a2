"""One script: its name and what can be done with it, its cast, its lines."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lib import units
from lib.roles import Permission
from lib.scripts import MAX_PAUSE, MAX_SCRIPT_NAME, Line, Script
from lib.studio.core.context import Context
from lib.studio.library import listing
from lib.studio.library.together import once
from lib.studio.scripts import editing
from lib.studio.scripts.standing import Standing, stand
from lib.ui import words
from lib.ui.access.front import may, name_tab, person
from lib.ui.scripts import cast, export, lines, rows
from lib.ui.scripts.changes import change, key_for
from lib.ui.scripts.rows import Row
from lib.ui.shared import finding
from lib.ui.shared.confirming import answer, close, show_refusals

EDITING = "script_editing"
"""The script whose lines are written in a table, as it was when that began."""
DELETING = "script_deleting"
CLOSED = "script_more_closed"
"""How often a choice closed what it was made in: what was asked would be hidden behind that."""


def draw(context: Context, script: Script) -> None:
    """The page of this script."""
    name_tab(script.name)
    may_speak = may(context, Permission.SPEAK)
    st.button(
        "All scripts",
        key="script_all",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=_leave,
    )
    st.title(words.plain(script.name), anchor=False)
    standing = stand(context, script)
    st.caption(words.plain(_facts(standing)))
    edited: Script | None = st.session_state.get(EDITING)
    if may_speak and edited and edited.id == script.id:
        _draw_table(context, edited)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if may_speak:
            st.button(
                "Edit lines",
                key="script_lines_edit",
                icon=":material/edit:",
                on_click=st.session_state.update,
                args=({EDITING: script},),
            )
        export.button(standing)
        if may_speak:
            _more(context, script)
    entries = listing.entries(context)
    able, by_id = once(entries, finding.able), once(entries, finding.by_id)
    with st.container():  # one place for what comes and goes: the lines stay where they are
        _delete_question(context, script)
        export.draw(context, standing)
        cast.draw(context, standing, able, by_id)
    lines.draw(context, standing, by_id)


def _leave() -> None:
    for key in (EDITING, DELETING, lines.LISTENING, lines.WHY_NOT):
        close(key)
    st.query_params.pop("id", None)


def _facts(standing: Standing) -> str:
    script = standing.script
    voices = len({member.voice.id for member in standing.cast if member.voice})
    facts = [
        units.count(len(standing.lines), "line"),
        units.count(voices, "voice") if voices else "no voices yet",
        f"about {units.seconds(standing.seconds)}",
    ]
    return " · ".join([*facts, *([f"by {script.person}"] if script.person else [])])


def _more(context: Context, script: Script) -> None:
    """What is done less often: lines in a table, its name, its usual pause, a copy, its end."""
    with st.popover("More", key=f"script_more_{st.session_state.get(CLOSED, 0)}"):
        name_key, pause_key = (
            key_for("script_rename", script.name),
            key_for("script_usual_pause", script.pause),
        )
        st.text_input(
            "Name",
            value=script.name,
            key=name_key,
            max_chars=MAX_SCRIPT_NAME,
            on_change=_rename,
            args=(context, script.id, name_key),
        )
        st.number_input(
            "Pause between lines, in seconds",
            min_value=0.0,
            max_value=MAX_PAUSE,
            value=script.pause,
            step=0.1,
            format="%.1f",
            key=pause_key,
            on_change=_set_pause,
            args=(context, script.id, pause_key),
        )
        if st.button(
            "Duplicate", key="script_duplicate", icon=":material/content_copy:", width="stretch"
        ):
            with show_refusals("Nothing was copied."):
                copy = editing.duplicate(context, person(context), script)
                _close_more()
                st.query_params["id"] = copy.id
                st.toast(f"{words.plain(copy.name)} is ready.", icon=":material/content_copy:")
                st.rerun()
        st.button(
            "Delete",
            key="script_delete",
            icon=":material/delete:",
            width="stretch",
            on_click=_ask_to_delete,
            args=(script.id,),
        )


def _close_more() -> None:
    st.session_state[CLOSED] = st.session_state.get(CLOSED, 0) + 1


def _rename(context: Context, script_id: str, key: str) -> None:
    name = str(st.session_state[key] or "")
    change(
        context, script_id, lambda script: editing.rename(context, person(context), script, name)
    )


def _set_pause(context: Context, script_id: str, key: str) -> None:
    pause = float(st.session_state[key])
    change(
        context,
        script_id,
        lambda script: editing.set_pause(context, person(context), script, pause),
    )


def _ask_to_delete(script_id: str) -> None:
    _close_more()
    st.session_state[DELETING] = script_id


def _delete_question(context: Context, script: Script) -> None:
    if st.session_state.get(DELETING) != script.id or not may(context, Permission.SPEAK):
        return
    with st.container(border=True, key="script_delete_question"):
        st.markdown("**Delete this script?** Its takes stay in the Playground.")
        if answer(
            DELETING,
            "Delete it",
            "Keep it",
            keys=("script_delete_sure", "script_delete_leave"),
            icon=":material/delete:",
            primary=False,
        ):
            with show_refusals("The script was not deleted."):
                editing.remove(context, person(context), script)
                _leave()
                st.toast("The script is deleted.", icon=":material/delete:")
                st.rerun()


def _draw_table(context: Context, script: Script) -> None:
    """All lines in one table, until they are saved or left as they were."""
    st.subheader("Edit lines", anchor=False)
    written = rows.draw(script.lines, key=f"script_table_{script.id}_{script.revision}")
    with st.container(horizontal=True, vertical_alignment="center"):
        is_done = st.button(
            "Save lines",
            key="script_lines_save",
            type="primary",
            icon=":material/check:",
            disabled=not written,
        )
        st.button(
            "Cancel", key="script_lines_leave", type="tertiary", on_click=close, args=(EDITING,)
        )
    if is_done:
        with show_refusals("The lines were not saved."):
            kept = [_line(script, row) for row in written]
            editing.write_lines(context, person(context), script, kept)
            close(EDITING)
            st.rerun()


def _line(script: Script, row: Row) -> Line:
    """A row as a line; one that was there keeps its takes."""
    before = Line("", "", "") if row.place is None else script.lines[row.place]
    return replace(before, speaker=row.speaker, text=row.text, pause=row.pause)
