"""Old uses of a voice, summed up month by month, so that its story never outgrows its reader. Pure.

What proves the voice stays as it is: the latest uses and answers, the latest use whose sound never
came, checked copies, the word of who listened, every order that made it. Of older uses the sums
stay, to the micro-dollar, as an order that stands for many: each group holds only orders that every
rule judges alike. Their sounds stay in the vault, and are not read again any more.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from lib.models import Dossier, Evidence, EvidenceKind, Heard, Job, JobKind, Money

KEPT = 100
"""The latest uses that are told one by one; of the latest answers and proofs as many."""

SHARED = ("again", "purpose")
"""What an order asks for that decides how it counts."""


def summed_up(dossier: Dossier, kept: int = KEPT) -> Dossier:
    """The same story with its old uses summed up; itself where there are none."""
    evidence = _kept_evidence(dossier, kept)
    uses = dossier.activations
    needed = {job.id for job in uses[-kept:]} | {item.job_id for item in evidence}
    needed |= {job.id for job in [use for use in uses if use.is_used][-1:]}
    old = [job for job in uses if job.id not in needed and _is_settled(job)]
    if not old and len(evidence) == len(dossier.evidence):
        return dossier
    proof = _latest_use(dossier)
    groups: dict[tuple[object, ...], list[Job]] = defaultdict(list)
    for job in old:
        groups[_alike(job, proof)].append(job)
    gone = {job.id for job in old}
    sums = tuple(_sum(key, jobs) for key, jobs in groups.items())
    jobs = (*(job for job in dossier.jobs if job.id not in gone), *sums)
    return replace(dossier, jobs=jobs, evidence=evidence)


def tells_of(story: Dossier, job: Job) -> bool:
    """Whether an order is in a story, by itself or in one of its sums."""
    if any(other.id == job.id for other in story.jobs):
        return True
    return job.kind is JobKind.ACTIVATION and any(
        other.created_at <= job.created_at and until_of(job) <= until_of(other)
        for other in story.activations
        if other.is_sum
    )


def until_of(job: Job) -> datetime:
    """When the last of the orders was made that this one stands for."""
    try:
        until = datetime.fromisoformat(str(job.request["until"])) if job.is_sum else job.created_at
    except (KeyError, ValueError):
        return job.created_at
    return until if until.tzinfo else job.created_at


def _kept_evidence(dossier: Dossier, kept: int) -> tuple[Evidence, ...]:
    """What every judgement about the voice needs, and the latest of all else."""
    seen = sorted(dossier.evidence, key=lambda item: item.at)
    by_kind = {kind: [item for item in seen if item.kind is kind] for kind in EvidenceKind}
    needed = {item.id for items in by_kind.values() for item in items[-kept:]}
    needed |= {item.id for item in dossier.valid_evidence(EvidenceKind.COPY)}
    heard = [item for item in seen if item.heard_at and item.heard is not Heard.NOT_YET]
    needed |= {item.id for item in sorted(heard, key=lambda item: item.heard_at or item.at)[-1:]}
    proof = _latest_use(dossier)
    needed |= {proof.id} if proof else set()
    denied = dossier.valid_evidence(EvidenceKind.NOT_FOUND)
    after = [item for item in denied if proof is None or item.at > proof.at]
    needed |= {item.id for item in after[:1]}
    return tuple(item for item in dossier.evidence if item.id in needed)


def _latest_use(dossier: Dossier) -> Evidence | None:
    uses = dossier.valid_evidence(EvidenceKind.ACTIVATION)
    return uses[-1] if uses else None


def _is_settled(job: Job) -> bool:
    """Nothing more will become known about it."""
    return not job.is_open and job.next_check_at is None


def _alike(job: Job, proof: Evidence | None) -> tuple[object, ...]:
    """Orders for which this is the same count and cost the same way in every rule."""
    month = job.created_at.astimezone(UTC)
    return (
        job.voice_id,
        f"{month:%Y-%m}",
        job.service,
        job.account,
        job.person,
        job.state.value,
        job.error_kind.value,
        job.submitted_at is not None,
        job.seems_free,
        job.charged is not None,
        job.request.get("again") is True,
        job.purpose,
        proof is not None and job.created_at > proof.at,
    )


def _sum(key: tuple[object, ...], jobs: list[Job]) -> Job:
    """One order that stands for all of these."""
    name = f"sum-{hashlib.sha256(repr(key).encode()).hexdigest()[:24]}"
    last = max(jobs, key=until_of)
    asked = {"summed": sum(job.stands_for for job in jobs), "until": until_of(last).isoformat()}
    asked |= {name: last.request[name] for name in SHARED if last.request.get(name)}
    ends = [job.finished_at for job in jobs if job.finished_at]
    sent = [job.submitted_at for job in jobs if job.submitted_at]
    return Job(
        id=name,
        voice_id=last.voice_id,
        kind=last.kind,
        state=last.state,
        order_key=name,
        service=last.service,
        account=last.account,
        created_at=min(job.created_at for job in jobs),
        person=last.person,
        request=asked,
        estimate=Money.total(job.estimate for job in jobs),
        submitted_at=min(sent, default=None),
        finished_at=max(ends, default=None),
        inquiry=last.inquiry,
        last_answer=last.last_answer,
        error=last.error,
        error_kind=last.error_kind,
        error_tells_cost=last.error_tells_cost,
        charged=_total(job.charged for job in jobs),
        refunded=_total(job.refunded for job in jobs),
        balance_before=last.balance_before if last.seems_free else None,
        balance_after=last.balance_after if last.seems_free else None,
    )


def _total(amounts: Iterable[Money | None]) -> Money | None:
    known = [amount for amount in amounts if amount is not None]
    return Money.total(known) if known else None
