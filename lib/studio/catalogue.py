"""Which models a voice can speak with: what the services list, else the shipped list."""

from __future__ import annotations

from lib.services import SERVICES, SpeechModel
from lib.studio.workshop import Workshop


def speech_models(workshop: Workshop, service: str, kind: str) -> tuple[SpeechModel, ...]:
    """The models of this service that speak voices of this kind, the preferred one first."""
    known = SERVICES.get(service)
    return known.speech_models(kind) if known else ()


def speech_model(workshop: Workshop, service: str, model: str) -> SpeechModel | None:
    """The model of that name at that service, if it is known."""
    known = SERVICES.get(service)
    return next((item for item in known.speech if item.id == model), None) if known else None
