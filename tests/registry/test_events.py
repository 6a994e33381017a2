"""The lines of who did what with a voice: added, read newest first, never mixed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lib.event_kinds import EventKind
from lib.registry import Registry
from lib.registry.events import DeedSum, Line
from lib.services import DEMO
from tests.registry.records import a_job, a_voice, fresh_id

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHANGED = EventKind.CHANGED


def test_a_voices_lines_are_its_own_and_the_newest_comes_first(registry: Registry) -> None:
    registry.events.add("Ada", "archived it", "voice-1", NOW, kind=CHANGED)
    registry.events.add("Bea", "restored it", "voice-1", NOW + timedelta(hours=1), kind=CHANGED)
    registry.events.add("Ada", "archived it", "voice-2", NOW, kind=CHANGED)
    lines = [(event.person, event.what) for event in registry.events.of_voice("voice-1")]
    assert lines == [("Bea", "restored it"), ("Ada", "archived it")]
    assert registry.events.of_voice("voice-1")[0].at == NOW + timedelta(hours=1)


def test_of_two_in_one_moment_the_later_comes_first(registry: Registry) -> None:
    for what in ("first", "second"):
        registry.events.add("Ada", what, "voice-1", NOW, kind=CHANGED)
    assert [event.what for event in registry.events.of_voice("voice-1")] == ["second", "first"]


def test_the_moves_of_orders_are_not_among_them(registry: Registry) -> None:
    voice = a_voice()
    registry.jobs.order(a_job(voice), voice)
    assert registry.events.of_voice(voice.id) == []


def test_of_a_long_story_the_newest_lines_are_read_and_all_are_summed_up(
    registry: Registry,
) -> None:
    for number in range(9):
        at = NOW + timedelta(seconds=number)
        kind = CHANGED if number % 3 else EventKind.CHECKED
        registry.events.add("Ada", f"{number}", "voice-1", at, kind=kind)
    registry.events.add("Ada", "elsewhere", "voice-2", NOW, kind=CHANGED)
    lines = registry.events.of_voice("voice-1", limit=2)
    assert [line.what for line in lines] == ["8", "7"]
    assert registry.events.sums_of_voice("voice-1") == [
        DeedSum(CHANGED, 6, NOW + timedelta(seconds=8)),
        DeedSum(EventKind.CHECKED, 3, NOW + timedelta(seconds=6)),
    ]


def test_a_line_is_due_until_an_object_tells_of_it(registry: Registry) -> None:
    for number in range(5):
        registry.events.add("Ada", f"{number}", "voice-1", NOW, kind=CHANGED)
    first = registry.events.unsaved(3, without=DEMO)
    assert [line.what for line in first] == ["0", "1", "2"]
    registry.events.saved(first, "events/2026-11/a.json")
    assert [line.what for line in registry.events.unsaved(9, without=DEMO)] == ["3", "4"]
    assert registry.events.told_in("events/2026-11/a.json") == first
    registry.events.unsave()
    assert len(registry.events.unsaved(9, without=DEMO)) == 5


def test_lines_of_one_service_can_be_left_out(registry: Registry) -> None:
    play, real = a_voice(service=DEMO), a_voice()
    for voice in (play, real):
        registry.jobs.order(a_job(voice), voice)
    registry.events.add("Ada", "named an account", "", NOW, kind=CHANGED)
    lines = registry.events.unsaved(9, without=DEMO)
    assert [line.voice_id for line in lines] == [real.id, ""]


def test_a_line_of_another_database_is_taken_once(registry: Registry) -> None:
    registry.events.add("Bea", "restored it", "voice-1", NOW + timedelta(hours=1), kind=CHANGED)
    theirs = Line("0" * 32, NOW, "Ada", "archived it", "voice-1", "")
    order = Line("1" * 32, NOW, "Ada", "ordered: clone", "voice-1", fresh_id())
    for _ in range(2):
        registry.events.add_lines([theirs, order], saved_in="events/2026-11/b.json")
    told = [(event.person, event.what) for event in registry.events.of_voice("voice-1")]
    assert told == [("Bea", "restored it"), ("Ada", "archived it")]
    assert registry.events.told_in("events/2026-11/b.json") == [theirs, order]
    assert len(registry.events.unsaved(9, without=DEMO)) == 1
