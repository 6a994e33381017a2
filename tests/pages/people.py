"""Made-up voices in any number, put into a registry at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import insert

from lib.models import (
    Dossier,
    Evidence,
    EvidenceKind,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    Money,
    Role,
    Source,
    Take,
    Voice,
    VoiceKind,
)
from lib.registry import schema
from lib.registry.schema import columns_of
from lib.services import NANOGPT
from lib.studio.core.context import Context


@dataclass(frozen=True)
class Speech:
    """A take with the order that made it."""

    job: Job
    take: Take


def clone(
    number: int,
    now: datetime,
    *,
    name: str = "",
    service: str = NANOGPT,
    kind: VoiceKind = VoiceKind.MINIMAX,
    hours_ago: float = 24,
    kept: bool = False,
    vault: str = "",
    policy: KeepPolicy = KeepPolicy.ASK,
) -> Dossier:
    """A finished clone, `hours_ago` old. With a `vault` its first sound (and file) is there."""
    start = now - timedelta(hours=hours_ago)
    voice_id = f"voice-{number:05d}"
    voice = Voice(
        id=voice_id,
        name=name or f"Person {number}",
        kind=kind,
        source=Source.CLONED,
        service=service,
        account="account",
        created_at=start,
        provider_voice_id=f"Person{number:05d}x9" if kind is VoiceKind.MINIMAX else "",
        id_made_here=kind is VoiceKind.MINIMAX,
        embedding_url="http://127.0.0.1:9/file.safetensors" if kind is VoiceKind.QWEN else "",
        description=f"The voice of person {number}",
        owner="Ada",
        keep_policy=policy,
        clock_start=start,
        saved_revision=1,
    )
    job = Job(
        id=f"clone-{number:05d}",
        voice_id=voice_id,
        kind=JobKind.CLONE,
        state=JobState.DONE,
        order_key=f"clone {number}",
        service=service,
        account="account",
        created_at=start,
        person="Ada",
        request={"kind": kind.value},
        submitted_at=start,
        finished_at=start + timedelta(minutes=1),
        estimate=Money.usd("1.00"),
        charged=Money.usd("1.00"),
    )
    seen = [_copy(number, start, Role.PREVIEW, "wav", vault)] if vault else []
    if vault and kind is VoiceKind.QWEN:
        seen.append(_copy(number, start, Role.EMBEDDING, "safetensors", vault))
    if kept:
        seen.append(
            Evidence(
                f"use-{number:05d}",
                voice_id,
                EvidenceKind.ACTIVATION,
                start,
                model="Minimax-Speech-02-HD",
            )
        )
    return Dossier(voice, (job,), tuple(seen))


def adopted(number: int, now: datetime, *, name: str = "") -> Dossier:
    """A voice whose ID somebody brought: nobody knows when it was made."""
    made = clone(number, now, name=name)
    voice = replace(made.voice, source=Source.ADOPTED, clock_start=None, id_made_here=False)
    return Dossier(voice)


def with_unknown_outcome(dossier: Dossier) -> Dossier:
    """The same voice, had the answer to its clone never come."""
    lost = replace(
        dossier.jobs[0],
        state=JobState.UNKNOWN,
        charged=None,
        error="The service never answered.",
    )
    return replace(dossier, jobs=(lost,))


def mixture(count: int, now: datetime, vault: str) -> list[Dossier]:
    """Voices kept and not kept, with an ID or a file, fresh and nearly lost, one after another."""
    kinds = [
        {"kept": True, "vault": vault},
        {"kind": VoiceKind.QWEN, "vault": vault},
        {"hours_ago": 150.0, "vault": vault},
        {"kind": VoiceKind.QWEN, "hours_ago": 160.0},
        {"hours_ago": 200.0},
    ]
    return [clone(number, now, **kinds[number % len(kinds)]) for number in range(count)]  # type: ignore[arg-type]


def speech(number: int, of: Dossier, text: str, *, vault: str) -> Speech:
    """A sentence that this voice said."""
    at = of.voice.created_at + timedelta(seconds=number)
    job = Job(
        id=f"speech-{number:05d}",
        voice_id=of.voice.id,
        kind=JobKind.SPEECH,
        state=JobState.DONE,
        order_key=f"speech {number}",
        service=of.voice.service,
        account="account",
        created_at=at,
        person="Ada",
        request={"text": text, "model": "Minimax-Speech-02-HD", "settings": {}},
        finished_at=at,
        charged=Money.usd("0.01"),
        saved_revision=1,
    )
    take = Take(
        id=job.id,
        voice_id=of.voice.id,
        text=text,
        model="Minimax-Speech-02-HD",
        created_at=at,
        seconds=2.0,
        vault=vault,
        key=f"takes/{job.id}/audio.wav",
        mime="audio/wav",
    )
    return Speech(job, take)


def move_in(context: Context, dossiers: Sequence[Dossier], speeches: Iterable[Speech] = ()) -> None:
    """Put them all into the registry, in one transaction."""
    said = list(speeches)
    rows = {
        schema.voices: [dossier.voice for dossier in dossiers],
        schema.jobs: [job for dossier in dossiers for job in dossier.jobs]
        + [item.job for item in said],
        schema.evidence: [item for dossier in dossiers for item in dossier.evidence],
        schema.takes: [item.take for item in said],
    }
    with context.registry.database.write() as connection:
        for table, records in rows.items():
            if records:
                connection.execute(insert(table), [columns_of(record) for record in records])


def _copy(number: int, at: datetime, role: Role, extension: str, vault: str) -> Evidence:
    return Evidence(
        f"{role}-{number:05d}",
        f"voice-{number:05d}",
        EvidenceKind.COPY,
        at,
        role=role,
        vault=vault,
        key=f"voices/voice-{number:05d}/{role}/{number:064d}.{extension}",
        sha256=f"{number:064d}",
        size=1_000,
        read_back_at=at,
    )
