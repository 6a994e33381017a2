"""What the demo remembers over restarts, threads and time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from lib.demo import DemoService, demo_clock
from lib.demo.state import KEPT_SOUNDS, State, StoredFile
from tests.demo.caller import Caller, echo, recording, served
from tests.parts.charges import charges_of
from tests.parts.clock import SettableClock

WEEK = timedelta(hours=168)
SECOND = timedelta(seconds=1)


def test_a_restart_in_the_middle_of_a_clone_forgets_nothing(
    state_path: Path, clock: SettableClock
) -> None:
    first = DemoService(state_path, clock)
    with served(first) as caller:
        ticket = caller.clone("annaVoice01").json
    clock.advance(3 * SECOND)
    second = DemoService(state_path, clock)
    with served(second) as caller:
        done = caller.post("/voice-clone/minimax/status", **echo(ticket)).json
        spoken = caller.speak("annaVoice01")
        preview = caller.get("/files/" + done["audioUrls"][0].rpartition("/")[2])

    assert done["status"] == "completed"
    assert spoken.status == 200
    assert preview.body.startswith(b"RIFF")
    assert charges_of(second)[:1] == charges_of(first)[:1]


def test_a_voice_does_not_speak_before_it_is_made(caller: Caller, clock: SettableClock) -> None:
    caller.clone("annaVoice01")
    assert caller.speak("annaVoice01").status == 400

    clock.advance(3 * SECOND)

    assert caller.speak("annaVoice01").status == 200


def test_an_unused_voice_is_deleted_after_a_week(caller: Caller, clock: SettableClock) -> None:
    ticket = caller.clone("annaVoice01").json
    clock.advance(3 * SECOND)
    preview = caller.post("/voice-clone/minimax/status", **echo(ticket)).json["audioUrls"][0]
    assert caller.get(preview).status == 200
    clock.advance(WEEK)

    refused = caller.speak("annaVoice01")

    assert refused.status == 400
    assert refused.json["error"]["code"] == "invalid_voice"
    assert caller.clone("annaVoice01").status == 400, "an ID is not free again"


def test_a_voice_used_once_stays(caller: Caller, clock: SettableClock) -> None:
    caller.clone("annaVoice01")
    clock.advance(WEEK)
    assert caller.speak("annaVoice01").status == 200

    clock.advance(50 * WEEK)

    assert caller.speak("annaVoice01").status == 200


def test_a_voice_file_is_hosted_for_a_week_and_a_day(caller: Caller, clock: SettableClock) -> None:
    ticket = caller.form("/voice-clone/qwen", recording("bert")).json
    clock.advance(3 * SECOND)
    url = caller.post("/voice-clone/qwen/status", **echo(ticket)).json["speakerEmbeddingUrl"]

    clock.advance(timedelta(hours=191))
    assert caller.get(url).status == 200
    clock.advance(timedelta(hours=1))
    assert caller.get(url).status == 404


def test_ten_at_once_make_one_voice_of_one_id(demo: tuple[DemoService, Caller]) -> None:
    service, caller = demo
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: caller.clone("annaVoice01").status, range(10)))

    assert sorted(answers) == [202] + [400] * 9
    assert len(charges_of(service)) == 1


def test_two_services_over_one_state_share_it(state_path: Path, clock: SettableClock) -> None:
    with ThreadPoolExecutor(8) as pool:
        services = list(pool.map(lambda _: DemoService(state_path, clock), range(8)))
    with served(services[0]) as one, served(services[1]) as other:
        one.clone("annaVoice01")
        clock.advance(3 * SECOND)
        assert other.speak("annaVoice01").status == 200
    assert charges_of(services[2]) == charges_of(services[3]) != []


def test_the_log_tells_all_requests_without_audio(caller: Caller, clock: SettableClock) -> None:
    caller.clone("annaVoice01", text="Preview.")
    clock.advance(3 * SECOND)
    caller.speak("annaVoice01", "x" * 1_000)
    caller.speak("nobodyHere01")

    log = caller.get("/demo/log").json

    assert [(item["kind"], item["status"]) for item in log] == [
        ("clone", 202),
        ("speech", 200),
        ("speech", 400),
    ]
    assert log[0] == {
        "method": "POST",
        "path": "/api/voice-clone/minimax",
        "kind": "clone",
        "status": 202,
        "at": "2026-11-20T09:00:00+00:00",
        "fields": {"customVoiceId": "annaVoice01", "text": "Preview."},
    }
    assert log[1]["at"] == "2026-11-20T09:00:03+00:00"
    assert len(log[1]["fields"]["text"]) == 300


def test_the_oldest_sounds_make_room_and_voice_files_stay(state_path: Path) -> None:
    state = State(state_path)
    state.install_file(StoredFile("kept.safetensors", "x", b"voice", gone_at=1e12))
    for number in range(KEPT_SOUNDS + 2):
        state.install_file(StoredFile(f"{number}.wav", "audio/wav", b"sound"))

    there = [state.file(f"{number}.wav", at=0) is not None for number in range(KEPT_SOUNDS + 2)]

    assert there == [False, False] + [True] * KEPT_SOUNDS
    assert state.file("kept.safetensors", at=0) is not None


def test_it_keeps_the_rules_of_wsgi(state_path: Path, clock: SettableClock) -> None:
    environ: dict[str, object] = {"SCRIPT_NAME": "", "QUERY_STRING": "type=tts"}
    environ |= {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/audio-models"}
    setup_testing_defaults(environ)
    told: list[str] = []

    def start_response(status: str, _headers: object, _error: object = None) -> object:
        told.append(status)
        return lambda _data: None

    answer = validator(DemoService(state_path, clock))(environ, start_response)
    body = b"".join(answer)
    answer.close()  # type: ignore[attr-defined]

    assert told == ["200 OK"]
    assert b"Qwen-3-TTS-1.7B" in body


def test_a_fresh_state_at_speed_one_tells_real_time(state_path: Path, clock: SettableClock) -> None:
    told = demo_clock(state_path, clock, 1)
    clock.advance(WEEK)

    assert told.now() == clock.now()


def test_time_never_goes_back_over_restarts_at_other_speeds(
    state_path: Path, clock: SettableClock
) -> None:
    start = last = clock.now()
    for speed in (1, 3600, 1, 0.5, 7.3, 1):
        told = demo_clock(state_path, clock, speed)
        assert told.now() == pytest.approx(last, abs=timedelta(0))
        clock.advance(10 * SECOND)
        assert told.now() - last == 10 * SECOND * speed
        last = told.now()

    assert last - start == 10 * SECOND * (1 + 3600 + 1 + 0.5 + 7.3 + 1)


def test_time_stands_rather_than_goes_back_when_the_computers_clock_does(
    state_path: Path, clock: SettableClock
) -> None:
    before = demo_clock(state_path, clock, 10).now()
    clock.advance(-WEEK)

    assert demo_clock(state_path, clock, 10).now() == before


def test_time_goes_on_from_what_a_faster_neighbour_has_told(
    state_path: Path, clock: SettableClock
) -> None:
    fast = demo_clock(state_path, clock, 3600)
    demo_clock(state_path, clock, 1)
    clock.advance(60 * SECOND)
    with served(DemoService(state_path, fast)) as caller:
        caller.post("/check-balance")

    assert demo_clock(state_path, clock, 1).now() == fast.now()


def test_looking_at_the_time_again_writes_nothing(state_path: Path, clock: SettableClock) -> None:
    first = demo_clock(state_path, clock, 60)
    before = state_path.read_bytes()
    clock.advance(10 * SECOND)

    again = demo_clock(state_path, clock, 60)

    assert state_path.read_bytes() == before
    clock.advance(WEEK)
    assert again.now() == first.now()


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_speed_without_sense_is_refused(
    state_path: Path, clock: SettableClock, speed: float
) -> None:
    with pytest.raises(ValueError, match="speed"):
        demo_clock(state_path, clock, speed)
