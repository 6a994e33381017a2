"""Keepers that can be killed: `python -m tests.studio.nursery`.

Each line of its input describes one keeper. It runs in a process of its own (forked, so that
nothing has to be imported again); its id and then how it ended are printed. A keeper can be told
to kill itself right before or after it commits something, or at the so-manieth moment of its work:
the program itself knows nothing of it.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from botocore.client import BaseClient

from lib import keeper
from lib.models import Job, JobKind
from lib.providers.http import RateLimit
from lib.registry.database import Database
from lib.registry.jobs import Jobs
from lib.settings import Settings
from lib.studio.core.opening import open_context
from lib.studio.core.spool import Spool
from lib.studio.storage import files, manifests
from lib.vault.folder import FolderVault
from tests.conftest import ROOT
from tests.parts.clock import SettableClock

KILLED = -signal.SIGKILL
PASSES = 8
PAUSE = timedelta(seconds=3)
LATE_IMPORTS = (
    "alembic.command",
    "boto3",
    "lib.providers.kyma",
    "lib.providers.nanogpt",
    "psycopg",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
)
"""What the program imports when it first needs it: here once for all keepers."""


@dataclass(frozen=True)
class Keeper:
    """What one keeper works on, and where it dies: `submit:before`; "": nowhere by itself.

    `moment`: it dies there, counted from the beginning of its work of this kind.
    """

    settings: dict[str, str]
    data_folder: str
    now: str
    kind: str = ""
    dies: str = ""
    moment: int = 0


class Nursery:
    """The process that the keepers are forked from."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, what: Keeper) -> int:
        """Start a keeper; returns the id of its process."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(what)) + "\n")
        self._process.stdin.flush()
        return self._told()

    def end(self) -> int:
        """Wait for the keeper started last; its exit code, or minus the signal that killed it."""
        return self._told()

    def _told(self) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the nursery has ended"
        return int(line)


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery as long as the block lasts."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()


def main() -> None:
    for module in LATE_IMPORTS:
        importlib.import_module(module)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _keep(Keeper(**json.loads(line)))
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _keep(what: Keeper) -> None:
    clock = SettableClock(datetime.fromisoformat(what.now))
    settings = Settings(what.settings, data_folder=Path(what.data_folder))
    if what.dies:
        _die_at(what.dies, JobKind(what.kind))
    if what.moment:
        RateLimit.wait = lambda _: None  # type: ignore[method-assign]  # politeness takes time
        _die_at_moment(what.kind, what.moment)
    context = open_context(settings, clock=clock)
    for _ in range(PASSES):
        keeper.one_pass(context)
        clock.advance(PAUSE)


def _die_at(point: str, kind: JobKind) -> None:
    """Let the process kill itself at a commit for a job of this kind."""
    name, _, when = point.partition(":")
    commit = getattr(Jobs, name)

    def dying(jobs: Jobs, job: Job | str, *args: Any, **named: Any) -> Any:
        found = jobs.get(job) if isinstance(job, str) else job
        if found is None or found.kind is not kind:
            return commit(jobs, job, *args, **named)
        if when == "after":
            commit(jobs, job, *args, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")

    setattr(Jobs, name, dying)


FOREIGN = ((Database, "write"), (httpx.Client, "send"), (BaseClient, "_make_api_call"),
           (FolderVault, "put_verified"), (Spool, "_write"))  # fmt: skip
"""Where the keeper changes something outside of its memory."""


def _die_at_moment(kind: str, moment: int) -> None:
    """Let the process kill itself at this moment of its work of a kind: each commit, request and
    file has two, right before and right after it.
    """
    begun = threading.Event()
    moments = count(1)

    def one_more() -> None:
        if begun.is_set() and next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    for owner, name in FOREIGN:
        _watch(owner, name, one_more)
    _begin_with(kind, begun)


def _watch(owner: type, name: str, one_more: Callable[[], None]) -> None:
    plain = getattr(owner, name)

    @contextmanager
    def transaction(*args: Any, **named: Any) -> Iterator[Any]:
        with plain(*args, **named) as connection:
            yield connection
            one_more()
        one_more()

    def call(*args: Any, **named: Any) -> Any:
        one_more()
        done = plain(*args, **named)
        one_more()
        return done

    setattr(owner, name, transaction if owner is Database else call)


def _begin_with(kind: str, begun: threading.Event) -> None:
    """Let the moments count from the beginning of the work of this kind."""
    beginnings = {"mirror": (files, "bring"), "manifest": (manifests, "save_due")}
    owner, name = beginnings.get(kind, (Jobs, "reserve"))
    plain = getattr(owner, name)

    def beginning(first: Any, second: Any = None, *args: Any, **named: Any) -> Any:
        of_kind = kind in beginnings or first.get(second).kind == kind
        if of_kind:
            begun.set()
        rest = args if second is None else (second, *args)
        return plain(first, *rest, **named)

    if kind:
        setattr(owner, name, beginning)
    else:
        begun.set()


if __name__ == "__main__":
    main()
