"""A use of an adopted voice that nobody listened to proves nothing once its sound is deleted."""

from __future__ import annotations

from datetime import timedelta

from lib.demo.showcase import EXHIBITS, GUESTS
from lib.models import Health, JobState
from lib.services import MINIMAX, NANOGPT
from lib.studio.adoption import adopting, listening
from lib.studio.adoption.ids import VoiceType
from lib.studio.adoption.lists import read
from lib.studio.core.context import Context
from lib.studio.library import listing, takes
from lib.studio.orders import activation, speaking
from tests.parts.clock import START
from tests.parts.persons import ADA
from tests.studio.story import MINUTE, Story, dossier, health, state, text_order


def test_a_voice_can_still_be_kept_after_its_only_take_was_deleted_unheard(
    story: Story, context: Context
) -> None:
    story.service.demo.install([*EXHIBITS, *GUESTS])
    yesterday = f"{START - timedelta(days=1):%Y-%m-%d}"
    lines = read(f"marlow6c2v9t5k, Marlow, minimax, {yesterday}")
    (voice_id,) = adopting.adopt(
        context,
        lambda: adopting.plan(context, lines, VoiceType(NANOGPT, MINIMAX), test=False),
        speaker="Grace",
        consent=True,
        person=ADA,
    ).done
    job = speaking.order(context, text_order(voice_id, "Hello you."))
    story.live(context, MINUTE)
    takes.delete(context, job.id, ADA)
    item = listing.entry(context, dossier(context, voice_id))
    assert item.unheard is None
    assert item.standing.health is not Health.SAFE

    test = activation.order_activation(context, dossier(context, voice_id), person=ADA)
    story.live(context, MINUTE)
    assert state(context, test) is JobState.DONE
    heard = listing.entry(context, dossier(context, voice_id)).unheard
    assert heard is not None
    listening.record_verdict(context, voice_id, heard.id, is_the_voice=True, person=ADA)
    assert health(context, voice_id) is Health.SAFE
