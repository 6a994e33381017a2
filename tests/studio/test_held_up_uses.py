"""A use that was held up for days is sent only if it is still wanted; a pass that works long, and
voices that cannot be used at all, hold up no other voice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Event

import pytest

from lib import keeper
from lib.keeper import passes
from lib.keeper import thread as keeper_thread
from lib.models import EvidenceKind, Health, Job, JobKind, JobState, KeepPolicy
from lib.services import NANOGPT
from lib.studio.core.context import Context
from lib.studio.library import editing
from lib.studio.orders import speaking
from lib.studio.storage import migration
from lib.vault.base import sha256_hex
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.registry.records import a_job, evidence_of
from tests.studio.service import refuses, says
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    attempts,
    dossier,
    health,
    state,
    text_order,
)

NO_MONEY = says({"usd_balance": "0.00"})


def held_up(story: Story, context: Context) -> str:
    """A voice whose use is ordered and waits for money."""
    voice_id = story.to_be_kept(context)
    story.service.always("balance", NO_MONEY)
    story.live(context, MINUTE)
    (order,) = attempts(context, voice_id)
    assert order.state is JobState.CONFIRMED
    return voice_id


def is_done(context: Context, job: Job) -> bool:
    return state(context, job) is JobState.DONE


def is_archived(story: Story, context: Context, voice_id: str) -> None:
    editing.archive(context, dossier(context, voice_id).voice, ADA)


def is_kept_by_hand(story: Story, context: Context, voice_id: str) -> None:
    change = editing.PolicyChange(KeepPolicy.ASK)
    editing.change_policy(context, dossier(context, voice_id).voice, change, ADA)


def is_over(story: Story, context: Context, voice_id: str) -> None:
    story.clock.advance(8 * DAY)


@pytest.mark.parametrize(
    "changed", [is_archived, is_kept_by_hand, is_over], ids=lambda change: change.__name__
)
def test_what_is_not_wanted_any_more_is_not_sent_when_the_money_comes(
    story: Story, context: Context, changed: Callable[[Story, Context, str], None]
) -> None:
    voice_id = held_up(story, context)
    changed(story, context, voice_id)
    story.service.always("balance", None)
    story.live(context, DAY)

    assert story.service.count("speech") == 0
    assert all(job.cost.micros == 0 for job in attempts(context, voice_id))
    assert all(job.state is JobState.FAILED for job in attempts(context, voice_id))


def test_a_voice_that_another_use_has_kept_meanwhile_is_not_paid_for_again(
    story: Story, context: Context
) -> None:
    voice_id = held_up(story, context)
    seen = evidence_of(voice_id, EvidenceKind.ACTIVATION, at=story.clock.now())
    context.registry.voices.add_evidence(seen)
    story.service.always("balance", None)
    story.live(context, DAY)

    assert story.service.count("speech") == 0
    assert health(context, voice_id) is Health.SAFE


def test_a_voice_that_is_brought_back_has_all_its_attempts_left(
    story: Story, context: Context
) -> None:
    voice_id = held_up(story, context)
    is_archived(story, context, voice_id)
    story.service.always("balance", None)
    story.live(context, HOUR)
    editing.unarchive(context, dossier(context, voice_id).voice, ADA)
    story.live(context, HOUR)
    assert health(context, voice_id) is Health.SAFE


def test_a_pass_that_works_long_holds_up_no_other(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, others = Event(), []

    def slow(_context: Context) -> keeper.Summary:
        others.append(1)
        if len(others) == 1:
            hangs.wait(60)
        else:
            thread.stop()
        return keeper.Summary()

    monkeypatch.setattr(keeper_thread, "one_pass", slow)
    monkeypatch.setattr(keeper_thread, "LONG_PASS_SECONDS", 0.3)
    thread = keeper_thread.KeeperThread(context)
    thread.start()
    try:
        for _ in range(200):
            if len(others) > 1:
                break
            Event().wait(0.05)
        assert len(others) > 1
    finally:
        hangs.set()
        thread.stop()
        thread.join(30)


def test_voices_of_a_service_without_a_key_are_told_and_keep_out_no_others(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    connected = context.providers
    reopen(context, providers={})
    summary = keeper.Summary()
    assert passes.due_steps(context, summary) == []
    assert summary.blocked == ["1 voice waits to be kept: there is no key for NanoGPT here."]

    reopen(context, providers=connected)
    story.live(context, HOUR)
    assert health(context, voice_id) is Health.SAFE


def test_an_attempt_that_a_stranger_numbered_blocks_no_voice_in_silence(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    key = sha256_hex(f"keep {voice_id} 0".encode())
    foreign = a_job("voice-of-a-stranger", kind=JobKind.ACTIVATION, state=JobState.FAILED)
    context.registry.jobs.order(replace(foreign, order_key=key, service=NANOGPT))
    summary = keeper.one_pass(context)
    assert summary.failed or health(context, voice_id) is Health.SAFE


def test_a_key_that_is_refused_is_no_good_pass(story: Story, context: Context) -> None:
    story.service.always("balance", refuses(401))
    keeper.one_pass(context)
    summary = keeper.one_pass(context)
    assert not summary.all_done
    assert any("key" in line for line in summary.blocked)


def test_takes_that_cannot_be_moved_keep_out_no_others_and_are_told(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice_id = story.kept(context)
    takes = []
    for number in range(4):
        job = speaking.order(context, text_order(voice_id, f"Number {number}."))
        story.until(context, partial(is_done, context, job))
        takes.append(job.id)
    story.live(context, MINUTE)
    for take_id in takes[2:]:  # the newest two
        take = context.registry.takes.get(take_id)
        assert take is not None
        (story.folder / "vault" / take.key).unlink()
    new = story.context(VAULT_URL=f"file://{story.folder / 'other'}")
    monkeypatch.setattr(migration, "TAKES_PER_PASS", 1)
    summaries = []
    for _ in range(60):
        summaries.append(keeper.one_pass(new))
        story.clock.advance(timedelta(minutes=15))
    there = [new.registry.takes.get(take_id) for take_id in takes]
    assert [take.vault == new.live_vault.name for take in there if take][:2] == [True, True]
    assert any("in your previous storage" in line for line in summaries[-1].blocked)


def test_what_was_only_in_a_storage_that_is_gone_can_be_given_up(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    story.live(context, MINUTE)
    (story.folder / "vault").rename(story.folder / "away")
    new = story.context(VAULT_URL=f"file://{story.folder / 'other'}")
    assert story.live(new, HOUR)[-1].blocked

    left = migration.leave_behind(new, [dossier(new, voice_id)], ADA)
    assert left >= 2
    assert not migration.files_left(dossier(new, voice_id), new.live_vault.name)
    assert migration.progress(new, 0) is None
    assert story.live(new, HOUR)[-1].all_done
    assert health(new, voice_id) is Health.SAFE
