"""Parts of a page that ask to run while another run ends, or leads to another page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Enter
from tests.journeys.servers import ROOT, App, start_app
from tests.journeys.visitor import Visitor

SCRIPT = '''
import threading
import time
from contextlib import nullcontext

import streamlit as st
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

run = get_script_run_ctx()


def on_the_servers_own_thread(do):
    """Hands nothing on to the browser meanwhile."""
    session = st.runtime.get_instance()._session_mgr.get_session_info(run.session_id).session
    begun = threading.Event()
    session._event_loop.call_soon_threadsafe(lambda: (begun.set(), do(session)))
    begun.wait()


def ask_for_the_part(session, page):
    (fragment_id,) = run.fragment_storage._fragments
    session.request_rerun(ClientState(fragment_id=fragment_id, page_script_hash=page))


def ask_once_the_page_has_run(session):
    page = run.page_script_hash
    while session._scriptrunner._requests._state is not ScriptRequestType.STOP:
        time.sleep(0.001)
    ask_for_the_part(session, page)


@st.fragment
def part():
    with st.container():
        st.session_state["runs"] = st.session_state.get("runs", 0) + 1
        st.write(f"Run {st.session_state['runs']} of the part")


def first():
    if is_again := st.button("Again", key="again"):
        on_the_servers_own_thread(ask_once_the_page_has_run)
    with st.container():
        with st.container() if is_again else nullcontext():
            part()
    st.write("The end of the first page" + ", again" * is_again)
    if st.button("On", key="on"):
        st.session_state["from"] = run.page_script_hash
        st.switch_page(second_page)


def second():
    first_page = st.session_state["from"]
    on_the_servers_own_thread(lambda session: ask_for_the_part(session, first_page))
    with st.container():
        st.write("Above")
        with st.container():
            part()
    st.button("Stay", key="stay")
    st.write("The end of the second page")


if __name__ == "__main__":
    second_page = st.Page(second)
    st.navigation([st.Page(first), second_page]).run()
else:
    from streamlit.starlette import App

    from lib.ui.access.entry import BEFORE_STREAMLIT

    app = App(__file__, middleware=BEFORE_STREAMLIT)
'''


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    script = tmp_path / "page.py"
    script.write_text(SCRIPT)
    options = ["--browser.gatherUsageStats", "false"]
    app = start_app(tmp_path / "app", {"PYTHONPATH": str(ROOT)}, options=options, script=script)
    with app.child:
        app.child.wait_for_port(app.port)
        yield app


@pytest.mark.slow
def test_a_part_that_runs_right_after_its_page_leaves_the_page_whole(
    app: App, enter: Enter
) -> None:
    visitor = enter()
    visitor.open(app.url())
    visitor.press("again")
    sees(visitor, "The end of the first page, again")
    sees(visitor, "Run 3 of the part")
    visitor.meets_no_dialog()

    # What the part of the first page asks comes too late: the second one is there already.
    visitor.press("on")
    sees(visitor, "The end of the second page")
    visitor.press("stay")
    sees(visitor, "Run 6 of the part")
    visitor.meets_no_dialog()


def sees(visitor: Visitor, text: str) -> None:
    expect(visitor.page.get_by_text(text)).to_be_visible()
