"""A team with a voice service on a socket, a database, a folder as vault, and a settable clock."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from lib.studio.workshop import Workshop
from tests.parts.clock import SettableClock
from tests.studio.service import PretendService
from tests.studio.story import Story


@pytest.fixture
def service(tmp_path: Path, clock: SettableClock) -> Iterator[PretendService]:
    """The service; a clone takes three seconds of the clock."""
    pretend = PretendService(tmp_path / "service.db", clock, pace=3.0, balance=Decimal(100))
    with pretend.open():
        yield pretend


@pytest.fixture
def story(tmp_path: Path, clock: SettableClock, service: PretendService) -> Iterator[Story]:
    """One team; every workshop it opens is closed in the end."""
    team = Story(clock, service, tmp_path, f"sqlite:///{tmp_path / 'voicekeep.db'}")
    yield team
    for workshop in team.opened:
        workshop.close()


@pytest.fixture
def workshop(story: Story) -> Workshop:
    """The team's app."""
    return story.workshop()
