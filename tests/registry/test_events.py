"""The lines of who did what with a voice: added, read newest first, never mixed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lib.registry import Registry
from lib.registry.events import MOST_LINES
from tests.registry.records import a_job, a_voice

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_voices_lines_are_its_own_and_the_newest_comes_first(registry: Registry) -> None:
    registry.events.add("Ada", "archived it", "voice-1", NOW)
    registry.events.add("Bea", "brought it back", "voice-1", NOW + timedelta(hours=1))
    registry.events.add("Ada", "archived it", "voice-2", NOW)
    lines = [(event.person, event.what) for event in registry.events.of_voice("voice-1")]
    assert lines == [("Bea", "brought it back"), ("Ada", "archived it")]
    assert registry.events.of_voice("voice-1")[0].at == NOW + timedelta(hours=1)


def test_of_two_in_one_moment_the_later_comes_first(registry: Registry) -> None:
    for what in ("first", "second"):
        registry.events.add("Ada", what, "voice-1", NOW)
    assert [event.what for event in registry.events.of_voice("voice-1")] == ["second", "first"]


def test_the_moves_of_orders_are_not_among_them(registry: Registry) -> None:
    voice = a_voice()
    registry.jobs.order(a_job(voice), voice)
    assert registry.events.of_voice(voice.id) == []


def test_a_long_story_is_cut_at_its_old_end(registry: Registry) -> None:
    for number in range(MOST_LINES + 5):
        registry.events.add("Ada", f"{number}", "voice-1", NOW + timedelta(seconds=number))
    lines = registry.events.of_voice("voice-1")
    assert len(lines) == MOST_LINES
    assert lines[0].what == f"{MOST_LINES + 4}"
