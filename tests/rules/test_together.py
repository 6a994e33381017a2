"""What is worked out of many records, once for all who look at the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from lib.studio.library.together import Together, fact, once


class Work:
    """Sums up, and counts how often it is asked to."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, items: Sequence[int]) -> int:
        self.times += 1
        return sum(items)


def test_the_same_records_are_worked_on_once() -> None:
    items, work, other = Together([1, 2, 3]), Work(), Work()
    assert [once(items, work), once(items, work), fact(items, other)] == [6, 6, 6]
    assert (work.times, other.times) == (1, 1)
    assert once(Together([1, 2]), work) == 3  # others, though they are equal to some of these


def above(items: Sequence[int], least: int, *, most: int = 9) -> list[int]:
    return [item for item in items if least <= item <= most]


def test_what_else_work_is_given_makes_it_other_work() -> None:
    items = Together([1, 2, 3])
    assert once(items, above, 2) is once(items, above, 2)
    assert once(items, above, 2) == [2, 3]
    assert once(items, above, 3) == fact(items, above, 1, most=9)[2:] == [3]
    assert fact(items, above, 1, most=1) == [1]


def test_a_mere_list_is_worked_on_each_time() -> None:
    items, work = [1, 2], Work()
    assert once(items, work) == 3
    items.append(3)
    assert [once(items, work), fact(items, work)] == [6, 6]


def test_only_facts_outlive_the_moment_at_which_they_were_told() -> None:
    before, work, found = Together([1, 2]), Work(), Work()
    once(before, work), fact(before, found)
    later = Together([1, 2], told_before=before)
    once(later, work), fact(later, found)
    assert (work.times, found.times) == (2, 1)


def test_many_who_ask_at_once_wait_for_the_first() -> None:
    items, work, start = Together(range(1_000)), Work(), Barrier(8)

    def ask() -> int:
        start.wait()
        return once(items, work)

    with ThreadPoolExecutor(8) as pool:
        assert {asked.result() for asked in [pool.submit(ask) for _ in range(8)]} == {499_500}
    assert work.times == 1
