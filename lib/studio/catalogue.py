"""Which models a voice can speak with: what the services list, else the shipped list.

The keeper asks the services once a day and stores what they say; pages read that.
"""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from lib.providers.base import ProviderError
from lib.registry import Note
from lib.services import SERVICES, SpeechModel
from lib.studio.workshop import Listed, Workshop

log = logging.getLogger("voicekeep.catalogue")

PREFIX = "models:"
ASK_EVERY = timedelta(days=1)
LATELY = 5.0
"""Seconds that one reading serves all who look."""


def speech_models(workshop: Workshop, service: str, kind: str) -> tuple[SpeechModel, ...]:
    """The models of this service that speak voices of this kind, the preferred one first."""
    return tuple(model for model in _all(workshop, service) if kind in model.kinds)


def speech_model(workshop: Workshop, service: str, model: str) -> SpeechModel | None:
    """The model of that name at that service, if it is known."""
    return next((item for item in _all(workshop, service) if item.id == model), None)


def activation_model(workshop: Workshop, service: str, kind: str) -> SpeechModel | None:
    """The model that a voice of this kind is used with to be kept.

    The one of the shipped rules, or the first that the service lists, should it have dropped that.
    """
    known = SERVICES.get(service)
    offer = known.clone_offer(kind) if known else None
    if offer is None or not offer.activation_model:
        return None
    preferred = speech_model(workshop, service, offer.activation_model)
    return preferred or next(iter(speech_models(workshop, service, kind)), None)


def ask_services(workshop: Workshop) -> int:
    """Ask each service in use for its list, once a day; returns how many answered."""
    notes, now = workshop.registry.notes.all(), workshop.clock.now()
    answered = 0
    for service in workshop.settings.services:
        last = notes.get(PREFIX + service, Note(service))
        if last.at and now - last.at < ASK_EVERY:
            continue
        body = last.body
        try:
            models = workshop.provider(service).speech_models()
        except ProviderError as problem:  # what was listed before stays good
            log.warning("The list of models could not be read: %s", problem)
        else:
            body = {"models": [_to_json(model) for model in models]} if models else {}
            answered += 1
        workshop.registry.notes.write(PREFIX + service, body, now)
    if answered:
        workshop.listed = Listed()
    return answered


def _all(workshop: Workshop, service: str) -> tuple[SpeechModel, ...]:
    if time.monotonic() - workshop.listed.read_at > LATELY:
        notes = workshop.registry.notes.all()
        models = {name: _from_note(notes.get(PREFIX + name)) for name in SERVICES}
        workshop.listed = Listed(time.monotonic(), models)
    known = SERVICES.get(service)
    return workshop.listed.models.get(service) or (known.speech if known else ())


def _to_json(model: SpeechModel) -> dict[str, Any]:
    return asdict(model) | {"per_1000_chars": str(model.per_1000_chars)}


def _from_note(note: Note | None) -> tuple[SpeechModel, ...]:
    """What was stored; a list of an older release that does not fit any more counts for nothing."""
    stored = note.body.get("models", []) if note else []
    try:
        return tuple(_from_json(item) for item in stored)
    except (TypeError, KeyError, ArithmeticError):
        return ()


def _from_json(item: dict[str, Any]) -> SpeechModel:
    fields = item | {
        "kinds": tuple(item["kinds"]),
        "languages": tuple(item["languages"]),
        "per_1000_chars": Decimal(item["per_1000_chars"]),
    }
    return SpeechModel(**fields)
