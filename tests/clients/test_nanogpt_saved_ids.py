"""NanoGPT's saved voice IDs: read and sent as its page has it, the cookie sent there and kept."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from lib.models import ErrorKind
from lib.providers.base import ProviderError
from lib.providers.nanogpt_saved_ids import MOST, SavedId, SavedIds, cookies_in, saved_in
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


@pytest.mark.parametrize(
    "body",
    [
        {"voiceIds": ["Anna12345", "Anna12345"]},
        ["Anna12345"],
        [{"voiceId": "Anna12345", "id": "7"}],
        {"voice_ids": [{"voice_id": " Anna12345 "}]},
        {"success": True, "data": [{"id": "Anna12345"}, {"id": 7}, None, 1, {}, {"id": ""}]},
    ],
)
def test_ids_are_found_in_each_likely_shape(body: Any) -> None:
    assert {item.id for item in saved_in(body)} == {"Anna12345"}


def test_a_name_comes_along() -> None:
    item = {"voiceId": "Anna12345", "name": "Anna", "createdAt": "2026-11-01"}
    assert list(saved_in([item])) == [SavedId("Anna12345", "Anna")]


@pytest.mark.parametrize(
    "body",
    [None, 5, "x", {}, {"data": None}, {"data": {"data": ["a"]}},
     [{"id": "x" * 201}], [{"id": "a\nb"}], {"voiceIds": [["deep"]]}],
)  # fmt: skip
def test_what_is_no_list_holds_no_ids(body: Any) -> None:
    assert list(saved_in(body)) == []


def test_a_list_without_end_is_cut() -> None:
    assert len(list(saved_in([f"Voice{n:06}" for n in range(MOST + 500)]))) == MOST


def test_the_list_is_asked_for_with_the_session_and_no_key() -> None:
    with ScriptedServer([reply({"voiceIds": ["Anna12345"]})]) as server:
        assert client(server).all() == [SavedId("Anna12345")]
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
        (reply({}, 404), ErrorKind.INPUT, "no list"),
        (reply({}, 422), ErrorKind.INPUT, "did not take"),
        (reply({"error": SECRET}, 500), ErrorKind.TROUBLE, "trouble"),
        (Reply(fault=Fault.RESET), ErrorKind.TROUBLE, "no proper answer"),
        (Reply(fault=Fault.GARBAGE), ErrorKind.TROUBLE, "no proper answer"),
        (Reply(fault=Fault.HANG), ErrorKind.TROUBLE, "no proper answer"),
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
    with ScriptedServer() as server, pytest.raises(ProviderError, match="no cookie"):
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
