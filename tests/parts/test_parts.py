"""The parts do what the other tests take for granted."""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import UTC, timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser

from tests.parts.clock import SettableClock
from tests.parts.length import mostly_slow
from tests.parts.postgres import PostgresServer
from tests.parts.processes import StartupError, absent, accepts, start, twice

LISTENER = """
import socket, subprocess, sys
door = socket.create_server(("127.0.0.1", 0))
grandchild = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
print("warming up")
print(f"READY {door.getsockname()[1]} {grandchild.pid}", flush=True)
while True:
    door.accept()
"""
RECORD = """async () => {
  const stream = await navigator.mediaDevices.getUserMedia({audio: true});
  const context = new AudioContext();
  const ear = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(ear);
  const wave = new Float32Array(ear.fftSize);
  for (let turn = 0; turn < 500; turn++) {
    ear.getFloatTimeDomainData(wave);
    if (wave.some(value => Math.abs(value) > 0.01)) return true;
    await new Promise(done => setTimeout(done, 10));
  }
  return false;
}"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_program_is_ready_when_it_says_so_and_stopped_with_all_it_started(tmp_path: Path) -> None:
    with start([sys.executable, "-c", LISTENER], log=tmp_path / "log") as child:
        port, grandchild = map(int, child.ready().split())
        assert accepts(port)
        assert is_running(grandchild)
        assert "warming up" in child.output()
    assert child.process.returncode == -signal.SIGKILL
    assert not accepts(port)
    deadline = time.monotonic() + 10  # the kernel may take a moment
    while is_running(grandchild) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(grandchild)


def test_a_program_that_ends_early_is_told_with_what_it_printed(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"ended with 3:\nno such luck"):
        start(
            [sys.executable, "-c", "print('no such luck'); raise SystemExit(3)"],
            log=tmp_path / "log",
        ).ready()


def test_a_program_that_is_never_ready_is_stopped(tmp_path: Path) -> None:
    child = start([sys.executable, "-c", LISTENER], log=tmp_path / "log")
    with pytest.raises(StartupError, match=r"did not print NEVER in 0\.1 s"):
        child.ready("NEVER", seconds=0.1)
    assert child.process.returncode is not None


def test_a_start_that_failed_is_tried_once_more() -> None:
    failures = [StartupError("port taken")]

    def begin() -> str:
        if failures:
            raise failures.pop()
        return "up"

    assert twice(begin) == "up"


def test_what_is_not_installed_skips_and_fails_where_ci_promises_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no moon"):
        absent("no moon")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no moon"):
        absent("no moon")


def test_the_clock_stands_until_it_is_moved() -> None:
    clock = SettableClock()
    before = clock.now()
    clock.advance(timedelta(hours=168))
    assert clock.now() - before == timedelta(hours=168)
    assert clock.now().tzinfo is UTC


def test_each_database_is_new_and_empty(postgres_server: PostgresServer) -> None:
    first, second = postgres_server.new_database(), postgres_server.new_database()
    with psycopg.connect(first, autocommit=True) as connection:
        connection.execute("CREATE TABLE seen (n int)")
    with psycopg.connect(second) as connection:
        found = connection.execute("SELECT to_regclass('seen')").fetchone()
    assert found == (None,)


def test_the_browser_hears_a_sound_and_reaches_nothing_outside(chromium: Browser) -> None:
    context = chromium.new_context(permissions=["microphone"])
    page = context.new_page()
    page.route("http://localhost/", lambda route: route.fulfill(body="<h1>A page</h1>"))
    page.goto("http://localhost/")
    assert page.inner_text("h1") == "A page"
    assert page.evaluate(RECORD)
    reached = "async () => fetch('http://example.com/', {mode: 'no-cors'}).then(() => 1, () => 0)"
    assert page.evaluate(reached) == 0
    context.close()


def test_no_setting_from_outside_gets_in() -> None:
    assert not any(name.startswith(("AWS_", "NANOGPT_", "DEMO")) for name in os.environ)


def test_a_case_that_is_not_there_cannot_be_one_that_always_runs() -> None:
    with pytest.raises(ValueError, match="no such cases"):
        mostly_slow(["one", "two"], "three")
