"""Recognises what an ID or an address is: which kind of voice, at which service, or what
is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from lib.models import VoiceKind
from lib.services import DEMO, KIND_TITLES, KINDS, SERVICES
from lib.studio.adoption.lists import Line
from lib.studio.adoption.wording import (
    Reason,
    id_of_another,
    needs_address,
    needs_id,
    no_key,
    not_added_there,
    sentence,
)
from lib.studio.core.context import Context

MAX_URL = 2_000
FILE_KIND = next(kind.id for kind in KINDS.values() if kind.is_file)
"""The kind of voices that are files, brought by an address or as they are."""


@dataclass(frozen=True)
class VoiceType:
    """One kind of voice at one service."""

    service: str
    kind: VoiceKind

    @property
    def title(self) -> str:
        return f"{KIND_TITLES[self.kind]} · {SERVICES[self.service].title}"


def adoptable_types(context: Context) -> list[VoiceType]:
    """All types of voices that can be adopted with the keys in use."""
    return [
        VoiceType(service, offer.kind)
        for service in context.settings.services
        for offer in SERVICES[service].adopts
    ]


def detect_type(context: Context, line: Line, default: VoiceType) -> VoiceType | str:
    """The type of a line's voice: what it says, else what its ID looks like, else the default.

    Returns a sentence instead if such a voice cannot be adopted here.
    """
    service, kind = line.service, VoiceKind(line.kind) if line.kind else None
    in_use = context.settings.services
    if not kind and line.id.startswith(("https://", "http://")):
        kind = FILE_KIND
    known_type = _type_by_prefix(line.id)
    if known_type and not service and kind in (None, known_type.kind):
        # The demo stands in for services, so that their IDs can be tried without a key.
        in_demo = known_type.service not in in_use and default.service == DEMO
        service, kind = DEMO if in_demo else known_type.service, known_type.kind
    kind = kind or (default.kind if service in ("", default.service) else _usual(service, default))
    if not service:
        able = [name for name in in_use if SERVICES[name].adopt_offer(kind)]
        service = default.service if default.service in able else next(iter(able), "")
    if service not in in_use:
        known = SERVICES.get(service)
        return no_key(known.title) if known else sentence(Reason.NO_KEY)
    if SERVICES[service].adopt_offer(kind) is None:
        return not_added_there(KIND_TITLES[kind], SERVICES[service].title)
    return VoiceType(service, kind)


def find_fault(context: Context, text: str, voice_type: VoiceType) -> str:
    """A sentence on why this text cannot be the ID or address of such a voice, or ""."""
    offer = SERVICES[voice_type.service].adopt_offer(voice_type.kind)
    if offer is None or offer.id_rule is None:
        return _address_fault(context, text, voice_type)
    if "://" in text:
        return needs_id(KIND_TITLES[voice_type.kind])
    if known_type := _type_by_prefix(text):
        offer = SERVICES[known_type.service].adopt_offer(known_type.kind) or offer
        if voice_type.service not in (known_type.service, DEMO):
            return id_of_another(SERVICES[known_type.service].title)
    is_one = offer.id_rule is not None and offer.id_rule.fullmatch(text) is not None
    return "" if is_one else offer.id_rule_words


def _type_by_prefix(text: str) -> VoiceType | None:
    """The only type whose IDs begin as this text does, if there is one."""
    for service in SERVICES.values():
        for offer in service.adopts:
            if offer.prefix and text.startswith(offer.prefix):
                return VoiceType(service.id, offer.kind)
    return None


def _usual(service: str, default: VoiceType) -> VoiceKind:
    """What a service that is not the default one takes first."""
    return next((offer.kind for offer in SERVICES[service].adopts), default.kind)


def _address_fault(context: Context, text: str, voice_type: VoiceType) -> str:
    if len(text) > MAX_URL:
        return sentence(Reason.ADDRESS_TOO_LONG)
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or any(char.isspace() for char in text) or not text.isprintable():
        return needs_address(KIND_TITLES[voice_type.kind])
    # Addresses are stored, shown in part, and sent to services: no place for a password.
    if parts.username or parts.password:
        return sentence(Reason.ADDRESS_WITH_PASSWORD)
    home = context.settings.base_url(voice_type.service)
    if parts.scheme != "https" and not text.startswith(f"{home}/"):
        return sentence(Reason.ADDRESS_NOT_HTTPS)
    return ""
