"""Which jobs are due, when the next one is, and what was spent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from lib.models import Job, JobKind, JobState, Money, Purpose
from lib.registry import Budget, Registry
from lib.services import DEMO, NANOGPT
from tests.parts.clock import START
from tests.registry.records import a_job

MINUTE = timedelta(minutes=1)
NOW = START + 10 * MINUTE
PAST, FUTURE = NOW - MINUTE, NOW + MINUTE
LIVE = [NANOGPT]


def put(registry: Registry, jobs: Iterable[Job]) -> None:
    for job in jobs:
        registry.jobs.order(job)


def job(state: JobState, **fields: Any) -> Job:
    return a_job("voice-1", state=state, **fields)


DUE: dict[str, tuple[Job, bool, datetime | None]] = {
    "confirmed": (job(JobState.CONFIRMED), True, START),
    "confirmed, pausing": (job(JobState.CONFIRMED, next_check_at=FUTURE), False, FUTURE),
    "confirmed, pause over": (job(JobState.CONFIRMED, next_check_at=NOW), True, NOW),
    "confirmed, still in time": (job(JobState.CONFIRMED, send_before=FUTURE), True, START),
    "confirmed, too old": (job(JobState.CONFIRMED, send_before=NOW), False, None),
    "confirmed, too old, pause over": (
        job(JobState.CONFIRMED, send_before=PAST, next_check_at=START), False, None,
    ),
    "confirmed, from a manifest": (job(JobState.CONFIRMED, send_before=START), False, None),
    "being sent": (job(JobState.SUBMITTING, lease_until=FUTURE), False, FUTURE),
    "being sent for too long": (job(JobState.SUBMITTING, lease_until=NOW), True, NOW),
    "waiting": (job(JobState.WAITING, next_check_at=FUTURE), False, FUTURE),
    "waiting, time to look": (job(JobState.WAITING, next_check_at=NOW), True, NOW),
    "waiting, being looked at": (
        job(JobState.WAITING, next_check_at=PAST, lease_until=FUTURE), False, PAST,
    ),
    "waiting, looked at for too long": (
        job(JobState.WAITING, next_check_at=PAST, lease_until=PAST), True, PAST,
    ),
    "unknown": (job(JobState.UNKNOWN), False, None),
    "unknown, to be looked at later": (job(JobState.UNKNOWN, next_check_at=FUTURE), False, FUTURE),
    "unknown, to be looked at": (job(JobState.UNKNOWN, next_check_at=PAST), True, PAST),
    "done": (job(JobState.DONE), False, None),
    "done, to be looked at later": (job(JobState.DONE, next_check_at=FUTURE), False, FUTURE),
    "done, to be looked at": (job(JobState.DONE, next_check_at=PAST), True, PAST),
    "failed": (job(JobState.FAILED), False, None),
    "failed, to be looked at later": (job(JobState.FAILED, next_check_at=FUTURE), False, FUTURE),
    "failed, to be looked at": (job(JobState.FAILED, next_check_at=PAST), True, PAST),
}  # fmt: skip


@pytest.mark.parametrize("case", DUE)
def test_a_job_is_due_by_the_table(registry: Registry, case: str) -> None:
    one, due, next_due = DUE[case]
    put(registry, [one])
    assert registry.jobs.due(LIVE, NOW, 9) == ([one] if due else [])
    assert registry.jobs.next_due(LIVE, NOW) == next_due


def test_the_next_due_time_is_the_soonest(registry: Registry) -> None:
    assert registry.jobs.next_due(LIVE) is None
    put(registry, [job(JobState.WAITING, next_check_at=FUTURE + n * MINUTE) for n in (2, 0, 1)])
    found = registry.jobs.next_due(LIVE)
    assert found == FUTURE
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_an_order_from_a_manifest_never_makes_the_keeper_hurry(registry: Registry) -> None:
    put(registry, [job(JobState.CONFIRMED, send_before=START)])
    assert registry.jobs.next_due(LIVE) is None


def test_only_jobs_of_the_named_services_are_due(registry: Registry) -> None:
    ours, demo = job(JobState.CONFIRMED), job(JobState.CONFIRMED, service=DEMO)
    put(registry, [ours, demo])
    assert registry.jobs.due(LIVE, NOW, 9) == [ours]
    assert registry.jobs.due([DEMO], NOW, 9) == [demo]
    assert registry.jobs.due([], NOW, 9) == []
    assert registry.jobs.next_due([]) is None


def test_what_waits_to_be_sent_comes_first_then_the_longest_due(registry: Registry) -> None:
    second = job(JobState.WAITING, next_check_at=PAST)
    third = job(JobState.WAITING, next_check_at=NOW)
    first = job(JobState.CONFIRMED)
    put(registry, [third, second, first])
    assert registry.jobs.due(LIVE, NOW, 9) == [first, second, third]
    assert registry.jobs.due(LIVE, NOW, 2) == [first, second]


def test_jobs_are_found_by_voice_kind_service_and_time(registry: Registry) -> None:
    old = job(JobState.DONE, created_at=START)
    new = job(JobState.DONE, created_at=NOW, kind=JobKind.SPEECH)
    demo = job(JobState.DONE, created_at=FUTURE, service=DEMO)
    put(registry, [old, new, demo])
    assert registry.jobs.latest(services=LIVE) == [new, old]
    assert registry.jobs.latest(services=[NANOGPT, DEMO], limit=1) == [demo]
    assert registry.jobs.of_voice("voice-1", JobKind.SPEECH) == [new]
    assert registry.jobs.of_voice("voice-2", JobKind.SPEECH) == []
    assert registry.jobs.since(JobKind.CLONE, NANOGPT, START) == [old]
    assert registry.jobs.since(JobKind.CLONE, NANOGPT, START + MINUTE) == []
    assert registry.jobs.get("job-none") is None


def test_jobs_are_counted_by_state(registry: Registry) -> None:
    put(registry, [job(JobState.DONE), job(JobState.DONE), job(JobState.FAILED),
                   job(JobState.DONE, service=DEMO)])  # fmt: skip
    assert registry.jobs.counts(LIVE) == {"done": 2, "failed": 1}
    assert registry.jobs.counts([]) == {}


def total(registry: Registry, moment: datetime = START, *, keeping: bool = False) -> Money:
    order = frozenset({Purpose.ORDER})
    purposes = frozenset(Purpose) - order if keeping else order
    budget = Budget(purposes=purposes, since=moment, without_services=frozenset({DEMO}))
    return registry.budgets.used(budget, NOW).total


def lost(before: Money, after: Money) -> Job:
    return job(JobState.UNKNOWN, estimate=Money(70), balance_before=before, balance_after=after)


SPENT = {
    "nothing": ([], 0),
    "on its way": ([job(JobState.WAITING, estimate=Money(70))], 70),
    "ordered": ([job(JobState.CONFIRMED, estimate=Money(70))], 70),
    "unknown": ([job(JobState.UNKNOWN, estimate=Money(70))], 70),
    "unknown, and the balance fell": ([lost(Money(90), Money(20))], 70),
    "unknown, and the balance stood": ([lost(Money(90), Money(90))], 0),
    "charged": ([job(JobState.DONE, estimate=Money(70), charged=Money(50))], 50),
    "charged nothing": ([job(JobState.DONE, estimate=Money(70), charged=Money(0))], 0),
    "refunded": ([job(JobState.DONE, charged=Money(50), refunded=Money(20))], 30),
    "failed": ([job(JobState.FAILED)], 0),
    "failed, charged": ([job(JobState.FAILED, charged=Money(50))], 50),
    "failed, charged, refunded": (
        [job(JobState.FAILED, charged=Money(50), refunded=Money(50))], 0,
    ),
    "failed, refunded, never known to be charged": (
        [job(JobState.FAILED, refunded=Money(50)), job(JobState.DONE, charged=Money(7))], 7,
    ),
    "play money": ([job(JobState.DONE, charged=Money(50), service=DEMO)], 0),
    "keeping": ([job(JobState.DONE, charged=Money(50), kind=JobKind.ACTIVATION)], 0),
    "earlier": ([job(JobState.DONE, charged=Money(50), created_at=START - MINUTE)], 0),
    "more than 32 bits": ([job(JobState.DONE, charged=Money(10**12))], 10**12),
}  # fmt: skip


@pytest.mark.parametrize("case", SPENT)
def test_money_is_summed_by_the_table(registry: Registry, case: str) -> None:
    jobs, micros = SPENT[case]
    put(registry, jobs)
    assert total(registry) == Money(micros)


def test_keeping_is_summed_apart(registry: Registry) -> None:
    keeping = job(JobState.DONE, charged=Money(50), kind=JobKind.ACTIVATION)
    put(registry, [keeping, job(JobState.DONE, charged=Money(7))])
    assert total(registry, keeping=True) == Money(50)
    assert total(registry, keeping=False) == Money(7)


def test_the_database_and_the_records_agree_on_what_was_spent(registry: Registry) -> None:
    amounts = (None, Money(3), Money(50))
    jobs = [
        job(state, estimate=Money(11), charged=charged, refunded=refunded)
        for state, charged, refunded in product(JobState, amounts, amounts)
    ]
    put(registry, jobs)
    assert total(registry) == Money.total(job.cost for job in jobs)


def test_without_exceptions_every_service_counts(registry: Registry) -> None:
    put(registry, [job(JobState.DONE, charged=Money(50), service=DEMO)])
    spent = registry.budgets.used(Budget(since=START), NOW).total
    assert spent == Money(50)
