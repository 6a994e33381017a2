"""So much at once as Kyma allows a key: who goes first, who waits, and that waiting is told."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest

from lib import keeper
from lib.keeper import passes
from lib.models import (
    ErrorKind,
    Health,
    Job,
    JobState,
    KeepPolicy,
    Source,
    TextState,
    Voice,
    VoiceKind,
)
from lib.services import KYMA, NANOGPT
from lib.studio.alerts import checks
from lib.studio.core import catalogue
from lib.studio.core.context import Context
from lib.studio.core.runtime import Listed
from lib.studio.core.standpoint import standpoint_of
from lib.studio.jobs import long_texts, sending, wording
from lib.studio.orders import activation, designing, speaking
from lib.studio.orders.confirming import SEND_WITHIN
from lib.studio.orders.speaking import SpeechRequest
from tests.parts.length import mostly_slow
from tests.parts.persons import ADA
from tests.studio.kyma import HD, MADE, clone_at_kyma, kyma_shop, words
from tests.studio.service import Ask, Holds, PretendService, Reply, refuses, says, together
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Story,
    attempts,
    dossier,
    fresh,
    health,
    state,
    text_order,
)

A_MOMENT = 0.05
"""Seconds that a call takes, so that a second one at the same time is seen."""


@pytest.fixture
def context(story: Story) -> Context:
    """The team's app, with a key for Kyma."""
    return kyma_shop(story)


def _order_line(service: PretendService) -> list[str]:
    """The paid requests, in the order in which they came."""
    return [request.kind for request in service.seen if request.kind in MADE]


def _ordered(story: Story, context: Context, *seeds: int) -> list[Job]:
    """Clones that were ordered one after the other."""
    jobs = []
    for seed in seeds:
        jobs.append(clone_at_kyma(context, seed))
        story.clock.advance(SECOND)
    return jobs


def _allowed(context: Context) -> int:
    context.runtime.listed = Listed()
    return catalogue.at_once(context, standpoint_of(context), KYMA)


class Crowding:
    """Counts the calls of a key that came while another one was under way."""

    def __init__(self) -> None:
        self.under_way = 0
        self.count = 0
        self.most = 0

    def __call__(self, ask: Ask) -> Reply:
        self.count += self.under_way > 0
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            Event().wait(A_MOMENT)
            return ask()
        finally:
            self.under_way -= 1


def test_two_keepers_never_ask_kyma_for_two_things_at_once(story: Story, context: Context) -> None:
    crowding = Crowding()
    for kind in MADE:
        story.service.always(kind, crowding)
    jobs = [clone_at_kyma(context, seed) for seed in range(1, 4)]
    jobs.append(designing.design(context, words()))
    shops = (context, kyma_shop(story, "second"))
    for _ in range(40):
        if all(health(context, job.voice_id) is Health.SAFE for job in jobs):
            break
        both = list(shops)
        together(lambda both=both: keeper.one_pass(both.pop()), 2)  # type: ignore[misc]
        story.clock.advance(3 * SECOND)
    assert {health(context, job.voice_id) for job in jobs} == {Health.SAFE}
    assert crowding.count == 0
    made = [story.service.count(kind) for kind in MADE]
    assert made == [3, 1, 4]


def test_in_one_pass_all_that_wait_are_sent_one_after_the_other(
    story: Story, context: Context
) -> None:
    jobs = _ordered(story, context, *range(1, 7))
    keeper.one_pass(context)
    assert _order_line(story.service)[:6] == ["kyma_clone"] * 6
    names = [request.field("name") for request in story.service.of_kind("kyma_clone")]
    assert names == [f"Grace {seed}" for seed in range(1, 7)]
    assert {state(context, job) for job in jobs} == {JobState.DONE}


def test_another_keeper_leaves_the_line_alone_while_a_clone_is_made(
    story: Story, context: Context
) -> None:
    busy = Holds()
    story.service.next("kyma_clone", busy)
    first, after = _ordered(story, context, 1, 2)
    second = kyma_shop(story, "second")
    one = Thread(target=keeper.one_pass, args=(context,))
    one.start()
    assert busy.arrived.wait(20)
    seen = keeper.one_pass(second)
    told = fresh(second, after)
    busy.released.set()
    one.join(20)
    assert (seen.sent, seen.blocked, seen.failed) == (0, [], [])
    assert (told.state, told.answer_kind) == (JobState.CONFIRMED, ErrorKind.QUEUE)
    story.until(context, lambda: state(context, after) is JobState.DONE)
    assert state(context, first) is JobState.DONE
    assert story.service.count("kyma_clone") == 2


def test_an_order_in_line_stays_confirmed_and_tells_its_place(
    story: Story, context: Context
) -> None:
    jobs = _ordered(story, context, 1, 2, 3)
    length = timedelta(minutes=5)
    name = f"line:{standpoint_of(context).account(KYMA)}"
    with context.registry.leases.hold(name, "another worker", length):
        summary = keeper.one_pass(context)
        told = [fresh(context, job) for job in jobs]
    assert not summary.blocked
    assert not summary.failed
    assert {job.state for job in told} == {JobState.CONFIRMED}
    assert [job.last_answer for job in told] == [
        "Queued: Kyma works on one order at a time, and another order is in progress. Nothing was "
        "sent yet.",
        "Queued: Kyma works on one order at a time, and 1 goes first. Nothing was sent yet.",
        "Queued: Kyma works on one order at a time, and 2 go first. Nothing was sent yet.",
    ]
    assert _order_line(story.service) == []
    assert story.service.count("kyma_balance") <= 1  # its check, and none for who waits
    story.until(context, lambda: all(state(context, job) is JobState.DONE for job in jobs))


def test_what_keeps_a_voice_goes_before_what_was_ordered_earlier(
    story: Story, context: Context
) -> None:
    made = clone_at_kyma(context, keep_policy=KeepPolicy.ASK)
    story.until(context, lambda: state(context, made) is JobState.DONE)
    later = _ordered(story, context, 2, 3)
    activation.order_activation(context, dossier(context, made.voice_id), person=ADA)
    name = f"line:{standpoint_of(context).account(KYMA)}"
    with context.registry.leases.hold(name, "another worker", timedelta(minutes=5)):
        for _ in range(3):
            keeper.one_pass(context)
            story.clock.advance(SECOND)
    story.until(context, lambda: all(state(context, job) is JobState.DONE for job in later))
    assert _order_line(story.service)[1:4] == ["kyma_speech", "kyma_clone", "kyma_clone"]


def test_a_clone_steps_aside_for_what_keeps_a_voice(story: Story, context: Context) -> None:
    made = clone_at_kyma(context, keep_policy=KeepPolicy.ASK)
    story.until(context, lambda: state(context, made) is JobState.DONE)
    clone = clone_at_kyma(context, 2)
    activation.order_activation(context, dossier(context, made.voice_id), person=ADA)
    assert not sending.send(context, clone)
    assert "1 goes first" in fresh(context, clone).last_answer
    (use,) = attempts(context, made.voice_id)
    assert sending.send(context, use)
    assert sending.send(context, clone)


def test_a_turn_that_was_never_given_back_ends_by_itself(story: Story, context: Context) -> None:
    job = clone_at_kyma(context)
    name = f"line:{standpoint_of(context).account(KYMA)}"
    # Entered and never left, as by a process that was killed; its length is over at once.
    context.registry.leases.hold(name, "dead", timedelta(0)).__enter__()
    story.until(context, lambda: state(context, job) is JobState.DONE)


def test_other_services_do_not_wait_in_that_line(story: Story, context: Context) -> None:
    assert not catalogue.at_once(context, standpoint_of(context), NANOGPT)
    name = f"line:{standpoint_of(context).account(KYMA)}"
    waits = clone_at_kyma(context)
    with context.registry.leases.hold(name, "another worker", timedelta(minutes=5)):
        voice_id = story.kept(context)
    assert health(context, voice_id) is Health.SAFE
    assert state(context, waits) is JobState.CONFIRMED


@pytest.mark.parametrize("at_once", [3])
def test_a_better_tier_works_at_as_many_orders_at_once(story: Story, context: Context) -> None:
    keeper.one_pass(context)
    assert _allowed(context) == 3
    all_there = Barrier(3)

    def waits_for_the_others(ask: Ask) -> Reply:
        all_there.wait(20)
        return ask()

    story.service.always("kyma_clone", waits_for_the_others)
    jobs = _ordered(story, context, *range(1, 7))
    story.until(context, lambda: all(state(context, job) is JobState.DONE for job in jobs))
    assert story.service.count("kyma_clone") == 6


@pytest.mark.parametrize("at_once", [2])
def test_two_keepers_share_the_places_of_a_key(story: Story, context: Context) -> None:
    crowding = Crowding()
    for kind in MADE:
        story.service.always(kind, crowding)
    keeper.one_pass(context)
    jobs = _ordered(story, context, *range(1, 7))
    shops = (context, kyma_shop(story, "second"))
    for _ in range(40):
        if all(health(context, job.voice_id) is Health.SAFE for job in jobs):
            break
        both = list(shops)
        together(lambda both=both: keeper.one_pass(both.pop()), 2)  # type: ignore[misc]
        story.clock.advance(3 * SECOND)
    assert {health(context, job.voice_id) for job in jobs} == {Health.SAFE}
    assert crowding.most == 2
    assert story.service.count("kyma_clone") == 6


@pytest.mark.parametrize("at_once", [4])
def test_who_waits_for_several_places_is_told_so(story: Story, context: Context) -> None:
    keeper.one_pass(context)
    _ordered(story, context, *range(1, 6))
    last = clone_at_kyma(context, 6)
    assert not sending.send(context, last)
    assert fresh(context, last).last_answer == (
        "Queued: Kyma works on 4 orders at a time, and 5 go first. Nothing was sent yet."
    )


@pytest.mark.parametrize("at_once", [3])
@pytest.mark.parametrize("kind", ["kyma_limits", "kyma_tiers"])
@pytest.mark.parametrize(
    "trouble",
    [
        refuses(500),
        says({"rpm_limit": 7}),
        pytest.param(refuses(404), marks=pytest.mark.slow),
        pytest.param(says([]), marks=pytest.mark.slow),
    ],
)
def test_where_kyma_tells_no_limit_it_is_one_at_a_time(
    story: Story, context: Context, kind: str, trouble: object
) -> None:
    story.service.always(kind, trouble)  # type: ignore[arg-type]
    assert keeper.one_pass(context).all_done
    assert _allowed(context) == 1


@pytest.mark.parametrize("at_once", [3])
def test_a_limit_that_was_told_holds_while_kyma_is_silent(story: Story, context: Context) -> None:
    keeper.one_pass(context)
    story.service.always("kyma_limits", refuses(500))
    story.clock.advance(DAY)
    keeper.one_pass(context)
    assert story.service.count("kyma_limits") == 2
    assert _allowed(context) == 3


@pytest.mark.parametrize("at_once", [3])
def test_what_another_key_may_counts_for_nothing_until_kyma_is_asked(
    story: Story, context: Context
) -> None:
    keeper.one_pass(context)
    other = kyma_shop(story, KYMA_API_KEY="ky-0000000000000002")
    assert _allowed(other) == 1
    keeper.one_pass(other)
    assert _allowed(other) == 3


def test_a_new_key_whose_limits_are_not_told_is_asked_about_once(
    story: Story, context: Context
) -> None:
    keeper.one_pass(context)
    other = kyma_shop(story, KYMA_API_KEY="ky-0000000000000002")
    story.service.always("kyma_limits", refuses(500))
    before = story.service.count("kyma_limits")
    for _ in range(5):
        keeper.one_pass(other)
    assert story.service.count("kyma_limits") == before + 1


@pytest.mark.parametrize("at_once", [3])
def test_a_wish_for_a_look_asks_for_the_limits_anew(story: Story, context: Context) -> None:
    story.service.next("kyma_limits", refuses(500))
    keeper.one_pass(context)
    assert _allowed(context) == 1
    checks.request(context, KYMA, ADA)
    keeper.one_pass(context)
    assert _allowed(context) == 3
    told = str(checks.results(context)[KYMA].body["sentence"])
    assert told.endswith("It works at 3 orders at a time.")


def test_an_order_in_a_line_that_moves_does_not_grow_too_old(
    story: Story, context: Context
) -> None:
    def takes_its_time(ask: Ask) -> Reply:
        story.clock.advance(4 * MINUTE)
        return ask()

    story.service.always("kyma_clone", takes_its_time)
    jobs = _ordered(story, context, *range(1, 8))
    story.until(context, lambda: all(state(context, job) is JobState.DONE for job in jobs))
    assert story.service.count("kyma_clone") == 7


def test_an_order_in_a_line_that_stands_still_is_not_sent_by_itself(
    story: Story, context: Context
) -> None:
    job = clone_at_kyma(context)
    name = f"line:{standpoint_of(context).account(KYMA)}"
    with context.registry.leases.hold(name, "another worker", timedelta(hours=2)):
        for _ in range(16):
            keeper.one_pass(context)
            story.clock.advance(MINUTE)
    story.live(context, HOUR)
    assert (state(context, job), story.service.count("kyma_clone")) == (JobState.CONFIRMED, 0)


@pytest.mark.parametrize("colleagues", mostly_slow([0, 3], 3))
def test_an_order_that_something_else_holds_up_is_not_sent_by_itself_later(
    story: Story, context: Context, colleagues: int
) -> None:
    story.service.always("kyma_balance", refuses(500))
    jobs = _ordered(story, context, 1)
    for number in range(colleagues):
        story.live(context, 5 * MINUTE)
        jobs += _ordered(story, context, number + 2)
    story.live(context, 20 * MINUTE)
    story.service.always("kyma_balance", None)
    story.live(context, HOUR)
    assert {state(context, job) for job in jobs} == {JobState.CONFIRMED}
    assert not story.service.count("kyma_clone")


def test_a_long_text_is_spoken_whole_however_long_its_parts_stand_in_line(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "PART_CHARS", 180)
    made = clone_at_kyma(context)
    story.until(context, lambda: health(context, made.voice_id) is Health.SAFE)

    def takes_its_time(ask: Ask) -> Reply:
        story.clock.advance(50 * SECOND)
        return ask()

    story.service.always("kyma_speech", takes_its_time)
    text = "The train to the coast leaves at half past nine. " * 105
    began = story.clock.now()
    whole = speaking.order(context, SpeechRequest(made.voice_id, text, HD, ADA))
    story.until(context, lambda: state(context, whole) is TextState.DONE)
    found = long_texts.find(context, fresh(context, whole))
    assert found.spoken == len(found.parts) == len(found.orders) > 28
    assert story.clock.now() - began > 23 * MINUTE


def test_a_short_text_does_not_wait_behind_all_parts_of_a_long_one(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "PART_CHARS", 900)
    made = clone_at_kyma(context)
    story.until(context, lambda: health(context, made.voice_id) is Health.SAFE)
    long = "The train to the coast leaves at half past nine. " * 105
    speaking.order(context, SpeechRequest(made.voice_id, long, HD, ADA))
    story.clock.advance(SECOND)
    short = speaking.order(context, SpeechRequest(made.voice_id, "Just a word.", HD, ADA))
    before = story.service.count("kyma_speech")
    story.until(context, lambda: state(context, short) is JobState.DONE)
    spoken = [seen.field("input") for seen in story.service.of_kind("kyma_speech")[before:]]
    assert spoken[0] == "Just a word."


def test_many_uses_in_line_at_kyma_hold_up_no_other_service(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "BATCH_SECONDS", 0.0)
    monkeypatch.setattr(passes, "JOBS_PER_ROUND", 20)
    kept = story.kept(context)
    now, account = story.clock.now(), standpoint_of(context).account(KYMA)
    for number in range(40):
        voice = Voice(
            f"brought-{number:02}", f"Voice {number}", VoiceKind.MINIMAX, Source.ADOPTED, KYMA,
            account, now, provider_voice_id=f"kyma_{number:016x}",
        )  # fmt: skip
        context.registry.voices.add(voice)
        activation.order_activation(context, dossier(context, voice.id), person=ADA)
    order = speaking.order(context, text_order(kept, "Hello over there."))
    keeper.one_pass(context)
    assert story.service.count("kyma_speech") < 40
    assert fresh(context, order).state in (JobState.WAITING, JobState.DONE)


def test_whoever_waits_in_line_is_known_in_any_words(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "_queued", lambda service, slots, why: f"Please wait: {why}.")
    jobs = _ordered(story, context, 1, 2, 3)
    assert not sending.send(context, jobs[2])
    vault_full = "The vault is full, and nothing is in line."
    context.registry.jobs.later(jobs[1], next_at=None, answer=vault_full, kind=ErrorKind.STORAGE)
    before = [fresh(context, job).send_before for job in jobs]
    story.clock.advance(MINUTE)
    assert sending.send(context, jobs[0])
    after = [fresh(context, job) for job in jobs]
    assert after[2].last_answer == "Please wait: the queue is moving."
    assert after[2].send_before == story.clock.now() + SEND_WITHIN
    assert (after[1].last_answer, after[1].send_before) == (vault_full, before[1])


def test_who_waits_is_told_that_the_line_moves(story: Story, context: Context) -> None:
    jobs = _ordered(story, context, 1, 2, 3)
    assert not sending.send(context, jobs[2])
    assert "2 go first" in fresh(context, jobs[2]).last_answer
    assert sending.send(context, jobs[0])
    assert fresh(context, jobs[2]).last_answer == (
        "Queued: Kyma works on one order at a time, and the queue is moving. Nothing was sent yet."
    )
    assert fresh(context, jobs[1]).last_answer == ""
