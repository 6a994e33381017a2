"""Sums of money: by month, person, voice, service and kind, all of them the same money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from lib.models import Job, JobKind, JobState, Money
from lib.registry import Budget, Registry, schema
from lib.registry.schema import columns_of
from lib.registry.spending import Amounts, By, Spent, WantedSpending
from lib.services import DEMO, KYMA, NANOGPT
from tests.registry.records import a_job, a_voice

NOVEMBER, DECEMBER = (datetime(2026, month, 1, tzinfo=UTC) for month in (11, 12))
NOW = DECEMBER + timedelta(days=3)
HOUR = timedelta(hours=1)
TIMES = {NANOGPT: NOW, KYMA: NOW}


def put(registry: Registry, *orders: Job) -> None:
    with registry.database.write() as connection:
        connection.execute(insert(schema.jobs), [columns_of(order) for order in orders])


def job(price: int = 0, **fields: Any) -> Job:
    plain: dict[str, Any] = {
        "kind": JobKind.SPEECH,
        "state": JobState.DONE,
        "created_at": NOW - HOUR,
        "estimate": Money(price),
        "charged": None,
    }
    return a_job(fields.pop("voice_id", "voice-1"), **(plain | fields))


def charged(price: int, **fields: Any) -> Job:
    return job(price, charged=Money(price), **fields)


def by(found: Sequence[Spent], *dimensions: By) -> dict[Any, Money]:
    """What each of them comes to, by its key."""
    keys = ([row.by[each] for each in dimensions] for row in found)
    return {
        tuple(key) if len(key) > 1 else key[0]: row.amounts.total
        for key, row in zip(keys, found, strict=True)
    }


def whole(found: Sequence[Spent]) -> Amounts:
    return reduce(Amounts.__add__, (row.amounts for row in found), Amounts())


def test_what_is_charged_refunded_reserved_and_not_known_is_told_apart(registry: Registry) -> None:
    put(
        registry,
        charged(100),
        job(90, state=JobState.FAILED, charged=Money(80), refunded=Money(30)),
        job(9, state=JobState.FAILED, refunded=Money(9)),
        job(7, state=JobState.WAITING),
        job(6, state=JobState.CONFIRMED, send_before=NOW + HOUR),
        job(1_000, state=JobState.CONFIRMED, send_before=NOW),
        job(20, state=JobState.UNKNOWN),
        job(2_000, state=JobState.UNKNOWN, balance_before=Money(5), balance_after=Money(5)),
        charged(5_000, service=DEMO),
    )
    (found,) = registry.spending.sums(TIMES, WantedSpending())
    assert found.amounts == Amounts(Money(180), Money(30), Money(13), Money(20))
    assert (found.amounts.spent, found.amounts.total) == (Money(150), Money(183))


def test_an_order_counts_in_the_month_that_it_was_sent_in(registry: Registry) -> None:
    put(
        registry,
        charged(1, created_at=NOVEMBER, submitted_at=DECEMBER - HOUR),
        charged(20, created_at=DECEMBER - HOUR, submitted_at=DECEMBER),
        charged(300, created_at=DECEMBER - HOUR),
        job(4_000, state=JobState.CONFIRMED, created_at=DECEMBER - HOUR, send_before=NOW + HOUR),
    )
    found = registry.spending.sums(TIMES, WantedSpending(), By.MONTH)
    assert by(found, By.MONTH) == {"2026-12": Money(4_020), "2026-11": Money(301)}
    since, before = WantedSpending(since=DECEMBER), WantedSpending(before=DECEMBER)
    assert whole(registry.spending.sums(TIMES, since)).total == Money(4_020)
    assert whole(registry.spending.sums(TIMES, before)).total == Money(301)


def test_a_month_ends_at_midnight_utc_whatever_the_zone_of_the_database(
    registry: Registry,
) -> None:
    last = DECEMBER - timedelta(seconds=1)
    put(registry, charged(1, submitted_at=last), charged(2, submitted_at=DECEMBER))
    found = registry.spending.sums(TIMES, WantedSpending(), By.MONTH)
    assert by(found, By.MONTH) == {"2026-12": Money(2), "2026-11": Money(1)}


def test_sums_by_person_voice_service_and_kind(registry: Registry) -> None:
    registry.voices.add(a_voice(id="voice-1", name="Änne"))
    use = {"kind": JobKind.ACTIVATION}
    put(
        registry,
        charged(1, person="Ann"),
        charged(20, person="Ben", service=KYMA, voice_id="voice-2"),
        charged(300, person="Ann", kind=JobKind.TRANSCRIPT, voice_id=""),
        charged(4_000, **use, request={"purpose": "keeping"}, voice_id="voice-3"),
        charged(50_000, **use, request={"purpose": "refresh"}, voice_id="voice-3"),
        charged(600_000, **use, request={"purpose": "test_call"}, voice_id="voice-3"),
        job(0, state=JobState.FAILED, person="Cy"),
    )
    sums, everything = registry.spending.sums, WantedSpending()
    assert by(sums(TIMES, everything, By.PERSON), By.PERSON) == {
        "": Money(654_000),
        "Ann": Money(301),
        "Ben": Money(20),
    }
    assert by(sums(TIMES, everything, By.SERVICE), By.SERVICE) == {
        KYMA: Money(20),
        NANOGPT: Money(654_301),
    }
    assert by(sums(TIMES, everything, By.KIND), By.KIND) == {
        "activation": Money(4_000),
        "refresh": Money(50_000),
        "speech": Money(21),
        "test_call": Money(600_000),
        "transcript": Money(300),
    }
    voices = sums(TIMES, everything, By.VOICE)
    assert [(row.by[By.VOICE], row.voice) for row in voices] == [
        ("", ""),
        ("voice-1", "Änne"),
        ("voice-2", ""),
        ("voice-3", ""),
    ]
    assert whole(sums(TIMES, WantedSpending(person="Ann"))).total == Money(301)
    assert len(sums(TIMES, everything, By.VOICE, By.KIND, limit=2)) == 2
    assert sums({}, everything, By.MONTH) == []


orders = st.builds(
    lambda kind, state, service, person, voice, price, given_back, hours: job(
        price,
        kind=kind,
        state=state,
        service=service,
        person=person,
        voice_id=voice if kind is JobKind.ACTIVATION else f"{voice}-",
        request={"purpose": "refresh"} if price % 2 else {},
        charged=None if given_back is None or state is JobState.CONFIRMED else Money(price),
        refunded=None if given_back is None else Money(min(given_back, price)),
        created_at=NOW - timedelta(hours=hours),
        submitted_at=None if state is JobState.CONFIRMED else NOW - timedelta(hours=hours // 2),
        send_before=NOW + timedelta(hours=hours % 3 - 1),
    ),
    st.sampled_from([JobKind.CLONE, JobKind.SPEECH]),
    st.sampled_from(JobState),
    st.sampled_from([NANOGPT, KYMA]),
    st.sampled_from(["Ann", "Ben", ""]),
    st.sampled_from(["voice-1", "voice-2", ""]),
    st.integers(0, 1_000),
    st.none() | st.integers(0, 1_000),
    st.integers(0, 400),
)


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(made=st.lists(orders, min_size=5, max_size=15))
def test_however_money_is_summed_it_is_the_same_money(registry: Registry, made: list[Job]) -> None:
    with registry.database.write() as connection:
        connection.execute(delete(schema.jobs))
        if made:
            connection.execute(insert(schema.jobs), [columns_of(order) for order in made])
    sums = registry.spending.sums
    total = whole(sums(TIMES, WantedSpending()))
    assert total.total == Money.total(order.cost for order in made if not order.is_expired(NOW))
    for number in range(1, len(By) + 1):
        for dimensions in combinations(By, number):
            assert whole(sums(TIMES, WantedSpending(), *dimensions)) == total
    for month in ("2026-11", "2026-12"):
        since = NOVEMBER if month == "2026-11" else DECEMBER
        before = DECEMBER if month == "2026-11" else None
        wanted = WantedSpending(since=since, before=before)
        rows = sums(TIMES, WantedSpending(), By.MONTH)
        of_month = [row for row in rows if row.by[By.MONTH] == month]
        assert whole(sums(TIMES, wanted)) == whole(of_month)
    used = registry.budgets.used(Budget(since=DECEMBER), NOW)
    assert whole(sums(TIMES, WantedSpending(since=DECEMBER))).total == used.total
