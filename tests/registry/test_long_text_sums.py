"""How the parts of long texts stand and what they cost: one query for any number of texts."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from sqlalchemy import event

from lib.models import Job, JobKind, JobState, Money
from lib.registry import Registry
from lib.registry.long_texts import PartsSum
from tests.registry.records import a_job, a_long_text

_numbers = count(1)


def a_part(number: int, state: JobState, **fields: Any) -> dict[str, Any]:
    request = {"text": f"Part {number}."}
    return {"request": request, "part": number, "state": state, "estimate": Money(100)} | fields


def put(registry: Registry, *parts: dict[str, Any]) -> tuple[str, list[Job]]:
    """A long text with these orders for its parts."""
    name = f"text-{next(_numbers):04}"
    whole = a_long_text("voice-1", id=name, parts=9)
    made = [
        a_job("voice-1", id=f"{name}-{n:03}", kind=JobKind.SPEECH, long_text_id=name, **part)
        for n, part in enumerate(parts)
    ]
    registry.long_texts.order((whole, made))
    return name, made


def test_parts_that_are_spoken_are_counted_and_what_is_under_way_is_not(
    registry: Registry,
) -> None:
    done = [a_part(n, JobState.DONE, charged=Money(90)) for n in (1, 2)]
    others = (JobState.CONFIRMED, JobState.SUBMITTING, JobState.WAITING, JobState.UNKNOWN)
    name, _ = put(registry, *done, *(a_part(n, state) for n, state in enumerate(others, 3)))
    found = registry.long_texts.sums([name])
    known = PartsSum(2, Money(2 * 90 + 4 * 100), Money(2 * 90), is_final=False)
    assert found == {name: known}


def test_a_part_that_was_spoken_twice_is_one_part_and_costs_twice(registry: Registry) -> None:
    part = a_part(1, JobState.DONE, charged=Money(90))
    name, _ = put(registry, part, part, a_part(2, JobState.FAILED))
    assert registry.long_texts.sums([name])[name] == PartsSum(1, Money(180), Money(180))


def test_a_part_stays_spoken_while_it_is_spoken_anew(registry: Registry) -> None:
    name, _ = put(
        registry, a_part(1, JobState.DONE, charged=Money(90)), a_part(1, JobState.WAITING)
    )
    assert registry.long_texts.sums([name])[name] == PartsSum(
        1, Money(190), Money(90), is_final=False
    )


@pytest.mark.parametrize("state", list(JobState))
@pytest.mark.parametrize(("charged", "refunded"), [(None, None), (90, None), (90, 40), (0, None)])
def test_the_sum_is_that_of_the_orders_by_themselves(
    registry: Registry, state: JobState, charged: int | None, refunded: int | None
) -> None:
    money = {
        "charged": None if charged is None else Money(charged),
        "refunded": None if refunded is None else Money(refunded),
    }
    name, made = put(registry, a_part(1, state, **money), a_part(2, JobState.DONE))
    assert registry.long_texts.sums([name])[name].cost == Money.total(job.cost for job in made)


def test_a_sum_is_final_when_nothing_is_left_to_be_charged(registry: Registry) -> None:
    charged = a_part(1, JobState.DONE, charged=Money(90))
    over, _ = put(registry, charged, a_part(2, JobState.FAILED))
    not_told, _ = put(registry, charged, a_part(2, JobState.DONE))
    sums = registry.long_texts.sums([over, not_told])
    assert (sums[over].is_final, sums[not_told].is_final) == (True, False)


def test_each_text_has_its_own_sum_and_all_of_them_are_one_query(registry: Registry) -> None:
    made = {
        put(registry, *(a_part(part, JobState.DONE) for part in range(1, parts + 1)))[0]: parts
        for parts in range(1, 6)
    }
    put(registry, a_part(1, JobState.DONE))  # nobody asks for this one
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(registry.database.engine, "before_cursor_execute", note)
    sums = registry.long_texts.sums(list(made))
    event.remove(registry.database.engine, "before_cursor_execute", note)
    assert {name: item.spoken for name, item in sums.items()} == made
    assert [item.cost for item in sums.values()] == [Money(100 * made[n]) for n in sums]
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_texts_without_orders_and_no_texts_have_no_sums(registry: Registry) -> None:
    name, _ = put(registry)
    assert registry.long_texts.sums([name, "nobody"]) == {}
    assert registry.long_texts.sums([]) == {}
