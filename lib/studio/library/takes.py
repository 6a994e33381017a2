"""Takes, which are kept speech: deleting them, and converting them to WAV or MP3."""

from __future__ import annotations

import io

from lib.models import JobKind, JobState, Take
from lib.recordings.inspect import UnreadableRecording
from lib.recordings.joining import Form, join
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
    """A take cannot be converted to this form; `str()` is a sentence."""


def delete(context: Context, job_id: str, person: str) -> None:
    """Delete the sound and the text of a take; of a long text, those of all its parts.

    What it cost stays on record. Raises `OrderRefused` while a part is being spoken.
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
        why = "It was deleted before it was whole."
        now = context.now(job.service)
        registry.jobs.fail(job.id, now=now, error=why, states=(JobState.WAITING,))
    ids = [job.id, *(part.id for part in parts)]
    if not registry.takes.forget(ids, person=person, now=context.now(job.service)):
        raise OrderRefused(BEING_SPOKEN_TEXT)
    for part_id in ids:  # saved at once: a container that ends now must not bring it back
        if fresh := registry.jobs.get(part_id):
            save_after_answer(context, fresh)
    save_voice_now(context, job.voice_id)
    context.wake()


def converted(context: Context, take: Take, service: str, form: Form) -> bytes:
    """A take as a file of this form; the stored bytes themselves if they have it already.

    Raises `NoSound` if it is too long or cannot be read as sound, and `VaultError`.
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
