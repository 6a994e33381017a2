"""Takes, which are kept speech: deleting them, and converting them to WAV or MP3."""

from __future__ import annotations

import io
from collections.abc import Collection
from typing import Any

from lib.models import JobKind, JobState, Take, Voice
from lib.recordings.inspect import UnreadableRecording
from lib.recordings.joining import join
from lib.recordings.writing import Form
from lib.roles import Permission, Person
from lib.services import SpeechModel
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.orders import confirming
from lib.studio.orders.confirming import OrderRefused
from lib.studio.storage.manifests import save_now

MAX_BYTES = 50_000_000
BEING_SPOKEN = (JobState.SUBMITTING, JobState.WAITING)
BEING_SPOKEN_TEXT = "A part of it is being spoken right now. Delete it a little later."
LONGEST_WAV = 1_800.0
"""Seconds: a longer one would be hundreds of megabytes, all of them in memory."""


class NoSound(Exception):
    """A take cannot be converted to this form; `str()` is a sentence."""


def delete(context: Context, take_id: str, person: Person) -> None:
    """Delete the sound and the text of a take; of a long text, those of all its parts.

    What it cost stays on record. Raises `NotPermitted`, and `OrderRefused` while a part is being
    spoken.
    """
    person.require(Permission.SPEAK)
    registry = context.registry
    text, job = registry.long_texts.get(take_id), registry.jobs.get(take_id)
    order = text or (job if job and job.kind is JobKind.SPEECH else None)
    if order is None:
        return
    parts = registry.long_texts.parts(take_id) if text else []
    if any(part.state in BEING_SPOKEN for part in parts):
        raise OrderRefused(BEING_SPOKEN_TEXT)
    for part in parts:
        if part.state in (JobState.CONFIRMED, JobState.UNKNOWN):
            confirming.withdraw(context, part, person)
    now = context.now(order.service)
    if text:
        registry.long_texts.fail(take_id, now=now, error="It was deleted before it was whole.")
    ids = [take_id, *(part.id for part in parts)]
    if not registry.takes.forget(ids, person=recorded_as(person), now=now):
        raise OrderRefused(BEING_SPOKEN_TEXT)
    for gone in ids:  # told to the vault at once: a container that ends now must not undo it
        save_now(context, "takes", gone)
    save_now(context, "voices", order.voice_id)
    context.wake()


def latest(context: Context, limit: int, *, search: str = "", skip: int = 0) -> list[Take]:
    """The newest takes of the services that are shown, newest first; parts of a whole left out.

    `search`: words that all occur in the text or in the name of the voice.
    """
    services = context.settings.visible
    return context.registry.takes.latest(services=services, limit=limit, search=search, skip=skip)


def count(context: Context, search: str = "") -> int:
    """How many takes `latest` goes through."""
    return context.registry.takes.count(services=context.settings.visible, search=search)


def spoken_in_parts(context: Context, shown: Collection[Take]) -> set[str]:
    """The IDs of those of these takes that were joined from parts which are still known."""
    return set(context.registry.long_texts.sums([take.id for take in shown]))


def earlier(
    context: Context, voice: Voice, text: str, model: SpeechModel, settings: dict[str, Any]
) -> Take | None:
    """The newest take of exactly this whose sound is here, so that nobody pays for it again."""
    return context.registry.takes.same(
        voice_id=voice.id, text=text, model=model.id, settings=settings
    )


def converted(context: Context, take: Take, service: str, form: Form) -> bytes:
    """The bytes of a take as this kind of file; the stored bytes themselves where they are that.

    `service`: with which its voice speaks, which decides on the vault. Raises `NoSound` where it
    is too long for a WAV or cannot be decoded, and `VaultError`.
    """
    if form is Form.WAV and take.seconds > LONGEST_WAV:
        raise NoSound("This sound is too long for a WAV. Save it as an MP3.")
    data = context.vault(service).get(take.key, max_bytes=MAX_BYTES)
    if take.key.endswith(f".{form}"):
        return data
    target = io.BytesIO()
    try:
        join([data], target, form)
    except UnreadableRecording as problem:
        raise NoSound(str(problem)) from None
    return target.getvalue()
