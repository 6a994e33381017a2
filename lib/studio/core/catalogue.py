"""What services say of themselves: which models speak, and how much a key may do at once.

The keeper asks once a day, and when somebody wants a look, and stores the answers; all others read
those. Where a service says nothing, the shipped facts hold.
"""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from lib.json_reading import list_of
from lib.providers.base import Limited, ProviderError
from lib.registry import Note
from lib.services import SERVICES, SpeechModel
from lib.studio.core.context import Context
from lib.studio.core.runtime import Listed
from lib.studio.core.standpoint import Standpoint, standpoint_of

log = logging.getLogger("voicekeep.catalogue")

PREFIX = "models:"
AT_ONCE = "at_once"
ASK_EVERY = timedelta(days=1)
CACHED_FOR = 5.0
"""Seconds that one reading serves all who look."""


def speech_models(context: Context, service: str, kind: str) -> tuple[SpeechModel, ...]:
    """The models of this service that speak voices of this kind, the preferred one first."""
    return tuple(model for model in _all(context, service) if kind in model.kinds)


def speech_model(context: Context, service: str, model: str) -> SpeechModel | None:
    """The model of that name at that service, if it is known."""
    return next((item for item in _all(context, service) if item.id == model), None)


def usual_model(context: Context, service: str, kind: str) -> SpeechModel | None:
    """The model that voices of this kind speak with unless somebody chooses another one."""
    return next(iter(speech_models(context, service, kind)), None)


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


def at_once(context: Context, standpoint: Standpoint, service: str) -> int:
    """How much of what is paid the key in use may have under way; 0 where there is no limit.

    What the service said of another account's key counts for nothing.
    """
    known = SERVICES.get(service)
    if known is None or not known.at_once:
        return 0
    current = standpoint.in_use.get(service)
    account, stored = _listed(context).at_once.get(service, ("", 0))
    return stored if current and account == current.id else known.at_once


def ask_services(context: Context) -> int:
    """Ask each service in use that is due; returns how many said which models they have.

    A service that does not answer is logged, and what it said before holds.
    """
    notes, standpoint = context.registry.notes.all(), standpoint_of(context)
    due = [
        name
        for name in context.settings.services
        if _is_due(context, notes.get(PREFIX + name), standpoint.account(name))
    ]
    return sum(ask(context, name) for name in due)


def ask(context: Context, service: str) -> bool:
    """Ask one service now, and store its answers; True if it said which models it has.

    What it does not answer stays as it was told before. Raises `NotConnected`.
    """
    last = context.registry.notes.get(PREFIX + service) or Note(PREFIX + service)
    provider, account = context.provider(service), standpoint_of(context).account(service)
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
    context.runtime.listed = Listed()
    return answered


def _is_due(context: Context, last: Note | None, account: str) -> bool:
    """Once a day, and for a new key."""
    if last is None or last.at is None or context.clock.now() - last.at >= ASK_EVERY:
        return True
    return last.body.get("asked", "") not in ("", account)


def _all(context: Context, service: str) -> tuple[SpeechModel, ...]:
    known = SERVICES.get(service)
    return _listed(context).models.get(service) or (known.speech if known else ())


def _listed(context: Context) -> Listed:
    """What was stored, read once for all who look within a few seconds."""
    if time.monotonic() - context.runtime.listed.read_at > CACHED_FOR:
        stored = context.registry.notes.all()
        notes = {name: stored.get(PREFIX + name, Note(name)) for name in SERVICES}
        context.runtime.listed = Listed(
            time.monotonic(),
            {name: _models_in(note) for name, note in notes.items()},
            {name: _limit_in(note) for name, note in notes.items()},
        )
    return context.runtime.listed


def _to_json(model: SpeechModel) -> dict[str, object]:
    return asdict(model) | {"per_1000_chars": str(model.per_1000_chars)}


def _limit_in(note: Note) -> tuple[str, int]:
    """For which account, and how much at once."""
    stored = note.body.get(AT_ONCE)
    return (str(note.body.get("account", "")), stored) if isinstance(stored, int) else ("", 0)


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
