"""What the team says about a voice: its name, what it is like, whose it is."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.models import Voice
from lib.roles import Permission, Person
from lib.studio.core.context import Context
from lib.studio.core.typed_text import MAX_DESCRIPTION, MAX_LANGUAGE, MAX_NAME, MAX_TAGS
from lib.studio.library import editing
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import from_inside, may, person

Change = Callable[[Context, Voice, str, Person], str | None]
"""One of `editing`: it may return a sentence on why the text will not do."""


def draw(context: Context, item: Entry) -> None:
    """Fields for those who may change them, a text for all others."""
    voice = item.voice
    if not may(context, Permission.KEEP):
        _show(voice)
        return
    left, right = st.columns(2)
    # Only what somebody just typed is written: an open tab must not undo what others changed.
    with left:
        _line(context, voice, "Name", "rename", voice.name, editing.rename, MAX_NAME)
        st.text_area(
            "Description",
            value=voice.description,
            key=f"description_{voice.id}",
            max_chars=MAX_DESCRIPTION,
            height=120,
            placeholder="What it sounds like, and what it is for",
            on_change=_save,
            args=(context, voice, f"description_{voice.id}", editing.describe),
        )
    with right:
        _line(
            context,
            voice,
            "Language",
            "language",
            voice.language,
            editing.set_language,
            MAX_LANGUAGE,
        )
        _line(context, voice, "Owner", "owner", voice.owner, editing.set_owner, MAX_NAME)
        st.multiselect(
            "Tags",
            list(voice.tags),
            default=list(voice.tags),
            key=f"tags_{voice.id}",
            accept_new_options=True,
            max_selections=MAX_TAGS,
            placeholder="Add tags",
            on_change=_retag,
            args=(context, voice),
        )


def _show(voice: Voice) -> None:
    if voice.description:
        st.text(voice.description)
    facts = [
        f"Language: {voice.language}" if voice.language else "",
        f"Owner: {voice.owner}" if voice.owner else "",
        f"Tags: {', '.join(voice.tags)}" if voice.tags else "",
    ]
    st.caption(words.plain(" · ".join(filter(None, facts)) or "No notes yet."))


def _line(
    context: Context,
    voice: Voice,
    label: str,
    field: str,
    value: str,
    change: Change,
    longest: int,
) -> None:
    """One line of text that is saved when somebody leaves it; `field` begins its key."""
    key = f"{field}_{voice.id}"
    st.text_input(
        label,
        value=value,
        key=key,
        max_chars=longest,
        on_change=_save,
        args=(context, voice, key, change),
    )
    if fault := st.session_state.pop(_fault(key), ""):
        st.error(fault)


@from_inside
def _save(context: Context, voice: Voice, key: str, change: Change) -> None:
    text = str(st.session_state[key] or "")
    st.session_state[_fault(key)] = change(context, voice, text, person(context)) or ""


@from_inside
def _retag(context: Context, voice: Voice) -> None:
    tags = [str(tag) for tag in st.session_state[f"tags_{voice.id}"]]
    editing.retag(context, voice, tags, person(context))


def _fault(key: str) -> str:
    return f"{key}_fault"
