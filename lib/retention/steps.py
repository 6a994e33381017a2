"""What the keeper does next for a voice: for its life, and for its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from lib.models import OPEN_STATES, Dossier, ErrorKind, Evidence, Job, JobState, KeepPolicy
from lib.retention.files import file_step
from lib.retention.health import deadline_of, doubt_of, exists, loss_of, proof_of
from lib.retention.terms import (
    MARGIN,
    PAUSES,
    Step,
    StepKind,
    Terms,
    pause_after,
    quarter_left,
)
from lib.services import ACTIVATION_ATTEMPTS, USE

BLOCKING = frozenset(
    {
        ErrorKind.KEY,
        ErrorKind.BALANCE,
        ErrorKind.PERMISSION,
        ErrorKind.BUSY,
        ErrorKind.LIMIT,
        ErrorKind.UNREACHABLE,
    }
)
"""Refusals that something outside can mend: nothing was spent, and they are no attempt."""


def steps(dossier: Dossier, terms: Terms, now: datetime) -> tuple[Step, Step]:
    """What comes next for a voice's life, and what for its files."""
    return _use_step(dossier, terms, now), file_step(dossier, terms, now)


def next_step(dossier: Dossier, terms: Terms, now: datetime) -> Step:
    """The one next step of a voice, as it is told to people: its life comes first."""
    life, files = steps(dossier, terms, now)
    silent = life.kind is StepKind.NOTHING and not life.why
    later = life.kind is StepKind.REFRESH and life.at and files.at and files.at < life.at
    return files if silent or later else life


def counted_attempts(dossier: Dossier) -> tuple[Job, ...]:
    """Activations that used up an attempt: all that ended and were not merely blocked."""
    return tuple(
        job
        for job in dossier.activations
        if job.state not in OPEN_STATES
        and not (job.state is JobState.FAILED and job.error_kind in BLOCKING)
    )


def use_is_news(dossier: Dossier, terms: Terms, now: datetime) -> bool:
    """Whether a real use, seen now, tells what is not known yet; one proof is enough otherwise."""
    proof = proof_of(dossier, terms)
    if terms.rule.stopped_by != USE:
        return False
    if proof is None or doubt_of(dossier, terms):
        return True
    period = _period(dossier)
    return period is not None and now - proof.at >= period / 2


def _use_step(dossier: Dossier, terms: Terms, now: datetime) -> Step:
    voice = dossier.voice
    if voice.archived_at or not exists(dossier) or terms.rule.stopped_by != USE:
        return Step(StepKind.NOTHING)
    proof = proof_of(dossier, terms)
    deadline = deadline_of(dossier, terms.rule)
    if under_way := next((job for job in dossier.activations if job.is_open), None):
        if under_way.state is JobState.CONFIRMED and under_way.last_answer:
            return Step(StepKind.WAIT, under_way.next_check_at, under_way.last_answer, True)
        return Step(StepKind.NOTHING, why="It is being used right now.")
    if loss_of(dossier, terms):
        return Step(StepKind.NOTHING, why="It is lost. What is left of it stays here.")
    if proof:
        return _again(dossier, proof, doubt_of(dossier, terms))
    if deadline is None or terms.rule.window is None:
        return Step(StepKind.NOTHING)
    return _first_time(dossier, deadline, terms.rule.window, now)


def _first_time(dossier: Dossier, deadline: datetime, window: timedelta, now: datetime) -> Step:
    """A voice that nothing proves yet is used once, in time."""
    if now >= deadline:
        return Step(StepKind.ASK, why="Its time is over. One test call shows whether it lives.")
    if dossier.voice.keep_policy is KeepPolicy.ASK:
        return Step(StepKind.ASK, why="It waits for somebody to keep it.")
    tried = counted_attempts(dossier)
    if len(tried) >= ACTIVATION_ATTEMPTS:
        return Step(StepKind.ASK, why=f"{len(tried)} attempts to keep it did not succeed.")
    planned = deadline - window
    if dossier.voice.keep_policy is KeepPolicy.BEFORE_DEADLINE:
        planned += window / 2
    last = _last_ended(dossier.activations)
    if last is None:
        return Step(StepKind.ACTIVATE, _in_time(planned, deadline))
    ended = last.finished_at or last.created_at
    pause = _pause(dossier, last, tried)
    # A quarter of what is left ends before the margin, but for tries that end in the last hour.
    at = max(_in_time(planned, deadline), ended + min(pause, quarter_left(ended, deadline)))
    return Step(StepKind.ACTIVATE, at, last.error, blocked=last not in tried)


def _again(dossier: Dossier, proof: Evidence, doubt: Evidence | None) -> Step:
    """A kept voice is used again when that was agreed to, or when the service denied it."""
    period = _period(dossier)
    if doubt is None and period is None:
        return Step(StepKind.NOTHING)
    tried = tuple(job for job in counted_attempts(dossier) if job.created_at > proof.at)
    enough = len(tried) >= ACTIVATION_ATTEMPTS
    if period is None and (enough or dossier.voice.keep_policy is KeepPolicy.ASK):
        return Step(
            StepKind.ASK, why="The service did not find it. One test call shows whether it lives."
        )
    planned = doubt.at if doubt else proof.at + (period or timedelta(0))
    last = _last_ended([job for job in dossier.activations if job.created_at > proof.at])
    if last is None:
        return Step(StepKind.REFRESH, planned)
    pause = period if period and enough else _pause(dossier, last, tried)
    at = max(planned, (last.finished_at or last.created_at) + pause)
    return Step(StepKind.REFRESH, at, last.error, blocked=last not in tried)


def _period(dossier: Dossier) -> timedelta | None:
    """How often a kept voice is used again; None: never."""
    days = dossier.voice.refresh_days
    return timedelta(days=days) if days > 0 else None


def _pause(dossier: Dossier, last: Job, tried: Sequence[Job]) -> timedelta:
    """After what was merely blocked, the shortest pause; it is told and tried again."""
    return PAUSES[0] if last not in tried else pause_after(len(tried), dossier.voice.id)


def _last_ended(activations: Sequence[Job]) -> Job | None:
    ended = [job for job in activations if not job.is_open]
    return ended[-1] if ended else None


def _in_time(at: datetime, deadline: datetime) -> datetime:
    return min(at, deadline - MARGIN)
