"""Orders as people look for them: long texts among them as one each, found, counted and summed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import event, insert

from lib.models import (
    ErrorKind,
    Job,
    JobKind,
    JobState,
    LongText,
    Money,
    TextState,
    Voice,
    VoiceKind,
)
from lib.registry import Registry, schema
from lib.registry.orders import OrderRow, Standing, Totals, WantedOrders
from lib.registry.schema import columns_of
from lib.services import DEMO, NANOGPT
from tests.parts.clock import START
from tests.registry.records import a_job, a_long_text, a_voice, fresh_id

MINUTE = timedelta(minutes=1)
NOW = START + timedelta(days=1)
TIMES = {NANOGPT: NOW, DEMO: NOW + timedelta(days=30)}


def put(registry: Registry, *orders: Job | LongText, voice: Voice | None = None) -> None:
    if voice:
        registry.voices.add(voice)
    with registry.database.write() as connection:
        for order in orders:
            home = schema.jobs if isinstance(order, Job) else schema.long_texts
            connection.execute(insert(home).values(columns_of(order)))


def job(name: str, state: JobState = JobState.DONE, **fields: Any) -> Job:
    return a_job("voice-1", id=name, state=state, **fields)


def speech(name: str, text: str, **fields: Any) -> Job:
    return job(name, kind=JobKind.SPEECH, request={"text": text}, **fields)


def text(name: str, state: TextState = TextState.WAITING, **fields: Any) -> LongText:
    return a_long_text("voice-1", id=name, state=state, **fields)


def part(of: LongText, number: int, state: JobState = JobState.DONE, **fields: Any) -> Job:
    whole = {"kind": JobKind.SPEECH, "long_text_id": of.id, "part": number}
    return job(f"{of.id}-{number}", state, service=of.service, **whole | fields)


def found(registry: Registry, limit: int = 100, **wanted: Any) -> list[str]:
    asked = WantedOrders(**wanted)
    rows = registry.orders.find(TIMES, asked, limit=limit)
    assert limit < 100 or registry.orders.count(TIMES, asked) == len(rows)
    return [row.id for row in rows]


def test_orders_and_long_texts_come_together_newest_first_without_their_parts(
    registry: Registry,
) -> None:
    whole = text("whole", created_at=START + MINUTE)
    put(registry, job("old"), job("new", created_at=START + 2 * MINUTE), whole, part(whole, 1))
    assert found(registry) == ["new", "whole", "old"]
    assert found(registry, 2) == ["new", "whole"]


def test_a_row_tells_of_its_voice_and_its_money(registry: Registry) -> None:
    voice = a_voice(id="voice-1", name="Änne")
    money = {"charged": Money(90), "refunded": Money(40)}
    order = speech("said", "x" * 900, person="Ada", ticket={"run_id": "run-7"}, **money)
    put(registry, replace(order, request_id="req-1"), voice=voice)
    assert registry.orders.find(TIMES, WantedOrders(), limit=9) == [
        OrderRow(
            id="said",
            kind=JobKind.SPEECH,
            service=NANOGPT,
            voice_id="voice-1",
            voice="Änne",
            person="Ada",
            state=JobState.DONE,
            created_at=START,
            send_before=None,
            submitted_at=None,
            finished_at=None,
            cost=Money(50),
            charged=Money(90),
            refunded=Money(40),
            parts=0,
            text="x" * 300,
            run_id="run-7",
            request_id="req-1",
            uses="",
        )
    ]


def test_a_long_text_costs_what_all_orders_of_its_parts_cost(registry: Registry) -> None:
    whole = text("whole", TextState.DONE, parts=2, text="A story of long ago.")
    spoken = [part(whole, number, charged=Money(10 * number)) for number in (1, 2)]
    put(registry, whole, *spoken, part(whole, 3, JobState.WAITING, estimate=Money(7)))
    (row,) = registry.orders.find(TIMES, WantedOrders(), limit=9)
    assert (row.kind, row.state, row.parts) == (JobKind.SPEECH, JobState.DONE, 2)
    assert (row.cost, row.charged, row.text) == (Money(37), Money(30), "A story of long ago.")


def test_strange_requests_are_told_as_they_are(registry: Registry) -> None:
    """What comes back from a manifest may be anything that JSON can hold."""
    put(
        registry,
        job("odd", request={"text": 7, "summed": {"a": 1}}, ticket={"run_id": 12}),
        job("bare", kind=JobKind.TRANSCRIPT, created_at=START - MINUTE),
    )
    odd, bare = registry.orders.find(TIMES, WantedOrders(), limit=9)
    assert (odd.text, odd.run_id, bare.text, bare.run_id, bare.voice) == ("7", "12", "", "", "")
    assert found(registry, search="12") == ["odd"]


def test_filters_hold_together(registry: Registry) -> None:
    clone = job("clone", person="Ada", created_at=START - MINUTE)
    said = speech("said", "Hello", person="Ada")
    whole = text("whole", person="Ben", created_at=START + MINUTE)
    play = job("play", person="Ben", service=DEMO, created_at=START + 2 * MINUTE)
    put(registry, clone, said, whole, play)
    assert found(registry, kinds=[JobKind.SPEECH]) == ["whole", "said"]
    assert found(registry, kinds=[JobKind.CLONE]) == ["play", "clone"]
    assert found(registry, people=["Ada"]) == ["said", "clone"]
    assert found(registry, kinds=[JobKind.SPEECH], people=["Ben"]) == ["whole"]
    assert found(registry, since=START, before=START + 2 * MINUTE) == ["whole", "said"]
    live = registry.orders.find({NANOGPT: NOW}, WantedOrders(people=["Ben"]), limit=9)
    assert [row.id for row in live] == ["whole"]
    assert registry.orders.find({}, WantedOrders(), limit=9) == []


SEARCHES = {
    "änne": ["said", "clone"],
    "ÄNNE hello": ["said"],
    "a\u0308nne": ["said", "clone"],
    "zoë": ["under_score"],
    "100%": ["said"],
    "%": ["said"],
    "_": ["under_score"],
    "RUN-7": ["clone"],
    "req-5": ["clone"],
    "run-of-a-part": ["whole"],
    "whole": ["whole"],
    "ago": ["whole"],
    "sentence": [],
    "under_score": ["under_score"],
    "nobody's": [],
}


def test_search_finds_voices_texts_and_numbers_as_they_are_written(registry: Registry) -> None:
    put(registry, voice=a_voice(id="voice-1", name="Änne"))
    put(registry, voice=a_voice(id="voice-3", name="Zoe\u0308"))
    clone = job("clone", ticket={"run_id": "run-7"}, request_id="Req-5")
    said = speech("said", "Hello, 100% sure", created_at=START + MINUTE)
    kept = job("kept", kind=JobKind.ACTIVATION, request={"text": "One sentence."})
    whole = text("whole", text="A story of long ago")
    of_whole = part(whole, 1, ticket={"run_id": "run-of-a-part"})
    of_others = [replace(kept, voice_id="voice-2"), replace(job("under_score"), voice_id="voice-3")]
    put(registry, clone, said, replace(whole, voice_id="voice-2"), of_whole, *of_others)
    assert {search: found(registry, search=search) for search in SEARCHES} == SEARCHES


def stands(registry: Registry) -> dict[str, set[str]]:
    return {standing: set(found(registry, standings=[standing])) for standing in Standing}


def test_orders_are_found_by_where_they_stand(registry: Registry) -> None:
    late = {"send_before": NOW - MINUTE}
    put(
        registry,
        job("in line", JobState.CONFIRMED, send_before=NOW + MINUTE),
        job("sending", JobState.SUBMITTING),
        job("working", JobState.WAITING),
        job("not sent", JobState.CONFIRMED, **late),
        job("not sent, of the demo", JobState.CONFIRMED, service=DEMO, send_before=NOW + MINUTE),
        job("use not sent", JobState.CONFIRMED, kind=JobKind.ACTIVATION, **late),
        job("not known", JobState.UNKNOWN),
        job("use not known", JobState.UNKNOWN, kind=JobKind.ACTIVATION),
        job("done"),
        job("failed", JobState.FAILED),
        text("text working"),
        text("text done", TextState.DONE),
        text("text failed", TextState.FAILED, finished_at=NOW),
        text("text deleted", TextState.FAILED, finished_at=NOW, text=""),
        text("text failed long ago", TextState.FAILED, finished_at=NOW - timedelta(days=30)),
    )
    assert stands(registry) == {
        Standing.UNDER_WAY: {"in line", "sending", "working", "text working"},
        Standing.TO_DECIDE: {"not sent", "not sent, of the demo", "not known", "text failed"},
        Standing.UNKNOWN: {"not known", "use not known"},
        Standing.DONE: {"done", "text done"},
        Standing.FAILED: {"failed", "text failed", "text deleted", "text failed long ago"},
    }
    both = [Standing.FAILED, Standing.TO_DECIDE]
    assert found(registry, standings=both) == ["text failed"]


PAID: dict[str, Any] = {
    "request": {"voice_id": "Ann12345"}, "charged": Money(90),
    "finished_at": NOW - MINUTE,
}  # fmt: skip
MAYBE_MADE: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "charged": ({}, {}, True),
    "refunded": ({"refunded": Money(90)}, {}, False),
    "never charged": ({"charged": None}, {}, False),
    "given up by a person": ({"error_kind": ErrorKind.UNKNOWN_OUTCOME}, {}, False),
    "too long ago": ({"finished_at": NOW - timedelta(days=8)}, {}, False),
    "another ID by now": ({}, {"provider_voice_id": "Other"}, False),
    "an ID of somebody else": ({}, {"id_made_here": False}, False),
    "a file": ({}, {"kind": VoiceKind.QWEN}, False),
}


def test_a_failed_clone_that_was_charged_is_to_be_decided_until_its_voice_was_tried(
    registry: Registry,
) -> None:
    known: dict[str, Any] = {"provider_voice_id": "Ann12345", "id_made_here": True}
    for name, (fields, of_voice, _) in MAYBE_MADE.items():
        order = replace(job(name, JobState.FAILED, **PAID | fields), voice_id=name)
        put(registry, order, voice=a_voice(**known | of_voice | {"id": name}))
    to_decide = [Standing.TO_DECIDE]
    expected = [name for name, (_, _, is_to_decide) in MAYBE_MADE.items() if is_to_decide]
    assert found(registry, standings=to_decide) == expected
    tries: dict[str, Any] = {"kind": JobKind.ACTIVATION, "created_at": NOW}
    put(registry, *(replace(job(f"try {n}", **tries), voice_id=n) for n in MAYBE_MADE))
    assert found(registry, standings=to_decide) == []


def test_totals_are_told_by_service_and_add_up_to_what_everything_costs(
    registry: Registry,
) -> None:
    whole = text("whole")
    orders = [
        job("charged", charged=Money(100)),
        job("refunded", JobState.FAILED, charged=Money(100), refunded=Money(40)),
        job("refunded, never known to be charged", JobState.FAILED, refunded=Money(9)),
        job("under way", JobState.WAITING, estimate=Money(7)),
        job("not told", estimate=Money(5)),
        job("failed", JobState.FAILED, estimate=Money(1)),
        job("not known", JobState.UNKNOWN, estimate=Money(30)),
        job("not known, and the balance stood", JobState.UNKNOWN, estimate=Money(31),
            balance_before=Money(5), balance_after=Money(5)),
        part(whole, 1, charged=Money(10)),
        part(whole, 2, JobState.WAITING, estimate=Money(2)),
    ]  # fmt: skip
    late = job("not sent", JobState.CONFIRMED, send_before=NOW, estimate=Money(1000))
    play = job("play", service=DEMO, charged=Money(3))
    put(registry, whole, *orders, late, play)
    live = Totals(10, charged=Money(210), refunded=Money(40), reserved=Money(14), unclear=Money(30))
    assert registry.orders.totals(TIMES, WantedOrders()) == {
        NANOGPT: live,
        DEMO: Totals(1, charged=Money(3)),
    }
    known = live.charged - live.refunded + live.reserved + live.unclear
    assert known == Money.total(order.cost for order in orders)
    rows = registry.orders.find({NANOGPT: NOW}, WantedOrders(), limit=99)
    assert Money.total(row.cost for row in rows) == known
    assert registry.orders.totals(TIMES, WantedOrders(search="whole")) == {
        NANOGPT: Totals(1, charged=Money(10), reserved=Money(2))
    }
    assert registry.orders.totals(TIMES, WantedOrders(search="nothing like it")) == {}


def test_people_and_the_time_of_all_orders_are_known(registry: Registry) -> None:
    assert registry.orders.people(TIMES, 9) == []
    assert registry.orders.span(TIMES) is None
    put(
        registry,
        job("a", person="Cy", created_at=START + MINUTE),
        job("b", person="Ada"),
        job("c", person="Ada"),
        job("d", person=""),
        text("e", person="Ben", created_at=START - MINUTE),
        text("f", person="Dee", service="another"),
    )
    assert registry.orders.people(TIMES, 9) == ["Ada", "Ben", "Cy"]
    assert registry.orders.people(TIMES, 2) == ["Ada", "Ben"]
    assert registry.orders.span(TIMES) == (START - MINUTE, START + MINUTE)


def many(registry: Registry, number: int) -> None:
    """So many orders, every hundredth a long text in two parts."""
    jobs, texts = [], []
    for count in range(number):
        at: datetime = START + count * MINUTE
        jobs.append(columns_of(speech(fresh_id("many"), "Hello", created_at=at, person="Ada")))
        if count % 100 == 0:
            whole = text(fresh_id("whole"), created_at=at)
            texts.append(columns_of(whole))
            jobs += [columns_of(part(whole, n, created_at=at)) for n in (1, 2)]
    with registry.database.write() as connection:
        connection.execute(insert(schema.jobs), jobs)
        connection.execute(insert(schema.long_texts), texts)


def test_any_number_of_orders_is_read_in_portions_and_all_of_them_come(registry: Registry) -> None:
    many(registry, 2_500)
    rows = list(registry.orders.each(TIMES, WantedOrders(), limit=10_000))
    assert len({row.id for row in rows}) == len(rows) == 2_525
    assert all(one.created_at >= two.created_at for one, two in pairwise(rows))
    assert all(row.cost == Money.usd(2) for row in rows if row.parts)
    assert len(list(registry.orders.each(TIMES, WantedOrders(), limit=1_500))) == 1_500


def test_a_page_of_orders_is_two_queries_however_many_there_are(registry: Registry) -> None:
    many(registry, 300)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(registry.database.engine, "before_cursor_execute", note)
    assert len(registry.orders.find(TIMES, WantedOrders(), limit=250)) == 250
    event.remove(registry.database.engine, "before_cursor_execute", note)
    assert len([one for one in statements if "SELECT" in one]) == 2
