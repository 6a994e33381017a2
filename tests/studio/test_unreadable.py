"""A story that cannot be read is never silent: it blocks, warns, is listed, may be set aside."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import insert

from lib import keeper, manifest
from lib.keeper import dry_run
from lib.manifest import Fault
from lib.models import Dossier, Health, KeepPolicy, Role
from lib.registry import schema
from lib.registry.schema import columns_of
from lib.registry.unreadable import Unreadable
from lib.retention import number_of
from lib.roles import TeamRole
from lib.studio.core.context import Context
from lib.studio.orders import cloning, speaking
from lib.studio.storage import manifests, unreadable
from lib.studio.storage.unreadable import MARKER
from lib.studio.transfer import exporting, importing
from lib.vault.base import VaultError, VaultTrouble
from tests.clients.scripted_server import ScriptedServer, reply
from tests.parts.length import mostly_slow
from tests.parts.persons import ADA, named
from tests.parts.postgres import PostgresServer
from tests.parts.radosgw import S3Server
from tests.registry.uses import by_month, used_daily
from tests.studio.command_line import Command
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    Story,
    clone_request,
    dossier,
    health,
    text_order,
)

JSON = "application/json"


@dataclass
class Team:
    """A team whose containers begin with an empty disk, on this storage and database."""

    story: Story
    new_database: Callable[[], str]
    containers: int = 0

    def container(self, **settings: str) -> Context:
        self.containers += 1
        return self.story.context(
            f"new-{self.containers}", read=False, database=self.new_database(), **settings
        )


FOLDER, BUCKET = "a folder and SQLite", "a bucket and PostgreSQL"
everywhere = pytest.mark.parametrize("place", mostly_slow([FOLDER, BUCKET], FOLDER))


@pytest.fixture
def place() -> str:
    return FOLDER


@pytest.fixture
def team(story: Story, request: pytest.FixtureRequest, place: str) -> Team:
    if place == FOLDER:
        names = iter(range(100))
        return Team(story, lambda: f"sqlite:///{story.folder}/fresh-{next(names)}/voicekeep.db")
    server: S3Server = request.getfixturevalue("s3_server")
    story.settings = server.settings(server.new_bucket())
    postgres: PostgresServer = request.getfixturevalue("postgres_server")
    return Team(story, postgres.new_database)


@pytest.fixture
def context(team: Team) -> Context:
    """The team's app."""
    return team.story.context(database=team.new_database())


def written(context: Context, key: str) -> bytes:
    return context.live_vault.get(key, max_bytes=10_000_000)


def put(context: Context, key: str, data: bytes) -> None:
    context.live_vault.put_verified(key, data, JSON)


def newer(data: bytes) -> bytes:
    return json.dumps(json.loads(data) | {"format": 2}).encode()


def unknown_kind(data: bytes) -> bytes:
    body = json.loads(data)
    body["voice"]["kind"] = "singer"
    return json.dumps(body).encode()


def anothers(data: bytes) -> bytes:
    found = manifest.read_dossier(data)
    return data.replace(found.voice.id.encode(), b"0123456789abcdef")


SPOILED: dict[str, tuple[Fault, Callable[[bytes], bytes]]] = {
    "garbage": (Fault.DAMAGED, lambda data: b"\xff\xfe no"),
    "cut": (Fault.DAMAGED, lambda data: data[:-20]),
    "of a newer format": (Fault.NEWER, newer),
    "of a kind that is not known": (Fault.ODD, unknown_kind),
    "too large": (Fault.TOO_LARGE, lambda data: b" " * (manifest.MAX_BYTES + 1)),
    "another voice's": (Fault.FOREIGN, anothers),
}


@pytest.fixture
def voice_id(team: Team, context: Context) -> str:
    """A voice that is kept, and told of in the vault."""
    found = team.story.kept(context)
    team.story.live(context, MINUTE)
    return found


def spoil(context: Context, voice_id: str, how: str) -> Fault:
    fault, change = SPOILED[how]
    key = manifest.story_key("voices", voice_id)
    put(context, key, change(written(context, key)))
    return fault


def only(context: Context) -> Unreadable:
    (found,) = unreadable.listed(context)
    return found


@pytest.mark.parametrize("how", mostly_slow(SPOILED, "garbage", "another voice's"))
def test_a_story_that_is_spoiled_blocks_the_next_container_and_stops_nothing_else(
    team: Team, context: Context, voice_id: str, how: str
) -> None:
    good = team.story.kept(context, seed=2)
    team.story.live(context, MINUTE)
    fault = spoil(context, voice_id, how)
    other = team.container()
    summary = keeper.one_pass(other)

    assert (summary.blocked != [], summary.failed) == (True, [])
    assert health(other, good) is Health.SAFE
    found = only(other)
    assert (found.id, found.fault, found.is_aside) == (voice_id, fault, False)
    assert found.files[Role.REFERENCE] == found.files[Role.ACTIVATION] == 1
    assert found.first_at is not None
    if how in ("cut", "of a newer format"):
        known = dossier(context, voice_id).voice
        assert found.told["name"] == known.name
        assert found.told["provider_voice_id"] == known.provider_voice_id


@everywhere
def test_a_story_that_is_gone_while_its_files_are_there_is_told(
    team: Team, context: Context, voice_id: str
) -> None:
    context.live_vault.delete(manifest.story_key("voices", voice_id))
    other = team.container()
    assert "cannot be read" in " ".join(keeper.one_pass(other).blocked)
    assert (only(other).id, only(other).fault) == (voice_id, Fault.MISSING)


def test_a_story_of_a_take_counts_as_well(team: Team, context: Context, voice_id: str) -> None:
    job = speaking.order(context, text_order(voice_id))
    team.story.live(context, MINUTE)
    put(context, manifest.story_key("takes", job.id), b"{")
    other = team.container()
    (why,) = keeper.one_pass(other).blocked
    assert "1 take" in why
    assert only(other).what == "take"


@pytest.mark.parametrize("how", ["garbage", "too large", "another voice's"])
def test_where_the_registry_knows_the_voice_its_story_is_mended_in_silence(
    team: Team, context: Context, voice_id: str, how: str
) -> None:
    whole = written(context, manifest.story_key("voices", voice_id))
    spoil(context, voice_id, how)
    team.story.clock.advance(DAY)
    assert keeper.one_pass(context).blocked == []
    assert written(context, manifest.story_key("voices", voice_id)) == whole
    assert unreadable.listed(context) == []


def test_what_a_newer_version_wrote_is_never_overwritten(
    team: Team, context: Context, voice_id: str
) -> None:
    spoil(context, voice_id, "of a newer format")
    theirs = written(context, manifest.story_key("voices", voice_id))
    other = team.container()
    team.story.live(other, 2 * DAY)
    assert written(context, manifest.story_key("voices", voice_id)) == theirs


@everywhere
def test_set_aside_it_stays_listed_and_holds_up_nothing_in_any_container(
    team: Team, context: Context, voice_id: str
) -> None:
    spoil(context, voice_id, "garbage")
    other = team.container()
    keeper.one_pass(other)
    before = sorted(context.live_vault.keys(f"voices/{voice_id}/"))
    unreadable.set_aside(other, only(other).key, named(" Ada\0 ", TeamRole.ADMIN))

    assert keeper.one_pass(other).all_done
    assert only(other).aside_by == "Ada"
    assert only(other).aside_at == team.story.clock.now()
    after = sorted(context.live_vault.keys(f"voices/{voice_id}/"))
    assert after == sorted([*before, f"voices/{voice_id}/{MARKER}"])
    told = [event.what for event in other.registry.events.of_voice(voice_id)]
    assert told == [f"set aside {voice_id}, which cannot be read"]

    team.story.clock.advance(HOUR)
    third = team.container()
    assert keeper.one_pass(third).all_done
    found = only(third)
    assert (found.aside_by, found.aside_at) == ("Ada", only(other).aside_at)


def test_what_was_set_aside_and_is_spoiled_in_another_way_is_told_again(
    team: Team, context: Context, voice_id: str
) -> None:
    spoil(context, voice_id, "garbage")
    other = team.container()
    keeper.one_pass(other)
    unreadable.set_aside(other, only(other).key, ADA)
    put(context, manifest.story_key("voices", voice_id), b"{}")
    assert keeper.one_pass(team.container()).blocked != []


def test_a_note_of_a_stranger_sets_nothing_aside(
    team: Team, context: Context, voice_id: str
) -> None:
    spoil(context, voice_id, "garbage")
    for note in (b"no", b"[]", b'{"fault": "damaged", "sha256": "", "at": "x"}', b"{}"):
        put(context, f"voices/{voice_id}/{MARKER}", note)
        other = team.container()
        assert keeper.one_pass(other).blocked != []
        assert not only(other).is_aside


def test_brought_back_from_an_export_it_is_listed_no_more(
    team: Team, context: Context, voice_id: str
) -> None:
    file = io.BytesIO()
    exporting.write(context, file, person=ADA)
    spoil(context, voice_id, "garbage")
    other = team.container()
    keeper.one_pass(other)
    importing.take(other, file, dry_run=False, person=ADA)
    assert keeper.one_pass(other).all_done
    assert unreadable.listed(other) == []
    assert health(other, voice_id) is Health.SAFE
    assert keeper.one_pass(team.container()).all_done


def test_put_right_in_the_vault_itself_it_is_taken_in_the_next_pass(
    team: Team, context: Context, voice_id: str
) -> None:
    whole = written(context, manifest.story_key("voices", voice_id))
    spoil(context, voice_id, "cut")
    other = team.container()
    keeper.one_pass(other)
    put(context, manifest.story_key("voices", voice_id), whole)
    assert keeper.one_pass(other).all_done
    assert health(other, voice_id) is Health.SAFE


def test_what_the_vault_did_not_give_out_is_read_as_soon_as_it_does(
    team: Team, context: Context, voice_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = team.container()
    vault = other.live_vault
    get = vault.get

    def refuse(key: str, *, max_bytes: int) -> bytes:
        if key == manifest.story_key("voices", voice_id):
            raise VaultError(VaultTrouble.BUSY, "It is busy.")
        return get(key, max_bytes=max_bytes)

    with monkeypatch.context() as patch:
        patch.setattr(vault, "get", refuse)
        (why,) = keeper.one_pass(other).blocked
        assert "did not return" in why
        assert only(other).fault is Fault.TROUBLE
    assert keeper.one_pass(other).all_done
    assert unreadable.listed(other) == []
    assert health(other, voice_id) is Health.SAFE


def test_a_recording_that_was_stored_a_moment_ago_is_an_order_on_its_way(
    team: Team, context: Context
) -> None:
    key = "voices/0123456789abcdef/reference/one.wav"
    context.live_vault.put_verified(key, b"RIFF", "audio/wav")
    (stored,) = context.live_vault.listed("voices/")
    team.story.clock.advance(stored.at - team.story.clock.now() + MINUTE)
    assert keeper.one_pass(team.container()).all_done
    team.story.clock.advance(DAY)
    assert only_after_a_pass(team.container()).fault is Fault.MISSING


def only_after_a_pass(context: Context) -> Unreadable:
    keeper.one_pass(context)
    return only(context)


def test_a_double_click_leaves_no_recording_without_a_story(
    team: Team, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cloning.clone(context, clone_request())

    def not_there_yet(key: str) -> None:
        monkeypatch.undo()  # it was committed by the time that this one is

    monkeypatch.setattr(context.registry.jobs, "open_order", not_there_yet)
    monkeypatch.setattr("lib.studio.orders.cloning.order_key", lambda *parts: first.order_key)
    assert cloning.clone(context, clone_request(another=1)).id == first.id
    folders = {key.split("/")[1] for key in context.live_vault.keys("voices/")}
    assert folders == {first.voice_id}


# Told


@pytest.fixture
def channel() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.then(*[reply({})] * 9)
        yield server


def test_people_are_warned_once_whatever_container_finds_it(
    team: Team, context: Context, voice_id: str, channel: ScriptedServer
) -> None:
    spoil(context, voice_id, "cut")
    address = f"{channel.origin.replace('http', 'json')}/t0ken"
    for _ in range(2):
        other = team.container(NOTIFY_URLS=address)
        keeper.one_pass(other)
        keeper.one_pass(other)
        team.story.clock.advance(HOUR / 2)
    (message,) = [seen.json["message"] for seen in channel.seen]
    assert "1 voice" in message
    assert "Grace 1" in message


def test_fewer_are_no_news_and_one_more_is(
    team: Team, context: Context, channel: ScriptedServer
) -> None:
    address = f"{channel.origin.replace('http', 'json')}/t0ken"
    names = ["0123456789abcdef", "123456789abcdef0", "23456789abcdef01"]
    for name in names[:2]:
        put(context, manifest.story_key("voices", name), b"no")
    other = team.container(NOTIFY_URLS=address)
    keeper.one_pass(other)
    unreadable.set_aside(other, manifest.story_key("voices", names[0]), ADA)
    keeper.one_pass(other)
    assert len(channel.seen) == 1
    put(context, manifest.story_key("voices", names[2]), b"no")
    keeper.one_pass(team.container(NOTIFY_URLS=address))
    first, second = (seen.json["message"] for seen in channel.seen)
    assert all(names[number] in first for number in (0, 1))
    assert "add the voices again, or set them aside" in first
    assert "Voicekeep itself is on hold" not in first, "all else goes on"
    assert names[2] in second


def test_the_command_ends_with_1_until_it_is_set_aside(story: Story, command: Command) -> None:
    context = command.context
    voice_id = story.kept(context)
    story.live(context, MINUTE)
    vault = context.live_vault
    vault.put_verified(manifest.story_key("voices", voice_id), b"no", JSON)
    fresh = {"DATABASE_URL": f"sqlite:///{story.folder}/empty.db"}
    ran = command("once", "--json", **fresh)
    assert ran.code == 1
    assert "cannot be read" in ran.json["blocked"][0]
    assert "cannot be read" in command("once", "--dry-run", "--json", **fresh).json["blocked"][0]
    other = story.context("data", read=False, database=fresh["DATABASE_URL"])
    unreadable.set_aside(other, only(other).key, ADA)
    assert command("once", "--json", **fresh).code == 0


def test_a_dry_run_of_a_rebuild_writes_nothing_beside_it(
    team: Team, context: Context, voice_id: str
) -> None:
    spoil(context, voice_id, "garbage")
    other = team.container()
    before = sorted(other.live_vault.keys(""))
    assert dry_run.count_rebuild(other) == 0
    assert sorted(other.live_vault.keys("")) == before
    assert unreadable.listed(other) == []


# The writer accepts nothing that the reader refuses


def test_a_change_of_storage_does_not_silence_it(
    team: Team, context: Context, voice_id: str
) -> None:
    spoil(context, voice_id, "cut")
    before = team.container()
    keeper.one_pass(before)
    moved = team.story.context(
        "new-1",
        read=False,
        database=before.settings.database_url,
        VAULT_URL=f"file://{team.story.folder / 'elsewhere'}",
    )
    for _ in range(2):
        assert "cannot be read" in keeper.one_pass(moved).blocked[0]
        team.story.clock.advance(DAY)
    unreadable.set_aside(moved, only(moved).key, ADA)
    assert keeper.one_pass(moved).all_done
    assert only(moved).is_aside


@everywhere
def test_what_is_pasted_into_any_field_still_makes_a_voice_that_outlives_a_restart(
    team: Team, context: Context
) -> None:
    job = cloning.clone(
        context,
        clone_request(
            name="Gra\0ce \ud83d",
            speaker="Ada\x07 Lovelace",
            person=named("A\0da"),
            preview_text="Hello\0 there \ud800, می\u200cخواهم.",
        ),
    )
    team.story.until(context, lambda: health(context, job.voice_id) is Health.SAFE)
    team.story.live(context, MINUTE)
    other = team.container()
    assert keeper.one_pass(other).all_done
    found = dossier(other, job.voice_id)
    assert found.voice.name == "Grace"
    assert found.making is not None
    assert found.making.request["preview_text"] == "Hello there , می\u200cخواهم."
    assert health(other, job.voice_id) is Health.SAFE


def used(context: Context, voice_id: str, long: Dossier) -> None:
    """These uses become part of the voice's story."""
    with context.registry.database.write() as connection:
        for table, records in ((schema.jobs, long.activations), (schema.evidence, long.evidence)):
            rows = [columns_of(record) | {"voice_id": voice_id} for record in records]
            connection.execute(insert(table), rows)
    context.registry.voices.change(voice_id, refresh_days=1)


def test_a_voice_that_was_used_daily_for_years_is_kept_on_by_the_next_container(
    team: Team, context: Context
) -> None:
    voice_id, days = team.story.made(context, keep_policy=KeepPolicy.ASK), 1_080
    long = used_daily(days)
    used(context, voice_id, long)
    assert manifests.save_due(context) == []
    other = team.container()
    assert manifests.reconcile(other) == 1
    assert by_month(dossier(other, voice_id)) == by_month(long)
    assert dossier(other, voice_id).making == dossier(context, voice_id).making

    team.story.clock.advance((days + 1) * DAY)
    keeper.one_pass(other)
    assert unreadable.listed(other) == []
    assert number_of(dossier(other, voice_id).activations) == days + 1
    assert team.story.service.count("speech") == 1


def test_a_newer_export_with_its_old_uses_summed_up_is_taken(
    team: Team, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice_id = team.story.made(context, keep_policy=KeepPolicy.ASK)
    used(context, voice_id, used_daily(8))
    manifests.save_due(context)
    other = team.container()
    keeper.one_pass(other)
    context.registry.voices.change(voice_id, name="Grace Hopper")
    monkeypatch.setattr(manifest, "ROUNDS", (2,))
    file = io.BytesIO()
    exporting.write(context, file, person=ADA)
    (item,) = importing.take(other, file, dry_run=False, person=ADA).items
    assert item.outcome is importing.Outcome.NEWER
    there, here = dossier(other, voice_id), dossier(context, voice_id)
    assert len(there.activations) < len(here.activations)
    assert by_month(there) == by_month(here)
