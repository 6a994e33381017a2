"""Voices that Kyma lists: asked for on the page, read by the keeper, compared with the library."""

from __future__ import annotations

import pytest

from lib import keeper
from lib.models import Health
from lib.services import KYMA, MINIMAX
from lib.studio.adoption import adopting, service_lists
from lib.studio.adoption.ids import VoiceType
from lib.studio.adoption.lists import read
from lib.studio.adoption.service_lists import ServiceListStatus
from lib.studio.core.context import Context
from tests.parts.persons import ADA
from tests.studio.kyma import clone_at_kyma, kyma_shop
from tests.studio.service import refuses, says
from tests.studio.story import Story, health

LOST = "kyma_0123456789abcdef"
LIST = {
    "data": [
        {"voice_id": "JBFqnCBsd6RMkjVDRZzb", "name": "George", "category": "premade"},
        {"voice_id": LOST, "name": 'Anna\t"A"', "category": "cloned"},
        {"voice_id": LOST, "name": "Twice"},
    ]
}


@pytest.fixture
def context(story: Story) -> Context:
    """The team's app, with a key for Kyma."""
    return kyma_shop(story)


def seen(context: Context) -> ServiceListStatus:
    (found,) = service_lists.status(context)
    return found


def test_nothing_is_asked_before_somebody_wants_it(story: Story, context: Context) -> None:
    keeper.one_pass(context)
    assert story.service.count("kyma_voices") == 0
    assert seen(context).last_read.at is None


def test_only_services_that_list_voices_are_asked(story: Story) -> None:
    without = story.context("without")
    assert service_lists.services(without) == []
    assert service_lists.status(without) == []
    service_lists.request(without, "nanogpt", ADA)
    assert keeper.one_pass(without).all_done


def test_ours_that_are_not_here_are_found_and_can_be_adopted(
    story: Story, context: Context
) -> None:
    story.service.always("kyma_voices", says(LIST))
    service_lists.request(context, KYMA, ADA)
    assert seen(context).last_read.asked_at is not None
    keeper.one_pass(context)
    found = seen(context)
    assert [voice.id for voice in found.missing_here] == [LOST]
    assert found.last_read.body["sentence"] == "Kyma lists 2 voices, 1 of them cloned or designed."
    lines = read(service_lists.as_list(found))
    assert [(line.id, line.kind, line.service, line.fault) for line in lines] == [
        (LOST, MINIMAX, KYMA, "")
    ]
    adopting.adopt(
        context,
        lambda: adopting.plan(context, lines, VoiceType(KYMA, MINIMAX), test=False),
        speaker="Anna",
        consent=True,
        person=ADA,
    )
    assert not seen(context).missing_here


def test_what_was_made_here_is_not_missing(story: Story, context: Context) -> None:
    job = clone_at_kyma(context)
    story.until(context, lambda: health(context, job.voice_id) is Health.SAFE)
    service_lists.request(context, KYMA, ADA)
    keeper.one_pass(context)
    assert seen(context).last_read.body["ours"]
    assert not seen(context).missing_here


def test_a_voice_that_is_not_listed_is_as_safe_as_before(story: Story, context: Context) -> None:
    job = clone_at_kyma(context)
    story.until(context, lambda: health(context, job.voice_id) is Health.SAFE)
    story.service.always("kyma_voices", says({"data": []}))
    service_lists.request(context, KYMA, ADA)
    keeper.one_pass(context)
    assert health(context, job.voice_id) is Health.SAFE


def test_a_list_that_cannot_be_read_is_said(story: Story, context: Context) -> None:
    story.service.always("kyma_voices", refuses(502, code="provider_error"))
    service_lists.request(context, KYMA, ADA)
    assert keeper.one_pass(context).all_done
    found = seen(context)
    assert (found.last_read.body["ok"], found.missing_here) == (False, ())
    assert found.last_read.body["sentence"]
