"""The words of a recording: checked, priced → a confirmed job. Sends nothing.

The recording belongs to no voice yet. It waits on this disk until its order is sent, and what is
said in it comes to stand in the order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from lib.json_reading import JsonObject
from lib.models import Job, JobKind, JobState
from lib.pricing import transcription_price
from lib.recordings.inspect import Recording, inspect
from lib.recordings.problems import UnreadableRecording
from lib.roles import Permission, Person
from lib.services import SERVICES, TranscriptOffer
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.orders import wording
from lib.studio.orders.confirming import (
    ASK_AGAIN_WITHIN,
    OrderRefused,
    again_key,
    check_money,
    check_ready,
    commit,
    confirmed_at,
    order_key,
)
from lib.studio.orders.wording import Reason, sentence
from lib.vault.base import sha256_hex

LONGER_BY = 1.0
"""Seconds that a recording may be longer than the price was for: what a file is made of has a
length of its own."""


@dataclass(frozen=True)
class TranscriptRequest:
    """A recording whose words are wanted.

    `recording` is the part that is used, as a file of its own; `seconds` the length that the price
    was shown for. `language`: a code such as `de`; "" leaves it to the service.
    """

    service: str
    recording: bytes = field(repr=False)
    seconds: float
    person: Person
    language: str = ""


def offer_of(context: Context, service: str) -> TranscriptOffer | None:
    """How this service writes recordings down; None where it does not, or has no key here."""
    known = SERVICES.get(service)
    return known.transcript if known and service in context.settings.services else None


def transcribe(context: Context, request: TranscriptRequest) -> Job:
    """Keep the recording on this disk and commit the order; what to follow.

    The same order while one is open is that one: a double click makes one job. What was written
    down within the last day is not paid again. Raises `NotPermitted` and `OrderRefused`.
    """
    request.person.require(Permission.CLONE)
    offer = offer_of(context, request.service)
    if offer is None:
        raise OrderRefused(sentence(Reason.CANNOT_TRANSCRIBE))
    check_ready(context, request.service)
    facts = _judged(request, offer)
    price = transcription_price(offer, request.seconds)
    standpoint = standpoint_of(context)
    asked = _asked(request, offer, facts)
    made = confirmed_at(
        context,
        standpoint,
        JobKind.TRANSCRIPT,
        request.service,
        request.person,
        "",
        asked,
        price,
    )
    what = (asked["recording"], asked["model"], asked["language"])
    job = replace(made, order_key=order_key(made.service, made.account, *what))
    if known := _known(context, job):
        return known
    check_money(context, standpoint, job.service, price, job.person)
    with kept_for(context, job, request.recording):
        committed = commit(context, job)
    if committed is not job:  # another click was faster
        context.spool.drop_recording(job.id)
    return committed


@contextmanager
def kept_for(context: Context, job: Job, recording: bytes) -> Iterator[None]:
    """Keep the recording on this disk that an order is to send, which is committed in here; it
    goes again where that fails. Raises `OrderRefused`.
    """
    try:
        context.spool.put_recording(job.id, recording)
    except OSError:
        raise OrderRefused(sentence(Reason.DISK_FAILED)) from None
    try:
        yield
    except BaseException:
        context.spool.drop_recording(job.id)
        raise


def find(context: Context, job_id: str) -> Job | None:
    """An order for a transcript as it stands, or the one that was made in its place; None where
    there is none. Once it is done, its words are `Job.transcript`.
    """
    job = context.registry.jobs.get(job_id)
    if job is None or job.kind is not JobKind.TRANSCRIPT:
        return None
    since = context.registry.jobs.since(JobKind.TRANSCRIPT, job.service, job.created_at)
    by_key = {other.order_key: other for other in since}
    while job.state is JobState.FAILED and (later := by_key.get(again_key(job.id))):
        job = later
    return job


def _judged(request: TranscriptRequest, offer: TranscriptOffer) -> Recording:
    if not request.recording:
        raise OrderRefused(sentence(Reason.NO_RECORDING))
    if len(request.recording) > offer.direct_bytes:
        raise OrderRefused(wording.part_too_large(offer.direct_bytes))
    try:
        facts = inspect(request.recording)
    except UnreadableRecording as problem:
        raise OrderRefused(wording.recording_not_sent(str(problem))) from None
    if facts.format not in offer.formats:
        raise OrderRefused(wording.other_format(facts.format, offer.formats))
    if facts.seconds > request.seconds + LONGER_BY:
        raise OrderRefused(wording.longer_than_priced(request.seconds, facts.seconds))
    return facts


def _asked(request: TranscriptRequest, offer: TranscriptOffer, facts: Recording) -> JsonObject:
    return {
        "model": offer.model,
        "recording": sha256_hex(request.recording),
        "seconds": round(facts.seconds, 2),
        "media_type": facts.media_type,
        "extension": facts.extension,
        "language": request.language or "auto",
    }


def _known(context: Context, job: Job) -> Job | None:
    """The same order, where it is open, or has brought its words within the last day."""
    if twin := context.registry.jobs.open_order(job.order_key):
        return twin
    since = job.created_at - context.service_time(job.service, ASK_AGAIN_WITHIN)
    recent = context.registry.jobs.since(JobKind.TRANSCRIPT, job.service, since)
    same = (other for other in recent if other.order_key == job.order_key)
    return next((other for other in same if other.state is JobState.DONE), None)
