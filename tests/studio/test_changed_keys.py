"""An order that waited while the key changed is not paid for with somebody else's account."""

from __future__ import annotations

import pytest

from lib import keeper
from lib.models import Health, JobState
from lib.studio.core import accounts
from lib.studio.core.context import Context
from lib.studio.jobs import long_texts
from lib.studio.orders import cloning, speaking
from lib.studio.orders.confirming import OrderRefused
from tests.parts.persons import ADA
from tests.studio.service import refuses, says
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    attempts,
    clone_request,
    fresh,
    health,
    key_question,
    state,
    text_order,
)

OTHER_KEY = "sk-nano-00000000-0000-0000-0000-000000000002"
NO_MONEY = says({"usd_balance": "0.00"})


def held_up(story: Story, context: Context) -> str:
    """A voice whose use is ordered and waits for money."""
    voice_id = story.to_be_kept(context)
    story.service.always("balance", NO_MONEY)
    story.live(context, MINUTE)
    return voice_id


def rekeyed(story: Story, *, other: bool) -> Context:
    """The same app with a new key; `other`: somebody said that it is another account's."""
    context = story.context(NANOGPT_API_KEY=OTHER_KEY)
    question = key_question(context)
    assert question is not None
    if other:
        accounts.other(context, question, ADA)
    return context


@pytest.mark.parametrize("other", [True, False], ids=["another account", "nobody said"])
def test_a_use_that_was_held_up_is_not_sent_with_a_key_that_may_be_anothers(
    story: Story, context: Context, other: bool
) -> None:
    voice_id = held_up(story, context)
    renewed = rekeyed(story, other=other)
    story.service.always("balance", None)
    story.live(renewed, DAY)

    assert story.service.charges("speech") == []
    assert health(renewed, voice_id) is not Health.SAFE


def test_it_is_sent_once_somebody_said_that_the_key_is_of_the_same_account(
    story: Story, context: Context
) -> None:
    voice_id = held_up(story, context)
    renewed = rekeyed(story, other=False)
    story.service.always("balance", None)
    story.live(renewed, HOUR)
    question = key_question(renewed)
    assert question is not None
    accounts.same(renewed, question, question.others[0].account.id, ADA)
    story.live(renewed, 7 * HOUR)

    assert health(renewed, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 1
    assert len(attempts(renewed, voice_id)) == 1


def test_a_text_that_was_confirmed_before_has_to_be_ordered_again(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    spoken = speaking.order(context, text_order(voice_id, "Before the key changed."))
    renewed = rekeyed(story, other=True)
    paid = len(story.service.charges("speech"))
    story.live(renewed, MINUTE)

    assert state(renewed, spoken) is JobState.FAILED
    assert "another account" in fresh(renewed, spoken).error
    assert len(story.service.charges("speech")) == paid


def test_a_part_that_failed_is_not_ordered_again_with_anothers_key(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.always("speech", refuses(400, "bad text", "invalid"))
    job = speaking.order(context, text_order(voice_id, "How are you doing, my friend. " * 300))
    story.live(context, 3 * MINUTE)
    missing = long_texts.find(context, fresh(context, job)).missing
    renewed = rekeyed(story, other=True)
    with pytest.raises(OrderRefused, match="another account"):
        speaking.again(renewed, missing[0].latest, ADA)


def test_an_order_for_a_new_voice_says_that_the_key_has_changed(
    story: Story, context: Context
) -> None:
    story.service.always("balance", refuses(500))
    job = cloning.clone(context, clone_request())
    keeper.one_pass(context)
    renewed = story.context(NANOGPT_API_KEY=OTHER_KEY)
    story.service.always("balance", None)
    story.live(renewed, MINUTE)
    failed = fresh(renewed, job)
    assert (failed.state, story.service.count("clone")) == (JobState.FAILED, 0)
    assert failed.error.startswith("This was ordered while another key was in use.")
