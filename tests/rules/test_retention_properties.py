"""What holds for every voice at every time, whatever was done for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lib.models import (
    OPEN_STATES,
    Dossier,
    ErrorKind,
    Evidence,
    EvidenceKind,
    Health,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    Role,
    Source,
    VoiceKind,
)
from lib.retention import (
    StepKind,
    Terms,
    counted_attempts,
    doubt_of,
    held,
    judge,
    proof_of,
    reads_alike_until,
    steps,
    unheard_use,
    urgency_of,
    wanted,
)
from lib.retention.terms import MARGIN, REREAD_AFTER
from lib.services import ACTIVATION_ATTEMPTS, COPY, NANOGPT, USE, retention_of
from lib.services.minimax import MINIMAX_RETENTION
from lib.services.qwen import QWEN_RETENTION
from tests.parts.clock import START
from tests.registry.records import VAULT, a_job, a_voice, evidence_of

bounded = settings(deadline=None, max_examples=150)
WORST_FIRST = list(Health)
RULES = (MINIMAX_RETENTION, QWEN_RETENTION, retention_of(NANOGPT, VoiceKind.INWORLD))

ages = st.integers(0, 24 * 60 * 60).map(lambda seconds: timedelta(seconds=seconds * 20))
moments = ages.map(lambda age: START + age)
terms = st.builds(Terms, st.sampled_from(RULES), st.just(VAULT), st.booleans())


@st.composite
def makings(draw: st.DrawFn, voice: str) -> Job:
    states = st.sampled_from([JobState.DONE, JobState.DONE, *JobState])
    return a_job(voice, state=draw(states), created_at=START)


@st.composite
def attempts(draw: st.DrawFn, voice: str) -> Job:
    created = draw(moments)
    state = draw(st.sampled_from(JobState))
    sent = state is not JobState.CONFIRMED
    ended = None if state in OPEN_STATES else created + draw(ages) / 10
    return a_job(
        voice,
        kind=JobKind.ACTIVATION,
        state=state,
        created_at=created,
        submitted_at=created if sent else None,
        finished_at=ended,
        error_kind=draw(st.sampled_from(["", *ErrorKind])) if state is JobState.FAILED else "",
    )


@st.composite
def sightings(draw: st.DrawFn, voice: str) -> Evidence:
    return evidence_of(
        voice,
        draw(st.sampled_from(EvidenceKind)),
        at=draw(moments),
        role=draw(st.sampled_from(["", *Role])),
        vault=draw(st.sampled_from(["", VAULT, "file:///old"])),
        key=draw(st.sampled_from(["", "voices/voice-1/preview/0.mp3"])),
        read_back_at=draw(st.none() | moments),
        withdrawn_at=draw(st.none() | moments),
    )


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    """A voice with any past; also with pasts that should not happen."""
    voice = a_voice(
        kind=draw(st.sampled_from(VoiceKind)),
        keep_policy=draw(st.sampled_from(KeepPolicy)),
        clock_start=draw(st.just(START) | st.none() | moments),
        archived_at=draw(st.none() | st.none() | moments),
        embedding_url=draw(st.sampled_from(["", "https://files.example/voice"])),
        copy_next_at=draw(st.none() | moments),
        copy_error=draw(st.sampled_from(["", "The storage is full."])),
        refresh_days=draw(st.sampled_from([0, 6, 30])),
    )
    jobs = draw(st.lists(makings(voice.id), max_size=1))
    jobs += draw(st.lists(attempts(voice.id), max_size=ACTIVATION_ATTEMPTS + 2))
    seen = draw(st.lists(sightings(voice.id), max_size=4))
    return Dossier(voice, tuple(jobs), tuple(seen))


@bounded
@given(dossiers(), terms, moments)
def test_nothing_is_safe_without_standing_evidence(
    dossier: Dossier, terms: Terms, now: datetime
) -> None:
    standing = judge(dossier, terms, now)
    if standing.health is not Health.SAFE:
        assert standing.evidence is None or standing.health is Health.LOST
        return
    proof = standing.evidence
    assert proof in dossier.evidence
    assert proof is not None
    assert proof.withdrawn_at is None
    if terms.rule.stopped_by == USE:
        assert proof.kind is EvidenceKind.ACTIVATION
    else:
        assert terms.rule.stopped_by == COPY
        assert (proof.kind, proof.role) == (EvidenceKind.COPY, Role.EMBEDDING)
        assert proof.vault == terms.vault
        assert terms.vault_counts


@bounded
@given(dossiers(), terms, moments, ages)
def test_health_never_improves_because_time_passes(
    dossier: Dossier, terms: Terms, now: datetime, pause: timedelta
) -> None:
    before = judge(dossier, terms, now).health
    after = judge(dossier, terms, now + pause).health
    if before is Health.BEING_MADE:
        return  # health begins later: with the voice, or when nobody hears of it for a day
    assert after is not Health.BEING_MADE
    assert WORST_FIRST.index(after) <= WORST_FIRST.index(before)


@bounded
@given(dossiers(), terms, moments)
def test_a_use_is_planned_in_time(dossier: Dossier, terms: Terms, now: datetime) -> None:
    if terms.rule.stopped_by != USE:
        return
    step = steps(dossier, terms, now)[0]
    automatic = dossier.voice.keep_policy is not KeepPolicy.ASK
    assert (step.at is not None) == (step.kind in (StepKind.ACTIVATE, StepKind.REFRESH))
    if step.kind is StepKind.ACTIVATE and step.at is not None:
        start, window = dossier.voice.clock_start, terms.rule.window
        assert automatic
        assert start is not None
        assert window is not None
        deadline = start + window
        ends = [job.finished_at or job.created_at for job in dossier.activations]
        late = any(end > deadline - MARGIN * 4 / 3 for end in ends)
        assert step.at <= deadline - MARGIN or late
        assert now < start + window


@bounded
@given(dossiers(), terms, moments)
def test_a_voice_is_used_only_where_nothing_is_open_or_proven(
    dossier: Dossier, terms: Terms, now: datetime
) -> None:
    step = steps(dossier, terms, now)[0]
    if step.kind is StepKind.ACTIVATE:
        assert not any(job.is_open for job in dossier.activations)
        assert not dossier.valid_evidence(EvidenceKind.ACTIVATION)
        assert len(counted_attempts(dossier)) < ACTIVATION_ATTEMPTS


@bounded
@given(dossiers(), terms, moments)
def test_a_proven_use_is_repeated_only_where_that_was_agreed_to_or_the_service_denied_it(
    dossier: Dossier, terms: Terms, now: datetime
) -> None:
    step = steps(dossier, terms, now)[0]
    if step.kind is not StepKind.REFRESH:
        return
    proof = proof_of(dossier, terms)
    assert proof is not None
    assert step.at is not None
    assert not any(job.is_open for job in dossier.activations)
    denied = doubt_of(dossier, terms)
    days = dossier.voice.refresh_days
    assert days or (denied and dossier.voice.keep_policy is not KeepPolicy.ASK)
    assert step.at >= (denied.at if denied else proof.at + timedelta(days=days))


@bounded
@given(dossiers(), terms, moments)
def test_what_is_blocked_is_always_tried_again(
    dossier: Dossier, terms: Terms, now: datetime
) -> None:
    for step in steps(dossier, terms, now):
        if step.blocked and step.kind is not StepKind.WAIT:
            assert step.at is not None


@bounded
@given(dossiers(), terms, moments)
def test_every_file_of_a_living_voice_is_read_again_within_a_month(
    dossier: Dossier, terms: Terms, now: datetime
) -> None:
    """Unless it is tried to bring a file: then what is here is read no later than when due."""
    made = dossier.making is None or dossier.making.state is JobState.DONE
    files = held(dossier, terms.vault)
    if not files or not made or dossier.voice.archived_at:
        return
    step = steps(dossier, terms, now)[1]
    assert step.kind in (StepKind.VERIFY, StepKind.MIRROR, StepKind.MOVE)
    assert step.at is not None
    oldest = min(item.read_back_at or item.at for item in files)
    asked = dossier.voice.copy_next_at
    if step.kind is StepKind.VERIFY:
        assert step.at in (oldest + REREAD_AFTER, asked)
    else:
        assert wanted(dossier, terms, now)


@bounded
@given(dossiers(), terms, moments)
def test_a_voice_in_danger_waits_for_somebody_or_something(
    dossier: Dossier, terms: Terms, now: datetime
) -> None:
    """Whoever is in its window, made, unproven and not put away has a step or an open try."""
    start, rule = dossier.voice.clock_start, terms.rule
    alive = dossier.making is None or dossier.making.state is JobState.DONE
    if rule.stopped_by != USE or start is None or dossier.voice.archived_at or not alive:
        return
    step = steps(dossier, terms, now)[0]
    health = judge(dossier, terms, now).health
    if health not in (Health.SAFE, Health.LOST) and step.kind is StepKind.NOTHING:
        assert any(job.is_open for job in dossier.activations)


def read_of(dossier: Dossier, terms: Terms, now: datetime) -> tuple[object, ...]:
    """All that pages and the keeper are told of a voice, but for how far its deadline is."""
    standing, both = judge(dossier, terms, now), steps(dossier, terms, now)
    due = [step.at is not None and step.at <= now for step in both]
    waits = unheard_use(dossier, terms, now)
    return standing, both, due, waits, urgency_of(dossier, terms, standing, now)


@bounded
@given(
    dossiers(),
    terms,
    moments,
    st.sampled_from([Source.CLONED, Source.ADOPTED]),
    st.floats(0, 1, exclude_max=True),
)
def test_a_judgement_stays_the_same_until_the_moment_that_was_told(
    dossier: Dossier, terms: Terms, now: datetime, source: Source, share: float
) -> None:
    dossier = replace(dossier, voice=replace(dossier.voice, source=source))
    for _ in range(12):
        told = read_of(dossier, terms, now)
        until = reads_alike_until(dossier, terms, steps(dossier, terms, now), now)
        if until is None:
            assert read_of(dossier, terms, now + timedelta(days=4_000)) == told
            return
        assert until > now
        last = until - timedelta.resolution
        for later in (min(now + share * (until - now), last), last):
            assert read_of(dossier, terms, later) == told
        now = until
