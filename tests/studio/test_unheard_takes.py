"""A use of an adopted voice that nobody listened to proves nothing once its sound is deleted."""

from __future__ import annotations

from datetime import timedelta

from lib.demo.showcase import guests, showcase
from lib.models import Health, JobState
from lib.services import MINIMAX, NANOGPT
from lib.studio import adopting, hearing, keep, library, speaking, takes
from lib.studio.adopting_ids import Way
from lib.studio.adopting_lists import read
from lib.studio.workshop import Workshop
from tests.parts.clock import START
from tests.studio.story import MINUTE, PERSON, Story, dossier, health, state, text_order


def test_a_voice_can_still_be_kept_after_its_only_take_was_deleted_unheard(
    story: Story, workshop: Workshop
) -> None:
    story.service.demo.install([*showcase(START), *guests(START)])
    yesterday = f"{START - timedelta(days=1):%Y-%m-%d}"
    lines = read(f"marlow6c2v9t5k, Marlow, minimax, {yesterday}")
    (voice_id,) = adopting.adopt(
        workshop,
        lambda: adopting.plan(workshop, lines, Way(NANOGPT, MINIMAX), test=False),
        speaker="Grace",
        consent=True,
        person=PERSON,
    ).done
    job = speaking.order(workshop, text_order(voice_id, "Hello you."))
    story.live(workshop, MINUTE)
    takes.delete(workshop, job.id, PERSON)
    item = library.entry(workshop, dossier(workshop, voice_id))
    assert item.unheard is None
    assert item.standing.health is not Health.SAFE

    test = keep.order_activation(workshop, dossier(workshop, voice_id), person=PERSON)
    story.live(workshop, MINUTE)
    assert state(workshop, test) is JobState.DONE
    heard = hearing.waiting(workshop, dossier(workshop, voice_id))
    assert heard is not None
    hearing.say(workshop, voice_id, heard.id, is_the_voice=True, person=PERSON)
    assert health(workshop, voice_id) is Health.SAFE
