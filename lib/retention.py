"""Deadlines, health and the next step of a voice, from its dossier and the time. Pure.

Rules: a voice is never *Safe* without standing evidence, its health never improves because time
passes, and what is blocked is tried again. The facts behind them are in `services.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lib.models import (
    OPEN_STATES,
    Dossier,
    ErrorKind,
    Evidence,
    EvidenceKind,
    Health,
    Job,
    JobState,
    KeepPolicy,
    Role,
)
from lib.services import ACTIVATION_ATTEMPTS, COPY, NONE, USE, Retention

AT_RISK_BELOW = timedelta(hours=24)
DUE_SOON_BELOW = timedelta(hours=48)
MARGIN = timedelta(hours=1)
"""The next step is never planned for later than the deadline less this, unless a try ended there.

Then the next follows after a quarter of what is left.
"""
PAUSES = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6))
"""After the first, second, third try; the last one repeats."""
SILENT_AFTER = timedelta(hours=24)
"""A clone that is still being made after this long may be there, or may never come."""
REREAD_AFTER = timedelta(days=30)
"""Copies are read back at least this often."""
LOST_APART = timedelta(hours=1)
"""Two "not found" answers this far apart make a loss."""

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


class StepKind(StrEnum):
    """What the keeper does next for a voice.

    `WAIT`: it is ordered, and held up until something outside is mended. `ASK` waits for a person,
    `NOTHING` for nobody.
    """

    ACTIVATE = "activate"
    MIRROR = "mirror"
    VERIFY = "verify"
    WAIT = "wait"
    ASK = "ask"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Terms:
    """What a judgement stands on: the service's rule, the current vault, and whether it counts."""

    rule: Retention
    vault: str
    vault_counts: bool


@dataclass(frozen=True)
class Standing:
    """How a voice stands: one word, one deadline (None: none or not known), and the reason."""

    health: Health
    deadline: datetime | None
    why: str
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Step:
    """What happens next by itself, when (None: not by itself), and why. `blocked`: see BLOCKING."""

    kind: StepKind
    at: datetime | None = None
    why: str = ""
    blocked: bool = False


def deadline_of(dossier: Dossier, rule: Retention) -> datetime | None:
    """When the voice may be lost: the start of its clock and the window, whatever was done."""
    start = dossier.voice.clock_start
    return start + rule.window if start and rule.window else None


def judge(dossier: Dossier, terms: Terms, now: datetime) -> Standing:
    """The health of a voice at this moment."""
    rule = terms.rule
    deadline = deadline_of(dossier, rule)
    if not _exists(dossier):
        if deadline and rule.stopped_by == USE and _may_exist(dossier, now):
            health = Health.AT_RISK if now < deadline else Health.PROBABLY_LOST
            return Standing(health, deadline, "Nobody knows yet whether this voice was made.")
        return Standing(Health.BEING_MADE, None, "The voice is still being made.")
    if rule.stopped_by == NONE:
        return Standing(Health.PERSISTENT, None, "The service names no end for this voice.")
    proof = _proof(dossier, terms)
    if proof:
        why = (
            "It was used in a real speech."
            if rule.stopped_by == USE
            else "Your own copy of the voice file was read back and compared."
        )
        return Standing(Health.SAFE, None, why, proof)
    if lost := _loss(dossier, rule, deadline):
        return Standing(Health.LOST, deadline, "The service said twice that it is gone.", lost)
    if deadline is None:
        return Standing(Health.UNKNOWN, None, "Nobody knows when this voice was made.")
    return Standing(_by_time(dossier, deadline, now), deadline, _why_not_safe(dossier, terms))


def next_step(dossier: Dossier, terms: Terms, now: datetime) -> Step:
    """What the keeper should do for this voice, and from when on."""
    if dossier.voice.archived_at or not _exists(dossier) or terms.rule.stopped_by == NONE:
        return Step(StepKind.NOTHING)
    if terms.rule.stopped_by == COPY:
        return _next_for_copy(dossier, terms)
    return _next_for_use(dossier, terms, now)


def counted_attempts(dossier: Dossier) -> tuple[Job, ...]:
    """Activations that used up an attempt: all that ended and were not merely blocked."""
    return tuple(
        job
        for job in dossier.activations
        if job.state not in OPEN_STATES
        and not (job.state is JobState.FAILED and job.error_kind in BLOCKING)
    )


def _exists(dossier: Dossier) -> bool:
    making = dossier.making
    return making is None or making.state is JobState.DONE


def _may_exist(dossier: Dossier, now: datetime) -> bool:
    """Its clock may run without our knowing: no answer, or none for longer than making takes."""
    making = dossier.making
    if making is None:
        return False
    if making.state is JobState.WAITING and making.submitted_at:
        return now - making.submitted_at >= SILENT_AFTER
    return making.state is JobState.UNKNOWN


def _proof(dossier: Dossier, terms: Terms) -> Evidence | None:
    if terms.rule.stopped_by == USE:
        uses = dossier.standing_evidence(EvidenceKind.ACTIVATION)
        return uses[-1] if uses else None
    return dossier.copy(Role.EMBEDDING, terms.vault) if terms.vault_counts else None


def _loss(dossier: Dossier, rule: Retention, deadline: datetime | None) -> Evidence | None:
    """The second of two "not found" answers an hour apart; for a use, both after the window."""
    answers = dossier.standing_evidence(EvidenceKind.NOT_FOUND)
    if dossier.standing_evidence(EvidenceKind.COPY, Role.EMBEDDING):
        return None  # wherever that copy lies, the voice is not lost
    if rule.stopped_by == USE:
        answers = tuple(item for item in answers if deadline and item.at >= deadline)
    if answers and answers[-1].at - answers[0].at >= LOST_APART:
        return answers[-1]
    return None


def _by_time(dossier: Dossier, deadline: datetime, now: datetime) -> Health:
    left = deadline - now
    if left <= timedelta(0):
        in_flight = any(
            job.is_open and job.submitted_at and job.submitted_at < deadline
            for job in dossier.activations
        )
        return Health.AT_RISK if in_flight else Health.PROBABLY_LOST
    if left < AT_RISK_BELOW:
        return Health.AT_RISK
    return Health.DUE_SOON if left < DUE_SOON_BELOW else Health.WAITING


def _why_not_safe(dossier: Dossier, terms: Terms) -> str:
    if terms.rule.stopped_by == USE:
        return "It was not used in a real speech yet."
    if dossier.copy(Role.EMBEDDING, terms.vault):
        return "The only copy is on this server's disk, which may not last."
    return "There is no checked copy of the voice file yet."


def _next_for_use(dossier: Dossier, terms: Terms, now: datetime) -> Step:
    voice = dossier.voice
    deadline = deadline_of(dossier, terms.rule)
    if _proof(dossier, terms) or deadline is None or terms.rule.window is None:
        return Step(StepKind.NOTHING)
    if under_way := next((job for job in dossier.activations if job.is_open), None):
        if under_way.state is JobState.CONFIRMED and under_way.last_answer:
            return Step(StepKind.WAIT, under_way.next_check_at, under_way.last_answer, True)
        return Step(StepKind.NOTHING, why="It is being used right now.")
    if _loss(dossier, terms.rule, deadline):
        return Step(StepKind.NOTHING, why="It is lost. What is left of it stays here.")
    if now >= deadline:
        return Step(StepKind.ASK, why="Its time is over. One test call shows whether it lives.")
    if voice.keep_policy is KeepPolicy.ASK:
        return Step(StepKind.ASK, why="It waits for somebody to keep it.")
    tried = counted_attempts(dossier)
    if len(tried) >= ACTIVATION_ATTEMPTS:
        return Step(StepKind.ASK, why=f"{len(tried)} attempts to keep it did not succeed.")
    planned = deadline - terms.rule.window
    if voice.keep_policy is KeepPolicy.BEFORE_DEADLINE:
        planned += terms.rule.window / 2
    last = _last_ended(dossier.activations)
    if last is None:
        return Step(StepKind.ACTIVATE, _in_time(planned, deadline))
    blocked = last not in tried
    ended = last.finished_at or last.created_at
    pause = PAUSES[0] if blocked else _pause(len(tried))
    # A quarter of what is left ends before the margin, but for tries that end in the last hour.
    at = max(_in_time(planned, deadline), ended + min(pause, _quarter_left(ended, deadline)))
    return Step(StepKind.ACTIVATE, at, last.error, blocked)


def _next_for_copy(dossier: Dossier, terms: Terms) -> Step:
    voice = dossier.voice
    copy = dossier.copy(Role.EMBEDDING, terms.vault)
    if copy:
        read_at = copy.read_back_at or copy.at
        at = voice.copy_next_at or read_at + REREAD_AFTER
        return Step(StepKind.VERIFY, at, voice.copy_error, blocked=bool(voice.copy_error))
    if _loss(dossier, terms.rule, None) or not voice.embedding_url:
        return Step(StepKind.NOTHING)
    at = voice.copy_next_at or voice.clock_start or voice.created_at
    return Step(StepKind.MIRROR, at, voice.copy_error, blocked=bool(voice.copy_error))


def copy_pause(tries: int, now: datetime, deadline: datetime | None) -> timedelta:
    """How long to wait after `tries` failed tries to fetch or check a file (at least 1)."""
    pause = _pause(tries)
    if deadline and deadline > now:
        pause = min(pause, _quarter_left(now, deadline))
    return pause


def _last_ended(activations: Sequence[Job]) -> Job | None:
    ended = [job for job in activations if not job.is_open]
    return ended[-1] if ended else None


def _pause(tries: int) -> timedelta:
    return PAUSES[min(max(tries, 1), len(PAUSES)) - 1]


def _quarter_left(start: datetime, deadline: datetime) -> timedelta:
    return max((deadline - start) / 4, timedelta(minutes=1))


def _in_time(at: datetime, deadline: datetime) -> datetime:
    return min(at, deadline - MARGIN)
