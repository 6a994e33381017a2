"""Kept voices that are used again: because that was agreed to, or because they were denied."""

from __future__ import annotations

import pytest

from lib import keeper
from lib.models import EvidenceKind, Health, JobState, KeepPolicy, Money
from lib.studio.core.context import Context
from lib.studio.orders import activation, speaking
from lib.studio.orders.confirming import OrderRefused
from tests.parts.persons import ADA
from tests.studio.service import refuses, says
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    attempts,
    dossier,
    health,
    state,
    text_order,
)

NO_SUCH_VOICE = refuses(404, "Voice not found", "voice_not_found")


def kept(story: Story, context: Context, days: int = 0) -> str:
    """A voice that was kept just now, to be used again every so many days."""
    voice_id = story.kept(context)
    context.registry.voices.change(voice_id, refresh_days=days)
    return voice_id


@pytest.mark.parametrize(
    ("days", "times"),
    [
        (6, 10),
        pytest.param(0, 0, marks=pytest.mark.slow),
        pytest.param(30, 2, marks=pytest.mark.slow),
    ],
)
def test_in_two_months_a_kept_voice_is_used_as_often_as_agreed(
    story: Story, context: Context, days: int, times: int
) -> None:
    voice_id = kept(story, context, days)
    paid = story.service.count("speech")
    summaries = story.live(context, 61 * DAY)

    assert story.service.count("speech") - paid == times
    assert sum(summary.refreshed for summary in summaries) == times
    assert sum(summary.activated for summary in summaries) == 0
    assert len(dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION)) == times + 1
    assert health(context, voice_id) is Health.SAFE


def test_a_take_counts_as_a_use_and_puts_the_next_one_off(story: Story, context: Context) -> None:
    voice_id = kept(story, context, 6)
    story.live(context, 5 * DAY)
    spoken = speaking.order(context, text_order(voice_id))
    story.until(context, lambda: state(context, spoken) is JobState.DONE)
    paid = story.service.count("speech")

    story.live(context, 5 * DAY)
    assert story.service.count("speech") == paid
    story.live(context, 2 * DAY)
    assert story.service.count("speech") == paid + 1


def test_a_person_cannot_pay_twice_for_a_kept_voice(story: Story, context: Context) -> None:
    voice_id = kept(story, context, 30)
    story.live(context, DAY)
    with pytest.raises(OrderRefused, match="kept"):
        activation.order_activation(context, dossier(context, voice_id), person=ADA)


def test_a_voice_that_is_gone_at_its_next_use_is_doubted_and_then_lost(
    story: Story, context: Context
) -> None:
    voice_id = kept(story, context, 30)
    story.live(context, 29 * DAY)
    story.service.always("speech", NO_SUCH_VOICE)
    story.live(context, 2 * DAY)

    found = dossier(context, voice_id)
    assert len(found.valid_evidence(EvidenceKind.NOT_FOUND)) >= 2
    assert health(context, voice_id) is Health.LOST
    assert sum((job.cost for job in found.activations[1:]), Money()) == Money()

    tried = len(attempts(context, voice_id))
    story.live(context, 90 * DAY)
    assert len(attempts(context, voice_id)) == tried


def test_a_voice_that_was_denied_once_by_mistake_is_safe_again_by_itself(
    story: Story, context: Context
) -> None:
    voice_id = kept(story, context)
    story.live(context, 10 * DAY)
    story.service.next("speech", NO_SUCH_VOICE)
    spoken = speaking.order(context, text_order(voice_id))
    keeper.one_pass(context)
    assert state(context, spoken) is JobState.FAILED

    story.live(context, HOUR)
    assert health(context, voice_id) is Health.SAFE
    assert len(attempts(context, voice_id)) == 2


def test_a_denied_voice_that_is_kept_by_hand_is_tried_when_a_person_says_so(
    story: Story, context: Context
) -> None:
    voice_id = kept(story, context)
    context.registry.voices.change(voice_id, keep_policy=KeepPolicy.ASK)
    story.live(context, 10 * DAY)
    story.service.next("speech", NO_SUCH_VOICE)
    speaking.order(context, text_order(voice_id))
    story.live(context, DAY)
    assert health(context, voice_id) is Health.PROBABLY_LOST

    activation.order_activation(context, dossier(context, voice_id), person=ADA)
    story.live(context, MINUTE)
    assert health(context, voice_id) is Health.SAFE


def test_money_that_runs_out_holds_the_next_use_up_and_is_told(
    story: Story, context: Context
) -> None:
    voice_id = kept(story, context, 6)
    story.service.always("balance", says({"usd_balance": "0.00"}))
    summaries = story.live(context, 7 * DAY)
    assert summaries[-1].blocked
    assert health(context, voice_id) is Health.SAFE

    story.service.always("balance", None)
    story.live(context, HOUR)
    assert len(dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION)) == 2
