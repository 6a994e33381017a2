"""A click that another click follows at once is still carried out, and seen in the answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

YIELDS = "_yield_callback"
UNDER_WAY = "uninterrupted_under_way"


@contextmanager
def uninterrupted() -> Iterator[None]:
    """In here, a page run is not given up for the next one.

    Streamlit 1.67 may give it up at any use of `st.session_state`, also in a widget's callback,
    and does not call that again: who leaves a field by clicking elsewhere would lose what they
    had typed. Whatever is inside may take no longer than a person waits.
    """
    context = get_script_run_ctx()
    if context is None:
        yield
        return
    # These set attributes of the session's state, where the usual way sets items of it.
    state, gives_way = context.session_state, context.yield_check
    yields = getattr(state, YIELDS)
    object.__setattr__(state, YIELDS, _go_on)
    context.yield_check = _go_on
    try:
        with _under_way():
            yield
    finally:
        object.__setattr__(state, YIELDS, yields)
        context.yield_check = gives_way


def wait_for_changes() -> None:
    """Before a page reads what it shows: what an earlier run of this session still changes."""
    with _under_way():
        pass


def _under_way() -> AbstractContextManager[bool]:
    """Held while something of this session is changed."""
    lock: AbstractContextManager[bool] = st.session_state.setdefault(UNDER_WAY, threading.RLock())
    return lock


def _go_on() -> None:
    """In the place of a look at whether a newer run is wanted."""
