"""A voice from a recording: checked, priced, consented → a confirmed job. Sends nothing.

Every check of the pages is made here again; a refused order has cost nothing and stored nothing
but, at most, the recording.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime

from lib.json_reading import JsonObject
from lib.models import (
    MAX_REFRESH_DAYS,
    Consent,
    Evidence,
    Job,
    JobKind,
    KeepPolicy,
    Role,
    Source,
    Voice,
    new_id,
)
from lib.pricing import clone_price
from lib.recordings.inspect import Recording, UnreadableRecording, inspect
from lib.recordings.judge import judge
from lib.roles import Permission, Person
from lib.services import SERVICES, CloneOffer
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.standpoint import standpoint_of
from lib.studio.core.typed_text import MAX_NAME, name_fault, one_line, several_lines
from lib.studio.orders.confirming import (
    OrderRefused,
    check_consent,
    check_money,
    check_ready,
    commit,
    confirmed,
    open_twin,
    order_key,
)
from lib.studio.storage.manifests import copy_evidence
from lib.vault.base import VaultError, content_key, sha256_hex

MAX_TRANSCRIPT = 5_000
ID_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class CloneRequest:
    """A voice to be made from a recording, as a person filled it in.

    `voice_id` only where the person typed one. `another` counts deliberate repetitions.
    `refresh_days`: None for the team's own choice. `consent_given` is the consent on record, where
    a kept recording is cloned again.
    """

    service: str
    kind: str
    name: str
    recording: bytes = field(repr=False)
    speaker: str
    consent: bool
    person: Person
    voice_id: str = ""
    transcript: str = ""
    preview_text: str = ""
    model: str = ""
    noise_reduction: bool = False
    volume_normalization: bool = False
    accuracy: float = 0.7
    keep_policy: KeepPolicy = KeepPolicy.AT_ONCE
    refresh_days: int | None = None
    consent_given: Consent | None = None
    another: int = 0


def clone(context: Context, request: CloneRequest) -> Job:
    """Store the recording, read it back, commit the order.

    The same order while one is open is that one: a double click makes one job. Raises
    `NotPermitted`, `OrderRefused` and `AskFirst`.
    """
    request.person.require(Permission.CLONE)
    offer = _offer(context, request.service, request.kind)
    request = _typed(request)
    name = request.name
    _check_clone(context, request, offer)
    facts = _judged(context, request.recording, offer)
    price = clone_price(offer)
    standpoint = standpoint_of(context)
    check_money(context, standpoint, request.service, price)
    now = context.now(request.service)
    sha256 = sha256_hex(request.recording)
    asked = _asked(request, offer, facts) | {"recording": sha256, "another": request.another}
    account = standpoint.account(request.service)
    key = order_key(request.service, account, name, request.voice_id, request.transcript, asked)
    same = {"recording": sha256, "kind": request.kind}
    if twin := open_twin(
        context,
        JobKind.CLONE,
        request.service,
        key,
        is_same=lambda job: same.items() <= job.request.items(),
        another=request.another,
        question=f"This recording was ordered at {SERVICES[request.service].title} within the "
        "last day. Another clone is charged again.",
    ):
        return twin
    who = recorded_as(request.person)
    voice = Voice(
        id=new_id(),
        name=name,
        kind=offer.kind,
        source=Source.CLONED,
        service=request.service,
        account=account,
        created_at=now,
        provider_voice_id=_voice_id(request, offer, name),
        id_made_here=bool(offer.id_rule) and not request.voice_id,
        transcript=request.transcript if offer.takes_transcript else "",
        owner=who,
        consent=request.consent_given or Consent(request.speaker[:MAX_NAME], who, now),
        keep_policy=request.keep_policy,
        refresh_days=refresh_days(context, request.refresh_days),
    )
    asked |= {"voice_id": voice.provider_voice_id}
    reference = _store_reference(context, request, voice.id, facts, now)
    job = confirmed(context, standpoint, JobKind.CLONE, voice, request.person, key, asked, price)
    return commit(context, job, voice, reference)


def check_voice_id(text: str, offer: CloneOffer) -> str:
    """The sentence that says what is wrong with a typed voice ID, or "" if it will do."""
    if not offer.id_rule or offer.id_rule.fullmatch(text):
        return ""
    return f"This voice ID will not do. {offer.id_rule_words}"


def refresh_days(context: Context, choice: int | None) -> int:
    """How often a new voice is to be used again, in days; None: the team's own choice."""
    if choice is None:
        return context.settings.team.refresh_days
    return min(max(choice, 0), MAX_REFRESH_DAYS)


def _offer(context: Context, service: str, kind: str) -> CloneOffer:
    offer = SERVICES[service].clone_offer(kind) if service in SERVICES else None
    if offer is None or service not in context.settings.services:
        raise OrderRefused("This service is not connected here. Choose another one.")
    return offer


def _typed(request: CloneRequest) -> CloneRequest:
    """What a person typed, fit to be stored and sent."""
    return replace(
        request,
        name=one_line(request.name),
        speaker=one_line(request.speaker),
        voice_id=one_line(request.voice_id),
        transcript=one_line(request.transcript),
        preview_text=several_lines(request.preview_text),
    )


def _check_clone(context: Context, request: CloneRequest, offer: CloneOffer) -> None:
    check_ready(context, request.service)
    if fault := name_fault(request.name):
        raise OrderRefused(fault)
    check_consent(
        speaker=request.speaker,
        agreed=request.consent,
        person=recorded_as(request.person),
        who="Say who speaks in the recording.",
        tick="Tick that the person in the recording agrees to be cloned.",
    )
    if request.voice_id and (fault := check_voice_id(request.voice_id, offer)):
        raise OrderRefused(fault)
    if len(request.preview_text) > offer.preview_text_max > 0:
        raise OrderRefused(
            f"The preview text is too long: {offer.preview_text_max} characters at most."
        )
    if len(request.transcript) > MAX_TRANSCRIPT:
        raise OrderRefused(f"The transcript is too long: {MAX_TRANSCRIPT:,} characters at most.")
    if request.model and request.model not in offer.models:
        raise OrderRefused("That model cannot clone. Choose one of the list.")


def can_send_links(context: Context, service: str) -> bool:
    """Whether this service can fetch a recording from an address that the vault hands out."""
    return context.vault(service).name.startswith("s3://")


def _judged(context: Context, recording: bytes, offer: CloneOffer) -> Recording:
    try:
        facts = inspect(recording)
    except UnreadableRecording as problem:
        raise OrderRefused(str(problem)) from None
    by_link = can_send_links(context, offer.service)
    verdict = judge(facts, offer, len(recording), by_link=by_link)
    if not verdict.accepted:
        raise OrderRefused(verdict.reason)
    return facts


def _store_reference(
    context: Context, request: CloneRequest, voice_id: str, facts: Recording, now: datetime
) -> Evidence:
    """Storage is proven before money is spent."""
    vault = context.vault(request.service)
    key = content_key(f"voices/{voice_id}/reference", request.recording, facts.extension)
    try:
        stored = vault.put_verified(key, request.recording, facts.media_type)
    except VaultError as problem:
        raise OrderRefused(f"{problem} The recording was not stored, and nothing was spent.") from (
            None
        )
    summary = f"{facts.format}, {facts.seconds:.1f} s, {facts.sample_rate} Hz"
    return copy_evidence(voice_id, Role.REFERENCE, stored, summary, now)


def _voice_id(request: CloneRequest, offer: CloneOffer, name: str) -> str:
    if not offer.id_rule:
        return ""
    return request.voice_id or make_voice_id(name)


def make_voice_id(name: str) -> str:
    """Letters of the name and 8 random characters, at least one of them a digit."""
    plain = unicodedata.normalize("NFKD", name)
    letters = re.sub(r"[^A-Za-z]", "", plain)[:24] or "Voice"
    tail = "".join(secrets.choice(ID_DIGITS) for _ in range(7)) + secrets.choice("23456789")
    return letters + tail


def _asked(request: CloneRequest, offer: CloneOffer, facts: Recording) -> JsonObject:
    asked: JsonObject = {
        "kind": offer.kind,
        "media_type": facts.media_type,
        "seconds": round(facts.seconds, 2),
    }
    if offer.models:
        asked["model"] = request.model or offer.models[0]
    if offer.has_audio_options:
        asked |= {
            "noise_reduction": request.noise_reduction,
            "volume_normalization": request.volume_normalization,
            "accuracy": min(max(request.accuracy, 0.0), 1.0),
        }
    if offer.preview_text_max and request.preview_text:
        asked["preview_text"] = request.preview_text
    return asked
