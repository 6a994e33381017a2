"""What Streamlit makes of a run of a part that is asked for while another run waits to begin."""

from __future__ import annotations

import pytest
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests

from lib.ui.access import part_runs


@pytest.fixture(autouse=True)
def guarded() -> None:
    part_runs.guard()


def test_a_part_of_the_page_before_does_not_lead_back_to_it() -> None:
    requests = ScriptRequests()
    requests.request_rerun(RerunData(page_script_hash="voice", query_string="id=1"))
    assert requests.request_rerun(RerunData(page_script_hash="home", fragment_id="live"))
    waiting = requests.on_scriptrunner_ready().rerun_data
    assert (waiting.page_script_hash, waiting.query_string) == ("voice", "id=1")
    assert waiting.fragment_id_queue == []


def test_a_part_of_the_same_page_is_run_along_with_it() -> None:
    requests = ScriptRequests()
    requests.request_rerun(RerunData(page_script_hash="home"))
    assert requests.request_rerun(
        RerunData(page_script_hash="home", fragment_id="live", query_string="all=1")
    )
    waiting = requests.on_scriptrunner_ready().rerun_data
    assert waiting.query_string == "all=1"
    assert waiting.fragment_id_queue == []


def test_a_part_is_not_asked_of_a_runner_that_has_stopped() -> None:
    requests = ScriptRequests()
    requests.request_stop()
    assert not requests.request_rerun(RerunData(page_script_hash="home", fragment_id="live"))
