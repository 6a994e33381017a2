"""The first steps of a newcomer: which are done by what there is, and when there are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lib.models import Dossier, JobState
from lib.retention import Reach, Terms, judge, next_step, rule_of
from lib.services import DEMO
from lib.studio.library import first_steps
from lib.studio.library.first_steps import FirstStep
from lib.studio.library.listing import Entry
from lib.studio.library.showcase import SAMPLES
from tests.pages import people

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SPEAK, OWN, HEAR, SAFE = FirstStep


def entry(dossier: Dossier) -> Entry:
    terms = Terms(rule_of(dossier.voice), "", True, Reach.OURS)
    standing, step = judge(dossier, terms, NOW), next_step(dossier, terms, NOW)
    return Entry(dossier, standing, step, NOW, terms)


def sample() -> Entry:
    made = people.clone(9, NOW, service=DEMO, kept=True)
    return entry(replace(made, voice=replace(made.voice, id=min(SAMPLES))))


def own(number: int = 1, *, kept: bool = False) -> Entry:
    return entry(people.clone(number, NOW, hours_ago=number, kept=kept))


def being_made() -> Entry:
    made = people.clone(1, NOW)
    order = replace(made.jobs[0], state=JobState.WAITING, finished_at=None)
    voice = replace(made.voice, provider_voice_id="", clock_start=None)
    return entry(replace(made, voice=voice, jobs=(order,)))


@pytest.mark.parametrize(
    ("entries", "speakers", "done"),
    [
        ([sample()], (), set()),
        ([sample()], (min(SAMPLES),), {SPEAK}),
        ([sample(), being_made()], (), set()),
        ([sample(), own()], (), {OWN}),
        ([sample(), own(kept=True)], (min(SAMPLES),), {SPEAK, OWN, SAFE}),
        ([sample(), own()], ("voice-00001",), {SPEAK, OWN, HEAR}),
        ([sample(), own(1), own(2, kept=True)], (), {OWN, SAFE}),
    ],
)
def test_what_there_is_tells_what_was_done(
    entries: list[Entry], speakers: tuple[str, ...], done: set[FirstStep]
) -> None:
    found = first_steps.judge(entries, speakers)
    assert found
    assert list(found.done) == list(FirstStep)
    assert {step for step, is_done in found.done.items() if is_done} == done


def test_the_way_leads_to_the_newest_voice_of_ones_own() -> None:
    found = first_steps.judge([own(2), own(1), sample()], ())
    assert found
    assert found.own
    assert found.own.voice.id == "voice-00001"


def test_without_the_demos_voices_there_is_nobody_to_speak_first() -> None:
    found = first_steps.judge([], ())
    assert found
    assert list(found.done) == [OWN, HEAR, SAFE]


@pytest.mark.parametrize("samples", [[], [sample()]])
def test_nothing_is_left_once_an_own_voice_has_spoken_and_is_safe(samples: list[Entry]) -> None:
    assert first_steps.judge([*samples, own(kept=True)], ("voice-00001",)) is None
