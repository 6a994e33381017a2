"""Turns of one rate: whoever takes them, in whatever process, they follow each other."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from itertools import chain
from threading import Event

import pytest
from sqlalchemy import insert

from lib.registry import DatabaseUnavailable, Registry, schema
from lib.studio.core.rate import SharedRate
from tests.parts.clock import START

TENTH = timedelta(seconds=0.1)


def test_what_is_reserved_follows_what_was_reserved_before(registry: Registry) -> None:
    begin = time.monotonic()
    waits = [registry.leases.queue("rate", TENTH) for _ in range(5)]
    took = time.monotonic() - begin
    assert waits[0] == 0
    for number, ahead in enumerate(waits):
        assert number * 0.1 - took - 0.01 <= ahead <= number * 0.1 + 0.01
    assert registry.leases.queue("another", TENTH) == 0


def test_turns_of_many_workers_are_each_their_own(registry: Registry, neighbour: Registry) -> None:
    both = [registry, neighbour] * 4
    begin = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        ends = sorted(
            pool.map(lambda one: one.leases.queue("rate", TENTH) + time.monotonic(), both)
        )
    assert ends[-1] - begin >= 0.7 - 0.05


def test_a_time_that_ran_out_is_not_made_up_for(registry: Registry) -> None:
    registry.leases.queue("rate", TENTH / 10)
    time.sleep(0.05)
    assert registry.leases.queue("rate", TENTH) == 0


def test_a_clock_that_was_set_back_holds_nobody_up(registry: Registry) -> None:
    with registry.database.write() as connection:
        far = START + timedelta(days=9_000)
        connection.execute(insert(schema.leases).values(name="rate", until=far))
    assert registry.leases.queue("rate", TENTH) == 0


def sent(pace: SharedRate, seconds: float) -> list[float]:
    """When requests left that a worker sent for so long, as fast as it may."""
    moments: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pace.wait()
        moments.append(time.monotonic())
    return moments


def test_several_processes_keep_to_one_rate(registry: Registry, neighbour: Registry) -> None:
    rate, seconds = 20, 1.5
    paces = [SharedRate(one.leases, "rate", rate) for one in (registry, neighbour) * 2]
    with ThreadPoolExecutor(4) as pool:
        moments = sorted(chain(*pool.map(lambda pace: sent(pace, seconds), paces)))
    most = max(sum(at <= one < at + 1 for one in moments) for at in moments)
    assert most <= rate * 1.5
    assert len(moments) <= rate * (seconds + 1)


def test_what_is_paid_waits_for_nobody_and_is_made_up_for(registry: Registry) -> None:
    naps: list[float] = []
    one_in_eight_seconds = 1 / 8  # so slow that no slow computer makes a difference
    pace = SharedRate(registry.leases, "rate", one_in_eight_seconds, sleep=naps.append)
    for _ in range(4):
        pace.wait(paid=True)
    assert naps == []
    pace.wait()
    assert registry.leases.queue("rate", TENTH) > 3 * 8


def test_what_is_paid_does_not_wait_for_a_database_that_others_wait_for(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answers = Event(), Event()

    def is_silent(*_: object) -> float:
        asked.set()
        assert answers.wait(10)
        return 0.0

    monkeypatch.setattr(registry.leases, "queue", is_silent)
    pace = SharedRate(registry.leases, "rate", 10)
    with ThreadPoolExecutor(2) as pool:
        question = pool.submit(pace.wait)
        assert asked.wait(10)
        paid = pool.submit(pace.wait, paid=True)
        done, _ = wait([paid], timeout=2)
        answers.set()
    assert done == {paid}
    assert question.done()


def test_without_a_database_each_process_keeps_to_the_rate_itself(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_out(*_: object) -> None:
        raise DatabaseUnavailable("The database cannot be reached right now.")

    monkeypatch.setattr(registry.leases, "queue", is_out)
    naps: list[float] = []
    pace = SharedRate(registry.leases, "rate", 10, sleep=naps.append)
    for _ in range(15):
        pace.wait()
    assert naps
