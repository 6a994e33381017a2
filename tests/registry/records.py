"""Records for tests: plausible, with the fields under test given by name; and how to see all."""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlalchemy import select

from lib.models import (
    Evidence,
    EvidenceKind,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    LongText,
    Money,
    Role,
    Source,
    Take,
    TextState,
    Voice,
    VoiceKind,
)
from lib.registry import Registry, schema
from lib.services import NANOGPT
from tests.parts.clock import START

VAULT = "s3://team/voices"
_numbers = count(1)


def fresh_id(what: str = "rec") -> str:
    """An id that no other record of this process has."""
    return f"{what}-{next(_numbers):06}"


def a_voice(**fields: Any) -> Voice:
    plain: dict[str, Any] = {
        "id": fresh_id("voice"),
        "name": "Ann",
        "kind": VoiceKind.MINIMAX,
        "source": Source.CLONED,
        "service": NANOGPT,
        "account": "nanogpt-1",
        "created_at": START,
        "keep_policy": KeepPolicy.AT_ONCE,
        "clock_start": START,
    }
    return Voice(**(plain | fields))


def a_job(voice: Voice | str, **fields: Any) -> Job:
    plain: dict[str, Any] = {
        "id": fresh_id("job"),
        "voice_id": voice if isinstance(voice, str) else voice.id,
        "kind": JobKind.CLONE,
        "state": JobState.CONFIRMED,
        "order_key": fresh_id("key"),
        "service": NANOGPT,
        "account": "nanogpt-1",
        "created_at": START,
        "estimate": Money.usd(1),
    }
    return Job(**(plain | fields))


def a_long_text(voice: Voice | str, **fields: Any) -> LongText:
    """One that waits for its parts, and is looked at now."""
    plain: dict[str, Any] = {
        "id": fresh_id("text"),
        "voice_id": voice if isinstance(voice, str) else voice.id,
        "state": TextState.WAITING,
        "order_key": fresh_id("key"),
        "service": NANOGPT,
        "created_at": START,
        "text": "Part 1. Part 2.",
        "parts": 2,
        "next_check_at": START,
    }
    return LongText(**(plain | fields))


def evidence_of(voice: Voice | str, kind: EvidenceKind, **fields: Any) -> Evidence:
    plain: dict[str, Any] = {
        "id": fresh_id("seen"),
        "voice_id": voice if isinstance(voice, str) else voice.id,
        "kind": kind,
        "at": START,
    }
    return Evidence(**(plain | fields))


def a_copy(voice: Voice | str, **fields: Any) -> Evidence:
    """A checked copy of the voice's embedding in the team's vault."""
    plain: dict[str, Any] = {
        "role": Role.EMBEDDING,
        "vault": VAULT,
        "key": "voices/voice-1/embedding/0123.safetensors",
        "sha256": "0123",
        "read_back_at": START,
    }
    return evidence_of(voice, EvidenceKind.COPY, **(plain | fields))


def a_take(job: Job | LongText, **fields: Any) -> Take:
    plain: dict[str, Any] = {
        "id": job.id,
        "voice_id": job.voice_id,
        "text": "Hello.",
        "model": "Minimax-Speech-02-HD",
        "created_at": START,
        "settings": {"speed": 1.0},
    }
    return Take(**(plain | fields))


def everything(registry: Registry) -> dict[str, list[str]]:
    """All rows of all tables, to see that nothing changed."""
    with registry.database.read() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table)).all()))
            for name, table in schema.metadata.tables.items()
        }


def events(registry: Registry) -> list[str]:
    """What was told about jobs, oldest first."""
    with registry.database.read() as connection:
        chosen = select(schema.events.c.what).order_by(schema.events.c.id)
        return list(connection.scalars(chosen))
