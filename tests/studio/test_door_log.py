"""Who came in and who was refused is in the record, and a crowd at the door fills nothing."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from lib import keeper
from lib.event_kinds import EventKind
from lib.registry import DatabaseUnavailable
from lib.registry.events import Line, Wanted
from lib.roles import Person, TeamRole
from lib.studio.core import door_log
from lib.studio.core.context import Context
from lib.studio.core.door_log import GATHERED_FOR, MOST_NAMES, MOST_WAITING, ONE_LINE_IN
from lib.studio.core.reasons import Refusal
from tests.studio.story import DAY, MINUTE, SECOND, Story

ADA = Person("Ada", TeamRole.MEMBER)
BEA = Person("Bea", TeamRole.ADMIN, "bea@example.org")


@pytest.fixture(autouse=True)
def empty_book(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process."""
    monkeypatch.setattr(door_log, "book", door_log.Book())


@pytest.fixture
def context(story: Story) -> Context:
    """The team's app."""
    return story.context()


def lines(context: Context) -> list[Line]:
    """The whole record, newest first."""
    return [deed.line for deed in context.registry.events.find(Wanted(), limit=1_000)]


def said(context: Context) -> list[str]:
    return [f"{line.person} {line.what}".strip() for line in lines(context)]


def test_people_who_come_and_go_are_in_the_record_with_their_names(
    story: Story, context: Context
) -> None:
    for note in (door_log.note_sign_in, door_log.note_elevation, door_log.note_sign_out):
        note(BEA, story.clock.now())
        story.clock.advance(SECOND)
    assert lines(context) == []  # a door waits for no library
    assert door_log.write_down(context) == 3
    assert door_log.write_down(context) == 0
    assert [(line.person, line.kind) for line in lines(context)] == [
        ("Bea (bea@example.org)", EventKind.SIGNED_OUT),
        ("Bea (bea@example.org)", EventKind.ELEVATED),
        ("Bea (bea@example.org)", EventKind.SIGNED_IN),
    ]


def test_one_sign_in_that_many_sessions_show_is_noted_once_also_by_another_process(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        door_log.note_sign_in(ADA, story.clock.now(), sign_in_id="https://id.example ada 1")
        door_log.write_down(context)
        story.clock.advance(MINUTE)
    monkeypatch.setattr(door_log, "book", door_log.Book())
    door_log.note_sign_in(ADA, story.clock.now(), sign_in_id="https://id.example ada 1")
    door_log.note_sign_in(ADA, story.clock.now(), sign_in_id="https://id.example ada 2")
    door_log.write_down(context)
    first, second = lines(context)
    assert first.at - second.at == 3 * MINUTE
    assert "id.example" not in f"{first}{second}"


def test_a_flood_of_wrong_passphrases_is_one_line(story: Story, context: Context) -> None:
    for _ in range(5_000):
        door_log.note_refused(Refusal.DOOR, story.clock.now())
        story.clock.advance(timedelta(milliseconds=10))
    assert door_log.write_down(context) == 0  # it is gathered for a while
    story.clock.advance(GATHERED_FOR)
    door_log.write_down(context)
    assert said(context) == ["entered a wrong passphrase, 5,000 times within 49 s"]
    assert [line.kind for line in lines(context)] == [EventKind.REFUSED]


def test_a_flood_that_lasts_a_day_is_a_line_an_hour(story: Story, context: Context) -> None:
    for _ in range(24 * 60):
        for _ in range(20):
            door_log.note_refused(Refusal.DOOR, story.clock.now())
        story.clock.advance(MINUTE)
        door_log.write_down(context)
    written = lines(context)
    assert 24 <= len(written) <= 25
    counted = [int(line.what.split(", ")[1].split()[0].replace(",", "")) for line in written]
    assert 24 * 60 * 20 - sum(counted) <= ONE_LINE_IN / MINUTE * 20


def test_one_who_mistypes_is_a_line_soon(story: Story, context: Context) -> None:
    door_log.note_refused(Refusal.ADMIN, story.clock.now(), who="Ada")
    story.clock.advance(GATHERED_FOR)
    door_log.write_down(context)
    assert said(context) == ["Ada entered a wrong passphrase to become an admin"]


def test_addresses_on_no_list_are_told_apart_as_far_as_they_are_few(
    story: Story, context: Context
) -> None:
    for number in range(500):
        for _ in range(3):
            address = f"stranger{number}@example.org"
            door_log.note_refused(Refusal.NOT_LISTED, story.clock.now(), who=address)
    for _ in range(23):
        story.clock.advance(timedelta(hours=1))
        door_log.write_down(context)
    told = said(context)
    assert len(told) == MOST_NAMES + 1
    assert any(line.startswith("stranger0@example.org was refused") for line in told)
    (rest,) = [line for line in told if not line.startswith("stranger")]
    assert rest.startswith("were refused: further addresses")
    assert f"{(500 - MOST_NAMES) * 3:,} times" in rest
    story.clock.advance(DAY)
    door_log.write_down(context)
    door_log.note_refused(Refusal.NOT_LISTED, story.clock.now(), who="new@example.org")
    story.clock.advance(MINUTE)
    door_log.write_down(context)
    assert said(context)[0].startswith("new@example.org")


def test_an_odd_address_is_one_short_line(story: Story, context: Context) -> None:
    odd = "a\n\0\u202e" + "x" * 10_000 + "@example.org"
    door_log.note_refused(Refusal.NOT_LISTED, story.clock.now(), who=odd)
    story.clock.advance(MINUTE)
    door_log.write_down(context)
    (line,) = lines(context)
    assert line.person.startswith("a xxx")
    assert len(line.person) <= door_log.LONGEST_NAME
    assert line.person.isprintable()


def test_what_could_not_be_written_is_written_later_once(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable("It is out.")

    door_log.note_sign_in(ADA, story.clock.now())
    door_log.note_refused(Refusal.DOOR, story.clock.now())
    story.clock.advance(MINUTE)
    with monkeypatch.context() as patch:
        patch.setattr(context.registry.events, "add_lines", fails)
        with pytest.raises(DatabaseUnavailable):
            door_log.write_down(context)
    assert door_log.write_down(context) == 2
    assert door_log.write_down(context) == 0
    assert len(lines(context)) == 2


def test_while_no_library_opens_memory_stays_bounded(story: Story, context: Context) -> None:
    for number in range(3 * MOST_WAITING):
        door_log.note_sign_in(ADA, story.clock.now(), sign_in_id=f"{number}")
        door_log.note_refused(Refusal.NOT_LISTED, story.clock.now(), who=f"{number}@example.org")
    story.clock.advance(MINUTE)
    assert door_log.write_down(context) == MOST_WAITING + MOST_NAMES + 1


def test_a_crowd_at_the_door_is_counted_whole(story: Story, context: Context) -> None:
    def crowd() -> None:
        for _ in range(500):
            door_log.note_refused(Refusal.DOOR, story.clock.now())

    threads = [threading.Thread(target=crowd) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    story.clock.advance(MINUTE)
    door_log.write_down(context)
    assert said(context) == ["entered a wrong passphrase, 4,000 times within 1 s"]


def test_the_keeper_writes_it_and_a_rebuild_brings_it_back(story: Story, context: Context) -> None:
    door_log.note_sign_in(BEA, story.clock.now())
    door_log.note_refused(Refusal.DOOR, story.clock.now())
    story.clock.advance(MINUTE)
    keeper.one_pass(context)
    other = story.new_container(read=True)
    keeper.one_pass(other)
    assert lines(other) == lines(context)
    assert {line.kind for line in lines(other)} == {EventKind.SIGNED_IN, EventKind.REFUSED}
