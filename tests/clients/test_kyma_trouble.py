"""Kyma's refusals, faults and odd answers: what they mean, and never a second sending."""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Callable

import pytest

from lib.models import ErrorKind
from lib.providers.base import CloneOrder, DesignOrder, ProviderError, SpeechOrder, Spent
from lib.providers.kyma import Kyma
from tests.clients.kyma import CLONE, DESIGN, MADE, MP3, SPEECH, VOICE
from tests.clients.scripted_server import (
    HASTY,
    KYMA_KEY,
    PATIENT,
    Fault,
    Reply,
    ScriptedServer,
    kyma_at,
    reply,
)

K = ErrorKind
JSON = {"Content-Type": "application/json"}
Order = CloneOrder | DesignOrder | SpeechOrder
ORDERS: dict[str, Order] = {"clone": CLONE, "design": DESIGN, "speech": SPEECH}


def _with_code(status: int, code: str, message: str = "No") -> Reply:
    return reply({"error": {"message": message, "code": code}}, status)


def _with_type(status: int, code: str, message: str = "No") -> Reply:
    return reply({"error": {"message": message, "type": code}}, status)


ENVELOPES = (_with_code, _with_type)
"""The two published forms of an error."""

ROWS: dict[str, tuple[str, int, str, ErrorKind, str]] = {
    "clone: model": ("clone", 400, "not_a_voice_clone_model", K.INPUT,
        "Kyma does not clone voices with the model that was asked for. Nothing was charged."),
    "clone: too short": ("clone", 400, "reference_too_short", K.INPUT,
        "The recording is too short: Kyma accepts 10 seconds to 5 minutes of speech. "
        "Nothing was charged."),
    "clone: too long": ("clone", 400, "reference_too_long", K.INPUT,
        "The recording is too long: Kyma accepts 10 seconds to 5 minutes of speech. "
        "Nothing was charged."),
    "clone: unreadable": ("clone", 400, "audio_unreadable", K.INPUT,
        "Kyma cannot read the recording: it accepts intact MP3, WAV and M4A, 10 seconds to "
        "5 minutes. Nothing was charged."),
    "clone: request": ("clone", 400, "invalid_request", K.INPUT,
        "Kyma refused the request. Nothing was charged. Check the recording and the options "
        "you chose. Kyma says: “No”."),
    "clone: balance": ("clone", 402, "insufficient_credits", K.BALANCE,
        "Your Kyma balance is too low (it needs $2.10). Nothing was charged."),
    "clone: size": ("clone", 413, "invalid_request", K.INPUT,
        "The recording is larger than the 10 MB that Kyma accepts. Nothing was charged."),
    "clone: type": ("clone", 415, "invalid_request", K.INPUT,
        "The recording is of a kind that Kyma does not accept: it accepts MP3, WAV and M4A. "
        "Nothing was charged."),
    "clone: not registered": ("clone", 500, "ownership_write_failed", K.TROUBLE,
        "Kyma could not register the new voice for this account. Nothing was charged."),
    "design: model": ("design", 400, "not_a_voice_design_model", K.INPUT,
        "Kyma does not make voices from words with the model asked for. Nothing was charged."),
    "design: too long": ("design", 400, "description_too_long", K.INPUT,
        "The description is longer than the 1,000 characters Kyma accepts. Nothing was charged."),
    "design: request": ("design", 400, "invalid_request", K.INPUT,
        "Kyma refused the request. Nothing was charged. Check the description and the options "
        "you chose. Kyma says: “No”."),
    "design: balance": ("design", 402, "insufficient_credits", K.BALANCE,
        "Your Kyma balance is too low (it needs $4.20). Nothing was charged."),
    "design: not registered": ("design", 500, "ownership_write_failed", K.TROUBLE,
        "Kyma could not register the new voice for this account. Nothing was charged."),
    "speech: model": ("speech", 400, "not_a_tts_model", K.INPUT,
        "Kyma does not offer the model that was asked for. Nothing was charged."),
    "speech: voice": ("speech", 400, "voice_required", K.INPUT,
        "The order named no voice. Nothing was charged."),
    "speech: too long": ("speech", 400, "input_too_long", K.INPUT,
        "The text is longer than the 5,000 characters Kyma accepts at a time. Nothing was "
        "charged."),
    "speech: request": ("speech", 400, "invalid_request", K.INPUT,
        "Kyma refused the request. Nothing was charged. Check the text and the options "
        "you chose. Kyma says: “No”."),
    "speech: balance": ("speech", 402, "billing_error", K.BALANCE,
        "Your Kyma balance is too low. Nothing was charged."),
    "speech: balance, any code": ("speech", 402, "whatever", K.BALANCE,
        "Your Kyma balance is too low. Nothing was charged."),
    "speech: not ours": ("speech", 403, "voice_not_owned", K.PERMISSION,
        "This voice belongs to another Kyma account than the key in use. It is not lost. "
        "Nothing was charged."),
    "speech: unknown address": ("speech", 404, "not_found", K.INPUT,
        "Kyma refused the request. Nothing was charged. Check the text and the options "
        "you chose. Kyma says: “No”."),
}  # fmt: skip
for _what in ORDERS:
    ROWS |= {
        f"{_what}: key": (_what, 401, "auth_error", K.KEY,
            "The Kyma key was not accepted. Nothing was charged."),
        f"{_what}: pause": (_what, 429, "rate_limit", K.BUSY,
            "Kyma asks for a short pause. Nothing was charged."),
    }  # fmt: skip

SUPPLIER = {
    "clone": "The supplier behind Kyma could not make the voice. It may have been charged. If "
    "the voice was made, its ID was lost with the answer.",
    "design": "The supplier behind Kyma could not make the voice. It may have been charged. If "
    "the voice was made, its ID was lost with the answer.",
    "speech": (
        "The supplier behind Kyma could not generate this. That may pass, or the voice may be "
        "gone: one failure does not tell which. It may have been charged."
    ),
}

WITHOUT_ANSWER: dict[str, Reply] = {
    "closed": Reply(fault=Fault.CLOSE),
    "reset": Reply(fault=Fault.RESET),
    "timeout": Reply(fault=Fault.HANG),
    "not HTTP": Reply(fault=Fault.GARBAGE),
    "cut in the body": Reply(200, b'{"voice_id":"kyma_1"}', JSON, Fault.PARTIAL),
    "302": Reply(302, headers={"Location": "https://kymaapi.com/login"}),
    "408": reply({"error": {"message": "Timeout"}}, 408),
    "500": reply({"error": {"message": "Oops", "code": "internal"}}, 500),
    "502 html": Reply(502, b"<html><h1>Bad gateway</h1></html>", {"Content-Type": "text/html"}),
    "503": reply({"error": "Busy"}, 503, Retry_After="1"),
    "504 empty": Reply(504),
    "204": Reply(204),
    "200 empty": Reply(200),
    "200 html": Reply(200, b"<html>Welcome</html>", {"Content-Type": "text/html"}),
    "200 html as audio": Reply(200, b"<html>Welcome</html>", {"Content-Type": "audio/mpeg"}),
    "200 half JSON": Reply(200, b'{"voice_id": "k', JSON),
    "200 list": reply([{"voice_id": VOICE}]),
    "200 nothing known": reply({"ok": True}),
    "200 null": reply(None),
    "200 voice is null": reply({"voice_id": None}),
    "200 voice is empty": reply({"voice_id": ""}),
    "200 voice is an object": reply({"voice_id": {"id": VOICE}}),
    "200 voice with line end": reply({"voice_id": "kyma_1\nX: y"}),
    "200 voice with a blank": reply({"voice_id": "kyma 1"}),
    "200 endless voice": reply({"voice_id": "k" * 201}),
    "200 error without a known code": reply({"error": {"message": "Later", "code": "odd"}}),
    "200 error text": reply({"error": "went wrong"}),
    "200 inner 502": reply({"error": {"message": "x", "code": "odd"}, "status": 502}),
    "200 bomb": Reply(200, gzip.compress(bytes(9_000_000)), JSON | {"Content-Encoding": "gzip"}),
}


def _order(origin: str, order: Order, **options: object) -> ProviderError:
    return _refused_by(kyma_at(origin, **options), order)  # type: ignore[arg-type]


def _refused_by(client: Kyma, order: Order) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        _way(client, order)(order)
    return caught.value


def _way(client: Kyma, order: Order) -> Callable[..., object]:
    ways = {CloneOrder: client.clone, DesignOrder: client.design, SpeechOrder: client.speak}
    return ways[type(order)]  # type: ignore[return-value]


def _check_sentence(sentence: str) -> None:
    assert re.match(r"[A-Z].*\.$", sentence)
    assert not re.search(r"\b[2-5]\d\d\b|\?\w+=|voice_id|kyma_", sentence)
    assert not re.search(r"[\x00-\x1f\x7f!<>]", sentence)
    assert KYMA_KEY not in sentence
    assert "charged" in sentence
    assert len(sentence) < 450


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize(("what", "status", "code", "kind", "sentence"), ROWS.values(), ids=ROWS)
def test_every_row_has_its_sentence_and_says_that_nothing_was_charged(
    what: str,
    status: int,
    code: str,
    kind: ErrorKind,
    sentence: str,
    envelope: Callable[[int, str], Reply],
) -> None:
    with ScriptedServer([envelope(status, code)]) as server:
        error = _order(server.origin, ORDERS[what])
    assert (error.kind, error.spent, error.sentence) == (kind, Spent.NO, sentence)
    _check_sentence(error.sentence)
    assert len(server.seen) == 1


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize("what", ORDERS)
def test_a_failing_supplier_leaves_it_open_whether_it_was_charged(
    what: str, envelope: Callable[[int, str], Reply]
) -> None:
    with ScriptedServer([envelope(502, "provider_error")]) as server:
        error = _order(server.origin, ORDERS[what])
    assert (error.kind, error.spent) == (K.UNKNOWN_OUTCOME, Spent.UNKNOWN)
    assert error.sentence == SUPPLIER[what]
    _check_sentence(error.sentence)
    assert len(server.seen) == 1


@pytest.mark.parametrize("what", ORDERS)
@pytest.mark.parametrize("answer", WITHOUT_ANSWER.values(), ids=WITHOUT_ANSWER)
def test_without_a_usable_answer_the_outcome_is_open_and_nothing_is_sent_again(
    answer: Reply, what: str
) -> None:
    timeouts = HASTY if answer.fault is Fault.HANG else PATIENT
    with ScriptedServer([answer]) as server:
        error = _order(server.origin, ORDERS[what], timeouts=timeouts)
    assert (error.kind, error.spent) == (K.UNKNOWN_OUTCOME, Spent.UNKNOWN)
    assert "may have been charged" in error.sentence
    assert ("its ID was lost" in error.sentence) == (what != "speech")
    _check_sentence(error.sentence)
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 413, 415, 429])
@pytest.mark.parametrize(
    "body", [b"", b"<html>No</html>", b"null", b'["no"]', b'{"error": 7}', b"\xff"]
)
def test_a_refusal_counts_by_its_status_whatever_its_body_is(status: int, body: bytes) -> None:
    with ScriptedServer([Reply(status, body)]) as server:
        error = _order(server.origin, CLONE)
    kinds = {401: K.KEY, 402: K.BALANCE, 403: K.PERMISSION, 429: K.BUSY}
    assert error.kind is kinds.get(status, K.INPUT)
    assert error.spent is Spent.NO
    _check_sentence(error.sentence)


def test_not_registered_counts_as_free_only_where_it_is_documented() -> None:
    answers = [_with_code(500, "ownership_write_failed"), _with_code(502, "ownership_write_failed")]
    for order, answer in zip((SPEECH, CLONE), answers, strict=True):
        with ScriptedServer([answer]) as server:
            assert _order(server.origin, order).kind is K.UNKNOWN_OUTCOME


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": {"message": "x", "code": "insufficient_credits"}}, K.BALANCE),
        ({"error": {"message": "x", "type": "billing_error"}}, K.BALANCE),
        ({"error": {"message": "x", "type": "auth_error"}}, K.KEY),
        ({"error": {"message": "x", "code": "voice_not_owned"}}, K.PERMISSION),
        ({"error": {"message": "x", "code": "input_too_long"}}, K.INPUT),
        ({"error": {"message": "x", "code": "rate_limit"}}, K.BUSY),
        ({"error": "Too little", "status": 402}, K.BALANCE),
    ],
)
def test_json_in_place_of_a_sound_is_an_error_and_a_known_one_is_believed(
    body: object, kind: ErrorKind
) -> None:
    with ScriptedServer([reply(body)]) as server:
        error = _order(server.origin, SPEECH)
    assert (error.kind, error.spent) == (kind, Spent.NO)
    _check_sentence(error.sentence)


def test_a_pause_is_as_long_as_the_service_says_and_else_five_seconds() -> None:
    named = reply({"error": {"message": "x", "type": "rate_limit"}}, 429, Retry_After="3")
    unnamed = _with_type(429, "rate_limit")
    with ScriptedServer([named, unnamed]) as server:
        client = kyma_at(server.origin)
        assert [_refused_by(client, SPEECH).retry_after for _ in range(2)] == [3, 5]


def test_the_third_pause_in_a_row_without_a_length_is_no_short_pause() -> None:
    unnamed = _with_type(429, "rate_limit")
    named = reply({"error": {"message": "x", "type": "rate_limit"}}, 429, Retry_After="3")
    with ScriptedServer([unnamed, unnamed, named, unnamed, unnamed, unnamed]) as server:
        client = kyma_at(server.origin)
        errors = [_refused_by(client, SPEECH) for _ in range(6)]
    assert [error.kind for error in errors] == [K.BUSY] * 5 + [K.LIMIT]
    assert "does not say until when" in errors[-1].sentence
    _check_sentence(errors[-1].sentence)
    assert errors[-1].spent is Spent.NO


def test_an_answer_in_between_begins_the_count_anew() -> None:
    unnamed = _with_type(429, "rate_limit")
    with ScriptedServer([unnamed, unnamed, Reply(200, MP3), unnamed, unnamed]) as server:
        client = kyma_at(server.origin)
        kinds = [_refused_by(client, SPEECH).kind for _ in range(2)]
        client.speak(SPEECH)
        kinds += [_refused_by(client, SPEECH).kind for _ in range(2)]
    assert kinds == [K.BUSY] * 4


@pytest.mark.parametrize("quoted", [KYMA_KEY, f"Bearer {KYMA_KEY}", "kyma-0a1b2c3d4e5f"])
def test_a_key_quoted_by_the_service_is_not_shown(quoted: str) -> None:
    with ScriptedServer([_with_code(400, "invalid_request", f"Key {quoted} is odd")]) as server:
        error = _order(server.origin, CLONE)
    assert "0a1b2c3d4e5f" not in error.sentence


def test_key_is_in_no_log_and_no_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer([Reply(500), reply(MADE)]) as server:
        client = kyma_at(server.origin)
        error = _refused_by(client, CLONE)
        client.clone(CLONE)
    assert KYMA_KEY not in caplog.text + repr(client) + repr(error) + repr(error.__cause__)


@pytest.mark.parametrize("key", ["ky-a b", "ky-é", "ky-\n-a"])
def test_a_key_that_no_header_can_hold_is_not_sent(key: str) -> None:
    with ScriptedServer() as server, pytest.raises(ProviderError) as caught:
        kyma_at(server.origin, key=key).clone(CLONE)
    assert caught.value.kind is K.KEY
    assert server.seen == []


def test_a_redirect_carries_the_key_nowhere() -> None:
    with ScriptedServer() as elsewhere:
        answer = Reply(307, headers={"Location": f"{elsewhere.origin}/v1/audio/speech"})
        with ScriptedServer([answer]) as server:
            _order(server.origin, SPEECH)
    assert elsewhere.seen == []
