"""Transcripts at NanoGPT: what is sent, and which answers hold the words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lib.models import ErrorKind, Money
from lib.providers.base import ProviderError, Spent, Transcriber, Transcript, TranscriptOrder
from lib.providers.nanogpt_transcripts import MAX_CHARS
from tests.clients.nanogpt import TRANSCRIPT, WRITTEN
from tests.clients.scripted_server import (
    KEY,
    ScriptedServer,
    closed_port,
    kyma_at,
    nanogpt_at,
    reply,
)


def written(answer: Any, status: int = 200, **headers: str) -> Transcript:
    with ScriptedServer([reply(answer, status, **headers)]) as server:
        return nanogpt_at(server.origin).transcribe(TRANSCRIPT)


def refused(origin: str, order: TranscriptOrder = TRANSCRIPT) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        nanogpt_at(origin).transcribe(order)
    return caught.value


def test_the_recording_goes_as_a_form_with_model_and_language() -> None:
    with ScriptedServer([reply(WRITTEN)]) as server:
        nanogpt_at(server.origin).transcribe(replace(TRANSCRIPT, language="de"))
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/api/transcribe")
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    audio = seen.form["audio"]
    assert (audio.data, audio.file_name, audio.media_type) == (
        b"ID3 bytes", "recording.mp3", "audio/mpeg",
    )  # fmt: skip
    texts = {name: part.data.decode() for name, part in seen.form.items() if name != "audio"}
    assert texts == {"model": "Whisper-Large-V3", "language": "de"}


def test_the_documented_answer_has_words_language_and_cost() -> None:
    found = written(WRITTEN, X_Request_ID="req-7")
    assert (found.text, found.language, found.cost, found.request_id) == (
        "Hello, this is a test transcription.", "en", Money.usd("0.005"), "req-7",
    )  # fmt: skip


@pytest.mark.parametrize("metadata", [None, "odd", {}, {"cost": "x", "language": 7}])
def test_words_count_whatever_is_told_of_them(metadata: object) -> None:
    found = written({"transcription": "Hello.", "metadata": metadata})
    assert (found.text, found.language, found.cost) == ("Hello.", "", None)


def test_a_cost_in_another_currency_is_not_taken_for_dollars() -> None:
    metadata = WRITTEN["metadata"] | {"currency": "XNO"}
    assert written(WRITTEN | {"metadata": metadata}).cost is None


def test_a_recording_without_words_is_an_answer_too() -> None:
    assert written(WRITTEN | {"transcription": ""}).text == ""


def test_endless_words_are_cut() -> None:
    assert len(written(WRITTEN | {"transcription": "a" * (MAX_CHARS + 1)}).text) == MAX_CHARS


@pytest.mark.parametrize(
    "answer",
    [
        {"runId": "run-1", "status": "pending", "cost": 0.005},
        {"transcription": None},
        {"transcription": ["Hello."]},
        {"text": "Hello."},
        WRITTEN | {"error": "Upstream"},
    ],
    ids=["a ticket", "null", "a list", "of another route", "words and an error"],
)
def test_an_answer_that_has_no_words_leaves_open_whether_it_was_paid(answer: Any) -> None:
    with ScriptedServer([reply(answer)]) as server:
        error = refused(server.origin)
    assert error.spent is Spent.UNKNOWN
    assert "It may have been charged." in error.sentence
    assert len(server.seen) == 1


def test_nobody_there_is_told_from_no_answer() -> None:
    error = refused(closed_port())
    assert (error.kind, error.spent) == (ErrorKind.UNREACHABLE, Spent.NO)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"audio": b""}, "The recording is empty."),
        ({"audio": bytes(3_000_001)}, "A recording over 3 MB has to be made smaller first."),
        ({"model": ""}, "No model was chosen"),
    ],
)
def test_what_would_be_refused_does_not_leave(changes: dict[str, Any], says: str) -> None:
    with ScriptedServer() as server:
        error = refused(server.origin, replace(TRANSCRIPT, **changes))
    assert (error.kind, error.spent) == (ErrorKind.INPUT, Spent.NO)
    assert says in error.sentence
    assert server.seen == []


def test_three_megabytes_leave() -> None:
    with ScriptedServer([reply(WRITTEN)]) as server:
        nanogpt_at(server.origin).transcribe(replace(TRANSCRIPT, audio=bytes(3_000_000)))
    assert len(server.seen) == 1


def test_a_service_that_writes_nothing_down_does_not_say_that_it_does() -> None:
    assert isinstance(nanogpt_at("http://127.0.0.1:1"), Transcriber)
    assert not isinstance(kyma_at("http://127.0.0.1:1"), Transcriber)
