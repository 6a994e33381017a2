"""Disks and databases that vanish in the worst moment: nothing that was paid for is forgotten."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from lib import keeper
from lib.demo.showcase import EXHIBITS, GUESTS
from lib.models import ErrorKind, EvidenceKind, Health, JobState, KeepPolicy
from lib.services import KYMA, MINIMAX, NANOGPT
from lib.studio.adoption import adopting, listening
from lib.studio.adoption.ids import VoiceType
from lib.studio.adoption.lists import read
from lib.studio.core.context import Context
from lib.studio.jobs import sending
from lib.studio.library import listing, takes
from lib.studio.orders import activation, confirming, speaking
from lib.studio.orders.confirming import OrderRefused
from tests.parts.clock import START
from tests.parts.persons import ADA
from tests.sentences import LISTEN_FIRST
from tests.studio.kyma import HD, clone_at_kyma, kyma_shop, made_from_words, spoken_elsewhere
from tests.studio.service import loses_the_answer
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    attempts,
    database_out,
    dossier,
    fresh,
    health,
    state,
    text_order,
)

HIS_ID = "marlow6c2v9t5k"


def adopted(story: Story, context: Context, *, test: bool) -> str:
    """Marlow, made yesterday elsewhere."""
    story.service.demo.install([*EXHIBITS, *GUESTS])
    lines = read(f"{HIS_ID}, Marlow, minimax, {START - timedelta(days=1):%Y-%m-%d}")
    plan = lambda: adopting.plan(context, lines, VoiceType(NANOGPT, MINIMAX), test=test)  # noqa: E731
    done = adopting.adopt(context, plan, speaker="Grace", consent=True, person=ADA).done
    return done[0]


def spoken_without_a_vault(story: Story, context: Context) -> str:
    """Marlow, whose test call was spoken: its sound waits on the disk."""
    voice_id = adopted(story, context, test=True)
    (story.folder / "vault").mkdir(exist_ok=True)
    story.vault_breaks()
    story.live(context, MINUTE)
    return voice_id


def test_a_use_whose_sound_is_gone_with_its_disk_makes_room_for_the_next(story: Story) -> None:
    first = kyma_shop(story)
    job = clone_at_kyma(first, keep_policy=KeepPolicy.ASK)
    story.live(first, HOUR)
    story.clock.advance(6 * DAY + 2 * HOUR)
    first.registry.voices.change(job.voice_id, keep_policy=KeepPolicy.AT_ONCE)
    use = activation.order_activation(first, dossier(first, job.voice_id), person=ADA)
    assert sending.send(first, fresh(first, use))
    shutil.rmtree(story.folder / "data" / "spool")  # the container ends here
    second = kyma_shop(story, "second")
    story.live(second, HOUR)
    assert [one.state for one in attempts(second, job.voice_id)] == [
        JobState.FAILED,
        JobState.DONE,
    ]
    assert "lost with the disk" in fresh(second, use).error
    assert health(second, job.voice_id) is Health.SAFE


def test_a_sound_on_another_keeper_s_disk_is_left_to_it(story: Story) -> None:
    first, second, order = spoken_elsewhere(story)
    left = fresh(second, order)
    assert (left.state, left.attempts) == (JobState.WAITING, 0)
    assert left.last_answer == "The audio is on another keeper's disk. That keeper will store it."
    assert left.answer_kind == ErrorKind.OTHER_DISK
    keeper.one_pass(first)  # whoever looks first may be the other one each time
    assert state(first, order) is JobState.DONE


def test_a_test_call_whose_sound_is_gone_does_not_keep_out_the_next(
    story: Story, context: Context
) -> None:
    voice_id = spoken_without_a_vault(story, context)
    heard = listing.entry(context, dossier(context, voice_id)).unheard
    assert heard is not None
    assert not heard.key
    shutil.rmtree(story.folder / "data" / "spool")  # the container ends here
    story.vault_is_mended()
    other = story.context("other")
    with pytest.raises(OrderRefused, match=LISTEN_FIRST):
        activation.order_activation(other, dossier(other, voice_id), person=ADA)
    story.live(other, 25 * HOUR)  # it was agreed to, so the keeper does it
    assert len(attempts(other, voice_id)) == 2
    heard = listing.entry(other, dossier(other, voice_id)).unheard
    assert heard is not None
    assert heard.key
    listening.record_verdict(other, voice_id, heard.id, is_the_voice=True, person=ADA)
    assert health(other, voice_id) is Health.SAFE


def test_a_test_call_whose_sound_waits_for_the_vault_for_days_is_paid_once(
    story: Story, context: Context
) -> None:
    voice_id = spoken_without_a_vault(story, context)
    story.hourly(context, 80)
    assert len(story.service.charges("speech")) == 1
    story.vault_is_mended()
    story.live(context, HOUR)
    heard = listing.entry(context, dossier(context, voice_id)).unheard
    assert heard is not None
    assert heard.key


def test_a_take_deleted_unheard_stays_deleted_in_the_next_container(
    story: Story, context: Context
) -> None:
    voice_id = adopted(story, context, test=False)
    job = speaking.order(context, text_order(voice_id, "A secret."))
    story.live(context, MINUTE)
    takes.delete(context, job.id, ADA)
    new = story.new_container()
    keeper.one_pass(new)
    uses = [e for e in dossier(new, voice_id).evidence if e.kind is EvidenceKind.ACTIVATION]
    assert [(use.key, use.summary, bool(use.withdrawn_at)) for use in uses] == [("", "", True)]
    assert activation.order_activation(new, dossier(new, voice_id), person=ADA)


def test_a_new_voice_s_id_outlives_an_outage_of_the_database(story: Story) -> None:
    context = kyma_shop(story)
    job = clone_at_kyma(context)
    with database_out(context):
        keeper.one_pass(context)
    assert state(context, job) is JobState.SUBMITTING
    story.live(context, HOUR)
    assert state(context, job) is JobState.DONE


def test_a_paid_sound_that_only_one_disk_has_wins_however_late(story: Story) -> None:
    first = kyma_shop(story)
    made = clone_at_kyma(first)
    story.live(first, HOUR)
    order = speaking.order(first, text_order(made.voice_id, "Hello over there.", model=HD))
    with database_out(first):
        keeper.one_pass(first)
    second = kyma_shop(story, "second")
    story.live(second, HOUR)
    assert state(second, order) is JobState.UNKNOWN
    story.until(first, lambda: state(first, order) is JobState.DONE)
    assert first.registry.takes.get(order.id)


def test_the_id_of_a_voice_that_was_given_up_meanwhile_is_told(story: Story) -> None:
    first = kyma_shop(story)
    job = clone_at_kyma(first)
    with database_out(first):
        keeper.one_pass(first)
    answer = first.spool.answer(job.id)
    second = kyma_shop(story, "second")
    story.live(second, HOUR)
    confirming.withdraw(second, fresh(second, job), ADA)
    keeper.one_pass(first)
    assert answer is not None
    assert f"can be added by its ID, {answer['voice_id']}" in fresh(first, job).error
    assert first.spool.answers() == []


def test_an_answer_whose_order_is_not_read_from_the_vault_yet_stays(story: Story) -> None:
    context = kyma_shop(story)
    context.spool.put_answer("an-order-of-before", {"voice_id": "kyma_0000000000000001"})
    keeper.one_pass(context)
    assert context.spool.answers() == ["an-order-of-before"]


def test_an_answer_that_only_one_disk_knows_wins_however_late(story: Story) -> None:
    first = kyma_shop(story)
    job = clone_at_kyma(first)
    with database_out(first):
        keeper.one_pass(first)
    second = kyma_shop(story, "second")
    story.live(second, HOUR)
    assert state(second, job) is JobState.UNKNOWN
    keeper.one_pass(first)
    story.live(first, MINUTE)
    assert dossier(first, job.voice_id).voice.provider_voice_id.startswith("kyma_")
    assert (state(first, job), first.spool.answers()) == (JobState.DONE, [])


def test_the_sample_of_a_voice_from_words_outlives_the_take_that_it_came_from(
    story: Story,
) -> None:
    context = kyma_shop(story)
    story.service.next("kyma_speech", loses_the_answer)
    job = made_from_words(story, context)
    story.until(context, lambda: bool(attempts(context, job.voice_id)))
    (lost,) = attempts(context, job.voice_id)
    story.until(context, lambda: state(context, lost) is JobState.UNKNOWN)
    take = speaking.order(context, text_order(job.voice_id, "Hello there you.", model=HD))
    story.until(context, lambda: state(context, take) is JobState.DONE)
    takes.delete(context, take.id, ADA)
    story.live(context, DAY)
    uses = dossier(context, job.voice_id).valid_evidence(EvidenceKind.ACTIVATION)
    assert health(context, job.voice_id) is Health.SAFE
    assert uses[0].key.startswith(f"voices/{job.voice_id}/activation/")
    assert context.vault(KYMA).get(uses[0].key, max_bytes=10**7)
