"""One suite, two databases: each test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from lib.registry import Registry, schema
from tests.parts.postgres import PostgresServer

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_address(postgres_server: PostgresServer) -> str:
    """A migrated database whose sessions live in Tokyo: times have to come back as UTC."""
    address = postgres_server.new_database()
    with psycopg.connect(address, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE \"{name}\" SET timezone TO 'Asia/Tokyo'".encode())
    Registry(address).close()
    return address


@pytest.fixture(params=BACKENDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated and empty database."""
    if request.param == "sqlite":
        path = tmp_path / "voicekeep.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    shared: str = request.getfixturevalue("postgres_address")
    return shared


@pytest.fixture(params=BACKENDS)
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that has no tables yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'fresh.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database()


@pytest.fixture
def registry(address: str) -> Iterator[Registry]:
    registry = Registry(address)
    if not registry.database.is_sqlite:
        names = ", ".join(schema.metadata.tables)
        with registry.database.write() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    yield registry
    registry.close()


@pytest.fixture
def neighbour(address: str, registry: Registry) -> Iterator[Registry]:
    """The same database from another process, as far as connections go."""
    other = Registry(address)
    yield other
    other.close()
