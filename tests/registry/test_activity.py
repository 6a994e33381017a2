"""What everybody did: found by who, what, when and which voice, and never slow."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from lib.event_kinds import EventKind
from lib.models import JobKind, JobState, Money, Voice
from lib.registry import Registry, schema
from lib.registry.events import Line, Wanted
from lib.services import DEMO
from tests.registry.records import a_job, a_voice, fresh_id

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def add(
    registry: Registry, person: str, kind: EventKind, *, at: datetime = NOW, voice: str = ""
) -> None:
    registry.events.add(person, f"{kind.name.lower()} by {person}", voice, at, kind=kind)


def a_named_voice(registry: Registry, name: str, service: str = "nanogpt") -> Voice:
    voice = a_voice(name=name, service=service)
    registry.voices.add(voice)
    return voice


def found(registry: Registry, wanted: Wanted = Wanted(), limit: int = 100) -> list[str]:  # noqa: B008
    lines = [deed.line for deed in registry.events.find(wanted, limit=limit)]
    assert registry.events.count(wanted, most=limit) == len(lines)
    return [f"{line.person}: {line.kind}" for line in lines]


def test_what_people_did_is_found_newest_first_without_what_the_app_did_by_itself(
    registry: Registry,
) -> None:
    voice = a_voice()
    job = a_job(voice, person="Ada", created_at=NOW)
    registry.jobs.order(job, voice)
    registry.jobs.reserve(job.id, "me", now=NOW, until=NOW + HOUR)
    registry.jobs.submit(job.id, "me", now=NOW, until=NOW + HOUR, account="a", balance=None)
    registry.jobs.mark_unknown(job.id, now=NOW, why="Nobody knows.", next_at=None)
    registry.jobs.fail(
        job.id, now=NOW + HOUR, error="Given up.", states=(JobState.UNKNOWN,), person="Bea"
    )
    add(registry, "Ada", EventKind.SIGNED_IN, at=NOW - HOUR)
    assert found(registry) == ["Bea: decided", "Ada: ordered", "Ada: signed_in"]
    deeds = registry.events.find(Wanted(), limit=2)
    assert [deed.voice for deed in deeds] == [voice.name, voice.name]


def test_an_order_without_a_voice_is_one_of_its_own_service(registry: Registry) -> None:
    of_demo, of_team = (
        replace(
            a_job(a_voice(), kind=JobKind.TRANSCRIPT, person="Ada", created_at=NOW),
            voice_id="",
            service=service,
        )
        for service in (DEMO, "nanogpt")
    )
    for job in (of_demo, of_team):
        registry.jobs.order(job)
    deeds = registry.events.find(Wanted(), limit=9)
    known = {deed.line.job_id: (deed.service, deed.voice, deed.amount) for deed in deeds}
    assert known == {job.id: (job.service, "", job.estimate) for job in (of_demo, of_team)}
    live = Wanted(without=DEMO)
    assert [deed.line.job_id for deed in registry.events.find(live, limit=9)] == [of_team.id]
    assert registry.events.count(live, most=9) == 1
    unsaved = registry.events.unsaved(9, without=DEMO)
    assert [line.job_id for line in unsaved] == [of_team.id]


def test_refused_sign_ins_are_of_nobody_and_are_found_all_the_same(registry: Registry) -> None:
    add(registry, "", EventKind.REFUSED)
    add(registry, "", EventKind.OTHER)
    assert found(registry) == [": refused"]
    assert registry.events.people(9) == []


def test_filters_hold_together(registry: Registry) -> None:
    ann, bob = a_named_voice(registry, "Änne Karénina"), a_named_voice(registry, "Bob 100%")
    for hours, (person, voice, kind) in enumerate(
        [("Ada", ann, EventKind.CHANGED), ("Bea", ann, EventKind.ADOPTED),
         ("Ada", bob, EventKind.ADOPTED), ("Cy", bob, EventKind.CHANGED)]
    ):  # fmt: skip
        add(registry, person, kind, at=NOW + hours * HOUR, voice=voice.id)
    add(registry, "Ada", EventKind.SIGNED_IN, at=NOW + 9 * HOUR)
    assert found(registry, Wanted(people=["Ada"], kinds=[EventKind.ADOPTED])) == ["Ada: adopted"]
    assert found(registry, Wanted(voice="karénina änne")) == ["Bea: adopted", "Ada: changed"]
    assert found(registry, Wanted(voice="100%")) == ["Cy: changed", "Ada: adopted"]
    assert found(registry, Wanted(voice="%")) == ["Cy: changed", "Ada: adopted"]
    assert found(registry, Wanted(voice="nobody's")) == []
    between = Wanted(since=NOW + HOUR, before=NOW + 3 * HOUR)
    assert found(registry, between) == ["Ada: adopted", "Bea: adopted"]
    assert found(registry, limit=2) == ["Ada: signed_in", "Cy: changed"]
    assert registry.events.people(9) == ["Ada", "Bea", "Cy"]
    assert registry.events.people(2) == ["Ada", "Bea"]


def test_lines_of_one_services_voices_can_be_left_out_and_those_of_no_voice_stay(
    registry: Registry,
) -> None:
    play, real = a_named_voice(registry, "Play", DEMO), a_named_voice(registry, "Real")
    for voice_id in (play.id, real.id, "voice-that-is-gone", ""):
        add(registry, "Ada", EventKind.CHANGED, voice=voice_id)
    deeds = registry.events.find(Wanted(without=DEMO), limit=9)
    assert [(deed.line.voice_id, deed.voice, deed.service) for deed in deeds] == [
        ("", "", ""),
        ("voice-that-is-gone", "", ""),
        (real.id, "Real", "nanogpt"),
    ]
    assert len(found(registry)) == 4


def test_the_amount_of_an_order_is_what_it_costs_as_far_as_is_known(registry: Registry) -> None:
    voice = a_voice()
    whole = a_job(voice, person="Ada", estimate=Money.usd("1.00"))
    registry.jobs.order(whole, voice)
    text_id = fresh_id()
    parts = [
        a_job(voice, estimate=Money.usd("0.20"), long_text_id=text_id, part=number)
        for number in (1, 2)
    ]
    for part in parts:
        registry.jobs.order(part)
    amounts = registry.events.amounts([whole.id, text_id, "nothing-known"])
    assert amounts == {whole.id: Money.usd("1.00"), text_id: Money.usd("0.40")}
    (*_, first) = registry.events.find(Wanted(), limit=9)
    assert (first.line.job_id, first.amount) == (whole.id, Money.usd("1.00"))
    assert registry.events.amounts([]) == {}


def test_a_word_that_only_another_version_knows_reads_as_other(registry: Registry) -> None:
    add(registry, "Ada", EventKind.CHANGED)
    with registry.database.write() as connection:
        connection.exec_driver_sql("UPDATE events SET kind = 'teleported'")
    assert found(registry) == ["Ada: "]


def test_a_line_that_is_here_is_not_added_twice(registry: Registry) -> None:
    line = Line("a" * 32, NOW, "Ada", "signed in", kind=EventKind.SIGNED_IN)
    for _ in range(2):
        registry.events.add_lines([line])
    assert [deed.line for deed in registry.events.find(Wanted(), limit=9)] == [line]
    assert registry.events.unsaved(9, without=DEMO) == [line]


@pytest.mark.long  # what it measures, a busy computer decides
def test_a_hundred_thousand_lines_are_searched_in_a_moment(registry: Registry) -> None:
    """The rarest person, kind and voice among very many lines: an index finds each."""
    many, rare = a_named_voice(registry, "Everyday"), a_named_voice(registry, "Seldom")
    rows = [
        {
            "at": NOW + timedelta(seconds=number),
            "person": "Zoe" if number == 7 else f"Person {number % 40}" if number % 4 == 0 else "",
            "what": "ordered: speech",
            "voice_id": rare.id if number == 8 else many.id,
            "kind": EventKind.ADOPTED if number == 12 else EventKind.ORDERED,
        }
        for number in range(100_000)
    ]
    with registry.database.write() as connection:
        for start in range(0, len(rows), 5_000):
            connection.execute(insert(schema.events), rows[start : start + 5_000])
        connection.exec_driver_sql("ANALYZE")
    for wanted, length in (
        (Wanted(), 101),
        (Wanted(without=DEMO), 101),
        (Wanted(people=["Zoe"]), 1),
        (Wanted(kinds=[EventKind.ADOPTED]), 1),
        (Wanted(voice="seldom"), 1),
        (Wanted(since=NOW, before=NOW + timedelta(seconds=9)), 4),
    ):
        began = time.monotonic()
        assert len(registry.events.find(wanted, limit=101)) == length
        assert time.monotonic() - began < 0.3
    began = time.monotonic()
    assert len(registry.events.people(100)) == 11
    assert registry.events.count(Wanted(), most=10_001) == 10_001
    assert time.monotonic() - began < 0.3
