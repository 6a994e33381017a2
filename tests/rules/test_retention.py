"""Health and the next step of a voice, by table."""

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
    Role,
    Source,
    VoiceKind,
)
from lib.retention import (
    BLOCKING,
    Reason,
    Step,
    StepKind,
    Terms,
    Why,
    as_said,
    copy_pause,
    counted_attempts,
    deadline_of,
    judge,
    next_step,
    reason_words,
)
from lib.retention.terms import BETWEEN_TRIES, MARGIN
from lib.services import ACTIVATION_ATTEMPTS, NANOGPT, retention_of
from lib.services.minimax import MINIMAX_RETENTION
from lib.services.qwen import QWEN_RETENTION
from tests.parts.clock import START
from tests.registry.records import VAULT, a_copy, a_job, a_voice, evidence_of

PAUSES = BETWEEN_TRIES.steps
HOUR = timedelta(hours=1)
WINDOW = 168 * HOUR
DEADLINE = START + WINDOW
USE_TERMS = Terms(MINIMAX_RETENTION, VAULT, vault_counts=True)
COPY_TERMS = Terms(QWEN_RETENTION, VAULT, vault_counts=True)
NO_LIMIT = Terms(retention_of(NANOGPT, VoiceKind.INWORLD), VAULT, vault_counts=True)
VOICE = a_voice()
QWEN_VOICE = a_voice(kind=VoiceKind.QWEN, embedding_url="https://files.example/voice.safetensors")
MADE = a_job(VOICE, state=JobState.DONE)
QWEN_MADE = a_job(QWEN_VOICE, state=JobState.DONE)


def minimax(*seen: Evidence, tries: tuple[Job, ...] = (), **fields: Any) -> Dossier:
    """A MiniMax voice whose clone is done."""
    return Dossier(replace(VOICE, **fields), (MADE, *tries), seen)


def qwen(*seen: Evidence, **fields: Any) -> Dossier:
    """A Qwen voice whose clone is done."""
    return Dossier(replace(QWEN_VOICE, **fields), (QWEN_MADE,), seen)


def making(state: JobState, **fields: Any) -> Dossier:
    """A MiniMax voice whose clone stands so."""
    return Dossier(replace(VOICE, **fields), (replace(MADE, state=state),))


def attempt(state: JobState, at: datetime, **fields: Any) -> Job:
    """One try to use the voice; an ended one ended at `at`."""
    plain: dict[str, Any] = {"created_at": at, "submitted_at": at}
    if state in (JobState.DONE, JobState.FAILED, JobState.UNKNOWN):
        plain["finished_at"] = at
    return a_job(VOICE, kind=JobKind.ACTIVATION, state=state, **(plain | fields))


def near(found: timedelta, pause: timedelta) -> bool:
    """A little more than this pause; the last and longest a little less."""
    if pause == PAUSES[-1]:
        return 0.9 * pause <= found <= pause
    return pause <= found <= 1.1 * pause


def used(at: datetime = START, **fields: Any) -> Evidence:
    return evidence_of(VOICE, EvidenceKind.ACTIVATION, at=at, **fields)


def gone(at: datetime, **fields: Any) -> Evidence:
    return evidence_of(VOICE, EvidenceKind.NOT_FOUND, at=at, **fields)


IN_FLIGHT = attempt(JobState.WAITING, DEADLINE - HOUR)
LATE = attempt(JobState.WAITING, DEADLINE + HOUR)
TWO_GONE = (gone(DEADLINE), gone(DEADLINE + HOUR))

HEALTH = {
    "fresh": (minimax(), USE_TERMS, 0 * HOUR, Health.WAITING),
    "just over two days left": (minimax(), USE_TERMS, 120 * HOUR, Health.WAITING),
    "under two days left": (minimax(), USE_TERMS, 120.1 * HOUR, Health.DUE_SOON),
    "a day left": (minimax(), USE_TERMS, 144 * HOUR, Health.DUE_SOON),
    "under a day left": (minimax(), USE_TERMS, 144.1 * HOUR, Health.AT_RISK),
    "a minute left": (minimax(), USE_TERMS, 167.99 * HOUR, Health.AT_RISK),
    "at the deadline": (minimax(), USE_TERMS, WINDOW, Health.PROBABLY_LOST),
    "open ticket at the deadline": (
        minimax(tries=(IN_FLIGHT,)), USE_TERMS, WINDOW, Health.AT_RISK,
    ),
    "open ticket long after it": (
        minimax(tries=(IN_FLIGHT,)), USE_TERMS, 2 * WINDOW, Health.AT_RISK,
    ),
    "ticket of a use sent too late": (
        minimax(tries=(LATE,)), USE_TERMS, 170 * HOUR, Health.PROBABLY_LOST,
    ),
    "use ordered but not sent at the deadline": (
        minimax(tries=(replace(IN_FLIGHT, state=JobState.CONFIRMED, submitted_at=None),)),
        USE_TERMS, WINDOW, Health.PROBABLY_LOST,
    ),
    "use with an unknown outcome at the deadline": (
        minimax(tries=(replace(IN_FLIGHT, state=JobState.UNKNOWN),)),
        USE_TERMS, WINDOW, Health.PROBABLY_LOST,
    ),
    "used": (minimax(used()), USE_TERMS, 2 * HOUR, Health.SAFE),
    "used, long after": (minimax(used()), USE_TERMS, 20 * WINDOW, Health.SAFE),
    "used after the deadline": (
        minimax(used(DEADLINE + HOUR)), USE_TERMS, 2 * WINDOW, Health.SAFE,
    ),
    "used, then refunded": (
        minimax(used(withdrawn_at=START + HOUR)), USE_TERMS, 2 * HOUR, Health.WAITING,
    ),
    "refunded, then used again": (
        minimax(used(withdrawn_at=START + HOUR), used(START + 2 * HOUR)),
        USE_TERMS, 3 * HOUR, Health.SAFE,
    ),
    "a copy of the preview proves no use": (
        minimax(a_copy(VOICE, role=Role.PREVIEW), a_copy(VOICE, role=Role.ACTIVATION)),
        USE_TERMS, 2 * HOUR, Health.WAITING,
    ),
    "gone twice, an hour apart, after the window": (
        minimax(*TWO_GONE), USE_TERMS, 170 * HOUR, Health.LOST,
    ),
    "gone once": (minimax(TWO_GONE[0]), USE_TERMS, 170 * HOUR, Health.PROBABLY_LOST),
    "gone twice within the hour": (
        minimax(gone(DEADLINE), gone(DEADLINE + 0.9 * HOUR)),
        USE_TERMS, 170 * HOUR, Health.PROBABLY_LOST,
    ),
    "gone once before and once after the deadline": (
        minimax(gone(DEADLINE - HOUR), gone(DEADLINE + HOUR)),
        USE_TERMS, 170 * HOUR, Health.PROBABLY_LOST,
    ),
    "gone twice inside the window": (
        minimax(gone(START), gone(START + 2 * HOUR)), USE_TERMS, 3 * HOUR, Health.WAITING,
    ),
    "gone twice, one answer withdrawn": (
        minimax(gone(DEADLINE), gone(DEADLINE + HOUR, withdrawn_at=DEADLINE + 2 * HOUR)),
        USE_TERMS, 172 * HOUR, Health.PROBABLY_LOST,
    ),
    "ordered": (making(JobState.CONFIRMED), USE_TERMS, HOUR, Health.BEING_MADE),
    "being sent": (making(JobState.SUBMITTING), USE_TERMS, HOUR, Health.BEING_MADE),
    "accepted": (making(JobState.WAITING), USE_TERMS, 144.5 * HOUR, Health.BEING_MADE),
    "never made": (making(JobState.FAILED), USE_TERMS, 2 * WINDOW, Health.BEING_MADE),
    "unknown clone, clock running": (making(JobState.UNKNOWN), USE_TERMS, HOUR, Health.AT_RISK),
    "unknown clone, a minute left": (
        making(JobState.UNKNOWN), USE_TERMS, 167.99 * HOUR, Health.AT_RISK,
    ),
    "unknown clone, clock run out": (
        making(JobState.UNKNOWN), USE_TERMS, WINDOW, Health.PROBABLY_LOST,
    ),
    "unknown clone, never sent as far as we know": (
        making(JobState.UNKNOWN, clock_start=None), USE_TERMS, HOUR, Health.BEING_MADE,
    ),
    "unknown Qwen clone": (
        Dossier(QWEN_VOICE, (replace(QWEN_MADE, state=JobState.UNKNOWN),)),
        COPY_TERMS, HOUR, Health.BEING_MADE,
    ),
    "made at the second try": (
        Dossier(
            VOICE,
            (
                replace(MADE, id="job-first", state=JobState.FAILED),
                replace(MADE, created_at=START + HOUR),
            ),
        ),
        USE_TERMS, 2 * HOUR, Health.WAITING,
    ),
    "adopted, clock unknown": (
        Dossier(replace(VOICE, source=Source.ADOPTED, clock_start=None)),
        USE_TERMS, WINDOW, Health.UNKNOWN,
    ),
    "adopted, clock known": (
        Dossier(replace(VOICE, source=Source.ADOPTED)), USE_TERMS, 121 * HOUR, Health.DUE_SOON,
    ),
    "adopted, clock unknown, used": (
        Dossier(replace(VOICE, clock_start=None), (), (used(),)), USE_TERMS, WINDOW, Health.SAFE,
    ),
    "no limit published": (minimax(), NO_LIMIT, 20 * WINDOW, Health.PERSISTENT),
    "Qwen, fresh": (qwen(), COPY_TERMS, HOUR, Health.WAITING),
    "Qwen, under a day left": (qwen(), COPY_TERMS, 145 * HOUR, Health.AT_RISK),
    "Qwen, over": (qwen(), COPY_TERMS, WINDOW, Health.PROBABLY_LOST),
    "Qwen, copied": (qwen(a_copy(QWEN_VOICE)), COPY_TERMS, 20 * WINDOW, Health.SAFE),
    "Qwen, copied to another vault": (
        qwen(a_copy(QWEN_VOICE, vault="file:///old")), COPY_TERMS, HOUR, Health.WAITING,
    ),
    "Qwen, copied to a vault that does not count": (
        qwen(a_copy(QWEN_VOICE)), replace(COPY_TERMS, vault_counts=False), HOUR, Health.WAITING,
    ),
    "Qwen, copy found broken": (
        qwen(a_copy(QWEN_VOICE, withdrawn_at=START)), COPY_TERMS, HOUR, Health.WAITING,
    ),
    "Qwen, only its preview copied": (
        qwen(a_copy(QWEN_VOICE, role=Role.PREVIEW)), COPY_TERMS, HOUR, Health.WAITING,
    ),
    "Qwen, used but not copied": (qwen(used()), COPY_TERMS, HOUR, Health.WAITING),
    "Qwen, gone twice inside the window": (
        qwen(gone(START), gone(START + HOUR)), COPY_TERMS, 2 * HOUR, Health.LOST,
    ),
    "Qwen, gone once": (qwen(gone(START)), COPY_TERMS, 2 * HOUR, Health.WAITING),
    "Qwen, gone at the host but copied": (
        qwen(gone(START), gone(START + HOUR), a_copy(QWEN_VOICE)),
        COPY_TERMS, WINDOW, Health.SAFE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HEALTH)
def test_health_is_the_word_of_the_table(case: str) -> None:
    dossier, terms, age, health = HEALTH[case]
    assert judge(dossier, terms, START + age).health is health


def test_the_table_has_every_word_of_health() -> None:
    assert {case[3] for case in HEALTH.values()} == set(Health)


def test_only_what_can_still_be_lost_shows_a_deadline() -> None:
    assert judge(minimax(), USE_TERMS, START).deadline == DEADLINE
    assert judge(making(JobState.UNKNOWN), USE_TERMS, START).deadline == DEADLINE
    assert judge(minimax(*TWO_GONE), USE_TERMS, DEADLINE + HOUR).deadline == DEADLINE
    for settled in (minimax(used()), making(JobState.WAITING), minimax(clock_start=None)):
        assert judge(settled, USE_TERMS, START).deadline is None


def test_the_deadline_stays_whatever_was_done() -> None:
    assert deadline_of(minimax(used()), MINIMAX_RETENTION) == DEADLINE
    assert deadline_of(minimax(clock_start=None), MINIMAX_RETENTION) is None
    assert deadline_of(minimax(), NO_LIMIT.rule) is None


def test_a_judgement_names_its_evidence_and_its_reason() -> None:
    first, last = used(), used(START + HOUR)
    assert judge(minimax(last, first), USE_TERMS, START).evidence == last
    copy = a_copy(QWEN_VOICE)
    assert judge(qwen(copy), COPY_TERMS, START).evidence == copy
    assert judge(minimax(*TWO_GONE), USE_TERMS, 2 * WINDOW + START).evidence == TWO_GONE[1]
    disk = judge(qwen(copy), replace(COPY_TERMS, vault_counts=False), START)
    assert disk.evidence is None
    assert disk.why == Why(Reason.ON_DISK_ONLY)


def step(dossier: Dossier, age: timedelta, terms: Terms = USE_TERMS) -> Step:
    return next_step(dossier, terms, START + age)


@pytest.mark.parametrize(
    ("policy", "kind", "at"),
    [
        (KeepPolicy.AT_ONCE, StepKind.ACTIVATE, START),
        (KeepPolicy.BEFORE_DEADLINE, StepKind.ACTIVATE, START + WINDOW / 2),
        (KeepPolicy.ASK, StepKind.ASK, None),
    ],
)
def test_the_policy_says_when_a_voice_is_used(
    policy: KeepPolicy, kind: StepKind, at: datetime | None
) -> None:
    found = step(minimax(keep_policy=policy), HOUR)
    assert (found.kind, found.at) == (kind, at)
    assert not found.blocked


@pytest.mark.parametrize("policy", KeepPolicy)
def test_after_the_deadline_a_person_is_asked(policy: KeepPolicy) -> None:
    found = step(minimax(keep_policy=policy), WINDOW)
    assert (found.kind, found.at) == (StepKind.ASK, None)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.UNKNOWN])
def test_pauses_grow_after_each_attempt_that_did_not_prove_it(state: JobState) -> None:
    tries: tuple[Job, ...] = ()
    moment = START
    for pause in (*PAUSES, PAUSES[-1]):
        tries += (attempt(state, moment, error_kind=ErrorKind.UNKNOWN_OUTCOME),)
        found = step(minimax(tries=tries), moment - START)
        assert found.kind is StepKind.ACTIVATE
        assert found.at is not None
        assert near(found.at - moment, pause)
        moment += pause


def test_what_cost_nothing_is_tried_again_for_days_and_what_may_have_is_not() -> None:
    def tried(number: int, after: Money | None) -> tuple[Job, ...]:
        one = attempt(JobState.UNKNOWN, START, error_kind=ErrorKind.UNKNOWN_OUTCOME)
        known = replace(one, balance_before=Money.usd("5"), balance_after=after)
        return (known,) * number

    free, paid = Money.usd("5"), Money.usd("4.99")
    assert step(minimax(tries=tried(19, free)), HOUR).kind is StepKind.ACTIVATE
    assert step(minimax(tries=tried(20, free)), HOUR).kind is StepKind.ASK
    assert step(minimax(tries=tried(4, paid) + tried(9, free)), HOUR).kind is StepKind.ACTIVATE
    for after in (paid, None):
        assert step(minimax(tries=tried(5, after)), HOUR).kind is StepKind.ASK


@pytest.mark.parametrize("left", [2 * HOUR, 3 * HOUR, 4 * HOUR])
def test_a_pause_is_never_longer_than_a_quarter_of_the_time_left(left: timedelta) -> None:
    ended = DEADLINE - left
    tries = tuple(attempt(JobState.FAILED, ended - number * HOUR) for number in (3, 2, 0))
    found = step(minimax(tries=tries), ended - START)
    assert found.at == ended + left / 4


def test_before_the_deadline_waits_for_its_half_also_after_an_early_attempt() -> None:
    early = attempt(JobState.FAILED, START + HOUR)
    found = step(minimax(tries=(early,), keep_policy=KeepPolicy.BEFORE_DEADLINE), 2 * HOUR)
    assert found.at == START + WINDOW / 2


def test_no_attempt_is_planned_into_the_last_hour() -> None:
    ended = DEADLINE - MARGIN - timedelta(minutes=20)
    tries = tuple(attempt(JobState.FAILED, ended - number * HOUR) for number in (3, 2, 0))
    assert step(minimax(tries=tries), ended - START).at == DEADLINE - MARGIN


def test_tries_that_end_in_the_last_hour_still_have_pauses_between_them() -> None:
    ended = DEADLINE - timedelta(minutes=20)
    found = step(minimax(tries=(attempt(JobState.FAILED, ended),)), ended - START)
    assert found.at == ended + timedelta(minutes=5)


def test_an_attempt_that_is_held_up_says_why_and_when_it_is_tried_again() -> None:
    later = START + 2 * HOUR
    held_up = replace(
        attempt(JobState.CONFIRMED, START),
        last_answer="The balance is $0.00.",
        answer_kind=ErrorKind.BALANCE,
        next_check_at=later,
        attempts=1,
    )
    found = step(minimax(tries=(held_up,)), HOUR)
    assert (found.kind, found.at, found.blocked) == (StepKind.WAIT, later, True)
    assert found.why == as_said("The balance is $0.00.")


def test_an_attempt_that_stands_in_line_is_not_held_up() -> None:
    order = attempt(JobState.CONFIRMED, START)
    in_line = replace(
        order, last_answer="In line.", answer_kind=ErrorKind.QUEUE, next_check_at=START + HOUR
    )
    found = step(minimax(tries=(in_line,)), HOUR)
    assert (found.kind, found.why, found.blocked) == (StepKind.WAIT, as_said("In line."), False)


@pytest.mark.parametrize("policy", KeepPolicy)
def test_a_voice_made_from_words_is_used_at_once_whatever_the_policy(policy: KeepPolicy) -> None:
    found = step(minimax(keep_policy=policy, source=Source.DESIGNED), HOUR)
    assert (found.kind, found.at) == (StepKind.ACTIVATE, START)
    after = step(minimax(keep_policy=policy, source=Source.DESIGNED), WINDOW)
    assert after.kind is StepKind.ASK


def test_a_clone_that_nobody_hears_of_for_a_day_has_a_clock() -> None:
    order = replace(MADE, state=JobState.WAITING, submitted_at=START)
    waiting = Dossier(VOICE, (order,))
    assert judge(waiting, USE_TERMS, START + 23 * HOUR).health is Health.BEING_MADE
    found = judge(waiting, USE_TERMS, START + 25 * HOUR)
    assert (found.health, found.deadline) == (Health.AT_RISK, DEADLINE)
    assert judge(waiting, USE_TERMS, DEADLINE).health is Health.PROBABLY_LOST


def test_a_copy_in_another_vault_is_no_safety_but_no_loss_either() -> None:
    elsewhere = evidence_of(QWEN_VOICE, EvidenceKind.COPY, role=Role.EMBEDDING, vault="file:///old")
    gone = tuple(
        evidence_of(QWEN_VOICE, EvidenceKind.NOT_FOUND, at=START + number * HOUR)
        for number in (1, 3)
    )
    story = qwen(elsewhere, *gone)
    assert judge(story, COPY_TERMS, START + 5 * HOUR).health is Health.WAITING


def test_after_five_attempts_a_person_is_asked() -> None:
    tries = tuple(
        attempt(JobState.FAILED, START + number * HOUR) for number in range(ACTIVATION_ATTEMPTS)
    )
    assert step(minimax(tries=tries[:-1]), 20 * HOUR).kind is StepKind.ACTIVATE
    found = step(minimax(tries=tries), 20 * HOUR)
    assert (found.kind, found.at) == (StepKind.ASK, None)
    assert ACTIVATION_ATTEMPTS == 5


@pytest.mark.parametrize("kind", ErrorKind)
def test_only_a_refusal_that_something_outside_can_mend_is_no_attempt(kind: ErrorKind) -> None:
    failed = attempt(JobState.FAILED, START, error_kind=kind.value)
    assert (counted_attempts(minimax(tries=(failed,))) == ()) == (kind in BLOCKING)


@pytest.mark.parametrize("kind", sorted(BLOCKING))
def test_what_is_blocked_is_tried_again_however_often(kind: ErrorKind) -> None:
    tries = tuple(
        attempt(JobState.FAILED, START + number * HOUR, error_kind=kind.value, error="No money.")
        for number in range(3 * ACTIVATION_ATTEMPTS)
    )
    found = step(minimax(tries=tries), 20 * HOUR)
    last = tries[-1].finished_at
    assert last is not None
    assert found == Step(StepKind.ACTIVATE, last + PAUSES[0], as_said("No money."), kind)


def test_an_unknown_outcome_is_an_attempt_whatever_kind_it_carries() -> None:
    unknown = attempt(JobState.UNKNOWN, START, error_kind=ErrorKind.BUSY.value)
    assert counted_attempts(minimax(tries=(unknown,))) == (unknown,)


@pytest.mark.parametrize("age", [0 * HOUR, 100 * HOUR, 167.5 * HOUR, WINDOW, 2 * WINDOW])
@pytest.mark.parametrize("policy", KeepPolicy)
def test_a_proven_voice_is_not_used_again(policy: KeepPolicy, age: timedelta) -> None:
    assert step(minimax(used(), keep_policy=policy), age) == Step(StepKind.NOTHING)


@pytest.mark.parametrize("state", [JobState.CONFIRMED, JobState.SUBMITTING, JobState.WAITING])
@pytest.mark.parametrize("age", [0 * HOUR, 167.5 * HOUR, 2 * WINDOW])
def test_an_open_attempt_keeps_out_another(state: JobState, age: timedelta) -> None:
    found = step(minimax(tries=(attempt(state, START),)), age)
    assert (found.kind, found.at) == (StepKind.NOTHING, None)


def test_a_refund_makes_the_next_attempt_due() -> None:
    paid = attempt(JobState.DONE, START)
    back = START + HOUR
    dossier = minimax(used(withdrawn_at=back), tries=(paid,))
    assert judge(dossier, USE_TERMS, back).health is Health.WAITING
    found = next_step(dossier, USE_TERMS, back)
    assert found.kind is StepKind.ACTIVATE
    assert found.at is not None
    assert found.at <= back


@pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.DONE])
def test_nothing_is_done_for_what_was_not_made(state: JobState) -> None:
    assert step(making(state), HOUR) == Step(StepKind.NOTHING)


def test_nothing_is_done_where_no_end_is_published() -> None:
    assert step(minimax(), HOUR, NO_LIMIT) == Step(StepKind.NOTHING)


def test_a_person_is_asked_for_a_test_call_where_no_clock_is_known() -> None:
    found = step(minimax(clock_start=None), HOUR)
    assert (found.kind, found.at) == (StepKind.ASK, None)


@pytest.mark.parametrize(
    ("dossier", "terms"),
    [(minimax(), USE_TERMS), (qwen(), COPY_TERMS)],
    ids=["to use", "to copy"],
)
def test_an_archived_voice_gets_no_step(dossier: Dossier, terms: Terms) -> None:
    archived = replace(dossier, voice=replace(dossier.voice, archived_at=START))
    assert step(dossier, 60 * WINDOW / 7, terms) != Step(StepKind.NOTHING)
    assert step(archived, 60 * WINDOW / 7, terms) == Step(StepKind.NOTHING)


@pytest.mark.parametrize("policy", KeepPolicy)
def test_a_file_is_copied_at_once_whatever_the_policy(policy: KeepPolicy) -> None:
    assert step(qwen(keep_policy=policy), HOUR, COPY_TERMS) == Step(StepKind.MIRROR, START)


def test_a_file_is_tried_for_also_after_the_window() -> None:
    assert step(qwen(), 2 * WINDOW, COPY_TERMS).kind is StepKind.MIRROR


def test_a_copy_that_failed_waits_for_its_time_and_says_why() -> None:
    later = START + 3 * HOUR
    why = {"copy_error": "The vault is full.", "copy_error_kind": ErrorKind.STORAGE}
    dossier = qwen(copy_tries=1, copy_next_at=later, **why)
    expected = Step(StepKind.MIRROR, later, as_said("The vault is full."), ErrorKind.STORAGE)
    assert step(dossier, HOUR, COPY_TERMS) == expected


def test_a_copy_in_another_vault_moves_here() -> None:
    elsewhere = qwen(a_copy(QWEN_VOICE, vault="file:///old"))
    assert step(elsewhere, HOUR, COPY_TERMS) == Step(StepKind.MOVE, START)


def test_a_lost_file_and_one_without_an_address_are_not_tried_for() -> None:
    lost = qwen(gone(START), gone(START + HOUR))
    assert step(lost, 2 * HOUR, COPY_TERMS) == Step(StepKind.NOTHING)
    assert step(qwen(embedding_url=""), HOUR, COPY_TERMS) == Step(StepKind.NOTHING)
    once = qwen(gone(START))
    assert step(once, 2 * HOUR, COPY_TERMS).kind is StepKind.MIRROR


def test_a_copy_is_read_again_thirty_days_after_it_was_last_read() -> None:
    days = timedelta(days=1)
    never = a_copy(QWEN_VOICE, read_back_at=None)
    assert step(qwen(never), HOUR, COPY_TERMS) == Step(StepKind.VERIFY, START + 30 * days)
    read = a_copy(QWEN_VOICE, read_back_at=START + 10 * days)
    assert step(qwen(read), HOUR, COPY_TERMS) == Step(StepKind.VERIFY, START + 40 * days)


def test_a_person_may_have_a_copy_read_sooner() -> None:
    found = step(qwen(a_copy(QWEN_VOICE), copy_next_at=START + HOUR), HOUR, COPY_TERMS)
    assert found == Step(StepKind.VERIFY, START + HOUR)


def test_a_broken_copy_is_fetched_again() -> None:
    broken = qwen(a_copy(QWEN_VOICE, withdrawn_at=START))
    assert step(broken, HOUR, COPY_TERMS).kind is StepKind.MIRROR


@pytest.mark.parametrize(("tries", "pause"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (99, 2)])
def test_pauses_between_copies_grow_to_the_last(tries: int, pause: int) -> None:
    for deadline in (None, START - HOUR):
        found = copy_pause("voice-1", tries, START, deadline)
        assert near(found, PAUSES[pause])


def test_what_failed_together_is_not_tried_together() -> None:
    pauses = {copy_pause(f"voice-{number}", 1, START, None) for number in range(50)}
    assert len(pauses) == 50
    assert copy_pause("voice-1", 1, START, None) == copy_pause("voice-1", 1, START, None)


def test_a_copy_waits_no_longer_than_a_quarter_of_the_time_left() -> None:
    assert copy_pause("voice-1", 3, DEADLINE - 8 * HOUR, DEADLINE) == 2 * HOUR
    seconds = timedelta(seconds=8)
    assert copy_pause("voice-1", 3, DEADLINE - seconds, DEADLINE) == timedelta(minutes=1)


def test_the_pauses_are_those_of_the_promise() -> None:
    minutes = [pause.total_seconds() / 60 for pause in PAUSES]
    assert minutes == [15, 60, 360]


def test_a_reason_reads_with_its_values() -> None:
    assert reason_words(Why(Reason.TRIES_FAILED, tries=5)) == "5 attempts to keep it failed."
    assert reason_words(as_said("It said {this}.")) == "It said {this}."
    assert (reason_words(None), as_said("")) == ("", None)
