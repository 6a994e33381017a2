"""What was last seen of a service, a store or a list: how it was, when, and a way to look again."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.studio.core.context import Context
from lib.studio.core.records import Note
from lib.ui import words


def badge(note: Note) -> str:
    """How it was, as a badge in Markdown."""
    ok = note.body.get("ok")
    if ok is True:
        return ":green-badge[:material/check_circle: Works]"
    if ok is False:
        return ":red-badge[:material/error: Trouble]"
    return ":gray-badge[:material/schedule: Nothing to judge yet]"


def show(note: Note) -> None:
    """What was found, in the sentence that the look left."""
    st.write(words.plain(str(note.body.get("sentence", "Not looked at yet."))))


def when(context: Context, note: Note) -> str:
    """When that was; "" before the first look."""
    return f"Looked at {words.until(note.at, context.clock.now())}." if note.at else ""


def head(
    title: str,
    ask: Callable[[], None] | None,
    *,
    key: str,
    label: str,
    is_asked: bool,
    asked: str = "Looking…",
    icon: str = ":material/refresh:",
    disabled: bool = False,
) -> None:
    """A line with the title (Markdown) and, where `ask` is given, the button that asks anew.

    While that is under way (`is_asked`) the button says so, and cannot be pressed.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(title, width="stretch")
        if ask and st.button(
            asked if is_asked else label, key=key, icon=icon, disabled=is_asked or disabled
        ):
            ask()
            st.rerun()
