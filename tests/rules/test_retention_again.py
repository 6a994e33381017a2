"""Voices that were kept: used again where that was agreed to, doubted when they are denied."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from lib.models import (
    Dossier,
    ErrorKind,
    Evidence,
    EvidenceKind,
    Health,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    Money,
)
from lib.retention import (
    Step,
    StepKind,
    Terms,
    as_said,
    judge,
    next_step,
    steps,
    use_is_news,
)
from lib.retention.terms import BETWEEN_TRIES
from lib.services import ACTIVATION_ATTEMPTS
from lib.services.minimax import MINIMAX_RETENTION
from lib.services.qwen import QWEN_RETENTION
from tests.parts.clock import START
from tests.registry.records import VAULT, a_copy, a_job, a_voice, evidence_of

PAUSES = BETWEEN_TRIES.steps
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DEADLINE = START + 7 * DAY
TERMS = Terms(MINIMAX_RETENTION, VAULT, vault_counts=True)
VOICE = a_voice()
MADE = a_job(VOICE, state=JobState.DONE)


def used(at: datetime = START + HOUR, **fields: Any) -> Evidence:
    return evidence_of(VOICE, EvidenceKind.ACTIVATION, at=at, **fields)


def gone(at: datetime) -> Evidence:
    return evidence_of(VOICE, EvidenceKind.NOT_FOUND, at=at)


def kept(*seen: Evidence, tries: tuple[Job, ...] = (), **fields: Any) -> Dossier:
    """A voice that was used in its first hour, and what came after."""
    return Dossier(replace(VOICE, **fields), (MADE, *tries), (used(), *seen))


def failed(at: datetime, kind: str = "", why: str = "") -> Job:
    """One more use that was begun and refused at that moment."""
    return a_job(
        VOICE, kind=JobKind.ACTIVATION, state=JobState.FAILED, created_at=at, submitted_at=at,
        finished_at=at, error_kind=kind, error=why,
    )  # fmt: skip


def life(dossier: Dossier, now: datetime) -> Step:
    return steps(dossier, TERMS, now)[0]


@pytest.mark.parametrize("days", [6, 30])
def test_a_kept_voice_is_used_again_so_long_after_its_last_use(days: int) -> None:
    voice = kept(used(START + 3 * DAY), refresh_days=days)
    assert life(voice, START + 4 * DAY) == Step(StepKind.REFRESH, START + (3 + days) * DAY)


@pytest.mark.parametrize("policy", KeepPolicy)
@pytest.mark.parametrize("age", [2 * HOUR, 8 * DAY, 400 * DAY])
def test_without_that_agreement_it_is_never_used_again(policy: KeepPolicy, age: timedelta) -> None:
    assert life(kept(keep_policy=policy), START + age) == Step(StepKind.NOTHING)


def test_what_proves_that_it_is_used_often_enough_is_no_news() -> None:
    voice = kept(refresh_days=6)
    assert not use_is_news(voice, TERMS, START + 3 * DAY)
    assert use_is_news(voice, TERMS, START + 5 * DAY)
    assert not use_is_news(kept(), TERMS, START + 400 * DAY)
    assert use_is_news(Dossier(VOICE, (MADE,)), TERMS, START)
    assert not use_is_news(voice, Terms(QWEN_RETENTION, VAULT, True), START + 5 * DAY)


def test_attempts_to_use_it_again_have_the_same_pauses() -> None:
    due = START + HOUR + 6 * DAY
    tries: tuple[Job, ...] = ()
    moment = due
    for pause in (*PAUSES, PAUSES[-1]):
        tries = (*tries, failed(moment))
        found = life(kept(tries=tries, refresh_days=6), moment)
        assert found.kind is StepKind.REFRESH
        assert found.at is not None
        assert 0.9 * pause <= found.at - moment <= 1.1 * pause
        moment = found.at


def test_after_five_attempts_it_rests_for_a_whole_period() -> None:
    due = START + HOUR + 6 * DAY
    tries = tuple(failed(due + number * HOUR) for number in range(ACTIVATION_ATTEMPTS))
    found = life(kept(tries=tries, refresh_days=6), due + DAY)
    assert found == Step(StepKind.REFRESH, due + 4 * HOUR + 6 * DAY)


@pytest.mark.parametrize(
    ("state", "kind"),
    [(JobState.UNKNOWN, ErrorKind.UNKNOWN_OUTCOME), (JobState.FAILED, ErrorKind.NO_SOUND)],
)
def test_a_use_whose_sound_did_not_come_was_a_use_and_the_next_follows_a_period_later(
    state: JobState, kind: ErrorKind
) -> None:
    at = START + 7 * DAY
    result = {"finished": True, "audio_url": "https://files.example/use.mp3"}
    use = replace(failed(at, kind), state=state, result=result, charged=Money.usd("0.01"))
    step = life(kept(tries=(use,), refresh_days=6), at + DAY)
    assert (step.kind, step.at) == (StepKind.REFRESH, at + 6 * DAY)


def test_attempts_from_before_the_last_proof_do_not_count() -> None:
    tries = tuple(failed(START + number * 60 * HOUR / 60) for number in range(4))
    found = life(kept(used(START + 5 * HOUR), tries=tries, refresh_days=6), START + 6 * DAY)
    assert found == Step(StepKind.REFRESH, START + 5 * HOUR + 6 * DAY)


def test_a_blocked_use_is_told_and_tried_again() -> None:
    due = START + HOUR + 6 * DAY
    refused = failed(due, ErrorKind.BALANCE, "No money.")
    found = life(kept(tries=(refused,), refresh_days=6), due)
    assert found == Step(StepKind.REFRESH, due + PAUSES[0], as_said("No money."), ErrorKind.BALANCE)


@pytest.mark.parametrize("state", [JobState.CONFIRMED, JobState.SUBMITTING, JobState.WAITING])
def test_a_use_that_is_under_way_keeps_out_another(state: JobState) -> None:
    open_one = a_job(VOICE, kind=JobKind.ACTIVATION, state=state, created_at=START + 6 * DAY)
    assert life(kept(tries=(open_one,), refresh_days=6), START + 8 * DAY).at is None


def test_an_archived_voice_is_not_used_again() -> None:
    assert life(kept(refresh_days=6, archived_at=START), START + 9 * DAY).at is None


HEALTH = {
    "denied inside its window": ([gone(START + DAY)], START + 2 * DAY, Health.AT_RISK),
    "denied, the window over": ([gone(START + DAY)], DEADLINE, Health.PROBABLY_LOST),
    "denied after the window": ([gone(START + 9 * DAY)], START + 10 * DAY, Health.PROBABLY_LOST),
    "denied twice at once": (
        [gone(DEADLINE), gone(DEADLINE + 59 * HOUR / 60)], START + 10 * DAY, Health.PROBABLY_LOST,
    ),
    "denied twice an hour apart": (
        [gone(DEADLINE), gone(DEADLINE + HOUR)], START + 10 * DAY, Health.LOST,
    ),
    "denied twice, once inside the window": (
        [gone(START + DAY), gone(DEADLINE + HOUR)], START + 10 * DAY, Health.PROBABLY_LOST,
    ),
    "denied twice, then used": (
        [gone(DEADLINE), gone(DEADLINE + HOUR), used(DEADLINE + 2 * HOUR)],
        START + 10 * DAY, Health.SAFE,
    ),
    "denied before it was used": ([gone(START)], START + 10 * DAY, Health.SAFE),
}  # fmt: skip


@pytest.mark.parametrize(("seen", "now", "health"), HEALTH.values(), ids=HEALTH)
def test_a_kept_voice_that_the_service_does_not_find(
    seen: list[Evidence], now: datetime, health: Health
) -> None:
    assert judge(kept(*seen), TERMS, now).health is health


def test_an_adopted_voice_that_was_kept_and_denied_twice_is_lost() -> None:
    seen = (used(), gone(START + DAY), gone(START + DAY + HOUR))
    adopted = Dossier(replace(VOICE, clock_start=None), (), seen)
    assert judge(adopted, TERMS, START + 2 * DAY).health is Health.LOST
    assert judge(replace(adopted, evidence=seen[:2]), TERMS, START + 2 * DAY).health is (
        Health.PROBABLY_LOST
    )


@pytest.mark.parametrize("days", [0, 30])
def test_a_denied_voice_is_used_once_more_by_itself(days: int) -> None:
    denied = START + 2 * DAY
    found = life(kept(gone(denied), refresh_days=days), denied)
    assert found == Step(StepKind.REFRESH, denied)


def test_a_denied_voice_that_is_kept_by_hand_waits_for_somebody() -> None:
    denied = kept(gone(START + 2 * DAY), keep_policy=KeepPolicy.ASK)
    assert life(denied, START + 3 * DAY).kind is StepKind.ASK


def test_a_voice_denied_five_times_waits_for_somebody() -> None:
    denied = START + 2 * DAY
    tries = tuple(
        failed(denied + number * HOUR, ErrorKind.NOT_FOUND) for number in range(ACTIVATION_ATTEMPTS)
    )
    assert life(kept(gone(denied), tries=tries[:-1]), denied).kind is StepKind.REFRESH
    assert life(kept(gone(denied), tries=tries), denied).kind is StepKind.ASK


def test_the_step_that_is_told_is_the_one_that_comes_first() -> None:
    copy = a_copy(VOICE, read_back_at=START)
    voice = kept(copy, refresh_days=60)
    assert next_step(voice, TERMS, START).kind is StepKind.VERIFY
    voice = kept(copy, refresh_days=6)
    assert next_step(voice, TERMS, START).kind is StepKind.REFRESH
    asked = Dossier(replace(VOICE, keep_policy=KeepPolicy.ASK), (MADE,), (copy,))
    assert next_step(asked, TERMS, START).kind is StepKind.ASK
