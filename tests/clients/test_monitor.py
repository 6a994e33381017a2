"""The outside monitor: asked once, in bounded time, and its address is told to nobody."""

from __future__ import annotations

import logging
import time

import pytest

from lib.providers.http import Timeouts
from lib.providers.monitor import TIMEOUTS, PingFailed, ping
from tests.clients.scripted_server import Fault, Reply, ScriptedServer, closed_port

SECRET = "8f1d2c3b-secret"
HASTY = Timeouts(connect=0.2, read=0.2, write=0.2, pool=0.2)


def test_a_ping_asks_for_exactly_this_address_once_and_tells_nothing_of_ours() -> None:
    with ScriptedServer([Reply(200, b"OK")]) as server:
        ping(f"{server.origin}/ping/{SECRET}?create=1")
        (seen,) = server.seen

    assert (seen.method, seen.target) == ("GET", f"/ping/{SECRET}?create=1")
    assert not {"authorization", "cookie"} & set(seen.headers)
    assert seen.body == b""


@pytest.mark.parametrize("status", [201, 202, 204])
def test_any_good_answer_is_good(status: int) -> None:
    with ScriptedServer([Reply(status)]) as server:
        ping(f"{server.origin}/{SECRET}")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Reply(404), "does not accept"),
        (Reply(429), "does not accept"),
        (Reply(500, b"x" * 300_000), "does not accept"),
        (Reply(301, headers={"Location": "/elsewhere"}), "redirects to"),
        (Reply(200, b"x" * 300_000), "no usable answer"),
        (Reply(fault=Fault.CLOSE), "no usable answer"),
        (Reply(fault=Fault.RESET), "no usable answer"),
        (Reply(fault=Fault.GARBAGE), "no usable answer"),
    ],
)
def test_what_is_not_good_is_told_in_a_sentence_without_the_address(
    answer: Reply, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with ScriptedServer([answer, Reply(200)]) as server:
        origin = server.origin
        with pytest.raises(PingFailed) as told:
            ping(f"{origin}/{SECRET}")

    assert says in str(told.value)
    assert len(server.seen) == 1
    assert SECRET not in f"{told.value}{told.value.__cause__}{caplog.text}"
    assert origin not in str(told.value)


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.DRIP, Fault.DRIP_BODY])
def test_a_monitor_that_never_ends_is_left(fault: Fault) -> None:
    started = time.monotonic()
    with (
        ScriptedServer([Reply(fault=fault)]) as server,
        pytest.raises(PingFailed, match="no usable answer"),
    ):
        ping(f"{server.origin}/{SECRET}", timeouts=HASTY)

    assert time.monotonic() - started < 8
    assert TIMEOUTS.whole(paid=False) <= 15


def test_nobody_at_the_address() -> None:
    with pytest.raises(PingFailed, match="KEEPER_PING_URL"):
        ping(f"{closed_port()}/{SECRET}")


@pytest.mark.parametrize(
    "url",
    [
        SECRET,
        f"ftp://monitor.example/{SECRET}",
        f"file:///{SECRET}",
        f"https:///{SECRET}",
        f"http://[::1/{SECRET}",
        f"https://monitor.example:99999/{SECRET}",
        f"https://moni\x00tor.example/{SECRET}",
    ],
)
def test_what_is_no_web_address_is_told(url: str) -> None:
    with pytest.raises(PingFailed) as told:
        ping(url)

    assert SECRET not in str(told.value)
    assert "KEEPER_PING_URL" in str(told.value)
