"""A team with a voice service on a socket, a database, a folder as vault, and a settable clock."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from lib.studio.core.context import Context
from tests.parts.clock import SettableClock
from tests.parts.postgres import PostgresServer
from tests.studio.command_line import Command
from tests.studio.service import PretendService
from tests.studio.story import Story


@pytest.fixture(autouse=True)
def hurry(spoken_once: None, heard_once: None, hasty_disk: None, migrated_once: None) -> None:
    """How the demo sounds, what is heard in a recording, what survives a power cut and what
    migrations do is no matter of these tests."""


@pytest.fixture
def pace() -> float:
    """How many seconds of the clock a clone takes."""
    return 3.0


@pytest.fixture
def at_once() -> int:
    """How many audio calls Kyma allows to a key."""
    return 1


@pytest.fixture
def service(
    tmp_path: Path, clock: SettableClock, pace: float, at_once: int
) -> Iterator[PretendService]:
    """The service that the team uses."""
    state = tmp_path / "service.db"
    pretend = PretendService(state, clock, pace=pace, balance=Decimal(100), at_once=at_once)
    with pretend.open():
        yield pretend


@pytest.fixture
def story(
    tmp_path: Path, clock: SettableClock, service: PretendService, migrated_once: None
) -> Iterator[Story]:
    """One team; every context it opens is closed in the end."""
    team = Story(clock, service, tmp_path, f"sqlite:///{tmp_path / 'voicekeep.db'}")
    yield team
    for context in team.opened:
        context.close()


@pytest.fixture
def context(story: Story) -> Context:
    """The team's app."""
    return story.context()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, story: Story) -> str:
    """The team's database, once of each kind. A test may give other `params` to it (`indirect`)."""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        story.database = server.copy_of(request.getfixturevalue("postgres_template"))
    return story.database


@pytest.fixture
def on_both(story: Story, database: str) -> Context:
    """The team's app, once on each kind of database."""
    return story.context()


@pytest.fixture
def command(
    context: Context,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """The keeper's command line, with the team's settings."""
    return Command(context, tmp_path, monkeypatch, capsys)
