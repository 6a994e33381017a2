"""Runs of a part of a page (`st.fragment`) that come while another run ends, or leads elsewhere.

Streamlit 1.67 lets three things go wrong there, each of which leaves the browser with a page that
stands still ("Cannot set a node at a delta path"), without its timers, or on the page before:

- Where a runner has just stopped it starts another one, and ignores what the first has sent but
  the server has not handled yet (`AppSession.request_rerun` tells of it).
- It runs a part for the page that was shown when the browser asked, though another one is shown
  by now, and thereby has the browser clear the new page.
- It adds what the browser asks of a part to a run of another page that waits to begin, which then
  becomes one of the part's page.

What a part of another page asked is dropped: the new page draws the parts that both have.
"""

from __future__ import annotations

from typing import Any

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests, ScriptRequestType

FORMER = "_voicekeep_former_runner"
"""The runner that a new one follows, until that one begins: what the former sent comes first."""

_create = AppSession._create_scriptrunner
_handle = AppSession._handle_scriptrunner_event_on_event_loop
_request = ScriptRequests._request_rerun_locked
_run = ScriptRunner._run_script


def guard() -> None:
    """Mend it in all sessions of this process; does nothing the second time."""
    setattr(AppSession, _create.__name__, _create_after)
    setattr(AppSession, _handle.__name__, _handle_all)
    setattr(ScriptRequests, _request.__name__, _request_unless_elsewhere)
    setattr(ScriptRunner, _run.__name__, _run_unless_elsewhere)


def _create_after(session: AppSession, rerun: RerunData) -> None:
    setattr(session, FORMER, session._scriptrunner)  # None where the whole page runs anew
    _create(session, rerun)


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


def _request_unless_elsewhere(requests: ScriptRequests, asked: RerunData) -> bool:
    waiting = requests._rerun_data
    is_of_a_page = requests._state is ScriptRequestType.RERUN and not waiting.fragment_id_queue
    if asked.fragment_id and is_of_a_page and _is_elsewhere(asked, waiting.page_script_hash):
        return True
    return _request(requests, asked)


def _run_unless_elsewhere(runner: ScriptRunner, rerun: RerunData) -> None:
    shown = runner._pages_manager.current_page_script_hash
    if not (rerun.fragment_id_queue and _is_elsewhere(rerun, shown)):
        _run(runner, rerun)


def _is_elsewhere(asked: RerunData, page: str) -> bool:
    """Whether this was asked from another page; browsers always say from which."""
    return bool(asked.page_script_hash) and asked.page_script_hash != page
