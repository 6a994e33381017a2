"""A demo on a socket, over a state in the test's own folder and a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.demo import DemoService
from tests.demo.caller import Caller, listening
from tests.parts.clock import SettableClock


@pytest.fixture
def state_path(tmp_path: Path) -> Path:
    return tmp_path / "demo.db"


@pytest.fixture
def demo(state_path: Path, clock: SettableClock) -> Iterator[tuple[DemoService, Caller]]:
    """The service and a caller of it; links that it gives out lead back to it."""
    with listening() as server:
        base = f"http://127.0.0.1:{server.server_port}/api"
        service = DemoService(state_path, clock, base_url=base, fetches_links=True)
        server.set_app(service)
        yield service, Caller(base)


@pytest.fixture
def service(demo: tuple[DemoService, Caller]) -> DemoService:
    return demo[0]


@pytest.fixture
def caller(demo: tuple[DemoService, Caller]) -> Caller:
    return demo[1]
