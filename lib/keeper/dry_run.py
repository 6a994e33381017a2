"""Dry runs: counts what a command would do now, without writing, sending or spending anything."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lib.keeper import wording
from lib.keeper.passes import JOBS_PER_ROUND, USES, Summary, due_steps, outlook, service_groups
from lib.models import OWN_STORY, Job, JobKind, JobState
from lib.registry import Registry
from lib.retention import StepKind
from lib.studio.alerts import channels, notices, notifying, unreadable_stories
from lib.studio.core.context import Context
from lib.studio.library import listing
from lib.studio.storage import manifests
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


def count_pass(context: Context) -> Summary:
    """What `one_pass` would do now, as the summary that it would return."""
    started = time.monotonic()
    summary = Summary()
    is_read = _vault_answers(context, summary)
    for services, now in service_groups(context):
        due = context.registry.jobs.due(services, now, JOBS_PER_ROUND)
        _count_jobs(summary, due, is_read=is_read)
        summary.polled += len(context.registry.long_texts.due(services, now, JOBS_PER_ROUND))
    # As in a pass: without the vault only the uses that keep voices are worth the risk.
    for _, step in due_steps(context, summary):
        if is_read or step.kind in USES:
            name = _COUNTED[step.kind]
            setattr(summary, name, getattr(summary, name) + 1)
    summary.notified = _pending_warnings(context)
    summary.blocked += [block.why for block in unreadable_stories.blocks(context)]
    ahead = outlook(context)
    summary.blocked += ahead.blocked
    summary.next_due = ahead.next_due.isoformat() if ahead.next_due else None
    summary.duration_s = round(time.monotonic() - started, 3)
    return summary


def count_rebuild(context: Context) -> int:
    """How many manifests `rebuild` would take into the database.

    All manifests are read into a temporary database, which is compared with the real one and then
    deleted. Raises `VaultError`.
    """
    with TemporaryDirectory(prefix="voicekeep-") as folder:
        scratch = Registry(f"sqlite:///{Path(folder) / 'scratch.db'}")
        try:
            manifests.reconcile(replace(context, registry=scratch))
            return _newer(context, scratch)
        finally:
            scratch.close()


def _vault_answers(context: Context, summary: Summary) -> bool:
    """Whether the vault can be listed; a pass that cannot read it only keeps what it knows."""
    try:
        next(iter(context.live_vault.keys("voices/")), None)
    except VaultError as problem:
        summary.blocked.append(wording.storage_unreadable(str(problem)))
        return False
    return True


def _count_jobs(summary: Summary, due: Sequence[Job], *, is_read: bool) -> None:
    for job in due:
        if job.state is JobState.CONFIRMED:
            summary.sent += is_read or job.kind is JobKind.ACTIVATION
        else:
            summary.polled += job.state in (JobState.WAITING, JobState.UNKNOWN, JobState.DONE)


def _pending_warnings(context: Context) -> int:
    """How many warnings were not sent yet."""
    if not channels.addresses(context):
        return 0
    blocks = notifying.blocks(context, context.registry.notes.all())
    known = context.registry.notices.all()
    due = notices.due_notices(listing.at_stake(context), blocks)
    return sum(any(name not in known for name in notice.ids) for notice in due)


def _newer(context: Context, scratch: Registry) -> int:
    """How many stories the scratch database has that ours lacks, or has in an older form."""
    ours = context.registry.voices.revisions()
    newer = sum(
        revision > ours.get(voice_id, -1)
        for voice_id, revision in scratch.voices.revisions().items()
    )
    services = context.settings.visible
    for job in scratch.jobs.latest(services=services, limit=ALL):
        if job.kind in OWN_STORY:
            known = context.registry.jobs.get(job.id)
            newer += known is None or known.revision < job.revision
    for text in scratch.long_texts.latest(services=services, limit=ALL):
        ours_too = context.registry.long_texts.get(text.id)
        newer += ours_too is None or ours_too.revision < text.revision
    return newer
