"""A pass is bounded, and begins with what is lost soonest."""

from __future__ import annotations

from datetime import datetime

import pytest

from lib import keeper
from lib.keeper import passes
from lib.models import Dossier, Health, JobKind, KeepPolicy
from lib.retention import Step, Terms
from lib.studio.core.context import Context
from lib.studio.library import listing
from lib.studio.orders import activation
from tests.parts.persons import ADA
from tests.studio.service import refuses
from tests.studio.story import DAY, HOUR, Story, attempts, dossier, health


def asking(story: Story, context: Context, *seeds: int) -> list[str]:
    """Voices that were made a day after each other, and wait for a person."""
    made = []
    for seed in seeds:
        made.append(story.made(context, seed=seed, keep_policy=KeepPolicy.ASK))
        story.live(context, DAY)
    return made


def to_be_kept(context: Context, voices: list[str]) -> None:
    for voice_id in voices:
        context.registry.voices.change(voice_id, keep_policy=KeepPolicy.AT_ONCE)


def test_the_voice_that_is_lost_soonest_is_kept_first_and_the_rest_in_the_passes_after(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    voices = asking(story, context, 1, 2, 3)
    to_be_kept(context, voices)
    monkeypatch.setattr(passes, "STEPS_PER_PASS", 1)
    ordered = []
    for _ in range(3):
        before = [len(attempts(context, voice_id)) for voice_id in voices]
        summary = keeper.one_pass(context)
        assert keeper.sleep_after(summary, story.clock.now()) < HOUR
        ordered += [
            voice_id
            for voice_id, count in zip(voices, before, strict=True)
            if len(attempts(context, voice_id)) > count
        ]
    assert ordered == voices


def test_reading_copies_again_waits_behind_voices_in_danger(story: Story, context: Context) -> None:
    old = story.kept(context)
    story.live(context, 29 * DAY)
    (young,) = asking(story, context, 2)
    activation.ask_for_files(context, old, ADA)
    to_be_kept(context, [young])
    due = [
        (found.voice.id, step.kind) for found, step in passes.due_steps(context, keeper.Summary())
    ]
    assert due[0][0] == young
    assert old in [voice_id for voice_id, _ in due[1:]]


def test_what_can_still_be_saved_goes_before_what_is_probably_lost(
    story: Story, context: Context
) -> None:
    story.service.always("file", refuses(503))
    gone = story.made(context, "qwen")
    story.clock.advance(8 * DAY)
    young = story.made(context, seed=2, keep_policy=KeepPolicy.ASK)
    to_be_kept(context, [young])
    activation.ask_for_files(context, gone, ADA)
    assert health(context, gone) is Health.PROBABLY_LOST
    due = passes.due_steps(context, keeper.Summary())
    assert [found.voice.id for found, _ in due][:2] == [young, gone]
    assert [item.voice.id for item in listing.entries(context)] == [young, gone]


def test_a_test_call_for_a_voice_whose_time_is_over_waits_for_those_that_have_time_left(
    story: Story, context: Context
) -> None:
    (gone,) = asking(story, context, 1)
    story.clock.advance(8 * DAY)
    at_risk, waiting = asking(story, context, 2, 3)
    story.clock.advance(4 * DAY)
    for voice_id in (gone, waiting, at_risk):
        activation.order_activation(context, dossier(context, voice_id), person=ADA)
    due = context.registry.jobs.due(["nanogpt"], story.clock.now(), limit=10)
    assert [job.voice_id for job in due][:3] == [at_risk, waiting, gone]


def test_orders_that_keep_a_voice_go_out_before_all_others(story: Story, context: Context) -> None:
    late, early = asking(story, context, 1, 2)[::-1]
    for voice_id in (late, early):
        activation.order_activation(context, dossier(context, voice_id), person=ADA)
    due = context.registry.jobs.due(["nanogpt"], story.clock.now(), limit=10)
    keeping = [job.voice_id for job in due if job.kind is JobKind.ACTIVATION]
    assert [job.voice_id for job in due][:2] == keeping == [early, late]

    keeper.one_pass(context)
    story.live(context, HOUR)
    assert [health(context, voice_id) for voice_id in (early, late)] == [Health.SAFE] * 2


def test_a_voice_whose_story_cannot_be_judged_is_told_and_harms_no_other(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, good = asking(story, context, 1, 2)
    to_be_kept(context, [good])
    judge_steps = listing.steps

    def steps(found: Dossier, terms: Terms, now: datetime) -> tuple[Step, Step]:
        if found.voice.id == odd:
            raise OverflowError("far away")
        return judge_steps(found, terms, now)

    monkeypatch.setattr(listing, "steps", steps)
    context.registry.voices.change(odd, name="Odd")
    summaries = story.live(context, HOUR)

    assert health(context, good) is Health.SAFE
    assert [item.voice.id for item in listing.entries(context)] == [good]
    assert any("cannot be worked out" in line for line in summaries[-1].failed)
