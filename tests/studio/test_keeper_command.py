"""`python -m lib.keeper`, for a scheduler: what it prints, how it ends, and who may write."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lib import keeper
from lib.keeper import __main__ as keeper_command
from lib.models import Health, JobState, KeepPolicy
from lib.studio import orders
from lib.studio.orders import CloneRequest
from lib.studio.workshop import Workshop
from tests.conftest import ROOT
from tests.parts.clock import SettableClock
from tests.parts.postgres import PostgresServer
from tests.studio.service import PretendService, Tickets, refuses, says, together
from tests.studio.story import (
    HOUR,
    KEY,
    SECOND,
    Story,
    all_jobs,
    clone_request,
    health,
    recording,
    state,
)

COUNTS = {
    "checked", "sent", "polled", "activated", "mirrored", "verified", "refreshed", "notified",
}  # fmt: skip
VOICE_FIELDS = {
    "id", "name", "service", "kind", "source", "health", "expires_at", "evidence",
}  # fmt: skip


@pytest.fixture
def clock() -> SettableClock:
    """The command lives in real time, so the team's story is told there as well."""
    return SettableClock(datetime.now(UTC))


@pytest.fixture
def service(tmp_path: Path, clock: SettableClock) -> Iterator[PretendService]:
    """Its runs end at once."""
    pretend = PretendService(tmp_path / "service.db", clock, pace=0.0, balance=Decimal(100))
    with pretend.open():
        yield pretend


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Command:
    """The command in the team's folder, with the team's settings in the environment."""

    workshop: Workshop
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, **settings: str) -> Ran:
        """Run it inside this process: half a second less each time."""
        self.monkeypatch.chdir(self.folder)
        with self.monkeypatch.context() as patch:
            for name, value in (dict(self.workshop.settings.values) | settings).items():
                patch.setenv(name, value)
            self.capsys.readouterr()
            code = keeper_command.main(arguments)
        told = self.capsys.readouterr()
        return Ran(code, told.out, told.err)


@pytest.fixture
def command(
    workshop: Workshop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    return Command(workshop, tmp_path, monkeypatch, capsys)


def process(workshop: Workshop, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The same in a process of its own, on a machine of its own."""
    folder.mkdir(exist_ok=True)
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "lib.keeper", *arguments],
        cwd=folder,
        env=known | dict(workshop.settings.values),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_once_does_all_that_is_due_and_stays_until_it_is_finished(
    workshop: Workshop, command: Command
) -> None:
    job = orders.clone(workshop, clone_request())
    ran = command("once", "--json")

    assert ran.code == 0
    assert set(ran.json) == COUNTS | {"failed", "blocked", "next_due", "duration_s"}
    assert all(type(ran.json[name]) is int for name in COUNTS)
    assert (ran.json["sent"], ran.json["activated"]) == (2, 1)
    assert ran.json["failed"] == ran.json["blocked"] == []
    assert ran.json["duration_s"] > 0
    assert health(workshop, job.voice_id) is Health.SAFE


def test_once_without_work_ends_well_and_says_so_in_a_line(command: Command) -> None:
    ran = command("once")

    assert ran.code == 0
    assert ran.out.startswith("0 voices looked at, 0 orders sent")
    assert ran.err == ""


def test_what_is_blocked_ends_with_one_and_the_rest_is_done(
    story: Story, workshop: Workshop, command: Command
) -> None:
    story.to_be_kept(workshop)
    copied = orders.clone(workshop, clone_request("qwen", seed=2))
    story.service.always("speech", refuses(402))
    ran = command("once", "--json")

    assert ran.code == 1
    assert re.search("Grace 1: There is not enough NanoGPT balance", str(ran.json["blocked"]))
    assert health(workshop, copied.voice_id) is Health.SAFE


def test_a_vault_that_cannot_be_read_ends_with_one(story: Story, command: Command) -> None:
    (story.folder / "vault").write_text("in the way")
    ran = command("once")

    assert ran.code == 1
    assert "Your vault cannot be read" in ran.out


def contents(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


def files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_dry_run_says_what_is_due_and_changes_sends_and_writes_nothing(
    story: Story, workshop: Workshop, command: Command
) -> None:
    story.to_be_kept(workshop)
    orders.clone(workshop, clone_request(seed=2))
    before = contents(story.folder / "voicekeep.db"), files(story.folder / "vault")
    seen = len(story.service.seen)
    ran = command("once", "--dry-run", "--json")

    assert ran.code == 0
    assert (ran.json["sent"], ran.json["activated"], ran.json["checked"]) == (1, 1, 2)
    assert (contents(story.folder / "voicekeep.db"), files(story.folder / "vault")) == before
    assert len(story.service.seen) == seen


def test_status_tells_every_voice_and_order_without_touching_anything(
    story: Story, workshop: Workshop, command: Command
) -> None:
    safe = story.kept(workshop)
    at_risk = story.made(workshop, seed=2, keep_policy=KeepPolicy.ASK)
    orders.clone(workshop, clone_request(seed=3))
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
    story: Story, workshop: Workshop, command: Command
) -> None:
    voice_id = story.kept(workshop)
    keeper.one_pass(workshop)
    address = f"sqlite:///{story.folder / 'rebuilt.db'}"
    ran = command("rebuild", "--json", DATABASE_URL=address)

    assert ran.code == 0
    assert ran.json == {"found": 1, "taken": 1}
    assert command("rebuild", DATABASE_URL=address).out.strip() == "0 of 1 manifests were taken."
    assert health(story.workshop("new", database=address), voice_id) is Health.SAFE


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"DATABASE_URL": "mysql://user:pw@host/db"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:9/db"}, "cannot be reached"),
        ({"VAULT_URL": "s4://bucket"}, "VAULT_URL"),
        ({"VOICEKEEP_SECRETS": "[team"}, "not valid TOML"),
    ],
    ids=["unknown database", "no database", "unknown vault", "broken secrets"],
)
def test_what_cannot_run_ends_with_two_and_one_sentence(
    command: Command, settings: dict[str, str], says: str
) -> None:
    ran = command("once", "--json", **settings)

    assert ran.code == 2
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


def test_the_module_is_the_command(story: Story, workshop: Workshop) -> None:
    orders.clone(workshop, clone_request("qwen"))
    with process(workshop, story.folder / "elsewhere", "once", "--json") as running:
        out, err = running.communicate(timeout=60)

    assert err == ""
    assert running.returncode == 0
    assert json.loads(out)["mirrored"] == 1


MANY = 50


def test_two_commands_and_the_apps_keeper_send_fifty_orders_once_each(
    story: Story, postgres_server: PostgresServer
) -> None:
    workshop = story.workshop(database=postgres_server.new_database())
    placed = [orders.clone(workshop, _cheap(seed)) for seed in range(MANY)]
    story.service.always("clone", Tickets(poll_after=1))
    story.service.always("clone_status", says({"status": "completed"}))
    app = story.workshop("app", database=workshop.settings.get("DATABASE_URL"))
    commands = [process(workshop, story.folder / f"machine-{n}", "once") for n in range(2)]
    thread = keeper.start(app)
    for running in commands:
        with running:
            _, err = running.communicate(timeout=100)
            assert (err, running.returncode) == ("", 0)
    thread.stop()
    thread.join(30)

    sent = [request.field("customVoiceId") for request in story.service.of_kind("clone")]
    assert len(sent) == len(set(sent)) == MANY
    assert {state(workshop, job) for job in placed} <= {JobState.WAITING, JobState.DONE}
    assert len(all_jobs(workshop)) == MANY
    together(lambda: keeper.one_pass(workshop), times=2)
    assert story.service.count("clone") == MANY


def _cheap(seed: int) -> CloneRequest:
    """An order that ends with the clone: nothing is fetched or spoken for it."""
    short = recording(seed, 10, 4_000)
    return clone_request(seed=seed, recording=short, keep_policy=KeepPolicy.ASK)
