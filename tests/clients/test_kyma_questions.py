"""What Kyma is asked for nothing: balance, prices, limits, the list of voices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lib.models import ErrorKind, Money
from lib.providers.base import ListedVoice, ProviderError, Spent, Ticket
from lib.services import KYMA, SERVICES, SpeechModel
from tests.clients.scripted_server import Fault, Reply, ScriptedServer, kyma_at, reply

NOT_FOUND = Reply(404, b"<html>No such page</html>")
TIERS = {
    "object": "tier.matrix",
    "tiers": [
        {"tier": 0, "rpm": 30, "audio_concurrent_per_provider": {"minimax": 1, "groq": 9}},
        {"tier": 1, "rpm": 60, "audio_concurrent_per_provider": {"minimax": 3}},
        {"tier": 2, "rpm": 120, "audio_concurrent_per_provider": {"groq": 9}},
        {"tier": 3, "rpm": 200},
        {"tier": 4, "rpm": 300, "audio_concurrent_per_provider": {"minimax": 0}},
    ],
}
"""As api-reference/limits-tiers shows it, and without what it might leave out."""


def _models(body: object) -> tuple[SpeechModel, ...]:
    """What both lists of prices tell, the older one where the whole one is not there."""
    with ScriptedServer([reply(body)] * 2) as server:
        models = kyma_at(server.origin).speech_models()
    assert (server.seen[0].method, server.seen[0].path) == ("GET", "/v1/pricing")
    with ScriptedServer([NOT_FOUND, reply(body)]) as server:
        assert kyma_at(server.origin).speech_models() == models
    assert [seen.path for seen in server.seen] == ["/v1/pricing", "/v1/credits/pricing"]
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


@pytest.mark.parametrize("body", [{"balance": None}, {"balance": "1e99"}, {"data": {"balance": 1}}])
def test_an_answer_that_tells_no_balance_is_no_trouble(body: object) -> None:
    with ScriptedServer([reply(body)]) as server:
        assert kyma_at(server.origin).balance() is None


def test_there_is_nothing_to_poll() -> None:
    with pytest.raises(ProviderError):
        kyma_at("http://127.0.0.1:1").check(Ticket("run", "minimax", for_speech=True))


def _per_char(price: object, name: str = "minimax-speech-hd", mode: str = "per-char") -> object:
    return {"id": name, "modality": "audio", "pricing_mode": mode, "usd_per_call": price,
            "detail": {}}  # fmt: skip


def _list(*rows: object) -> object:
    return {"object": "pricing.catalog", "text": [], "media": list(rows)}


@pytest.mark.parametrize(
    ("told", "price"), [(0.1, "0.1"), (0.0001, "0.1"), (0.06, "0.06"), (0.01, "10"), (10, "10")]
)
def test_a_price_per_char_is_read_as_the_dearer_one_that_can_be_and_called_a_guess(
    told: object, price: str
) -> None:
    (model,) = _models(_list(_per_char(told)))
    assert (model.per_1000_chars, model.documented) == (Decimal(price), False)
    assert (model.kinds, model.max_chars) == (("minimax",), 5_000)


@pytest.mark.parametrize("told", [0, -1, 11, True, None, "free", {"usd": 1}])
def test_a_price_per_char_that_cannot_be_counts_for_nothing(told: object) -> None:
    assert _models(_list(_per_char(told))) == ()


def test_only_a_price_per_char_is_one_of_speech() -> None:
    assert _models(_list(_per_char(2.1, "minimax-voice-clone", "per-call"))) == ()
    assert _models(_list(_per_char(2.1, mode="per-minute"))) == ()


@pytest.mark.parametrize("name", ["eleven-multilingual-v2", "minimax-m2", "minimax-speech-\n", 7])
def test_what_is_no_speech_of_minimax_counts_for_nothing(name: str) -> None:
    assert _models(_list(_per_char(0.1, name))) == ()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"media": []},
        {"media": [{"id": "minimax-speech-hd"}]},
        {"data": [_per_char(0.1)]},
        {"media": {"minimax-speech-hd": _per_char(0.1)}},
        {"media": [{"id": "minimax-speech-hd", "usd_per_1k_chars": 0.1}]},
        {"minimax-speech-hd": 0.1},
    ],
)
def test_a_list_of_another_shape_counts_for_nothing(body: object) -> None:
    assert _models(body) == ()


def test_models_we_do_not_ship_come_last_and_of_two_prices_the_dearer_counts() -> None:
    body = _list(
        _per_char(0.2, "minimax-speech-2.8-hd"),
        _per_char(0.06, "minimax-speech-turbo"),
        _per_char(0.1),
        _per_char(0.3),
    )
    assert _prices(body) == {
        "minimax-speech-hd": "0.3",
        "minimax-speech-turbo": "0.06",
        "minimax-speech-2.8-hd": "0.2",
    }
    assert list(_prices(body))[:2] == [model.id for model in SERVICES[KYMA].speech]


def test_a_long_list_is_read_within_bounds() -> None:
    assert _models(_list(*({"id": f"minimax-speech-{n}"} for n in range(15_000)))) == ()


def test_no_list_of_prices_at_all_is_trouble_and_an_empty_one_is_none() -> None:
    for answers, kind in (
        ([NOT_FOUND, NOT_FOUND], ErrorKind.INPUT),
        ([NOT_FOUND, reply({}, 502)], ErrorKind.TROUBLE),
        ([reply({}, 502)], ErrorKind.TROUBLE),
    ):
        with ScriptedServer(answers) as server, pytest.raises(ProviderError) as no:
            kyma_at(server.origin).speech_models()
        assert no.value.kind is kind
    with ScriptedServer([reply({}), reply({})]) as server:
        assert kyma_at(server.origin).speech_models() == ()


def _at_once(limits: object, tiers: object) -> int | None:
    with ScriptedServer([reply(limits), reply(tiers)]) as server:
        told = kyma_at(server.origin).at_once()
    assert [seen.path for seen in server.seen] == ["/v1/auth/limits", "/v1/limits/tiers"]
    return told


@pytest.mark.parametrize(
    ("limits", "number"),
    [
        ({"rpm_limit": 30, "rpm_used": 3, "rpm_remaining": 27, "has_credits": True}, 1),
        ({"rpm_limit": 60, "used_today": 15, "remaining": 85, "resets_at": "2026-04-06"}, 3),
        ({"rpm_limit": 120}, None),
        ({"rpm_limit": 200}, None),
        ({"rpm_limit": 300}, None),
        ({"rpm_limit": 20}, None),
        ({"rpm_limit": "60"}, None),
        ({"rpm_limit": True}, None),
        ({}, None),
    ],
)
def test_how_much_a_key_may_at_once_follows_from_its_requests_a_minute(
    limits: object, number: int | None
) -> None:
    assert _at_once(limits, TIERS) == number


@pytest.mark.parametrize(
    "tiers",
    [
        {},
        {"tiers": {}},
        {"tiers": ["x", None, 3]},
        {"tiers": [{"rpm": 60, "audio_concurrent_per_provider": ["minimax", 3]}]},
        {"tiers": [{"rpm": 60, "audio_concurrent_per_provider": {"minimax": 51}}]},
        {"tiers": [{"rpm": 60, "audio_concurrent_per_provider": {"minimax": 1.5}}]},
        {"tiers": [{"rpm": 60, "audio_concurrent_per_provider": {"minimax": True}}]},
        {"tiers": [{"rpm": n} for n in range(1_000)] + TIERS["tiers"]},
    ],
)
def test_tiers_that_say_nothing_usable_set_no_limit(tiers: object) -> None:
    assert _at_once({"rpm_limit": 60}, tiers) is None


def test_of_two_tiers_alike_the_stricter_one_counts() -> None:
    pools = [{"rpm": 60, "audio_concurrent_per_provider": {"minimax": n}} for n in (5, 2, 4)]
    assert _at_once({"rpm_limit": 60}, {"tiers": pools}) == 2


def test_the_list_of_voices_is_read_as_documented() -> None:
    body = {
        "object": "list",
        "data": [
            {"voice_id": "JBFqnCBsd6RMkjVDRZzb", "name": "George - Warm", "category": "premade",
             "labels": {"accent": "british"}, "preview_url": "https://x", "description": "Calm"},
            {"voice_id": "kyma_0123456789abcdef", "name": None, "category": "cloned"},
            {"voice_id": "kyma_\n", "name": "x"}, {"voice_id": 7}, {"name": "x"}, "x", None,
        ],
    }  # fmt: skip
    with ScriptedServer([reply(body)]) as server:
        found = kyma_at(server.origin).voices()
    assert (server.seen[0].method, server.seen[0].path) == ("GET", "/v1/audio/voices")
    assert found == (
        ListedVoice("JBFqnCBsd6RMkjVDRZzb", "George - Warm"),
        ListedVoice("kyma_0123456789abcdef"),
    )


def test_a_list_of_three_thousand_voices_with_all_their_words_is_read() -> None:
    row = {"name": "x" * 60, "labels": {"a": "b" * 100}, "preview_url": "y" * 150,
           "description": "z" * 200}  # fmt: skip
    body = {"data": [row | {"voice_id": f"voice{number}"} for number in range(3_500)]}
    with ScriptedServer([reply(body)]) as server:
        assert len(kyma_at(server.origin).voices()) == 3_500
