"""Fields of forms that keep what was entered while somebody looks at other pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.typing import UploadedFile

from lib.ui.access import uploads


def line(label: str, *, key: str, **options: Any) -> str:
    """One line of text; "" while it is empty. `options`: those of `st.text_input`."""
    return st.text_input(label, key=key, persist_state="session", **options) or ""


def lines(label: str, *, key: str, **options: Any) -> str:
    """A longer text; "" while it is empty. `options`: those of `st.text_area`."""
    return st.text_area(label, key=key, persist_state="session", **options) or ""


def voice_name(key: str, placeholder: str = "") -> str:
    """The name of a new voice, as it was typed."""
    return line("Name", key=key, placeholder=placeholder or "What the team will call it")


def file(label: str, *, key: str, **options: Any) -> UploadedFile | None:
    """A file from the visitor's disk, freed when the field is gone; options of `file_uploader`."""
    given: UploadedFile | None = st.file_uploader(label, key=key, **options)
    return _held(given)


def files(label: str, *, key: str, **options: Any) -> list[UploadedFile]:
    """Several files at once, freed likewise; options of `file_uploader`."""
    given: list[UploadedFile] = st.file_uploader(
        label, key=key, accept_multiple_files=True, **options
    )
    for each in given:
        uploads.in_use(each)
    return given


def sound(label: str, *, key: str, **options: Any) -> UploadedFile | None:
    """What the visitor's microphone heard, freed likewise. `options`: those of `st.audio_input`."""
    given: UploadedFile | None = st.audio_input(label, key=key, **options)
    return _held(given)


def _held(given: UploadedFile | None) -> UploadedFile | None:
    """What a field holds, unless it was released."""
    if given is None or given.closed:
        return None
    uploads.in_use(given)
    return given


def one_of(label: str, options: Sequence[str], *, key: str) -> str:
    """One of a few words side by side, the first until another is chosen."""
    chosen = st.segmented_control(
        label,
        options,
        key=key,
        # Where the session holds a choice, a default beside it would be warned of.
        default=None if key in st.session_state else options[0],
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    return chosen or options[0]
