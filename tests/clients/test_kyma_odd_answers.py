"""Kyma answers in ways that no page shows: what then holds, and that nothing breaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lib.models import ErrorKind
from lib.providers.base import ProviderError, Spent
from lib.providers.kyma import Kyma
from tests.clients.kyma import CLONE, SPEECH
from tests.clients.scripted_server import Fault, Reply, ScriptedServer, kyma_at, reply

K = ErrorKind
LIMITS = reply({"rpm_limit": 60})
PAGE, HTML = b"<html><h1>One moment</h1></html>", {"Content-Type": "text/html"}
BUSY = "Kyma has a problem of its own right now. Asking costs nothing."
NO_KEY = "The Kyma key was not accepted. Asking costs nothing."

Send = Callable[[Kyma], object]
Question = tuple[Send, tuple[Reply, ...], object]
QUESTIONS: dict[str, Question] = {
    "voices": (lambda client: client.voices(), (), ()),
    "limits": (lambda client: client.at_once(), (), None),
    "tiers": (lambda client: client.at_once(), (LIMITS,), None),
    "pricing": (lambda client: client.speech_models(), (), ()),
    "older pricing": (lambda client: client.speech_models(), (reply({}, 404),), ()),
    "balance": (lambda client: client.balance(), (), None),
}
"""How each is asked, what is answered before it, and what holds where nothing is told."""

FAULTS: dict[str, tuple[Reply, ErrorKind, str]] = {
    "401": (reply({"error": {"message": "No", "type": "auth_error"}}, 401), K.KEY, NO_KEY),
    "401 page": (Reply(401, PAGE, HTML), K.KEY, NO_KEY),
    "page": (Reply(200, PAGE, HTML), K.TROUBLE, BUSY),
    "502 page": (Reply(502, PAGE, HTML), K.TROUBLE, BUSY),
    "reset": (Reply(fault=Fault.RESET), K.TROUBLE, BUSY),
    "cut off": (Reply(200, b'{"data": [', fault=Fault.PARTIAL), K.TROUBLE, BUSY),
    "half JSON": (Reply(200, b'{"data": ['), K.TROUBLE, BUSY),
    "a bare list": (reply([{"voice_id": "x"}]), K.TROUBLE, BUSY),
    "a number": (reply(7), K.TROUBLE, BUSY),
}
ODD = (
    {},
    {"data": None, "tiers": None, "media": None, "rpm_limit": None, "balance": None},
    {"data": 3, "tiers": 3, "media": 3, "rpm_limit": [60], "balance": [1]},
    {"data": {"data": []}, "tiers": {"rpm": 60}, "media": "x", "rpm_limit": {}, "balance": {}},
    {"data": [None, 3, "x", [], {}], "tiers": [None, 3, "x", [], {}], "media": [None, [[]], {}]},
)
"""JSON objects that hold nothing which the pages describe."""


@pytest.mark.parametrize(("answer", "kind", "sentence"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_that_is_not_answered_says_why(
    question: str, answer: Reply, kind: ErrorKind, sentence: str
) -> None:
    ask, before, _ = QUESTIONS[question]
    with ScriptedServer([*before, answer]) as server, pytest.raises(ProviderError) as caught:
        ask(kyma_at(server.origin))
    assert (caught.value.kind, caught.value.spent) == (kind, Spent.NO)
    assert caught.value.sentence == sentence
    assert len(server.seen) == len(before) + 1


@pytest.mark.parametrize("body", ODD)
@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_that_tells_nothing_known_changes_nothing(question: str, body: object) -> None:
    ask, before, nothing = QUESTIONS[question]
    with ScriptedServer([*before, *[reply(body)] * 2]) as server:
        assert ask(kyma_at(server.origin)) == nothing


def _two(status: int, code: str, kind: str) -> Reply:
    """An error as some pages show it: a code of its own, and the family that it belongs to."""
    return reply({"error": {"message": "No", "code": code, "type": kind}}, status)


def _clone(client: Kyma) -> object:
    return client.clone(CLONE)


def _speak(client: Kyma) -> object:
    return client.speak(SPEECH)


BOTH: dict[str, tuple[Send, Reply, ErrorKind, Spent, str]] = {
    "too short": (_clone, _two(400, "reference_too_short", "invalid_request"), K.INPUT, Spent.NO,
        "The recording is too short: Kyma accepts 10 seconds to 5 minutes of speech."),
    "not ours": (_speak, _two(403, "voice_not_owned", "permission_error"), K.PERMISSION, Spent.NO,
        "This voice belongs to another Kyma account than the key in use. It is not lost."),
    "balance": (_clone, _two(402, "insufficient_credits", "billing_error"), K.BALANCE, Spent.NO,
        "Your Kyma balance is too low (it needs $2.10)."),
    "not registered": (_clone, _two(500, "ownership_write_failed", "server"), K.TROUBLE, Spent.NO,
        "Kyma could not register the new voice for this account."),
    "supplier": (_clone, _two(502, "provider_error", "api_error"), K.UNKNOWN_OUTCOME, Spent.UNKNOWN,
        "The supplier behind Kyma could not make the voice."),
    "as a success": (_speak, _two(200, "input_too_long", "invalid_request"), K.INPUT, Spent.NO,
        "The text is longer than the 5,000 characters Kyma accepts at a time."),
    "swapped": (_speak, _two(400, "invalid_request", "voice_required"), K.INPUT, Spent.NO,
        "The order named no voice."),
}  # fmt: skip


@pytest.mark.parametrize(("send", "answer", "kind", "spent", "sentence"), BOTH.values(), ids=BOTH)
def test_of_a_code_and_its_family_the_one_that_says_more_counts(
    send: Send, answer: Reply, kind: ErrorKind, spent: Spent, sentence: str
) -> None:
    with ScriptedServer([answer]) as server, pytest.raises(ProviderError) as caught:
        send(kyma_at(server.origin))
    assert (caught.value.kind, caught.value.spent) == (kind, spent)
    assert caught.value.sentence.startswith(sentence)
    assert len(server.seen) == 1
