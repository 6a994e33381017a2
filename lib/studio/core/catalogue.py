"""What services say of themselves: which models speak, and how much a key may do at once.

The keeper asks once a day, and when somebody wants a look, and stores the answers; all others read
those. Where a service says nothing, the shipped facts hold.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from lib.json_reading import list_of
from lib.providers.base import Limited, ProviderError
from lib.registry import Note
from lib.services import SERVICES, SpeechModel
from lib.studio.core.context import Context, Listed

log = logging.getLogger("voicekeep.catalogue")

PREFIX = "models:"
AT_ONCE = "at_once"
ASK_EVERY = timedelta(days=1)
LATELY = 5.0
"""Seconds that one reading serves all who look."""


def speech_models(context: Context, service: str, kind: str) -> tuple[SpeechModel, ...]:
    """The models of this service that speak voices of this kind, the preferred one first."""
    return tuple(model for model in _all(context, service) if kind in model.kinds)


def speech_model(context: Context, service: str, model: str) -> SpeechModel | None:
    """The model of that name at that service, if it is known."""
    return next((item for item in _all(context, service) if item.id == model), None)


def activation_model(context: Context, service: str, kind: str) -> SpeechModel | None:
    """The model that a voice of this kind is used with to be kept.

    The one of the shipped rules, or the first that the service lists, should it have dropped that.
    """
    known = SERVICES.get(service)
    offer = known.clone_offer(kind) if known else None
    if offer is None or not offer.activation_model:
        return None
    preferred = speech_model(context, service, offer.activation_model)
    return preferred or next(iter(speech_models(context, service, kind)), None)


def at_once(context: Context, service: str) -> int:
    """How much of what is paid the key in use may have under way; 0 where there is no limit.

    What the service said of another account's key counts for nothing.
    """
    known = SERVICES.get(service)
    if known is None or not known.at_once:
        return 0
    current = context.account_in_use(service)
    account, told = _listed(context).at_once.get(service, ("", 0))
    return told if current and account == current.id else known.at_once


def ask_services(context: Context) -> int:
    """Ask each service in use that is due; returns how many said which models they have."""
    notes = context.registry.notes.all()
    due = [name for name in context.settings.services if _is_due(context, name, notes)]
    return sum(ask(context, name) for name in due)


def ask(context: Context, service: str) -> bool:
    """Ask one service now; what it does not answer stays as it was told before."""
    last = context.registry.notes.all().get(PREFIX + service, Note(service))
    provider, account = context.provider(service), context.account(service)
    body, answered = last.body | {"asked": account}, False
    try:
        models = provider.speech_models()
    except ProviderError as problem:
        log.warning("The list of models could not be read: %s", problem)
    else:
        body, answered = body | {"models": [_to_json(model) for model in models]}, True
    if isinstance(provider, Limited):
        try:
            body = body | {AT_ONCE: provider.at_once(), "account": account}
        except ProviderError as problem:
            log.warning("The limits of a key could not be read: %s", problem)
    context.registry.notes.write(PREFIX + service, body, context.clock.now())
    context.listed = Listed()
    return answered


def _is_due(context: Context, service: str, notes: Mapping[str, Note]) -> bool:
    """Once a day, and for a new key."""
    last = notes.get(PREFIX + service, Note(service))
    if last.at is None or context.clock.now() - last.at >= ASK_EVERY:
        return True
    return last.body.get("asked", "") not in ("", context.account(service))


def _all(context: Context, service: str) -> tuple[SpeechModel, ...]:
    known = SERVICES.get(service)
    return _listed(context).models.get(service) or (known.speech if known else ())


def _listed(context: Context) -> Listed:
    """What was stored, read once for all who look within a few seconds."""
    if time.monotonic() - context.listed.read_at > LATELY:
        stored = context.registry.notes.all()
        notes = {name: stored.get(PREFIX + name, Note(name)) for name in SERVICES}
        context.listed = Listed(
            time.monotonic(),
            {name: _models_in(note) for name, note in notes.items()},
            {name: _limit_in(note) for name, note in notes.items()},
        )
    return context.listed


def _to_json(model: SpeechModel) -> dict[str, object]:
    return asdict(model) | {"per_1000_chars": str(model.per_1000_chars)}


def _limit_in(note: Note) -> tuple[str, int]:
    """For which account, and how much at once."""
    told = note.body.get(AT_ONCE)
    return (str(note.body.get("account", "")), told) if isinstance(told, int) else ("", 0)


def _models_in(note: Note) -> tuple[SpeechModel, ...]:
    """What was stored; a list of an older release that does not fit any more counts for nothing."""
    stored = list_of(note.body.get("models"))
    try:
        return tuple(_from_json(item) for item in stored)
    except (TypeError, KeyError, ArithmeticError):
        return ()


def _from_json(item: Any) -> SpeechModel:
    fields = item | {
        "kinds": tuple(item["kinds"]),
        "languages": tuple(item["languages"]),
        "per_1000_chars": Decimal(item["per_1000_chars"]),
    }
    return SpeechModel(**fields)
