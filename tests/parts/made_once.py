"""What tests need not wait for: what is always the same is made once for a whole process."""

from __future__ import annotations

import os
import shutil
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from lib.demo import speech
from lib.recordings import listening
from lib.recordings.hearing import Heard
from lib.registry import Registry
from lib.registry.database import Database

if TYPE_CHECKING:
    from tests.parts.postgres import PostgresServer

LONG_TEXT = 1_000
"""Characters; the sounds of longer texts would fill the memory."""
FAST = 200
"""Words per minute; no speaker is so fast by itself."""

_connect = sqlite3.connect
_migrate = Database.migrate
_speak = speech._run
_spoken: dict[tuple[str, str, bool], bytes] = {}
_hear = listening.hear
_heard: dict[tuple[bytes, int | None], Heard] = {}


@pytest.fixture(autouse=True, scope="session")
def read_once() -> Iterator[None]:
    """The list of all certificates, for each HTTP client; what boto3 knows of S3, for each bucket.

    No test adds a certificate to the usual ones.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield


@pytest.fixture(autouse=True, scope="session")
def compiled_once() -> Iterator[None]:
    """Each statement becomes SQL once, whichever engine executes it.

    SQLAlchemy would do so again for each engine, and each test has engines of its own.
    """
    compiled = _Compiled()

    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    event.listen(Engine, "engine_connect", share)
    yield
    event.remove(Engine, "engine_connect", share)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated and empty SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("registry") / "template.db"
    Registry(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The address of a migrated and empty PostgreSQL database, for `copy_of`."""
    address = postgres_server.new_database()
    Registry(address).close()
    return address


@pytest.fixture
def migrated_once(sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new SQLite file is a copy of the migrated one. What migrations do is a matter of
    `tests/registry`, where they always run.
    """
    copies: set[Path] = set()

    def migrate(database: Database) -> None:
        path = Path(str(database.url.database))
        if database.is_sqlite and _copied(sqlite_template, path):
            copies.add(path)
        elif path not in copies:
            _migrate(database)

    monkeypatch.setattr(Database, "migrate", migrate)


@pytest.fixture
def spoken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's synthesizer starts once for a text, whoever says it: that takes a fifth of a
    second. How voices differ is a matter of `tests/demo`, where it always starts.
    """
    monkeypatch.setattr(speech, "_run", _speak_once)


@pytest.fixture
def heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording is listened to once, whoever brings it. What is heard in one is a matter of
    `tests/rules`, where it always is.
    """
    monkeypatch.setattr(listening, "hear", _hear_once)


@pytest.fixture
def hasty_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No file of this process, the demo's neither, waits until the disk has written."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    monkeypatch.setattr("lib.demo.state.sqlite3.connect", _connect_in_a_hurry)
    event.listen(Pool, "checkout", _hurry_once)
    yield
    event.remove(Pool, "checkout", _hurry_once)


class _Compiled(dict[Any, Any]):
    """SQL of statements, for each kind of database: SQLAlchemy's keys begin with an engine's own
    dialect.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((type(key[0]), *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__((type(key[0]), *key[1:]), compiled)


def _copied(template: Path, path: Path) -> bool:
    """Put a copy where nothing is yet, whole from the beginning; whether it was put there."""
    whole = path.with_name(f"{path.name}-{os.getpid()}-{threading.get_ident()}")
    with suppress(OSError):
        shutil.copy(template, whole)
        try:
            path.hardlink_to(whole)
        finally:
            whole.unlink()
        return True
    return False


def _connect_in_a_hurry(*place: Any, **options: Any) -> sqlite3.Connection:
    connection = _connect(*place, **options)
    _hurry(connection)
    return connection


def _hurry_once(connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:
    if not entry.info.get("hurries"):
        _hurry(connection)
        entry.info["hurries"] = True


def _hurry(connection: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


def _speak_once(order: dict[str, str | int]) -> bytes:
    text = str(order["text"])
    if len(text) > LONG_TEXT:
        return _speak(order)
    is_fast = int(order["rate"]) > FAST
    asked = (text, str(order["voice"]).partition("+")[0], is_fast)
    if asked not in _spoken:
        _spoken[asked] = _speak(order)
    return _spoken[asked]


def _hear_once(data: bytes, channel: int | None = None) -> Heard:
    asked = (sha256(data).digest(), channel)
    if asked not in _heard:
        _heard[asked] = _hear(data, channel)
    return _heard[asked]
