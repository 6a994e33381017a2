"""A story never outgrows its reader: old uses are summed up, and nothing that is judged changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib import manifest
from lib.manifest import read_dossier, write_checked
from lib.models import (
    Dossier,
    ErrorKind,
    EvidenceKind,
    Heard,
    Job,
    JobState,
    Money,
    Purpose,
    Source,
)
from lib.retention import Terms, judge, number_of, paid_attempts, steps
from lib.services import NANOGPT, retention_of
from lib.summing import KEPT, summed_up, tells_of
from tests.parts.clock import START
from tests.registry.records import VAULT, a_job, a_voice, evidence_of
from tests.registry.uses import DAY, PRICE, a_use, by_month, proof_by, used_daily


def terms_of(dossier: Dossier) -> Terms:
    voice = dossier.voice
    return Terms(retention_of(NANOGPT, voice.kind, voice.source), VAULT, True)


@pytest.mark.parametrize("days", [KEPT, KEPT + 1, 1_100])
def test_however_often_a_voice_is_used_its_story_can_be_read(days: int) -> None:
    story = used_daily(days)
    now = START + days * DAY
    data = write_checked(story)
    back = read_dossier(data)
    assert len(data) < manifest.MAX_BYTES / 2
    assert by_month(back) == by_month(story)
    assert number_of(back.activations) == days
    assert judge(back, terms_of(back), now) == judge(story, terms_of(story), now)
    assert steps(back, terms_of(back), now) == steps(story, terms_of(story), now)
    assert back.making == story.making
    assert back.activations[-KEPT:] == story.activations[-KEPT:]
    assert all(tells_of(back, job) for job in story.jobs)


def test_refusals_of_a_month_every_quarter_of_an_hour_are_summed_up_too() -> None:
    story = used_daily(3, refused=1_500)
    now = START + 40 * DAY
    back = read_dossier(write_checked(story))
    assert len(back.jobs) < KEPT + 10
    assert len(paid_attempts(back)) == len(paid_attempts(story)) == 3
    assert steps(back, terms_of(back), now) == steps(story, terms_of(story), now)


def test_a_short_story_stays_as_it_is() -> None:
    story = used_daily(KEPT)
    assert summed_up(story) is story


def test_what_was_summed_up_goes_on_growing_without_being_told_twice() -> None:
    whole = used_daily(400)
    carried = used_daily(150)
    for days in (200, 270, 400):
        carried = read_dossier(write_checked(carried))
        known = number_of(carried.activations)
        more = list(whole.activations[known:days])
        seen = [proof_by(job) for job in more]
        carried = replace(
            carried,
            voice=whole.voice,
            jobs=(*(replace(job, voice_id=whole.voice.id) for job in carried.jobs), *more),
            evidence=(
                *(replace(item, voice_id=whole.voice.id) for item in carried.evidence),
                *seen,
            ),
        )
    assert by_month(summed_up(carried)) == by_month(whole)
    assert number_of(summed_up(carried).activations) == 400
    assert summed_up(summed_up(carried)) == summed_up(carried)


def test_an_order_of_ones_own_is_not_in_the_sums_of_another_story() -> None:
    back = summed_up(used_daily(300))
    later = a_use(back.voice, 9_999, START + 301 * DAY)
    assert not tells_of(back, later)
    assert not tells_of(back, a_job(back.voice))


def test_what_a_person_heard_and_the_first_denial_outlast_all_uses() -> None:
    story = used_daily(500)
    voice = replace(story.voice, source=Source.ADOPTED)
    heard = replace(story.evidence[2], heard=Heard.YES, heard_by="Ada", heard_at=START + 3 * DAY)
    denied = [
        evidence_of(voice, EvidenceKind.NOT_FOUND, at=START + 600 * DAY + n * timedelta(minutes=15))
        for n in range(150)
    ]
    seen = (*story.evidence[:2], heard, *story.evidence[3:], *denied)
    story = replace(story, voice=voice, evidence=seen)
    back, now = summed_up(story), START + 610 * DAY
    assert heard in back.evidence
    assert denied[0] in back.evidence
    assert len(back.evidence) < 250
    assert judge(back, terms_of(back), now) == judge(story, terms_of(story), now)


ENDS: dict[str, Callable[[Job], Job]] = {
    "spoken": lambda job: job,
    "refused": lambda job: replace(
        job, state=JobState.FAILED, error_kind=ErrorKind.BALANCE, charged=Money()
    ),
    "failed": lambda job: replace(
        job, state=JobState.FAILED, error_kind=ErrorKind.INPUT, error="It failed."
    ),
    "not sent": lambda job: replace(
        job, state=JobState.FAILED, submitted_at=None, charged=None, error="Not sent."
    ),
    "unknown": lambda job: replace(job, state=JobState.UNKNOWN, charged=None),
    "seems free": lambda job: replace(
        job, state=JobState.UNKNOWN, charged=None, balance_after=job.balance_before
    ),
    "sound gone": lambda job: replace(
        job, state=JobState.FAILED, error_kind=ErrorKind.NO_SOUND, error="Its sound is gone."
    ),
    "taken back": lambda job: replace(job, refunded=PRICE),
}


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ENDS)), st.integers(1, 400)), max_size=40),
    st.sampled_from([0, 1, 30]),
    st.sampled_from([3, 10]),
)
@example(ends=[("seems free", 1), *[("failed", 1)] * 3], refresh=0, kept=3)
def test_no_judgement_changes_and_no_money_is_lost(
    ends: list[tuple[str, int]], refresh: int, kept: int
) -> None:
    voice = a_voice(refresh_days=refresh)
    at, jobs, seen = START, [], []
    for number, (end, pause) in enumerate(ends):
        at += timedelta(hours=pause)
        jobs.append(ENDS[end](a_use(voice, number, at)))
        if end == "spoken":
            seen.append(proof_by(jobs[-1]))
    making = a_job(voice, state=JobState.DONE, finished_at=START)
    story = Dossier(voice, (making, *jobs), tuple(seen))
    back = summed_up(story, kept)
    terms = terms_of(story)
    assert by_month(back) == by_month(story)
    assert number_of(back.activations) == len(jobs)
    for later in (timedelta(minutes=1), 2 * DAY, 40 * DAY):
        assert judge(back, terms, at + later) == judge(story, terms, at + later)
        # Its life; of the files of old uses fewer are read again.
        assert steps(back, terms, at + later)[0] == steps(story, terms, at + later)[0]


def test_what_uses_were_for_is_kept_apart_in_their_sums() -> None:
    voice = a_voice(clock_start=START)
    purposes = [Purpose.KEEPING, *[Purpose.REFRESH, Purpose.TEST_CALL] * KEPT]
    uses = tuple(
        a_use(
            voice, number, START + number * timedelta(minutes=1), request={"purpose": purpose.value}
        )
        for number, purpose in enumerate(purposes)
    )
    told = summed_up(Dossier(voice, uses))
    costs = {
        purpose: Money.total(job.cost for job in told.jobs if job.purpose is purpose)
        for purpose in set(purposes)
    }
    assert len(told.jobs) < len(uses)
    assert costs == {purpose: PRICE * purposes.count(purpose) for purpose in set(purposes)}
