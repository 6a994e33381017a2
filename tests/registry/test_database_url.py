"""Addresses of databases as people paste them, and what is said of a database that refuses."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from lib.registry import DatabaseUnavailable, Registry, schema
from lib.registry.database import Database
from lib.registry.database_url import database_url
from lib.registry.schema import columns_of
from lib.registry.troubles import Trouble, trouble_in
from lib.registry.wording import TROUBLES
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


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("sslmode=require&pgbouncer=true&channel_binding=require&supa=x",
         {"sslmode": "require", "channel_binding": "require"}),
        ("serverVersion=16&charset=utf8", {}),
        ("pool_max_conns=5&default_query_exec_mode=simple_protocol", {}),
        ("prepareThreshold=0&tcpKeepAlive=true", {}),
        ("connect_timeout=15&options=endpoint%3Dabc",
         {"connect_timeout": "15", "options": "endpoint=abc"}),
        ("ssl=require", {"sslmode": "require"}),
        ("ssl=true&sslmode=verify-full", {"sslmode": "verify-full"}),
        ("sslmode=no-verify&uselibpqcompat=true", {"sslmode": "require"}),
        ("ssl-mode=REQUIRED", {"sslmode": "require"}),
        ("ssl_mode=VERIFY_IDENTITY", {"sslmode": "verify-full"}),
        ("sslmode=Disable", {"sslmode": "disable"}),
        ("ssl=false", {}),
    ],
)  # fmt: skip
def test_what_postgresql_knows_is_kept_and_what_other_programs_mean_is_dropped_or_translated(
    query: str, kept: dict[str, str]
) -> None:
    assert dict(database_url(f"{HERE}?{query}").query) == kept


@pytest.mark.parametrize(
    "pasted",
    [
        "jdbc:postgresql://127.0.0.1:5432/d?user=u&password=p",
        "DATABASE_URL=postgres://u:p@127.0.0.1:5432/d",
        'export POSTGRES_URL="postgres://u:p@127.0.0.1:5432/d"',
        "psql -d postgresql+asyncpg://u:p@127.0.0.1:5432/d",
        "postgresql://u:p@127.0.0.1:5432/d?\n",
    ],
)
def test_what_stands_around_an_address_is_taken_off(pasted: str) -> None:
    assert database_url(pasted).render_as_string(hide_password=False) == HERE


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
        f"postgresql://u:p@/d?host=/cloudsql/{'long-project' * 6}:europe-west1:instance",
        "postgresql://u:p@/d?host=h1:1&host=h2:2",
        "postgresql://u:a<b>c[d]$PW-{e}**@h/d",
        "postgresql://u:$ecret@h/d",
        "postgresql://u:your-password1@h/d",
        "postgresql://u:p@h1,h2/d",
    ],
)
def test_addresses_that_are_right_are_left_alone(address: str) -> None:
    assert database_url(address).drivername == "postgresql+psycopg"


@pytest.mark.parametrize("password", ["p@ss", "p@s/s", "p@s?s", "p@s#s", "p@s:s", "@", "a@b@c"])
def test_a_password_that_ends_too_early_is_told(password: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="written as codes"):
        database_url(f"postgresql://u:{password}@db.example:5432/d")


@pytest.mark.parametrize(
    "rest",
    [
        *(f"u:{hole}@db.example/d" for hole in (
            "[YOUR-PASSWORD]", "<password>", "[PASSWORD]", "YOUR_PASSWORD", "%5BYOUR-PASSWORD%5D",
            "${DB_PASSWORD}", "$PGPASSWORD", "******", "••••••••", "{your password}",
        )),
        "postgres.[project-ref]:p@pooler.example:6543/postgres",
        "u:p@db.<project-ref>.example:5432/d",
        "u:p@[host]:5432/d",
        "<user>:p@db.example/d",
        "u:p@db.example/[database]",
    ],
)  # fmt: skip
def test_a_placeholder_is_told(rest: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="placeholder"):
        database_url(f"postgresql://{rest}")


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        ("u:p@db..example/d", "host name"),
        (f"u:p@{'x' * 64}.example/d", "host name"),
        ("u:p@db.example:99999/d", "port"),
        ("u:p%00@db.example/d", "not the address"),
        ("u:p\udce4@db.example/d", "not the address"),
    ],
)
def test_what_no_connection_could_be_tried_with_is_told(rest: str, says: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=says) as caught:
        Registry(f"postgresql://{rest}")
    assert "example" not in str(caught.value)


def refusal(address: str) -> Trouble:
    """Why a library cannot be opened there; the sentence gives nothing of the address away."""
    with pytest.raises(DatabaseUnavailable) as caught:
        Registry(address)
    return {words: trouble for trouble, words in TROUBLES.items()}[str(caught.value)]


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
    assert refusal(right.replace(f":{postgres_server.password}", "")) is Trouble.BARE_USER
    assert refusal(f"{right}-there-is-none") is Trouble.DATABASE
    assert refusal(right.replace("127.0.0.1", "nowhere.invalid")) is Trouble.ADDRESS
    assert refusal(right.replace(str(postgres_server.port), "1")) is Trouble.SILENT
    assert refusal("postgresql:///d?host=/no/such/folder") is Trouble.NO_SERVER
    assert refusal(f"{right}?ssl=require") is Trouble.NO_ENCRYPTION
    assert refusal(f"{right}?channel_binding=require") is Trouble.PARAMETER
    assert refusal(poor_user) is Trouble.SCHEMA


def run(address: str, *statements: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "WIN1252"])
def test_a_database_that_cannot_hold_all_signs_is_told(
    postgres_server: PostgresServer, encoding: str
) -> None:
    name = f"test_{secrets.token_hex(8)}"
    run(
        postgres_server.url,
        f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0",
    )
    address = postgres_server.url.rpartition("/")[0] + f"/{name}"
    assert refusal(address) is Trouble.ENCODING


@pytest.mark.parametrize("style", ["German", "SQL, DMY", "Postgres, YMD"])
def test_what_a_database_is_set_to_changes_neither_moments_nor_names(
    postgres_server: PostgresServer, style: str
) -> None:
    address = postgres_server.new_database()
    name = address.rpartition("/")[2]
    run(
        address,
        f"ALTER DATABASE {name} SET DateStyle TO '{style}'",
        f"ALTER DATABASE {name} SET client_encoding TO 'LATIN1'",
    )
    voice = a_voice(name="Łukasz 漢字")
    with closing(Registry(address)) as registry:
        with registry.database.write() as connection:
            connection.execute(insert(schema.voices).values(columns_of(voice)))
        (found,) = registry.voices.dossiers()
    assert (found.voice.name, found.voice.created_at) == (voice.name, voice.created_at)


def test_a_database_that_takes_no_changes_is_told(postgres_server: PostgresServer) -> None:
    address = postgres_server.new_database()
    name = address.rpartition("/")[2]
    run(address, f"ALTER DATABASE {name} SET default_transaction_read_only TO on")
    assert refusal(address) is Trouble.READ_ONLY


def test_tables_of_another_user_or_none_at_all_are_told(
    postgres_server: PostgresServer, poor_user: str
) -> None:
    address = postgres_server.url.rpartition("/")[0] + f"/{poor_user.rpartition('/')[2]}"
    with closing(Registry(address)) as registry:
        assert refusal(poor_user) is Trouble.OWNER
        run(address, "DROP TABLE events")
        with pytest.raises(DatabaseUnavailable) as caught:
            registry.events.unsaved(10, without="")
        assert str(caught.value) == TROUBLES[Trouble.TABLES]


SAID = [
    # what libpq, a server or something in front of it says while a connection is made
    ("failed to resolve host 'x': [Errno -3] Temporary failure in name resolution", "SILENT"),
    ('connection to server at "1.2.3.4", port 5432 failed: Connection refused', "SILENT"),
    ("connection timeout expired", "SILENT"),
    ("FATAL:  the database system is starting up", "SILENT"),
    ("FATAL:  sorry, too many clients already", "BUSY"),
    ("FATAL:  remaining connection slots are reserved for roles with SUPERUSER", "BUSY"),
    ("FATAL:  MaxClientsInSessionMode: max clients reached", "BUSY"),
    ("FATAL:  no more connections allowed (max_client_conn)", "BUSY"),
    ('connection to server at "2a05::1", port 5432 failed: Network is unreachable', "ROUTE"),
    ('at "2a05::1" failed: Network is unreachable - at "1.2.3.4": Connection refused', "SILENT"),
    ('"2a05::1": Network is unreachable - FATAL: password authentication failed', "LOGIN"),
    ("received invalid response to SSL negotiation: H", "NOT_POSTGRESQL"),
    ("expected authentication request from server, but received J", "NOT_POSTGRESQL"),
    ('invalid sslmode value: "banana"', "PARAMETER"),
    ("FATAL:  unsupported startup parameter: options", "PARAMETER"),
    ("FATAL:  Tenant or user not found", "LOGIN"),
    ('FATAL:  role "certificate quota" does not exist', "LOGIN"),
    ('FATAL:  Peer authentication failed for user "postgres"', "LOGIN"),
    ("FATAL:  SASL authentication failed", "LOGIN"),
    ("ERROR:  connection is insecure (try using `sslmode=require`)", "ENCRYPTION"),
    ("FATAL:  SSL connection is required. Please specify SSL options and retry.", "ENCRYPTION"),
    ('no pg_hba.conf entry for host "1.2.3.4", user "u", no encryption', "ENCRYPTION"),
    ('no pg_hba.conf entry for host "1.2.3.4", user "u", SSL encryption', "ENTRY"),
    ("FATAL:  Address not in tenant allow_list: {1, 2, 3, 4}", "ENTRY"),
    ("ERROR:  This IP address 1.2.3.4 is not allowed to connect to this endpoint", "ENTRY"),
    ('root certificate file "/root/.postgresql/root.crt" does not exist', "CERTIFICATE"),
    ("SSL error: certificate verify failed", "CERTIFICATE"),
    ('server certificate for "a" does not match host name "b"', "CERTIFICATE"),
    ("ERROR:  Your project has exceeded the data transfer quota.", "SWITCHED_OFF"),
    ("ERROR:  The endpoint has been disabled. Enable it and retry.", "SWITCHED_OFF"),
    ('FATAL:  database "d" is not currently accepting connections', "SWITCHED_OFF"),
    ("FATAL:  could not write init file: No space left on device", "DISK"),
    ("session is read-only", "READ_ONLY"),
    ("FATAL:  something that nobody has heard of", "REFUSED"),
    ("server closed the connection unexpectedly", "SILENT"),
]


@pytest.mark.parametrize(("said", "name"), SAID)
def test_what_is_said_while_connecting_is_told_by_what_mends_it(said: str, name: str) -> None:
    problem = DBAPIError(None, None, psycopg.OperationalError(said))  # type: ignore[arg-type]
    assert trouble_in(problem) is Trouble[name]


@pytest.mark.parametrize(
    ("refusal", "name"),
    [
        (psycopg.errors.ReadOnlySqlTransaction(), "READ_ONLY"),
        (psycopg.errors.DiskFull(), "DISK"),
        (psycopg.errors.OutOfMemory(), "BUSY"),
        (psycopg.errors.QueryCanceled(), "BUSY"),
        (psycopg.errors.DeadlockDetected(), "BUSY"),
        (psycopg.errors.LockNotAvailable(), "BUSY"),
        (psycopg.errors.AdminShutdown(), "SILENT"),
        (psycopg.errors.IoError(), "FAULT"),
        (psycopg.errors.DataCorrupted(), "FAULT"),
        (psycopg.errors.InsufficientPrivilege("must be owner of table voices"), "OWNER"),
        (psycopg.errors.InsufficientPrivilege("permission denied for function f"), "RIGHTS"),
        (psycopg.errors.UntranslatableCharacter(), "ENCODING"),
        (
            psycopg.errors.ProtocolViolation("not allowed in statement pooling mode"),
            "POOLER",
        ),
    ],
)
def test_what_a_statement_is_refused_with_is_told_by_its_code(
    refusal: psycopg.Error, name: str
) -> None:
    assert trouble_in(DBAPIError("SELECT 1", None, refusal)) is Trouble[name]


def test_what_waiting_mends_is_all_that_is_said_to_be_so_right_now() -> None:
    passing = {trouble for trouble, words in TROUBLES.items() if "right now" in words}
    assert passing == {Trouble.BUSY, Trouble.SILENT}
    assert all(words.endswith((".", ";")) and words[0].isupper() for words in TROUBLES.values())


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    large = [columns_of(a_voice(description="x" * 4_000)) for _ in range(200)]

    def write_too_much(registry: Registry) -> None:
        with registry.database.write() as connection:
            connection.execute(text("PRAGMA max_page_count = 1"))
            connection.execute(insert(schema.voices), large)

    with closing(Registry(f"sqlite:///{tmp_path / 'voicekeep.db'}")) as registry:
        with pytest.raises(DatabaseUnavailable) as caught:
            write_too_much(registry)
        assert str(caught.value) == TROUBLES[Trouble.DISK]


def test_a_read_only_or_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "voicekeep.db"
    Registry(f"sqlite:///{path}").close()
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection,
        pytest.raises(sqlite3.OperationalError) as caught,
    ):
        connection.execute("DELETE FROM voices")
    assert trouble_in(DBAPIError("DELETE", None, caught.value)) is Trouble.READ_ONLY_FILE
    path.write_bytes(b"ID3" + bytes(2_000))
    assert refusal(f"sqlite:///{path}") is Trouble.DAMAGED


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
        with pytest.raises(DatabaseUnavailable, match="from an earlier version"):
            Registry(empty_address, read_only=True)
        with registry.database.read() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0001"


def test_looking_at_an_empty_database_makes_no_table(postgres_server: PostgresServer) -> None:
    address = postgres_server.new_database()
    with pytest.raises(DatabaseUnavailable, match="from an earlier version"):
        Registry(address, read_only=True)
    with closing(Database(address)) as base, base.read() as connection:
        assert (
            connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname='public'")) == 0
        )
