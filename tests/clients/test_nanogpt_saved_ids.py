"""NanoGPT's saved voice IDs: read and sent as its page has it, the cookie sent there and kept."""

from __future__ import annotations

import logging

import pytest

from lib.models import ErrorKind
from lib.providers.base import ProviderError
from lib.providers.nanogpt_saved_ids import MOST, SavedIds, cookies_in, saved_in
from tests.clients.scripted_server import (
    HASTY,
    Fault,
    Reply,
    ScriptedServer,
    closed_port,
    reply,
)

SECRET = "eyJhbGciOiJkaXIi.c2VjcmV0LXNlc3Npb24tdG9rZW4.x"
COOKIE = f"__Secure-next-auth.session-token={SECRET}; theme=dark"


def client(server: ScriptedServer, cookie: str = COOKIE) -> SavedIds:
    return SavedIds(f"{server.origin}/api", cookie, timeouts=HASTY)


def test_ids_are_found_as_documented_each_once() -> None:
    body = {
        "voiceIds": ["Anna12345", " Bert67890 ", "Anna12345", 7, None, {}, "", "x" * 201, "a\nb"]
    }
    assert saved_in(body) == ["Anna12345", "Bert67890"]


@pytest.mark.parametrize(
    "body",
    [{}, {"ids": ["Anna12345"]}, {"voiceIds": None}, {"voiceIds": [["deep"], {"id": 7}, {}]}],
)
def test_what_is_no_list_holds_no_ids(body: dict[str, object]) -> None:
    assert saved_in(body) == []


@pytest.mark.parametrize(
    "body",
    [
        {"voice_ids": ["Anna12345", "Anna12345"]},
        {"success": True, "data": [{"id": "Anna12345"}, {"id": 7}, None, 1, {}, {"id": ""}]},
        {"voiceIds": [{"voiceId": "Anna12345", "name": "Anna"}]},
    ],
)
def test_other_usual_shapes_of_the_list_are_read_as_well(body: dict[str, object]) -> None:
    assert saved_in(body) == ["Anna12345"]


def test_a_list_without_end_is_cut() -> None:
    assert len(saved_in({"voiceIds": [f"Voice{n:06}" for n in range(MOST + 500)]})) == MOST


def test_the_list_is_asked_for_with_the_session_and_no_key() -> None:
    with ScriptedServer([reply({"voiceIds": ["Anna12345"]})]) as server:
        assert client(server).all() == ["Anna12345"]
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("GET", "/api/user/voice-ids")
    assert seen.headers["cookie"] == COOKIE
    assert "authorization" not in seen.headers
    assert "x-api-key" not in seen.headers


def test_one_of_ours_is_saved_by_its_id_alone() -> None:
    with ScriptedServer([reply({"success": True, "voiceIds": ["Anna12345"]})]) as server:
        client(server).save("Anna12345")
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/api/user/voice-ids")
    assert seen.json == {"voiceId": "Anna12345"}


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (reply({"error": SECRET}, 401), ErrorKind.KEY, "Sign in"),
        (reply({"error": SECRET}, 403), ErrorKind.KEY, "Sign in"),
        (Reply(307, b"", {"Location": "https://elsewhere.example/"}), ErrorKind.KEY, "Sign in"),
        (Reply(200, f"<html>{SECRET}</html>".encode()), ErrorKind.KEY, "Sign in"),
        (reply({"error": SECRET}, 429), ErrorKind.BUSY, "pause"),
        (reply({}, 404), ErrorKind.INPUT, "no longer has a list"),
        (reply({}, 422), ErrorKind.INPUT, "did not accept"),
        (reply({"error": SECRET}, 500), ErrorKind.TROUBLE, "problem"),
        (Reply(fault=Fault.RESET), ErrorKind.TROUBLE, "no usable answer"),
        (Reply(fault=Fault.GARBAGE), ErrorKind.TROUBLE, "no usable answer"),
        (Reply(fault=Fault.HANG), ErrorKind.TROUBLE, "no usable answer"),
    ],
)
def test_each_refusal_has_its_sentence_and_never_the_cookie(
    answer: Reply, kind: ErrorKind, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer([answer]) as server, pytest.raises(ProviderError) as caught:
        client(server).all()
    assert len(server.seen) == 1
    assert caught.value.kind is kind
    assert says in caught.value.sentence
    assert SECRET not in caught.value.sentence + repr(caught.value) + caplog.text


def test_nobody_there_and_no_cookie() -> None:
    with pytest.raises(ProviderError) as caught:
        SavedIds(f"{closed_port()}/api", COOKIE).all()
    assert caught.value.kind is ErrorKind.UNREACHABLE
    with ScriptedServer() as server, pytest.raises(ProviderError, match="not a cookie"):
        client(server, "just-a-token").all()
    assert not server.seen


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a=b", {"a": "b"}),
        ("Cookie: a=b; c=d==", {"a": "b", "c": "d=="}),
        ("a=b;", {"a": "b"}),
        ("", {}),
        ("token", {}),
        ("a=b\r\nX-Other: c", {}),
        ("a=ü", {}),
        ('a=b; theme=dark mode; x; c=ü; d="q"', {"a": "b", "d": '"q"'}),
        ("theme=dark mode; x;;", {}),
    ],
)
def test_what_is_no_cookie_in_a_pasted_line_is_passed_over(
    text: str, found: dict[str, str]
) -> None:
    assert cookies_in(text) == found
