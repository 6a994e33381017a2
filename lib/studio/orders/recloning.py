"""Clone a voice again from its kept recording: a new voice with a new id, linked to the old.

It is an order like any other: judged, priced, checked against budget and balance, stored and read
back before anything is paid. The consent on record goes along with the recording.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.event_kinds import EventKind
from lib.json_reading import object_of
from lib.models import Dossier, Evidence, Job, JobState, Money, Role, Source, Voice
from lib.pricing import clone_price
from lib.roles import Permission, Person
from lib.services import SERVICES, CloneOffer
from lib.studio.core import consents
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.typed_text import MAX_NAME
from lib.studio.orders import cloning, wording
from lib.studio.orders.cloning import CloneRequest
from lib.studio.orders.confirming import OrderRefused
from lib.studio.orders.wording import Deed, Reason, deed, sentence
from lib.vault.base import VaultError, sha256_hex

NOTHING = Money()
_NUMBERED = re.compile(r"(.*\S) (\d{1,4})")


@dataclass(frozen=True)
class Chance:
    """Whether a voice can be cloned again: the price, or the sentence that says why not."""

    price: Money = NOTHING
    why_not: str = ""

    @property
    def is_open(self) -> bool:
        return not self.why_not


def chance(context: Context, dossier: Dossier) -> Chance:
    """What cloning this voice again would cost. Reads no file."""
    voice = dossier.voice
    service = SERVICES.get(voice.service)
    offer = service.clone_offer(voice.kind) if service else None
    if offer is None or service is None:
        return Chance(why_not=sentence(Reason.NO_CLONE_OFFER))
    if voice.source is Source.DESIGNED:
        return Chance(why_not=sentence(Reason.DESIGNED))
    making = dossier.making
    if making is not None and making.state is not JobState.DONE:
        return Chance(why_not=sentence(Reason.BEING_MADE))
    if _latest(context, dossier, Role.REFERENCE) is None:
        return Chance(why_not=sentence(Reason.NO_COPY))
    if fault := consents.why_not_clone(voice.consent, context.now(voice.service)):
        return Chance(why_not=fault)
    if voice.service not in context.settings.services:
        return Chance(why_not=wording.no_key(service.title))
    if heir(context, voice):
        return Chance(why_not=sentence(Reason.CLONED_ALREADY))
    return Chance(clone_price(offer))


def heir(context: Context, voice: Voice) -> Voice | None:
    """The voice that was made from this one's recording, unless that came to nothing."""
    dossier = context.registry.voices.dossier(voice.replaced_by) if voice.replaced_by else None
    if dossier is None or (dossier.making and dossier.making.state is JobState.FAILED):
        return None
    return dossier.voice


def parent(context: Context, voice: Voice) -> Voice | None:
    """The voice whose recording this one was made from by cloning again."""
    return context.registry.voices.replaced_with(voice.id)


def next_name(name: str) -> str:
    """The name with the next number: "Rowan 2" after "Rowan", "Rowan 3" after "Rowan 2"."""
    found = _NUMBERED.fullmatch(name)
    stem, number = (found[1], int(found[2])) if found else (name, 1)
    tail = f" {number + 1}"
    return stem[: MAX_NAME - len(tail)].rstrip() + tail


def clone_again(
    context: Context, dossier: Dossier, *, name: str, person: Person, another: int = 0
) -> Job:
    """Order the clone, and link the old voice to the new one.

    Raises `NotPermitted`, `OrderRefused`, and `AskFirst` where the recording was ordered within
    the last day.
    """
    person.require(Permission.CLONE)
    old = dossier.voice
    possible = chance(context, dossier)
    if not possible.is_open:
        raise OrderRefused(possible.why_not)
    job = cloning.clone(context, _request(context, dossier, name, person, another))
    if job.voice_id == old.id:
        raise OrderRefused(sentence(Reason.BEING_MADE))
    # Done twice it changes nothing: a second click is the same order, and makes the same links.
    now, who = context.now(old.service), recorded_as(person)
    registry = context.registry
    if old.replaced_by != job.voice_id:
        registry.voices.change(
            job.voice_id,
            description=old.description,
            language=old.language,
            tags=old.tags,
            owner=old.owner or who,
        )
        registry.voices.change(old.id, replaced_by=job.voice_id)
        changed = EventKind.CHANGED
        registry.events.add(who, deed(Deed.CLONED_AGAIN), old.id, now, kind=changed)
        registry.events.add(who, deed(Deed.MADE_AGAIN), job.voice_id, now, kind=changed)
    return job


def _request(
    context: Context, dossier: Dossier, name: str, person: Person, another: int
) -> CloneRequest:
    """The order that made the old voice, but for its id: an id that was deleted never returns."""
    old = dossier.voice
    offer = _offer(old)
    asked = dossier.making.request if dossier.making else {}
    model = str(asked.get("model", ""))
    return CloneRequest(
        service=old.service,
        kind=old.kind,
        name=name,
        recording=_read(context, dossier),
        original=_latest(context, dossier, Role.ORIGINAL) or b"",
        changes=object_of(asked.get("changes")),
        no_speech_accepted=True,  # somebody paid for a voice of it already
        speaker=old.consent.speaker if old.consent else "",
        consent=old.consent is not None,
        consent_given=old.consent,
        person=person,
        transcript=old.transcript,
        preview_text=str(asked.get("preview_text", ""))[: offer.preview_text_max],
        model=model if model in offer.models else "",
        noise_reduction=asked.get("noise_reduction") is True,
        volume_normalization=asked.get("volume_normalization") is True,
        accuracy=_share(asked.get("accuracy")),
        keep_policy=old.keep_policy,
        refresh_days=old.refresh_days,
        another=another,
    )


def _offer(voice: Voice) -> CloneOffer:
    offer = SERVICES[voice.service].clone_offer(voice.kind)
    if offer is None:
        raise OrderRefused(sentence(Reason.NO_CLONE_OFFER))
    return offer


def _share(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else CloneRequest.accuracy


def _latest(context: Context, dossier: Dossier, role: Role) -> Evidence | None:
    """The latest good copy of this file, in the current storage or in the old folder."""
    vaults = (context.vault(dossier.voice.service), context.demo_vault)
    return next(filter(None, (dossier.copy(role, vault.name) for vault in vaults)), None)


def _read(context: Context, dossier: Dossier) -> bytes:
    """The recording, exactly as it was stored. Raises `OrderRefused`."""
    copy = _latest(context, dossier, Role.REFERENCE)
    if copy is None:
        raise OrderRefused(sentence(Reason.NO_COPY))
    own = context.vault(dossier.voice.service)
    vault = own if copy.vault == own.name else context.demo_vault
    try:
        data = vault.get(copy.key, max_bytes=_offer(dossier.voice).max_bytes)
    except VaultError as problem:
        raise OrderRefused(wording.recording_unread(str(problem))) from None
    if sha256_hex(data) != copy.sha256:
        raise OrderRefused(sentence(Reason.NOT_AS_STORED))
    return data
