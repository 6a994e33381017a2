"""What Kyma is asked for nothing: balance and prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lib.models import ErrorKind, Money
from lib.providers.base import ProviderError, Spent, Ticket
from lib.services import KYMA, SERVICES, SpeechModel
from tests.clients.scripted_server import Fault, Reply, ScriptedServer, kyma_at, reply


def _models(body: object) -> tuple[SpeechModel, ...]:
    with ScriptedServer([reply(body)]) as server:
        models = kyma_at(server.origin).speech_models()
    assert (server.seen[0].method, server.seen[0].path) == ("GET", "/v1/credits/pricing")
    return models


def _prices(body: object) -> dict[str, str]:
    return {model.id: f"{model.per_1000_chars:f}" for model in _models(body)}


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"balance": 7.9, "low_balance": False}, "7.90"),
        ({"balance_usd": "7.9"}, "7.90"),
        ({"balance": 0}, "0"),
        ({"balance": 12}, "12"),
        ({"balance": {"usd": 1}, "balance_usd": 3}, "3"),
    ],
)
def test_the_balance_is_read_in_both_of_its_forms(body: dict[str, Any], left: str) -> None:
    with ScriptedServer([reply(body)]) as server:
        assert kyma_at(server.origin).balance() == Money.usd(left)
    assert (server.seen[0].method, server.seen[0].path) == ("GET", "/v1/credits/balance")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply({"balance": None}), ErrorKind.TROUBLE),
        (reply({"balance": "1e99"}), ErrorKind.TROUBLE),
        (reply([7.9]), ErrorKind.TROUBLE),
        (Reply(200, b"<html>Hello</html>"), ErrorKind.TROUBLE),
        (Reply(fault=Fault.RESET), ErrorKind.TROUBLE),
        (reply({}, 502), ErrorKind.TROUBLE),
        (reply({"error": {"message": "x", "type": "auth_error"}}, 401), ErrorKind.KEY),
        (reply({"error": {"message": "x", "type": "rate_limit"}}, 429), ErrorKind.BUSY),
        (Reply(404, b"<html>No such page</html>"), ErrorKind.INPUT),
    ],
)
def test_a_question_without_an_answer_costs_nothing(answer: Reply, kind: ErrorKind) -> None:
    with ScriptedServer([answer]) as server, pytest.raises(ProviderError) as caught:
        kyma_at(server.origin).balance()
    assert (caught.value.kind, caught.value.spent) == (kind, Spent.NO)
    assert caught.value.sentence.endswith("Asking costs nothing.")


def test_there_is_nothing_to_poll() -> None:
    with pytest.raises(ProviderError):
        kyma_at("http://127.0.0.1:1").check(Ticket("run", "minimax", for_speech=True))


@pytest.mark.parametrize(
    "body",
    [
        {"models": [{"id": "minimax-speech-hd", "pricing": {"usd_per_1k_chars": 0.1}}]},
        {"data": [{"name": "minimax-speech-hd", "price_per_1000_characters": "0.10"}]},
        {"data": {"audio": {"minimax-speech-hd": {"per_million_chars": 100}}}},
        {"data": [{"model": "minimax-speech-hd", "price": 0.1, "unit": "1k_chars"}]},
        {"data": [{"model": "minimax-speech-hd", "price_usd": 100, "unit": "per 1M characters"}]},
        {"pricing": {"tts": {"minimax-speech-hd": {"price": {"perThousandChars": 0.1}}}}},
    ],
)
def test_a_price_is_found_where_its_unit_is_told(body: object) -> None:
    (model,) = _models(body)
    assert (model.id, model.per_1000_chars, model.documented) == (
        "minimax-speech-hd", Decimal("0.1"), True,
    )  # fmt: skip
    assert (model.kinds, model.max_chars) == (("minimax",), 5_000)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": []},
        {"data": [{"id": "minimax-speech-hd"}]},
        {"data": [{"id": "minimax-speech-hd", "price": 0.1}]},
        {"data": [{"id": "minimax-speech-hd", "usd_per_1k_tokens": 0.1}]},
        {"data": [{"id": "minimax-speech-hd", "max_1k_chars": 5}]},
        {"data": [{"id": "minimax-speech-hd", "usd_per_1k_chars": 0}]},
        {"data": [{"id": "minimax-speech-hd", "usd_per_1k_chars": -1}]},
        {"data": [{"id": "minimax-speech-hd", "usd_per_1k_chars": 11}]},
        {"data": [{"id": "minimax-speech-hd", "usd_per_1k_chars": True}]},
        {"data": [{"id": "minimax-speech-hd", "usd_per_1k_chars": "free"}]},
        {"data": [{"id": "eleven-multilingual-v2", "usd_per_1k_chars": 0.405}]},
        {"data": [{"id": "minimax-m2", "usd_per_1k_chars": 0.1}]},
        {"data": [{"id": "minimax-speech-\n", "usd_per_1k_chars": 0.1}]},
        {"minimax-speech-hd": 0.1},
    ],
)
def test_what_tells_no_price_counts_for_nothing(body: object) -> None:
    assert _models(body) == ()


def test_models_we_do_not_ship_come_last_and_of_two_prices_the_dearer_counts() -> None:
    body = {
        "data": [
            {"id": "minimax-speech-2.8-hd", "usd_per_1k_chars": 0.2},
            {"id": "minimax-speech-turbo", "usd_per_1k_chars": 0.06},
            {"id": "minimax-speech-hd", "usd_per_1k_chars": 0.1},
            {"id": "minimax-speech-hd", "usd_per_1k_chars": 0.3},
        ]
    }
    assert _prices(body) == {
        "minimax-speech-hd": "0.3",
        "minimax-speech-turbo": "0.06",
        "minimax-speech-2.8-hd": "0.2",
    }
    assert list(_prices(body))[:2] == [model.id for model in SERVICES[KYMA].speech]


def test_a_list_without_end_is_read_within_bounds() -> None:
    deep: object = {"id": "minimax-speech-hd", "usd_per_1k_chars": 0.1}
    for _ in range(50):
        deep = {"inner": deep}
    assert _models(deep) == ()
    wide = {"data": [{"id": f"minimax-speech-{n}"} for n in range(15_000)]}
    assert _models(wide) == ()
