"""The first sound of a new voice, which whoever ordered it waits for."""

from __future__ import annotations

from datetime import timedelta

from lib.models import Dossier, Evidence, EvidenceKind, Job, JobKind, JobState, KeepPolicy, Role
from lib.retention import StepKind, steps
from lib.services import USE
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of

STORED_SOON = timedelta(minutes=10)
"""The audio of a use is in the vault so soon after it, or waits for something to be mended."""


def find(context: Context, dossier: Dossier) -> Evidence | None:
    """A stored copy of its preview, else of the sound of its first use."""
    vault = context.vault(dossier.voice.service).name
    uses = dossier.valid_evidence(EvidenceKind.ACTIVATION)
    heard = (seen for seen in uses if seen.key and seen.vault == vault)
    return dossier.copy(Role.PREVIEW, vault) or next(heard, None)


def is_coming(context: Context, job: Job, dossier: Dossier) -> bool:
    """Whether the voice that this order made has no sound yet, and will be heard in a moment."""
    voice = dossier.voice
    made = job.state is JobState.DONE and job.kind in (JobKind.CLONE, JobKind.DESIGN)
    if not made or voice.archived_at or find(context, dossier):
        return False
    # A preview that failed to come once may take hours: nobody waits on a page for that.
    if job.result.get("preview_url") and voice.copy_tries == 0:
        return True
    terms = standpoint_of(context).terms(voice)
    by_itself = voice.keep_policy is KeepPolicy.AT_ONCE or job.kind is JobKind.DESIGN
    if terms.rule.stopped_by != USE or not by_itself:
        return False
    now = context.now(job.service)
    latest = next(reversed(dossier.activations), None)
    if latest is None:
        step = steps(dossier, terms, now)[0]
        return step.kind is StepKind.ACTIVATE and not step.blocked
    if latest.state is JobState.DONE:
        ended = latest.finished_at or latest.created_at
        return now - ended < context.service_time(job.service, STORED_SOON)
    if latest.state is JobState.CONFIRMED:
        return not latest.attempts
    return latest.state in (JobState.SUBMITTING, JobState.WAITING)
