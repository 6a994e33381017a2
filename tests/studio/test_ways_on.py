"""An order whose outcome nobody knows stands still until a person chooses how to go on."""

from __future__ import annotations

from typing import Any

from lib.models import Health, JobKind, JobState, Money
from lib.studio import orders, speaking, ways_on
from lib.studio.orders import OrderRefused
from lib.studio.ways_on import WayOn
from lib.studio.workshop import Workshop
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


def lost(story: Story, workshop: Workshop, kind: str = "minimax", **changes: Any) -> str:
    """A clone that was made and charged, and whose answer never came; returns the job's id."""
    story.service.next("clone", loses_the_answer)
    job = orders.clone(workshop, clone_request(kind, **changes))
    story.live(workshop, MINUTE)
    assert state(workshop, job) is JobState.UNKNOWN
    return job.id


def ways(workshop: Workshop, job_id: str) -> dict[str, WayOn]:
    """The buttons that a person sees with this job."""
    job = workshop.registry.jobs.get(job_id)
    assert job is not None
    return {
        way.name: way
        for way in ways_on.of(workshop, job, workshop.registry.voices.get(job.voice_id))
    }


def go(workshop: Workshop, job_id: str, name: str) -> None:
    """A person presses one of them."""
    way = ways(workshop, job_id)[name]
    job = workshop.registry.jobs.get(job_id)
    assert job is not None
    way.go(workshop, job, "Ada")


def names(workshop: Workshop, job_id: str) -> list[str]:
    return list(ways(workshop, job_id))


def test_a_test_call_proves_a_voice_whose_id_was_made_here_and_keeps_it(
    story: Story, workshop: Workshop
) -> None:
    job_id = lost(story, workshop)
    assert names(workshop, job_id) == ["test", "again", "giveup"]

    go(workshop, job_id, "test")
    story.live(workshop, MINUTE)

    job = workshop.registry.jobs.get(job_id)
    assert job is not None
    assert job.state is JobState.DONE
    assert job.cost == Money.usd(1)
    assert health(workshop, job.voice_id) is Health.SAFE
    assert story.service.count("clone") == 1


def test_a_test_call_that_finds_no_voice_leaves_the_choice_to_the_person(
    story: Story, workshop: Workshop
) -> None:
    story.service.next("clone", resets)
    job = orders.clone(workshop, clone_request())
    story.live(workshop, MINUTE)
    go(workshop, job.id, "test")
    story.live(workshop, MINUTE)

    assert names(workshop, job.id) == ["test", "again", "giveup"]
    (attempt,) = dossier(workshop, job.voice_id).activations
    assert attempt.state is JobState.FAILED
    assert attempt.error_kind == "not_found"
    assert health(workshop, job.voice_id) is Health.AT_RISK


def test_a_typed_id_or_a_voice_file_is_not_proven_by_a_test_call(
    story: Story, workshop: Workshop
) -> None:
    typed = lost(story, workshop, voice_id="GraceHopper1906")
    qwen = lost(story, workshop, "qwen", seed=2)

    assert names(workshop, typed) == ["again", "giveup"]
    assert names(workshop, qwen) == ["again", "giveup"]


def test_sent_once_more_it_has_a_fresh_id_and_both_are_in_the_books(
    story: Story, workshop: Workshop
) -> None:
    job_id = lost(story, workshop)
    first = story.service.of_kind("clone")[0].field("customVoiceId")
    go(workshop, job_id, "again")
    story.live(workshop, HOUR)

    ids = [request.field("customVoiceId") for request in story.service.of_kind("clone")]
    again = [job for job in all_jobs(workshop) if job.kind is JobKind.CLONE and job.id != job_id]
    assert [job.state for job in again] == [JobState.DONE]
    assert ids[0] == first
    assert ids[1] != first
    voice = dossier(workshop, again[0].voice_id).voice
    assert voice.provider_voice_id == ids[1]
    assert health(workshop, voice.id) is Health.SAFE


def test_sent_once_more_by_two_people_at_once_it_leaves_once(
    story: Story, workshop: Workshop
) -> None:
    job_id = lost(story, workshop)
    refused: list[OrderRefused] = []

    def press() -> None:
        try:
            go(workshop, job_id, "again")
        except OrderRefused as refusal:
            refused.append(refusal)
        except KeyError:
            refused.append(OrderRefused("the button was gone already"))

    together(press, times=4)
    story.live(workshop, HOUR)

    assert len(refused) == 3
    assert story.service.count("clone") == 2


def test_given_up_it_stays_so_and_may_be_ordered_anew(story: Story, workshop: Workshop) -> None:
    job_id = lost(story, workshop)
    go(workshop, job_id, "giveup")
    story.live(workshop, DAY)

    job = workshop.registry.jobs.get(job_id)
    assert job is not None
    assert job.state is JobState.FAILED
    assert "nobody knows" in job.error
    assert names(workshop, job_id) == []
    assert story.service.paid_requests == 1
    assert orders.clone(workshop, clone_request()).state is JobState.CONFIRMED


def test_a_speech_with_an_unknown_outcome_is_not_sent_again(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.kept(workshop)
    story.service.next("speech", loses_the_answer)
    job = speaking.order(workshop, text_order(voice_id))
    before = story.service.count("speech")
    story.live(workshop, DAY)

    assert state(workshop, job) is JobState.UNKNOWN
    assert story.service.count("speech") == before + 1
    assert names(workshop, job.id) == ["again", "giveup"]
