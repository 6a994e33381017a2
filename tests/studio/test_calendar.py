"""The calendar file: read back as a calendar program does it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from icalendar import Calendar, Event

from lib.models import Dossier, Health, KeepPolicy, Source, Voice, VoiceKind
from lib.retention import Reason, Standing, Step, StepKind, Terms, Why
from lib.services import DEMO, NANOGPT, retention_of
from lib.studio.alerts.calendar import ALARMS, LAST_HOUR, calendar
from lib.studio.library import listing
from lib.studio.library.listing import Entry
from tests.parts.clock import START
from tests.studio.story import DAY, HOUR, Story, dossier

APP = "https://voices.example.org"


def an_entry(name: str = "Ann", health: Health = Health.WAITING, **fields: object) -> Entry:
    """A voice with three days left."""
    plain = {
        "id": "ann-1",
        "name": name,
        "kind": VoiceKind.MINIMAX,
        "source": Source.CLONED,
        "service": NANOGPT,
        "account": "one",
        "created_at": START,
        "keep_policy": KeepPolicy.ASK,
    }
    voice = Voice(**(plain | fields))  # type: ignore[arg-type]
    standing = Standing(health, START + 3 * DAY, Why(Reason.NOT_USED))
    step = Step(StepKind.ASK, why=Why(Reason.TO_KEEP))
    terms = Terms(retention_of(NANOGPT, VoiceKind.MINIMAX), "vault", True)
    return Entry(Dossier(voice), standing, step, START, terms)


def read(data: bytes) -> list[Event]:
    parsed = Calendar.from_ical(data)
    assert parsed["version"] == "2.0"
    return list(parsed.walk("VEVENT"))


def events(*entries: Entry, app_url: str = APP) -> list[Event]:
    return read(calendar(entries, app_url=app_url, now=START))


def test_each_voice_with_an_end_ahead_is_one_event() -> None:
    (event,) = events(an_entry())
    end = START + 3 * DAY
    assert event["uid"] == "ann-1@voicekeep"
    assert event["summary"] == "Ann: last moment to keep this voice"
    assert event.decoded("dtend") == end
    assert event.decoded("dtstart") == end - LAST_HOUR
    assert event.decoded("dtstamp") == START
    assert str(event["url"]) == f"{APP}/voice?id=ann-1"
    alarms = [alarm.decoded("trigger") for alarm in event.walk("VALARM")]
    assert [event.decoded("dtstart") + before for before in alarms] == [
        end - before for before in ALARMS
    ]


def test_without_the_apps_address_there_is_no_link() -> None:
    (event,) = events(an_entry(), app_url="")
    assert "url" not in event


@pytest.mark.parametrize("health", Health)
def test_only_what_can_still_be_kept_is_in_the_calendar(health: Health) -> None:
    waits = health in (Health.WAITING, Health.DUE_SOON, Health.AT_RISK)
    assert len(events(an_entry(health=health))) == waits


def test_an_archived_voice_and_one_whose_end_is_over_are_left_out() -> None:
    assert events(an_entry(archived_at=START)) == []
    assert events(replace(an_entry(health=Health.AT_RISK), now=START + 4 * DAY)) == []


def test_the_demos_voices_are_in_it_only_where_they_are_alone() -> None:
    demo = an_entry("Dee", service=DEMO, id="demo-1")
    (alone,) = events(demo)
    assert alone["summary"].startswith("Demo: Dee")
    (beside,) = events(demo, an_entry())
    assert beside["summary"].startswith("Ann")
    safe = an_entry(health=Health.SAFE)
    assert events(demo, safe) == []


@pytest.mark.parametrize(
    "name",
    [
        'Ann; with, signs: \\n \\, and "quotes"',
        "Ann\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nACTION:PROCEDURE",
        "声の主 " * 40,
        "😀" * 200,
        "",
        "\u202eevil\u2028",
    ],
)
def test_an_odd_name_stays_inside_its_event(name: str) -> None:
    data = calendar([an_entry(name), an_entry("Bob", id="bob-1")], app_url=APP, now=START)
    found = read(data)
    assert [event["uid"] for event in found] == ["ann-1@voicekeep", "bob-1@voicekeep"]
    assert all(len(event.walk("VALARM")) == len(ALARMS) for event in found)
    assert data.endswith(b"END:VCALENDAR\r\n")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
    data.decode("utf-8")


def test_a_calendar_without_voices_is_a_calendar() -> None:
    assert events() == []


def test_an_event_stays_the_same_from_day_to_day(story: Story) -> None:
    context = story.context()
    voice_id = story.asking(context)
    files = []
    for _ in range(2):
        now = story.clock.now()
        files.append(read(calendar(listing.entries(context), app_url="", now=now)))
        story.clock.advance(DAY)
    (first,), (second,) = files
    assert first["uid"] == second["uid"] == f"{voice_id}@voicekeep"
    start = dossier(context, voice_id).voice.clock_start
    assert start is not None
    for event in (first, second):
        assert event.decoded("dtend") == (start + 168 * HOUR).replace(microsecond=0)


def test_a_kept_voice_leaves_the_calendar(story: Story) -> None:
    context = story.context()
    story.kept(context)
    data = calendar(listing.entries(context), app_url="", now=story.clock.now())
    assert read(data) == []
