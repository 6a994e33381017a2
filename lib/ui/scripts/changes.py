"""Changes to a script from a widget's callback, made to the script as it is at that moment."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

import streamlit as st

from lib.scripts import Script, ScriptRefused
from lib.studio.core.context import Context
from lib.studio.scripts import standing
from lib.ui.access.front import REFUSED, from_inside

Deed = Callable[[Script], object]


@from_inside
def change(context: Context, script_id: str, deed: Deed) -> None:
    """Do this to the script as it is now: what a part of the page changed since it was drawn, or a
    colleague at another place of it, stays. The next drawing says why it was refused.
    """
    script = standing.find(context, script_id)
    if script is None:
        return
    try:
        deed(script)
    except ScriptRefused as refusal:
        st.session_state[REFUSED] = str(refusal)


def show_as_kept(key: str, value: object) -> None:
    """A field shows what is kept, also once a colleague changed it. Written only where it differs,
    or a run would undo what is chosen while it draws. Not for what is folded up: a browser forgets
    what is written there before somebody looks; see `key_for`.
    """
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def key_for(key: str, value: object) -> str:
    """The key of a field that begins with this value: with another one it is another field."""
    return f"{key}_{crc32(repr(value).encode(errors='replace')):x}"
