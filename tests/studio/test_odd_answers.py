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
from lib.studio import money, orders, speaking, ways_on
from lib.studio.workshop import Workshop
from tests.studio.service import Ask, Reply, Trouble, refuses, says
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    PERSON,
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


@pytest.fixture(params=["sqlite", "postgresql"])
def on_both(request: pytest.FixtureRequest, story: Story) -> Workshop:
    """The team's app, once on each database."""
    if request.param == "postgresql":
        story.database = request.getfixturevalue("postgres_server").new_database()
    return story.workshop()


def failed_clone(story: Story, workshop: Workshop, **changes: object) -> Job:
    """A clone that was paid, and that the service calls failed."""
    story.service.always("clone_status", FAILED)
    job = orders.clone(workshop, clone_request(**changes))  # type: ignore[arg-type]
    story.live(workshop, MINUTE)
    assert state(workshop, job) is JobState.FAILED
    return fresh(workshop, job)


def now_and_then(story: Story, workshop: Workshop, how_long: timedelta) -> None:
    """A keeper that comes every few hours."""
    for _ in range(how_long // STEP):
        keeper.one_pass(workshop)
        story.clock.advance(STEP)
    keeper.one_pass(workshop)


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
    story: Story, workshop: Workshop, odd: Trouble
) -> None:
    story.service.next("clone_status", odd, odd)
    made = [orders.clone(workshop, clone_request(kind)) for kind in ("minimax", "qwen")]
    story.live(workshop, 10 * MINUTE)
    assert [state(workshop, job) for job in made] == [JobState.DONE] * 2


def test_a_poll_without_a_final_word_ends_no_paid_speech(story: Story, workshop: Workshop) -> None:
    story.service.speaks_by_ticket()
    story.service.next("speech_status", *[says({"error": "Too many requests"})] * 3)
    voice_id = story.to_be_kept(workshop)
    story.live(workshop, HOUR)
    assert health(workshop, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 1


# --- what failed is looked at again ---------------------------------------------------------


def test_a_failed_clone_that_is_completed_later_is_brought_home(
    story: Story, on_both: Workshop
) -> None:
    job = failed_clone(story, on_both)
    story.service.always("clone_status", None)
    story.live(on_both, 2 * HOUR)
    assert state(on_both, job) is JobState.DONE
    assert health(on_both, job.voice_id) is Health.SAFE
    assert fresh(on_both, job).cost == Money.usd("1.00")


def test_a_failed_speech_that_is_completed_later_becomes_a_take(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.kept(workshop)
    story.service.speaks_by_ticket()
    story.service.always("speech_status", FAILED)
    job = speaking.order(workshop, text_order(voice_id))
    story.live(workshop, MINUTE)
    assert state(workshop, job) is JobState.FAILED
    story.service.always("speech_status", None)
    story.live(workshop, 2 * HOUR)
    assert state(workshop, job) is JobState.DONE
    assert workshop.registry.takes.get(job.id)


def test_a_failed_speech_that_was_deleted_does_not_come_back(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.kept(workshop)
    story.service.speaks_by_ticket()
    story.service.always("speech_status", FAILED)
    job = speaking.order(workshop, text_order(voice_id))
    story.until(workshop, lambda: state(workshop, job) is JobState.FAILED)
    now = workshop.clock.now()
    assert workshop.registry.takes.forget([job.id], person=PERSON, now=now)
    story.service.always("speech_status", None)
    summaries = story.live(workshop, 3 * HOUR)
    assert [summary.failed for summary in summaries if summary.failed] == []
    keys = [item.key for item in workshop.live_vault.listed(f"takes/{job.id}/")]
    assert keys == [f"takes/{job.id}/take.json"]
    assert fresh(workshop, job).next_check_at is None


def test_a_failed_run_is_looked_at_for_a_week_and_no_longer(
    story: Story, workshop: Workshop
) -> None:
    job = failed_clone(story, workshop)
    asked = story.service.count("clone_status")
    now_and_then(story, workshop, 9 * DAY)
    assert fresh(workshop, job).next_check_at is None
    assert 5 <= story.service.count("clone_status") - asked <= 10


def test_a_clone_that_was_refused_is_not_looked_at(story: Story, workshop: Workshop) -> None:
    story.service.next("clone", refuses(400))
    job = orders.clone(workshop, clone_request())
    story.live(workshop, MINUTE)
    refused = fresh(workshop, job)
    assert (refused.state, refused.next_check_at) == (JobState.FAILED, None)
    assert ways_on.of(workshop, refused, dossier(workshop, job.voice_id).voice) == []


def test_a_voice_whose_clone_failed_may_be_tried_and_is_kept_if_it_speaks(
    story: Story, workshop: Workshop
) -> None:
    job = failed_clone(story, workshop, keep_policy=KeepPolicy.ASK)
    (way,) = ways_on.of(workshop, job, dossier(workshop, job.voice_id).voice)
    assert way.label.startswith("Try the voice ($0.0")
    way.go(workshop, job, PERSON)
    story.live(workshop, MINUTE)
    assert state(workshop, job) is JobState.DONE
    assert health(workshop, job.voice_id) is Health.SAFE


def test_a_failed_clone_under_an_id_that_somebody_typed_is_not_to_be_tried(
    story: Story, workshop: Workshop
) -> None:
    job = failed_clone(story, workshop, voice_id="GraceTyped1")
    assert ways_on.of(workshop, job, dossier(workshop, job.voice_id).voice) == []


# --- what came back -------------------------------------------------------------------------


def test_a_refund_of_a_failed_clone_is_in_the_books_though_only_the_balance_shows_it(
    story: Story, workshop: Workshop
) -> None:
    story.service.always("balance", BALANCE_IS_BACK)
    job = failed_clone(story, workshop)
    assert (job.charged, job.refunded) == (Money.usd("1.00"), Money.usd("1.00"))
    assert money.month_spent(workshop) == Money()


def test_a_refund_that_comes_an_hour_later_is_in_the_books(story: Story, on_both: Workshop) -> None:
    job = failed_clone(story, on_both)
    assert money.month_spent(on_both) == Money.usd("1.00")
    story.service.always("balance", BALANCE_IS_BACK)
    story.live(on_both, 2 * HOUR)
    assert fresh(on_both, job).refunded == Money.usd("1.00")
    assert money.month_spent(on_both) == Money()
    assert fresh(on_both, job).next_check_at is None


def test_a_refund_that_a_later_answer_tells_is_in_the_books(
    story: Story, workshop: Workshop
) -> None:
    job = failed_clone(story, workshop)
    told = {"status": "failed", "error": "The supplier stumbled", "refundAmount": "0.40"}
    story.service.always("clone_status", says(told))
    story.live(workshop, 2 * HOUR)
    assert fresh(workshop, job).cost == Money.usd("0.60")


def test_what_else_was_paid_meanwhile_hides_no_refund(story: Story, workshop: Workshop) -> None:
    voice_id = story.kept(workshop, seed=2)
    before = workshop.provider(NANOGPT).balance()
    assert before is not None
    story.service.always("clone_status", FAILED)
    job = orders.clone(workshop, clone_request())
    keeper.one_pass(workshop)
    speech = speaking.order(workshop, text_order(voice_id, "Some words in between."))
    story.until(workshop, lambda: state(workshop, speech) is JobState.DONE)
    spoken = fresh(workshop, speech).cost
    story.service.always("balance", says({"usd_balance": f"{(before - spoken).dollars}"}))
    story.live(workshop, 2 * HOUR)
    assert fresh(workshop, job).refunded == Money.usd("1.00")


@pytest.mark.parametrize("balance", ["99.50", "101.50"])
def test_a_balance_that_does_not_show_all_of_it_is_no_refund(
    story: Story, workshop: Workshop, balance: str
) -> None:
    job = failed_clone(story, workshop)
    story.service.always("balance", says({"usd_balance": balance}))
    story.live(workshop, 2 * HOUR)
    assert fresh(workshop, job).cost == Money.usd("1.00")


def test_a_price_that_no_balance_shows_for_sure_is_no_refund(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.kept(workshop)
    story.service.speaks_by_ticket()
    story.service.always("speech_status", FAILED)
    job = speaking.order(workshop, text_order(voice_id))
    story.live(workshop, 2 * HOUR)
    failed = fresh(workshop, job)
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
    story: Story, workshop: Workshop, odd: Trouble
) -> None:
    voice_id = story.to_be_kept(workshop)
    story.service.next("file", *[odd] * 5)
    story.live(workshop, 10 * MINUTE)
    assert health(workshop, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 1


def test_a_take_is_fetched_for_as_long_as_its_sound_may_live(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.kept(workshop)
    story.service.always("file", refuses(503))
    job = speaking.order(workshop, text_order(voice_id))
    now_and_then(story, workshop, 30 * HOUR)
    waiting = fresh(workshop, job)
    assert waiting.state is JobState.UNKNOWN  # a person may order it once more by now
    assert waiting.is_used
    story.clock.advance(4 * DAY)
    story.service.always("file", None)
    story.live(workshop, 2 * HOUR)
    assert state(workshop, job) is JobState.DONE
    assert len(story.service.charges("speech")) == 2  # the use that kept the voice, and this


def test_a_sound_that_its_host_calls_gone_for_an_hour_is_given_up(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.kept(workshop)
    story.service.always("file", refuses(410))
    job = speaking.order(workshop, text_order(voice_id))
    story.live(workshop, 3 * HOUR)
    gone = fresh(workshop, job)
    assert (gone.state, gone.error_kind) == (JobState.FAILED, ErrorKind.NO_SOUND)


def test_other_trouble_of_the_host_does_not_count_as_gone(story: Story, workshop: Workshop) -> None:
    voice_id = story.kept(workshop)
    story.service.always("file", refuses(503))
    job = speaking.order(workshop, text_order(voice_id))
    story.live(workshop, 3 * HOUR)
    story.service.next("file", refuses(404))
    story.live(workshop, HOUR)
    assert state(workshop, job) is JobState.WAITING
    story.service.always("file", None)
    story.live(workshop, 2 * HOUR)
    assert state(workshop, job) is JobState.DONE


def test_an_address_that_ran_out_is_asked_for_anew(story: Story, workshop: Workshop) -> None:
    story.service.speaks_by_ticket()
    dead = f"{story.service.base_url}/files/run-out.wav"
    story.service.next("speech_status", says({"status": "completed", "audioUrl": dead}))
    voice_id = story.to_be_kept(workshop)
    story.live(workshop, MINUTE)
    assert health(workshop, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 1


def test_bytes_that_came_in_the_paid_answer_are_final(story: Story, workshop: Workshop) -> None:
    def spoils(ask: Ask) -> Reply:
        ask()
        return Reply(200, (("Content-Type", "audio/mpeg"),), b"ID3 and no sound")

    story.service.next("speech", spoils)
    voice_id = story.to_be_kept(workshop)
    story.live(workshop, HOUR)
    assert [job.state for job in attempts(workshop, voice_id)] == [JobState.FAILED, JobState.DONE]
    assert health(workshop, voice_id) is Health.SAFE


# --- used, sound to be fetched --------------------------------------------------------------


def test_a_use_whose_sound_cannot_be_fetched_is_repeated_after_a_quarter_of_the_time_left(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.to_be_kept(workshop)
    story.service.always("file", refuses(503))
    now_and_then(story, workshop, WINDOW - HOUR)
    made = attempts(workshop, voice_id)
    start = dossier(workshop, voice_id).voice.clock_start
    assert start is not None
    assert 2 <= len(made) <= 5
    for first, second in pairwise(made):
        assert first.submitted_at is not None
        quarter = (start + WINDOW - first.submitted_at) / 4
        assert quarter <= second.created_at - first.submitted_at <= quarter + 2 * STEP


def test_a_sound_that_is_gone_is_spoken_again_after_a_quarter_of_the_time_left(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.to_be_kept(workshop)
    story.service.always("file", refuses(404))
    story.live(workshop, 2 * HOUR)
    story.clock.advance(38 * HOUR)
    keeper.one_pass(workshop)
    assert [job.error_kind for job in attempts(workshop, voice_id)] == [ErrorKind.NO_SOUND]
    story.service.always("file", None)
    now_and_then(story, workshop, STEP)
    assert health(workshop, voice_id) is Health.SAFE


def test_a_voice_is_not_probably_lost_because_a_file_host_is_down(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.to_be_kept(workshop)
    story.service.always("file", refuses(503))
    now_and_then(story, workshop, WINDOW)
    assert health(workshop, voice_id) is Health.AT_RISK
    story.clock.advance(8 * DAY)  # nothing is fetched there any more
    keeper.one_pass(workshop)
    assert all(job.state is JobState.FAILED for job in attempts(workshop, voice_id))
    assert health(workshop, voice_id) is Health.AT_RISK


def test_a_sound_that_comes_while_the_next_use_is_planned_ends_it(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.to_be_kept(workshop)
    story.service.always("file", refuses(503))
    now_and_then(story, workshop, 50 * HOUR)
    story.service.always("file", None)
    now_and_then(story, workshop, STEP)
    assert health(workshop, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 2
    assert all(job.state is JobState.DONE for job in attempts(workshop, voice_id))


def test_a_run_that_is_completed_without_an_address_counts_as_used(
    story: Story, workshop: Workshop
) -> None:
    story.service.speaks_by_ticket()
    story.service.always("speech_status", says({"status": "completed"}))
    voice_id = story.to_be_kept(workshop)
    now_and_then(story, workshop, 30 * HOUR)
    (use,) = attempts(workshop, voice_id)
    assert use.is_used
    story.service.always("speech_status", None)
    now_and_then(story, workshop, STEP)
    assert health(workshop, voice_id) is Health.SAFE
    assert len(story.service.charges("speech")) == 1


def test_what_waits_for_its_sound_is_told_as_held_up(story: Story, workshop: Workshop) -> None:
    story.to_be_kept(workshop)
    story.service.always("file", refuses(503))
    assert any("Grace 1" in line for line in story.live(workshop, HOUR)[-1].blocked)
