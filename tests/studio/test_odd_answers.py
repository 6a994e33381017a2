"""One odd answer ends nothing that was paid for; what failed is looked at again, and what came
back is in the books.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from lib import keeper
from lib.models import ErrorKind, Health, Job, JobState, KeepPolicy, Money
from lib.services import NANOGPT
from lib.studio.core import money
from lib.studio.core.context import Context
from lib.studio.jobs import recovery
from lib.studio.orders import cloning, speaking
from tests.parts.persons import ADA
from tests.studio.service import Ask, Reply, Trouble, refuses, says
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    attempts,
    clone_request,
    dossier,
    fresh,
    health,
    state,
    text_order,
)

FAILED = says({"status": "failed", "error": "The supplier stumbled"})
BALANCE_IS_BACK = says({"usd_balance": "100"})
WINDOW = 168 * HOUR
STEP = 14 * HOUR
A_PAGE = Reply(200, (("Content-Type", "text/html"),), b"<html><h1>One moment</h1></html>")


def failed_clone(story: Story, context: Context, **changes: object) -> Job:
    """A clone that was paid, and that the service calls failed."""
    story.service.always("clone_status", FAILED)
    job = cloning.clone(context, clone_request(**changes))  # type: ignore[arg-type]
    story.live(context, MINUTE)
    assert state(context, job) is JobState.FAILED
    return fresh(context, job)


def now_and_then(story: Story, context: Context, how_long: timedelta) -> None:
    """A keeper that comes every few hours."""
    for _ in range(how_long // STEP):
        keeper.one_pass(context)
        story.clock.advance(STEP)
    keeper.one_pass(context)


# --- what is final --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        says({"error": "Too many requests"}),
        says({"status": 500, "error": "Internal error"}),
        says({"status": 429, "message": "Slow down"}),
        says({"error": {"message": "Job not found"}}),
        lambda ask: A_PAGE,
    ],
    ids=["no word", "500 inside", "429 inside", "not found inside", "a page"],
)
def test_a_poll_without_a_final_word_ends_no_paid_clone(
    story: Story, context: Context, odd: Trouble
) -> None:
    story.service.next("clone_status", odd, odd)
    made = [cloning.clone(context, clone_request(kind)) for kind in ("minimax", "qwen")]
    story.live(context, 10 * MINUTE)
    assert [state(context, job) for job in made] == [JobState.DONE] * 2


def test_a_poll_without_a_final_word_ends_no_paid_speech(story: Story, context: Context) -> None:
    story.service.speaks_by_ticket()
    story.service.next("speech_status", *[says({"error": "Too many requests"})] * 3)
    voice_id = story.to_be_kept(context)
    story.live(context, HOUR)
    assert health(context, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 1


# --- what failed is looked at again ---------------------------------------------------------


def test_a_failed_clone_that_is_completed_later_is_brought_home(
    story: Story, on_both: Context
) -> None:
    job = failed_clone(story, on_both)
    story.service.always("clone_status", None)
    story.live(on_both, 2 * HOUR)
    assert state(on_both, job) is JobState.DONE
    assert health(on_both, job.voice_id) is Health.SAFE
    assert fresh(on_both, job).cost == Money.usd("1.00")


def test_a_failed_speech_that_is_completed_later_becomes_a_take(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    story.service.always("speech_status", FAILED)
    job = speaking.order(context, text_order(voice_id))
    story.live(context, MINUTE)
    assert state(context, job) is JobState.FAILED
    story.service.always("speech_status", None)
    story.live(context, 2 * HOUR)
    assert state(context, job) is JobState.DONE
    assert context.registry.takes.get(job.id)


def test_a_failed_speech_that_was_deleted_does_not_come_back(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    story.service.always("speech_status", FAILED)
    job = speaking.order(context, text_order(voice_id))
    story.until(context, lambda: state(context, job) is JobState.FAILED)
    now = context.clock.now()
    assert context.registry.takes.forget([job.id], person="Ada", now=now)
    story.service.always("speech_status", None)
    summaries = story.live(context, 3 * HOUR)
    assert [summary.failed for summary in summaries if summary.failed] == []
    keys = [item.key for item in context.live_vault.listed(f"takes/{job.id}/")]
    assert keys == [f"takes/{job.id}/take.json"]
    assert fresh(context, job).next_check_at is None


def test_a_failed_run_is_looked_at_for_a_week_and_no_longer(story: Story, context: Context) -> None:
    job = failed_clone(story, context)
    asked = story.service.count("clone_status")
    now_and_then(story, context, 9 * DAY)
    assert fresh(context, job).next_check_at is None
    assert 5 <= story.service.count("clone_status") - asked <= 10


def test_a_clone_that_was_refused_is_not_looked_at(story: Story, context: Context) -> None:
    story.service.next("clone", refuses(400))
    job = cloning.clone(context, clone_request())
    story.live(context, MINUTE)
    refused = fresh(context, job)
    assert (refused.state, refused.next_check_at) == (JobState.FAILED, None)
    assert recovery.options_for(context, refused, dossier(context, job.voice_id).voice) == []


def test_a_voice_whose_clone_failed_may_be_tried_and_is_kept_if_it_speaks(
    story: Story, context: Context
) -> None:
    job = failed_clone(story, context, keep_policy=KeepPolicy.ASK)
    (option,) = recovery.options_for(context, job, dossier(context, job.voice_id).voice)
    assert option.label.startswith("Try the voice ($0.0")
    option.run(context, job, ADA)
    story.live(context, MINUTE)
    assert state(context, job) is JobState.DONE
    assert health(context, job.voice_id) is Health.SAFE


def test_a_failed_clone_under_an_id_that_somebody_typed_is_not_to_be_tried(
    story: Story, context: Context
) -> None:
    job = failed_clone(story, context, voice_id="GraceTyped1")
    assert recovery.options_for(context, job, dossier(context, job.voice_id).voice) == []


# --- what came back -------------------------------------------------------------------------


def test_a_refund_of_a_failed_clone_is_in_the_books_though_only_the_balance_shows_it(
    story: Story, context: Context
) -> None:
    story.service.always("balance", BALANCE_IS_BACK)
    job = failed_clone(story, context)
    assert (job.charged, job.refunded) == (Money.usd("1.00"), Money.usd("1.00"))
    assert money.month_spent(context) == Money()


def test_a_refund_that_comes_an_hour_later_is_in_the_books(story: Story, on_both: Context) -> None:
    job = failed_clone(story, on_both)
    assert money.month_spent(on_both) == Money.usd("1.00")
    story.service.always("balance", BALANCE_IS_BACK)
    story.live(on_both, 2 * HOUR)
    assert fresh(on_both, job).refunded == Money.usd("1.00")
    assert money.month_spent(on_both) == Money()
    assert fresh(on_both, job).next_check_at is None


def test_a_refund_that_a_later_answer_tells_is_in_the_books(story: Story, context: Context) -> None:
    job = failed_clone(story, context)
    told = {"status": "failed", "error": "The supplier stumbled", "refunded": "0.40"}
    story.service.always("clone_status", says(told))
    story.live(context, 2 * HOUR)
    assert fresh(context, job).cost == Money.usd("0.60")


def test_what_else_was_paid_meanwhile_hides_no_refund(story: Story, context: Context) -> None:
    voice_id = story.kept(context, seed=2)
    before = context.provider(NANOGPT).balance()
    assert before is not None
    story.service.always("clone_status", FAILED)
    job = cloning.clone(context, clone_request())
    keeper.one_pass(context)
    speech = speaking.order(context, text_order(voice_id, "Some words in between."))
    story.until(context, lambda: state(context, speech) is JobState.DONE)
    spoken = fresh(context, speech).cost
    story.service.always("balance", says({"usd_balance": f"{(before - spoken).dollars}"}))
    story.live(context, 2 * HOUR)
    assert fresh(context, job).refunded == Money.usd("1.00")


@pytest.mark.parametrize("balance", ["99.50", "101.50"])
def test_a_balance_that_does_not_show_all_of_it_is_no_refund(
    story: Story, context: Context, balance: str
) -> None:
    job = failed_clone(story, context)
    story.service.always("balance", says({"usd_balance": balance}))
    story.live(context, 2 * HOUR)
    assert fresh(context, job).cost == Money.usd("1.00")


def test_a_price_that_no_balance_shows_for_sure_is_no_refund(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    story.service.always("speech_status", FAILED)
    job = speaking.order(context, text_order(voice_id))
    story.live(context, 2 * HOUR)
    failed = fresh(context, job)
    assert (failed.state, failed.refunded) == (JobState.FAILED, None)
    assert Money() < failed.cost < Money.usd("0.01")


# --- a sound that was made is fetched -------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        lambda ask: A_PAGE,
        lambda ask: Reply(200, (), b""),
        lambda ask: Reply(200, (("Content-Type", "audio/mpeg"),), b"ID3 and no sound"),
        refuses(404),
    ],
    ids=["a page", "nothing", "wrong bytes", "not there yet"],
)
def test_an_address_that_answers_oddly_is_asked_again_and_nothing_is_paid_twice(
    story: Story, context: Context, odd: Trouble
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.next("file", *[odd] * 5)
    story.live(context, 10 * MINUTE)
    assert health(context, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 1


def test_a_take_is_fetched_for_as_long_as_its_sound_may_live(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.always("file", refuses(503))
    job = speaking.order(context, text_order(voice_id))
    now_and_then(story, context, 30 * HOUR)
    waiting = fresh(context, job)
    assert waiting.state is JobState.UNKNOWN  # a person may order it once more by now
    assert waiting.is_used
    story.clock.advance(4 * DAY)
    story.service.always("file", None)
    story.live(context, 2 * HOUR)
    assert state(context, job) is JobState.DONE
    assert len(story.service.charges("speech")) == 2  # the use that kept the voice, and this


def test_a_sound_that_its_host_calls_gone_for_an_hour_is_given_up(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.always("file", refuses(410))
    job = speaking.order(context, text_order(voice_id))
    story.live(context, 3 * HOUR)
    gone = fresh(context, job)
    assert (gone.state, gone.error_kind) == (JobState.FAILED, ErrorKind.NO_SOUND)


def test_other_trouble_of_the_host_does_not_count_as_gone(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.service.always("file", refuses(503))
    job = speaking.order(context, text_order(voice_id))
    story.live(context, 3 * HOUR)
    story.service.next("file", refuses(404))
    story.live(context, HOUR)
    assert state(context, job) is JobState.WAITING
    story.service.always("file", None)
    story.live(context, 2 * HOUR)
    assert state(context, job) is JobState.DONE


def test_an_address_that_ran_out_is_asked_for_anew(story: Story, context: Context) -> None:
    story.service.speaks_by_ticket()
    dead = f"{story.service.base_url}/files/run-out.wav"
    story.service.next("speech_status", says({"status": "completed", "audioUrl": dead}))
    voice_id = story.to_be_kept(context)
    story.live(context, MINUTE)
    assert health(context, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 1


def test_bytes_that_came_in_the_paid_answer_are_final(story: Story, context: Context) -> None:
    def spoils(ask: Ask) -> Reply:
        ask()
        return Reply(200, (("Content-Type", "audio/mpeg"),), b"ID3 and no sound")

    story.service.next("speech", spoils)
    voice_id = story.to_be_kept(context)
    story.live(context, HOUR)
    assert [job.state for job in attempts(context, voice_id)] == [JobState.FAILED, JobState.DONE]
    assert health(context, voice_id) is Health.SAFE


# --- used, sound to be fetched --------------------------------------------------------------


def test_a_use_whose_sound_cannot_be_fetched_is_repeated_after_a_quarter_of_the_time_left(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("file", refuses(503))
    now_and_then(story, context, WINDOW - HOUR)
    made = attempts(context, voice_id)
    start = dossier(context, voice_id).voice.clock_start
    assert start is not None
    assert 2 <= len(made) <= 5
    for first, second in pairwise(made):
        assert first.submitted_at is not None
        quarter = (start + WINDOW - first.submitted_at) / 4
        assert quarter <= second.created_at - first.submitted_at <= quarter + 2 * STEP


def test_a_sound_that_is_gone_is_spoken_again_after_a_quarter_of_the_time_left(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("file", refuses(404))
    story.live(context, 2 * HOUR)
    story.clock.advance(38 * HOUR)
    keeper.one_pass(context)
    assert [job.error_kind for job in attempts(context, voice_id)] == [ErrorKind.NO_SOUND]
    story.service.always("file", None)
    now_and_then(story, context, STEP)
    assert health(context, voice_id) is Health.SAFE


def test_a_voice_is_not_probably_lost_because_a_file_host_is_down(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("file", refuses(503))
    now_and_then(story, context, WINDOW)
    assert health(context, voice_id) is Health.AT_RISK
    story.clock.advance(8 * DAY)  # nothing is fetched there any more
    keeper.one_pass(context)
    assert all(job.state is JobState.FAILED for job in attempts(context, voice_id))
    assert health(context, voice_id) is Health.AT_RISK


def test_a_sound_that_comes_while_the_next_use_is_planned_ends_it(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("file", refuses(503))
    now_and_then(story, context, 50 * HOUR)
    story.service.always("file", None)
    now_and_then(story, context, STEP)
    assert health(context, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 2
    assert all(job.state is JobState.DONE for job in attempts(context, voice_id))


def test_a_run_that_is_completed_without_an_address_counts_as_used(
    story: Story, context: Context
) -> None:
    story.service.speaks_by_ticket()
    story.service.always("speech_status", says({"status": "completed"}))
    voice_id = story.to_be_kept(context)
    now_and_then(story, context, 30 * HOUR)
    (use,) = attempts(context, voice_id)
    assert use.is_used
    story.service.always("speech_status", None)
    now_and_then(story, context, STEP)
    assert health(context, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 1


def test_what_waits_for_its_sound_is_told_as_held_up(story: Story, context: Context) -> None:
    story.to_be_kept(context)
    story.service.always("file", refuses(503))
    assert any("Grace 1" in line for line in story.live(context, HOUR)[-1].blocked)
