"""Start a program, wait until it is ready, and stop it for certain."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, TypeVar

import pytest

T = TypeVar("T")

READY_SECONDS = 60
"""Generous, for a busy computer; a program that died is noticed at once."""
STOP_SECONDS = 10
_LOOK_AGAIN_SECONDS = 0.01
_TOLD = 4_000
"""Characters of a failed program's output that an error shows."""


class StartupError(Exception):
    """A program ended, or did not get ready in time. The text holds what it printed last."""


class Child:
    """A running program with a process group of its own; as a context manager it is stopped."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, stop_by: signal.Signals):
        self.process = process
        self._log = log
        self._stop_by = stop_by
        self._stopped = False

    def output(self) -> str:
        """What it printed so far, both streams."""
        return self._log.read_text(errors="replace")

    def ready(self, word: str = "READY ", *, seconds: float = READY_SECONDS) -> str:
        """Wait for a line that begins with `word`; what follows the word, stripped."""

        def told() -> str | None:
            whole, _, _ = self.output().rpartition("\n")
            lines = (line for line in whole.splitlines() if line.startswith(word))
            return next((line.removeprefix(word).strip() for line in lines), None)

        return self.wait_for(told, f"print {word.strip()}", seconds=seconds)

    def wait_for_port(self, port: int, *, seconds: float = READY_SECONDS) -> None:
        """Wait until something on 127.0.0.1 accepts connections there."""
        self.wait_for(lambda: accepts(port) or None, f"listen on port {port}", seconds=seconds)

    def wait_for(self, look: Callable[[], T | None], what: str, *, seconds: float) -> T:
        """Look until the answer is not None. Raises `StartupError`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise self._failed(f"ended with {self.process.returncode}")
            if (found := look()) is not None:
                return found
            time.sleep(_LOOK_AGAIN_SECONDS)
        raise self._failed(f"did not {what} in {seconds:g} s")

    def stop(self) -> None:
        """End it and all it started; does nothing the second time."""
        if self._stopped:
            return
        self._stopped = True
        self._signal_group(self._stop_by)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self._signal_group(signal.SIGKILL)
        self.process.wait()

    def _signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def _failed(self, how: str) -> StartupError:
        self.stop()
        return StartupError(f"{self.process.args!r} {how}:\n{self.output()[-_TOLD:]}")

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
    stop_by: signal.Signals = signal.SIGKILL,
) -> Child:
    """Start a program; both its streams go to the file `log`.

    Call it in the main thread: where Linux can, the program is killed when the thread that
    started it ends, so a killed test run leaves nothing behind.
    """
    leash = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*leash, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            **identity(user),
        )
    return Child(process, log, stop_by)


def identity(user: str | None) -> dict[str, Any]:
    """Arguments of `subprocess` that run a program as this user; None: as ourselves."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def free_port() -> int:
    """A port of 127.0.0.1 that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def twice(begin: Callable[[], T]) -> T:
    """Begin; once more, with other ports, where somebody else took one in between."""
    try:
        return begin()
    except StartupError:
        return begin()


def find_program(*names: str) -> str:
    """The path of the first of these programs that is installed; else the test cannot run."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or absent(f"{names[0]} is not installed")


def absent(reason: str) -> NoReturn:
    """Skip, as something is not on this computer; a failure where CI promises everything."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI skips nothing", pytrace=False)
    pytest.skip(reason)


def held_open(folder: Path) -> list[str]:
    """Which files in this folder this process has open."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("a process can list its open files on Linux only")
    links = []
    for descriptor in descriptors.iterdir():
        with suppress(OSError):  # the one that lists them is gone by now
            links.append(descriptor.readlink())
    return sorted(link.name for link in links if link.is_relative_to(folder))
