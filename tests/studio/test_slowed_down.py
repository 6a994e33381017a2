"""A service that asks a key to slow down is heeded by all its orders, in every process, and never
at the cost of a voice. What is refused is not asked again and again.
"""

from __future__ import annotations

import pytest

from lib import keeper
from lib.models import ErrorKind, Health, JobState, KeepPolicy, Money
from lib.providers.base import ProviderError
from lib.services import NANOGPT
from lib.studio import keep, orders, pauses
from lib.studio.workshop import Workshop
from tests.studio.service import Ask, Reply, answer, refuses, says
from tests.studio.story import (
    HOUR,
    MINUTE,
    PERSON,
    SECOND,
    Story,
    attempts,
    clone_request,
    dossier,
    fresh,
    health,
    state,
)

TOO_FAST = refuses(429, "Slow down", Retry_After="120")


@pytest.fixture(params=["sqlite", "postgresql"])
def on_both(request: pytest.FixtureRequest, story: Story) -> Workshop:
    """The team's app, once on each database."""
    if request.param == "postgresql":
        story.database = request.getfixturevalue("postgres_server").new_database()
    return story.workshop()


def clones(workshop: Workshop, *seeds: int) -> list[str]:
    """Orders for voices that are kept by hand; returns the ids of the voices."""
    asked = [clone_request(seed=seed, keep_policy=KeepPolicy.ASK) for seed in seeds]
    return [orders.clone(workshop, request).voice_id for request in asked]


def test_every_order_of_the_key_pauses_in_every_process(story: Story, on_both: Workshop) -> None:
    second = story.workshop("second")
    story.service.next("clone", TOO_FAST)
    clones(on_both, 1)
    keeper.one_pass(on_both)
    assert story.service.count("clone") == 1
    made = clones(second, 2, 3)
    for workshop in (on_both, second, on_both, second):
        story.clock.advance(25 * SECOND)
        keeper.one_pass(workshop)
    assert story.service.count("clone") == 1
    story.live(second, 2 * MINUTE)
    assert story.service.count("clone") == 4
    assert all(dossier(second, one).making.state is JobState.DONE for one in made)  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["balance", "clone_status"])
def test_a_question_that_is_asked_to_slow_down_slows_orders_down(
    story: Story, workshop: Workshop, kind: str
) -> None:
    story.service.next(kind, TOO_FAST)
    clones(workshop, 1)
    story.live(workshop, 10 * SECOND)
    sent = story.service.count("clone")
    clones(workshop, 2)
    story.live(workshop, 90 * SECOND)
    assert story.service.count("clone") == sent
    story.live(workshop, MINUTE)
    assert story.service.count("clone") == 2


def test_no_pause_is_longer_than_a_quarter_of_the_time_that_a_voice_has_left(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.asking(workshop)
    story.clock.advance(160 * HOUR)
    story.service.next("clone", refuses(429, "Tomorrow", Retry_After="86400"))
    clones(workshop, 2)
    keeper.one_pass(workshop)
    use = keep.order_activation(workshop, dossier(workshop, voice_id), person=PERSON)
    keeper.one_pass(workshop)
    paused = fresh(workshop, use)
    assert (paused.state, story.service.count("speech")) == (JobState.CONFIRMED, 0)
    assert "slow down" in paused.last_answer
    story.clock.advance(2 * HOUR + MINUTE)
    story.live(workshop, MINUTE)
    assert health(workshop, voice_id) is Health.SAFE
    assert story.service.count("clone") == 2  # the other order waits for tomorrow


def test_a_pause_that_is_refused_again_is_a_quarter_of_what_is_left_each_time(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.to_be_kept(workshop)
    story.service.always("speech", refuses(429, "Tomorrow", Retry_After="86400"))
    story.live(workshop, 160 * HOUR)
    story.service.always("speech", None)
    story.live(workshop, 3 * HOUR)
    assert health(workshop, voice_id) is Health.SAFE
    assert len(attempts(workshop, voice_id)) == 1


def test_a_pause_that_is_asked_for_again_and_again_puts_a_use_off_no_longer(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.asking(workshop)
    story.clock.advance(160 * HOUR)
    use = keep.order_activation(workshop, dossier(workshop, voice_id), person=PERSON)
    for _ in range(13):  # as the polls of other orders do, each for itself
        pauses.heed(workshop, NANOGPT, ProviderError(ErrorKind.BUSY, "Later.", retry_after=86_400))
        keeper.one_pass(workshop)
        story.clock.advance(10 * MINUTE)
    assert fresh(workshop, use).state is not JobState.CONFIRMED
    assert story.service.count("speech") == 1


def test_a_use_waits_as_long_as_the_refused_question_before_it_says(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.to_be_kept(workshop)
    asked = story.service.count("balance")
    story.service.always("balance", refuses(429, "Later", Retry_After="3600"))
    story.live(workshop, 3 * HOUR)
    assert story.service.count("balance") - asked <= 4
    story.service.always("balance", None)
    story.live(workshop, 2 * HOUR)
    assert health(workshop, voice_id) is Health.SAFE


def test_a_refused_question_is_asked_once_for_all_orders(story: Story, workshop: Workshop) -> None:
    story.service.always("balance", refuses(401, "Bad key"))
    for seed in (1, 2, 3):
        clones(workshop, seed)
        keeper.one_pass(workshop)
        story.clock.advance(9 * SECOND)
    assert story.service.count("balance") == 1
    story.clock.advance(4 * SECOND)
    clones(workshop, 4)
    keeper.one_pass(workshop)
    assert story.service.count("balance") == 2


# --- a voice that was made although nobody told us ------------------------------------------


def makes_it_and_says_busy(ask: Ask) -> Reply:
    """The voice is made and charged, and something on the way asks for a pause."""
    ask()
    return answer({"error": "Slow down"}, 429, Retry_After="60")


def test_an_id_made_here_that_exists_already_was_made(story: Story, workshop: Workshop) -> None:
    story.service.next("clone", makes_it_and_says_busy)
    job = orders.clone(workshop, clone_request())
    keeper.one_pass(workshop)
    first_sent = story.clock.now()
    story.live(workshop, 5 * MINUTE)
    assert story.service.count("clone") == 2
    assert len(story.service.charges("clone")) == 1
    assert (state(workshop, job), fresh(workshop, job).cost) == (JobState.DONE, Money.usd("1.00"))
    assert health(workshop, job.voice_id) is Health.SAFE
    assert dossier(workshop, job.voice_id).voice.clock_start == first_sent


def test_a_run_that_fails_as_its_id_exists_was_made(story: Story, workshop: Workshop) -> None:
    failed = says({"status": "failed", "error": "voice clone voice id duplicate"})
    story.service.always("clone_status", failed)
    job = orders.clone(workshop, clone_request())
    story.live(workshop, MINUTE)
    assert state(workshop, job) is JobState.DONE
    assert health(workshop, job.voice_id) is Health.SAFE


def test_a_typed_id_that_exists_is_somebody_s(story: Story, workshop: Workshop) -> None:
    story.made(workshop, voice_id="GraceTyped1", keep_policy=KeepPolicy.ASK)
    job = orders.clone(workshop, clone_request(seed=2, voice_id="GraceTyped1"))
    story.live(workshop, MINUTE)
    refused = fresh(workshop, job)
    assert (refused.state, refused.cost) == (JobState.FAILED, Money())
    assert "has a voice under this ID already" in refused.error
