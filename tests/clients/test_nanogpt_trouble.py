"""Refusals, faults and odd answers to paid requests: what they mean, and never a second sending."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from lib.models import ErrorKind
from lib.providers.base import CloneOrder, ProviderError, SpeechOrder, Spent, TranscriptOrder
from lib.providers.http import Timeouts
from lib.providers.nanogpt import NanoGPT
from tests.clients.nanogpt import MINIMAX, QWEN_SPEECH, SPEECH, TRANSCRIPT
from tests.clients.scripted_server import (
    HASTY,
    KEY,
    PATIENT,
    Fault,
    Reply,
    ScriptedServer,
    nanogpt_at,
    reply,
)

K = ErrorKind
CLONE = MINIMAX

PAYMENT_OFFER = {
    "error": {"message": f"Pay at https://pay.example/x?token={KEY}", "code": "insufficient_quota"},
    "requiredBalance": "1.0",
    "payment": {"address": "nano_3offer", "amount": "4.2"},
}
REFUSALS: dict[str, tuple[Reply, ErrorKind, str]] = {
    "400 object": (
        reply({"error": {"message": "audio is too short", "type": "invalid_request_error",
                         "code": "bad", "param": None}}, 400),
        K.INPUT, "and the options you chose. NanoGPT says: “audio is too short”.",
    ),
    "400 text": (reply({"error": "Bad model", "status": 400}, 400), K.INPUT, "“Bad model”"),
    "400 number": (reply({"error": 400, "message": "Bad model"}, 400), K.INPUT, "“Bad model”"),
    "400 text and code": (
        reply({"error": "Bad model", "code": "invalid_model"}, 400), K.INPUT, "“Bad model”",
    ),
    "400 message": (reply({"message": "Bad model"}, 400), K.INPUT, "“Bad model”"),
    "400 detail": (reply({"detail": "Bad model"}, 400), K.INPUT, "“Bad model”"),
    "400 list": (reply(["Bad model"], 400), K.INPUT, "refused the request. Nothing"),
    "400 html": (Reply(400, b"<html>Bad</html>"), K.INPUT, "refused the request. Nothing"),
    "400 content policy": (
        reply({"error": {"message": "No.", "code": "content_policy_violation"}}, 400),
        K.CONTENT_POLICY, "content rules of NanoGPT",
    ),
    "400 content policy, capitals": (
        reply({"error": "No.", "code": "CONTENT_POLICY_VIOLATION"}, 400),
        K.CONTENT_POLICY, "content rules of NanoGPT",
    ),
    "400 quota": (
        reply({"error": {"message": "x", "type": "insufficient_quota"}}, 400),
        K.BALANCE, "NanoGPT balance is too low",
    ),
    "401": (reply({"error": "Invalid key"}, 401), K.KEY, "key was not accepted"),
    "401 empty": (Reply(401), K.KEY, "key was not accepted"),
    "402": (
        reply({"error": "Insufficient balance", "status": 402, "requiredBalance": 1.0}, 402),
        K.BALANCE, "Your NanoGPT balance is too low (it needs $1.00). Nothing was charged.",
    ),
    "402 with an offer to pay": (reply(PAYMENT_OFFER, 402), K.BALANCE, "(it needs $1.00)"),
    "402 without amount": (Reply(402), K.BALANCE, "NanoGPT balance is too low. Nothing"),
    "402 absurd amount": (
        reply({"requiredBalance": "1e999999999"}, 402), K.BALANCE, "balance is too low. Nothing",
    ),
    "403 origin": (
        reply({"error": {"message": "Origin not allowed", "code": "api_key_origin_not_allowed"}},
              403),
        K.PERMISSION, "“Origin not allowed”",
    ),
    "403 model": (
        reply({"error": "Model not allowed", "code": "model_not_allowed"}, 403),
        K.PERMISSION, "not allowed to do that",
    ),
    "409": (reply({"error": "Run exists"}, 409), K.INPUT, "already has this"),
    "413": (reply({"error": "File too large for direct upload"}, 413), K.INPUT, "in one request"),
    "413 broken off": (
        Reply(413, b"{", {"Content-Type": "application/json"}, Fault.PARTIAL),
        K.INPUT, "in one request",
    ),
    "415": (Reply(415), K.INPUT, "refused the request"),
    "422": (reply({"detail": [{"msg": "field required"}]}, 422), K.INPUT, "refused the request"),
    "429": (reply({"error": "Slow down"}, 429, Retry_After="7"), K.BUSY, "a short pause"),
    "429 per second": (
        reply({"error": {"message": "x", "code": "rate_limit_exceeded"}}, 429), K.BUSY, "pause",
    ),
    "429 requests of the day": (
        reply({"error": {"message": "x", "code": "daily_rpd_limit_exceeded"}}, 429),
        K.LIMIT, "resets at 00:00 UTC",
    ),
    "429 dollars of the day": (
        reply({"error": "x", "code": "daily_usd_limit_exceeded"}, 429, Retry_After="3600"),
        K.LIMIT, "resets at 00:00 UTC",
    ),
    "429 huge": (Reply(429, b"x" * 1_100_000), K.BUSY, "a short pause"),
    "501": (reply({"error": "Model has no TTS"}, 501), K.INPUT, "with the chosen model"),
    "200 with a status inside": (
        reply({"error": "Insufficient balance", "status": 402}), K.BALANCE, "too low",
    ),
}  # fmt: skip

JSON = {"Content-Type": "application/json"}
WITHOUT_ANSWER: dict[str, Reply] = {
    "closed": Reply(fault=Fault.CLOSE),
    "reset": Reply(fault=Fault.RESET),
    "timeout": Reply(fault=Fault.HANG),
    "not HTTP": Reply(fault=Fault.GARBAGE),
    "cut in the body": Reply(200, b'{"runId":"r"}', JSON, Fault.PARTIAL),
    "302": Reply(302, headers={"Location": "https://nano-gpt.com/login?next=1"}),
    "307": Reply(307, headers={"Location": "/api/tts"}),
    "408": reply({"error": "Timeout"}, 408),
    "500": reply({"error": {"message": "Upstream", "code": "server_error"}}, 500),
    "500 content policy": reply({"error": "x", "code": "content_policy_violation"}, 500),
    "502 html": Reply(502, b"<html><h1>Bad gateway</h1></html>", {"Content-Type": "text/html"}),
    "503": reply({"error": "Busy"}, 503, Retry_After="1"),
    "504 empty": Reply(504),
    "520 of an edge": Reply(520),
    "204": Reply(204),
    "200 empty": Reply(200),
    "200 html": Reply(200, b"<html>Welcome</html>", {"Content-Type": "text/html"}),
    "200 html as audio": Reply(200, b"<html>Welcome</html>", {"Content-Type": "audio/mpeg"}),
    "200 half JSON": Reply(200, b'{"runId": "r', JSON),
    "200 list": reply([{"runId": "r"}]),
    "200 nothing known": reply({"ok": True}),
    "200 empty run id": reply({"runId": " "}),
    "200 run id with line end": reply({"runId": "a\nb"}),
    "200 endless run id": reply({"runId": "r" * 201}),
    "200 run id is an object": reply({"runId": {"a": 1}}),
    "200 half a character": Reply(200, b'{"runId": "\\ud800"}', JSON),
    "200 not a number": Reply(200, b'{"runId": "r", "cost": NaN}', JSON),
    "200 deep": Reply(200, b"[" * 100_000, JSON),
    "200 huge JSON": Reply(200, b'{"runId": "r", "x": "' + b"x" * 5_000_000 + b'"}', JSON),
    "200 bomb": Reply(200, gzip.compress(bytes(9_000_000)), JSON | {"Content-Encoding": "gzip"}),
    "200 half a gzip": Reply(
        200, gzip.compress(b'{"runId": "r"}')[:-9], JSON | {"Content-Encoding": "gzip"}
    ),
    "200 packed in an unknown way": Reply(200, b"x", JSON | {"Content-Encoding": "br"}),
    "200 link to a file": reply({"audioUrl": "file:///etc/hostname"}),
    "200 inner 502": reply({"error": "Upstream", "status": 502}),
}


Paid = CloneOrder | SpeechOrder | TranscriptOrder
EACH_PAID = pytest.mark.parametrize(
    "order", [CLONE, SPEECH, TRANSCRIPT], ids=["clone", "speech", "transcript"]
)


def _order(origin: str, order: Paid, **options: Any) -> ProviderError:
    client = nanogpt_at(origin, **options)
    with pytest.raises(ProviderError) as caught:
        _pay(client, order)
    return caught.value


def _pay(client: NanoGPT, order: Paid) -> object:
    if isinstance(order, TranscriptOrder):
        return client.transcribe(order)
    return client.clone(order) if isinstance(order, CloneOrder) else client.speak(order)


def _check_sentence(sentence: str) -> None:
    assert re.match(r"[A-Z].*\.$", sentence)
    assert re.search(r"[a-z]{3,} [a-z]{2,}", sentence)
    assert not re.search(r"\b[2-5]\d\d\b|\?\w+=|nano_3|customVoiceId", sentence)
    assert not re.search(r"[\x00-\x1f\x7f!<>]", sentence)
    assert KEY not in sentence
    assert "charged" in sentence
    assert len(sentence) < 450


@EACH_PAID
@pytest.mark.parametrize(("answer", "kind", "says"), REFUSALS.values(), ids=REFUSALS.keys())
def test_refusal_costs_nothing_says_why_and_is_sent_once(
    answer: Reply, kind: ErrorKind, says: str, order: Paid
) -> None:
    with ScriptedServer([answer]) as server:
        error = _order(server.origin, order)
    assert (error.kind, error.spent) == (kind, Spent.NO)
    assert says in error.sentence == str(error)
    _check_sentence(error.sentence)
    assert len(server.seen) == 1


@EACH_PAID
@pytest.mark.parametrize("answer", WITHOUT_ANSWER.values(), ids=WITHOUT_ANSWER.keys())
def test_paid_request_without_a_usable_answer_is_open_and_sent_once(
    answer: Reply, order: Paid
) -> None:
    timeouts = HASTY if answer.fault is Fault.HANG else PATIENT
    with ScriptedServer([answer]) as server:
        error = _order(server.origin, order, timeouts=timeouts)
    assert (error.kind, error.spent) == (K.UNKNOWN_OUTCOME, Spent.UNKNOWN)
    _check_sentence(error.sentence)
    assert len(server.seen) == 1


@pytest.mark.parametrize("fault", [Fault.DRIP, Fault.DRIP_BODY])
def test_answer_that_drips_for_ever_ends_within_the_longest_wait(fault: Fault) -> None:
    timeouts = Timeouts(connect=0.1, read=0.1, paid_read=0.2, write=0.1, pool=0.1)
    audio = Reply(200, b"ID3\x04", fault=fault)
    with ScriptedServer([audio]) as server:
        error = _order(server.origin, SPEECH, timeouts=timeouts)
    assert (error.kind, error.spent) == (K.UNKNOWN_OUTCOME, Spent.UNKNOWN)


def test_error_inside_a_success_leaves_open_whether_it_was_paid() -> None:
    for body in ({"error": "Upstream failed"}, {"status": "error", "message": "Upstream failed"}):
        with ScriptedServer([reply(body)]) as server:
            error = _order(server.origin, SPEECH)
        assert (error.kind, error.spent) == (K.INPUT, Spent.UNKNOWN)
        assert "It may have been charged. Check the text and" in error.sentence
        assert error.sentence.endswith("NanoGPT says: “Upstream failed”.")


NO_VOICE = [
    (404, {"error": "Voice not found"}),
    (404, {"error": {"message": "voice id AnnaVoice7x2 does not exist", "code": "x"}}),
    (400, {"error": "Voice not found: AnnaVoice7x2", "code": "invalid_voice"}),
    (400, {"error": {"message": "voice id not exist"}}),
    (400, {"error": "invalid voice id"}),
    (400, {"error": {"message": "x", "code": "voice_not_found"}}),
    (200, {"error": "No such voice: AnnaVoice7x2"}),
]


@pytest.mark.parametrize(("status", "body"), NO_VOICE)
def test_voice_that_the_service_does_not_know_is_not_found(
    status: int, body: Mapping[str, Any]
) -> None:
    with ScriptedServer([reply(body, status)]) as server:
        error = _order(server.origin, SPEECH)
    assert (error.kind, error.spent) == (K.NOT_FOUND, Spent.NO)
    assert error.sentence.startswith("NanoGPT does not know this voice")


@pytest.mark.parametrize(
    "answer",
    [
        Reply(404, b"<html>Not found</html>"),
        Reply(404),
        reply({"error": "Not found"}, 404),
        reply({"error": {"message": "Model not found", "code": "invalid_model"}}, 404),
        reply({"error": "Voice model not found"}, 404),
        reply({"error": "Invalid voice settings"}, 400),
    ],
)
def test_other_thing_not_found_is_no_word_against_a_voice(answer: Reply) -> None:
    with ScriptedServer([answer]) as server:
        assert _order(server.origin, SPEECH).kind is K.INPUT


def test_qwen_voice_is_never_not_found_as_its_file_is_what_may_be_missing() -> None:
    with ScriptedServer([reply({"error": "Voice not found"}, 404)]) as server:
        assert _order(server.origin, QWEN_SPEECH).kind is K.INPUT


def test_clone_route_that_is_not_there_is_not_found() -> None:
    with ScriptedServer([Reply(404)]) as server:
        error = _order(server.origin, CLONE)
    assert (error.kind, error.spent) == (K.NOT_FOUND, Spent.NO)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 0), ("-1", 0), ("1e9", 86_400), ("soon", None),
     ("Fri, 20 Nov 2026 09:00:30 GMT", 30), ("Fri, 20 Nov 2026 08:00:00 GMT", 0)],
)  # fmt: skip
def test_named_pause_is_kept_in_seconds(header: str, seconds: float | None) -> None:
    answer = reply({}, 429, Retry_After=header, Date="Fri, 20 Nov 2026 09:00:00 GMT")
    with ScriptedServer([answer]) as server:
        assert _order(server.origin, CLONE).retry_after == seconds


def test_request_id_is_kept_for_the_service_s_support() -> None:
    with ScriptedServer([reply({}, 500, X_Request_ID="req-5")]) as server:
        assert _order(server.origin, CLONE).request_id == "req-5"


def test_what_the_service_says_is_shown_short_and_without_secrets() -> None:
    message = (
        f"Key {KEY} or bare 0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f failed\x1b[31m\u202e for "
        "<script>alert(1)</script><!-- x --><b>https://user:pass@files.example/a.mp3?X-Amz-Signature=abc#x</b>\n"
        + "word "
        * 100
    )
    with ScriptedServer([reply({"error": {"message": message}}, 400)]) as server:
        sentence = _order(server.origin, CLONE).sentence
    assert "https://files.example/a.mp3 word word" in sentence
    assert not re.search(r"0a1b|sk-nano|pass|Signature|alert|--|[\x1b\u202e\n<]", sentence)
    assert sentence.startswith("NanoGPT refused the request. Nothing was charged. Check the ")
    assert len(sentence) < 330


@pytest.mark.parametrize("key", ["sk-nano-\n1234567", "sk-nanö-1234567", "sk nano 1234567"])
def test_key_that_fits_no_header_is_refused_without_being_quoted(key: str) -> None:
    with ScriptedServer() as server:
        client = NanoGPT("nanogpt", server.origin, key)
        with pytest.raises(ProviderError) as caught:
            client.clone(MINIMAX)
    assert (caught.value.kind, server.seen) == (K.KEY, [])
    assert "1234567" not in json.dumps([str(caught.value), repr(client), repr(caught.value)])


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"error": "customVoiceId already exists"}, 400),
        ({"error": {"message": "x", "code": "duplicate_voice_id"}}, 400),
        ({"error": "Voice ID AnnaVoice7x2 is already taken"}, 409),
        ({"error": "voice clone voice id duplicate"}, 422),
        ({"error": "Duplicate voice_id", "status": 400}, 200),
    ],
)
def test_an_id_that_is_taken_is_told_from_other_refusals(said: object, status: int) -> None:
    with ScriptedServer([reply(said, status)]) as server, pytest.raises(ProviderError) as caught:
        nanogpt_at(server.origin).clone(MINIMAX)
    assert (caught.value.kind, caught.value.spent) == (K.EXISTS, Spent.NO)


@pytest.mark.parametrize("words", ["Duplicate recording", "Voice model not found", "Run exists"])
def test_what_else_is_refused_is_no_taken_id(words: str) -> None:
    answer = reply({"error": words}, 400)
    with ScriptedServer([answer]) as server, pytest.raises(ProviderError) as caught:
        nanogpt_at(server.origin).clone(MINIMAX)
    assert caught.value.kind is K.INPUT
