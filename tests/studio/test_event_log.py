"""Who did what is in the vault as well: a rebuild brings it back, and nothing is told twice."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from lib import keeper
from lib.event_kinds import EventKind
from lib.models import KeepPolicy
from lib.registry import Note
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.library import editing
from lib.studio.storage import event_log
from tests.parts.persons import ADA, BEN
from tests.parts.postgres import PostgresServer
from tests.parts.radosgw import S3Server
from tests.studio.story import DAY, MINUTE, SECOND, Story, dossier

FOLDER, BUCKET = "a folder and SQLite", "a bucket and PostgreSQL"
CHANGED = EventKind.CHANGED


@pytest.fixture
def context(story: Story) -> Context:
    """The team's app."""
    return story.context()


def told(context: Context) -> list[tuple[str, str, str, str, EventKind]]:
    """All lines of the database, as they are the same everywhere."""
    events = context.registry.events
    names = [line.uid for line in events.unsaved(10_000, without="nobody")]
    assert names == []
    found = [line for name in objects(context) for line in events.told_in(name)]
    return sorted(
        (line.uid, line.at.isoformat(), line.person, line.what, line.kind) for line in found
    )


def objects(context: Context) -> list[str]:
    return sorted(context.live_vault.keys("events/"))


def lines(context: Context, voice_id: str) -> list[str]:
    return [event.what for event in context.registry.events.of_voice(voice_id)]


@pytest.mark.parametrize("place", [FOLDER, BUCKET])
def test_a_rebuild_brings_back_who_did_what(
    story: Story, request: pytest.FixtureRequest, place: str
) -> None:
    here, there = story.database, f"sqlite:///{story.folder}/new/voicekeep.db"
    if place == BUCKET:
        s3: S3Server = request.getfixturevalue("s3_server")
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        story.settings = s3.settings(s3.new_bucket())
        here, there = postgres.new_database(), postgres.new_database()
    context = story.context(database=here)
    voice_id = story.made(context, keep_policy=KeepPolicy.ASK)
    editing.rename(context, dossier(context, voice_id).voice, "Grace Hopper", ADA)
    story.clock.advance(MINUTE)
    editing.archive(context, dossier(context, voice_id).voice, BEN)
    keeper.one_pass(context)

    other = story.context("new", read=False, database=there)
    keeper.one_pass(other)
    assert lines(other, voice_id) == ["archived it", "renamed it from “Grace 1”"]
    assert lines(other, voice_id) == lines(context, voice_id)
    assert told(other) == told(context)
    assert {kind for *_, kind in told(other)} >= {EventKind.ORDERED, EventKind.CHANGED}

    editing.unarchive(other, dossier(other, voice_id).voice, ADA)
    for _ in range(3):
        keeper.one_pass(other)
    third = story.context(
        "third", read=False, database=f"sqlite:///{story.folder}/third/voicekeep.db"
    )
    keeper.one_pass(third)
    assert lines(third, voice_id) == ["restored it", *lines(context, voice_id)]
    assert told(third) == told(other)


def test_an_object_grows_until_it_is_full_and_a_quiet_pass_writes_nothing(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "FULL", 4)
    for number in range(3):
        context.registry.events.add("Ada", f"{number}", "voice-1", story.clock.now(), kind=CHANGED)
        event_log.keep_safe(context)
    assert len(objects(context)) == 1
    for number in range(3, 10):
        story.clock.advance(SECOND)
        context.registry.events.add("Ada", f"{number}", "voice-1", story.clock.now(), kind=CHANGED)
    assert event_log.keep_safe(context) == 7
    assert len(objects(context)) == 3
    assert event_log.keep_safe(context) == 0

    other = story.new_container(read=True)
    event_log.keep_safe(other)
    assert lines(other, "voice-1") == [f"{number}" for number in reversed(range(10))]


def test_each_month_has_a_folder_of_its_own(story: Story, context: Context) -> None:
    for _ in range(2):
        context.registry.events.add("Ada", "said so", "voice-1", story.clock.now(), kind=CHANGED)
        event_log.keep_safe(context)
        story.clock.advance(timedelta(days=31))
    months = [name.split("/")[1] for name in objects(context)]
    assert len(set(months)) == 2


def test_two_containers_at_once_never_write_over_each_other(story: Story, context: Context) -> None:
    other = story.new_container(read=True)
    for number in range(3):
        for each in (context, other):
            each.registry.events.add("Ada", f"{number}", "voice-1", story.clock.now(), kind=CHANGED)
            event_log.keep_safe(each)
    third = story.new_container("third", read=True)
    event_log.keep_safe(third)
    assert len(lines(third, "voice-1")) == 6


def test_a_keeper_that_died_between_writing_and_noting_tells_nothing_twice(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any) -> None:
        raise RuntimeError

    context.registry.events.add("Ada", "archived it", "voice-1", story.clock.now(), kind=CHANGED)
    with monkeypatch.context() as patch:
        patch.setattr(context.registry.events, "saved", dies)
        with pytest.raises(RuntimeError):
            event_log.keep_safe(context)
    context.registry.events.add("Ada", "restored it", "voice-1", story.clock.now(), kind=CHANGED)
    event_log.keep_safe(context)
    other = story.new_container(read=True)
    event_log.keep_safe(other)
    assert lines(other, "voice-1") == ["restored it", "archived it"]


def test_while_the_vault_is_out_it_stays_due(story: Story, context: Context) -> None:
    context.registry.events.add("Ada", "archived it", "voice-1", story.clock.now(), kind=CHANGED)
    event_log.keep_safe(context)
    story.clock.advance(SECOND)
    context.registry.events.add("Ada", "restored it", "voice-1", story.clock.now(), kind=CHANGED)
    story.vault_breaks()
    assert any("activity record" in why for why in keeper.one_pass(context).failed)
    story.vault_is_mended()
    keeper.one_pass(context)
    other = story.new_container(read=True)
    event_log.keep_safe(other)
    assert lines(other, "voice-1") == ["restored it", "archived it"]


def test_a_new_storage_gets_the_whole_record(story: Story, context: Context) -> None:
    context.registry.events.add("Ada", "archived it", "voice-1", story.clock.now(), kind=CHANGED)
    keeper.one_pass(context)
    elsewhere = story.context(VAULT_URL=f"file://{story.folder / 'elsewhere'}")
    keeper.one_pass(elsewhere)
    other = story.context(
        "other",
        database=f"sqlite:///{story.folder}/other/voicekeep.db",
        VAULT_URL=f"file://{story.folder / 'elsewhere'}",
    )
    event_log.keep_safe(other)
    assert lines(other, "voice-1") == ["archived it"]


STRANGE = {
    "no JSON": b"\xff",
    "a list": b"[]",
    "another format": b'{"format": 2, "events": []}',
    "no lines": b'{"format": 1, "events": 7}',
    "nested without end": b"[" * 100_000,
}


@pytest.mark.parametrize("strange", STRANGE)
def test_a_strange_object_is_passed_over(story: Story, context: Context, strange: str) -> None:
    context.live_vault.put_verified("events/2026-01/a.json", STRANGE[strange], "application/json")
    context.registry.events.add("Ada", "archived it", "voice-1", story.clock.now(), kind=CHANGED)
    event_log.keep_safe(context)
    assert lines(context, "voice-1") == ["archived it"]


def test_of_strange_lines_only_those_that_can_be_told_are_taken(
    story: Story, context: Context
) -> None:
    good = {
        "id": "a" * 32, "at": story.clock.now().isoformat(), "person": "Ada\0",
        "what": "archived it", "voice": "voice-1", "order": "",
    }  # fmt: skip
    odd: list[Any] = [
        None, 7, {}, good | {"at": "soon"}, good | {"at": "2026-01-01"}, good | {"voice": "../x"},
        good | {"id": "b" * 33}, good | {"what": 7}, good | {"at": "0001-01-01T00:00:00+14:00"},
    ]  # fmt: skip
    body = json.dumps({"format": 1, "events": [*odd, good, good]}).encode()
    context.live_vault.put_verified("events/2026-01/a.json", body, "application/json")
    event_log.keep_safe(context)
    (line,) = context.registry.events.of_voice("voice-1")
    assert (line.person, line.what) == ("Ada", "archived it")


KINDS: dict[str, Any] = {
    "that we know": "changed", "of another version": "teleported", "none": None, "a list": [1],
    "an object": {}, "a number": 7, "endless": "x" * 1_000_000,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_has_the_kind_that_the_bucket_tells_if_that_is_one(
    story: Story, context: Context, kind: str
) -> None:
    row = {
        "id": "a" * 32, "at": story.clock.now().isoformat(), "person": "Ada",
        "what": "archived it", "voice": "voice-1", "order": "", "kind": KINDS[kind],
    }  # fmt: skip
    if kind == "none":
        del row["kind"]
    body = json.dumps({"format": 1, "events": [row]}).encode()
    context.live_vault.put_verified("events/2026-01/a.json", body, "application/json")
    event_log.keep_safe(context)
    (line,) = context.registry.events.of_voice("voice-1")
    assert line.kind is (CHANGED if kind == "that we know" else EventKind.OTHER)


def test_the_demo_tells_a_bucket_nothing(story: Story) -> None:
    context = story.context(DEMO="1")
    for _ in range(3):
        keeper.one_pass(context)
        story.clock.advance(DAY)
    ours = {found.voice.id for found in context.registry.voices.dossiers(services=[DEMO])}
    known = {
        line.voice_id for name in objects(context) for line in context.registry.events.told_in(name)
    }
    assert ours
    assert not known & ours
    assert context.registry.notes.all().get(event_log.NOTE, Note("")).body
