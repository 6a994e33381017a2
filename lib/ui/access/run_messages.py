"""What a page run sent last reaches the browser, also where a part of the page runs right after it.

Streamlit 1.67 takes a new runner where the last has stopped, and ignores what that one has sent but
the server has not handled by then (`AppSession.request_rerun` tells of it). After a run of the
whole page nothing is missing; after a run of a part the rest of the page is, timers included, and a
browser that is then told to draw into what it never got stops for good.
"""

from __future__ import annotations

from typing import Any

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

CREATE = "_create_scriptrunner"
HANDLE = "_handle_scriptrunner_event_on_event_loop"
FORMER = "_voicekeep_former_runner"
"""The runner that a new one has followed, until that one begins: all it sent comes before."""

_create = getattr(AppSession, CREATE)
_handle = getattr(AppSession, HANDLE)


def keep() -> None:
    """From now on, in all sessions of this process; does nothing the second time."""
    setattr(AppSession, CREATE, _create_after)
    setattr(AppSession, HANDLE, _handle_all)


def _create_after(session: AppSession, *given: Any) -> None:
    setattr(session, FORMER, session._scriptrunner)  # None where the whole page runs anew
    _create(session, *given)


def _handle_all(session: AppSession, sender: Any, event: ScriptRunnerEvent, *told: Any) -> None:
    current, former = session._scriptrunner, getattr(session, FORMER, None)
    if sender is current:
        setattr(session, FORMER, None)
    if sender is None or sender is not former or event is ScriptRunnerEvent.SHUTDOWN:
        _handle(session, sender, event, *told)
        return
    session._scriptrunner = former
    try:
        _handle(session, sender, event, *told)
    finally:
        session._scriptrunner = current
