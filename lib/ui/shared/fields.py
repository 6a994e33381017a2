"""Fields of forms that keep what was entered while somebody looks at other pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.typing import UploadedFile

from lib.ui.access import uploads

SHORT_ID = 4
"""Characters of an id that tell two of one name apart."""


def line(label: str, *, key: str, **options: Any) -> str:
    """One line of text; "" while it is empty. `options`: those of `st.text_input`."""
    return st.text_input(label, key=key, persist_state="session", **options) or ""


def lines(label: str, *, key: str, **options: Any) -> str:
    """A longer text; "" while it is empty. `options`: those of `st.text_area`."""
    return st.text_area(label, key=key, persist_state="session", **options) or ""


def voice_name(key: str, suggested: str = "") -> str:
    """The name of a new voice. What is suggested stands in the field until somebody types.

    It is written there only where it changed: a run that is still drawing what was before would
    else write over what is typed meanwhile.
    """
    noted = f"{key}_suggested"
    now, before = st.session_state.get(key) or "", st.session_state.get(noted, "")
    if suggested != now and (now == before or (not now and suggested != before)):
        st.session_state[key] = suggested
    st.session_state[noted] = suggested
    return line("Name", key=key, placeholder="What the team will call it")


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


def labels(key: str, titles: Mapping[str, str], *, short: int = SHORT_ID) -> dict[str, str]:
    """A label for each id, none twice, and the same one as long as they are kept under this key.

    The browser says what was chosen by its label alone: under a new label it would be lost.
    """
    found: dict[str, str] = st.session_state.setdefault(key, {})
    found |= tell_apart(titles, found, short=short)
    return found


def tell_apart(
    titles: Mapping[str, str], known: Mapping[str, str], *, short: int = SHORT_ID
) -> dict[str, str]:
    """A label for each id, none twice: its title, with the end of the id where titles are alike.

    `known`: labels that stay as they are. `short`: characters of an id.
    """
    found = dict(known)
    often, taken = Counter(titles.values()), set(found.values())
    for name, title in titles.items():
        if name in found:
            continue
        label = title
        while label in taken or (often[title] > 1 and label == title):
            label += f" · {name[-short:]}"
        found[name] = label
        taken.add(label)
    return found
