"""Dry runs: what a command would do now, counted without writing, sending or spending anything."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lib.keeper.passes import JOBS_PER_ROUND, USES, Summary, due_steps, groups, outlook
from lib.models import Job, JobKind, JobState
from lib.registry import Registry
from lib.retention import StepKind
from lib.studio import channels, library, notices, telling, unreadable, vaulting
from lib.studio.workshop import Workshop
from lib.vault.base import VaultError

_COUNTED = {
    StepKind.ACTIVATE: "activated",
    StepKind.REFRESH: "refreshed",
    StepKind.MIRROR: "mirrored",
    StepKind.MOVE: "mirrored",
    StepKind.VERIFY: "verified",
}
"""Under which count of a summary a step of a voice stands."""
ALL = 1_000_000


def of_pass(workshop: Workshop) -> Summary:
    """What a pass would do now, in the words of its summary."""
    started = time.monotonic()
    summary = Summary()
    is_read = _vault_answers(workshop, summary)
    for services, now in groups(workshop):
        due = workshop.registry.jobs.due(services, now, JOBS_PER_ROUND)
        _count_jobs(summary, due, is_read=is_read)
    for _, step in due_steps(workshop, summary):
        if is_read or step.kind in USES:
            name = _COUNTED[step.kind]
            setattr(summary, name, getattr(summary, name) + 1)
    summary.notified = _untold(workshop)
    summary.blocked += [block.why for block in unreadable.blocks(workshop)]
    ahead = outlook(workshop)
    summary.blocked += ahead.blocked
    summary.next_due = ahead.next_due.isoformat() if ahead.next_due else None
    summary.duration_s = round(time.monotonic() - started, 3)
    return summary


def of_rebuild(workshop: Workshop) -> int:
    """How many manifests a rebuild would take: all are read, into a database that is thrown away.

    Raises `VaultError`.
    """
    with TemporaryDirectory(prefix="voicekeep-") as folder:
        scratch = Registry(f"sqlite:///{Path(folder) / 'scratch.db'}")
        try:
            vaulting.reconcile(replace(workshop, registry=scratch))
            return _newer(workshop, scratch)
        finally:
            scratch.close()


def _vault_answers(workshop: Workshop, summary: Summary) -> bool:
    """Whether the vault can be listed; a pass that cannot read it only keeps what it knows."""
    try:
        next(iter(workshop.live_vault.keys("voices/")), None)
    except VaultError as problem:
        summary.blocked.append(f"Your vault cannot be read: {problem}")
        return False
    return True


def _count_jobs(summary: Summary, due: Sequence[Job], *, is_read: bool) -> None:
    for job in due:
        if job.state is JobState.CONFIRMED:
            summary.sent += is_read or job.kind is JobKind.ACTIVATION
        else:
            summary.polled += job.state in (JobState.WAITING, JobState.UNKNOWN, JobState.DONE)


def _untold(workshop: Workshop) -> int:
    """How many warnings nobody was given yet."""
    if not channels.addresses(workshop):
        return 0
    blocks = telling.blocks(workshop, workshop.registry.notes.all())
    known = workshop.registry.notices.all()
    due = notices.due_notices(library.entries(workshop), blocks)
    return sum(any(name not in known for name in notice.ids) for notice in due)


def _newer(workshop: Workshop, scratch: Registry) -> int:
    """How many stories the scratch database has that ours lacks, or has in an older form."""
    ours = workshop.registry.voices.revisions()
    newer = sum(
        revision > ours.get(voice_id, -1)
        for voice_id, revision in scratch.voices.revisions().items()
    )
    for job in scratch.jobs.latest(services=workshop.settings.visible, limit=ALL):
        if job.kind is JobKind.SPEECH:
            known = workshop.registry.jobs.get(job.id)
            newer += known is None or known.revision < job.revision
    return newer
