"""What tests need not wait for: what is always the same is made once for a whole process."""

from __future__ import annotations

import sqlite3
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from lib.demo import speech
from lib.registry import Registry

LONG_TEXT = 1_000
"""Characters; the sounds of longer texts would fill the memory."""
FAST = 200
"""Words per minute; no speaker is so fast by itself."""

_connect = sqlite3.connect
_speak = speech._run
_spoken: dict[tuple[str, str, bool], bytes] = {}


@pytest.fixture(autouse=True, scope="session")
def read_once() -> Iterator[None]:
    """The list of all certificates, for each HTTP client; what boto3 knows of S3, for each bucket.

    No test adds a certificate to the usual ones.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated and empty SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("registry") / "template.db"
    Registry(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def spoken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's synthesizer starts once for a text, whoever says it: that takes a fifth of a
    second. How voices differ is a matter of `tests/demo`, where it always starts.
    """
    monkeypatch.setattr(speech, "_run", _speak_once)


@pytest.fixture
def hasty_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """SQLite files of this process, the demo's as well, do not wait until the disk has written."""
    monkeypatch.setattr("lib.demo.state.sqlite3.connect", _connect_in_a_hurry)
    event.listen(Pool, "checkout", _hurry)
    yield
    event.remove(Pool, "checkout", _hurry)


def _connect_in_a_hurry(*place: Any, **options: Any) -> sqlite3.Connection:
    connection = _connect(*place, **options)
    _hurry(connection)
    return connection


def _hurry(connection: Any, *_: object) -> None:
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
