"""What the demo refuses, how, and that a refusal costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lib.demo import DemoService
from tests.demo.caller import BOUNDARY, Caller, Reply, echo, query_echo, recording, served
from tests.parts.charges import charges_of
from tests.parts.clock import SettableClock

HD, QWEN = "Minimax-Speech-02-HD", "Qwen-3-TTS-1.7B"
WAV = recording("anna")
EMBEDDING_FIELD = "speaker_voice_embedding_file_url"
FORM = f"multipart/form-data; boundary={BOUNDARY}"

Ask = Callable[[Caller], Reply]

REFUSED: dict[str, tuple[int, str, Ask]] = {
    "no voice ID": (400, "required", lambda c: c.form("/voice-clone/minimax", WAV)),
    "voice ID too short": (400, "not valid", lambda c: c.clone("anna01", WAV)),
    "voice ID with a dash": (400, "not valid", lambda c: c.clone("anna-voice-01", WAV)),
    "voice ID begins with a digit": (400, "not valid", lambda c: c.clone("1annaVoice", WAV)),
    "voice ID of 65": (400, "not valid", lambda c: c.clone("a" * 65, WAV)),
    "voice ID with a line end": (400, "not valid", lambda c: c.clone("annaVoice01\n", WAV)),
    "voice ID taken": (400, "already exists", lambda c: c.clone("takenVoice01", WAV)),
    "voice ID no text": (
        400, "must be text", lambda c: c.post("/voice-clone/minimax", customVoiceId=["a"]),
    ),
    "no recording": (400, "required", lambda c: c.form("/voice-clone/qwen", None)),
    "empty recording": (400, "format", lambda c: c.form("/voice-clone/qwen", b"")),
    "text as recording": (400, "format", lambda c: c.clone("annaVoice01", b"hello" * 99)),
    "ogg for MiniMax": (400, "format", lambda c: c.clone("annaVoice01", b"OggS" + bytes(99))),
    "flac for Qwen": (400, "format", lambda c: c.form("/voice-clone/qwen", b"fLaC" + bytes(99))),
    "recording over 20 MB": (
        413, "too large", lambda c: c.clone("annaVoice01", WAV + bytes(20_000_000)),
    ),
    "request far too large": (
        413, "too large", lambda c: c.clone("annaVoice01", WAV + bytes(24_000_000)),
    ),
    "preview text too long": (400, "500", lambda c: c.clone("annaVoice01", WAV, text="x" * 501)),
    "accuracy above 1": (400, "accuracy", lambda c: c.clone("annaVoice01", WAV, accuracy="1.1")),
    "accuracy no number": (400, "accuracy", lambda c: c.clone("annaVoice01", WAV, accuracy="x")),
    "a flag of another word": (
        400, "true or false", lambda c: c.clone("annaVoice01", WAV, needNoiseReduction="maybe"),
    ),
    "link to a file": (
        400, "http", lambda c: c.post("/voice-clone/qwen", audioUrl="file:///etc/hostname"),
    ),
    "link to nobody": (
        400, "did not answer",
        lambda c: c.post("/voice-clone/qwen", audioUrl="http://127.0.0.1:1/a"),
    ),
    "link without sense": (
        400, "fetched", lambda c: c.post("/voice-clone/qwen", audioUrl="http://[")
    ),
    "no text": (400, "text", lambda c: c.post("/tts", model=HD, voice="takenVoice01")),
    "blank text": (400, "text", lambda c: c.speak("takenVoice01", "  ")),
    "text too long": (413, "Text too long", lambda c: c.speak("takenVoice01", "x" * 5_001)),
    "text of half a character": (400, "must be text", lambda c: c.speak("takenVoice01", "\ud800")),
    "unknown voice": (400, "Voice not found", lambda c: c.speak("nobodyHere01")),
    "no voice": (400, "voice", lambda c: c.post("/tts", model=HD, text="Hello")),
    "unknown model": (400, "model", lambda c: c.post("/tts", model="Other", text="Hello")),
    "no model": (400, "model", lambda c: c.post("/tts", text="Hello", voice="takenVoice01")),
    "speed of nothing": (400, "speed", lambda c: c.speak("takenVoice01", speed=0)),
    "speed that is no number": (400, "speed", lambda c: c.speak("takenVoice01", speed=True)),
    "speed not a number": (400, "speed", lambda c: c.speak("takenVoice01", speed=float("nan"))),
    "an ISO language": (400, "language", lambda c: c.speak("takenVoice01", language="en")),
    "not a voice file": (400, EMBEDDING_FIELD, lambda c: c.post("/tts", model=QWEN, text="Hello")),
    "voice file in the text": (
        400, "http",
        lambda c: c.post("/tts", model=QWEN, text="Hello", **{EMBEDDING_FIELD: "data:,x"}),
    ),
    "own voice file that is gone": (
        400, "not there",
        lambda c: c.post(
            "/tts", model=QWEN, text="Hello", **{EMBEDDING_FIELD: c.base + "/files/x.safetensors"}
        ),
    ),
    "unknown clone run": (
        400, "runId", lambda c: c.post("/voice-clone/qwen/status", runId="demo_0", cost=1),
    ),
    "run that is no text": (400, "runId", lambda c: c.post("/voice-clone/qwen/status", runId=[1])),
    "unknown speech run": (404, "runId", lambda c: c.get("/tts/status", runId="x", model=QWEN)),
    "no such file": (404, "not there", lambda c: c.get("/files/other.wav")),
    "no such address": (404, "nothing", lambda c: c.get("/voices")),
    "address outside": (404, "nothing", lambda c: c.get(c.base.removesuffix("/api") + "/")),
    "another method": (405, "POST", lambda c: c.get("/tts")),
    "broken JSON": (400, "JSON", lambda c: c.send("POST", "/tts", b"{", "application/json")),
    "deep JSON": (400, "JSON", lambda c: c.send("POST", "/tts", b"[" * 99_999, "application/json")),
    "JSON list": (400, "object", lambda c: c.send("POST", "/tts", b"[1]", "application/json")),
    "JSON over a megabyte": (413, "too large", lambda c: c.post("/tts", text="x" * 1_000_001)),
    "form without boundary": (
        400, "boundary", lambda c: c.send("POST", "/tts", b"x", "multipart/form-data"),
    ),
    "form without end": (400, "no end", lambda c: c.send("POST", "/tts", b"x", FORM)),
    "too many parts": (
        400, "many parts", lambda c: c.form("/voice-clone/qwen", WAV, **dict.fromkeys("abcdefghij"
        "klmnopqrstuvwxyzABCDEFGHIJ", "x")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_has_its_status_a_reason_and_no_price(
    demo: tuple[DemoService, Caller], clock: SettableClock, what: str
) -> None:
    service, caller = demo
    caller.clone("takenVoice01", WAV)
    clock.advance(timedelta(seconds=3))
    status, word, ask = REFUSED[what]

    reply = ask(caller)

    assert reply.status == status
    assert word in reply.json["error"]["message"]
    assert reply.json["error"]["code"]
    assert [item.voice_id for item in charges_of(service)] == ["takenVoice01"]


@pytest.mark.parametrize(
    "change",
    [{"cost": 0.5}, {"cost": None}, {"cost": "x"}, {"cost": "NaN"}, {"paymentSource": "XNO"},
     {"isApiRequest": False}, {"isApiRequest": "True"}],
)  # fmt: skip
def test_a_status_request_must_echo_the_ticket(caller: Caller, change: dict[str, Any]) -> None:
    ticket = caller.clone("annaVoice01", WAV).json

    assert caller.post("/voice-clone/minimax/status", **echo(ticket)).status == 200
    assert caller.post("/voice-clone/minimax/status", **echo(ticket) | change).status == 400


@pytest.mark.parametrize("missing", ["cost", "paymentSource", "isApiRequest", "model", "runId"])
def test_a_speech_status_request_must_echo_the_ticket(
    caller: Caller, clock: SettableClock, missing: str
) -> None:
    clone = caller.form("/voice-clone/qwen", WAV).json
    clock.advance(timedelta(seconds=2))
    url = caller.post("/voice-clone/qwen/status", **echo(clone)).json["speakerEmbeddingUrl"]
    ticket = caller.post("/tts", model=QWEN, text="Hello", **{EMBEDDING_FIELD: url}).json
    whole = query_echo(ticket)
    rest = {name: value for name, value in whole.items() if name != missing}

    assert caller.get("/tts/status", **whole).status == 200
    assert caller.get("/tts/status", **rest).status == (404 if missing == "runId" else 400)


def test_a_run_is_known_only_where_it_was_ordered(caller: Caller) -> None:
    ticket = caller.clone("annaVoice01", WAV).json

    assert caller.post("/voice-clone/qwen/status", **echo(ticket)).status == 400


@pytest.mark.parametrize("header", ["Authorization", "x-api-key"])
def test_with_a_key_only_its_holder_gets_in(
    state_path: Path, clock: SettableClock, header: str
) -> None:
    with served(DemoService(state_path, clock, key="a-key")) as caller:
        address = urlsplit(caller.base).netloc
        for value, status in (("a-key", 200), ("other", 401), ("", 401), ("kéy", 401)):
            shown = f"Bearer {value}" if header == "Authorization" else value
            connection = HTTPConnection(address)
            connection.request("POST", "/api/check-balance", headers={header: shown.encode()})
            assert connection.getresponse().status == status
            connection.close()
        assert caller.get("/demo/log").status == 401
        assert caller.get("/v1/audio-models").status == 200


def test_an_empty_purse_is_told_what_is_needed(state_path: Path, clock: SettableClock) -> None:
    service = DemoService(state_path, clock, balance=Decimal("1.10"))
    with served(service) as caller:
        assert caller.clone("annaVoice01", WAV).status == 202
        refused = caller.form("/voice-clone/qwen", WAV)
        clock.advance(timedelta(seconds=3))
        spoken = caller.speak("annaVoice01")

    assert refused.status == 402
    assert refused.json == {"error": "Insufficient balance", "status": 402, "requiredBalance": 0.25}
    assert spoken.status == 200
    assert len(charges_of(service)) == 2


def test_a_request_cut_off_is_refused(caller: Caller) -> None:
    connection = HTTPConnection(urlsplit(caller.base).netloc)
    connection.putrequest("POST", "/api/tts")
    connection.putheader("Content-Length", "many")
    connection.endheaders()

    answer = connection.getresponse()

    assert answer.status == 400
    connection.close()
