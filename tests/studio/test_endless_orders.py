"""Orders that never come to an end: they keep no voice from being kept, and no person waiting."""

from __future__ import annotations

import pytest

from lib import keeper
from lib.models import Health, JobState, KeepPolicy, Money, TextState
from lib.services import NANOGPT
from lib.studio.core import accounts
from lib.studio.core.context import Context
from lib.studio.jobs import collecting, polling, recovery
from lib.studio.library import takes
from lib.studio.orders import activation, cloning, speaking
from lib.studio.orders.confirming import OrderRefused
from tests.parts.persons import ADA
from tests.studio.kyma import HD, called_gone, clone_at_kyma, kyma_shop, spoken_elsewhere
from tests.studio.service import Trouble, loses_the_answer, refuses, says, still_works
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    NEW_KEY,
    SECOND,
    Story,
    attempts,
    clone_request,
    database_out,
    dossier,
    fresh,
    health,
    key_question,
    state,
    text_order,
)


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(refuses(500), id="stumbles", marks=pytest.mark.slow),
        pytest.param(refuses(401), id="key", marks=pytest.mark.long),
        pytest.param(refuses(403), id="forbidden", marks=pytest.mark.long),
        pytest.param(says({"status": "completed"}), id="no address", marks=pytest.mark.long),
    ],
)
def test_a_ticket_without_an_end_does_not_cost_the_voice(
    story: Story, context: Context, status: Trouble
) -> None:
    story.service.speaks_by_ticket()
    voice_id = story.to_be_kept(context)
    story.live(context, SECOND)
    story.service.always("speech_status", status)
    story.hourly(context, 6 * 24, apart=6)
    story.hourly(context, 25)
    assert len(attempts(context, voice_id)) > 1
    assert health(context, voice_id) is Health.AT_RISK  # their tickets are asked after still
    story.service.always("speech_status", None)
    story.live(context, 2 * HOUR)
    assert health(context, voice_id) is Health.SAFE


def test_a_clone_without_an_end_is_proven_by_a_use_and_else_left_to_a_person(
    story: Story, context: Context
) -> None:
    story.service.always("clone_status", still_works)
    spoken, silent = (cloning.clone(context, clone_request(seed=seed)) for seed in (1, 2))
    story.live(context, MINUTE)
    use = activation.order_activation(context, dossier(context, spoken.voice_id), person=ADA)
    story.until(context, lambda: state(context, use) is JobState.DONE)
    assert state(context, spoken) is JobState.DONE
    assert health(context, spoken.voice_id) is Health.SAFE
    story.hourly(context, 25)
    given = fresh(context, silent)
    assert given.state is JobState.UNKNOWN
    voice = dossier(context, silent.voice_id).voice
    assert {option.name for option in recovery.options_for(context, given, voice)} == {
        "test",
        "again",
        "giveup",
    }
    story.service.always("clone_status", None)  # and a late answer wins
    story.live(context, 2 * HOUR)
    assert state(context, silent) is JobState.DONE


def test_a_part_that_the_service_forgot_may_be_sent_again(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    story.service.always("speech_status", refuses(404))
    whole = speaking.order(context, text_order(voice_id, "Hello there you all. " * 300))
    story.live(context, 2 * HOUR)
    part = context.registry.long_texts.parts(whole.id)[0]
    assert part.state is JobState.UNKNOWN
    story.service.always("speech_status", None)
    for lost in context.registry.long_texts.parts(whole.id):
        speaking.again(context, fresh(context, lost), ADA)
    story.live(context, 10 * MINUTE)
    assert state(context, whole) is TextState.DONE


def test_an_outage_of_the_speech_alone_uses_up_nothing(story: Story, context: Context) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("speech", refuses(503))
    story.live(context, 60 * HOUR)
    assert len(attempts(context, voice_id)) > 5
    story.service.always("speech", None)
    story.live(context, 7 * HOUR)
    assert health(context, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 1


def test_what_is_charged_after_the_first_look_is_seen_by_the_second(
    story: Story, context: Context
) -> None:
    story.service.next("clone", loses_the_answer)
    cloning.clone(context, clone_request())
    story.service.next("balance", says({"usd_balance": "50"}), says({"usd_balance": "50"}))
    keeper.one_pass(context)
    (job,) = context.registry.jobs.latest(services=[NANOGPT])
    assert (job.state, job.perhaps_charged) == (JobState.UNKNOWN, Money())
    story.service.next("balance", says({"usd_balance": "49"}))
    story.live(context, 2 * HOUR)
    assert fresh(context, job).perhaps_charged == Money.usd(1)
    assert fresh(context, job).next_check_at is None


def test_a_balance_below_nothing_does_not_spoil_the_story(story: Story, context: Context) -> None:
    story.service.next("clone", loses_the_answer)
    job = cloning.clone(context, clone_request())
    story.service.next("balance", says({"usd_balance": "2"}), says({"usd_balance": "-0.02"}))
    story.live(context, MINUTE)
    assert fresh(context, job).balance_after == Money()
    again = story.new_container()
    keeper.one_pass(again)
    assert fresh(again, job).state is JobState.UNKNOWN


def test_with_another_key_an_uncertain_clone_is_not_given_up_for_one_that_cannot_be_sent(
    story: Story, context: Context
) -> None:
    story.service.next("clone", loses_the_answer)
    job = cloning.clone(context, clone_request())
    story.until(context, lambda: state(context, job) is JobState.UNKNOWN)
    before = dossier(context, job.voice_id).voice
    renewed = story.context(NANOGPT_API_KEY=NEW_KEY)
    options = {
        option.name: option for option in recovery.options_for(renewed, fresh(renewed, job), before)
    }
    with pytest.raises(OrderRefused, match="stays as it is"):
        options["again"].run(renewed, fresh(renewed, job), ADA)
    assert state(renewed, job) is JobState.UNKNOWN
    assert dossier(renewed, job.voice_id).voice.provider_voice_id == before.provider_voice_id


def test_a_use_counts_for_the_account_whose_key_sent_it(story: Story, context: Context) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("balance", says({"usd_balance": "0"}))
    keeper.one_pass(context)
    (use,) = attempts(context, voice_id)
    renewed = story.context(NANOGPT_API_KEY=NEW_KEY)
    story.clock.advance(6 * DAY)
    story.service.always("balance", None)
    story.until(renewed, lambda: state(renewed, use) is JobState.DONE)
    assert health(renewed, voice_id) is Health.SAFE
    question = key_question(renewed)
    assert question
    accounts.other(renewed, question, ADA)
    assert health(renewed, voice_id) is Health.AT_RISK


def test_a_pause_that_a_service_asks_for_keeps_nobody_in_line_young(story: Story) -> None:
    shop = kyma_shop(story)
    made = clone_at_kyma(shop)
    story.live(shop, HOUR)
    story.service.always("kyma_speech", refuses(429, "slow", Retry_After="5"))
    for number in range(6):
        speaking.order(shop, text_order(made.voice_id, f"Hello number {number}.", model=HD))
    began = story.clock.now()
    story.live(shop, HOUR)
    waiting = [job for job in shop.registry.jobs.latest(services=["kyma"]) if not job.finished_at]
    assert len(waiting) == 6
    assert all(job.send_before and job.send_before - began <= 16 * MINUTE for job in waiting)


def test_a_take_that_another_keeper_called_gone_is_brought_home(story: Story) -> None:
    first, _, order = called_gone(story)
    story.vault_is_mended()
    story.live(first, HOUR)
    assert state(first, order) is JobState.DONE
    assert first.registry.takes.get(order.id)
    assert not first.spool.waiting()
    takes.delete(first, order.id, ADA)


def test_a_late_look_at_an_order_that_ended_meanwhile_changes_nothing(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, order = spoken_elsewhere(story)
    story.clock.advance(31 * SECOND)
    leave = collecting._wait_for_other_keeper

    def slowly(context: Context, job: collecting.Job) -> None:
        polling.accept_late_answer(first, job.id)  # the other keeper is faster
        leave(context, job)

    monkeypatch.setattr(collecting, "_wait_for_other_keeper", slowly)
    polling.poll(second, fresh(second, order))
    assert state(first, order) is JobState.DONE
    assert fresh(first, order).next_check_at is None


def test_a_voice_kept_by_hand_tells_that_its_order_came_home_late(story: Story) -> None:
    """The next use is held up, and must not keep out the proof that lies on a disk."""
    first = kyma_shop(story)
    made = clone_at_kyma(first, keep_policy=KeepPolicy.ASK)
    story.live(first, HOUR)
    use = activation.order_activation(first, dossier(first, made.voice_id), person=ADA)
    with database_out(first):
        keeper.one_pass(first)
    second = kyma_shop(story, "second")
    story.clock.advance(11 * MINUTE)
    polling.poll(second, fresh(second, use))
    assert state(second, use) is JobState.UNKNOWN
    story.service.always("kyma_balance", says({"balance_usd": 0.0, "balance": 0.0}))
    story.clock.advance(20 * MINUTE)
    activation.order_activation(second, dossier(second, made.voice_id), person=ADA)
    keeper.one_pass(second)
    assert keeper.one_pass(first).failed == []
    assert state(first, use) is JobState.DONE
    assert health(first, made.voice_id) is Health.SAFE


def test_orders_that_a_new_container_knows_only_from_the_vault_fail_no_pass(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("balance", says({"usd_balance": "0"}))
    story.live(context, MINUTE)
    context.registry.voices.change(voice_id, name="Other")  # any change writes the story
    keeper.one_pass(context)
    new = story.new_container()
    assert [keeper.one_pass(new).failed for _ in range(3)] == [[], [], []]
    (use,) = attempts(new, voice_id)
    assert use.state is JobState.UNKNOWN
