"""Addresses of databases as people paste them, and what is said of a database that refuses."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import insert, text

from lib.registry import DatabaseUnavailable, Registry, schema
from lib.registry.database import Database
from lib.registry.database_url import database_url
from lib.registry.schema import columns_of
from lib.registry.troubles import Trouble
from tests.parts.postgres import PostgresServer
from tests.registry.records import a_voice, everything

HERE = "postgresql+psycopg://u:p@127.0.0.1:5432/d"


@pytest.fixture
def pasted(cases: Path) -> list[str]:
    return (cases / "settings" / "database-urls.txt").read_text("utf-8").splitlines()


def test_what_people_paste_is_read_or_told(pasted: list[str]) -> None:
    *pooled, placeholder, signs, quoted, command = pasted
    for address in (*pooled, quoted, command):
        url = database_url(address)
        assert url.set(query={}).render_as_string(hide_password=False) == HERE
        assert set(url.query) <= {"sslmode"}
    for address, says in ((placeholder, "placeholder"), (signs, "%40 for @")):
        with pytest.raises(DatabaseUnavailable, match=says) as caught:
            database_url(address)
        assert not [
            part for part in ("127.0.0.1", "abc", "odd", "p@ss") if part in str(caught.value)
        ]


def test_what_postgresql_knows_is_kept_and_what_poolers_know_is_dropped() -> None:
    url = database_url(f"{HERE}?sslmode=require&pgbouncer=true&channel_binding=require&supa=x")
    assert dict(url.query) == {"sslmode": "require", "channel_binding": "require"}


@pytest.mark.parametrize(
    "address",
    [
        "postgres://u:p%40ss@h/d",
        "postgresql://u:p#1/2@h/d",
        "postgresql://h:5432/d",
        "postgresql://h/d?application_name=a@b",
        "postgresql://u:p@h/d?application_name=a@b&sslmode=require",
        "postgresql://u:p@[::1]:5432/d",
        "postgresql:///d?host=/var/run/postgresql",
    ],
)
def test_addresses_that_are_right_are_left_alone(address: str) -> None:
    assert database_url(address).drivername == "postgresql+psycopg"


@pytest.mark.parametrize("password", ["p@ss", "p@s/s", "p@s?s", "p@s#s", "p@s:s", "@", "a@b@c"])
def test_a_password_that_ends_too_early_is_told(password: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="written as codes"):
        database_url(f"postgresql://u:{password}@db.example:5432/d")


@pytest.mark.parametrize("hole", ["[YOUR-PASSWORD]", "<password>", "[PASSWORD]", "YOUR_PASSWORD"])
def test_a_placeholder_is_told(hole: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="placeholder"):
        database_url(f"postgresql://u:{hole}@db.example/d")


def refusal(address: str) -> Trouble:
    """Why a library cannot be opened there; the sentence gives nothing of the address away."""
    with pytest.raises(DatabaseUnavailable) as caught:
        Registry(address)
    return Trouble(str(caught.value))


@pytest.fixture
def poor_user(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a database, as a user who may do nothing there."""
    address, name = postgres_server.new_database(), f"poor_{secrets.token_hex(4)}"
    role = sql.Identifier(name)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'poor'").format(role))
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    host = address.rpartition("@")[2]
    yield f"postgresql://{name}:poor@{host}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP ROLE {}").format(role))


def test_what_postgresql_refuses_is_told_apart(
    postgres_server: PostgresServer, poor_user: str
) -> None:
    right = postgres_server.url
    assert refusal(right.replace(postgres_server.password, "wrong")) is Trouble.LOGIN
    assert refusal(f"{right}-there-is-none") is Trouble.DATABASE
    assert refusal(right.replace("127.0.0.1", "nowhere.invalid")) is Trouble.ADDRESS
    assert refusal(right.replace(str(postgres_server.port), "1")) is Trouble.SILENT
    assert refusal(f"{right}?sslmode=require") is Trouble.ENCRYPTION
    assert refusal(poor_user) is Trouble.RIGHTS


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    large = [columns_of(a_voice(description="x" * 4_000)) for _ in range(200)]

    def write_too_much(registry: Registry) -> None:
        with registry.database.write() as connection:
            connection.execute(text("PRAGMA max_page_count = 1"))
            connection.execute(insert(schema.voices), large)

    with closing(Registry(f"sqlite:///{tmp_path / 'voicekeep.db'}")) as registry:
        with pytest.raises(DatabaseUnavailable) as caught:
            write_too_much(registry)
        assert str(caught.value) == Trouble.DISK


@pytest.mark.parametrize("place", [".", "file/voicekeep.db"])
def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    assert refusal(f"sqlite:///{tmp_path / place}") is Trouble.FILE


# --- only looking -----------------------------------------------------------------------------


def test_a_library_that_is_only_looked_at_refuses_every_change(
    address: str, registry: Registry
) -> None:
    with registry.database.write() as connection:
        connection.execute(insert(schema.voices).values(columns_of(a_voice())))
    before = everything(registry)
    with closing(Registry(address, read_only=True)) as looking:
        assert len(looking.voices.dossiers()) == 1
        with pytest.raises(DatabaseUnavailable), looking.database.write() as connection:
            connection.execute(text("DELETE FROM voices"))
    assert everything(registry) == before


def test_a_library_of_another_version_is_not_brought_up_to_date_by_looking(
    empty_address: str,
) -> None:
    with closing(Registry(empty_address)) as registry:
        with registry.database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        with pytest.raises(DatabaseUnavailable, match="not of this version"):
            Registry(empty_address, read_only=True)
        with registry.database.read() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0001"


def test_looking_at_an_empty_database_makes_no_table(postgres_server: PostgresServer) -> None:
    address = postgres_server.new_database()
    with pytest.raises(DatabaseUnavailable, match="not of this version"):
        Registry(address, read_only=True)
    with closing(Database(address)) as base, base.read() as connection:
        assert (
            connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname='public'")) == 0
        )
