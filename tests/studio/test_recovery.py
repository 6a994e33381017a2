"""An order whose outcome nobody knows stands still until a person chooses how to go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lib.models import ErrorKind, Health, JobKind, JobState, Money
from lib.studio.core.context import Context
from lib.studio.jobs import recovery
from lib.studio.jobs.recovery import RecoveryOption
from lib.studio.orders import cloning, speaking
from lib.studio.orders.confirming import OrderRefused
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.studio.service import (
    loses_the_answer,
    resets,
    together,
)
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    all_jobs,
    clone_request,
    dossier,
    health,
    state,
    text_order,
)


def lost(story: Story, context: Context, kind: str = "minimax", **changes: Any) -> str:
    """A clone that was made and charged, and whose answer never came; returns the job's id."""
    story.service.next("clone", loses_the_answer)
    job = cloning.clone(context, clone_request(kind, **changes))
    story.live(context, MINUTE)
    assert state(context, job) is JobState.UNKNOWN
    return job.id


def options(context: Context, job_id: str) -> dict[str, RecoveryOption]:
    """The buttons that a person sees with this job."""
    job = context.registry.jobs.get(job_id)
    assert job is not None
    return {
        option.name: option
        for option in recovery.options_for(context, job, context.registry.voices.get(job.voice_id))
    }


def go(context: Context, job_id: str, name: str) -> None:
    """A person presses one of them."""
    option = options(context, job_id)[name]
    job = context.registry.jobs.get(job_id)
    assert job is not None
    option.run(context, job, ADA)


def names(context: Context, job_id: str) -> list[str]:
    return list(options(context, job_id))


def without_a_key(context: Context) -> None:
    """The key of NanoGPT was taken out of the settings."""
    values = {n: v for n, v in context.settings.values.items() if n != "NANOGPT_API_KEY"}
    reopen(context, settings=replace(context.settings, values=values), providers={})


def test_without_a_key_a_press_is_refused_in_a_sentence(story: Story, context: Context) -> None:
    unknown = lost(story, context)
    too_late = cloning.clone(context, clone_request(name="Second", another=1)).id
    story.clock.advance(HOUR)
    without_a_key(context)
    for job_id, name in ((unknown, "again"), (too_late, "send")):
        with pytest.raises(OrderRefused, match="There is no key for NanoGPT here"):
            go(context, job_id, name)
    states = {job.id: job.state for job in all_jobs(context)}
    assert states == {unknown: JobState.UNKNOWN, too_late: JobState.CONFIRMED}


def test_a_test_call_proves_a_voice_whose_id_was_made_here_and_keeps_it(
    story: Story, context: Context
) -> None:
    job_id = lost(story, context)
    assert names(context, job_id) == ["test", "again", "giveup"]

    go(context, job_id, "test")
    story.live(context, MINUTE)

    job = context.registry.jobs.get(job_id)
    assert job is not None
    assert job.state is JobState.DONE
    assert job.cost == Money.usd(1)
    assert health(context, job.voice_id) is Health.SAFE
    assert story.service.count("clone") == 1


def test_a_test_call_that_finds_no_voice_leaves_the_choice_to_the_person(
    story: Story, context: Context
) -> None:
    story.service.next("clone", resets)
    job = cloning.clone(context, clone_request())
    story.live(context, MINUTE)
    go(context, job.id, "test")
    story.live(context, MINUTE)

    assert names(context, job.id) == ["test", "again", "giveup"]
    (attempt,) = dossier(context, job.voice_id).activations
    assert attempt.state is JobState.FAILED
    assert attempt.error_kind == "not_found"
    assert health(context, job.voice_id) is Health.AT_RISK


def test_a_typed_id_or_a_voice_file_is_not_proven_by_a_test_call(
    story: Story, context: Context
) -> None:
    typed = lost(story, context, voice_id="GraceHopper1906")
    qwen = lost(story, context, "qwen", seed=2)

    assert names(context, typed) == ["again", "giveup"]
    assert names(context, qwen) == ["again", "giveup"]


def test_sent_once_more_it_has_a_fresh_id_and_both_are_in_the_books(
    story: Story, context: Context
) -> None:
    job_id = lost(story, context)
    first = story.service.of_kind("clone")[0].field("customVoiceId")
    go(context, job_id, "again")
    story.live(context, HOUR)

    ids = [request.field("customVoiceId") for request in story.service.of_kind("clone")]
    again = [job for job in all_jobs(context) if job.kind is JobKind.CLONE and job.id != job_id]
    assert [job.state for job in again] == [JobState.DONE]
    assert ids[0] == first
    assert ids[1] != first
    voice = dossier(context, again[0].voice_id).voice
    assert voice.provider_voice_id == ids[1]
    assert health(context, voice.id) is Health.SAFE


def test_sent_once_more_by_two_people_at_once_it_leaves_once(
    story: Story, context: Context
) -> None:
    job_id = lost(story, context)
    refused: list[OrderRefused] = []

    def press() -> None:
        try:
            go(context, job_id, "again")
        except OrderRefused as refusal:
            refused.append(refusal)
        except KeyError:
            refused.append(OrderRefused("the button was gone already"))

    together(press, times=4)
    story.live(context, HOUR)

    assert len(refused) == 3
    assert story.service.count("clone") == 2


def test_given_up_it_stays_so_and_may_be_ordered_anew(story: Story, context: Context) -> None:
    job_id = lost(story, context)
    go(context, job_id, "giveup")
    story.live(context, DAY)

    job = context.registry.jobs.get(job_id)
    assert job is not None
    assert job.state is JobState.FAILED
    assert job.error_kind is ErrorKind.UNKNOWN_OUTCOME
    assert names(context, job_id) == []
    assert story.service.paid_requests == 1
    assert cloning.clone(context, clone_request()).state is JobState.CONFIRMED


def test_a_speech_with_an_unknown_outcome_is_not_sent_again(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.service.next("speech", loses_the_answer)
    job = speaking.order(context, text_order(voice_id))
    before = story.service.count("speech")
    story.live(context, DAY)

    assert state(context, job) is JobState.UNKNOWN
    assert story.service.count("speech") == before + 1
    assert names(context, job.id) == ["again", "giveup"]
