"""What the keeper does next for a voice: for its life, and for its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from lib.models import (
    MAX_REFRESH_DAYS,
    OPEN_STATES,
    Dossier,
    ErrorKind,
    Evidence,
    Heard,
    Job,
    JobState,
    KeepPolicy,
    Purpose,
    Source,
)
from lib.retention.files import file_step
from lib.retention.health import (
    deadline_of,
    doubt_of,
    exists,
    loss_of,
    proof_of,
    unheard_use,
    verdict_of,
)
from lib.retention.reasons import Reason, Why, as_said
from lib.retention.terms import (
    BETWEEN_TRIES,
    DUE_SOON_BELOW,
    MARGIN,
    Reach,
    Step,
    StepKind,
    Terms,
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
MOST_TRIES = 4 * ACTIVATION_ATTEMPTS
"""With those that cost nothing, as far as the balance tells."""


def steps(dossier: Dossier, terms: Terms, now: datetime) -> tuple[Step, Step]:
    """What comes next for a voice's life, and what for its files."""
    return _use_step(dossier, terms, now), file_step(dossier, terms, now)


def next_step(dossier: Dossier, terms: Terms, now: datetime) -> Step:
    """The one next step of a voice, as it is told to people."""
    return told_step(*steps(dossier, terms, now))


def told_step(life: Step, files: Step) -> Step:
    """Which of a voice's two next steps is told to people: its life comes first."""
    silent = life.kind is StepKind.NOTHING and not life.why
    later = life.kind is StepKind.REFRESH and life.at and files.at and files.at < life.at
    return files if silent or later else life


def counted_attempts(dossier: Dossier) -> tuple[Job, ...]:
    """Activations that used up an attempt: all that were sent, ended, and were not refused for
    a reason that something outside can mend.
    """
    return tuple(
        job
        for job in dossier.activations
        if job.state not in OPEN_STATES
        and not (
            job.state is JobState.FAILED
            and (job.error_kind in BLOCKING or job.submitted_at is None)
        )
    )


def paid_attempts(dossier: Dossier) -> tuple[Job, ...]:
    """Those of them that may have cost something: so many were agreed to."""
    return tuple(job for job in counted_attempts(dossier) if not job.seems_free)


def _used_up(tried: Sequence[Job]) -> bool:
    """An outage of days costs nothing, and must not use up what was agreed to."""
    paid = sum(job.stands_for for job in tried if not job.seems_free)
    return paid >= ACTIVATION_ATTEMPTS or number_of(tried) >= MOST_TRIES


def number_of(tried: Sequence[Job]) -> int:
    """How many orders these are: old ones may be summed up."""
    return sum(job.stands_for for job in tried)


def use_is_news(dossier: Dossier, terms: Terms, now: datetime) -> bool:
    """Whether a real use, seen now, tells what is not known yet; one proof is enough otherwise."""
    proof = proof_of(dossier, terms)
    if terms.rule.stopped_by != USE or unheard_use(dossier, terms, now):
        return False
    if proof is None or doubt_of(dossier, terms):
        return True
    period = _period(dossier)
    return period is not None and now - proof.at >= period / 2


def purpose_of_use(dossier: Dossier, terms: Terms, now: datetime) -> Purpose:
    """What one use of this voice is for right now: whether its life may depend on it.

    An adopted voice whose time runs is kept by its use like any other.
    """
    if proof_of(dossier, terms):
        return Purpose.KEEPING if doubt_of(dossier, terms) else Purpose.REFRESH
    deadline = deadline_of(dossier, terms.rule)
    adopted = dossier.voice.source is Source.ADOPTED
    if adopted and (deadline is None or now >= deadline):
        return Purpose.TEST_CALL
    return Purpose.KEEPING


def _use_step(dossier: Dossier, terms: Terms, now: datetime) -> Step:
    voice = dossier.voice
    if voice.archived_at or not exists(dossier) or terms.rule.stopped_by != USE:
        return Step(StepKind.NOTHING)
    proof = proof_of(dossier, terms)
    deadline = deadline_of(dossier, terms.rule)
    if under_way := next((job for job in dossier.activations if job.is_open), None):
        reason = under_way.answer_kind or ErrorKind.TROUBLE
        said = as_said(under_way.last_answer)
        if under_way.state is JobState.CONFIRMED and under_way.answer_kind:
            # Without trouble it merely stands in line.
            kind = reason if under_way.attempts else None
            return Step(StepKind.WAIT, under_way.next_check_at, said, kind)
        if under_way.is_used and under_way.attempts:
            return Step(StepKind.WAIT, under_way.next_check_at, said, reason)
        return Step(StepKind.NOTHING, why=Why(Reason.IN_USE))
    if loss_of(dossier, terms):
        return Step(StepKind.NOTHING, why=Why(Reason.LOST))
    if terms.reach is Reach.OTHER:
        return Step(StepKind.NOTHING, why=Why(Reason.OTHER_ACCOUNT))
    if proof:
        if terms.reach is Reach.ASKED:
            return Step(StepKind.NOTHING, why=Why(Reason.ACCOUNT_ASKED))
        return _again(dossier, proof, doubt_of(dossier, terms))
    if waiting := _waits_for_an_ear(dossier, terms, now):
        return Step(StepKind.ASK, why=Why(waiting))
    if terms.rule.window is None:
        return Step(StepKind.NOTHING)
    if deadline is None:
        return Step(StepKind.ASK, why=Why(Reason.TO_TRY))
    step = _first_time(dossier, deadline, terms.rule.window, now)
    return _with_any_key(step, deadline) if terms.reach is Reach.ASKED else step


def _waits_for_an_ear(dossier: Dossier, terms: Terms, now: datetime) -> Reason | None:
    """What a person has to do before another use of an adopted voice is worth its price."""
    if unheard_use(dossier, terms, now):
        return Reason.TO_HEAR
    verdict = verdict_of(dossier)
    if verdict and verdict.heard is Heard.NO:
        return Reason.TO_COMPARE
    return None


def _with_any_key(step: Step, deadline: datetime) -> Step:
    """While nobody has said whose the new key is, it is tried when there is little to lose: a
    refusal costs nothing, and a sound is evidence.
    """
    if step.kind is not StepKind.ACTIVATE or step.at is None:
        return Step(step.kind, step.at, Why(Reason.ACCOUNT_ASKED))
    at = max(step.at, deadline - DUE_SOON_BELOW)
    why = step.why or Why(Reason.ACCOUNT_ASKED)
    return Step(step.kind, at, why, step.blocked_by or ErrorKind.ACCOUNT)


def _first_time(dossier: Dossier, deadline: datetime, window: timedelta, now: datetime) -> Step:
    """A voice that nothing proves yet is used once, in time."""
    if now >= deadline:
        return Step(StepKind.ASK, why=Why(Reason.EXPIRED))
    policy = dossier.voice.keep_policy
    if dossier.voice.source is Source.DESIGNED:
        policy = KeepPolicy.AT_ONCE  # it cannot be made again: it is used, and that sound kept
    if policy is KeepPolicy.ASK:
        return Step(StepKind.ASK, why=Why(Reason.TO_KEEP))
    tried = counted_attempts(dossier)
    if _used_up(tried):
        return Step(StepKind.ASK, why=Why(Reason.TRIES_FAILED, tries=number_of(tried)))
    planned = deadline - window
    if policy is KeepPolicy.BEFORE_DEADLINE:
        planned += window / 2
    last = _last_ended(dossier.activations)
    if last is None:
        return Step(StepKind.ACTIVATE, _in_time(planned, deadline))
    # A quarter of what is left ends before the margin, but for tries that end in the last hour.
    if last.is_used:  # most likely it is kept, and its sound may come yet
        used_at = last.submitted_at or last.created_at
        next_try = used_at + quarter_left(used_at, deadline)
    else:
        ended = last.finished_at or last.created_at
        next_try = ended + min(_pause(dossier, last, tried), quarter_left(ended, deadline))
    at = max(_in_time(planned, deadline), next_try)
    return Step(StepKind.ACTIVATE, at, as_said(last.error), _blocked_by(last, tried))


def _again(dossier: Dossier, proof: Evidence, doubt: Evidence | None) -> Step:
    """A kept voice is used again when that was agreed to, or when the service denied it."""
    period = _period(dossier)
    if doubt is None and period is None:
        return Step(StepKind.NOTHING)
    tried = tuple(job for job in counted_attempts(dossier) if job.created_at > proof.at)
    enough = _used_up(tried)
    if period is None and (enough or dossier.voice.keep_policy is KeepPolicy.ASK):
        return Step(StepKind.ASK, why=Why(Reason.DENIED))
    planned = doubt.at if doubt else proof.at + (period or timedelta(0))
    last = _last_ended([job for job in dossier.activations if job.created_at > proof.at])
    if last is None:
        return Step(StepKind.REFRESH, planned)
    was_used = last.is_used and doubt is None  # most likely, and its sound may come yet
    pause = period if period and (enough or was_used) else _pause(dossier, last, tried)
    at = max(planned, (last.finished_at or last.created_at) + pause)
    return Step(StepKind.REFRESH, at, as_said(last.error), _blocked_by(last, tried))


def _period(dossier: Dossier) -> timedelta | None:
    """How often a kept voice is used again; None: never."""
    days = min(dossier.voice.refresh_days, MAX_REFRESH_DAYS)
    return timedelta(days=days) if days > 0 else None


def _pause(dossier: Dossier, last: Job, tried: Sequence[Job]) -> timedelta:
    """After what was merely blocked, the shortest pause; it is told and tried again."""
    if last not in tried:
        return BETWEEN_TRIES.steps[0]
    return BETWEEN_TRIES.pause(number_of(tried), dossier.voice.id)


def _blocked_by(last: Job, tried: Sequence[Job]) -> ErrorKind | None:
    """What a try was refused for, where that was no attempt."""
    return None if last in tried else last.error_kind or ErrorKind.TROUBLE


def _last_ended(activations: Sequence[Job]) -> Job | None:
    ended = [job for job in activations if not job.is_open]
    return ended[-1] if ended else None


def _in_time(at: datetime, deadline: datetime) -> datetime:
    return min(at, deadline - MARGIN)
