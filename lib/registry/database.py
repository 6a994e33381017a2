"""The connection to SQLite or PostgreSQL: addresses, pragmas, migrations, plain failures."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, cast

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolExhausted

from lib.registry.database_url import database_url
from lib.registry.troubles import DatabaseUnavailable, Trouble, trouble_in
from lib.registry.wording import TROUBLES, Reason, sentence

if TYPE_CHECKING:
    import psycopg
    from alembic.config import Config

MIGRATIONS = Path(__file__).with_name("migrations")
MIGRATION_LOCK = 7_261_505_381
"""Any number of our own for `pg_advisory_xact_lock`."""
BUSY_SECONDS = 15
POOL_SIZE = 5
POOL_OVERFLOW = 15
SILENCE_SECONDS = 30
"""A server that vanished without a word is given up after that, not after the system's hours."""
_CONNECTING = {
    "prepare_threshold": None,  # poolers in transaction mode know no prepared statements
    "client_encoding": "utf8",  # whatever a role or this machine is set to
    "connect_timeout": 5,
    "tcp_user_timeout": SILENCE_SECONDS * 1000,
    "keepalives_idle": SILENCE_SECONDS // 2,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

PORTION = 500
_COUNTING = Lock()
_MIGRATING = Lock()
"""Alembic keeps what it works on in globals: one migration at a time in a process."""


class Database:
    """One engine, two kinds of transactions: `read()` and `write()`.

    On SQLite a write takes its lock at once: a transaction that reads first and writes later
    would be refused when another one wrote in between. Writers of this process take turns before
    that: SQLite has whoever finds it locked sleep, longer each time. `last_write` changes with each
    write of this process: what was read at the same number is still so, but for what others wrote.
    `read_only`: the database itself refuses to change anything.
    """

    last_write: ClassVar[int] = 0

    def __init__(self, address: str, *, read_only: bool = False) -> None:
        self.url = database_url(address)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        make = _sqlite if self.is_sqlite else _postgresql
        self.engine = make(self.url, read_only=read_only)
        self._closed = False
        self._writing = Lock()

    def is_current(self) -> bool:
        """Whether its schema is the newest version. Raises `DatabaseUnavailable`."""
        with self.read() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return False
            found = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
        return found == [newest_version()]

    def migrate(self) -> None:
        """Bring the schema to the newest version. Raises `DatabaseUnavailable`."""
        if self.is_current():
            return  # to load Alembic takes longer than all else at a start
        from alembic import command
        from alembic.util import CommandError

        config = _alembic()
        with _MIGRATING, self.write() as connection:
            if not self.is_sqlite:
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK}
                )
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError:  # it stands at a revision that is not among ours
                raise DatabaseUnavailable(sentence(Reason.OTHER_VERSION)) from None

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT of this kind of database, which knows what to do with a row that is there."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with. Raises `DatabaseUnavailable`."""
        with self._connection() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back on an exception.

        Raises `DatabaseUnavailable`, and `IntegrityError` where an index refuses a row.
        """
        try:
            with self._turn_to_write(), self._connection() as connection:
                connection.execution_options(writes=True)
                with connection.begin():
                    yield connection
        finally:
            with _COUNTING:  # else a late one would seem to be older than what was read meanwhile
                Database.last_write += 1

    def close(self) -> None:
        """Close the connections, and those in use as soon as they are given back: the keeper may
        still be at work, and ends it.
        """
        self._closed = True
        self.engine.pool.dispose()

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._writing.acquire(timeout=BUSY_SECONDS):
            raise DatabaseUnavailable(TROUBLES[Trouble.BUSY])
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            with _plain_failures(), self.engine.connect() as connection:
                yield connection
        finally:
            if self._closed:
                self.engine.pool.dispose()


def newest_version() -> str:
    """What the newest schema is called: the files of migrations begin with their numbers."""
    newest = max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    return newest.partition("_")[0]


def in_portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """A statement takes only so many values."""
    for start in range(0, len(ids), PORTION):
        yield ids[start : start + PORTION]


def _alembic() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@contextmanager
def _plain_failures() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except PoolExhausted:
        raise DatabaseUnavailable(TROUBLES[Trouble.BUSY]) from None
    except DBAPIError as problem:
        trouble = trouble_in(problem)
        if trouble is None and (problem.connection_invalidated or problem.statement is None):
            trouble = Trouble.SILENT
        elif trouble is None and _is_trouble(problem):
            trouble = Trouble.FAULT
        if trouble is None:
            raise
        # The cause may quote the address and the password: cut it off.
        raise DatabaseUnavailable(TROUBLES[trouble]) from None


def _is_trouble(problem: DBAPIError) -> bool:
    """Trouble of the database, not of a statement: the subclasses of a plain `DatabaseError` that
    are left out may be defects of ours.
    """
    kinds = (OperationalError, InterfaceError, InternalError)
    return type(problem) is DatabaseError or isinstance(problem, kinds)


def _sqlite(url: URL, *, read_only: bool) -> Engine:
    try:
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise DatabaseUnavailable(TROUBLES[Trouble.FILE]) from None
    engine = create_engine(
        url,
        hide_parameters=True,  # they hold signed addresses
        connect_args={"timeout": BUSY_SECONDS},
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        try:
            if read_only:
                connection.execute("PRAGMA query_only=ON")
            else:
                connection.execute("PRAGMA journal_mode=WAL")
                # A committed order survives a power cut.
                connection.execute("PRAGMA synchronous=FULL")
            connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        except sqlite3.Error:
            connection.close()  # it is in no pool yet
            raise

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL, *, read_only: bool) -> Engine:
    try:
        engine = create_engine(
            url,
            hide_parameters=True,  # they hold signed addresses
            connect_args=_CONNECTING,
            # A database that its host made read-only, as its disk is nearly full, stays so.
            execution_options={"postgresql_readonly": True} if read_only else {},
            pool_pre_ping=True,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
        )
    except SQLAlchemyError:
        raise DatabaseUnavailable(sentence(Reason.NO_ADDRESS)) from None

    @event.listens_for(engine, "connect")
    def _connected(connection: psycopg.Connection, _record: object) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding and encoding.upper() != "UTF8":
            connection.close()  # it is in no pool yet
            raise DatabaseUnavailable(TROUBLES[Trouble.ENCODING])

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        # The driver reads no other style. Not once per connection: behind a pooler each
        # transaction may meet another one.
        info = cast("psycopg.Connection", connection.connection.driver_connection).info
        if not (info.parameter_status("DateStyle") or "ISO").startswith("ISO"):
            connection.exec_driver_sql("SET DateStyle TO 'ISO'")

    return engine
