"""`python -m lib.keeper run`, and what it shares with the app's keeper: it goes on through outages,
ends when it is told to, and tells the outside monitor of good passes.
"""

from __future__ import annotations

import ctypes
import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from lib import keeper
from lib.keeper import Summary, pinging
from lib.keeper import thread as keeper_thread
from lib.keeper.signs import OUTSIDE, PING
from lib.keeper.thread import KeeperThread
from lib.models import Health, JobState
from lib.providers.monitor import PingFailed
from lib.registry import DatabaseUnavailable
from lib.registry.troubles import Trouble
from lib.registry.wording import TROUBLES
from lib.studio.core.context import Context
from lib.studio.orders import cloning
from tests.clients.scripted_server import Reply, ScriptedServer, closed_port
from tests.parts.clock import SettableClock
from tests.parts.length import mostly_slow
from tests.parts.postgres import PostgresServer
from tests.studio.command_line import Command, process
from tests.studio.service import Holds, refuses, says
from tests.studio.story import MINUTE, SECOND, Story, clone_request, health, state

FIELDS = {
    "checked", "sent", "polled", "activated", "mirrored", "verified", "refreshed", "notified",
    "failed", "blocked", "next_due", "duration_s",
}  # fmt: skip
PATIENCE = 60.0
"""Seconds for what takes one or two on a computer with nothing else to do."""


@pytest.fixture
def clock() -> SettableClock:
    """The command lives in real time, so the team's story is told there as well."""
    return SettableClock(datetime.now(UTC))


@pytest.fixture
def pace() -> float:
    """Runs of the service end at once."""
    return 0.0


class Running:
    """A `run` in a process of its own, with the lines it has printed so far."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self.child = child
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(stream, lines))
            for stream, lines in ((child.stdout, self.lines), (child.stderr, self.errors))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: Iterator[str], lines: list[str]) -> None:
        for line in stream:
            lines.append(line.rstrip("\n"))

    def line(self, pattern: str, *, after: int = 0) -> int:
        """Wait for a line that matches; returns how many lines came up to it."""

        def found() -> int | None:
            numbered = enumerate(list(self.lines)[after:], after + 1)
            return next((number for number, line in numbered if re.search(pattern, line)), None)

        until(lambda: found() is not None or self.child.poll() is not None)
        number = found()
        assert number is not None, (pattern, self.lines, self.errors)
        return number

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to end; returns its exit code."""
        self.child.send_signal(how)
        return self.wait()

    def wait(self) -> int:
        code = self.child.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code


@contextmanager
def running(context: Context, folder: Path, *options: str, **settings: str) -> Iterator[Running]:
    with process(context, folder / "elsewhere", "run", *options, **settings) as child:
        run = Running(child)
        try:
            yield run
        finally:
            child.kill()
            run.wait()


def until(good: Callable[[], bool]) -> None:
    """Wait for something that another thread or process does."""
    end = time.monotonic() + PATIENCE
    moment = threading.Event()
    while not good():
        assert time.monotonic() < end, "it never came to that"
        moment.wait(0.02)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_rests_ends_at_once_and_well(
    story: Story, context: Context, how: signal.Signals
) -> None:
    with running(context, story.folder) as run:
        run.line("^20.* UTC  0 voices looked at, 0 orders sent")
        started = time.monotonic()
        code = run.end(how)

    assert (code, run.errors) == (0, [])
    assert time.monotonic() - started < 20
    assert len(run.lines) == 1
    assert OUTSIDE in context.registry.notes.all()


def test_a_run_ends_whichever_of_its_threads_takes_the_signal(
    story: Story, context: Context
) -> None:
    with running(context, story.folder) as run:
        run.line("0 voices looked at")
        _signals_another_thread(run.child.pid, signal.SIGTERM)
        code = run.wait()

    assert (code, run.errors) == (0, [])


def _signals_another_thread(process: int, number: signal.Signals) -> None:
    """Not the main thread, to which the kernel prefers to give it."""
    tasks = Path(f"/proc/{process}/task")
    if not tasks.is_dir():
        pytest.skip("threads of other processes can be addressed on Linux only")
    other = next(int(task.name) for task in tasks.iterdir() if int(task.name) != process)
    assert ctypes.CDLL(None).tgkill(process, other, number) == 0


def test_a_run_does_what_is_due_when_it_is_due_with_one_object_per_pass(
    story: Story, context: Context
) -> None:
    job = cloning.clone(context, clone_request())
    with running(context, story.folder, "--json") as run:
        until(lambda: health(context, job.voice_id) is Health.SAFE)
        run.line('"activated": 1')
        code = run.end()

    passes = [json.loads(line) for line in run.lines]
    assert (code, run.errors) == (0, [])
    assert all(set(one) == FIELDS for one in passes)
    assert sum(one["sent"] for one in passes) == 2
    assert story.service.count("clone") == 1


def test_a_run_that_is_told_to_end_finishes_what_it_has_sent(
    story: Story, context: Context
) -> None:
    held = Holds()
    story.service.next("clone", held)
    job = cloning.clone(context, clone_request())
    waiting = cloning.clone(context, clone_request(seed=2))
    with running(context, story.folder) as run:
        assert held.arrived.wait(PATIENCE)
        run.child.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            run.child.wait(1)
        both = {state(context, order) for order in (job, waiting)}
        assert JobState.SUBMITTING in both  # whichever of the two was sent first is held
        held.released.set()
        code = run.wait()

    assert (code, run.errors) == (0, [])
    ended = {state(context, order) for order in (job, waiting)}
    assert JobState.SUBMITTING not in ended
    assert ended & {JobState.WAITING, JobState.DONE}
    assert len(run.lines) == 1


def test_whoever_asks_twice_is_not_kept_waiting(story: Story, context: Context) -> None:
    held = Holds()
    story.service.next("clone", held)
    cloning.clone(context, clone_request())
    with running(context, story.folder) as run:
        assert held.arrived.wait(PATIENCE)
        run.child.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            run.child.wait(0.5)
        assert run.end(signal.SIGINT) == -signal.SIGINT
    held.released.set()


def test_a_run_survives_an_outage_of_the_database(
    story: Story, postgres_server: PostgresServer
) -> None:
    address = postgres_server.new_database()
    context = story.context(database=address)
    story.service.always("clone_status", says({"status": "processing"}, X_Poll_After="1"))
    cloning.clone(context, clone_request())
    with running(context, story.folder) as run:
        seen = run.line("1 voice looked at")
        _closed(postgres_server, address, closed=True)
        seen = run.line(TROUBLES[Trouble.SWITCHED_OFF], after=seen)
        _closed(postgres_server, address, closed=False)
        run.line("1 asked about", after=seen)
        code = run.end()

    assert code == 0
    assert "voicekeep:" not in "\n".join(run.lines + run.errors)
    assert not [line for line in run.errors if "Traceback" in line]
    assert story.service.count("clone") == 1


def _closed(server: PostgresServer, address: str, *, closed: bool) -> None:
    """The database throws everybody out and lets nobody in, or lets them in again."""
    name = address.rpartition("/")[2]
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {not closed}'.encode())
        if closed:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (name,),
            )


def test_a_run_survives_an_outage_of_the_vault(story: Story, context: Context) -> None:
    job = cloning.clone(context, clone_request("qwen"))
    story.vault_breaks()
    with running(context, story.folder) as run:
        run.line("Your storage cannot be read")
        story.vault_is_mended()
        until(lambda: health(context, job.voice_id) is Health.SAFE)
        code = run.end()

    assert (code, run.errors) == (0, [])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:9/db"}, "cannot be reached"),
        ({"VAULT_URL": "s4://hunter2"}, "VAULT_URL has to look like"),
        ({"VAULT_URL": "s3://bucket/x", "DATABASE_URL": ""}, "Set DATABASE_URL, the app's own"),
    ],
    ids=["no database", "bad vault", "bucket without database"],
)
@pytest.mark.parametrize("name", mostly_slow(["once", "run"], "run"))
def test_what_cannot_run_says_so_in_a_sentence(
    story: Story, context: Context, name: str, settings: dict[str, str], says: str
) -> None:
    with process(context, story.folder / "elsewhere", name, "--json", **settings) as child:
        out, err = child.communicate(timeout=PATIENCE)

    assert (child.returncode, out) == (2, "")
    assert says in err
    assert len(err.splitlines()) == 1
    assert "hunter2" not in err


def test_pauses_grow_while_an_outage_lasts_and_are_short_again_after_it(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_database(context: Context) -> Summary:
        raise DatabaseUnavailable("It is out.")

    heard: list[Summary] = []
    thread = KeeperThread(context, heard.append)
    with monkeypatch.context() as patch:
        patch.setattr(keeper_thread, "one_pass", no_database)
        pauses = [thread._pass() for _ in range(12)]
    whole = [timedelta(seconds=5) * 2**n for n in range(12)]
    most = [min(pause, timedelta(minutes=5)) for pause in whole]
    least = [*most[:6], *(pause * 0.7 for pause in most[6:])]
    most = [*(pause * 1.3 for pause in most[:6]), *most[6:]]

    assert all(a <= pause <= b for a, pause, b in zip(least, pauses, most, strict=True))
    assert len(set(pauses[-5:])) == 5
    assert heard[0].blocked == ["It is out."]

    assert thread._pass() == keeper_thread.sleep_after(heard[-1], context.clock.now())
    with monkeypatch.context() as patch:
        patch.setattr(keeper_thread, "one_pass", no_database)
        assert thread._pass() <= timedelta(seconds=5) * 1.3


# --- the outside monitor ----------------------------------------------------------------------

SECRET = "8f1d2c3b-secret"


@pytest.fixture
def monitor() -> Iterator[ScriptedServer]:
    with ScriptedServer([Reply(200, b"OK")] * 20) as server:
        yield server


def ping_note(context: Context) -> dict[str, object]:
    note = context.registry.notes.all().get(PING)
    return note.body if note else {}


def test_once_pings_when_all_is_done_and_only_then(
    story: Story, context: Context, command: Command, monitor: ScriptedServer
) -> None:
    url = f"{monitor.origin}/{SECRET}"
    story.service.always("speech", refuses(402))
    story.to_be_kept(context)
    blocked = command("once", KEEPER_PING_URL=url)
    planned = command("once", "--dry-run", KEEPER_PING_URL=url)
    assert (blocked.code, planned.code) == (1, 1)
    assert monitor.seen == []

    context.registry.voices.change(
        context.registry.voices.dossiers(services=["nanogpt"])[0].voice.id,
        archived_at=story.clock.now(),
    )
    done = [command("once", KEEPER_PING_URL=url) for _ in range(2)]
    assert [ran.code for ran in done] == [0, 0]
    assert [(seen.method, seen.path) for seen in monitor.seen] == [("GET", f"/{SECRET}")] * 2
    assert ping_note(context)["ok"] is True
    assert SECRET not in "".join(ran.out + ran.err for ran in [blocked, planned, *done])


def test_a_dry_run_pings_nobody(
    context: Context, command: Command, monitor: ScriptedServer
) -> None:
    assert command("once", "--dry-run", KEEPER_PING_URL=f"{monitor.origin}/{SECRET}").code == 0
    assert monitor.seen == []
    assert ping_note(context) == {}


def test_a_monitor_that_cannot_be_reached_fails_no_pass_and_is_noted(
    context: Context, command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    ran = command("once", "--json", KEEPER_PING_URL=f"{closed_port()}/{SECRET}")

    assert ran.code == 0
    assert ran.json["failed"] == ran.json["blocked"] == []
    note = ping_note(context)
    assert note["ok"] is False
    assert "KEEPER_PING_URL" in str(note["sentence"])
    assert SECRET not in f"{note}{ran.out}{ran.err}{caplog.text}"


def test_a_defect_in_pinging_fails_no_pass_and_quotes_nothing(
    context: Context,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(url: str) -> None:
        raise RuntimeError(f"cannot handle {url}")

    monkeypatch.setattr("lib.providers.monitor.ping", broken)
    ran = command("once", KEEPER_PING_URL=f"https://monitor.example/{SECRET}")

    assert ran.code == 0
    assert ping_note(context)["ok"] is False
    assert SECRET not in f"{ping_note(context)}{ran.out}{ran.err}{caplog.text}"


def test_good_passes_ping_at_most_every_five_minutes_whoever_makes_them(
    story: Story, monitor: ScriptedServer
) -> None:
    url = f"{monitor.origin}/{SECRET}"
    app, other = (story.context(name, KEEPER_PING_URL=url) for name in ("app", "other"))
    for context in (app, other, app):
        pinging.ping(context)
    story.clock.advance(5 * MINUTE - SECOND)
    pinging.ping(other)
    assert len(monitor.seen) == 1

    story.clock.advance(SECOND)
    pinging.ping(other)
    pinging.ping(app)
    assert len(monitor.seen) == 2


@pytest.fixture
def no_keepers() -> Iterator[None]:
    """No thread of a keeper outlives its test."""
    yield
    for thread in threading.enumerate():
        if isinstance(thread, KeeperThread):
            thread.stop()
            thread.join(20)


@pytest.mark.usefixtures("no_keepers")
def test_the_apps_keeper_pings_after_a_good_pass_and_not_after_a_bad_one(
    story: Story, monitor: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = story.context("app", KEEPER_PING_URL=f"{monitor.origin}/{SECRET}")
    outcomes = iter([Summary(failed=["a"]), Summary(blocked=["b"]), Summary()])
    monkeypatch.setattr(keeper_thread, "one_pass", lambda context: next(outcomes))
    heard: list[Summary] = []
    thread = keeper.start(context, heard.append)
    for count in (1, 2):
        until(lambda count=count: len(heard) == count)  # type: ignore[misc]
        assert monitor.seen == []
        thread.wake()
    until(lambda: bool(ping_note(context)))

    assert len(monitor.seen) == 1


@pytest.mark.usefixtures("no_keepers")
def test_a_monitor_that_never_answers_holds_nothing_up(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answers = threading.Event(), threading.Event()

    def silent(url: str) -> None:
        asked.set()
        answers.wait(PATIENCE)
        raise PingFailed("It gave no answer.")

    monkeypatch.setattr("lib.providers.monitor.ping", silent)
    context = story.context("app", KEEPER_PING_URL=f"https://monitor.example/{SECRET}")
    thread = keeper.start(context)
    assert asked.wait(PATIENCE)
    cloning.clone(context, clone_request())
    until(lambda: story.service.count("clone") == 1)
    assert ping_note(context) == {}
    answers.set()
    thread.stop()
    thread.join(30)

    assert not thread.is_alive()
    assert ping_note(context) == {"ok": False, "sentence": "It gave no answer."}
