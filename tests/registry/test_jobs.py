"""Paid things: ordered once, sent once, and moved only where the state machine allows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from lib.models import ErrorKind, EvidenceKind, Inquiry, Job, JobKind, JobState, Money, Role
from lib.registry import AlreadyOrdered, Outcome, Registry, job_states
from lib.registry.job_states import ENDING, SENT, IllegalTransition
from tests.parts.clock import START
from tests.registry.records import a_copy, a_job, a_take, a_voice, events, everything, evidence_of

MINUTE = timedelta(minutes=1)
NOW = START + MINUTE
SOON = NOW + MINUTE
BUSY = ErrorKind.BUSY
OPEN = (JobState.CONFIRMED, JobState.SUBMITTING, JobState.WAITING, JobState.UNKNOWN)
OVER = (JobState.DONE, JobState.FAILED)


def ordered(registry: Registry, state: JobState = JobState.CONFIRMED, **fields: object) -> Job:
    """A job of a voice, brought into the registry in this state."""
    voice = a_voice()
    job = a_job(voice, state=state, **fields)
    registry.jobs.order(job, voice)
    return job


def now_is(registry: Registry, job: Job) -> Job:
    found = registry.jobs.get(job.id)
    assert found is not None
    return found


def accept(registry: Registry, job_id: str, **fields: object) -> bool:
    plain: dict[str, object] = {
        "now": NOW,
        "submitted_at": START,
        "next_at": SOON,
        "ticket": {"run_id": "run-1"},
        "result": {},
        "charged": Money.usd("0.9"),
        "request_id": "req-1",
    }
    return registry.jobs.accepted(job_id, **(plain | fields))  # type: ignore[arg-type]


Move = Callable[[Registry, Job], bool]

TRANSITIONS: dict[str, tuple[Move, dict[JobState, JobState]]] = {
    "renew": (
        lambda r, job: r.jobs.renew(job.id, person="Ann", now=NOW, send_before=SOON),
        {JobState.CONFIRMED: JobState.CONFIRMED},
    ),
    "reserve": (
        lambda r, job: r.jobs.reserve(job.id, "me", now=NOW, until=SOON),
        {JobState.CONFIRMED: JobState.CONFIRMED},
    ),
    "submit": (
        lambda r, job: r.jobs.submit(
            job.id, "me", now=NOW, until=SOON, account="a", balance=Money(7)
        ),
        {JobState.CONFIRMED: JobState.SUBMITTING},
    ),
    "requeue": (
        lambda r, job: r.jobs.requeue(job.id, now=NOW, next_at=SOON, why="Busy.", kind=BUSY),
        {JobState.SUBMITTING: JobState.CONFIRMED},
    ),
    "accepted": (
        lambda r, job: accept(r, job.id),
        {JobState.SUBMITTING: JobState.WAITING, JobState.UNKNOWN: JobState.WAITING},
    ),
    "mark_unknown": (
        lambda r, job: r.jobs.mark_unknown(job.id, now=NOW, why="No answer.", next_at=SOON),
        {JobState.SUBMITTING: JobState.UNKNOWN},
    ),
    "answered": (
        lambda r, job: r.jobs.answered(job.id, now=NOW, result={"audio_url": "x"}),
        {JobState.WAITING: JobState.WAITING},
    ),
    "lease": (
        lambda r, job: r.jobs.lease(
            replace(job, state=JobState.WAITING), "me", now=NOW, until=SOON
        ),
        {JobState.WAITING: JobState.WAITING},
    ),
    "finish": (
        lambda r, job: r.jobs.finish(job.id, now=NOW, outcome=Outcome({"finished": True})),
        dict.fromkeys(SENT, JobState.DONE),
    ),
    "finish what is unknown": (
        lambda r, job: r.jobs.finish(
            job.id, now=NOW, outcome=Outcome({}), states=(JobState.UNKNOWN,)
        ),
        {JobState.UNKNOWN: JobState.DONE},
    ),
    "finish what was failed": (
        lambda r, job: r.jobs.finish(
            job.id, now=NOW, outcome=Outcome({}), states=(*SENT, JobState.FAILED)
        ),
        dict.fromkeys((*SENT, JobState.FAILED), JobState.DONE),
    ),
    "let go": (
        lambda r, job: r.jobs.let_go(job.id, now=NOW, why="It took too long.", next_at=SOON),
        {JobState.WAITING: JobState.UNKNOWN},
    ),
    "fail": (
        lambda r, job: r.jobs.fail(job.id, now=NOW, error="Refused."),
        dict.fromkeys(ENDING, JobState.FAILED),
    ),
    "fail what is unsent": (
        lambda r, job: r.jobs.fail(
            job.id, now=NOW, error="Refused.", states=(JobState.CONFIRMED,)
        ),
        {JobState.CONFIRMED: JobState.FAILED},
    ),
    "note": (
        lambda r, job: r.jobs.note(job.id, now=NOW, what="seen", balance_after=Money(3)),
        {state: state for state in JobState},
    ),
}  # fmt: skip
QUIET = {"reserve", "lease"}
"""Moves that only lease: no part of the story."""


@pytest.mark.parametrize("move", TRANSITIONS)
def test_a_move_is_made_where_it_is_allowed_and_nowhere_else(registry: Registry, move: str) -> None:
    go, allowed = TRANSITIONS[move]
    for state in JobState:
        job = ordered(registry, state, next_check_at=NOW)
        bystander = ordered(registry, state)
        before = everything(registry)
        told = len(events(registry))
        assert go(registry, job) is (state in allowed), state
        if state not in allowed:
            assert everything(registry) == before
            continue
        after = now_is(registry, job)
        assert after.state is allowed[state]
        assert now_is(registry, bystander) == bystander
        assert after.revision == job.revision + (move not in QUIET)
        assert len(events(registry)) == told + (move not in QUIET)


@pytest.mark.parametrize("move", TRANSITIONS)
def test_a_move_of_a_job_that_is_not_there_does_nothing(registry: Registry, move: str) -> None:
    before = everything(registry)
    assert TRANSITIONS[move][0](registry, a_job("voice-none", next_check_at=NOW)) is False
    assert everything(registry) == before


def test_each_legal_move_is_made_and_no_other() -> None:
    made = {
        (old, new)
        for _, allowed in TRANSITIONS.values()
        for old, new in allowed.items()
        if old != new
    }
    assert made == {(old, new) for old, after in job_states.TRANSITIONS.items() for new in after}
    assert set(job_states.TRANSITIONS) == set(JobState)


def test_the_picture_of_the_moves_shows_the_table() -> None:
    wide = max(len(state) for state in JobState)
    picture = "\n".join(
        f"{old:{wide}} → {' | '.join(after)}"
        for old, after in job_states.TRANSITIONS.items()
        if after
    )
    assert f"\n\n{picture}\n" in (job_states.__doc__ or "")


def test_a_move_that_is_not_in_the_table_is_a_defect(registry: Registry) -> None:
    job = ordered(registry, JobState.DONE)
    before = everything(registry)
    for old in JobState:
        for new in set(JobState) - set(job_states.TRANSITIONS[old]):
            with pytest.raises(IllegalTransition, match=f"{old} cannot become {new}"):
                registry.jobs.move(job.id, (old,), NOW, "", "moved", state=new)
    with pytest.raises(IllegalTransition):  # one of many states is enough, whatever state it is in
        registry.jobs.move(job.id, tuple(JobState), NOW, "", "moved", state=JobState.DONE)
    assert everything(registry) == before


# Ordering


@pytest.mark.parametrize("state", OPEN)
def test_the_same_order_is_one_job_until_it_is_over(registry: Registry, state: JobState) -> None:
    first = ordered(registry, state)
    voice = a_voice()
    again = a_job(voice, order_key=first.order_key)
    before = everything(registry)
    with pytest.raises(AlreadyOrdered) as caught:
        registry.jobs.order(again, voice, [a_copy(voice, role=Role.REFERENCE)])
    assert caught.value.job == first
    assert everything(registry) == before
    assert registry.jobs.open_order(first.order_key) == first


@pytest.mark.parametrize("state", OVER)
def test_what_is_over_may_be_ordered_again(registry: Registry, state: JobState) -> None:
    first = ordered(registry, state)
    assert registry.jobs.open_order(first.order_key) is None
    ordered(registry, order_key=first.order_key)


def test_an_order_brings_its_voice_and_its_recording(registry: Registry) -> None:
    voice = a_voice()
    job = a_job(voice, person="Ann")
    recording = a_copy(voice, role=Role.REFERENCE)
    registry.jobs.order(job, voice, [recording])
    dossier = registry.voices.dossier(voice.id)
    assert dossier is not None
    assert (dossier.voice, dossier.jobs, dossier.evidence) == (voice, (job,), (recording,))
    assert events(registry) == ["ordered: clone"]


def test_of_many_clicks_one_becomes_an_order(registry: Registry, neighbour: Registry) -> None:
    start = Barrier(12)

    def click(number: int) -> str:
        jobs = (registry if number % 2 else neighbour).jobs
        voice = a_voice()
        job = a_job(voice, order_key="same")
        start.wait(30)
        try:
            jobs.order(job, voice)
        except AlreadyOrdered as already:
            return already.job.id
        return job.id

    with ThreadPoolExecutor(12) as pool:
        ids = set(pool.map(click, range(12)))
    assert len(ids) == len(registry.voices.dossiers()) == 1


@pytest.mark.parametrize("state", [JobState.CONFIRMED, JobState.SUBMITTING, JobState.WAITING])
def test_an_open_activation_keeps_out_another(registry: Registry, state: JobState) -> None:
    voice = a_voice()
    first = a_job(voice, kind=JobKind.ACTIVATION, state=state)
    registry.jobs.order(first, voice)
    before = everything(registry)
    with pytest.raises(AlreadyOrdered) as caught:
        registry.jobs.order(a_job(voice, kind=JobKind.ACTIVATION))
    assert caught.value.job == first
    assert everything(registry) == before
    registry.jobs.order(a_job(voice, kind=JobKind.SPEECH))
    ordered(registry, kind=JobKind.ACTIVATION)


@pytest.mark.parametrize("state", [JobState.UNKNOWN, *OVER])
def test_an_activation_that_is_not_open_makes_room(registry: Registry, state: JobState) -> None:
    voice = a_voice()
    registry.jobs.order(a_job(voice, kind=JobKind.ACTIVATION, state=state), voice)
    registry.jobs.order(a_job(voice, kind=JobKind.ACTIVATION))


def test_a_late_answer_does_not_open_a_second_activation(registry: Registry) -> None:
    voice = a_voice()
    lost = a_job(voice, kind=JobKind.ACTIVATION, state=JobState.UNKNOWN)
    registry.jobs.order(lost, voice)
    assert registry.jobs.finish(lost.id, now=NOW, outcome=Outcome({}))
    registry.jobs.order(a_job(voice, kind=JobKind.ACTIVATION))


# Sending


def test_of_many_senders_one_sends(registry: Registry, neighbour: Registry) -> None:
    job = ordered(registry)
    start = Barrier(16)

    def send(number: int) -> bool:
        jobs = (registry if number % 2 else neighbour).jobs
        start.wait(30)
        return jobs.submit(
            job.id, f"worker-{number}", now=NOW, until=SOON, account="a", balance=None
        )

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(send, range(16)))
    assert sum(won) == 1
    after = now_is(registry, job)
    assert after.lease_owner == f"worker-{won.index(True)}"
    assert after.attempts == 1
    assert events(registry) == ["ordered: clone", "sent"]


def test_sending_notes_when_by_whom_and_what_was_there(registry: Registry) -> None:
    job = ordered(registry, next_check_at=START)
    registry.jobs.submit(job.id, "me", now=NOW, until=SOON, account="other", balance=Money.usd(5))
    after = now_is(registry, job)
    assert (after.submitted_at, after.balance_before) == (NOW, Money.usd(5))
    assert after.account == "other"  # the key may have changed since it was ordered
    assert (after.lease_owner, after.lease_until) == ("me", SOON)
    assert after.next_check_at is None


def test_a_reserved_order_is_left_to_its_worker_for_a_while(registry: Registry) -> None:
    job = ordered(registry)
    assert registry.jobs.reserve(job.id, "one", now=NOW, until=SOON)
    assert not registry.jobs.reserve(job.id, "two", now=NOW, until=SOON)
    assert registry.jobs.reserve(job.id, "two", now=SOON, until=SOON + MINUTE)
    assert now_is(registry, job).revision == job.revision


def test_requeue_is_as_if_never_sent(registry: Registry) -> None:
    job = ordered(registry)
    registry.jobs.submit(job.id, "me", now=NOW, until=SOON, account="a", balance=None)
    assert registry.jobs.requeue(job.id, now=NOW, next_at=SOON, why="Busy.", kind=BUSY)
    after = now_is(registry, job)
    assert (after.submitted_at, after.lease_until, after.lease_owner) == (None, None, "")
    assert (after.next_check_at, after.last_answer, after.attempts) == (SOON, "Busy.", 1)
    assert after.answer_kind == BUSY
    assert registry.jobs.submit(
        job.id, "me", now=SOON, until=SOON + MINUTE, account="a", balance=None
    )


def test_an_order_asked_for_again_may_be_sent_again(registry: Registry) -> None:
    job = ordered(registry, send_before=START, next_check_at=SOON)
    assert registry.jobs.due([job.service], NOW, 9) == []
    assert registry.jobs.renew(job.id, person="Ann", now=NOW, send_before=SOON)
    assert [item.id for item in registry.jobs.due([job.service], NOW, 9)] == [job.id]


def test_an_accepted_order_keeps_all_that_the_service_said(registry: Registry) -> None:
    job = ordered(registry, JobState.SUBMITTING, lease_owner="me", lease_until=SOON)
    assert accept(registry, job.id, voice_changes={"clock_start": START + MINUTE / 2})
    after = now_is(registry, job)
    assert (after.submitted_at, after.next_check_at) == (START, SOON)
    assert (after.ticket, after.request_id) == ({"run_id": "run-1"}, "req-1")
    assert (after.charged, after.lease_until) == (Money.usd("0.9"), None)
    voice = registry.voices.get(job.voice_id)
    assert voice is not None
    assert voice.clock_start == START + MINUTE / 2


# Following


LATE: dict[str, Move] = {
    "accepted": lambda r, job: accept(r, job.id),
    "finish": lambda r, job: r.jobs.finish(job.id, now=SOON, outcome=Outcome({"url": "x"})),
    "fail": lambda r, job: r.jobs.fail(job.id, now=SOON, error="Refused.", error_kind="input"),
}


@pytest.mark.parametrize("answer", LATE)
def test_a_late_answer_wins(registry: Registry, answer: str) -> None:
    job = ordered(registry, JobState.SUBMITTING, submitted_at=START, lease_until=NOW)
    assert registry.jobs.mark_unknown(
        job.id, now=NOW, why="No answer.", request_id="req-0", next_at=SOON
    )
    lost = now_is(registry, job)
    assert (lost.state, lost.error_kind) == (JobState.UNKNOWN, "unknown_outcome")
    assert (lost.error, lost.request_id, lost.finished_at) == ("No answer.", "req-0", NOW)
    assert LATE[answer](registry, job)
    assert now_is(registry, job).error_kind == ("input" if answer == "fail" else "")
    assert not registry.jobs.mark_unknown(job.id, now=SOON, why="No answer.", next_at=SOON)


def test_of_many_workers_one_takes_the_turn(registry: Registry, neighbour: Registry) -> None:
    job = ordered(registry, JobState.WAITING, next_check_at=NOW)
    start = Barrier(16)

    def turn(number: int) -> bool:
        jobs = (registry if number % 2 else neighbour).jobs
        start.wait(30)
        return jobs.lease(job, f"worker-{number}", now=NOW, until=SOON)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(turn, range(16))) == 1


def test_a_turn_comes_when_it_is_time_and_nobody_has_it(registry: Registry) -> None:
    job = ordered(registry, JobState.WAITING, next_check_at=NOW)
    assert not registry.jobs.lease(job, "one", now=NOW - MINUTE, until=SOON)
    assert registry.jobs.lease(job, "one", now=NOW, until=SOON)
    assert registry.jobs.lease(job, "two", now=SOON, until=SOON + MINUTE)
    assert not registry.jobs.lease(ordered(registry, JobState.WAITING), "one", now=NOW,
                                       until=SOON)  # fmt: skip


@pytest.mark.parametrize(
    "state", [JobState.CONFIRMED, JobState.WAITING, JobState.UNKNOWN, JobState.DONE]
)
def test_putting_off_frees_the_turn_and_counts(registry: Registry, state: JobState) -> None:
    job = ordered(registry, state, next_check_at=NOW, lease_owner="me", lease_until=SOON)
    registry.jobs.later(job, next_at=SOON, answer="It is busy.", kind=BUSY)
    after = now_is(registry, job)
    assert (after.next_check_at, after.last_answer, after.attempts) == (SOON, "It is busy.", 1)
    assert after.answer_kind == BUSY
    assert (after.lease_owner, after.lease_until) == ("", None)
    assert (after.state, after.revision) == (state, job.revision)
    registry.jobs.later(job, next_at=SOON, answer="Still working.", in_trouble=False)
    assert now_is(registry, job).answer_kind == ""


@pytest.mark.parametrize(
    "state", [JobState.SUBMITTING, JobState.UNKNOWN, JobState.DONE, JobState.FAILED]
)
def test_a_worker_that_was_overtaken_puts_nothing_off(registry: Registry, state: JobState) -> None:
    job = ordered(registry, state, lease_owner="other", lease_until=SOON)
    before = everything(registry)
    for seen in {JobState.CONFIRMED, JobState.WAITING, JobState.DONE} - {state}:
        registry.jobs.later(replace(job, state=seen), next_at=SOON, answer="Not yet.")
    assert everything(registry) == before


@pytest.mark.parametrize(
    ("state", "next_at", "after"),
    [
        (JobState.WAITING, NOW + timedelta(hours=1), NOW),
        (JobState.WAITING, NOW, NOW),
        (JobState.WAITING, START, START),
        (JobState.WAITING, None, None),
        (JobState.CONFIRMED, SOON, SOON),
        (JobState.DONE, SOON, SOON),
    ],
)
def test_a_person_may_have_a_waiting_job_looked_at(
    registry: Registry, state: JobState, next_at: datetime | None, after: datetime | None
) -> None:
    job = ordered(registry, state, next_check_at=next_at)
    registry.jobs.check_now(job.id, NOW)
    assert now_is(registry, job).next_check_at == after


def test_an_answer_is_kept_before_it_is_fetched(registry: Registry) -> None:
    job = ordered(registry, JobState.WAITING, next_check_at=SOON, attempts=7)
    assert registry.jobs.answered(job.id, now=NOW, result={"audio_url": "x"})
    after = now_is(registry, job)
    assert (after.result, after.next_check_at, after.attempts) == ({"audio_url": "x"}, NOW, 0)


def test_what_a_job_brought_is_committed_with_it(registry: Registry) -> None:
    job = ordered(registry, JobState.WAITING, kind=JobKind.SPEECH, error="Old.", lease_owner="me")
    proof = evidence_of(job.voice_id, EvidenceKind.ACTIVATION, job_id=job.id)
    take = a_take(job)
    outcome = Outcome(
        {"seconds": 2.5},
        Money.usd("0.02"),
        voice_changes={"embedding_url": "https://files.example/v"},
        evidence=proof,
        take=take,
        look_again_at=SOON,
    )
    assert registry.jobs.finish(job.id, now=NOW, outcome=outcome)
    after = now_is(registry, job)
    assert (after.result, after.charged, after.error) == ({"seconds": 2.5}, Money.usd("0.02"), "")
    assert (after.finished_at, after.next_check_at, after.lease_owner) == (NOW, SOON, "")
    dossier = registry.voices.dossier(job.voice_id)
    assert dossier is not None
    assert dossier.evidence == (proof,)
    assert dossier.voice.embedding_url == "https://files.example/v"
    assert registry.takes.get(job.id) == take


def test_nothing_is_committed_where_one_part_cannot_be(registry: Registry) -> None:
    job = ordered(registry, JobState.WAITING)
    proof = evidence_of(job.voice_id, EvidenceKind.ACTIVATION)
    registry.voices.add_evidence(proof)
    before = everything(registry)
    outcome = Outcome({}, voice_changes={"name": "Other"}, evidence=proof)
    with pytest.raises(Exception, match=r"(?i)unique"):
        registry.jobs.finish(job.id, now=NOW, outcome=outcome)
    assert everything(registry) == before


def test_of_an_end_and_a_failure_at_once_one_is_kept(
    registry: Registry, neighbour: Registry
) -> None:
    job = ordered(registry, JobState.WAITING, kind=JobKind.ACTIVATION)
    start = Barrier(8)

    def end(number: int) -> bool:
        jobs = (registry if number % 2 else neighbour).jobs
        proof = evidence_of(job.voice_id, EvidenceKind.ACTIVATION, job_id=job.id)
        start.wait(30)
        if number % 3:
            return jobs.finish(job.id, now=NOW, outcome=Outcome({}, evidence=proof))
        return jobs.fail(job.id, now=NOW, error="Refused.")

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(end, range(8))) == 1
    dossier = registry.voices.dossier(job.voice_id)
    assert dossier is not None
    assert len(dossier.evidence) == (now_is(registry, job).state is JobState.DONE)


def test_a_price_that_is_known_is_not_forgotten_at_the_end(registry: Registry) -> None:
    job = ordered(registry, JobState.WAITING, charged=Money.usd("0.9"))
    registry.jobs.finish(job.id, now=NOW, outcome=Outcome({}))
    assert now_is(registry, job).charged == Money.usd("0.9")


def test_a_failure_says_why_what_it_cost_and_what_came_back(registry: Registry) -> None:
    job = ordered(registry, JobState.WAITING, charged=Money.usd(1), request_id="req-1")
    gone = evidence_of(job.voice_id, EvidenceKind.NOT_FOUND, job_id=job.id)
    assert registry.jobs.fail(
        job.id, now=NOW, error="Gone.", error_kind="not_found", refunded=Money.usd(1),
        evidence=gone, person="Ann",
    )  # fmt: skip
    after = now_is(registry, job)
    assert (after.error, after.error_kind, after.request_id) == ("Gone.", "not_found", "req-1")
    assert (after.charged, after.refunded, after.cost) == (Money.usd(1), Money.usd(1), Money())
    dossier = registry.voices.dossier(job.voice_id)
    assert dossier is not None
    assert dossier.evidence == (gone,)


def test_a_refund_is_noted_on_a_job_that_is_over(registry: Registry) -> None:
    job = ordered(registry, JobState.DONE, charged=Money.usd(1))
    assert registry.jobs.note(job.id, now=NOW, what="refunded", refunded=Money.usd(1))
    assert now_is(registry, job).cost == Money()
    assert events(registry)[-1] == "refunded"


@pytest.mark.parametrize("kind", JobKind)
def test_the_story_that_changed_is_due_to_be_saved(registry: Registry, kind: JobKind) -> None:
    """A speech is part of its take's story, a transcript is one itself, everything else is part of
    its voice's.
    """
    job = ordered(registry, kind=kind)
    registry.voices.saved(job.voice_id, 1)
    registry.takes.saved(job.id, 1)
    registry.jobs.submit(job.id, "me", now=NOW, until=SOON, account="a", balance=None)
    has_own = kind in (JobKind.SPEECH, JobKind.TRANSCRIPT)
    assert registry.voices.unsaved(9) == ([] if has_own else [job.voice_id])
    assert registry.takes.unsaved(9) == ([job.id] if has_own else [])


# Unknown outcomes: what is done to learn of them


def test_an_order_without_an_answer_is_judged_by_the_balance(registry: Registry) -> None:
    job = ordered(registry, JobState.SUBMITTING)
    registry.jobs.mark_unknown(job.id, now=NOW, why="No answer.", next_at=SOON)
    lost = now_is(registry, job)
    assert (lost.inquiry, lost.is_asked_after) == (Inquiry.COMPARING, False)
    registry.jobs.later(lost, next_at=SOON + MINUTE, answer="No balance was told.")
    assert now_is(registry, job).inquiry is Inquiry.COMPARING
    registry.jobs.later(lost, next_at=None, answer="", is_compared=True)
    assert now_is(registry, job).inquiry is Inquiry.COMPARED


@pytest.mark.parametrize(("next_at", "inquiry"), [(SOON, Inquiry.ASKING), (None, Inquiry.GIVEN_UP)])
def test_an_order_that_is_let_go_says_whether_it_is_asked_after(
    registry: Registry, next_at: datetime | None, inquiry: Inquiry
) -> None:
    job = ordered(registry, JobState.WAITING, ticket={"run_id": "run-1"}, request_id="req-1")
    registry.jobs.let_go(job.id, now=NOW, why="It took too long.", next_at=next_at)
    after = now_is(registry, job)
    assert (after.inquiry, after.request_id) == (inquiry, "req-1")
    registry.jobs.later(after, next_at=None, answer="The service forgot it.")
    assert now_is(registry, job).inquiry is Inquiry.GIVEN_UP


def test_a_result_that_is_still_to_be_fetched_is_asked_for(registry: Registry) -> None:
    job = ordered(registry, JobState.UNKNOWN, inquiry=Inquiry.COMPARING)
    registry.jobs.later(job, next_at=SOON, answer="", result={"audio_url": "x"})
    assert now_is(registry, job).inquiry is Inquiry.ASKING


def test_a_late_ticket_is_asked_about_while_the_next_use_is_under_way(registry: Registry) -> None:
    voice = a_voice()
    use = JobKind.ACTIVATION
    lost = a_job(voice, kind=use, state=JobState.UNKNOWN, inquiry=Inquiry.COMPARING)
    registry.jobs.order(lost, voice)
    registry.jobs.order(a_job(voice, kind=use))
    assert accept(registry, lost.id)
    after = now_is(registry, lost)
    assert (after.state, after.inquiry) == (JobState.UNKNOWN, Inquiry.ASKING)
    assert after.ticket == {"run_id": "run-1"}


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.DONE, JobState.FAILED])
def test_nothing_is_asked_once_the_outcome_is_known(registry: Registry, state: JobState) -> None:
    job = ordered(registry, JobState.UNKNOWN, inquiry=Inquiry.ASKING)
    registry.jobs.move(job.id, (JobState.UNKNOWN,), NOW, "", "moved", state=state)
    assert now_is(registry, job).inquiry is Inquiry.NONE


def test_an_unknown_outcome_without_a_word_of_what_is_done_is_a_defect(registry: Registry) -> None:
    job = ordered(registry, JobState.WAITING)
    with pytest.raises(IllegalTransition, match="what is done"):
        registry.jobs.move(job.id, (JobState.WAITING,), NOW, "", "moved", state=JobState.UNKNOWN)
    assert now_is(registry, job) == job
