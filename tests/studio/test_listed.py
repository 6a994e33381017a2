"""Voices that Kyma lists: asked for on the page, read by the keeper, compared with the library."""

from __future__ import annotations

import pytest

from lib import keeper
from lib.models import Health
from lib.services import KYMA, MINIMAX
from lib.studio import adopting, listed
from lib.studio.adopting_ids import Way
from lib.studio.adopting_lists import read
from lib.studio.listed import Seen
from lib.studio.workshop import Workshop
from tests.studio.kyma import clone_at_kyma, kyma_shop
from tests.studio.service import refuses, says
from tests.studio.story import PERSON, Story, health

LOST = "kyma_0123456789abcdef"
LIST = {
    "data": [
        {"voice_id": "JBFqnCBsd6RMkjVDRZzb", "name": "George", "category": "premade"},
        {"voice_id": LOST, "name": 'Anna\t"A"', "category": "cloned"},
        {"voice_id": LOST, "name": "Twice"},
    ]
}


@pytest.fixture
def workshop(story: Story) -> Workshop:
    """The team's app, with a key for Kyma."""
    return kyma_shop(story)


def seen(workshop: Workshop) -> Seen:
    (found,) = listed.seen(workshop)
    return found


def test_nothing_is_asked_before_somebody_wants_it(story: Story, workshop: Workshop) -> None:
    keeper.one_pass(workshop)
    assert story.service.count("kyma_voices") == 0
    assert seen(workshop).looked.at is None


def test_only_services_that_list_voices_are_asked(story: Story) -> None:
    without = story.workshop("without")
    assert listed.services(without) == []
    assert listed.seen(without) == []
    listed.ask(without, "nanogpt")
    assert keeper.one_pass(without).all_done


def test_ours_that_are_not_here_are_found_and_can_be_adopted(
    story: Story, workshop: Workshop
) -> None:
    story.service.always("kyma_voices", says(LIST))
    listed.ask(workshop, KYMA)
    assert seen(workshop).looked.asked_at is not None
    keeper.one_pass(workshop)
    found = seen(workshop)
    assert [voice.id for voice in found.missing_here] == [LOST]
    assert found.looked.body["sentence"] == "Kyma lists 2 voices, 1 of them cloned or designed."
    lines = read(listed.as_lines(found))
    assert [(line.id, line.kind, line.service, line.fault) for line in lines] == [
        (LOST, MINIMAX, KYMA, "")
    ]
    adopting.adopt(
        workshop,
        lambda: adopting.plan(workshop, lines, Way(KYMA, MINIMAX), test=False),
        speaker="Anna",
        consent=True,
        person=PERSON,
    )
    assert not seen(workshop).missing_here


def test_what_was_made_here_is_not_missing(story: Story, workshop: Workshop) -> None:
    job = clone_at_kyma(workshop)
    story.until(workshop, lambda: health(workshop, job.voice_id) is Health.SAFE)
    listed.ask(workshop, KYMA)
    keeper.one_pass(workshop)
    assert seen(workshop).looked.body["ours"]
    assert not seen(workshop).missing_here


def test_a_voice_that_is_not_listed_is_as_safe_as_before(story: Story, workshop: Workshop) -> None:
    job = clone_at_kyma(workshop)
    story.until(workshop, lambda: health(workshop, job.voice_id) is Health.SAFE)
    story.service.always("kyma_voices", says({"data": []}))
    listed.ask(workshop, KYMA)
    keeper.one_pass(workshop)
    assert health(workshop, job.voice_id) is Health.SAFE


def test_a_list_that_cannot_be_read_is_said(story: Story, workshop: Workshop) -> None:
    story.service.always("kyma_voices", refuses(502, code="provider_error"))
    listed.ask(workshop, KYMA)
    assert keeper.one_pass(workshop).all_done
    found = seen(workshop)
    assert (found.looked.body["ok"], found.missing_here) == (False, ())
    assert "Asking costs nothing." in found.looked.body["sentence"]
