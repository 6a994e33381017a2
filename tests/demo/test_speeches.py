"""The three documented forms of speech, and what makes a voice sound as it does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lib.demo import DemoService
from tests.demo.caller import Caller, Reply, echo, listening, query_echo, recording, seconds
from tests.parts.charges import charges_of
from tests.parts.clock import SettableClock

QWEN = "Qwen-3-TTS-1.7B"
HD = "Minimax-Speech-02-HD"


@pytest.fixture
def voice(caller: Caller, clock: SettableClock) -> str:
    caller.clone("annaVoice01")
    clock.advance(timedelta(seconds=3))
    return "annaVoice01"


@pytest.fixture
def voice_file_url(caller: Caller, clock: SettableClock) -> str:
    ticket = caller.form("/voice-clone/qwen", recording("bert")).json
    clock.advance(timedelta(seconds=2))
    url: str = caller.post("/voice-clone/qwen/status", **echo(ticket)).json["speakerEmbeddingUrl"]
    return url


def speak_qwen(caller: Caller, url: str, **fields: object) -> Reply:
    fields = {"text": "Hello there.", "language": "English"} | fields
    return caller.post("/tts", model=QWEN, speaker_voice_embedding_file_url=url, **fields)


def finish(caller: Caller, clock: SettableClock, ticket: Reply) -> Reply:
    clock.advance(timedelta(seconds=1))
    return caller.get("/tts/status", **query_echo(ticket.json))


def test_minimax_speech_is_json_with_a_link(caller: Caller, voice: str) -> None:
    reply = caller.speak(voice, "Good evening to all of you.", speed=1.25)

    body = reply.json
    sound = caller.get(body["audioUrl"]).body
    assert reply.status == 200
    assert body == {
        "audioUrl": body["audioUrl"],
        "contentType": "audio/wav",
        "model": HD,
        "text": "Good evening to all of you.",
        "voice": voice,
        "speed": 1.25,
        "duration": pytest.approx(seconds(sound), abs=0.01),
        "cost": 0.0027,
        "currency": "USD",
    }


def test_qwen_speech_is_a_ticket_then_a_link(
    caller: Caller, clock: SettableClock, voice_file_url: str
) -> None:
    submitted = speak_qwen(caller, voice_file_url, reference_text="What was said.")
    ticket = submitted.json
    assert submitted.status == 202
    assert ticket["charged"] is True
    assert ticket["cost"] == 0.00108
    pending = caller.get("/tts/status", **query_echo(ticket)).json
    assert pending == {"status": "pending", "runId": ticket["runId"], "queuePosition": 0}

    done = finish(caller, clock, submitted).json

    assert (done["status"], done["contentType"], done["model"]) == ("completed", "audio/wav", QWEN)
    assert caller.get(done["audioUrl"]).body.startswith(b"RIFF")


def test_a_longer_text_costs_more_and_lasts_longer(caller: Caller, voice: str) -> None:
    short, long = (caller.speak(voice, "One more time. " * times).json for times in (1, 4))

    assert long["cost"] == pytest.approx(4 * short["cost"])
    assert long["duration"] > 3 * short["duration"]


def test_two_recordings_make_two_voices(caller: Caller, clock: SettableClock, voice: str) -> None:
    caller.clone("bertVoice02")
    clock.advance(timedelta(seconds=3))

    sounds = [caller.get(caller.speak(name).json["audioUrl"]).body for name in
              (voice, "bertVoice02", voice)]  # fmt: skip

    assert sounds[0] == sounds[2]
    assert sounds[0] != sounds[1]


def test_an_own_copy_elsewhere_sounds_like_the_hosted_file(
    caller: Caller, clock: SettableClock, voice_file_url: str
) -> None:
    copy = caller.get(voice_file_url).body

    def host(_environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [])  # type: ignore[operator]
        return [copy]

    with listening() as server:
        server.set_app(host)
        link = f"http://127.0.0.1:{server.server_port}/copy.safetensors?signed=1"
        from_copy = speak_qwen(caller, link)
    from_host = speak_qwen(caller, voice_file_url)

    sounds = [
        caller.get(finish(caller, clock, ticket).json["audioUrl"]).body
        for ticket in (from_copy, from_host)
    ]
    assert sounds[0] == sounds[1]


def test_a_language_label_changes_the_sound(
    caller: Caller, clock: SettableClock, voice_file_url: str
) -> None:
    tickets = [speak_qwen(caller, voice_file_url, text="Place des nations", language=label)
               for label in ("English", "French")]  # fmt: skip
    english, french = (
        caller.get(finish(caller, clock, ticket).json["audioUrl"]).body for ticket in tickets
    )

    assert english != french


def test_a_file_that_is_no_voice_file_fails_and_is_paid_back(
    demo: tuple[DemoService, Caller], clock: SettableClock, voice: str
) -> None:
    service, caller = demo
    no_voice_file = caller.speak(voice).json["audioUrl"]
    submitted = speak_qwen(caller, no_voice_file)
    assert submitted.status == 202

    failed = finish(caller, clock, submitted)

    assert (failed.status, failed.json["status"]) == (200, "error")
    assert failed.json["error"] == "The voice file could not be read"
    assert charges_of(service)[-1].refunded


def test_without_a_socket_only_own_links_are_opened(
    demo: tuple[DemoService, Caller], clock: SettableClock, state_path: object
) -> None:
    inside = DemoService(state_path, clock)  # type: ignore[arg-type]
    with listening() as server:
        server.set_app(inside)
        caller = Caller(f"http://127.0.0.1:{server.server_port}/api")
        ticket = caller.form("/voice-clone/qwen", recording("bert")).json
        clock.advance(timedelta(seconds=2))
        own = caller.post("/voice-clone/qwen/status", **echo(ticket)).json["speakerEmbeddingUrl"]
        assert own.startswith("http://demo.invalid/api/files/")
        assert speak_qwen(caller, own).status == 202
        refused = speak_qwen(caller, demo[1].base + own.partition("/api")[2])

    assert refused.status == 400
    assert "opens no links" in refused.json["error"]["message"]


def test_the_catalogue_names_each_model_with_price_and_bounds(caller: Caller) -> None:
    catalogue = caller.get("/v1/audio-models", type="tts", detailed="true").json["data"]
    qwen = next(model for model in catalogue if model["id"] == QWEN)

    assert len(catalogue) == 6
    assert "German" in qwen["supported_parameters"]["language"]
    assert qwen["supported_parameters"]["max_chars"] == 2000
