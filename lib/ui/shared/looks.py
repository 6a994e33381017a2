"""What was last seen of a service, a store or a list: how it was, when, and a way to look again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

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
    return ":gray-badge[:material/schedule: Nothing to check yet]"


def show(note: Note) -> None:
    """What was found, in the sentence that the look left."""
    st.write(words.plain(str(note.body.get("sentence", "Not checked yet."))))


def when(context: Context, note: Note) -> str:
    """When that was; "" before the first look."""
    return f"Checked {words.until(note.at, context.clock.now())}." if note.at else ""


def ask_button(
    ask: Callable[[], None],
    *,
    key: str,
    label: str,
    is_asked: bool,
    asked: str = "Checking…",
    icon: str = ":material/refresh:",
    type: Literal["primary", "secondary"] = "secondary",
    disabled: bool = False,
) -> None:
    """The button that asks anew; while that is under way (`is_asked`) it says so, and is off."""
    if st.button(
        asked if is_asked else label,
        key=key,
        icon=icon,
        type=type,
        disabled=is_asked or disabled,
    ):
        ask()
        st.rerun()


def head(
    title: str,
    ask: Callable[[], None] | None,
    *,
    key: str,
    label: str,
    is_asked: bool,
    disabled: bool = False,
) -> None:
    """A line with the title (Markdown) and, where `ask` is given, the button that asks anew."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(title, width="stretch")
        if ask:
            ask_button(ask, key=key, label=label, is_asked=is_asked, disabled=disabled)
