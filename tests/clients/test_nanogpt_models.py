"""NanoGPT's list of speech models: read liberally, believed with care."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lib.providers.nanogpt_models import models_in
from lib.services import (
    INWORLD,
    KINDS,
    MINIMAX,
    NANOGPT,
    QWEN,
    SpeechModel,
    kind_of_model,
    speech_model,
)

KNOWN = "Minimax-Speech-02-HD"


def item(name: str = KNOWN, **fields: Any) -> dict[str, Any]:
    return {"id": name, "name": f"The {name}", "pricing": {"per_thousand_chars": 0.2}} | fields


def one(**fields: Any) -> SpeechModel:
    (model,) = models_in({"data": [item(**fields)]}, NANOGPT)
    return model


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Minimax-Speech-02-HD", MINIMAX),
        ("minimax-speech-3-turbo", MINIMAX),
        ("Qwen-3-TTS-1.7B", QWEN),
        ("qwen3-tts", QWEN),
        ("Inworld-TTS-1", INWORLD),
        ("Kokoro-82m", ""),
        ("not-minimax-speech", ""),
        ("", ""),
    ],
)
def test_which_voices_a_model_speaks_follows_from_its_name(name: str, kind: str) -> None:
    found = kind_of_model(name)
    assert (found.id if found else "") == kind


@pytest.mark.parametrize(
    ("pricing", "price"),
    [
        ({"per_thousand_chars": 0.2}, "0.2"),
        ({"per_thousand_chars": "0.06"}, "0.06"),
        ({"per_thousand_chars": 1}, "1"),
        ({"per_thousand_chars": Decimal("0.3")}, "0.3"),
    ],
)
def test_a_price_is_read_exactly(pricing: dict[str, Any], price: str) -> None:
    model = one(pricing=pricing)
    assert model.per_1000_chars == Decimal(price)
    assert model.documented


@pytest.mark.parametrize(
    "pricing",
    [
        None,
        {},
        [],
        *({"per_thousand_chars": told} for told in (None, True, -1, "NaN", "1e99", "x")),
    ],
)
def test_where_no_price_is_said_the_shipped_one_stands_as_about(pricing: object) -> None:
    shipped = speech_model(NANOGPT, KNOWN)
    assert shipped is not None
    model = one(pricing=pricing)
    assert model.per_1000_chars == shipped.per_1000_chars
    assert not model.documented
    assert models_in({"data": [item("Minimax-Speech-9", pricing=pricing)]}, NANOGPT) == ()


def test_the_length_is_that_of_the_list() -> None:
    assert one(supported_parameters={"max_chars": 9_000}).max_chars == 9_000


SHIPPED = KINDS[QWEN].languages


@pytest.mark.parametrize("key", ["language", "languages"])
@pytest.mark.parametrize(
    ("listed", "offered"),
    [
        (["English", "Chinese"], ("Auto", "English", "Chinese")),
        (["chinese", "ENGLISH ", "auto"], ("Auto", "English", "Chinese")),
        (["German", "Klingon", "fr"], ("Auto", "German")),
        (["en", "zh"], SHIPPED),
        (["auto"], SHIPPED),
        ([], SHIPPED),
        ("English", SHIPPED),
        ([1, None, ""], SHIPPED),
    ],
)
def test_only_labels_that_are_known_to_work_become_languages(
    key: str, listed: object, offered: tuple[str, ...]
) -> None:
    model = one(name="Qwen-3-TTS-1.7B", supported_parameters={key: listed})
    assert model.languages == offered


def test_a_new_model_of_a_kind_has_the_languages_of_its_kind() -> None:
    assert one(name="Qwen3-TTS-9B").languages == SHIPPED
    codes = {"language": ["en"], "languages": ["English"]}
    assert one(name="Qwen3-TTS-9B", supported_parameters=codes).languages == ("Auto", "English")
    assert one(name="Minimax-Speech-9", supported_parameters=codes).languages == ()


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {"max_chars": True},
        {"max_chars": -1},
        {"max_chars": 10**9},
        {"max_chars": "9000"},
        {"languages": "all"},
        {"languages": [1, ""]},
    ],
)
def test_odd_limits_are_those_of_the_shipped_list(told: object) -> None:
    shipped = speech_model(NANOGPT, KNOWN)
    assert shipped is not None
    model = one(supported_parameters=told)
    assert (model.max_chars, model.languages) == (shipped.max_chars, shipped.languages)


def test_shipped_models_come_first_and_new_ones_of_our_kinds_follow() -> None:
    names = ["Minimax-Speech-9", "Kokoro-82m", "Inworld-TTS-1", "Minimax-Speech-2.8-HD", KNOWN]
    found = models_in({"data": [item(name) for name in names]}, NANOGPT)
    assert [model.id for model in found] == [
        KNOWN, "Minimax-Speech-2.8-HD", "Inworld-TTS-1", "Minimax-Speech-9",
    ]  # fmt: skip
    assert found[2].kinds == (INWORLD,)


@pytest.mark.parametrize(
    "body",
    [{}, {"data": None}, {"data": {}}, {"data": ["x", None, 1, {}, {"id": 5}, {"id": ""},
     {"id": "minimax-speech\n"}, {"id": "minimax-speech" + "x" * 200}]}],
)  # fmt: skip
def test_a_list_that_is_none_names_no_models(body: dict[str, Any]) -> None:
    assert models_in(body, NANOGPT) == ()


def test_a_name_that_cannot_be_shown_is_replaced_by_the_id() -> None:
    assert one(name="Minimax-Speech-9").title == "The Minimax-Speech-9"
    (model,) = models_in({"data": [item("Minimax-Speech-9") | {"name": "a\x00b"}]}, NANOGPT)
    assert model.title == "Minimax-Speech-9"
