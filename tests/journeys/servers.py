"""The app and the demo's service as programs of their own, on free ports."""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.models import Dossier
from lib.settings import Settings
from lib.studio.core.opening import open_context
from tests.journeys import leaks
from tests.pages import people
from tests.parts.processes import Child, free_port, start, twice

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-nano-test"


@dataclass(frozen=True)
class App:
    """A running app. As a context manager of `running_app` it is killed in the end."""

    child: Child
    port: int

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def memory(self, of: str = "VmRSS") -> float:
        """Megabytes that the app takes now; of `VmHWM`, the most that it took."""
        status = Path(f"/proc/{self.child.process.pid}/status").read_text()
        found = re.search(rf"{of}:\s+(\d+) kB", status)
        assert found
        return int(found[1]) / 1024


def start_app(
    folder: Path,
    settings: Mapping[str, str] | None = None,
    *,
    address: str = "127.0.0.1",
    options: Sequence[str] = (),
    port: int = 0,
    script: Path = ROOT / "streamlit_app.py",
) -> App:
    """A fresh process of the app that works in this folder; not ready yet.

    Without a `port` it is a free one. Another `script` is a page by itself, to be tried alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    leaks.remember(folder, settings or {})
    command = [
        sys.executable, "-m", "streamlit", "run", script,
        "--server.headless", "true", "--server.address", address, "--server.port", str(port),
        "--server.fileWatcherType", "none", "--logger.level", "debug", *options,
    ]  # fmt: skip
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), **(settings or {})}
    return App(start(command, log=folder / "app.log", env=env, cwd=folder), port)


@contextmanager
def running_app(
    folder: Path,
    settings: Mapping[str, str] | None = None,
    *,
    address: str = "127.0.0.1",
    options: Sequence[str] = (),
    port: int = 0,
) -> Iterator[App]:
    """The app, listening, until the block ends; then it is killed, as a host kills it.

    It logs all it can, and has left none of its secrets in its log and its data.

    `options` are further ones of Streamlit's command line.
    """

    def begin() -> App:
        app = start_app(folder, settings, address=address, options=options, port=port)
        app.child.wait_for_port(app.port)
        return app

    app = twice(begin)
    with app.child:
        yield app
    leaks.search_what_is_left(folder, leaks.remember(folder, settings or {}))


@dataclass(frozen=True)
class Service:
    """The demo on a socket: the documented contract, with a log of who asked for what."""

    address: str

    @property
    def settings(self) -> dict[str, str]:
        """What leads the app here."""
        return {"NANOGPT_API_KEY": KEY, "NANOGPT_BASE_URL": f"{self.address}/api"}

    def log(self, kind: str = "") -> list[dict[str, Any]]:
        """All requests, or those of a kind: method, path, status and fields of each."""
        found: list[dict[str, Any]] = json.loads(self.get("/api/demo/log"))
        return [request for request in found if kind in ("", request["kind"])]

    def get(self, path: str) -> bytes:
        request = urllib.request.Request(
            self.address + path, headers={"Authorization": f"Bearer {KEY}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            data: bytes = answer.read()
        return data


@contextmanager
def running_service(folder: Path, *, pace: float = 1.0) -> Iterator[Service]:
    """A service whose MiniMax clones take `pace` seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "lib.demo", "--port", "0", "--key", KEY, "--pace", str(pace),
        "--state", folder / "service.db",
    ]  # fmt: skip
    env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    with start(command, log=folder / "service.log", env=env, cwd=ROOT) as child:
        yield Service(child.ready())


def inhabit(
    folder: Path, dossiers: Sequence[Dossier], speeches: Sequence[people.Speech] = ()
) -> None:
    """Put voices into the library of an app that is to be started in this folder."""
    context = open_context(Settings(data_folder=folder / "data"))
    try:
        people.move_in(context, dossiers, speeches)
    finally:
        context.close()
