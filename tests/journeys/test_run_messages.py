"""Runs of a page that follow each other closer than the server can hand on what they sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Enter
from tests.journeys.servers import ROOT, start_app

SCRIPT = """
import threading
import time

import streamlit as st
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType


def ask_for_the_part_once_the_page_has_run(session, fragments, begun):
    # On the server's own thread, which hands nothing on meanwhile.
    begun.set()
    while session._scriptrunner._requests._state is not ScriptRequestType.STOP:
        time.sleep(0.001)
    (part,) = fragments
    session.request_rerun(ClientState(fragment_id=part))


@st.fragment
def part():
    with st.container():
        st.session_state["runs"] = st.session_state.get("runs", 0) + 1
        st.write(f"Run {st.session_state['runs']} of the part")


if __name__ == "__main__":
    if "runs" not in st.session_state:
        run, begun = get_script_run_ctx(), threading.Event()
        sessions = st.runtime.get_instance()._session_mgr
        session = sessions.get_session_info(run.session_id).session
        session._event_loop.call_soon_threadsafe(
            ask_for_the_part_once_the_page_has_run,
            session,
            run.fragment_storage._fragments,
            begun,
        )
        begun.wait()
    with st.container():
        part()
    st.write("The end of the page")
else:
    from streamlit.starlette import App

    from lib.ui.access.entry import BEFORE_STREAMLIT

    app = App(__file__, middleware=BEFORE_STREAMLIT)
"""


@pytest.mark.slow
def test_what_a_page_run_sent_last_shows_though_a_part_runs_right_after_it(
    tmp_path: Path, enter: Enter
) -> None:
    script = tmp_path / "page.py"
    script.write_text(SCRIPT)
    app = start_app(
        tmp_path / "app",
        {"PYTHONPATH": str(ROOT)},
        options=["--browser.gatherUsageStats", "false"],
        script=script,
    )
    with app.child:
        app.child.wait_for_port(app.port)
        visitor = enter()
        visitor.open(app.url())
        expect(visitor.page.get_by_text("Run 2 of the part")).to_be_visible()
        expect(visitor.page.get_by_text("The end of the page")).to_be_visible()
        visitor.meets_no_dialog()
