"""The visitors of this process, seen from outside their page runs.

Streamlit 1.67 offers no way to ask from there who is connected, or to end a connection: this is
the one module that reaches into it for that.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st
from starlette.types import Scope
from starlette.websockets import WebSocketDisconnect
from streamlit import runtime
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.RootContainer_pb2 import RootContainer
from streamlit.runtime.session_manager import ActiveSessionInfo

IS_IN = "strangers_is_in"
TRY_AGAIN_LATER = 1013
"""IANA's code for why a websocket is closed. A browser's page connects anew by itself."""


def note_visitor(*, is_in: bool) -> None:
    """In a page run: whether its visitor may bring files and much text."""
    st.session_state[IS_IN] = is_in


def is_in(session_id: str) -> bool:
    """Whether this session's last run let its visitor in."""
    found = runtime.get_instance()._session_mgr.get_session_info(session_id)
    try:
        return found is not None and found.session.session_state[IS_IN] is True
    except KeyError:
        return False


def note_first(session_id: str, key: str, value: object) -> None:
    """Keep a value in this session's state, unless one is there."""
    found = runtime.get_instance()._session_mgr.get_session_info(session_id)
    if found is not None and key not in found.session.session_state:
        found.session.session_state[key] = value


def is_connected(session_id: str) -> bool:
    """Whether a browser is at the other end now."""
    return runtime.get_instance().is_active_session(session_id)


def at(scope: Scope) -> str:
    """The session of this websocket; "" before it has one."""
    newest_first = reversed(_connected())
    return next((one.session.id for one in newest_first if _websocket(one).scope is scope), "")


def strangers_beyond(most: int) -> list[str]:
    """Who of the visitors that are not in came first, where more than `most` are at the door."""
    connected = _connected()
    if len(connected) <= most:
        return []
    strangers = [one.session.id for one in connected if not is_in(one.session.id)]
    return strangers[: max(len(strangers) - most, 0)]


async def hang_up(session_id: str) -> None:
    """End this session and close its connection, as soon as the other end reads."""
    found = runtime.get_instance()._session_mgr.get_active_session_info(session_id)
    if found is None:
        return
    end(session_id)
    with suppress(RuntimeError, WebSocketDisconnect):  # the other end was faster
        await _websocket(found).close(code=TRY_AGAIN_LATER)


def end(session_id: str) -> None:
    """Forget a session with all that it holds. On the server's own thread only."""
    runtime.get_instance().close_session(session_id)


def tell(session_id: str, sentence: str) -> None:
    """Show a sentence in the page's corner until it is closed, in the middle of a run or of none.

    A run made for it could come into the way of a click.
    """
    found = runtime.get_instance()._session_mgr.get_active_session_info(session_id)
    if found is None:
        return
    message = ForwardMsg()
    message.metadata.delta_path.extend([RootContainer.EVENT, 0])
    toast = message.delta.new_element.toast
    toast.body, toast.icon, toast.duration = sentence, ":material/block:", 0
    found.session._enqueue_forward_msg(message)


def _connected() -> list[ActiveSessionInfo]:
    """In the order in which they came."""
    return runtime.get_instance()._session_mgr.list_active_sessions()


def _websocket(one: ActiveSessionInfo) -> Any:
    return one.client._websocket  # type: ignore[attr-defined]
