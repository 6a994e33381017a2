"""One order is paid at most once, whoever sends it, how often they try, and whatever goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from lib import keeper
from lib.backoff import Backoff
from lib.models import Health, Job, JobState, Money
from lib.registry import DatabaseUnavailable
from lib.registry.jobs import Jobs
from lib.studio.core import money
from lib.studio.core.context import Context
from lib.studio.jobs import sending
from lib.studio.orders import cloning, confirming
from lib.studio.orders.confirming import OrderRefused
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.studio.service import (
    Holds,
    Trouble,
    answers_a_page,
    breaks_down,
    loses_the_answer,
    refuses,
    resets,
    says,
    together,
    unused_origin,
)
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    clone_request,
    dossier,
    fresh,
    health,
    state,
)


@pytest.mark.usefixtures("database")
def test_sixteen_workers_of_two_containers_send_one_order_once(story: Story) -> None:
    both = [story.context("one"), story.context("two")]
    job = cloning.clone(both[0], clone_request())
    turns = iter(both * 8)

    sent: list[bool] = []
    together(lambda: sent.append(sending.send(next(turns), job)), times=16)

    assert sorted(sent) == [False] * 15 + [True]
    assert story.service.count("clone") == 1
    assert len(story.service.charges("clone")) == 1
    assert state(both[1], job) is JobState.WAITING


def test_two_workers_that_both_prepared_an_order_send_it_once(
    story: Story, context: Context
) -> None:
    slow = Holds()
    story.service.next("balance", slow)
    job = cloning.clone(context, clone_request())
    sender = Thread(target=sending.send, args=(context, job))
    sender.start()
    assert slow.arrived.wait(10)
    story.clock.advance(6 * MINUTE)  # the lease to prepare it is over
    assert sending.send(story.context("other"), job)
    slow.released.set()
    sender.join(10)

    assert story.service.count("balance") == 2
    assert story.service.count("clone") == 1
    assert state(context, job) is JobState.WAITING


def test_an_order_is_sent_with_what_was_asked_and_the_balance_before_is_noted(
    story: Story, context: Context
) -> None:
    job = cloning.clone(
        context,
        clone_request(preview_text="Hello.", noise_reduction=True, model="speech-02-turbo"),
    )
    sending.send(context, job)

    (request,) = story.service.of_kind("clone")
    voice = dossier(context, job.voice_id).voice
    assert request.field("customVoiceId") == voice.provider_voice_id
    assert request.field("voiceCloneModel") == "speech-02-turbo"
    assert request.field("needNoiseReduction") == "true"
    assert request.field("text") == "Hello."
    assert fresh(context, job).balance_before == Money.usd(100)
    assert voice.clock_start == story.clock.now()


@dataclass(frozen=True)
class Fault:
    """What a paid request meets, and how it ends."""

    name: str
    trouble: Trouble
    ends: JobState
    charged: int
    error_kind: str = ""


FAULTS = [
    Fault("reset before it ran", resets, JobState.UNKNOWN, 0),
    Fault("reset after it ran", loses_the_answer, JobState.UNKNOWN, 1),
    Fault("500", breaks_down, JobState.UNKNOWN, 1),
    Fault("502", refuses(502), JobState.UNKNOWN, 0),
    Fault("408", refuses(408), JobState.UNKNOWN, 0),
    Fault("a page instead of an answer", answers_a_page, JobState.UNKNOWN, 1),
    Fault("a success that says nothing", says({}), JobState.UNKNOWN, 0),
    Fault("401", refuses(401), JobState.FAILED, 0, "key"),
    Fault("402", refuses(402), JobState.FAILED, 0, "balance"),
    Fault("400", refuses(400, "The recording is of no use"), JobState.FAILED, 0, "input"),
    Fault("403", refuses(403), JobState.FAILED, 0, "permission"),
    Fault("413", refuses(413), JobState.FAILED, 0, "input"),
    Fault("limit of the day", refuses(429, code="daily_usd_limit_exceeded"), JobState.FAILED, 0,
          "limit"),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_clone_that_meets_a_fault_is_never_sent_again_by_itself(
    story: Story, context: Context, fault: Fault
) -> None:
    story.service.next("clone", fault.trouble)
    job = cloning.clone(context, clone_request())
    story.live(context, 2 * DAY)

    ended = fresh(context, job)
    assert ended.state is fault.ends
    assert ended.error.endswith(".")
    assert story.service.count("clone") == 1
    assert len(story.service.charges("clone")) == fault.charged
    if fault.ends is JobState.UNKNOWN:
        assert ended.cost == Money.usd(fault.charged)  # as the balances tell
        assert ended.balance_before == Money.usd(100)
        assert ended.balance_after == Money.usd(100 - fault.charged)
        assert health(context, job.voice_id) is Health.AT_RISK
    else:
        assert ended.error_kind == fault.error_kind
        assert ended.cost == Money()
        assert money.month_spent(context) == Money()


def test_a_silent_service_leaves_the_outcome_unknown(story: Story, context: Context) -> None:
    silent = Holds()
    story.service.next("clone", silent)
    story.loses_patience(context)
    job = cloning.clone(context, clone_request())

    story.live(context, HOUR)
    silent.released.set()

    assert state(context, job) is JobState.UNKNOWN
    assert story.service.count("clone") == 1


@pytest.mark.parametrize("times", [1, 3])
def test_a_busy_service_is_asked_again_after_a_pause_and_the_order_runs_once(
    story: Story, context: Context, times: int
) -> None:
    story.service.next("clone", *[refuses(429, Retry_After="30")] * times)
    job = cloning.clone(context, clone_request())
    assert sending.send(context, job)
    waiting = fresh(context, job)
    story.live(context, 10 * MINUTE)

    assert waiting.state is JobState.CONFIRMED
    assert waiting.next_check_at == waiting.created_at + timedelta(seconds=30)
    assert state(context, job) is JobState.DONE
    assert story.service.count("clone") == times + 1
    assert len(story.service.charges("clone")) == 1


def test_an_order_waits_for_a_service_that_cannot_be_reached(
    story: Story, context: Context
) -> None:
    away = story.client(f"{unused_origin()}/api")
    reachable = context.providers
    reopen(context, providers={"nanogpt": away})
    job = cloning.clone(context, clone_request())
    story.live(context, MINUTE)
    waiting = fresh(context, job)
    reopen(context, providers=reachable)
    story.live(context, 10 * MINUTE)

    assert waiting.state is JobState.CONFIRMED
    assert "could not be reached" in waiting.last_answer
    assert state(context, job) is JobState.DONE
    assert len(story.service.charges("clone")) == 1


def test_a_door_that_closes_right_before_paying_puts_the_order_back_in_line(
    story: Story, context: Context
) -> None:
    away = story.client(f"{unused_origin()}/api")
    away.balance = lambda: Money.usd(100)  # type: ignore[method-assign]
    reachable = context.providers
    reopen(context, providers={"nanogpt": away})
    job = cloning.clone(context, clone_request())
    sending.send(context, job)
    waiting = fresh(context, job)
    reopen(context, providers=reachable)
    story.live(context, 10 * MINUTE)

    assert waiting.state is JobState.CONFIRMED
    assert waiting.submitted_at is None
    assert state(context, job) is JobState.DONE
    assert len(story.service.charges("clone")) == 1


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (refuses(401), "key was not accepted"),
        (says({"usd_balance": "0.50"}), "balance is $0.50, and this needs $1.00"),
    ],
    ids=["key", "balance"],
)
def test_what_the_free_question_before_paying_finds_ends_an_order_unsent(
    story: Story, context: Context, trouble: Trouble, words: str
) -> None:
    story.service.always("balance", trouble)
    job = cloning.clone(context, clone_request())
    story.live(context, HOUR)

    ended = fresh(context, job)
    assert ended.state is JobState.FAILED
    assert ended.cost == Money()
    assert words in ended.error
    assert "Nothing was sent" in ended.error
    assert ended.error_tells_cost
    assert story.service.count("clone") == 0


def test_no_order_leaves_while_its_manifest_cannot_be_written(
    story: Story, context: Context
) -> None:
    job = cloning.clone(context, clone_request())
    story.vault_breaks()
    story.live(context, 5 * MINUTE)
    assert state(context, job) is JobState.CONFIRMED
    assert story.service.paid_requests == 0

    story.vault_is_mended()
    story.live(context, 10 * MINUTE)
    assert state(context, job) is JobState.DONE
    assert len(story.service.charges("clone")) == 1


def test_a_late_answer_wins_over_an_unknown_outcome(story: Story, context: Context) -> None:
    held = Holds()
    story.service.next("clone", held)
    job = cloning.clone(context, clone_request())
    sender = Thread(target=sending.send, args=(context, job))
    sender.start()
    assert held.arrived.wait(10)

    story.live(story.context("other"), HOUR)  # its lease is over long ago
    unknown = fresh(context, job)
    held.released.set()
    sender.join(10)

    assert unknown.state is JobState.UNKNOWN
    assert unknown.balance_after == Money.usd(99)
    assert state(context, job) is JobState.WAITING
    story.live(context, MINUTE)
    assert state(context, job) is JobState.DONE
    assert story.service.count("clone") == 1


def test_a_late_refusal_wins_as_well(story: Story, context: Context) -> None:
    held = Holds(before=refuses(402))
    story.service.next("clone", held)
    job = cloning.clone(context, clone_request())
    sender = Thread(target=sending.send, args=(context, job))
    sender.start()
    assert held.arrived.wait(10)
    story.live(story.context("other"), HOUR)
    held.released.set()
    sender.join(10)

    assert state(context, job) is JobState.FAILED
    assert fresh(context, job).cost == Money()


def test_an_order_older_than_fifteen_minutes_is_sent_only_when_asked_again(
    story: Story, context: Context
) -> None:
    job = cloning.clone(context, clone_request())
    story.clock.advance(15 * MINUTE)
    story.live(context, 2 * DAY)
    assert state(context, job) is JobState.CONFIRMED
    assert story.service.count("clone") == 0

    confirming.send_after_all(context, fresh(context, job), ADA)
    story.live(context, HOUR)
    assert state(context, job) is JobState.DONE
    assert story.service.count("clone") == 1


def test_an_order_asked_again_is_checked_again(story: Story, context: Context) -> None:
    job = cloning.clone(context, clone_request())
    story.clock.advance(HOUR)
    context.registry.accounts.note_balance(job.account, Money.usd("0.10"), story.clock.now())

    with pytest.raises(OrderRefused, match="balance"):
        confirming.send_after_all(context, job, ADA)


def test_a_hiccup_of_the_database_does_not_lose_a_paid_answer(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted, failures = Jobs.accepted, iter([True, True])

    def hiccup(jobs: Jobs, *args: Any, **named: Any) -> bool:
        if next(failures, False):
            raise DatabaseUnavailable("The database cannot be reached right now.")
        return accepted(jobs, *args, **named)

    monkeypatch.setattr(Jobs, "accepted", hiccup)
    monkeypatch.setattr(sending, "COMMITTING", Backoff((timedelta(0),) * 2))
    job = cloning.clone(context, clone_request("qwen"))
    sending.send(context, job)

    assert state(context, job) is JobState.WAITING
    assert story.service.count("clone") == 1


def not_accepted(context: Context, monkeypatch: pytest.MonkeyPatch, kind: str) -> Job:
    """A clone whose ticket came while the database was away, for longer than it is waited for."""

    def gone(jobs: Jobs, *args: Any, **named: Any) -> bool:
        raise DatabaseUnavailable("The database cannot be reached right now.")

    job = cloning.clone(context, clone_request(kind))
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Jobs, "accepted", gone)
        meanwhile.setattr(sending, "COMMITTING", Backoff(()))
        summary = keeper.one_pass(context)
    assert any(job.id in line for line in summary.failed)
    return job


@pytest.mark.parametrize("kind", ["minimax", "qwen"])
def test_a_database_that_stays_away_loses_no_ticket(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    job = not_accepted(context, monkeypatch, kind)
    story.live(context, HOUR)
    assert state(context, job) is JobState.DONE
    assert (story.service.count("clone"), context.spool.answers()) == (1, [])


def test_a_database_that_stays_away_leaves_the_outcome_unknown_to_other_disks(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = not_accepted(context, monkeypatch, "qwen")
    second = story.context("second")
    story.live(second, HOUR)
    assert state(second, job) is JobState.UNKNOWN
    story.live(context, MINUTE)
    assert state(context, job) is JobState.DONE
    assert story.service.count("clone") == 1
