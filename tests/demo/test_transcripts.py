"""The demo's `/api/transcribe`: the documented answer, its price, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from lib.demo import DemoService
from tests.demo.caller import Caller, Reply, recording, served
from tests.parts.charges import charges_of
from tests.parts.clock import SettableClock

WHISPER = "Whisper-Large-V3"


def write_down(caller: Caller, audio: bytes | None, **fields: str) -> Reply:
    return caller.form("/transcribe", audio, **{"model": WHISPER} | fields)


def test_the_words_come_at_once_and_say_that_they_are_a_demo(caller: Caller) -> None:
    wav = recording("anna", 30)
    reply = write_down(caller, wav)
    assert reply.status == 200
    assert reply.json == {
        "transcription": "This is a demo transcript. It does not say what your recording says.",
        "metadata": {
            "fileName": "a ä.wav",
            "fileSize": len(wav),
            "chargedDuration": 0.5,
            "actualDuration": 0.5,
            "language": "en",
            "cost": 0.005,
            "currency": "USD",
            "model": WHISPER,
        },
    }


@pytest.mark.parametrize(("seconds", "cost"), [(6, "0.001"), (30, "0.005"), (90, "0.015")])
def test_a_minute_costs_a_cent(demo: tuple[DemoService, Caller], seconds: int, cost: str) -> None:
    write_down(demo[1], recording("anna", seconds))
    (charge,) = charges_of(demo[0])
    assert (charge.kind, charge.cost, charge.refunded) == ("transcript", Decimal(cost), False)


@pytest.mark.parametrize(
    ("sample", "seconds"),
    [
        ("fleurs-en-11s-opus.ogg", 11),
        ("librispeech-14s-vorbis.ogg", 14),
        ("jfk-11s-vbr.mp3", 11),
        ("jfk-11s-44k-aac.m4a", 11),
        ("jfk-11s-adts.aac", 11),
    ],
)
def test_each_documented_format_is_taken_and_charged_by_its_length(
    demo: tuple[DemoService, Caller], samples: Path, sample: str, seconds: int
) -> None:
    assert write_down(demo[1], (samples / sample).read_bytes()).status == 200
    (charge,) = charges_of(demo[0])
    assert abs(float(charge.cost) * 6_000 - seconds) < 1


def test_a_recording_may_come_by_a_link(
    demo: tuple[DemoService, Caller], clock: SettableClock
) -> None:
    service, caller = demo
    caller.clone("annaVoice01")
    clock.advance(timedelta(seconds=3))
    link = caller.speak("annaVoice01").json["audioUrl"]
    reply = caller.post("/transcribe", model=WHISPER, audioUrl=link)
    assert (reply.status, reply.json["metadata"]["fileSize"]) == (200, len(caller.get(link).body))
    gone = caller.post("/transcribe", model=WHISPER, audioUrl=f"{caller.base}/files/none.wav")
    assert gone.status == 400
    assert [charge.kind for charge in charges_of(service)].count("transcript") == 1


REFUSED: dict[str, tuple[int, str, Callable[[Caller], Reply]]] = {
    "no recording": (400, "required", lambda c: write_down(c, None)),
    "empty": (400, "format", lambda c: write_down(c, b"")),
    "text": (400, "format", lambda c: write_down(c, b"hello" * 99)),
    "flac": (400, "format", lambda c: write_down(c, b"fLaC" + bytes(99))),
    "a head and nothing else": (400, "read", lambda c: write_down(c, recording("a", 0)[:20])),
    "over 3 MB": (413, "too large", lambda c: write_down(c, recording("a") + bytes(3_000_000))),
    "another model": (400, "model", lambda c: write_down(c, recording("a"), model="Wizper")),
    "no model": (400, "model", lambda c: c.form("/transcribe", recording("a"))),
    "a language by name": (
        400, "language", lambda c: write_down(c, recording("a"), language="German"),
    ),
    "by GET": (405, "POST", lambda c: c.get("/transcribe")),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_says_why_and_costs_nothing(demo: tuple[DemoService, Caller], what: str) -> None:
    service, caller = demo
    status, word, ask = REFUSED[what]
    reply = ask(caller)
    assert reply.status == status
    assert word in reply.json["error"]["message"]
    assert charges_of(service) == []


def test_an_empty_purse_and_a_wrong_key_get_no_words(
    state_path: Path, clock: SettableClock
) -> None:
    service = DemoService(state_path, clock, balance=Decimal("0.001"), key="right")
    with served(service) as caller:
        assert write_down(caller, recording("a")).status == 401
        poor = write_down(Caller(caller.base, key="right"), recording("a", 30))
    assert (poor.status, poor.json["requiredBalance"]) == (402, 0.005)
    assert charges_of(service) == []
