"""Free questions: status polls, the balance, and files to fetch."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lib.models import ErrorKind, Money
from lib.providers.base import Failed, Finished, Pending, ProviderError, Spent, Ticket, Usage
from tests.clients.scripted_server import (
    HASTY,
    KEY,
    PATIENT,
    Fault,
    Reply,
    ScriptedServer,
    closed_port,
    nanogpt_at,
    reply,
)
from tests.parts.clock import SettableClock

ECHO = {"cost": 1.0, "paymentSource": "USD", "isApiRequest": True}
MINIMAX = Ticket("run-1", "minimax", for_speech=False, echo=ECHO)
QWEN = Ticket("run-1", "qwen", for_speech=False, echo=ECHO | {"cost": 0.25})
SPEECH = Ticket("run-1", "minimax", for_speech=True, model="Minimax-Speech-02-HD", echo=ECHO)
LINK = "https://files.example/a?sig=x"


def _check(ticket: Ticket, *answers: Reply) -> Pending | Finished | Failed:
    with ScriptedServer(answers) as server:
        return nanogpt_at(server.origin).check(ticket)


def _trouble(ticket: Ticket, *answers: Reply) -> tuple[ProviderError, int]:
    with ScriptedServer(answers) as server, pytest.raises(ProviderError) as caught:
        nanogpt_at(server.origin).check(ticket)
    return caught.value, len(server.seen)


@pytest.mark.parametrize("ticket", [MINIMAX, QWEN])
def test_clone_poll_repeats_the_ticket_s_fields_unchanged(ticket: Ticket) -> None:
    with ScriptedServer([reply({"status": "pending"})]) as server:
        nanogpt_at(server.origin).check(Ticket.from_json(ticket.to_json()))
    assert server.seen[0].method == "POST"
    assert server.seen[0].path == f"/api/voice-clone/{ticket.kind}/status"
    cost = b"1.0" if ticket is MINIMAX else b"0.25"
    assert server.seen[0].body == (
        b'{"runId":"run-1","cost":%b,"paymentSource":"USD","isApiRequest":true}' % cost
    )


def test_speech_poll_asks_by_query_with_a_lower_case_true() -> None:
    with ScriptedServer([reply({"status": "pending"})]) as server:
        nanogpt_at(server.origin).check(SPEECH)
    assert (server.seen[0].method, server.seen[0].path) == ("GET", "/api/tts/status")
    assert server.seen[0].query == [
        ("runId", "run-1"),
        ("model", "Minimax-Speech-02-HD"),
        ("cost", "1.0"),
        ("paymentSource", "USD"),
        ("isApiRequest", "true"),
    ]


def test_poll_of_a_bare_ticket_sends_the_run_id_alone() -> None:
    with ScriptedServer([reply({"status": "pending"})]) as server:
        nanogpt_at(server.origin).check(Ticket("run-1", "qwen", for_speech=False))
    assert server.seen[0].json == {"runId": "run-1"}


@pytest.mark.parametrize("word", ["pending", "processing", "queued", "in_progress", "pondering"])
@pytest.mark.parametrize("ticket", [MINIMAX, QWEN, SPEECH])
def test_running_and_unknown_words_mean_ask_again(ticket: Ticket, word: str) -> None:
    assert _check(ticket, reply({"status": word})) == Pending()


@pytest.mark.parametrize("body", [{}, {"status": None}, {"status": 7}])
def test_answer_without_a_word_means_ask_again(body: dict[str, Any]) -> None:
    assert _check(MINIMAX, reply(body)) == Pending()


def test_link_in_an_answer_that_still_runs_is_not_the_result() -> None:
    assert _check(SPEECH, reply({"status": "processing", "audioUrl": LINK})) == Pending()


@pytest.mark.parametrize(("header", "after"), [("5", 5.0), ("0", 1.0), ("600", 60.0), ("x", None)])
def test_pause_between_polls_is_the_service_s_within_bounds(
    header: str, after: float | None
) -> None:
    answer = reply({"status": "pending", "queuePosition": 4}, X_Poll_After=header)
    assert _check(QWEN, answer) == Pending(after)


@pytest.mark.parametrize("word", ["completed", "succeeded", "COMPLETED"])
@pytest.mark.parametrize("preview", [[LINK], LINK, [None, 3, "ftp://x", LINK]])
def test_minimax_clone_ends_with_its_preview(word: str, preview: object) -> None:
    found = _check(MINIMAX, reply({"status": word, "audioUrls": preview}))
    assert found == Finished(preview_url=LINK)


@pytest.mark.parametrize("extra", [{}, {"audioUrls": []}, {"audioUrls": "soon"}])
def test_minimax_clone_without_preview_is_finished(extra: dict[str, Any]) -> None:
    assert _check(MINIMAX, reply({"status": "completed", **extra})) == Finished()


@pytest.mark.parametrize("name", ["speakerEmbeddingUrl", "speaker_embedding_url"])
@pytest.mark.parametrize("word", [{"status": "completed"}, {}])
def test_qwen_clone_ends_with_its_voice_file(name: str, word: dict[str, str]) -> None:
    assert _check(QWEN, reply({name: LINK, **word})) == Finished(embedding_url=LINK)


@pytest.mark.parametrize(
    "body",
    [{"audioUrl": LINK}, {"url": LINK}, {"data": {"audioUrl": LINK}}, {"data": {"url": LINK}}],
)
def test_speech_ends_with_its_sound(body: dict[str, Any]) -> None:
    found = _check(SPEECH, reply({"status": "completed", **body}, X_Request_ID="req-1"))
    assert found == Finished(audio_url=LINK, request_id="req-1")


def test_a_voice_file_that_is_completed_and_nowhere_is_asked_for_again_later() -> None:
    error, sent = _trouble(QWEN, reply({"status": "completed", "audioUrl": "about:blank"}))
    assert (error.kind, error.spent, sent) == (ErrorKind.TROUBLE, Spent.NO, 1)


def test_a_speech_that_is_completed_was_spoken_wherever_its_sound_stands() -> None:
    assert _check(SPEECH, reply({"status": "completed", "audioUrl": "about:blank"})) == Finished()


@pytest.mark.parametrize("ticket", [MINIMAX, QWEN, SPEECH])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": "Too many requests"}, ErrorKind.TROUBLE),
        ({"error": {"message": "Job not found", "code": "not_found"}}, ErrorKind.TROUBLE),
        ({"status": 500, "error": "Internal error"}, ErrorKind.TROUBLE),
        ({"status": 500, "message": "Internal error"}, ErrorKind.TROUBLE),
        ({"status": 404, "error": "voice id does not exist"}, ErrorKind.TROUBLE),
        ({"status": 429, "error": "Too many requests"}, ErrorKind.BUSY),
        ({"error": "No", "code": "CONTENT_POLICY_VIOLATION"}, ErrorKind.TROUBLE),
    ],
)
def test_an_error_without_a_final_word_ends_no_run(
    ticket: Ticket, body: dict[str, Any], kind: ErrorKind
) -> None:
    error, sent = _trouble(ticket, reply(body))
    assert (error.kind, error.spent, sent) == (kind, Spent.NO, 1)


@pytest.mark.parametrize("word", [{"status": "failed"}, {"status": "error"}])
def test_failed_run_says_why_in_plain_words(word: dict[str, str]) -> None:
    found = _check(MINIMAX, reply({"error": "Recording too noisy.", **word}))
    sentence = "NanoGPT could not finish this. NanoGPT says: “Recording too noisy”."
    assert found == Failed(sentence)


@pytest.mark.parametrize(
    ("ticket", "body", "kind"),
    [
        (SPEECH, {"error": "No", "code": "CONTENT_POLICY_VIOLATION"}, ErrorKind.CONTENT_POLICY),
        (SPEECH, {"error": {"message": "No", "code": "content_policy_violation"}},
         ErrorKind.CONTENT_POLICY),
        (SPEECH, {"error": "voice id does not exist"}, ErrorKind.NOT_FOUND),
        (MINIMAX, {"error": "voice id does not exist"}, ErrorKind.INPUT),
        (MINIMAX, {}, ErrorKind.INPUT),
    ],
)  # fmt: skip
def test_failed_run_has_the_kind_its_code_names(
    ticket: Ticket, body: dict[str, Any], kind: ErrorKind
) -> None:
    found = _check(ticket, reply({"status": "error", **body}))
    assert isinstance(found, Failed)
    assert found.kind is kind


@pytest.mark.parametrize(
    ("body", "back"),
    [
        ({"refunded": True}, Money.usd(1)),
        ({"refunded": 0.5}, Money.usd("0.5")),
        ({"refunded": "0.25"}, Money.usd("0.25")),
        ({"refunded": False}, None),
        ({"refunded": "soon"}, None),
    ],
)
def test_refund_is_read_where_the_answer_names_one(
    body: dict[str, Any], back: Money | None
) -> None:
    found = _check(MINIMAX, reply({"status": "failed", **body}))
    assert isinstance(found, Failed)
    assert found.refunded == back
    assert ("was refunded" in found.sentence) is (back is not None)


PASSING = {
    "408": Reply(408),
    "500": reply({"error": "x"}, 500),
    "502": Reply(502, b"<html>"),
    "503": reply({}, 503, Retry_After="1"),
    "closed": Reply(fault=Fault.CLOSE),
    "reset": Reply(fault=Fault.RESET),
    "timeout": Reply(fault=Fault.HANG),
}


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING.keys())
def test_passing_trouble_is_asked_again_until_it_passes(answer: Reply) -> None:
    timeouts = HASTY if answer.fault is Fault.HANG else PATIENT
    with ScriptedServer([answer, answer, reply({"status": "completed"})]) as server:
        assert nanogpt_at(server.origin, timeouts=timeouts).check(MINIMAX) == Finished()
    assert len(server.seen) == 3
    assert server.seen[0].body == server.seen[2].body


def test_trouble_that_stays_is_asked_three_times_with_growing_pauses() -> None:
    pauses: list[float] = []
    with ScriptedServer([Reply(502)] * 4) as server:
        client = nanogpt_at(server.origin, sleep=pauses.append)
        with pytest.raises(ProviderError) as caught:
            client.check(MINIMAX)
    assert (caught.value.kind, caught.value.spent) == (ErrorKind.TROUBLE, Spent.NO)
    assert len(server.seen) == 3
    assert 1 <= pauses[0] <= 2 <= pauses[1] <= 3
    assert len(pauses) == 2


def test_named_pause_is_obeyed_between_polls() -> None:
    pauses: list[float] = []
    with ScriptedServer([reply({}, 503, Retry_After="6"), reply({})]) as server:
        nanogpt_at(server.origin, sleep=pauses.append).check(MINIMAX)
    assert pauses == [6.0]


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413, 429])
def test_a_question_that_was_refused_is_not_asked_again_within_half_a_minute(status: int) -> None:
    clock = SettableClock()
    refused = reply({"error": "No"}, status, Retry_After="1")
    with ScriptedServer([refused, reply({"status": "pending"}), refused]) as server:
        client = nanogpt_at(server.origin, clock=clock)
        for _ in range(5):
            with pytest.raises(ProviderError) as caught:
                client.check(MINIMAX)
            clock.advance(timedelta(seconds=5))
        assert len(server.seen) == 1
        assert (caught.value.retry_after, caught.value.spent) == (1.0, Spent.NO)
        assert client.check(QWEN) == Pending()  # another question
        clock.advance(timedelta(seconds=6))
        with pytest.raises(ProviderError):
            client.check(MINIMAX)
    assert len(server.seen) == 3


def test_a_balance_that_was_refused_is_not_asked_for_again_within_half_a_minute() -> None:
    with ScriptedServer([Reply(401)]) as server:
        client = nanogpt_at(server.origin)
        for _ in range(3):
            with pytest.raises(ProviderError) as caught:
                client.balance()
            assert caught.value.kind is ErrorKind.KEY
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply({}, 429), ErrorKind.BUSY),
        (reply({}, 429, Retry_After="600"), ErrorKind.BUSY),
        (reply({"code": "daily_rpd_limit_exceeded"}, 429, Retry_After="1"), ErrorKind.LIMIT),
        (reply({"error": "Unknown run"}, 404), ErrorKind.NOT_FOUND),
        (reply({"error": "Bad runId"}, 400), ErrorKind.INPUT),
        (Reply(401), ErrorKind.KEY),
        (Reply(403), ErrorKind.PERMISSION),
        (Reply(302, headers={"Location": "/login"}), ErrorKind.TROUBLE),
        (Reply(200, b"<html>"), ErrorKind.TROUBLE),
        (reply([]), ErrorKind.TROUBLE),
    ],
)
def test_answer_that_does_not_pass_is_not_asked_again(answer: Reply, kind: ErrorKind) -> None:
    error, sent = _trouble(MINIMAX, answer)
    assert (error.kind, error.spent, sent) == (kind, Spent.NO, 1)


def test_poll_to_nobody_says_so() -> None:
    with pytest.raises(ProviderError) as caught:
        nanogpt_at(closed_port()).check(MINIMAX)
    assert caught.value.kind is ErrorKind.UNREACHABLE
    assert caught.value.sentence == "NanoGPT could not be reached. Asking costs nothing."


def test_ticket_from_a_bad_manifest_is_refused_as_it_is() -> None:
    for ticket in (
        Ticket("\ud800", "minimax", for_speech=False),
        Ticket("run-1", "inworld", for_speech=False),
        Ticket("\ud800", "qwen", for_speech=True),
    ):
        error, sent = _trouble(ticket)
        assert (error.kind, sent) == (ErrorKind.INPUT, 0)


@pytest.mark.parametrize("left", ["12.345678", 12.345678])
def test_balance_is_exact_and_shows_no_deposit_address(left: object) -> None:
    body = {"usd_balance": left, "nano_balance": "1", "nanoDepositAddress": "nano_3x"}
    with ScriptedServer([reply(body)]) as server:
        balance = nanogpt_at(server.origin).balance()
    assert balance
    assert balance.dollars == Decimal("12.345678")
    assert (server.seen[0].method, server.seen[0].path) == ("POST", "/api/check-balance")
    assert server.seen[0].json == {}


@pytest.mark.parametrize("left", [None, "", "much", "NaN", True, [1], "1e99", "-1e999999999"])
def test_balance_that_is_no_amount_is_not_told(left: object) -> None:
    with ScriptedServer([reply({"usd_balance": left})]) as server:
        assert nanogpt_at(server.origin).balance() is None


def test_file_of_the_service_s_own_origin_is_fetched_without_the_key() -> None:
    with ScriptedServer([Reply(200, b"voice file")]) as server:
        data = nanogpt_at(server.origin).fetch(f"{server.origin}/files/a?sig=1", max_bytes=99)
    assert data == b"voice file"
    assert server.seen[0].target == "/files/a?sig=1"
    assert KEY not in str(server.seen[0])
    assert "authorization" not in server.seen[0].headers


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Reply(404), ErrorKind.NOT_FOUND),
        (Reply(410), ErrorKind.NOT_FOUND),
        (Reply(403), ErrorKind.TROUBLE),
        (Reply(500), ErrorKind.TROUBLE),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), ErrorKind.TROUBLE),
        (Reply(200, b"x" * 100), ErrorKind.TROUBLE),
        (Reply(200, b"x", fault=Fault.PARTIAL), ErrorKind.TROUBLE),
    ],
)
def test_file_that_does_not_come_says_whether_it_is_gone(answer: Reply, kind: ErrorKind) -> None:
    with ScriptedServer([answer]) as server, pytest.raises(ProviderError) as caught:
        nanogpt_at(server.origin).fetch(f"{server.origin}/files/a?sig=1", max_bytes=99)
    assert (caught.value.kind, len(server.seen)) == (kind, 1)
    assert "sig" not in caught.value.sentence


@pytest.mark.parametrize("url", ["", "file:///etc/hostname", "http://127.0.0.1:1/a", "http://["])
def test_address_that_is_not_fetched_is_refused(url: str) -> None:
    with pytest.raises(ProviderError) as caught:
        nanogpt_at(closed_port()).fetch(url, max_bytes=99)
    assert caught.value.kind is ErrorKind.INPUT


TOTALS = {"requests": 9, "costUsd": 42.18, "refundedUsd": 1.25, "netCostUsd": 40.93}
USAGE_TOLD: list[tuple[dict[str, Any], Usage | None]] = [
    ({"totals": TOTALS}, Usage(Money.usd("42.18"), Money.usd("1.25"))),
    ({"totals": {"costUsd": "0.5"}}, Usage(Money.usd("0.5"), Money())),
    ({"totals": {"costUsd": None}}, None),
    ({"totals": [7]}, None),
    ({}, None),
]


@pytest.mark.parametrize(("body", "told"), USAGE_TOLD)
def test_usage_is_asked_for_by_utc_days_and_read_from_its_totals(
    body: dict[str, Any], told: Usage | None
) -> None:
    with ScriptedServer([reply(body)]) as server:
        found = nanogpt_at(server.origin).usage(date(2026, 11, 1), date(2026, 11, 20))
    assert found == told
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("GET", "/api/v1/usage")
    assert seen.query == [("from", "2026-11-01"), ("to", "2026-11-20"), ("group_by", "day")]
