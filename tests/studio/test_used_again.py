"""Kept voices that are used again: because that was agreed to, or because they were denied."""

from __future__ import annotations

import pytest

from lib import keeper
from lib.models import EvidenceKind, Health, JobState, KeepPolicy, Money
from lib.studio import keep, speaking
from lib.studio.keep import CannotKeep
from lib.studio.workshop import Workshop
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


def kept(story: Story, workshop: Workshop, days: int = 0) -> str:
    """A voice that was kept just now, to be used again every so many days."""
    voice_id = story.kept(workshop)
    workshop.registry.voices.change(voice_id, refresh_days=days)
    return voice_id


@pytest.mark.parametrize(("days", "times"), [(0, 0), (6, 10), (30, 2)])
def test_in_two_months_a_kept_voice_is_used_as_often_as_agreed(
    story: Story, workshop: Workshop, days: int, times: int
) -> None:
    voice_id = kept(story, workshop, days)
    paid = story.service.count("speech")
    summaries = story.live(workshop, 61 * DAY)

    assert story.service.count("speech") - paid == times
    assert sum(summary.refreshed for summary in summaries) == times
    assert sum(summary.activated for summary in summaries) == 0
    assert len(dossier(workshop, voice_id).standing_evidence(EvidenceKind.ACTIVATION)) == times + 1
    assert health(workshop, voice_id) is Health.SAFE


def test_a_take_counts_as_a_use_and_puts_the_next_one_off(story: Story, workshop: Workshop) -> None:
    voice_id = kept(story, workshop, 6)
    story.live(workshop, 5 * DAY)
    spoken = speaking.order(workshop, text_order(voice_id))
    story.until(workshop, lambda: state(workshop, spoken) is JobState.DONE)
    paid = story.service.count("speech")

    story.live(workshop, 5 * DAY)
    assert story.service.count("speech") == paid
    story.live(workshop, 2 * DAY)
    assert story.service.count("speech") == paid + 1


def test_a_person_cannot_pay_twice_for_a_kept_voice(story: Story, workshop: Workshop) -> None:
    voice_id = kept(story, workshop, 30)
    story.live(workshop, DAY)
    with pytest.raises(CannotKeep, match="kept"):
        keep.order_activation(workshop, dossier(workshop, voice_id), person="Ada")


def test_a_voice_that_is_gone_at_its_next_use_is_doubted_and_then_lost(
    story: Story, workshop: Workshop
) -> None:
    voice_id = kept(story, workshop, 30)
    story.live(workshop, 29 * DAY)
    story.service.always("speech", NO_SUCH_VOICE)
    story.live(workshop, 2 * DAY)

    found = dossier(workshop, voice_id)
    assert len(found.standing_evidence(EvidenceKind.NOT_FOUND)) >= 2
    assert health(workshop, voice_id) is Health.LOST
    assert sum((job.cost for job in found.activations[1:]), Money()) == Money()

    tried = len(attempts(workshop, voice_id))
    story.live(workshop, 90 * DAY)
    assert len(attempts(workshop, voice_id)) == tried


def test_a_voice_that_was_denied_once_by_mistake_is_safe_again_by_itself(
    story: Story, workshop: Workshop
) -> None:
    voice_id = kept(story, workshop)
    story.live(workshop, 10 * DAY)
    story.service.next("speech", NO_SUCH_VOICE)
    spoken = speaking.order(workshop, text_order(voice_id))
    keeper.one_pass(workshop)
    assert state(workshop, spoken) is JobState.FAILED

    story.live(workshop, HOUR)
    assert health(workshop, voice_id) is Health.SAFE
    assert len(attempts(workshop, voice_id)) == 2


def test_a_denied_voice_that_is_kept_by_hand_is_tried_when_a_person_says_so(
    story: Story, workshop: Workshop
) -> None:
    voice_id = kept(story, workshop)
    workshop.registry.voices.change(voice_id, keep_policy=KeepPolicy.ASK)
    story.live(workshop, 10 * DAY)
    story.service.next("speech", NO_SUCH_VOICE)
    speaking.order(workshop, text_order(voice_id))
    story.live(workshop, DAY)
    assert health(workshop, voice_id) is Health.PROBABLY_LOST

    keep.order_activation(workshop, dossier(workshop, voice_id), person="Ada")
    story.live(workshop, MINUTE)
    assert health(workshop, voice_id) is Health.SAFE


def test_money_that_runs_out_holds_the_next_use_up_and_is_told(
    story: Story, workshop: Workshop
) -> None:
    voice_id = kept(story, workshop, 6)
    story.service.always("balance", says({"usd_balance": "0.00"}))
    summaries = story.live(workshop, 7 * DAY)
    assert summaries[-1].blocked
    assert health(workshop, voice_id) is Health.SAFE

    story.service.always("balance", None)
    story.live(workshop, HOUR)
    assert len(dossier(workshop, voice_id).standing_evidence(EvidenceKind.ACTIVATION)) == 2
