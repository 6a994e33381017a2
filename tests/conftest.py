"""What every test has: a clean environment, a clock that stands, real parts on demand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.parts.clock import SettableClock
from tests.parts.processes import absent

pytest_plugins = (
    "tests.parts.browser",
    "tests.parts.made_once",
    "tests.parts.postgres",
    "tests.parts.radosgw",
)

ROOT = Path(__file__).resolve().parent.parent
_SETTINGS = (
    "NANOGPT_", "KYMA_", "AWS_", "DATABASE_URL", "VAULT_URL", "VOICEKEEP_SECRETS", "NOTIFY_URLS",
    "APP_URL", "KEEPER_PING_URL", "DEMO",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright leaves an event loop running in the thread it works in,
    so that `asyncio.run` no longer does there."""
    items.sort(key=lambda item: "chromium" in getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's keys, database or vault get into a test."""
    for name in list(os.environ):
        if name.startswith(_SETTINGS):
            monkeypatch.delenv(name)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real recordings and voice files beside the repository, read in place."""
    folder = ROOT.parent / "shared" / "samples"
    if not folder.is_dir():
        absent("the folder shared/samples is not beside the repository")
    return folder


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder of small inputs that people really wrote, beside the repository."""
    folder = ROOT.parent / "shared" / "cases"
    if not folder.is_dir():
        absent("the folder shared/cases is not beside the repository")
    return folder
