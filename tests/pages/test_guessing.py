"""How wrong passphrases are counted."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest

from lib.ui.access.guessing import FLOOD, FLOOD_WITHIN, LOG_EVERY, WARN_FOR, Watch

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_a_team_that_mistypes_is_no_flood() -> None:
    watch = Watch()
    for number in range(10 * FLOOD):
        watch.note_wrong(NOW + 2 * number * FLOOD_WITHIN / FLOOD)
    assert watch.flood_at(NOW) is None


def test_a_flood_is_known_for_a_day_after_its_last_guess() -> None:
    watch = Watch()
    for number in range(5 * FLOOD):
        watch.note_wrong(last := NOW + timedelta(seconds=number))
    assert watch.flood_at(last) == last
    assert watch.flood_at(last + WARN_FOR) is None


def test_a_flood_of_three_hours_is_three_lines(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    for second in range(int(3 * LOG_EVERY.total_seconds())):
        watch.note_wrong(NOW + timedelta(seconds=second))
    assert len(caplog.records) == 3
    assert all(record.levelno == logging.WARNING for record in caplog.records)


def test_many_guessers_at_once_are_one_line(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    threads = [
        threading.Thread(target=lambda: [watch.note_wrong(NOW) for _ in range(100)])
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(caplog.records) == 1
