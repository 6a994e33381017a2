"""What fits into a month's budget: summed where the order is made, renewed and sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from lib.models import Job, JobKind, JobState, Money, Purpose
from lib.registry import UNLIMITED, Budget, OverBudget, Registry, Used
from lib.services import DEMO
from tests.registry.records import a_job, a_long_text, a_voice, everything

MONTH = datetime(2026, 12, 1, tzinfo=UTC)
NOW = MONTH + timedelta(days=3)
BEFORE = MONTH - timedelta(minutes=5)
SOON = NOW + timedelta(minutes=15)
ORDERS = frozenset({Purpose.ORDER})
CEILED = frozenset({Purpose.REFRESH, Purpose.TEST_CALL})


def budget(micros: int, purposes: frozenset[Purpose] = ORDERS) -> Budget:
    return Budget(Money(micros), purposes, MONTH, frozenset({DEMO}))


def speech(price: int, **fields: Any) -> Job:
    plain: dict[str, Any] = {"kind": JobKind.SPEECH, "created_at": NOW, "send_before": SOON}
    return a_job("voice-1", estimate=Money(price), **(plain | fields))


def use(price: int, purpose: str, **fields: Any) -> Job:
    request = {"purpose": purpose}
    return speech(price, kind=JobKind.ACTIVATION, request=request, **fields)


def refused(registry: Registry, order: Callable[[], object]) -> OverBudget:
    """Nothing at all changes where it does not fit."""
    before = everything(registry)
    with pytest.raises(OverBudget) as caught:
        order()
    assert everything(registry) == before
    return caught.value


def submit(registry: Registry, job: Job, limit: Budget, now: datetime = NOW) -> bool:
    until = now + timedelta(minutes=1)
    return registry.jobs.submit(
        job.id, "me", now=now, until=until, account="a", balance=None, budget=limit
    )


def test_an_order_fits_to_the_last_cent_and_not_beyond(registry: Registry) -> None:
    registry.jobs.order(speech(60), budget=budget(100))
    registry.jobs.order(speech(40), budget=budget(100))
    why = refused(registry, lambda: registry.jobs.order(speech(1), budget=budget(100)))
    assert (why.price, why.left) == (Money(1), Money())
    registry.jobs.order(speech(0), budget=budget(100))  # what is free always fits
    registry.jobs.order(speech(1_000), budget=UNLIMITED)


def test_a_new_voice_is_not_there_either_where_its_clone_does_not_fit(registry: Registry) -> None:
    voice = a_voice()
    clone = a_job(voice, estimate=Money(50), created_at=NOW)
    refused(registry, lambda: registry.jobs.order(clone, voice, budget=budget(49)))


def test_texts_are_ordered_together_or_not_at_all(registry: Registry) -> None:
    text = a_long_text("voice-1", parts=3)
    parts = [speech(30, id=f"{text.id}-{n}", long_text_id=text.id, part=n) for n in (1, 2, 3)]
    one = speech(10)
    orders = registry.long_texts.order
    why = refused(registry, lambda: orders((text, parts), (one, []), budget=budget(99)))
    assert why.price == Money(100)
    assert orders((text, parts), (one, []), budget=budget(100)) == [text, one]


def test_what_is_ordered_already_is_neither_ordered_nor_counted_again(registry: Registry) -> None:
    first, twin = speech(60, order_key="same"), speech(60, order_key="same")
    registry.long_texts.order((first, []), budget=budget(100))
    other = speech(40)
    found = registry.long_texts.order((twin, []), (other, []), budget=budget(100))
    assert found == [first, other]


def test_play_money_counts_nowhere(registry: Registry) -> None:
    registry.jobs.order(speech(500, service=DEMO), budget=budget(100))
    registry.jobs.order(speech(100), budget=budget(100))
    registry.jobs.order(speech(500, service=DEMO), budget=budget(100))


def test_the_clock_of_the_demo_may_be_ahead_and_hides_nothing_that_is_ordered_with_it(
    registry: Registry,
) -> None:
    ahead = NOW + timedelta(days=40)
    play = speech(500, service=DEMO, created_at=ahead, send_before=ahead + timedelta(minutes=15))
    orders = registry.long_texts.order
    refused(registry, lambda: orders((play, []), (speech(101), []), budget=budget(100)))
    assert orders((play, []), (speech(100), []), budget=budget(100))


def test_a_budget_counts_only_what_it_is_for(registry: Registry) -> None:
    ceiling = budget(100, CEILED)
    purposes = ("keeping", "refresh", "test_call", "refresh", "test_call")
    uses = [use(50, purpose, voice_id=f"voice-{n}") for n, purpose in enumerate(purposes)]
    for job in uses[:3]:
        registry.jobs.order(job, budget=ceiling)
    for job in uses[3:]:
        refused(registry, partial(registry.jobs.order, job, budget=ceiling))
    registry.jobs.order(speech(100), budget=budget(100))


def test_what_each_person_may_order_is_summed_for_them_alone(registry: Registry) -> None:
    each = Budget(None, ORDERS, MONTH, frozenset({DEMO}), Money(100), frozenset({"Keeper"}))
    registry.jobs.order(speech(60, person="Ann"), budget=each)
    charged = speech(30, person="Ann", state=JobState.DONE, submitted_at=NOW, charged=Money(25))
    registry.jobs.order(charged, budget=each)
    for order in (speech(100, person="Ben"), speech(900, person="Keeper")):
        registry.jobs.order(order, budget=each)
    registry.jobs.order(speech(900, person="Ann", service=DEMO), budget=each)
    why = refused(registry, lambda: registry.jobs.order(speech(16, person="Ann"), budget=each))
    assert (why.person, why.used, why.left) == ("Ann", Used(Money(25), Money(60)), Money(15))
    with pytest.raises(OverBudget):
        registry.budgets.ask(each, Money(16), NOW, person="Ann")
    registry.budgets.ask(each, Money(75), NOW, person="Ann", sent=True)  # nothing else is sent
    registry.jobs.order(speech(15, person="Ann"), budget=each)


def test_of_orders_made_together_each_person_pays_their_own(registry: Registry) -> None:
    each = Budget(None, ORDERS, MONTH, each=Money(100))
    orders = registry.long_texts.order
    two = [(speech(90, person=name), []) for name in ("Ann", "Ben")]
    orders(*two, budget=each)
    more = [(speech(10, person="Ann"), []), (speech(11, person="Ben"), [])]
    assert refused(registry, lambda: orders(*more, budget=each)).person == "Ben"


def test_an_order_that_waits_to_be_sent_counts_in_the_month_that_it_is_sent_in(
    registry: Registry,
) -> None:
    waits = speech(60, created_at=BEFORE, send_before=SOON)
    registry.jobs.order(waits)
    refused(registry, lambda: registry.jobs.order(speech(41), budget=budget(100)))
    assert submit(registry, waits, budget(100))
    refused(registry, lambda: registry.jobs.order(speech(41), budget=budget(100)))


def test_an_order_that_was_sent_before_the_month_began_does_not_count(registry: Registry) -> None:
    sent = speech(60, created_at=BEFORE)
    registry.jobs.order(sent)
    assert submit(registry, sent, UNLIMITED, BEFORE)
    registry.jobs.order(speech(100), budget=budget(100))


def test_an_order_too_old_to_be_sent_gives_its_money_back_and_asks_for_it_again(
    registry: Registry,
) -> None:
    old = speech(60, send_before=NOW)
    registry.jobs.order(old, budget=budget(100))
    registry.jobs.order(speech(100), budget=budget(100))

    def renew(limit: int) -> bool:
        return registry.jobs.renew(
            old.id, person="Ann", now=NOW, send_before=SOON, budget=budget(limit)
        )

    assert refused(registry, lambda: renew(159)).left == Money(59)
    assert renew(160)


def test_another_in_place_of_an_unknown_one_needs_money_for_both(registry: Registry) -> None:
    unknown = speech(60, state=JobState.UNKNOWN, submitted_at=NOW)
    registry.jobs.order(unknown)

    def instead(limit: int) -> bool:
        return registry.jobs.order_instead(
            unknown, speech(60), voice_changes={}, why="Again.", budget=budget(limit)
        )

    refused(registry, lambda: instead(119))
    assert instead(120)


def test_a_budget_that_was_lowered_stops_what_does_not_fit_and_lets_the_rest_go(
    registry: Registry,
) -> None:
    jobs = [speech(40) for _ in range(3)]
    for job in jobs:
        registry.jobs.order(job, budget=budget(120))
    assert submit(registry, jobs[0], budget(80))
    assert submit(registry, jobs[1], budget(80))
    assert refused(registry, lambda: submit(registry, jobs[2], budget(80))).left == Money()
    assert not submit(registry, jobs[0], budget(80))  # sent already: no matter of money


def test_one_that_turned_out_dearer_leaves_less_for_those_that_wait(registry: Registry) -> None:
    dear, waits = speech(40), speech(40)
    for job in (dear, waits):
        registry.jobs.order(job, budget=budget(80))
    assert submit(registry, dear, budget(80))
    registry.jobs.note(dear.id, now=NOW, what="charged", charged=Money(41))
    assert refused(registry, lambda: submit(registry, waits, budget(80))).left == Money(39)


def test_what_is_free_is_sent_whatever_was_spent(registry: Registry) -> None:
    registry.jobs.order(speech(80, state=JobState.WAITING, submitted_at=NOW))
    free = speech(0)
    registry.jobs.order(free, budget=budget(50))
    registry.budgets.ask(budget(50), free.estimate, NOW, person="Ann")
    assert submit(registry, free, budget(50))


def test_what_was_refunded_can_be_spent_again(registry: Registry) -> None:
    failed = speech(80, state=JobState.FAILED, submitted_at=NOW, charged=Money(80))
    registry.jobs.order(failed)
    refused(registry, lambda: registry.jobs.order(speech(80), budget=budget(80)))
    registry.jobs.note(failed.id, now=NOW, what="refunded", refunded=Money(80))
    registry.jobs.order(speech(80), budget=budget(80))


@pytest.mark.parametrize("purpose", Purpose)
def test_jobs_and_sums_agree_on_what_an_order_is_for(registry: Registry, purpose: Purpose) -> None:
    jobs = [speech(1), use(10, "keeping"), use(100, "refresh"), use(1_000, "test_call")]
    jobs += [use(10_000, "order"), use(100_000, "nonsense")]
    for number, job in enumerate(jobs):
        registry.jobs.order(replace(job, voice_id=f"voice-{number}"))
    spent = registry.budgets.used(Budget(purposes=frozenset({purpose}), since=MONTH), NOW).total
    assert spent == Money.total(job.estimate for job in jobs if job.purpose is purpose)
