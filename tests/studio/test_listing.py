"""Voices are judged once for all tabs and the keeper, and never told otherwise than judged anew."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from lib import keeper
from lib.keeper import passes
from lib.models import Dossier, EvidenceKind, Health, KeepPolicy, Source, VoiceKind
from lib.retention import Reason, Standing, Step, StepKind, Terms, Why
from lib.services import DEMO, retention_of
from lib.studio.core import accounts
from lib.studio.core.context import Context
from lib.studio.core.runtime import Runtime
from lib.studio.library import editing, listing
from lib.studio.library.bulk import PolicyChange
from lib.studio.library.listing import Entry
from tests.pages import people
from tests.parts.clock import START
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.parts.statements import counted
from tests.registry.records import a_voice, evidence_of
from tests.studio.story import DAY, HOUR, Story

AGES = (0, 1, 20, 83, 100, 119, 121, 140, 144, 150, 167, 169, 200, 900)
"""Hours since voices were made: on both sides of each moment that rules know."""


def move_in(context: Context) -> None:
    """Voices of all kinds and ages, with the same deadlines where they can have them."""
    now, vault = context.clock.now(), context.live_vault.name
    numbers = iter(range(1, 1_000))
    people.move_in(
        context,
        [
            people.clone(next(numbers), now, hours_ago=hours, kind=kind, service=service)
            for hours in AGES
            for kind in (VoiceKind.MINIMAX, VoiceKind.QWEN)
            for service in ("nanogpt", "nanogpt", DEMO)
        ]
        + [people.clone(next(numbers), now, kept=True, vault=vault, hours_ago=h) for h in AGES],
    )


def told(items: list[Entry]) -> list[tuple[object, ...]]:
    """All that pages are told of voices, in their order."""
    return [
        (
            item, item.rank, item.is_in_progress, item.has_copy, item.unheard, item.needs_somebody,
            item.can_speak, item.is_denied, item.next_at, item.may_be_held_up, item.never_made,
        )
        for item in items
    ]  # fmt: skip


def planned(context: Context) -> tuple[object, ...]:
    """All that the keeper finds to be done."""
    return passes.due_steps(context, keeper.Summary()), passes.outlook(context)


def change_something(context: Context, chance: random.Random) -> None:
    voices = context.registry.voices
    found = chance.choice(voices.dossiers())
    voice, now = found.voice, context.now(found.voice.service)
    match chance.randrange(7):
        case 0:
            voices.change(voice.id, archived_at=chance.choice([None, now]))
        case 1:
            kind = chance.choice(list(EvidenceKind))
            voices.add_evidence(
                evidence_of(voice, kind, id=f"seen-{now}-{chance.random()}", at=now)
            )
        case 2:
            policy = PolicyChange(chance.choice(list(KeepPolicy)), chance.choice([0, 6, 30]))
            editing.change_policy(context, voice, policy, ADA)
        case 3:
            voices.files_later(voice.id, tries=2, next_at=now + HOUR, error="No.")
        case 4:
            voices.change(voice.id, source=chance.choice([Source.ADOPTED, Source.CLONED]))
        case 5:
            voices.change(voice.id, clock_start=chance.choice([None, now, now - 5 * DAY]))
        case _:
            voices.change(voice.id, name=f"Grace {chance.randrange(100)}")


def test_what_was_judged_before_reads_as_if_it_were_judged_now(
    story: Story, context: Context
) -> None:
    accounts.meet_keys(context)
    move_in(context)
    chance, used = random.Random(15), context.runtime
    steps = (timedelta(seconds=1), timedelta(minutes=7), HOUR, 5 * HOUR, DAY)
    for turn in range(60):
        story.clock.advance(chance.choice(steps))
        for _ in range(chance.randrange(3)):
            change_something(context, chance)
        kept = told(listing.entries(context))
        to_do = planned(context)
        reopen(context, runtime=Runtime())
        assert told(listing.entries(context)) == kept, turn
        assert planned(context) == to_do, turn
        reopen(context, runtime=used)


def test_a_voice_is_judged_again_only_if_it_changed_or_its_moment_came(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_in(context)
    judged: list[str] = []
    judge = listing.judge

    def note(found, terms, now):  # type: ignore[no-untyped-def]
        judged.append(found.voice.id)
        return judge(found, terms, now)

    monkeypatch.setattr(listing, "judge", note)
    first = listing.entries(context)
    assert len(judged) == len(first) > 50
    judged.clear()
    editing.rename(context, first[0].voice, "Ada", ADA)
    assert listing.entries(context)[0].voice.name == "Ada"
    assert judged == [first[0].voice.id]
    judged.clear()
    due = {item.voice.id for item in first if item.until and item.until <= item.now + 2 * HOUR}
    story.clock.advance(2 * HOUR)
    again = {item.voice.id: item for item in listing.entries(context)}
    assert set(judged) == due
    assert 0 < len(due) < len(first) / 2
    assert all(item.now == context.now(item.voice.service) for item in again.values())


def test_while_nothing_changes_nothing_is_asked_and_nothing_is_judged(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_in(context)
    before = listing.entries(context)
    monkeypatch.setattr(listing, "judge", None)
    with counted(context) as asked:
        after = listing.entries(context)
        found = listing.find(context, before[3].voice.id)
    assert asked == []
    assert all(one is other for one, other in zip(before, after, strict=True))
    assert found == before[3]
    passes.due_steps(context, keeper.Summary())
    passes.outlook(context)


def test_twenty_tabs_at_once_judge_each_voice_once(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_in(context)
    judged: list[str] = []
    judge, gate = listing.judge, Barrier(20)

    def note(found, terms, now):  # type: ignore[no-untyped-def]
        judged.append(found.voice.id)
        return judge(found, terms, now)

    def look(_: int) -> int:
        gate.wait()
        return len(listing.entries(context))

    monkeypatch.setattr(listing, "judge", note)
    with ThreadPoolExecutor(20) as pool:
        counts = set(pool.map(look, range(20)))
    assert counts == {len(judged)} == {len(set(judged))}


def test_the_order_of_before_holds_until_the_moment_that_was_told() -> None:
    terms = Terms(retention_of("nanogpt", VoiceKind.MINIMAX), "vault", vault_counts=True)
    for number in range(300):
        chance = random.Random(number)
        items = [_by_chance(chance, terms) for _ in range(chance.randrange(2, 8))]
        order = sorted(items, key=listing._place)
        ends = [item.standing.deadline for item in order if item.standing.deadline]
        ahead = [end for end in ends if end > START]  # then it is judged anew
        last = min([*listing._moves(order).values(), *ahead, START + 9 * DAY])
        for share in (0.0, chance.random(), 1.0):
            now = START + share * (last - timedelta.resolution - START)
            told = [item.at(now) for item in order]
            assert now < START or sorted(told, key=listing._place) == told


def _by_chance(chance: random.Random, terms: Terms) -> Entry:
    voice = a_voice(name=chance.choice("abc"), archived_at=chance.choice([None, None, START]))
    deadline = chance.choice([None, *(START + hours * HOUR for hours in range(-6, 7))])
    standing = Standing(
        chance.choice([Health.AT_RISK, Health.DUE_SOON]), deadline, Why(Reason.NOT_USED)
    )
    return Entry(Dossier(voice), standing, Step(StepKind.NOTHING), START, terms)
