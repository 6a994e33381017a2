"""Voices are tended as the plan said: at its price, each once, with a line in the story."""

from __future__ import annotations

import pytest

from lib.models import Health, JobState, KeepPolicy, Money, VoiceKind
from lib.pricing import keeping_price
from lib.services import ACTIVATION_ATTEMPTS, DEMO, NANOGPT, speech_model
from lib.studio.core.context import Context
from lib.studio.library import bulk, editing, listing
from lib.studio.library.bulk import Batch, BulkAction, BulkPlan
from lib.studio.library.editing import PolicyChange
from lib.studio.library.listing import Entry
from lib.studio.library.reasons import Skip
from lib.studio.library.wording import SKIPPED
from tests.pages import people
from tests.parts.persons import ADA
from tests.studio.service import refuses
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Story,
    attempts,
    dossier,
    health,
)

MODEL = speech_model(NANOGPT, "Minimax-Speech-02-HD")
assert MODEL is not None
ONCE = keeping_price(MODEL)


def move_in(context: Context, *dossiers: people.Dossier) -> list[Entry]:
    people.move_in(context, dossiers)
    return listing.entries(context)


def mixture(context: Context) -> list[Entry]:
    """One to be kept in time, one whose time is over, one kept, one with a file, one without."""
    now, vault = context.clock.now(), context.live_vault.name
    return move_in(
        context,
        people.clone(1, now, hours_ago=20),
        people.clone(2, now, hours_ago=200),
        people.clone(3, now, kept=True, vault=vault),
        people.clone(4, now, kind=VoiceKind.QWEN, vault=vault),
        people.clone(5, now, kind=VoiceKind.QWEN),
    )


def planned(context: Context, action: BulkAction, change: PolicyChange | None = None) -> BulkPlan:
    services = context.settings.services
    return bulk.plan(listing.entries(context), action, services=services, change=change)


def numbers(plan: BulkPlan) -> list[int]:
    return sorted(int(voice_id.removeprefix("voice-")) for voice_id in plan.ids)


def told(context: Context, voice_id: str) -> list[str]:
    return [event.what for event in context.registry.events.of_voice(voice_id)]


@pytest.mark.parametrize(
    ("action", "who"),
    [
        (BulkAction.KEEP, [1, 2]),
        (BulkAction.BACK_UP, [5]),
        (BulkAction.CHECK, [3, 4]),
        (BulkAction.POLICY, [1, 2, 3]),
        (BulkAction.ARCHIVE, [1, 2, 3, 4, 5]),
    ],
)
def test_a_plan_takes_who_it_is_good_for_and_says_why_not_the_others(
    context: Context, action: BulkAction, who: list[int]
) -> None:
    mixture(context)
    plan = planned(context, action)
    assert numbers(plan) == who
    assert len(plan.skipped) == 5 - len(who)
    assert all(SKIPPED[item.reason].endswith(".") for item in plan.skipped)


def test_the_sum_is_one_use_each_and_at_most_all_tries_of_those_that_have_time(
    context: Context,
) -> None:
    mixture(context)
    plan = planned(context, BulkAction.KEEP)
    assert plan.price.live == ONCE * 2
    assert plan.at_most.live == ONCE * (ACTIVATION_ATTEMPTS + 1)
    assert plan.price.play == plan.at_most.play == Money()


def test_play_money_is_never_added_to_real_money(context: Context) -> None:
    now = context.clock.now()
    entries = move_in(context, people.clone(1, now))
    demo = listing.entry(context, people.clone(2, now, service=DEMO))
    plan = bulk.plan([*entries, demo], BulkAction.KEEP, services=(NANOGPT, DEMO))
    assert plan.price.live == plan.price.play == ONCE


def test_nothing_is_planned_for_a_service_without_a_key(context: Context) -> None:
    entries = move_in(context, people.clone(1, context.clock.now()))
    plan = bulk.plan(entries, BulkAction.KEEP, services=())
    assert plan.items == ()
    assert plan.skipped[0].reason == Skip.NO_KEY


def test_what_was_agreed_to_never_grows(context: Context) -> None:
    mixture(context)
    agreed = planned(context, BulkAction.KEEP).limited_to({"voice-00001"})
    assert numbers(agreed) == [1]
    assert agreed.price.live == ONCE


def test_many_are_kept_with_one_paid_use_each(story: Story, context: Context) -> None:
    ids = [story.made(context, seed=seed, keep_policy=KeepPolicy.ASK) for seed in (1, 2, 3)]
    heard: list[int] = []
    outcome = bulk.execute(
        context, planned(context, BulkAction.KEEP), person=ADA, report=heard.append
    )
    assert sorted(outcome.done) == sorted(ids)
    assert outcome.refused == ()
    assert heard == [1, 2, 3]
    story.live(context, MINUTE)
    assert {health(context, voice_id) for voice_id in ids} == {Health.SAFE}
    assert [len(attempts(context, voice_id)) for voice_id in ids] == [1, 1, 1]


def test_the_same_plan_twice_orders_once(story: Story, context: Context) -> None:
    voice_id = story.asking(context)
    plan = planned(context, BulkAction.KEEP)
    for _ in range(2):
        bulk.execute(context, plan, person=ADA)
    assert len(attempts(context, voice_id)) == 1


def test_tries_that_fail_are_repeated_as_was_agreed_to(story: Story, context: Context) -> None:
    voice_id = story.asking(context)
    story.service.next("speech", refuses(500), refuses(500))
    bulk.execute(context, planned(context, BulkAction.KEEP), person=ADA)
    story.live(context, 3 * HOUR)
    assert health(context, voice_id) is Health.SAFE
    assert 1 < len(attempts(context, voice_id)) <= ACTIVATION_ATTEMPTS


def test_one_that_refuses_never_stops_the_rest(story: Story, context: Context) -> None:
    first, second = (story.made(context, seed=seed, keep_policy=KeepPolicy.ASK) for seed in (1, 2))
    plan = planned(context, BulkAction.KEEP)
    bulk.execute(context, plan.limited_to({first}), person=ADA)
    story.live(context, MINUTE)
    stale = listing.entries(context)  # the first is kept now, and the old plan does not know it
    fresh = {item.voice.id: item for item in stale}
    late = [
        bulk.BulkItem(fresh[part.item.voice.id], part.price, part.at_most) for part in plan.items
    ]
    outcome = bulk.execute(context, BulkPlan(BulkAction.KEEP, tuple(late), ()), person=ADA)
    assert outcome.done == (second,)
    assert len(outcome.refused) == 1
    assert "is kept" in outcome.refused[0]


def test_a_batch_tells_how_far_it_is(story: Story, context: Context) -> None:
    ids = [story.made(context, seed=seed, keep_policy=KeepPolicy.ASK) for seed in (1, 2)]
    bulk.execute(context, planned(context, BulkAction.KEEP).limited_to({ids[0]}), person=ADA)
    batch = Batch(BulkAction.KEEP, frozenset({ids[0]}), {NANOGPT: context.clock.now()})
    assert bulk.progress(batch, listing.entries(context)) == bulk.Progress(0, 1, 1)
    story.live(context, MINUTE)
    assert bulk.progress(batch, listing.entries(context)) == bulk.Progress(1, 0, 1)


def test_copies_are_checked_when_somebody_asks(story: Story, context: Context) -> None:
    story.kept(context, "qwen")
    story.clock.advance(DAY)
    begun = {NANOGPT: context.clock.now()}
    outcome = bulk.execute(context, planned(context, BulkAction.CHECK), person=ADA)
    batch = Batch(BulkAction.CHECK, frozenset(outcome.done), begun)
    assert bulk.progress(batch, listing.entries(context)).done == 0
    story.clock.advance(SECOND)
    story.live(context, MINUTE)
    assert bulk.progress(batch, listing.entries(context)) == bulk.Progress(1, 0, 1)


def test_an_archived_voice_is_not_kept_until_it_is_brought_back(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    editing.archive(context, dossier(context, voice_id).voice, ADA)
    story.live(context, DAY)
    assert attempts(context, voice_id) == ()
    archived = next(item for item in listing.entries(context) if item.voice.id == voice_id)
    assert archived.is_archived
    assert not archived.needs_somebody
    editing.unarchive(context, archived.voice, ADA)
    story.live(context, MINUTE)
    assert health(context, voice_id) is Health.SAFE
    assert told(context, voice_id) == ["restored it", "archived it"]


def test_archived_voices_come_last_and_take_no_part(context: Context) -> None:
    entries = mixture(context)
    editing.archive(context, entries[0].voice, ADA)
    assert listing.entries(context)[-1].voice.id == entries[0].voice.id
    left_out = {
        item.item.voice.id: item.reason for item in planned(context, BulkAction.KEEP).skipped
    }
    assert left_out[entries[0].voice.id] == Skip.ARCHIVED


def test_what_keeping_costs_is_told_before_a_policy_is_changed(context: Context) -> None:
    mixture(context)
    at_once = planned(context, BulkAction.POLICY, PolicyChange(KeepPolicy.AT_ONCE, 6))
    assert at_once.price.live == ONCE  # of those three only one waits and has time
    assert at_once.at_most.live == ONCE * ACTIVATION_ATTEMPTS
    assert at_once.monthly.live == ONCE * 5 * 3
    assert planned(context, BulkAction.POLICY, PolicyChange(KeepPolicy.ASK)).price.live == Money()


def test_a_policy_is_changed_for_many(context: Context) -> None:
    mixture(context)
    change = PolicyChange(KeepPolicy.BEFORE_DEADLINE, 30)
    bulk.execute(context, planned(context, BulkAction.POLICY, change), person=ADA)
    voice = dossier(context, "voice-00001").voice
    assert (voice.keep_policy, voice.refresh_days) == (KeepPolicy.BEFORE_DEADLINE, 30)
    assert dossier(context, "voice-00005").voice.refresh_days == 0
    assert len(told(context, "voice-00001")) == 2


@pytest.mark.parametrize(("days", "uses"), [(0, 0), (6, 5), (7, 5), (30, 1), (45, 1)])
def test_a_month_of_uses_is_never_told_too_low(days: int, uses: int) -> None:
    assert bulk.monthly_price(ONCE, days) == ONCE * uses


def test_a_voice_whose_use_is_under_way_is_not_planned_again(
    story: Story, context: Context
) -> None:
    story.asking(context)
    bulk.execute(context, planned(context, BulkAction.KEEP), person=ADA)
    plan = planned(context, BulkAction.KEEP)
    assert plan.items == ()
    assert plan.skipped[0].reason == Skip.BEING_KEPT


def test_a_try_after_the_window_is_one_try(story: Story, context: Context) -> None:
    voice_id = story.asking(context)
    story.clock.advance(8 * DAY)
    plan = planned(context, BulkAction.KEEP)
    assert plan.price.live == plan.at_most.live == ONCE
    story.service.next("speech", refuses(500))
    bulk.execute(context, plan, person=ADA)
    story.live(context, DAY)
    assert len(attempts(context, voice_id)) == 1
    assert attempts(context, voice_id)[0].state is not JobState.DONE
