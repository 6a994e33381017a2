"""What Kyma's side refuses, with which word, and that a refusal costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lib.demo import DemoService
from tests.demo.caller import Caller, Reply, recording, served
from tests.demo.kyma import CLONE, DESIGN, HD, SPEECH, at_kyma, clone, design, speak
from tests.parts.charges import charges_of
from tests.parts.clock import SettableClock

Ask = Callable[[Caller], Reply]

REFUSED: dict[str, tuple[int, str, Ask]] = {
    "no file": (400, "invalid_request", lambda c: c.form(CLONE, None, name="Anna")),
    "JSON for a clone": (400, "invalid_request", lambda c: c.post(CLONE, name="Anna")),
    "a name of 65": (400, "invalid_request", lambda c: clone(c, name="x" * 65)),
    "a model that clones nothing": (
        400, "not_a_voice_clone_model", lambda c: clone(c, model="minimax-voice-design"),
    ),
    "9.9 seconds": (400, "reference_too_short", lambda c: clone(c, recording("a", 9.9))),
    "301 seconds": (400, "reference_too_long", lambda c: clone(c, recording("a", 301))),
    "a name of a WAV, bytes of a text": (
        400, "audio_unreadable", lambda c: clone(c, b"hello" * 99),
    ),
    "a WAV without sound": (400, "audio_unreadable", lambda c: clone(c, b"RIFF\0\0\0\0WAVEfmt ")),
    "an MP3 of one frame head": (
        400, "audio_unreadable", lambda c: clone(c, b"ID3" + bytes(99), "a.mp3"),
    ),
    "an empty file": (400, "audio_unreadable", lambda c: clone(c, b"")),
    "a text": (415, "invalid_request", lambda c: clone(c, b"hello" * 99, "a.txt")),
    "an OGG by the name of a WAV": (415, "invalid_request", lambda c: clone(c, b"OggS" * 99)),
    "a file over 10 MB": (
        413, "invalid_request", lambda c: clone(c, recording("a") + bytes(10_000_000)),
    ),
    "a request far too large": (
        413, "invalid_request", lambda c: clone(c, recording("a") + bytes(24_000_000)),
    ),
    "a mute recording": (
        502, "provider_error", lambda c: clone(c, recording("a")[:44] + b"\x80" * 48_000),
    ),
    "no description": (400, "invalid_request", lambda c: design(c, description=" ")),
    "description that is no text": (400, "invalid_request", lambda c: design(c, description=[1])),
    "a description of 1,001": (
        400, "description_too_long", lambda c: design(c, description="x" * 1_001),
    ),
    "a model that designs nothing": (
        400, "not_a_voice_design_model", lambda c: design(c, model="minimax-voice-clone"),
    ),
    "a preview text of 501": (400, "invalid_request", lambda c: design(c, preview_text="x" * 501)),
    "a design's name of 65": (400, "invalid_request", lambda c: design(c, name="x" * 65)),
    "another gender": (400, "invalid_request", lambda c: design(c, gender="robot")),
    "another age": (400, "invalid_request", lambda c: design(c, age_group="old")),
    "a description without a word": (
        502, "provider_error", lambda c: design(c, description="12 !!"),
    ),
    "a model that does not speak": (
        400, "not_a_tts_model", lambda c: speak(c, "x", model="minimax-voice-clone"),
    ),
    "a model of nobody": (400, "not_a_tts_model", lambda c: speak(c, "x", model="tts-1")),
    "no voice": (400, "voice_required", lambda c: c.post(SPEECH, model=HD, input="Hello")),
    "no text": (400, "invalid_request", lambda c: speak(c, "x", "  ")),
    "a text of 5,001": (400, "input_too_long", lambda c: speak(c, "x", "x" * 5_001)),
    "another format": (400, "invalid_request", lambda c: speak(c, "x", response_format="wav")),
    "settings of text": (400, "invalid_request", lambda c: speak(c, "x", voice_settings="x")),
    "a stream of text": (400, "invalid_request", lambda c: speak(c, "x", stream="maybe")),
    "a voice nobody made": (502, "provider_error", lambda c: speak(c, "kyma_0123456789abcdef")),
    "broken JSON": (
        400, "invalid_request", lambda c: c.send("POST", SPEECH, b"{", "application/json"),
    ),
    "JSON over a megabyte": (413, "invalid_request", lambda c: speak(c, "x", "x" * 1_000_001)),
    "no such address": (404, "not_found", lambda c: c.get("/audio/voice")),
    "another method": (405, "method_not_allowed", lambda c: c.get(DESIGN)),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_has_its_status_its_word_and_no_price(
    demo: tuple[DemoService, Caller], what: str
) -> None:
    status, word, ask = REFUSED[what]

    reply = ask(at_kyma(demo[1]))

    assert reply.status == status
    assert set(reply.json["error"]) == {"message", "type", "code"}
    assert (reply.json["error"]["code"], reply.json["error"]["type"]) == (word, word)
    assert reply.json["error"]["message"]
    assert charges_of(demo[0]) == []


def test_the_edges_of_length_and_size_are_inside(caller: Caller) -> None:
    kyma = at_kyma(caller)

    assert clone(kyma, recording("a", 10)).status == 200
    assert clone(kyma, recording("a", 300)).status == 200
    assert (
        design(kyma, description="x" * 1_000, preview_text="x" * 500, name="x" * 64).status == 200
    )


@pytest.mark.parametrize("path", ["/credits/balance", "/credits/pricing", "/auth/limits"])
def test_with_a_key_only_its_holder_gets_in(
    state_path: Path, clock: SettableClock, path: str
) -> None:
    with served(DemoService(state_path, clock, key="a-key")) as caller:
        for key, status in (("a-key", 200), ("other", 401), ("", 401)):
            reply = at_kyma(caller, key).get(path)
            assert reply.status == status
        assert reply.json["error"]["code"] == "auth_error"
        assert at_kyma(caller, "").get("/limits/tiers").status == 200


def test_without_a_key_any_bearer_gets_in_but_no_stranger(caller: Caller) -> None:
    assert at_kyma(caller, "any").get("/audio/voices").status == 200
    assert at_kyma(caller, "").get("/audio/voices").status == 401

    connection = HTTPConnection(urlsplit(caller.base).netloc)
    connection.request("GET", "/v1/audio/voices", headers={"x-api-key": "any"})
    assert connection.getresponse().status == 401
    connection.close()


def test_an_empty_purse_has_a_word_of_its_own_for_speech(
    state_path: Path, clock: SettableClock
) -> None:
    service = DemoService(state_path, clock, balance=Decimal("2.1005"))
    with served(service) as caller:
        kyma = at_kyma(caller)
        voice = clone(kyma).json["voice_id"]
        refused = [clone(kyma), design(kyma), speak(kyma, voice)]
        left = kyma.get("/credits/balance").json

    assert [reply.status for reply in refused] == [402] * 3
    assert [reply.json["error"]["code"] for reply in refused] == [
        "insufficient_credits",
        "insufficient_credits",
        "billing_error",
    ]
    assert "$2.1" in refused[0].json["error"]["message"]
    assert left["low_balance"] is True
    assert len(charges_of(service)) == 1


def test_the_log_tells_both_contracts_apart_by_address(caller: Caller) -> None:
    kyma = at_kyma(caller)
    clone(kyma, name="Anna")
    design(kyma)
    kyma.get("/nothing")

    log = caller.get("/demo/log").json

    assert [(item["path"], item["kind"], item["status"]) for item in log] == [
        ("/v1" + CLONE, "clone", 200),
        ("/v1" + DESIGN, "design", 200),
        ("/v1/nothing", "unknown", 404),
    ]
    assert log[0]["fields"] == {"name": "Anna"}
