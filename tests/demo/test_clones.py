"""The two clone routes, from the recording to the finished voice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from lib.demo import DemoService
from lib.demo.embedding import embedding
from tests.demo.caller import Caller, echo, listening, recording, seconds
from tests.parts.charges import charges_of
from tests.parts.clock import SettableClock

MINIMAX_STATUS = "/voice-clone/minimax/status"
QWEN_STATUS = "/voice-clone/qwen/status"


def test_a_minimax_clone_is_a_ticket_then_a_preview(caller: Caller, clock: SettableClock) -> None:
    audio = recording("anna")
    submitted = caller.clone("annaVoice01", audio, text="This is the preview.", accuracy="0.9")
    ticket = submitted.json

    assert submitted.status == 202
    assert ticket == {
        "status": "pending",
        "runId": ticket["runId"],
        "model": "MiniMax-Voice-Clone",
        "cost": 1.0,
        "paymentSource": "USD",
        "isApiRequest": True,
        "fileName": "a ä.wav",
        "fileSize": len(audio),
    }

    pending = caller.post(MINIMAX_STATUS, **echo(ticket))
    assert (pending.status, pending.json["status"]) == (200, "pending")
    assert pending.headers["X-Poll-After"] == "3"

    clock.advance(timedelta(seconds=3))
    done = caller.post(MINIMAX_STATUS, **echo(ticket)).json
    assert done["status"] == "completed"
    assert "annaVoice01" not in str(done), "the service does not give the ID back"
    preview = caller.get(done["audioUrls"][0])
    assert preview.headers["Content-Type"] == "audio/wav"
    assert seconds(preview.body) > 0.8


def test_a_qwen_clone_is_a_ticket_then_a_voice_file(caller: Caller, clock: SettableClock) -> None:
    audio = recording("bert", seconds=4)
    submitted = caller.form("/voice-clone/qwen", audio, referenceText="What was said.")
    ticket = submitted.json
    assert submitted.status == 202
    assert (ticket["model"], ticket["cost"]) == ("qwen-voice-clone", 0.25)
    assert submitted.headers["X-Poll-After"] == "2"

    clock.advance(timedelta(seconds=2))
    done = caller.post(QWEN_STATUS, **echo(ticket)).json
    assert done["status"] == "completed"
    assert caller.get(done["speakerEmbeddingUrl"]).body == embedding(audio)


def test_each_answer_carries_the_services_date_and_a_request_id(
    caller: Caller, clock: SettableClock
) -> None:
    clock.advance(timedelta(days=400))
    first, second = caller.clone("annaVoice01"), caller.get("/nowhere")

    assert first.headers["Date"] == "Sat, 25 Dec 2027 09:00:00 GMT"
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


@pytest.mark.parametrize("name", ["audioUrl", "audio_url"])
def test_a_recording_behind_a_link_is_fetched(
    demo: tuple[DemoService, Caller], clock: SettableClock, name: str
) -> None:
    _, caller = demo
    audio = recording("anna")

    def host(_environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "audio/wav")])  # type: ignore[operator]
        return [audio]

    with listening() as server:
        server.set_app(host)
        link = f"http://127.0.0.1:{server.server_port}/a.wav?signature=secret"
        submitted = caller.post("/voice-clone/qwen", **{name: link})

    assert submitted.status == 202
    assert (submitted.json["fileName"], submitted.json["fileSize"]) == ("audio_file", 0)
    clock.advance(timedelta(seconds=2))
    done = caller.post(QWEN_STATUS, **echo(submitted.json)).json
    assert caller.get(done["speakerEmbeddingUrl"]).body == embedding(audio)
    assert "secret" not in caller.get("/demo/log").body.decode()


def test_a_link_over_the_size_bound_is_refused(caller: Caller) -> None:
    def host(_environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [])  # type: ignore[operator]
        return [bytes(1_000_000)] * 21

    with listening() as server:
        server.set_app(host)
        reply = caller.post(
            "/voice-clone/qwen", audioUrl=f"http://127.0.0.1:{server.server_port}/a.wav"
        )

    assert reply.status == 400
    assert "too large" in reply.json["error"]["message"]


def test_a_recording_too_short_fails_and_is_paid_back_when_asked(
    demo: tuple[DemoService, Caller], clock: SettableClock
) -> None:
    service, caller = demo
    ticket = caller.clone("annaVoice01", recording("anna", seconds=4)).json
    clock.advance(timedelta(seconds=3))
    assert not charges_of(service)[0].refunded

    failed = caller.post(MINIMAX_STATUS, **echo(ticket))

    assert (failed.status, failed.json["status"]) == (200, "failed")
    assert "4.0 seconds" in failed.json["error"]
    assert charges_of(service)[0].refunded
    assert caller.post("/check-balance").json["usd_balance"] == "25.000000"
    assert caller.clone("annaVoice01").status == 202, "the ID was not used up"


def test_a_clone_is_charged_once_in_the_order_of_arrival(
    demo: tuple[DemoService, Caller], clock: SettableClock
) -> None:
    service, caller = demo
    caller.clone("annaVoice01")
    caller.form("/voice-clone/qwen", recording("bert"))
    clock.advance(timedelta(seconds=3))
    caller.speak("annaVoice01", "x" * 50)

    paid = charges_of(service)

    assert [(item.kind, item.cost) for item in paid] == [
        ("clone", Decimal("1")),
        ("clone", Decimal("0.25")),
        ("speech", Decimal("0.005")),
    ]
    assert [paid[0].voice_id, paid[2].voice_id] == ["annaVoice01", "annaVoice01"]
    assert caller.post("/check-balance").json["usd_balance"] == "23.745000"
