"""What visitors who are not in could use up or end: memory, room for connections, the library.

Streamlit takes files from anybody who is connected, shown a field for them or not, and keeps them
in memory. Each connection takes several file descriptors, of which a process has 1,024 by default.
Used up, either of them would end the app, and the keeper in it. And at the word of anybody who is
connected it clears the caches of all, in which the library and its keeper live.
"""

from __future__ import annotations

from contextlib import suppress
from functools import wraps
from typing import Any

import streamlit as st
from starlette.exceptions import HTTPException
from streamlit import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

IS_IN = "strangers_is_in"
GUARDED = "is_guarded"


def guard() -> None:
    """Bound what strangers can do to this process; does nothing the second time."""
    if not runtime.exists():
        return
    files = runtime.get_instance().uploaded_file_mgr
    if not isinstance(files, MemoryUploadedFileManager) or hasattr(files.add_file, GUARDED):
        return
    _refuse_files(files)
    clear = "_handle_clear_cache_request"
    setattr(AppSession, clear, _keep_caches)
    _allow_many_connections()


def note_visitor(*, is_in: bool) -> None:
    """Whether the visitor of this run may bring files."""
    st.session_state[IS_IN] = is_in


def _refuse_files(files: MemoryUploadedFileManager) -> None:
    add = files.add_file

    @wraps(add)
    def add_if_in(session_id: str, *args: Any, **kwargs: Any) -> None:
        if not _is_in(session_id):
            raise HTTPException(status_code=403, detail="Sign in first")
        add(session_id, *args, **kwargs)

    setattr(add_if_in, GUARDED, True)
    files.add_file = add_if_in  # type: ignore[method-assign]


def _keep_caches(_session: AppSession) -> None:
    """Nobody needs them cleared: what is in them notices by itself when it is out of date."""


def _is_in(session_id: str) -> bool:
    found = runtime.get_instance()._session_mgr.get_session_info(session_id)
    try:
        return found is not None and found.session.session_state[IS_IN] is True
    except KeyError:
        return False


def _allow_many_connections() -> None:
    """As many as the system grants, where it has such a limit."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
