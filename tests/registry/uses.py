"""A voice that was used day after day, and what that cost."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from lib.models import (
    Dossier,
    ErrorKind,
    Evidence,
    EvidenceKind,
    Job,
    JobKind,
    JobState,
    Money,
    Role,
    Voice,
)
from lib.services import MINIMAX
from tests.parts.clock import START
from tests.registry.records import VAULT, a_copy, a_job, a_voice, evidence_of

DAY = timedelta(days=1)
PRICE = Money(4_321)
TEXT = "This voice is used once so that it is kept. " * 4


def a_use(voice: Voice, number: int, at: datetime, **fields: Any) -> Job:
    """One order to use a voice, as the keeper makes it."""
    plain: dict[str, Any] = {
        "id": f"use-{number:05}",
        "kind": JobKind.ACTIVATION,
        "state": JobState.DONE,
        "created_at": at,
        "submitted_at": at,
        "finished_at": at + timedelta(seconds=4),
        "person": "Voicekeep",
        "estimate": PRICE,
        "charged": PRICE,
        "request": {"model": "speech", "text": TEXT, "voice_id": "Ann", "again": number > 0},
        "ticket": {"run_id": f"run-{number}", "kind": MINIMAX, "for_speech": True, "echo": {}},
        "result": {"audio_url": "https://host.example/" + "a" * 80, "finished": True},
        "balance_before": Money(9_000_000),
        "last_answer": "Done.",
    }
    return a_job(voice, **(plain | fields))


def proof_by(job: Job) -> Evidence:
    key = f"voices/{job.voice_id}/activation/{job.id}.mp3"
    return evidence_of(
        job.voice_id,
        EvidenceKind.ACTIVATION,
        id=f"of-{job.id}",
        at=job.finished_at or job.created_at,
        job_id=job.id,
        role=Role.ACTIVATION,
        vault=VAULT,
        key=key,
        sha256="0" * 64,
        summary=TEXT,
        cost=PRICE,
    )


def used_daily(days: int, *, refused: int = 0) -> Dossier:
    """A voice that was used once a day, and refused some times after that."""
    voice = a_voice(refresh_days=1, clock_start=START)
    making = a_job(voice, state=JobState.DONE, charged=Money.usd(1), finished_at=START)
    uses = [a_use(voice, number, START + number * DAY) for number in range(days)]
    tries = [
        a_use(
            voice,
            days + number,
            START + days * DAY + number * timedelta(minutes=15),
            state=JobState.FAILED,
            error_kind=ErrorKind.KEY,
            error="The key was refused.",
            charged=Money(),
        )
        for number in range(refused)
    ]
    seen = (a_copy(voice, role=Role.REFERENCE), *map(proof_by, uses))
    return Dossier(voice, (making, *uses, *tries), seen)


def by_month(dossier: Dossier) -> dict[str, Money]:
    """What keeping cost in each month, to the micro-dollar."""
    sums: Counter[str] = Counter()
    for job in dossier.activations:
        sums[f"{job.created_at:%Y-%m}"] += job.cost.micros
    return {month: Money(micros) for month, micros in sums.items()}
