"""NanoGPT's list of speech models on a socket: how it is asked for, and odd answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lib.models import ErrorKind
from lib.providers.base import ProviderError, Spent
from lib.services import MINIMAX
from tests.clients.scripted_server import KEY, Fault, Reply, ScriptedServer, nanogpt_at, reply

PAGE = Reply(200, b"<html><h1>One moment</h1></html>", {"Content-Type": "text/html"})
ITEM: dict[str, Any] = {
    "id": "Minimax-Speech-9",
    "name": "Nine",
    "pricing": {"per_thousand_chars": 0.7},
    "supported_parameters": {"max_chars": 900},
}


def test_the_list_is_asked_for_by_its_documented_address_and_read() -> None:
    with ScriptedServer([reply({"object": "list", "data": [ITEM]})]) as server:
        (model,) = nanogpt_at(server.origin).speech_models()
    (asked,) = server.seen
    assert (asked.method, asked.path) == ("GET", "/api/v1/audio-models")
    assert sorted(asked.query) == [("detailed", "true"), ("type", "tts")]
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert (model.id, model.title, model.kinds) == ("Minimax-Speech-9", "Nine", (MINIMAX,))
    assert (model.per_1000_chars, model.max_chars, model.documented) == (Decimal("0.7"), 900, True)


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (reply({"error": "No"}, 401), ErrorKind.KEY,
         "The NanoGPT key was not accepted."),
        (Reply(401, PAGE.body, PAGE.headers), ErrorKind.KEY,
         "The NanoGPT key was not accepted."),
        (reply({"error": {"message": "Slow down"}}, 429), ErrorKind.BUSY,
         "NanoGPT asks for a short pause."),
        (PAGE, ErrorKind.TROUBLE, "NanoGPT has a problem of its own right now."),
        (Reply(502, PAGE.body, PAGE.headers), ErrorKind.TROUBLE,
         "NanoGPT has a problem of its own right now."),
        (Reply(fault=Fault.RESET), ErrorKind.TROUBLE,
         "NanoGPT has a problem of its own right now."),
        (reply([ITEM]), ErrorKind.TROUBLE, "NanoGPT has a problem of its own right now."),
        (Reply(200, b'{"data": ['), ErrorKind.TROUBLE,
         "NanoGPT has a problem of its own right now."),
    ],
    ids=["401", "401 page", "429", "page", "502 page", "reset", "a bare list", "half JSON"],
)  # fmt: skip
def test_without_a_list_the_reason_is_told(answer: Reply, kind: ErrorKind, sentence: str) -> None:
    with ScriptedServer([answer]) as server, pytest.raises(ProviderError) as caught:
        nanogpt_at(server.origin).speech_models()
    assert (caught.value.kind, caught.value.spent) == (kind, Spent.NO)
    assert caught.value.sentence == f"{sentence} Asking costs nothing."
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"data": None}, {"data": {"id": ITEM["id"]}}, {"data": ["x", 3, None]}, {"models": [ITEM]},
     {"data": [ITEM | {"pricing": {"per_thousand_chars": "free"}}]}],
)  # fmt: skip
def test_json_that_is_no_list_of_models_names_none(body: object) -> None:
    with ScriptedServer([reply(body)]) as server:
        assert nanogpt_at(server.origin).speech_models() == ()
