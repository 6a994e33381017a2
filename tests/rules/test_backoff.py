"""Pauses after failures grow to an end, and differ where that is wanted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lib.backoff import Backoff

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("failures", "pause"), [(0, 1), (1, 1), (2, 5), (3, 20), (4, 20), (99, 20)]
)
def test_the_last_pause_repeats(failures: int, pause: int) -> None:
    assert Backoff((SECOND, 5 * SECOND, 20 * SECOND)).pause(failures) == pause * SECOND


def test_doubling_ends_at_the_longest() -> None:
    assert Backoff.doubling(2 * SECOND, 15 * SECOND).steps == tuple(
        seconds * SECOND for seconds in (2, 4, 8, 15)
    )
    assert Backoff.doubling(2 * SECOND, 16 * SECOND).steps[-2:] == (8 * SECOND, 16 * SECOND)


def test_jitter_spreads_what_failed_together_and_stays_the_same_for_one() -> None:
    backoff = Backoff((10 * SECOND, 60 * SECOND), jitter=0.1)
    first, last = ({backoff.pause(tries, f"voice-{n}") for n in range(50)} for tries in (1, 2))
    assert len(first) == len(last) == 50
    assert all(10 * SECOND <= pause <= 11 * SECOND for pause in first)
    assert all(54 * SECOND <= pause <= 60 * SECOND for pause in last)
    assert backoff.pause(1, "voice-1") == backoff.pause(1, "voice-1")
