"""NanoGPT's catalogue of speech models: what it says of each, as far as that can be believed.

`GET /v1/audio-models?type=tts&detailed=true` lists id, name, pricing, capabilities and
supported_parameters (docs.nano-gpt.com, audio-models, 2026-08-22). How a price is spelled is not
documented; `per_thousand_chars` is what the demo says. What is not said or not plausible is taken
from the shipped list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from lib.json_reading import number, object_of, rows, short_text, whole
from lib.services import SERVICES, SpeechModel, kind_of_model, speech_model

MOST = 500
LONGEST_ID = 100
LONGEST_TEXT = 200_000
DEAREST = Decimal(10)
"""Dollars for 1,000 characters; more is a misunderstanding."""
CAUTIOUS_CHARS = 2_000


def models_in(body: Mapping[str, object], service: str) -> tuple[SpeechModel, ...]:
    """The models that speak voices of ours; the shipped ones first, in their order."""
    found = {model.id: model for model in _read(body, service)}
    shipped = [model.id for model in SERVICES[service].speech if model.id in found]
    return tuple(found[name] for name in [*shipped, *sorted(found.keys() - set(shipped))])


def _read(body: Mapping[str, object], service: str) -> Iterator[SpeechModel]:
    for item in rows(body.get("data"), MOST):
        if model := _model(short_text(item.get("id"), LONGEST_ID), item, service):
            yield model


def _model(name: str, item: Mapping[str, object], service: str) -> SpeechModel | None:
    kind = kind_of_model(name)
    if kind is None:
        return None
    price = _price(item.get("pricing"))
    known = speech_model(service, name)
    if known is None:
        if price is None:
            return None  # what would be spent could not be said
        title = short_text(item.get("name"), LONGEST_ID) or name
        known = SpeechModel(name, title, (kind.id,), CAUTIOUS_CHARS, price)
    stated = object_of(item.get("supported_parameters"))
    longest = whole(stated.get("max_chars"))
    return replace(
        known,
        max_chars=longest if 0 < longest <= LONGEST_TEXT else known.max_chars,
        per_1000_chars=known.per_1000_chars if price is None else price,
        documented=price is not None,
        languages=_languages(stated, kind.languages),
    )


def _price(pricing: object) -> Decimal | None:
    """Dollars for 1,000 characters."""
    price = number(object_of(pricing).get("per_thousand_chars"))
    return price if price is not None and 0 < price <= DEAREST else None


def _languages(stated: Mapping[str, object], known: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the known labels that a model lists; all of them where it lists none.

    It may list codes ("en"), and a request with a code is refused. What is chosen when nothing is
    said, the first, always works.
    """
    for name in ("language", "languages"):
        listed = stated.get(name)
        labels = listed[:100] if isinstance(listed, list) else ()
        wanted = {label.strip().casefold() for label in labels if isinstance(label, str)}
        if found := [label for label in known[1:] if label.casefold() in wanted]:
            return (known[0], *found)
    return known
