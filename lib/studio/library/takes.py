"""Kept speech: deleted when somebody wants that, and given out as WAV or MP3."""

from __future__ import annotations

import io
from typing import Any

from lib.models import Job, JobKind, JobState, Take, Voice
from lib.recordings.inspect import UnreadableRecording
from lib.recordings.joining import Form, join
from lib.services import SpeechModel
from lib.studio.core.context import Context
from lib.studio.orders import cloning
from lib.studio.orders.cloning import OrderRefused
from lib.studio.storage.manifests import save_after_answer, save_voice_now

MAX_BYTES = 50_000_000
BEING_SPOKEN = (JobState.SUBMITTING, JobState.WAITING)
BEING_SPOKEN_TEXT = "A part of it is being spoken right now. Delete it a little later."
LONGEST_WAV = 1_800.0
"""Seconds: a longer one would be hundreds of megabytes, all of them in memory."""


class NoSound(Exception):
    """A take cannot be given out in this form; `str()` says why."""


def delete(context: Context, job_id: str, person: str) -> None:
    """Delete the sound and the text of a take; of a long text, those of all its parts.

    What it cost stays in the books. Raises `OrderRefused` while something is under way.
    """
    registry = context.registry
    job = registry.jobs.get(job_id)
    if job is None or job.kind is not JobKind.SPEECH:
        return
    parts = registry.readings.of(job.id) if job.is_whole else []
    if any(part.state in BEING_SPOKEN for part in parts):
        raise OrderRefused(BEING_SPOKEN_TEXT)
    for part in parts:
        if part.state in (JobState.CONFIRMED, JobState.UNKNOWN):
            cloning.withdraw(context, part, person)
    if job.is_whole:
        _cancel_whole(context, job)
    ids = [job.id, *(part.id for part in parts)]
    if not registry.takes.forget(ids, person=person, now=context.now(job.service)):
        raise OrderRefused(BEING_SPOKEN_TEXT)
    for part_id in ids:  # told to the vault at once: a container that ends now must not undo it
        if fresh := registry.jobs.get(part_id):
            save_after_answer(context, fresh)
    save_voice_now(context, job.voice_id)
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


def earlier(
    context: Context, voice: Voice, text: str, model: SpeechModel, settings: dict[str, Any]
) -> Take | None:
    """The newest take of exactly this whose sound is here, so that nobody pays for it again."""
    return context.registry.takes.same(
        voice_id=voice.id, text=text, model=model.id, settings=settings
    )


def converted(context: Context, take: Take, service: str, form: Form) -> bytes:
    """A take as this kind of file; the stored bytes themselves where they are that.

    Raises `NoSound` and `VaultError`.
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


def _cancel_whole(context: Context, whole: Job) -> None:
    """A whole that waits for its parts waits no more."""
    now = context.now(whole.service)
    why = "It was deleted before it was whole."
    context.registry.jobs.fail(whole.id, now=now, error=why, states=(JobState.WAITING,))
