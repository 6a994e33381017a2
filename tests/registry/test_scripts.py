"""Scripts: changed as somebody saw them, and linked with the orders of their lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from lib.manifest import BadManifest, TakeStory
from lib.models import Dossier, Job, JobKind, JobState, Take
from lib.registry import OverBudget, Registry, schema
from lib.registry.budgets import Budget
from lib.registry.schema import columns_of
from lib.registry.takes import WantedTakes
from lib.scripts import Line, LineOrder, Script, Speaker
from lib.services import DEMO, NANOGPT
from tests.parts.clock import START
from tests.registry.records import a_job, a_long_text, a_take, a_voice, everything

MINUTE = timedelta(minutes=1)
PLAY = Script(
    "play",
    "The night train",
    START,
    START,
    "Ada",
    0.5,
    (Speaker("ANNA", "voice-1", "hd", "English", 1.1), Speaker("BEN")),
    (Line("one", "ANNA", "Hi.", 1.5, "take-9"), Line("two", "BEN", "Ho.")),
)


def speech(line_id: str = "one", *, number: int = 1, **fields: Any) -> tuple[Job, LineOrder]:
    job = a_job("voice-1", kind=JobKind.SPEECH, request={"text": "Hi."}, **fields)
    return job, LineOrder(job.id, PLAY.id, line_id, START, number)


def spoken(registry: Registry, line_id: str = "one", **fields: Any) -> Take:
    """A take of this line."""
    job, line = speech(line_id, state=JobState.DONE)
    registry.long_texts.order((job, []), lines=[line])
    take = a_take(job, **fields)
    with registry.database.write() as connection:
        connection.execute(insert(schema.takes).values(columns_of(take)))
    return take


def a_dossier() -> Dossier:
    return Dossier(a_voice(id="voice-1"))


def test_a_script_is_kept_as_it_is_and_found_by_its_name(registry: Registry) -> None:
    scripts = registry.scripts
    later = replace(PLAY, id="later", name="Überall", changed_at=START + MINUTE)
    example = replace(PLAY, id="example", name="Night watch", service=DEMO)
    assert [scripts.add(each) for each in (PLAY, later, example)] == [True] * 3
    assert not scripts.add(replace(PLAY, name="Another"))
    assert scripts.get("play") == PLAY
    assert scripts.find(services=[NANOGPT], limit=9) == [later, PLAY]
    assert scripts.find("überall", services=[NANOGPT], limit=9) == [later]
    assert scripts.find("NIGHT", services=[DEMO], limit=9) == [example, PLAY]
    assert scripts.find(services=[DEMO], limit=1, skip=1) == [example]
    assert scripts.count("night", services=[DEMO]) == 2


def test_of_two_changes_to_one_script_the_second_is_refused(registry: Registry) -> None:
    scripts = registry.scripts
    scripts.add(PLAY)
    mine = scripts.change(replace(PLAY, name="Mine"))
    assert mine is not None
    assert (mine.revision, scripts.get("play")) == (2, mine)
    before = everything(registry)
    assert scripts.change(replace(PLAY, name="Yours")) is None
    assert everything(registry) == before


def test_a_deleted_script_stays_deleted(registry: Registry) -> None:
    scripts = registry.scripts
    scripts.add(PLAY)
    gone = scripts.change(replace(PLAY, name="", lines=(), speakers=(), deleted_at=START))
    assert (scripts.get("play"), scripts.story("play")) == (None, gone)
    assert scripts.find(services=[], limit=9) == []
    assert not scripts.add(PLAY)
    assert not scripts.absorb(PLAY)
    assert scripts.unsaved(9) == ["play"]
    assert scripts.change(replace(PLAY, revision=2)) is None


def test_a_manifest_is_taken_where_it_is_newer_and_of_the_same_script(registry: Registry) -> None:
    scripts = registry.scripts
    newer = replace(PLAY, name="Newer", revision=5)
    assert scripts.absorb(PLAY)
    assert not scripts.absorb(PLAY)
    assert scripts.absorb(newer)
    assert scripts.get("play") == replace(newer, saved_revision=5)
    assert scripts.unsaved(9) == []
    with pytest.raises(BadManifest):
        scripts.absorb(replace(newer, service=DEMO, revision=9))


def test_an_order_of_a_line_is_made_once_for_each_number(registry: Registry) -> None:
    texts = registry.long_texts
    (first, line), (twin, same) = speech(), speech(state=JobState.DONE)
    assert texts.order((first, []), lines=[line]) == [first]
    assert texts.order((twin, []), lines=[same]) == [first]
    other, of_other = speech("two")
    again, of_again = speech(number=2)
    both = texts.order((other, []), (again, []), lines=[of_other, of_again])
    assert both == [other, again]
    long_one = a_long_text("voice-1")
    of_long = LineOrder(long_one.id, PLAY.id, "two", START, 2)
    assert texts.order((long_one, [a_job("voice-1")]), lines=[of_long]) == [long_one]
    late, of_late = speech("two", number=2)
    assert texts.order((late, []), lines=[of_late]) == [long_one]

    found = registry.scripts.spoken(PLAY)
    assert found.orders == [line, of_other, of_again, of_long]
    assert [found.order(each.order_id) for each in found.orders] == [first, other, again, long_one]


def test_nothing_is_linked_where_nothing_was_ordered(registry: Registry) -> None:
    registry.voices.absorb(a_dossier())
    before = everything(registry)
    (first, line), (second, other) = speech(), speech("two")
    nothing_left = Budget(since=START, limit=first.estimate)
    with pytest.raises(OverBudget):
        registry.long_texts.order(
            (first, []), (second, []), budget=nothing_left, lines=[line, other]
        )
    assert everything(registry) == before


def test_takes_are_found_by_their_script(registry: Registry) -> None:
    registry.scripts.add(PLAY)
    take, newer = spoken(registry), spoken(registry, "two", created_at=START + MINUTE, seconds=2.0)
    job = a_job("voice-1", kind=JobKind.SPEECH, state=JobState.DONE)
    registry.jobs.order(job)
    registry.voices.absorb(a_dossier())
    of_play = WantedTakes(script_id="play")
    assert registry.takes.latest(of_play, services=[NANOGPT], limit=9) == [newer, take]
    assert registry.takes.count(WantedTakes(script_id="no"), services=[NANOGPT], most=9) == 0
    assert registry.scripts.spoken_names(services=[], limit=9) == [("play", "The night train")]
    assert registry.scripts.lengths([PLAY]) == {"play": {"one": take.seconds, "two": 2.0}}


def test_a_deleted_take_is_one_of_no_line(registry: Registry) -> None:
    take = spoken(registry)
    story = registry.takes.story(take.id)
    assert story is not None
    assert story.line is not None
    registry.takes.forget([take.id], person="Ada", now=START)
    assert registry.scripts.spoken(PLAY).orders == []
    found = registry.takes.story(take.id)
    assert found is not None
    assert found.line is None


def test_the_story_of_a_take_brings_its_line(registry: Registry, neighbour: Registry) -> None:
    take = spoken(registry)
    story = registry.takes.story(take.id)
    assert story is not None
    with registry.database.write() as connection:
        for table in (schema.jobs, schema.takes, schema.script_orders):
            connection.execute(table.delete())
    assert neighbour.takes.absorb(story)
    (line,) = registry.scripts.spoken(PLAY).orders
    assert line == story.line
    newer = TakeStory(replace(story.order, revision=9), story.take)
    assert registry.takes.absorb(newer)
    assert registry.scripts.spoken(PLAY).orders == []


def test_a_voice_is_taken_away_from_all_who_speak_with_it(registry: Registry) -> None:
    scripts = registry.scripts
    other = replace(PLAY, id="other", speakers=(Speaker("ANNA", "voice-2"),))
    scripts.add(PLAY)
    scripts.add(other)
    assert scripts.take_voice_away("voice-1", START + MINUTE) == ["play"]
    found = scripts.get("play")
    assert found is not None
    assert found.speakers == (Speaker("ANNA"), Speaker("BEN"))
    assert (found.lines, found.revision) == (PLAY.lines, 2)
    assert scripts.get("other") == other
