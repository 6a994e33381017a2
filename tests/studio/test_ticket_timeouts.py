"""Tickets that were let go: asked after for two weeks, and before anything is paid again."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from lib import keeper
from lib.demo.showcase import EXHIBITS, GUESTS
from lib.models import ErrorKind, Health, Job, JobKind, JobState, KeepPolicy, Money
from lib.providers.base import ProviderError, SpeechOrder, Ticket
from lib.providers.nanogpt import NanoGPT
from lib.services import NANOGPT
from lib.studio.core import money
from lib.studio.core.context import Context
from lib.studio.jobs import polling, recovery, sending
from lib.studio.library import takes
from lib.studio.orders import activation, cloning, speaking
from tests.parts.persons import ADA
from tests.studio.adopting import adopted
from tests.studio.kyma import called_gone
from tests.studio.service import Trouble, loses_the_answer, refuses, says, still_works
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Story,
    attempts,
    clone_request,
    dossier,
    fresh,
    health,
    state,
    text_order,
)


def patiently(story: Story, context: Context, good: Callable[[], bool]) -> None:
    """Passes, five minutes apart, until what is waited for is so."""
    for _ in range(100):
        if good():
            return
        story.clock.advance(5 * MINUTE)
        keeper.one_pass(context)
    raise AssertionError("it never came to that")


def let_go(story: Story, context: Context) -> Job:
    """A speech whose ticket did not come to an end in hours."""
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    story.service.always("speech_status", still_works)
    job = speaking.order(context, text_order(voice_id, "Hello."))
    story.live(context, MINUTE)
    story.hourly(context, 5)
    assert state(context, job) is JobState.UNKNOWN
    return job


def test_it_is_asked_after_before_the_next_use_is_paid(story: Story, context: Context) -> None:
    story.service.speaks_by_ticket()
    voice_id = story.to_be_kept(context)
    story.service.always("speech_status", refuses(500))
    patiently(story, context, lambda: _is_let_go(context, voice_id))
    story.service.always("speech_status", None)
    story.live(context, 2 * HOUR)
    assert len(story.service.charges("speech")) == 1
    assert health(context, voice_id) is Health.SAFE


def _is_let_go(context: Context, voice_id: str) -> bool:
    made = attempts(context, voice_id)
    return bool(made) and made[-1].state is JobState.UNKNOWN


def test_one_hiccup_lets_no_refresh_go(story: Story, context: Context) -> None:
    story.service.speaks_by_ticket()
    voice_id = story.kept(context)
    context.registry.voices.change(voice_id, refresh_days=30)
    story.clock.advance(30 * DAY)
    story.service.always("speech_status", still_works)
    story.live(context, 70 * SECOND)
    story.service.always("speech_status", refuses(429, "slow"))
    story.live(context, 60 * SECOND)
    story.service.always("speech_status", None)
    story.live(context, 3 * HOUR)
    assert len(story.service.charges("speech")) == 2  # the first use, and one refresh


@pytest.mark.parametrize(
    "status",
    [
        refuses(401),
        pytest.param(refuses(403), marks=pytest.mark.slow),
        pytest.param(refuses(429, "slow"), marks=pytest.mark.slow),
    ],
)
def test_what_nobody_mends_is_let_go_after_a_day(
    story: Story, context: Context, status: Trouble
) -> None:
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    story.service.always("speech_status", status)
    job = speaking.order(context, text_order(voice_id, "Hello."))
    story.live(context, MINUTE)
    story.hourly(context, 25)
    given = fresh(context, job)
    assert given.state is JobState.UNKNOWN
    options = recovery.options_for(context, given, dossier(context, voice_id).voice)
    assert [way.name for way in options] == ["again", "giveup"]


def test_a_test_call_that_nobody_mends_makes_room_for_the_next(
    story: Story, context: Context
) -> None:
    story.service.demo.install([*EXHIBITS, *GUESTS])
    story.service.speaks_by_ticket()
    story.service.always("speech_status", refuses(403))
    (voice_id,) = adopted(context, "marlow6c2v9t5k, Marlow, minimax")
    story.live(context, MINUTE)
    story.hourly(context, 25)
    (first,) = attempts(context, voice_id)
    second = activation.order_activation(context, dossier(context, voice_id), person=ADA)
    assert second.id != first.id


@pytest.mark.long  # as the next one, over more than a week
def test_a_stumble_on_the_eighth_day_does_not_end_the_asking(
    story: Story, context: Context
) -> None:
    job = let_go(story, context)
    story.hourly(context, 8 * 24)
    story.service.always("speech_status", refuses(500))
    story.hourly(context, 2)
    story.service.always("speech_status", None)
    story.hourly(context, 2)
    assert state(context, job) is JobState.DONE


def test_after_much_trouble_one_refusal_does_not_end_the_asking(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.service.speaks_by_ticket()
    story.service.always("speech_status", refuses(500))
    job = speaking.order(context, text_order(voice_id, "Hello."))
    story.live(context, MINUTE)
    story.hourly(context, 4)
    assert state(context, job) is JobState.UNKNOWN
    story.service.always("speech_status", refuses(404))
    story.hourly(context, 1)
    story.service.always("speech_status", None)
    story.hourly(context, 2)
    assert state(context, job) is JobState.DONE


@pytest.mark.slow
def test_the_asking_ends_after_two_weeks_with_or_without_a_key(
    story: Story, context: Context
) -> None:
    story.service.speaks_by_ticket()
    voice_id = story.to_be_kept(context)
    story.service.always("speech_status", still_works)
    story.live(context, SECOND)
    story.hourly(context, 6 * 24, apart=6)
    story.hourly(context, 25)
    assert health(context, voice_id) is Health.AT_RISK
    keyless = story.context(NANOGPT_API_KEY="")
    for _ in range(30):
        story.clock.advance(DAY)
        keeper.one_pass(keyless)
    assert health(keyless, voice_id) is Health.PROBABLY_LOST
    assert not any(job.next_check_at for job in attempts(keyless, voice_id) if not job.is_open)


def test_a_late_sound_is_fetched_through_a_hiccup(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = let_go(story, context)
    story.hourly(context, 30)
    fetch = NanoGPT.fetch
    asked: list[str] = []

    def stumbles_once(client: NanoGPT, url: str, *, max_bytes: int) -> bytes:
        asked.append(url)
        if len(asked) == 1:
            raise ProviderError(ErrorKind.TROUBLE, "The host stumbles.")
        return fetch(client, url, max_bytes=max_bytes)

    monkeypatch.setattr(NanoGPT, "fetch", stumbles_once)
    story.service.always("speech_status", None)
    story.hourly(context, 3)
    assert state(context, job) is JobState.DONE
    assert len(asked) == 2


def test_a_late_sound_outlives_a_vault_and_then_a_disk_that_vanish(
    story: Story, context: Context
) -> None:
    job = let_go(story, context)
    story.service.always("speech_status", None)
    story.vault_breaks()
    story.hourly(context, 1)
    assert context.spool.waiting() == [job.id]
    shutil.rmtree(story.folder / "data" / "spool")  # the container ends here
    story.vault_is_mended()
    story.hourly(context, 3)
    assert state(context, job) is JobState.DONE
    assert fresh(context, job).charged == fresh(context, job).estimate


def test_what_an_old_ticket_says_of_a_voice_is_older_than_its_proof(
    story: Story, context: Context
) -> None:
    story.service.speaks_by_ticket()
    voice_id = story.to_be_kept(context)
    story.service.always("speech_status", still_works)
    patiently(story, context, lambda: len(attempts(context, voice_id)) == 2)
    first, second = attempts(context, voice_id)
    story.service.always("speech_status", None)
    story.until(context, lambda: state(context, second) is JobState.DONE)
    assert state(context, first) is JobState.UNKNOWN
    denied = says({"status": "failed", "error": "voice id not exist"})
    story.service.always("speech_status", denied)
    polling.poll(context, _due(story, context, first))
    assert state(context, first) is JobState.FAILED
    assert health(context, voice_id) is Health.SAFE


def _due(story: Story, context: Context, job: Job) -> Job:
    """This order, when it is due."""
    due = fresh(context, job)
    assert due.next_check_at is not None
    story.clock.advance(max(due.next_check_at - story.clock.now(), 0 * HOUR))
    return due


def test_a_ticket_that_comes_while_the_next_use_is_under_way_is_not_lost(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.service.speaks_by_ticket()
    voice_id = story.to_be_kept(context)
    second = story.context("second")
    mine, speak = context.provider(NANOGPT), NanoGPT.speak

    def asleep_for_long(client: NanoGPT, order: SpeechOrder) -> object:
        ticket = speak(client, order)
        if client is mine:
            for _ in range(2):
                story.clock.advance(20 * MINUTE)
                keeper.one_pass(second)
        return ticket

    monkeypatch.setattr(NanoGPT, "speak", asleep_for_long)
    story.service.always("speech_status", still_works)
    assert keeper.one_pass(context).failed == []
    first = attempts(context, voice_id)[0]
    assert first.state is JobState.UNKNOWN
    assert Ticket.from_json(first.ticket).run_id
    story.service.always("speech_status", None)
    story.live(context, 2 * HOUR)
    assert state(context, first) is JobState.DONE


def test_a_deleted_text_does_not_come_back_from_another_disk(story: Story) -> None:
    first, second, order = called_gone(story)
    story.vault_is_mended()
    takes.delete(second, order.id, ADA)
    assert keeper.one_pass(first).failed == []
    assert first.spool.waiting() == []
    found = (story.folder / "vault").rglob("*")
    assert [
        path for path in found if path.is_file() and "audio" in path.name and order.id in str(path)
    ] == []


def test_what_others_spend_meanwhile_uses_up_no_attempts(story: Story, context: Context) -> None:
    voice_id = story.to_be_kept(context)
    story.service.always("speech", refuses(503))
    for number in range(8):  # a keeper that comes every 6 hours
        keeper.one_pass(context)
        story.clock.advance(HOUR)
        cloning.clone(context, clone_request(seed=number + 2, keep_policy=KeepPolicy.ASK))
        for job in context.registry.jobs.latest(services=[NANOGPT]):
            if job.kind is JobKind.CLONE and job.state is JobState.CONFIRMED:
                sending.send(context, job)
        story.clock.advance(5 * HOUR)
    tried = attempts(context, voice_id)
    assert len(tried) > 5
    assert all(job.seems_free for job in tried if not job.is_open)
    assert money.month_spent(context, keeping=True) == Money()


def test_another_container_days_later_does_not_judge_by_a_balance_of_today(
    story: Story, context: Context
) -> None:
    story.service.next("clone", loses_the_answer)
    story.service.next("balance", *[says({"usd_balance": "50"})] * 3)
    job = cloning.clone(context, clone_request())
    story.live(context, HOUR)
    assert fresh(context, job).perhaps_charged == Money()
    story.clock.advance(10 * DAY)
    story.service.always("balance", says({"usd_balance": "49.50"}))
    new = story.new_container()
    story.live(new, HOUR)
    assert fresh(new, job).perhaps_charged == Money()
