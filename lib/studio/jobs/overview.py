"""Orders as people follow them: one with all that belongs to it, or a list of the newest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.models import Dossier, Job, JobKind, Take, Voice
from lib.registry.readings import PartsSum
from lib.studio.core.context import Context
from lib.studio.jobs import long_texts
from lib.studio.jobs.long_texts import Reading


@dataclass(frozen=True)
class Followed:
    """One order as it stands, with its voice, as far as that is still here.

    `dossier`: the story of the voice, for all orders but speech. `take`: the sound of a speech,
    once it is there. `text`: how the parts of a long text stand, where it is one.
    """

    job: Job
    voice: Voice | None = None
    dossier: Dossier | None = None
    take: Take | None = None
    text: Reading | None = None


@dataclass(frozen=True)
class Line:
    """One order in a list; `parts` counts those of a long text, and what they cost."""

    job: Job
    voice: Voice | None
    parts: PartsSum


def find(context: Context, job_id: str) -> Followed | None:
    """One order of the services that are shown; None where there is no such order."""
    registry = context.registry
    job = registry.jobs.get(job_id)
    if job is None or job.service not in context.settings.visible:
        return None
    if job.kind is not JobKind.SPEECH:
        dossier = registry.voices.dossier(job.voice_id)
        return Followed(job, dossier.voice if dossier else None, dossier)
    voice = registry.voices.get(job.voice_id)
    if job.is_whole:
        text = long_texts.find(context, job)
        return Followed(job, voice, take=text.take, text=text)
    return Followed(job, voice, take=registry.takes.get(job_id))


def latest(context: Context) -> list[Job]:
    """The newest orders of the services that are shown; the parts of long texts left out."""
    return context.registry.jobs.latest(services=context.settings.visible, parts=False)


def unfinished(context: Context, limit: int) -> list[Job]:
    """The newest long texts that are not whole yet, so many at most."""
    return context.registry.readings.unfinished(services=context.settings.visible, limit=limit)


def lines(context: Context, jobs: Sequence[Job]) -> list[Line]:
    """These orders with their voices and parts; a few queries however many there are."""
    found = context.registry.voices.dossiers(ids={job.voice_id for job in jobs})
    voices = {item.voice.id: item.voice for item in found}
    sums = context.registry.readings.sums([job.id for job in jobs if job.is_whole])
    return [Line(job, voices.get(job.voice_id), sums.get(job.id, PartsSum())) for job in jobs]


def check_now(context: Context, job: Job) -> None:
    """A person wants the service asked about this order now; the keeper does it."""
    context.registry.jobs.check_now(job.id, context.now(job.service))
    context.wake()
