"""Nobody pays for a voice of a recording in which nobody speaks, unless that is what they want."""

from __future__ import annotations

import pytest

from lib.models import Role
from lib.studio.core.context import Context
from lib.studio.orders import cloning, recloning
from lib.studio.orders.batch import Outcome, clone_all
from lib.studio.orders.confirming import OrderRefused
from lib.studio.orders.wording import Reason, sentence
from tests.parts.persons import ADA
from tests.parts.speech import spoken
from tests.studio.story import DAY, Story, all_jobs, clone_request, dossier, recording


def test_a_recording_without_speech_is_refused_before_anything_is_stored(context: Context) -> None:
    with pytest.raises(OrderRefused) as caught:
        cloning.clone(context, clone_request(no_speech_accepted=False))
    assert str(caught.value) == sentence(Reason.NO_SPEECH)
    assert all_jobs(context) == []
    assert list(context.live_vault.keys("voices/")) == []


def test_it_is_ordered_where_the_person_says_so(context: Context) -> None:
    cloning.clone(context, clone_request(no_speech_accepted=True))
    assert len(all_jobs(context)) == 1


def test_a_recording_with_speech_needs_no_such_word(context: Context) -> None:
    request = clone_request(recording=spoken(), no_speech_accepted=False)
    assert cloning.clone(context, request) in all_jobs(context)


def test_one_of_several_without_speech_holds_up_all(context: Context) -> None:
    requests = [
        lambda: clone_request(seed=1, recording=spoken(), no_speech_accepted=False),
        lambda: clone_request(seed=2, recording=recording(2), no_speech_accepted=False),
    ]
    assert clone_all(context, requests, ADA) == (
        Outcome(),
        Outcome(why_not=sentence(Reason.NO_SPEECH)),
    )
    assert all_jobs(context) == []


def test_what_was_cloned_once_can_be_cloned_again(story: Story, context: Context) -> None:
    voice_id = story.made(context)
    story.clock.advance(2 * DAY)
    job = recloning.clone_again(context, dossier(context, voice_id), name="Grace 2", person=ADA)
    copy = dossier(context, job.voice_id).copy(Role.REFERENCE, context.live_vault.name)
    assert copy is not None
