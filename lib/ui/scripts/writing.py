"""A new script: pasted, from a file or typed into a table, and shown as it was read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zlib import crc32

import streamlit as st

from lib import units
from lib.roles import Permission
from lib.scripts import MAX_SCRIPT_NAME, ScriptRefused
from lib.studio.core.context import Context
from lib.studio.core.typed_text import one_line
from lib.studio.scripts import editing, reading
from lib.studio.scripts.drafts import Draft, DraftLine
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.scripts import rows
from lib.ui.scripts.rows import Row
from lib.ui.shared import fields
from lib.ui.shared.confirming import show_refusals

NEW = "new"
"""Stands in the address while somebody writes a new script."""
CREATED = "script_created"
"""Set once what was typed has become a script."""
PASTE, FILE, TABLE = "Paste", "Upload a file", "Type in a table"
READ = "script_read"
"""What was read last, by its key."""
TYPED = ("script_name", "script_paste", "script_file", "script_how")
"""All that belongs to one new script, and not to the next."""
ENDINGS = ["txt", "md", "fountain", "csv", "tsv", "xlsx", "xlsm", "xls"]
MAX_MEGABYTES = 5
NOTES = 6
"""Remarks on what was read that are shown one by one."""
EXAMPLE = "MAYA: Did you hear that?\nTOM: Hear what?\nMAYA: The door. Somebody is downstairs."


def is_open(context: Context) -> bool:
    """Whether somebody is here to write a new script."""
    return NEW in st.query_params and may(context, Permission.SPEAK)


def begin() -> None:
    """Before the page is drawn. What was typed and left is still there."""
    if st.session_state.pop(CREATED, False):
        for key in TYPED:
            st.session_state.pop(key, None)
    st.query_params[NEW] = "1"


def close() -> None:
    """Before the page is drawn."""
    st.query_params.pop(NEW, None)


def draw(context: Context) -> None:
    """The whole way: what somebody has, how it was read, its name, the button."""
    st.button(
        "All scripts",
        key="script_all",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=close,
    )
    st.title("New script", anchor=False)
    how = fields.one_of("How to begin", [PASTE, FILE, TABLE], key="script_how")
    draft, key, suggested = _bring(how)
    if how != TABLE and not draft.lines:
        return
    if how != TABLE:
        st.subheader("Check the lines", anchor=False)
    _notes(draft.told)
    lines = rows.draw(draft.lines, key=f"script_table_{key}")
    name = fields.line(
        "Name of the script",
        key="script_name",
        placeholder=suggested or "What the team will call it",
        max_chars=MAX_SCRIPT_NAME,
    )
    if st.button(
        f"Create script with {units.count(len(lines), 'line')}" if lines else "Create script",
        key="script_create",
        type="primary",
        icon=":material/check:",
        disabled=not lines,
    ):
        _create(context, name.strip() or suggested or _beginning(lines), lines)


def _bring(how: str) -> tuple[Draft, str, str]:
    """What was read; a key of it, which another text does not have; and the name that a file has.

    What cannot be read at all is told.
    """
    try:
        if how == PASTE:
            text = fields.lines(
                "Your script",
                key="script_paste",
                height=220,
                placeholder=EXAMPLE,
                help="Each line with the name of its speaker before a colon. Screenplays and "
                "columns of a spreadsheet are read as well.",
            )
            if text.strip():
                key = _key(text.encode(errors="replace"))
                return _read(key, lambda: reading.read_text(text)), key, ""
        if how == FILE:
            given = fields.file(
                "A text, CSV or Excel file",
                type=ENDINGS,
                key="script_file",
                max_upload_size=MAX_MEGABYTES,
            )
            if given:
                data, name = given.getvalue(), given.name
                key, stem = _key(data), name.rpartition(".")[0]
                draft = _read(key, lambda: reading.read_file(data, name))
                return draft, key, one_line(stem, MAX_SCRIPT_NAME)
    except ScriptRefused as refusal:
        st.error(words.plain(str(refusal)), icon=":material/block:")
    return Draft(), "typed", ""


def _read(key: str, read: Callable[[], Draft]) -> Draft:
    """Read once, and not again in each run of the page."""
    draft: Draft
    known, draft = st.session_state.get(READ, ("", Draft()))
    if known != key:
        with st.spinner("Reading the script…"):
            draft = read()
        st.session_state[READ] = key, draft
    return draft


def _key(data: bytes) -> str:
    return f"{crc32(data):x}"


def _notes(told: Sequence[str]) -> None:
    """What somebody should look at in what was read."""
    with st.container(gap="xxsmall"):
        for note in told[:NOTES]:
            st.caption(f":material/info: {words.plain(note)}")
        if len(told) > NOTES:
            st.caption(f"And {len(told) - NOTES:,} more remarks.")


def _beginning(lines: Sequence[Row]) -> str:
    """A script without a name is called by its first words."""
    return words.short(next((line.text for line in lines if line.text), lines[0].speaker))


def _create(context: Context, name: str, lines: Sequence[Row]) -> None:
    draft = Draft(tuple(DraftLine(line.speaker, line.text, line.pause) for line in lines))
    with show_refusals("The script was not created."):
        script = editing.create(context, person(context), name, draft)
        st.session_state[CREATED] = True
        st.query_params.from_dict({"id": script.id})
        st.rerun()
