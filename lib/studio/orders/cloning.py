"""What a person asks for: checked, priced, consented → a confirmed job. Sends nothing.

Every check of the pages is made here again; a refused order has cost nothing and stored nothing
but, at most, the recording.
"""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from lib.models import (
    MAX_REFRESH_DAYS,
    Consent,
    ErrorKind,
    Evidence,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    Money,
    Role,
    Source,
    Voice,
    VoiceKind,
    new_id,
)
from lib.pricing import clone_price
from lib.recordings.inspect import Recording, UnreadableRecording, inspect
from lib.recordings.judge import judge
from lib.registry import AlreadyOrdered, OverBudget
from lib.services import SERVICES, CloneOffer
from lib.studio.core import money
from lib.studio.core.context import Context
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.core.typed_text import one_line, several_lines
from lib.studio.storage.manifests import copy_evidence
from lib.vault.base import VaultError, content_key, sha256_hex

SEND_WITHIN = timedelta(minutes=15)
"""A confirmed order not sent by then is not sent by itself any more."""
ASK_AGAIN_WITHIN = timedelta(hours=24)
MAX_NAME = 80
MAX_TRANSCRIPT = 5_000
ID_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

NO_BUCKET = (
    "Nothing on this server survives a restart. Connect a bucket first: paste VAULT_URL and the "
    "bucket's keys into the secrets (Settings shows the lines). Nothing was sent."
)


class OrderRefused(Exception):
    """An order cannot be taken as it is; `str()` says why and what to do. Nothing was spent."""


class AskFirst(Exception):
    """The same was ordered lately. `another` is to be passed to order it once more."""

    def __init__(self, sentence: str, another: int) -> None:
        super().__init__(sentence)
        self.another = another


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
    person: str
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
    """Store the recording, read it back, commit the order. Raises `OrderRefused`, `AskFirst`.

    The same order while one is open is that one: a double click makes one job.
    """
    offer = _offer(context, request.service, request.kind)
    request = _typed(request)
    name = request.name
    _check_clone(context, request, offer, name)
    facts = _judged(request.recording, offer)
    price = clone_price(offer)
    standpoint = standpoint_of(context)
    check_money(context, standpoint, request.service, price)
    now = context.now(request.service)
    sha256 = sha256_hex(request.recording)
    asked = _asked(request, offer, facts) | {"recording": sha256, "another": request.another}
    account = standpoint.account(request.service)
    key = order_key(request.service, account, name, request.voice_id, request.transcript, asked)
    lately = _ordered_lately(context, request, sha256, now)
    # Looked up after the orders of the day: the same order, committed in between, is found here.
    if twin := context.registry.jobs.open_order(key):
        return twin
    _ask_first(request, lately)
    voice = Voice(
        id=new_id(),
        name=name,
        kind=VoiceKind(offer.kind),
        source=Source.CLONED,
        service=request.service,
        account=account,
        created_at=now,
        provider_voice_id=_voice_id(request, offer, name),
        id_made_here=bool(offer.id_rule) and not request.voice_id,
        transcript=request.transcript if offer.takes_transcript else "",
        owner=request.person,
        consent=request.consent_given or Consent(request.speaker[:MAX_NAME], request.person, now),
        keep_policy=request.keep_policy,
        refresh_days=refresh_days(context, request.refresh_days),
    )
    asked |= {"voice_id": voice.provider_voice_id}
    reference = _store_reference(context, request, voice.id, facts, now)
    job = confirmed(context, standpoint, JobKind.CLONE, voice, request.person, key, asked, price)
    return commit(context, job, voice, reference)


def commit(
    context: Context, job: Job, voice: Voice | None = None, recording: Evidence | None = None
) -> Job:
    """Make an order, if it fits into the month's budget; the one that is open, if it is the same.

    Raises `OrderRefused`.
    """
    budget = money.budget_for(context)
    try:
        with within_budget():
            context.registry.jobs.order(job, voice, recording, budget=budget)
    except AlreadyOrdered as already:
        _forget_recording(context, job, recording)
        return already.job
    except OrderRefused:
        _forget_recording(context, job, recording)
        raise
    context.wake()
    return job


def _forget_recording(context: Context, job: Job, recording: Evidence | None) -> None:
    """Delete the recording of an order that was not made: without a story it would be taken for
    what is left of a voice.
    """
    if recording:
        with suppress(VaultError):
            context.vault(job.service).delete(recording.key)


def commit_instead(
    context: Context, unknown: Job, job: Job, *, voice_fields: dict[str, Any], why: str
) -> Job:
    """Give up an order whose outcome nobody knows, and make this one, if it fits as well.

    Raises `OrderRefused`.
    """
    budget = money.budget_for(context)
    with within_budget():
        ordered = context.registry.jobs.order_instead(
            unknown, job, voice_fields=voice_fields, why=why, budget=budget
        )
    if not ordered:
        raise OrderRefused("This order has moved on meanwhile.")
    context.wake()
    return job


@contextmanager
def within_budget() -> Iterator[None]:
    """What does not fit into a budget is refused in a sentence. Raises `OrderRefused`."""
    try:
        yield
    except OverBudget as problem:
        told = money.over_budget(problem)
        raise OrderRefused(f"{told} Nothing was ordered, and nothing was spent.") from None


def confirmed(
    context: Context,
    standpoint: Standpoint,
    kind: JobKind,
    voice: Voice,
    person: str,
    key: str,
    request: dict[str, Any],
    estimate: Money,
) -> Job:
    """An order that a person has just agreed to. It is sent soon, or not by itself at all.

    `key`: what makes it the same as another. Raises `NotConnected` where no key is in use.
    """
    now = context.now(voice.service)
    return Job(
        id=new_id(),
        voice_id=voice.id,
        kind=kind,
        state=JobState.CONFIRMED,
        order_key=key,
        service=voice.service,
        account=standpoint.account(voice.service),
        created_at=now,
        person=person,
        request=request,
        estimate=estimate,
        send_before=now + context.service_time(voice.service, SEND_WITHIN),
    )


def send_after_all(context: Context, job: Job, person: str) -> None:
    """A person wants an order sent that was not sent in time. Raises `OrderRefused`."""
    check_money(context, standpoint_of(context), job.service, job.estimate)
    now = context.now(job.service)
    until = now + context.service_time(job.service, SEND_WITHIN)
    budget = money.budget_for(context)
    with within_budget():
        renewed = context.registry.jobs.renew(
            job.id, person=person, now=now, send_before=until, budget=budget
        )
    if not renewed:
        raise OrderRefused("This order has moved on meanwhile.")
    context.wake()


def withdraw(context: Context, job: Job, person: str) -> None:
    """A person gives up an order that was not sent, or one whose outcome nobody knows.

    Raises `OrderRefused` where it is neither, or was sent since the person looked.
    """
    sent = job.state is JobState.UNKNOWN
    why = (
        "Given up: nobody knows whether it was made and charged."
        if sent
        else "Withdrawn before it was sent. Nothing was spent."
    )
    given_up = context.registry.jobs.fail(
        job.id,
        now=context.now(job.service),
        error=why,
        error_kind=ErrorKind.UNKNOWN_OUTCOME if sent else "",
        error_tells_cost=not sent,
        charged=job.perhaps_charged if sent else Money(),
        states=(JobState.UNKNOWN if sent else JobState.CONFIRMED,),
        person=person,
    )
    if not given_up:
        raise OrderRefused("This order has moved on meanwhile.")


def check_voice_id(text: str, offer: CloneOffer) -> str:
    """The sentence that says what is wrong with a typed voice ID, or "" if it will do."""
    if not offer.id_rule or offer.id_rule.fullmatch(text):
        return ""
    return f"This voice ID will not do. {offer.id_rule_words}"


def refresh_days(context: Context, wish: int | None) -> int:
    """How often a new voice is to be used again, in days; None: the team's own choice."""
    if wish is None:
        return context.settings.team.refresh_days
    return min(max(wish, 0), MAX_REFRESH_DAYS)


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
        person=one_line(request.person),
        voice_id=one_line(request.voice_id),
        transcript=one_line(request.transcript),
        preview_text=several_lines(request.preview_text),
    )


def _check_clone(context: Context, request: CloneRequest, offer: CloneOffer, name: str) -> None:
    if not context.runtime.reconciliation.finished:
        raise OrderRefused("Your vault is still being read. Try again in a moment.")
    if not name:
        raise OrderRefused("Give the voice a name.")
    if len(name) > MAX_NAME:
        raise OrderRefused(f"The name is too long: {MAX_NAME} characters at most.")
    if not request.speaker:
        raise OrderRefused("Say who speaks in the recording.")
    if not request.consent:
        raise OrderRefused("Tick that the person in the recording agrees to be cloned.")
    if not request.person:
        raise OrderRefused("Say who you are.")
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
    check_durable(context, request.service)
    if len(request.recording) > offer.direct_bytes and not _has_addresses(context, request):
        raise OrderRefused(
            f"This recording is over {offer.direct_bytes / 1e6:.0f} MB, more than can be sent "
            "directly. Connect a bucket, or save it as an MP3 and bring that."
        )


def _has_addresses(context: Context, request: CloneRequest) -> bool:
    """Whether the vault can hand out addresses that a service could fetch from."""
    return context.vault(request.service).name.startswith("s3://")


def check_durable(context: Context, service: str) -> None:
    """Raises `OrderRefused` where a paid thing could not be kept."""
    if not context.vault_counts(service):
        raise OrderRefused(NO_BUCKET)


def _judged(recording: bytes, offer: CloneOffer) -> Recording:
    if not recording:
        raise OrderRefused("This file is empty.")
    if len(recording) > offer.max_bytes:
        raise OrderRefused(f"This recording is over {offer.max_bytes / 1e6:.0f} MB.")
    try:
        facts = inspect(recording)
    except UnreadableRecording as problem:
        raise OrderRefused(str(problem)) from None
    verdict = judge(facts, offer, len(recording))
    if not verdict.accepted:
        raise OrderRefused(verdict.reason)
    return facts


def check_money(context: Context, standpoint: Standpoint, service: str, price: Money) -> None:
    """Raises `OrderRefused` where the budget or the balance last seen does not reach."""
    if fault := money.fault(context, standpoint, service, price):
        raise OrderRefused(fault)


def _ordered_lately(context: Context, request: CloneRequest, sha256: str, now: datetime) -> int:
    """How often this recording was ordered here within the last day, failed orders apart."""
    since = now - context.service_time(request.service, ASK_AGAIN_WITHIN)
    return sum(
        job.request.get("recording") == sha256
        and job.request.get("kind") == request.kind
        and job.state is not JobState.FAILED
        for job in context.registry.jobs.since(JobKind.CLONE, request.service, since)
    )


def _ask_first(request: CloneRequest, lately: int) -> None:
    if lately > request.another:
        title = SERVICES[request.service].title
        raise AskFirst(
            f"This recording was ordered at {title} within the last day. "
            "Another clone is charged again.",
            another=lately,
        )


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


def _asked(request: CloneRequest, offer: CloneOffer, facts: Recording) -> dict[str, Any]:
    asked: dict[str, Any] = {
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


def order_key(*parts: object) -> str:
    """What makes two orders the same one."""
    return sha256_hex(json.dumps(parts, sort_keys=True, default=str).encode())
