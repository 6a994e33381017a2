"""What leaves for NanoGPT when something is ordered, and what is made of a good answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lib.models import ErrorKind, Money
from lib.providers.base import CloneOrder, ProviderError, Sound, SpeechOrder, Spent, Ticket
from tests.clients.nanogpt import ACCEPTED, LINK, MINIMAX, QWEN, QWEN_SPEECH, SPEECH
from tests.clients.scripted_server import Reply, ScriptedServer, closed_port, nanogpt_at, reply

DATE = "Fri, 20 Nov 2026 09:00:00 GMT"


def test_minimax_form_has_exactly_the_documented_fields() -> None:
    with ScriptedServer([reply(ACCEPTED, 202)]) as server:
        nanogpt_at(server.origin).clone(MINIMAX)
    form = server.seen[0].form
    audio = form.pop("audio")
    assert server.seen[0].method == "POST"
    assert server.seen[0].path == "/api/voice-clone/minimax"
    assert (audio.data, audio.file_name, audio.media_type) == (
        b"ID3 bytes", "recording.mp3", "audio/mpeg",
    )  # fmt: skip
    assert {name: part.data.decode() for name, part in form.items()} == {
        "customVoiceId": "AnnaVoice7x2",
        "voiceCloneModel": "speech-02-hd",
        "needNoiseReduction": "true",
        "needVolumeNormalization": "false",
        "accuracy": "0.7",
        "text": "Hello there.",
    }


def test_minimax_link_goes_as_json_with_real_booleans() -> None:
    with ScriptedServer([reply(ACCEPTED, 202)]) as server:
        order = replace(MINIMAX, audio=None, audio_url=LINK, model="", preview_text="")
        nanogpt_at(server.origin).clone(order)
    assert server.seen[0].headers["content-type"] == "application/json"
    assert server.seen[0].json == {
        "audioUrl": LINK,
        "customVoiceId": "AnnaVoice7x2",
        "needNoiseReduction": True,
        "needVolumeNormalization": False,
        "accuracy": 0.7,
    }


def test_qwen_form_has_recording_and_transcript_only() -> None:
    with ScriptedServer([reply(ACCEPTED, 202)]) as server:
        nanogpt_at(server.origin).clone(QWEN)
    form = server.seen[0].form
    assert server.seen[0].path == "/api/voice-clone/qwen"
    assert set(form) == {"audio", "referenceText"}
    assert form["referenceText"].data == b"What I said."


def test_qwen_link_without_transcript_is_one_field() -> None:
    with ScriptedServer([reply(ACCEPTED, 202)]) as server:
        order = replace(QWEN, audio=None, audio_url=LINK, transcript="")
        nanogpt_at(server.origin).clone(order)
    assert server.seen[0].json == {"audioUrl": LINK}


def test_clone_ticket_holds_what_the_answer_said() -> None:
    headers = {"Date": DATE, "X_Request_ID": "req-77", "X_Poll_After": "7"}
    with ScriptedServer([reply(ACCEPTED, 202, **headers)]) as server:
        ticket = nanogpt_at(server.origin).clone(MINIMAX)
    assert ticket == Ticket(
        run_id="run-1",
        kind="minimax",
        for_speech=False,
        echo={"cost": 1.0, "paymentSource": "USD", "isApiRequest": True},
        cost=Money.usd(1),
        request_id="req-77",
        answered_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        poll_after=7.0,
    )


@pytest.mark.parametrize(
    ("extra", "echo", "cost"),
    [
        ({}, {}, None),
        ({"cost": 0.25}, {"cost": 0.25}, Money.usd("0.25")),
        ({"cost": 1}, {"cost": 1}, Money.usd(1)),
        ({"cost": "0.10"}, {"cost": "0.10"}, Money.usd("0.10")),
        ({"cost": 0}, {"cost": 0}, Money()),
        ({"cost": -3}, {"cost": -3}, None),
        ({"cost": "much"}, {"cost": "much"}, None),
        ({"cost": {"usd": 1}}, {}, None),
        ({"isApiRequest": False}, {"isApiRequest": False}, None),
        ({"paymentSource": "XNO", "secret": 1}, {"paymentSource": "XNO"}, None),
        ({"cost": 0.1, "currency": "XNO"}, {"cost": 0.1}, None),
    ],
)
def test_echo_is_what_was_received_and_can_be_stored(
    extra: dict[str, Any], echo: dict[str, Any], cost: Money | None
) -> None:
    with ScriptedServer([reply({"runId": "run-1", **extra})]) as server:
        ticket = nanogpt_at(server.origin).clone(QWEN)
    assert ticket.cost == cost
    stored = json.loads(json.dumps(ticket.to_json()))["echo"]
    assert json.dumps(stored) == json.dumps(echo)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 1), ("-5", 1), ("1.5", 1.5), ("60", 60), ("9999", 60), ("soon", None), ("nan", None),
     ("1e999", 60)],
)  # fmt: skip
def test_poll_after_is_kept_between_1_and_60_seconds(header: str, seconds: float | None) -> None:
    with ScriptedServer([reply(ACCEPTED, 202, X_Poll_After=header)]) as server:
        assert nanogpt_at(server.origin).clone(MINIMAX).poll_after == seconds


@pytest.mark.parametrize(
    "body", [{"id": "run-9"}, {"runId": "run-9"}, {"runId": "", "id": "run-9"}]
)
def test_run_id_is_found_under_either_name(body: dict[str, Any]) -> None:
    with ScriptedServer([reply(body)]) as server:
        assert nanogpt_at(server.origin).clone(QWEN).run_id == "run-9"


@pytest.mark.parametrize(
    "order",
    [
        replace(MINIMAX, voice_id=""),
        replace(MINIMAX, voice_id="short1"),
        replace(MINIMAX, voice_id="1AnnaVoice"),
        replace(MINIMAX, voice_id="Anna-Voice-1"),
        replace(MINIMAX, voice_id="AnnaVoice7x2\n"),
        replace(MINIMAX, voice_id="A" * 65),
        replace(MINIMAX, audio=None),
        replace(MINIMAX, audio_url=LINK),
        replace(MINIMAX, audio=b""),
        replace(MINIMAX, audio=b"ID3" + bytes(3_000_000)),
        replace(MINIMAX, audio=None, audio_url="file:///etc/hostname"),
        replace(MINIMAX, preview_text="x" * 501),
        replace(MINIMAX, preview_text="half a character: \ud800"),
        replace(MINIMAX, accuracy=float("nan")),
        replace(MINIMAX, accuracy=1.1),
        replace(QWEN, audio=None),
        replace(QWEN, audio_url=LINK),
        replace(QWEN, transcript="\ud800"),
        replace(QWEN, kind="inworld"),
        replace(SPEECH, text=" \n"),
        replace(SPEECH, text="\udfff"),
        replace(SPEECH, voice_id=""),
        replace(SPEECH, model=""),
        replace(SPEECH, kind="elevenlabs"),
        replace(SPEECH, speed=float("nan")),
        replace(SPEECH, speed=0),
        replace(QWEN_SPEECH, embedding_url=""),
        replace(QWEN_SPEECH, embedding_url="data:,x"),
    ],
)
def test_order_that_cannot_be_good_is_refused_before_anything_is_sent(
    order: CloneOrder | SpeechOrder,
) -> None:
    with ScriptedServer() as server:
        client = nanogpt_at(server.origin)
        with pytest.raises(ProviderError) as refused:
            client.clone(order) if isinstance(order, CloneOrder) else client.speak(order)
    assert (refused.value.kind, refused.value.spent) == (ErrorKind.INPUT, Spent.NO)
    assert "othing was" in refused.value.sentence
    assert server.seen == []


def test_minimax_speech_sends_voice_text_and_model() -> None:
    with ScriptedServer([reply({"audioUrl": LINK})]) as server:
        nanogpt_at(server.origin).speak(SPEECH)
    assert (server.seen[0].method, server.seen[0].path) == ("POST", "/api/tts")
    assert server.seen[0].json == {
        "model": "Minimax-Speech-02-HD", "text": "Hello.", "voice": "AnnaVoice7x2",
    }  # fmt: skip


def test_qwen_speech_sends_embedding_transcript_and_language_label() -> None:
    with ScriptedServer([reply({"runId": "run-1"}, 202)]) as server:
        nanogpt_at(server.origin).speak(QWEN_SPEECH)
    assert server.seen[0].json == {
        "model": "Qwen-3-TTS-1.7B",
        "text": "Hello.",
        "speaker_voice_embedding_file_url": LINK,
        "reference_text": "What I said.",
        "language": "German",
    }


def test_speed_is_sent_only_when_it_differs_from_the_default() -> None:
    with ScriptedServer([reply({"audioUrl": LINK})]) as server:
        nanogpt_at(server.origin).speak(replace(SPEECH, speed=1.5))
    assert server.seen[0].json["speed"] == 1.5


AUDIO = {
    "mp3 with tag": b"ID3\x04" + bytes(40),
    "mp3 frame": b"\xff\xfb\x90\x64" + bytes(40),
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40),
    "ogg": b"OggS" + bytes(40),
    "flac": b"fLaC" + bytes(40),
    "m4a": b"\x00\x00\x00\x20ftypM4A " + bytes(40),
    "adts": b"\xff\xf1\x50\x80" + bytes(40),
}


@pytest.mark.parametrize("media_type", ["audio/mp3", "application/octet-stream"])
@pytest.mark.parametrize("audio", AUDIO.values(), ids=AUDIO.keys())
def test_speech_as_bytes_is_a_sound(audio: bytes, media_type: str) -> None:
    headers = {"Content-Type": media_type, "x-cost": "0.0012", "Date": DATE}
    with ScriptedServer([Reply(200, audio, headers)]) as server:
        sound = nanogpt_at(server.origin).speak(SPEECH)
    assert sound == Sound(
        audio=audio, cost=Money.usd("0.0012"), answered_at=datetime(2026, 11, 20, 9, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    "body",
    [
        {"audioUrl": LINK, "cost": 0.0012, "currency": "USD"},
        {"url": LINK, "cost": "0.0012"},
        {"data": {"audioUrl": LINK}, "cost": 0.0012},
        {"data": {"url": LINK}, "cost": 0.0012, "error": None},
        {"status": "completed", "runId": "run-1", "audioUrl": LINK, "cost": 0.0012},
    ],
)
def test_speech_as_a_link_is_a_sound(body: dict[str, Any]) -> None:
    with ScriptedServer([reply(body)]) as server:
        sound = nanogpt_at(server.origin).speak(SPEECH)
    assert sound == Sound(url=LINK, cost=Money.usd("0.0012"))


@pytest.mark.parametrize("status", [200, 202])
def test_speech_that_takes_time_is_a_ticket_with_the_model_to_ask_for(status: int) -> None:
    body = ACCEPTED | {"model": "Qwen-3-TTS-1.7B", "charged": True, "cost": 0.01}
    with ScriptedServer([reply(body, status)]) as server:
        ticket = nanogpt_at(server.origin).speak(QWEN_SPEECH)
    assert isinstance(ticket, Ticket)
    assert (ticket.for_speech, ticket.kind, ticket.model) == (True, "qwen", "Qwen-3-TTS-1.7B")
    assert ticket.echo == {"cost": 0.01, "paymentSource": "USD", "isApiRequest": True}


def test_ticket_that_names_no_model_keeps_the_one_ordered() -> None:
    with ScriptedServer([reply({"id": "run-1", "status": "error", "error": "late"})]) as server:
        ticket = nanogpt_at(server.origin).speak(QWEN_SPEECH)
    assert isinstance(ticket, Ticket)
    assert ticket.model == "Qwen-3-TTS-1.7B"


def test_order_to_nobody_says_that_nothing_was_sent() -> None:
    with pytest.raises(ProviderError) as refused:
        nanogpt_at(closed_port()).clone(MINIMAX)
    assert (refused.value.kind, refused.value.spent) == (ErrorKind.UNREACHABLE, Spent.NO)
    assert "Nothing was sent and nothing was charged" in refused.value.sentence
