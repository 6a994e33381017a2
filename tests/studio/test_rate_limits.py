"""A service that asks a key to slow down is heeded by all its orders, in every process, and never
at the cost of a voice. What is refused is not asked again and again.
"""

from __future__ import annotations

import pytest

from lib import keeper
from lib.models import ErrorKind, Health, JobState, KeepPolicy, Money
from lib.providers.base import ProviderError
from lib.services import NANOGPT
from lib.studio.core.context import Context
from lib.studio.jobs import rate_limits
from lib.studio.orders import activation, cloning
from tests.parts.persons import ADA
from tests.studio.service import Ask, Reply, answer, refuses, says
from tests.studio.story import (
    HOUR,
    MINUTE,
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


def clones(context: Context, *seeds: int) -> list[str]:
    """Orders for voices that are kept by hand; returns the ids of the voices."""
    asked = [clone_request(seed=seed, keep_policy=KeepPolicy.ASK) for seed in seeds]
    return [cloning.clone(context, request).voice_id for request in asked]


def test_every_order_of_the_key_pauses_in_every_process(story: Story, on_both: Context) -> None:
    second = story.context("second")
    story.service.next("clone", TOO_FAST)
    clones(on_both, 1)
    keeper.one_pass(on_both)
    assert story.service.count("clone") == 1
    made = clones(second, 2, 3)
    for context in (on_both, second, on_both, second):
        story.clock.advance(25 * SECOND)
        keeper.one_pass(context)
    assert story.service.count("clone") == 1
    story.live(second, 2 * MINUTE)
    assert story.service.count("clone") == 4
    assert all(dossier(second, one).making.state is JobState.DONE for one in made)  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["balance", "clone_status"])
def test_a_question_that_is_asked_to_slow_down_slows_orders_down(
    story: Story, context: Context, kind: str
) -> None:
    story.service.next(kind, TOO_FAST)
    clones(context, 1)
    story.live(context, 10 * SECOND)
    sent = story.service.count("clone")
    clones(context, 2)
    story.live(context, 90 * SECOND)
    assert story.service.count("clone") == sent
    story.live(context, MINUTE)
    assert story.service.count("clone") == 2


def test_no_pause_is_longer_than_a_quarter_of_the_time_that_a_voice_has_left(
    story: Story, context: Context
) -> None:
    voice_id = story.asking(context)
    story.clock.advance(160 * HOUR)
    story.service.next("clone", refuses(429, "Tomorrow", Retry_After="86400"))
    clones(context, 2)
    keeper.one_pass(context)
    use = activation.order_activation(context, dossier(context, voice_id), person=ADA)
    keeper.one_pass(context)
    paused = fresh(context, use)
    assert (paused.state, story.service.count("speech")) == (JobState.CONFIRMED, 0)
    assert "slow down" in paused.last_answer
    story.clock.advance(2 * HOUR + MINUTE)
    story.live(context, MINUTE)
    assert health(context, voice_id) is Health.SAFE
    assert story.service.count("clone") == 2  # the other order waits for tomorrow


def test_a_pause_that_is_refused_again_is_a_quarter_of_what_is_left_each_time(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("speech", refuses(429, "Tomorrow", Retry_After="86400"))
    story.live(context, 160 * HOUR)
    story.service.always("speech", None)
    story.live(context, 3 * HOUR)
    assert health(context, voice_id) is Health.SAFE
    assert len(attempts(context, voice_id)) == 1


def test_a_pause_that_is_asked_for_again_and_again_puts_a_use_off_no_longer(
    story: Story, context: Context
) -> None:
    voice_id = story.asking(context)
    story.clock.advance(160 * HOUR)
    use = activation.order_activation(context, dossier(context, voice_id), person=ADA)
    for _ in range(13):  # as the polls of other orders do, each for itself
        rate_limits.note_rate_limit(
            context, NANOGPT, ProviderError(ErrorKind.BUSY, "Later.", retry_after=86_400)
        )
        keeper.one_pass(context)
        story.clock.advance(10 * MINUTE)
    assert fresh(context, use).state is not JobState.CONFIRMED
    assert story.service.count("speech") == 1


def test_a_use_waits_as_long_as_the_refused_question_before_it_says(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    asked = story.service.count("balance")
    story.service.always("balance", refuses(429, "Later", Retry_After="3600"))
    story.live(context, 3 * HOUR)
    assert story.service.count("balance") - asked <= 4
    story.service.always("balance", None)
    story.live(context, 2 * HOUR)
    assert health(context, voice_id) is Health.SAFE


def test_a_refused_question_is_asked_once_for_all_orders(story: Story, context: Context) -> None:
    story.service.always("balance", refuses(401, "Bad key"))
    for seed in (1, 2, 3):
        clones(context, seed)
        keeper.one_pass(context)
        story.clock.advance(9 * SECOND)
    assert story.service.count("balance") == 1
    story.clock.advance(4 * SECOND)
    clones(context, 4)
    keeper.one_pass(context)
    assert story.service.count("balance") == 2


# --- a voice that was made although nobody told us ------------------------------------------


def makes_it_and_says_busy(ask: Ask) -> Reply:
    """The voice is made and charged, and something on the way asks for a pause."""
    ask()
    return answer({"error": "Slow down"}, 429, Retry_After="60")


def test_an_id_made_here_that_exists_already_was_made(story: Story, context: Context) -> None:
    story.service.next("clone", makes_it_and_says_busy)
    job = cloning.clone(context, clone_request())
    keeper.one_pass(context)
    first_sent = story.clock.now()
    story.live(context, 5 * MINUTE)
    assert story.service.count("clone") == 2
    assert len(story.service.charges("clone")) == 1
    assert (state(context, job), fresh(context, job).cost) == (JobState.DONE, Money.usd("1.00"))
    assert health(context, job.voice_id) is Health.SAFE
    assert dossier(context, job.voice_id).voice.clock_start == first_sent


def test_a_run_that_fails_as_its_id_exists_was_made(story: Story, context: Context) -> None:
    failed = says({"status": "failed", "error": "voice clone voice id duplicate"})
    story.service.always("clone_status", failed)
    job = cloning.clone(context, clone_request())
    story.live(context, MINUTE)
    assert state(context, job) is JobState.DONE
    assert health(context, job.voice_id) is Health.SAFE


def test_a_typed_id_that_exists_is_somebody_s(story: Story, context: Context) -> None:
    story.made(context, voice_id="GraceTyped1", keep_policy=KeepPolicy.ASK)
    job = cloning.clone(context, clone_request(seed=2, voice_id="GraceTyped1"))
    story.live(context, MINUTE)
    refused = fresh(context, job)
    assert (refused.state, refused.cost) == (JobState.FAILED, Money())
    assert "already has a voice with this ID" in refused.error
