"""Manners: where the key goes, how fast, with what patience, and what is logged."""

from __future__ import annotations

import gzip
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from lib import downloads
from lib.models import ErrorKind
from lib.providers.base import ProviderError
from lib.providers.http import Endpoint, RateLimit, Timeouts
from lib.providers.nanogpt import NanoGPT
from lib.providers.refusals import complaint, kind_of, plain
from tests.clients.nanogpt import MINIMAX
from tests.clients.scripted_server import (
    KEY,
    PATIENT,
    Reply,
    ScriptedServer,
    kyma_at,
    nanogpt_at,
    reply,
)


def test_key_goes_to_the_base_address_and_to_no_file_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        ScriptedServer([reply({"usd_balance": "1"})]) as base,
        ScriptedServer([Reply(200, b"x")]) as files,
    ):
        trusting = partial(downloads.fetch, trusted=(files.origin,))
        monkeypatch.setattr(downloads, "fetch", trusting)
        client = nanogpt_at(base.origin)
        client.balance()
        assert client.fetch(f"{files.origin}/a?sig=1", max_bytes=99) == b"x"
    assert base.seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert len(files.seen) == 1
    assert KEY not in str(files.seen[0])


def test_redirect_does_not_carry_the_key_elsewhere() -> None:
    with ScriptedServer() as elsewhere:
        answer = Reply(307, headers={"Location": f"{elsewhere.origin}/api/tts"})
        with ScriptedServer([answer]) as base, pytest.raises(ProviderError):
            nanogpt_at(base.origin).clone(MINIMAX)
    assert elsewhere.seen == []


def test_missing_file_elsewhere_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer([Reply(410), Reply(500)]) as files:
        monkeypatch.setattr(downloads, "fetch", partial(downloads.fetch, trusted=(files.origin,)))
        client = nanogpt_at("http://127.0.0.1:1")
        for kind in (ErrorKind.NOT_FOUND, ErrorKind.TROUBLE):
            with pytest.raises(ProviderError) as caught:
                client.fetch(f"{files.origin}/a?sig=1", max_bytes=99)
            assert caught.value.kind is kind


def test_this_machine_itself_is_asked_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer([reply({"usd_balance": "1"})]) as base, ScriptedServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        monkeypatch.setenv("ALL_PROXY", proxy.origin)
        nanogpt_at(base.origin).balance()
    assert (len(base.seen), proxy.seen) == (1, [])


def test_key_is_in_no_log_and_no_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer([Reply(500), Reply(200, b"x")]) as server:
        client = nanogpt_at(server.origin)
        with pytest.raises(ProviderError) as caught:
            client.clone(MINIMAX)
        client.fetch(f"{server.origin}/a?sig=secret", max_bytes=9)
    texts = caplog.text + repr(client) + repr(caught.value) + repr(caught.value.__cause__)
    assert KEY not in texts
    assert "sig=secret" not in texts


def test_base_address_that_is_none_reaches_nobody() -> None:
    for base_url in ("", "nano-gpt.com/api", "http://[", "http://127.0.0.1:99999/api"):
        with pytest.raises(ProviderError) as caught:
            NanoGPT("nanogpt", base_url, KEY).clone(MINIMAX)
        assert caught.value.kind is ErrorKind.UNREACHABLE


def test_packed_answer_is_unpacked() -> None:
    body = gzip.compress(b'{"usd_balance": "2.5"}')
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    with ScriptedServer([Reply(200, body, headers)]) as server:
        assert str(nanogpt_at(server.origin).balance()) == "$2.50"


def test_longest_wait_is_the_sum_of_all_timeouts_of_a_paid_request() -> None:
    timeouts = Timeouts()
    assert (timeouts.connect, timeouts.read, timeouts.paid_read) == (5, 20, 120)
    assert NanoGPT("nanogpt", "https://nano-gpt.com/api", KEY).longest_wait == 5 + 60 + 120 + 5


class _Time:
    """A clock that moves by being slept on."""

    def __init__(self) -> None:
        self.now = 100.0
        self.naps: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(round(seconds, 6))
        self.now += seconds


def test_rate_limit_lets_a_burst_pass_and_then_spaces_requests() -> None:
    time = _Time()
    limit = RateLimit(4, sleep=time.sleep, monotonic=time.monotonic)
    for _ in range(7):
        limit.wait()
    assert time.naps == [0.25, 0.25, 0.25]


def test_rate_limit_fills_again_but_not_beyond_a_second_s_worth() -> None:
    time = _Time()
    limit = RateLimit(4, sleep=time.sleep, monotonic=time.monotonic)
    limit.wait()
    time.now += 3600
    for _ in range(5):
        limit.wait()
    assert time.naps == [0.25]


def test_threads_that_wait_at_once_wait_for_different_moments() -> None:
    naps: list[float] = []
    limit = RateLimit(10, sleep=naps.append, monotonic=lambda: 0.0)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(30):
            pool.submit(limit.wait)
    assert sorted(round(nap, 6) for nap in naps) == [round(n / 10, 6) for n in range(1, 21)]


def test_no_request_leaves_before_its_turn() -> None:
    time = _Time()
    limit = RateLimit(0.5, sleep=time.sleep, monotonic=time.monotonic)
    with ScriptedServer([Reply(200)] * 3) as server:
        endpoint = Endpoint(server.origin, KEY, limit=limit, timeouts=PATIENT)
        endpoint.call("GET", "first")
        assert time.naps == []
        endpoint.call("GET", "second")
        assert time.naps == [2]
        endpoint.download(f"{server.origin}/third", max_bytes=10)
        assert time.naps == [2, 2]


def test_client_keeps_to_the_rate_of_its_service() -> None:
    """Kyma's is one request in two seconds: the sixth has its turn ten seconds after the first."""
    naps: list[float] = []
    with ScriptedServer([reply({"balance": "1"})] * 6) as server:
        client = kyma_at(server.origin, sleep=naps.append)
        for _ in range(6):
            client.balance()
    assert naps[-1] == pytest.approx(10, abs=4)  # as far as time itself went on meanwhile


@pytest.mark.parametrize(
    ("status", "code", "paid", "kind"),
    [
        (400, "", True, ErrorKind.INPUT),
        (418, "", True, ErrorKind.INPUT),
        (408, "", True, ErrorKind.UNKNOWN_OUTCOME),
        (408, "", False, ErrorKind.TROUBLE),
        (500, "", True, ErrorKind.UNKNOWN_OUTCOME),
        (500, "", False, ErrorKind.TROUBLE),
        (501, "", True, ErrorKind.INPUT),
        (301, "", True, ErrorKind.UNKNOWN_OUTCOME),
        (429, "insufficient_quota", True, ErrorKind.BALANCE),
        (402, "", True, ErrorKind.BALANCE),
    ],
)
def test_kind_of_a_refusal_follows_from_status_and_code(
    status: int, code: str, paid: bool, kind: ErrorKind
) -> None:
    assert kind_of(status, code, paid=paid) is kind


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"3", b"<html>", b"\xff\xfe", b'{"error": []}', b"[" * 99_999]
)
def test_body_that_says_nothing_is_no_complaint(body: bytes) -> None:
    assert complaint(body) == complaint({})


def test_long_message_in_another_script_stays_readable() -> None:
    assert plain("声" * 60) == "声" * 60
    assert plain("x y" * 1_000_000)[-1] == "…"
