"""Whether a sign-in service is there: asked once, in bounded time."""

from __future__ import annotations

import time

import pytest

from lib.providers.discovery import TIMEOUTS, NotAService, OutOfReach, look
from lib.providers.http import Timeouts
from tests.clients.scripted_server import Fault, Reply, ScriptedServer, closed_port

METADATA = b'{"issuer": "https://a", "authorization_endpoint": "https://a/authorize"}'
HASTY = Timeouts(connect=0.2, read=0.2, write=0.2, pool=0.2)


def test_a_service_that_says_where_people_sign_in_is_there() -> None:
    with ScriptedServer([Reply(200, METADATA)]) as server:
        look(f"{server.origin}/.well-known/openid-configuration")
        (seen,) = server.seen
    assert (seen.method, seen.target) == ("GET", "/.well-known/openid-configuration")
    assert not {"authorization", "cookie"} & set(seen.headers)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Reply(500, METADATA), OutOfReach),
        (Reply(429, METADATA), OutOfReach),
        (Reply(fault=Fault.RESET), OutOfReach),
        (Reply(200, b"x" * 300_000), OutOfReach),
        (Reply(301, headers={"Location": "/elsewhere"}), NotAService),
        (Reply(404, METADATA), NotAService),
        (Reply(200, b"<html>"), NotAService),
        (Reply(200, b"[]"), NotAService),
        (Reply(200, b'{"authorization_endpoint": ["https://a"]}'), NotAService),
    ],
)
def test_what_answers_otherwise_is_told_apart(answer: Reply, found: type[Exception]) -> None:
    with ScriptedServer([answer, Reply(200, METADATA)]) as server:
        with pytest.raises(found):
            look(f"{server.origin}/configuration")
        assert len(server.seen) == 1


def test_what_is_not_there_is_out_of_reach_and_what_hangs_is_left() -> None:
    with pytest.raises(OutOfReach):
        look(f"{closed_port()}/configuration")
    with ScriptedServer([Reply(fault=Fault.HANG)]) as server:
        began = time.monotonic()
        with pytest.raises(OutOfReach):
            look(f"{server.origin}/configuration", timeouts=HASTY)
        assert time.monotonic() - began < TIMEOUTS.read


def test_an_address_that_is_none_is_no_service() -> None:
    with pytest.raises(NotAService):
        look("accounts.example/configuration")
