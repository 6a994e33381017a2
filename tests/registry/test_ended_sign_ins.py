"""A sign-in that was ended stays ended until it would have ended by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lib.registry import Registry

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


def test_what_was_ended_is_known_and_nothing_else_is(registry: Registry) -> None:
    registry.ended_sign_ins.add("one", until=NOW + MONTH, now=NOW)
    registry.ended_sign_ins.add("one", until=NOW + MONTH, now=NOW)
    assert registry.ended_sign_ins.has("one")
    assert not registry.ended_sign_ins.has("two")
    assert not registry.ended_sign_ins.has("")


def test_it_is_forgotten_once_its_time_is_over(registry: Registry) -> None:
    registry.ended_sign_ins.add("old", until=NOW + MONTH, now=NOW)
    later = NOW + MONTH + timedelta(seconds=1)
    registry.ended_sign_ins.add("new", until=later + MONTH, now=later)
    assert not registry.ended_sign_ins.has("old")
    assert registry.ended_sign_ins.has("new")
