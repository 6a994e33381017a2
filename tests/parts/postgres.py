"""A PostgreSQL server of our own, thrown away in the end."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.parts.processes import Child, absent, free_port, identity, start, twice

_USER = "voicekeep"
_INIT_SECONDS = 60
_THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class PostgresServer:
    """A running server. `url` is its first database; tests want `new_database()`."""

    port: int
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        return self._url("postgres")

    def new_database(self) -> str:
        """The address, `postgresql://…`, of a fresh and empty database."""
        name = f"test_{secrets.token_hex(8)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self._url(name)

    def copy_of(self, address: str) -> str:
        """The address of a fresh database like this one, which nobody may be using."""
        name, template = f"test_{secrets.token_hex(8)}", address.rpartition("/")[2]
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        return self._url(name)

    def _url(self, database: str) -> str:
        return f"postgresql://{_USER}:{self.password}@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """PostgreSQL on a free port; `postgres_server.new_database()` gives an address."""
    programs = _programs()
    with _home() as home:
        child, server = twice(lambda: _serve(programs, home))
        with child:
            yield server


def _programs() -> Path:
    """Where `initdb` and `postgres` are: Debian keeps them out of the search path."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    return Path(found).parent if found else absent("PostgreSQL is not installed")


def _account() -> str | None:
    """PostgreSQL refuses to run as root; then it gets an account without rights."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


@contextmanager
def _home() -> Iterator[Path]:
    """A folder that the server's account can reach, unlike those that pytest makes for root."""
    home = Path(tempfile.mkdtemp(prefix="voicekeep-postgres-"))
    try:
        if account := _account():
            shutil.chown(home, account)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _serve(programs: Path, home: Path) -> tuple[Child, PostgresServer]:
    server = PostgresServer(free_port(), secrets.token_hex(16))
    place = Path(tempfile.mkdtemp(dir=home))
    password_file = place / "password"
    password_file.write_text(server.password)
    if account := _account():
        shutil.chown(place, account)
        shutil.chown(password_file, account)
    env = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(place)}
    data = place / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", _USER, "--auth=scram-sha-256", "-E", "UTF8",
         f"--pwfile={password_file}", "--no-sync"],
        env=env, cwd=place, stdout=subprocess.DEVNULL, check=True, timeout=_INIT_SECONDS,
        **identity(account),
    )  # fmt: skip
    settings = [part for setting in _THROW_AWAY for part in ("-c", setting)]
    child = start(
        [programs / "postgres", "-D", data, "-p", str(server.port), "-h", "127.0.0.1",
         "-k", place, *settings],
        log=home / "server.log", env=env, cwd=place, user=account,
        stop_by=signal.SIGINT,  # a fast shutdown; killed, it would leave shared memory behind
    )  # fmt: skip
    child.wait_for(lambda: _answers(server), "accept our password", seconds=30)
    return child, server


def _answers(server: PostgresServer) -> bool | None:
    """True once it is this server that answers, as it knows the password."""
    with suppress(psycopg.OperationalError), psycopg.connect(server.url, connect_timeout=2):
        return True
    return None
