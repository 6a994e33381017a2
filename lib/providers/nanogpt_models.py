"""NanoGPT's catalogue of speech models: what it says of each, as far as that can be believed.

`GET /v1/audio-models?type=tts&detailed=true` lists id, name, pricing, capabilities and
supported_parameters (docs.nano-gpt.com, audio-models, 2026-08-22). How pricing is spelled is not
documented, so several spellings are read, and what is not said or not plausible is taken from the
shipped list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from lib.services import SERVICES, SpeechModel, kind_of_model, languages_of, speech_model

MOST = 500
LONGEST_ID = 100
LONGEST_TEXT = 200_000
DEAREST = Decimal(10)
"""Dollars for 1,000 characters; more is a misunderstanding."""
CAUTIOUS_CHARS = 2_000
PER_1000 = (
    "per_thousand_chars",
    "per_1k_chars",
    "per_1000_chars",
    "perThousandChars",
    "per1kChars",
)
PER_MILLION = ("per_million_chars", "perMillionChars", "per_1m_chars")


def models_in(body: dict[str, Any], service: str) -> tuple[SpeechModel, ...]:
    """The models that speak voices of ours; the shipped ones first, in their order."""
    found = {model.id: model for model in _read(body, service)}
    shipped = [model.id for model in SERVICES[service].speech if model.id in found]
    return tuple(found[name] for name in [*shipped, *sorted(found.keys() - set(shipped))])


def _read(body: dict[str, Any], service: str) -> Iterator[SpeechModel]:
    listed = body.get("data")
    for item in listed[:MOST] if isinstance(listed, list) else ():
        name = item.get("id") if isinstance(item, dict) else None
        if isinstance(name, str) and name.isprintable() and 0 < len(name) <= LONGEST_ID:
            model = _model(name, item, service)
            if model:
                yield model


def _model(name: str, item: dict[str, Any], service: str) -> SpeechModel | None:
    kind = kind_of_model(name)
    if not kind:
        return None
    price = _price(item.get("pricing"))
    known = speech_model(service, name)
    if known is None:
        if price is None:
            return None  # what would be spent could not be said
        known = SpeechModel(name, _title(item, name), (kind,), CAUTIOUS_CHARS, price)
    told = item.get("supported_parameters")
    told = told if isinstance(told, dict) else {}
    return replace(
        known,
        max_chars=_chars(told.get("max_chars")) or known.max_chars,
        per_1000_chars=known.per_1000_chars if price is None else price,
        documented=price is not None,
        languages=_languages(told, languages_of(kind)),
    )


def _title(item: dict[str, Any], name: str) -> str:
    title = item.get("name")
    return title[:LONGEST_ID] if isinstance(title, str) and title.isprintable() else name


def _price(pricing: object) -> Decimal | None:
    if not isinstance(pricing, dict):
        return None
    for names, share in ((PER_1000, 1), (PER_MILLION, 1000)):
        for name in names:
            price = _decimal(pricing.get(name))
            if price is not None and price / share <= DEAREST:
                return price / share
    return None


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        price = Decimal(str(value)[:30])
    except InvalidOperation:
        return None
    return price if price.is_finite() and price > 0 else None


def _chars(value: object) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and isinstance(value, int) and 0 < value <= LONGEST_TEXT else 0


def _languages(told: dict[str, Any], known: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the known labels that a model lists; all of them where it lists none.

    It may list codes ("en"), and a request with a code is refused. What is chosen when nothing is
    said, the first, always works.
    """
    for name in ("language", "languages"):
        listed = told.get(name)
        labels = listed[:100] if isinstance(listed, list) else ()
        wanted = {label.strip().casefold() for label in labels if isinstance(label, str)}
        if found := [label for label in known[1:] if label.casefold() in wanted]:
            return (known[0], *found)
    return known
