"""A house for each test: a folder of its own, cold caches, no keeper but the test's own passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.runtime.scriptrunner.script_cache import ScriptCache

from lib import keeper
from lib.clock import SystemClock
from lib.providers.http import RateLimit
from lib.roles import Person
from lib.studio.core import door_log
from lib.studio.core.context import Context
from lib.studio.core.rate import SharedRate
from lib.studio.library import showcase
from lib.ui.access import front, gate, guessing
from lib.ui.access.sign_ins import SignIn
from lib.ui.shared import confirming
from tests.pages.house import KEY, LOOPBACK, PERSON, House, bound_to, forget
from tests.pages.saving import Saved, offered_from_now_on
from tests.parts.clock import SettableClock
from tests.parts.processes import free_port
from tests.studio.service import PretendService

_compile = ScriptCache.get_bytecode


@cache
def _compiled(path: str) -> object:
    """The code of a page. Streamlit compiles it once for a server, here once for a visitor."""
    return _compile(ScriptCache(), path)


@pytest.fixture(autouse=True)
def house(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoken_once: None,
    heard_once: None,
    hasty_disk: None,
    migrated_once: None,
) -> Iterator[House]:
    """The app in an empty folder. Its clock stands until the test moves it."""
    house = House(tmp_path, SettableClock(datetime.now(UTC)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOGNAME", PERSON)
    monkeypatch.setattr(SystemClock, "now", lambda _: house.clock.now())
    monkeypatch.setattr(keeper, "start", house.opened.append)
    monkeypatch.setattr(guessing, "watch", guessing.Watch())
    monkeypatch.setattr(door_log, "book", door_log.Book())
    monkeypatch.setattr(confirming, "SEEN_AFTER", 0.0)
    for pace in (RateLimit, SharedRate):  # politeness takes time
        monkeypatch.setattr(pace, "wait", lambda *_, **__: None)
    monkeypatch.setattr(ScriptCache, "get_bytecode", lambda _, path: _compiled(path))
    # It reads what all installed packages say of themselves, at each new visitor.
    monkeypatch.setattr(BidiComponentManager, "discover_and_register_components", _nothing)
    forget()
    yield house
    house.restart()


def _nothing(_self: object, **_: object) -> None:
    """The app uses no component of another package."""


@pytest.fixture
def act_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[Person], None]:
    """From now on whoever visits is this person, whatever would let somebody in."""

    def act(person: Person) -> None:
        for module in (front, gate):
            monkeypatch.setattr(module, "sign_in", lambda _settings: SignIn(person))

    return act


@pytest.fixture
def lasting_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read anew after seconds is so only after a write, however slow this computer is."""
    for name in (
        "library.listing.CACHED_FOR",
        "library.listing.SHARED_FOR",
        "core.catalogue.CACHED_FOR",
    ):
        monkeypatch.setattr(f"lib.studio.{name}", 600.0)


@pytest.fixture
def no_showcase(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo begins with no voice at all."""

    def put_up(_context: Context) -> bool:
        return False

    monkeypatch.setattr(showcase, "install", put_up)


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> Saved:
    """All files that pages offer to browsers."""
    return offered_from_now_on(monkeypatch)


@pytest.fixture
def live_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A team's own key, on the operator's own machine; nobody answers at the service's address."""
    monkeypatch.setenv("NANOGPT_API_KEY", KEY)
    monkeypatch.setenv("NANOGPT_BASE_URL", f"http://127.0.0.1:{free_port()}/api")


@pytest.fixture
def closed_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket at an address where nobody answers."""
    for name, value in {
        "VAULT_URL": "s3://closed-bucket/vault",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{free_port()}",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def kyma(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[PretendService]:
    """Kyma on a socket, and a key for it in the settings."""
    service = PretendService(house.folder / "kyma.db", house.clock, pace=3.0, balance=Decimal(100))
    with service.open(), bound_to(LOOPBACK):
        monkeypatch.setenv("KYMA_API_KEY", "ky-00000001")
        monkeypatch.setenv("KYMA_BASE_URL", f"{service.origin}/v1")
        yield service
