"""`python -m lib.demo` serves the demo on a socket until it is told to end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lib.demo.showcase import GUESTS
from tests.demo.caller import Caller, echo, recording
from tests.demo.kyma import at_kyma, design
from tests.parts.processes import Child, start

ROOT = Path(__file__).resolve().parents[2]


def run(tmp_path: Path, *options: str) -> Child:
    command = [sys.executable, "-W", "error", "-m", "lib.demo", "--port", "0", *options]
    return start(command, log=tmp_path / "demo.log", cwd=ROOT)


def test_it_says_where_it_listens_and_ends_with_0(tmp_path: Path) -> None:
    with run(tmp_path, "--pace", "0") as child:
        caller = Caller(child.ready() + "/api")
        ticket = caller.clone("annaVoice01").json
        done = caller.post("/voice-clone/minimax/status", **echo(ticket)).json
        heard = caller.get(done["audioUrls"][0])
        child.process.terminate()
        code = child.process.wait(20)

        assert heard.body.startswith(b"RIFF")
        assert code == 0
        assert child.output().strip() == f"READY {caller.base.removesuffix('/api')}"


def test_a_state_outlives_a_kill(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "kept" / "demo.db"), "--pace", "0", "--key", "a-key")
    with run(tmp_path, *options) as child:
        caller = Caller(child.ready() + "/api", "a-key")
        ticket = caller.form("/voice-clone/qwen", recording("bert")).json
        child.process.kill()
        child.process.wait(20)

    with run(tmp_path, *options) as child:
        caller = Caller(child.ready() + "/api", "a-key")
        done = caller.post("/voice-clone/qwen/status", **echo(ticket)).json
        assert caller.get(done["speakerEmbeddingUrl"]).status == 200
        log = caller.get("/demo/log").json
        assert [item["kind"] for item in log] == ["clone", "clone_status", "file"]
        assert Caller(caller.base).get("/demo/log").status == 401


def test_it_begins_with_a_saved_id_that_speaks_and_keeps_the_list(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "demo.db"), "--pace", "0")
    lists = []
    for _ in range(2):
        with run(tmp_path, *options) as child:
            caller = Caller(child.ready() + "/api", cookie="session=any")
            lists.append(caller.get("/user/voice-ids").json["voiceIds"])
            assert caller.speak(lists[-1][0]).status == 200

    assert [voice.name for voice in GUESTS] == ["Marlow"]
    assert lists[0] == [voice.provider_voice_id for voice in GUESTS]
    assert lists[1] == lists[0]


def test_its_other_contract_has_the_same_key_and_memory(tmp_path: Path) -> None:
    with run(tmp_path, "--key", "a-key", "--pace", "0") as child:
        caller = Caller(child.ready() + "/api", "a-key")
        voice = design(at_kyma(caller, "a-key")).json["voice_id"]

        assert caller.speak(voice).status == 200
        assert design(at_kyma(caller, "another")).status == 401


@pytest.mark.parametrize(
    "options",
    [("--pace", "-1"), ("--pace", "much"), ("--pace", "inf"), ("--audio-at-once", "-1")],
)
def test_an_option_without_sense_ends_with_2(tmp_path: Path, options: tuple[str, str]) -> None:
    with run(tmp_path, *options) as child:
        assert child.process.wait(20) == 2
        assert "READY" not in child.output()
