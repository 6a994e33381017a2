"""A voice from a recording: checked, priced, consented → a confirmed job. Sends nothing.

Every check of the pages is made here again; a refused order has cost nothing and stored nothing.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime

from lib.consent import Consent
from lib.json_reading import JsonObject
from lib.models import (
    MAX_REFRESH_DAYS,
    Evidence,
    Job,
    JobKind,
    KeepPolicy,
    Money,
    Role,
    Source,
    Voice,
    new_id,
)
from lib.pricing import clone_price
from lib.recordings.inspect import Recording, inspect
from lib.recordings.judge import judge
from lib.recordings.problems import UnreadableRecording
from lib.recordings.wording import reason_words
from lib.roles import Permission, Person
from lib.services import SERVICES, CloneOffer
from lib.studio.core import consents
from lib.studio.core.context import Context, NotConnected
from lib.studio.core.people import recorded_as
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.core.typed_text import name_fault, one_line, several_lines
from lib.studio.orders import consenting, originals, statements, wording
from lib.studio.orders.confirming import (
    OrderRefused,
    check_consent,
    check_money,
    check_ready,
    commit,
    confirmed,
    forget_files,
    open_twin,
    order_key,
)
from lib.studio.orders.consenting import NO_LIMITS, ConsentTerms
from lib.studio.orders.originals import Original
from lib.studio.orders.wording import Reason, sentence
from lib.studio.storage.manifests import copy_evidence
from lib.vault.base import VaultError, content_key, sha256_hex

MAX_TRANSCRIPT = 5_000
ID_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class CloneRequest:
    """A voice to be made from a recording, as a person filled it in.

    `recording` is what is sent; `original` is what was brought, where that is something else, and
    `changes` what was done to it: `{"edit": Edit.to_json(), "how": How}`. `no_speech_accepted`: the
    person knows that hardly anybody speaks in it. `voice_id` only where the person typed one.
    `another` counts deliberate repetitions. `refresh_days`: None for the team's own choice.
    `terms`: what whoever speaks agreed to, where no record of them holds. `consent_given` is the
    record of the voice whose kept recording is cloned again.
    """

    service: str
    kind: str
    name: str
    recording: bytes = field(repr=False)
    speaker: str
    consent: bool
    person: Person
    original: Original = field(default=b"", repr=False)
    changes: JsonObject = field(default_factory=dict)
    no_speech_accepted: bool = False
    voice_id: str = ""
    transcript: str = ""
    preview_text: str = ""
    model: str = ""
    noise_reduction: bool = False
    volume_normalization: bool = False
    accuracy: float = 0.7
    keep_policy: KeepPolicy = KeepPolicy.AT_ONCE
    refresh_days: int | None = None
    terms: ConsentTerms = NO_LIMITS
    consent_given: Consent | None = None
    another: int = 0


@dataclass(frozen=True)
class Checked:
    """An order that can be taken: as it was asked for, and all that follows from it.

    `key`: what makes it the same as another. `sha256`: of the recording.
    """

    request: CloneRequest
    offer: CloneOffer
    facts: Recording
    asked: JsonObject
    account: str
    sha256: str
    key: str

    @property
    def price(self) -> Money:
        return clone_price(self.offer)


def clone(context: Context, request: CloneRequest) -> Job:
    """Store the recording and what was brought, read them back, commit the order.

    The same order while one is open is that one: a double click makes one job. Raises
    `NotPermitted`, `OrderRefused` and `AskFirst`.
    """
    request.person.require(Permission.CLONE)
    standpoint = standpoint_of(context)
    checked = check(context, standpoint, request)
    check_money(context, standpoint, request.service, checked.price, recorded_as(request.person))
    return known(context, checked) or make(context, standpoint, checked)


def check(context: Context, standpoint: Standpoint, request: CloneRequest) -> Checked:
    """All that can be said of an order but whether it can be paid. Raises `OrderRefused`."""
    offer = _offer(context, request.service, request.kind)
    request = _typed(request)
    _check_clone(context, request, offer)
    facts = _judged(context, request.recording, offer)
    if not request.no_speech_accepted:
        _check_speech(request.recording)
    sha256 = sha256_hex(request.recording)
    asked = _asked(request, offer, facts) | {"recording": sha256, "another": request.another}
    if originals.digest(request.original) in ("", sha256):
        request = replace(request, original=b"")
    else:
        asked["original"] = originals.digest(request.original)
    if request.changes:
        asked["changes"] = originals.noted(request.changes)
    try:
        account = standpoint.account(request.service)
    except NotConnected as problem:
        raise OrderRefused(str(problem)) from None
    key = order_key(
        request.service, account, request.name, request.voice_id, request.transcript, asked
    )
    return Checked(request, offer, facts, asked, account, sha256, key)


def known(context: Context, checked: Checked) -> Job | None:
    """The same order, where it is open. Raises `AskFirst`."""
    request = checked.request
    same = {"recording": checked.sha256, "kind": request.kind}
    return open_twin(
        context,
        JobKind.CLONE,
        request.service,
        checked.key,
        is_same=lambda job: same.items() <= job.request.items(),
        another=request.another,
        question=wording.ordered_lately(SERVICES[request.service].title),
    )


def make(context: Context, standpoint: Standpoint, checked: Checked) -> Job:
    """Store the files of an order that was checked, and commit it. Raises `OrderRefused`."""
    request, offer = checked.request, checked.offer
    now = context.now(request.service)
    consent = request.consent_given or consenting.agreed(
        context, request.service, request.speaker, request.terms, request.person
    )
    voice = Voice(
        id=new_id(),
        name=request.name,
        kind=offer.kind,
        source=Source.CLONED,
        service=request.service,
        account=checked.account,
        created_at=now,
        provider_voice_id=_voice_id(request, offer, request.name),
        id_made_here=bool(offer.id_rule) and not request.voice_id,
        transcript=request.transcript if offer.takes_transcript else "",
        owner=recorded_as(request.person),
        consent=consent,
        keep_policy=request.keep_policy,
        refresh_days=refresh_days(context, request.refresh_days),
    )
    asked = checked.asked | {"voice_id": voice.provider_voice_id}
    files = _store(context, checked, voice.id, consent, now)
    job = confirmed(
        context,
        standpoint,
        JobKind.CLONE,
        voice,
        request.person,
        checked.key,
        asked,
        checked.price,
    )
    return commit(context, job, voice, files)


def check_voice_id(text: str, offer: CloneOffer) -> str:
    """The sentence that says what is wrong with a typed voice ID, or "" if it will do."""
    if not offer.id_rule or offer.id_rule.fullmatch(text):
        return ""
    return wording.bad_voice_id(offer.id_rule_words)


def refresh_days(context: Context, choice: int | None) -> int:
    """How often a new voice is to be used again, in days; None: the team's own choice."""
    if choice is None:
        return context.settings.team.refresh_days
    return min(max(choice, 0), MAX_REFRESH_DAYS)


def _offer(context: Context, service: str, kind: str) -> CloneOffer:
    offer = SERVICES[service].clone_offer(kind) if service in SERVICES else None
    if offer is None or service not in context.settings.services:
        raise OrderRefused(sentence(Reason.NOT_CONNECTED))
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
        who=sentence(Reason.NO_SPEAKER),
        tick=sentence(Reason.CLONING_NOT_AGREED),
    )
    now, given = context.now(request.service), request.consent_given
    if given and (fault := consents.why_not_clone(given, now)):
        raise OrderRefused(wording.nothing_spent(fault))
    consenting.check_terms(request.terms, now)
    if request.voice_id and (fault := check_voice_id(request.voice_id, offer)):
        raise OrderRefused(fault)
    if len(request.preview_text) > offer.preview_text_max > 0:
        raise OrderRefused(wording.preview_too_long(offer.preview_text_max))
    if len(request.transcript) > MAX_TRANSCRIPT:
        raise OrderRefused(wording.transcript_too_long(MAX_TRANSCRIPT))
    if request.model and request.model not in offer.models:
        raise OrderRefused(sentence(Reason.CANNOT_CLONE))


def can_send_links(context: Context, service: str) -> bool:
    """Whether this service can fetch a recording from an address that the vault hands out."""
    return context.vault(service).name.startswith("s3://")


def _check_speech(recording: bytes) -> None:
    """Raises `OrderRefused` where next to nobody speaks: a clone of it costs as much as any."""
    from lib.recordings.listening import listen, measure
    from lib.recordings.quality import assess
    from lib.recordings.reasons import Finding

    try:
        quality = assess(measure(listen(recording)))
    except UnreadableRecording as problem:
        raise OrderRefused(str(problem)) from None
    if Finding.NO_SPEECH in quality.findings:
        raise OrderRefused(sentence(Reason.NO_SPEECH))


def _judged(context: Context, recording: bytes, offer: CloneOffer) -> Recording:
    try:
        facts = inspect(recording)
    except UnreadableRecording as problem:
        raise OrderRefused(str(problem)) from None
    by_link = can_send_links(context, offer.service)
    verdict = judge(facts, offer, len(recording), by_link=by_link)
    if not verdict.accepted:
        raise OrderRefused(reason_words(verdict.why))
    return facts


def _store(
    context: Context, checked: Checked, voice_id: str, consent: Consent, now: datetime
) -> tuple[Evidence, ...]:
    """Storage is proven before money is spent: of the recording, of what it was made from, and of
    what shows that its speaker agrees.
    """
    request, facts = checked.request, checked.facts
    vault = context.vault(request.service)
    key = content_key(f"voices/{voice_id}/{Role.REFERENCE}", request.recording, facts.extension)
    try:
        stored = vault.put_verified(key, request.recording, facts.media_type)
    except VaultError as problem:
        raise OrderRefused(wording.recording_not_stored(str(problem))) from None
    summary = f"{facts.format}, {facts.seconds:.1f} s, {facts.sample_rate} Hz"
    files = [copy_evidence(voice_id, Role.REFERENCE, stored, summary, now)]
    try:
        if request.original:
            original = originals.store(context, request.service, voice_id, request.original, now)
            files += [original] if original else []
        if statement := request.terms.statement or statements.kept(context, consent):
            files.append(statements.store(context, request.service, voice_id, statement, now))
    except OrderRefused:
        forget_files(context, request.service, files)
        raise
    return tuple(files)


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
