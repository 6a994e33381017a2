"""`python -m lib.keeper`, for a scheduler: what it prints, how it ends, and who may write."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib import keeper
from lib.keeper import commands, passes
from lib.models import Health, JobState, KeepPolicy
from lib.studio.core.context import Context
from lib.studio.orders import cloning, speaking
from lib.studio.orders.cloning import CloneRequest
from lib.team import EXAMPLE_PASSPHRASE
from lib.vault.base import sha256_hex
from tests.parts.clock import SettableClock
from tests.parts.length import mostly_slow
from tests.parts.postgres import PostgresServer
from tests.parts.processes import held_open
from tests.studio.command_line import Command, process
from tests.studio.service import Tickets, refuses, says, together
from tests.studio.story import (
    DAY,
    HOUR,
    KEY,
    MINUTE,
    SECOND,
    Story,
    all_jobs,
    clone_request,
    health,
    recording,
    state,
    text_order,
)

COUNTS = {
    "checked", "sent", "polled", "activated", "mirrored", "verified", "refreshed", "notified",
}  # fmt: skip
VOICE_FIELDS = {
    "id", "name", "service", "kind", "source", "health", "expires_at", "evidence",
}  # fmt: skip


@pytest.fixture
def clock() -> SettableClock:
    """The command lives in real time, so the team's story was told there just now."""
    return SettableClock(datetime.now(UTC) - 2 * MINUTE)


@pytest.fixture
def pace() -> float:
    """Runs of the service end at once."""
    return 0.0


def test_once_does_all_that_is_due_and_stays_until_it_is_finished(
    context: Context, command: Command
) -> None:
    job = cloning.clone(context, clone_request())
    ran = command("once", "--json")

    assert ran.code == 0
    assert set(ran.json) == COUNTS | {"failed", "blocked", "next_due", "duration_s"}
    assert all(type(ran.json[name]) is int for name in COUNTS)
    assert (ran.json["sent"], ran.json["activated"]) == (2, 1)
    assert ran.json["failed"] == ran.json["blocked"] == []
    assert ran.json["duration_s"] > 0
    assert health(context, job.voice_id) is Health.SAFE


def test_the_command_line_is_heard_of_as_a_keeper_outside_and_the_app_is_not(
    context: Context, command: Command
) -> None:
    keeper.one_pass(context)
    assert keeper.signs(context).outside_at is None
    command("once", "--dry-run")
    assert keeper.signs(context).outside_at is None
    command("once")
    assert keeper.signs(context).outside_at is not None


def test_once_without_work_ends_well_and_says_so_in_a_line(command: Command) -> None:
    ran = command("once")

    assert ran.code == 0
    assert ran.out.startswith("0 voices looked at, 0 orders sent")
    assert ran.err == ""


@pytest.mark.parametrize("passphrase", ['"short"', f'"{EXAMPLE_PASSPHRASE}"', "true"])
def test_a_passphrase_that_opens_nothing_is_named_and_does_not_stop_the_keeper(
    command: Command, passphrase: str
) -> None:
    ran = command("once", VOICEKEEP_SECRETS=f"[team]\npassphrase = {passphrase}")
    assert ran.code == 0
    assert "lets nobody in" in ran.err


def test_what_is_blocked_ends_with_one_and_the_rest_is_done(
    story: Story, context: Context, command: Command
) -> None:
    story.to_be_kept(context)
    copied = cloning.clone(context, clone_request("qwen", seed=2))
    story.service.always("speech", refuses(402))
    ran = command("once", "--json")

    assert ran.code == 1
    assert re.search("Grace 1: Your NanoGPT balance is too low", str(ran.json["blocked"]))
    assert health(context, copied.voice_id) is Health.SAFE


def test_a_vault_that_cannot_be_read_ends_with_one(story: Story, command: Command) -> None:
    (story.folder / "vault").write_text("in the way")
    ran = command("once")

    assert ran.code == 1
    assert "Your storage cannot be read" in ran.out


def contents(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


def files(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path): (sha256_hex(path.read_bytes()), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def untouched(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """Fails where anything was written, sent or spent since it was asked for first."""
    seen: list[object] = []

    def spends(*_: object) -> None:
        raise AssertionError("a dry run spends nothing")

    def look() -> None:
        now = (
            contents(story.folder / "voicekeep.db"),
            files(story.folder / "vault"),
            files(story.folder / "data"),
            len(story.service.seen),
        )
        if not seen:
            for paid in ("clone", "speak", "fetch", "balance"):
                monkeypatch.setattr(f"lib.providers.nanogpt.NanoGPT.{paid}", spends)
            seen.append(now)
        assert now == seen[0]

    return look


def test_a_dry_run_says_what_is_due_and_changes_sends_and_writes_nothing(
    story: Story, context: Context, command: Command, untouched: Callable[[], None]
) -> None:
    story.to_be_kept(context)
    cloning.clone(context, clone_request(seed=2))
    untouched()
    ran = command("once", "--dry-run", "--json")

    assert ran.code == 0
    assert set(ran.json) == COUNTS | {"failed", "blocked", "next_due", "duration_s"}
    assert (ran.json["sent"], ran.json["activated"], ran.json["checked"]) == (1, 1, 2)
    untouched()


def test_a_dry_run_counts_every_kind_of_step(
    story: Story, context: Context, command: Command, untouched: Callable[[], None]
) -> None:
    story.clock.advance(-7 * DAY)
    used = story.kept(context, seed=3)
    story.clock.advance(7 * DAY)
    copied = story.kept(context, "qwen", seed=2)
    to_copy = cloning.clone(context, clone_request("qwen"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lib.studio.storage.files.bring", lambda context, dossier: False)
        story.until(context, lambda: state(context, to_copy) is JobState.DONE)
    context.registry.voices.change(copied, copy_next_at=story.clock.now())
    context.registry.voices.change(used, refresh_days=6)
    untouched()
    ran = command("once", "--dry-run", "--json")

    counted = {name: ran.json[name] for name in ("mirrored", "verified", "refreshed", "activated")}
    assert counted == {"mirrored": 1, "verified": 1, "refreshed": 1, "activated": 0}
    untouched()


def test_a_dry_run_after_a_change_of_vaults_counts_what_would_move(
    story: Story, context: Context, command: Command
) -> None:
    story.kept(context, "qwen")
    keeper.one_pass(context)
    ran = command("once", "--dry-run", "--json", VAULT_URL=f"file://{story.folder / 'second'}")

    assert ran.json["mirrored"] == 1
    assert not (story.folder / "second").exists()


def test_a_dry_run_in_the_demo_leaves_everything_as_it_is(story: Story, command: Command) -> None:
    """The demo's service lives in files beside the database; only its clock is set anew."""
    demo = {"NANOGPT_API_KEY": "", "VAULT_URL": "", "DATABASE_URL": ""}
    data = story.folder / "data"

    def all_of_it() -> object:
        service = [line for line in contents(data / "demo.db") if '"anchor" VALUES' not in line]
        return contents(data / "voicekeep.db"), service, files(data / "vault")

    assert command("once", "--json", "--demo", **demo).json["failed"] == []
    before = all_of_it()
    ran = command("once", "--dry-run", "--json", "--demo", **demo)

    assert ran.json["checked"] > 3
    assert all_of_it() == before


@pytest.mark.parametrize("name", ["once", "rebuild", "verify"])
def test_a_dry_run_where_nothing_is_yet_leaves_nothing(
    story: Story, command: Command, name: str
) -> None:
    (story.folder / "empty").mkdir()
    command.folder = story.folder / "empty"
    nothing = {"NANOGPT_API_KEY": "", "VAULT_URL": "", "DATABASE_URL": ""}
    ran = command(name, "--dry-run", "--demo", **nothing)

    assert ran.code == 0
    assert list(command.folder.iterdir()) == []


def test_a_dry_run_sees_that_the_vault_cannot_be_read(
    story: Story, context: Context, command: Command
) -> None:
    story.to_be_kept(context)
    cloning.clone(context, clone_request(seed=2))
    story.vault_breaks()
    ran = command("once", "--dry-run", "--json")

    assert ran.code == 1
    assert (ran.json["activated"], ran.json["sent"]) == (1, 0)
    assert "Your storage cannot be read" in ran.json["blocked"][0]


def test_status_tells_every_voice_and_order_without_touching_anything(
    story: Story, context: Context, command: Command
) -> None:
    safe = story.kept(context)
    at_risk = story.made(context, seed=2, keep_policy=KeepPolicy.ASK)
    cloning.clone(context, clone_request(seed=3))
    seen = len(story.service.seen)
    ran = command("status", "--json")

    assert ran.code == 0
    assert set(ran.json) == {"voices", "jobs", "last_pass"}
    assert ran.json["jobs"] == {"confirmed": 1, "done": 3}
    assert datetime.fromisoformat(ran.json["last_pass"]) == story.clock.now() - 3 * SECOND
    voices = {voice["id"]: voice for voice in ran.json["voices"]}
    assert all(set(voice) == VOICE_FIELDS for voice in voices.values())
    assert voices[safe]["health"] == "safe"
    assert voices[safe]["evidence"] == "activation"
    assert voices[safe]["expires_at"] is None
    assert voices[at_risk]["health"] == "waiting"
    assert datetime.fromisoformat(voices[at_risk]["expires_at"]) > story.clock.now() + 160 * HOUR
    assert sorted(voice["health"] for voice in voices.values()) == ["being_made", "safe", "waiting"]
    assert len(story.service.seen) == seen


def test_status_of_nothing(command: Command) -> None:
    assert command("status").out.strip() == "There are no voices yet."
    assert command("status", "--json").json == {"voices": [], "jobs": {}, "last_pass": None}


def test_rebuild_fills_an_empty_database_from_the_vault(
    story: Story, context: Context, command: Command
) -> None:
    voice_id = story.kept(context)
    keeper.one_pass(context)
    address = f"sqlite:///{story.folder / 'rebuilt.db'}"
    ran = command("rebuild", "--json", DATABASE_URL=address)

    assert ran.code == 0
    assert ran.json == {"found": 1, "taken": 1}
    assert command("rebuild", DATABASE_URL=address).out.strip() == "Loaded: 0 of 1 record."
    assert health(story.context("new", database=address), voice_id) is Health.SAFE


def test_rebuild_ends_with_one_where_a_story_could_not_be_read(
    story: Story, context: Context, command: Command
) -> None:
    story.kept(context)
    keeper.one_pass(context)
    damaged = story.folder / "vault" / "voices" / "0123456789abcdef" / "voice.json"
    damaged.parent.mkdir()
    damaged.write_text("{")
    ran = command("rebuild", DATABASE_URL=f"sqlite:///{story.folder / 'rebuilt.db'}")

    assert ran.code == 1
    assert ran.out.startswith("Loaded: 1 of 2 records. 1 could not be read")


def test_a_dry_rebuild_reads_everything_and_takes_nothing(
    story: Story, context: Context, command: Command
) -> None:
    voice_id = story.kept(context)
    spoken = speaking.order(context, text_order(voice_id))
    story.until(context, lambda: state(context, spoken) is JobState.DONE)
    keeper.one_pass(context)
    address = f"sqlite:///{story.folder / 'rebuilt.db'}"
    vault = files(story.folder / "vault")
    dry = command("rebuild", "--dry-run", "--json", DATABASE_URL=address)

    assert (dry.code, dry.json) == (0, {"found": 2, "taken": 2})
    told = command("rebuild", "--dry-run", DATABASE_URL=address).out
    assert told.strip() == "Would be loaded: 2 of 2 records."
    assert command("status", "--json", DATABASE_URL=address).json["voices"] == []
    assert command("rebuild", "--json", DATABASE_URL=address).json == dry.json
    again = command("rebuild", "--dry-run", "--json", DATABASE_URL=address)
    assert again.json == {"found": 2, "taken": 0}
    assert files(story.folder / "vault") == vault


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"DATABASE_URL": "mysql://user:pw@host/db"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:9/db"}, "cannot be reached"),
        ({"VAULT_URL": "s4://bucket"}, "VAULT_URL"),
    ],
    ids=["unknown database", "no database", "unknown vault"],
)
def test_what_cannot_run_ends_with_two_and_one_sentence(
    command: Command, settings: dict[str, str], says: str
) -> None:
    command.context.close()
    ran = command("once", "--json", **settings)

    assert ran.code == 2
    assert held_open(command.folder) == []
    assert ran.out == ""
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1
    assert "hunter2" not in ran.err
    assert KEY not in ran.err


def test_a_second_writer_of_a_bucket_is_refused(command: Command) -> None:
    bucket = {
        "VAULT_URL": "s3://bucket/prefix",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_REGION": "us-east-1",
        "DATABASE_URL": "",
    }
    ran = command("once", **bucket)

    assert ran.code == 2
    assert ran.err.startswith("Set DATABASE_URL, the app's own")
    assert not (command.folder / "data").exists()


def test_rebuild_ends_with_two_where_the_vault_cannot_be_listed(
    story: Story, command: Command
) -> None:
    (story.folder / "vault").write_text("in the way")
    ran = command("rebuild", "--json")

    assert ran.code == 2
    assert ran.out == ""
    assert ran.err


def test_the_module_is_the_command(story: Story, context: Context) -> None:
    cloning.clone(context, clone_request("qwen"))
    with process(context, story.folder / "elsewhere", "once", "--json") as running:
        out, err = running.communicate(timeout=60)

    assert err == ""
    assert running.returncode == 0
    assert json.loads(out)["mirrored"] == 1


def test_once_does_not_wait_until_what_could_not_be_done_is_tried_again() -> None:
    assert passes.AFTER_NOTHING.total_seconds() > commands.SOON_SECONDS


@pytest.mark.parametrize("many", mostly_slow([12, 50], 12))
def test_two_commands_and_the_apps_keeper_send_many_orders_once_each(
    story: Story, postgres_server: PostgresServer, many: int
) -> None:
    context = story.context(database=postgres_server.new_database())
    placed = [cloning.clone(context, _cheap(seed)) for seed in range(many)]
    story.service.always("clone", Tickets(poll_after=1))
    story.service.always("clone_status", says({"status": "completed"}))
    app = story.context("app", database=context.settings.get("DATABASE_URL"))
    commands = [process(context, story.folder / f"machine-{n}", "once") for n in range(2)]
    thread = keeper.start(app)
    for running in commands:
        with running:
            _, err = running.communicate(timeout=100)
            assert (err, running.returncode) == ("", 0)
    thread.stop()
    thread.join(30)

    sent = [request.field("customVoiceId") for request in story.service.of_kind("clone")]
    assert len(sent) == len(set(sent)) == many
    assert {state(context, job) for job in placed} <= {JobState.WAITING, JobState.DONE}
    assert len(all_jobs(context)) == many
    together(lambda: keeper.one_pass(context), times=2)
    assert story.service.count("clone") == many


def _cheap(seed: int) -> CloneRequest:
    """An order that ends with the clone: nothing is fetched or spoken for it."""
    short = recording(seed, 10, 4_000)
    return clone_request(seed=seed, recording=short, keep_policy=KeepPolicy.ASK)
