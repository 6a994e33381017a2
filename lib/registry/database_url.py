"""The address of a database, as people paste it from a host's panel → one for our driver."""

from __future__ import annotations

import re

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from lib.registry.troubles import DatabaseUnavailable

POSTGRESQL = ("postgresql", "postgres")
POOLERS = frozenset(
    {
        "pgbouncer", "schema", "connection_limit", "pool_timeout", "pool_mode", "pool_size",
        "max_connections", "socket_timeout", "statement_cache_size", "prepared_statements",
        "prepare_threshold", "preparethreshold", "sslaccept", "supa", "workaround",
    }
)  # fmt: skip
"""Parameters that hosts write for other programs' poolers and drivers; nothing here needs them."""
_PLACEHOLDER = re.compile(r"[\[<{][a-z _-]*password[a-z _-]*[\]>}]|\byour[-_]password\b", re.I)
_CLEAN = re.compile(
    r"(?:[^@]*@)?"  # user and password
    r"(?:\[[^\]@]*\]|[^@:/?#\[\]]*)(?::\d*)?"  # host and port
    r"(?:/[^@/?#]*)?"  # database
    r"(?:\?(?:[^=&?@/]+=[^&?]*(?:&|$))*)?"  # parameters
)
"""What follows `://` where no sign of the password is taken for the end of it."""


def database_url(address: str) -> URL:
    """Raises `DatabaseUnavailable` where it is no address of a database, without quoting it."""
    text = _bare(address)
    if _PLACEHOLDER.search(text):
        raise DatabaseUnavailable(
            "DATABASE_URL still has a placeholder where the password belongs. Put the password of "
            "your database in its place."
        )
    scheme, _, rest = text.partition("://")
    if scheme.partition("+")[0] in POSTGRESQL and "@" in rest and not _CLEAN.fullmatch(rest):
        raise DatabaseUnavailable(
            "DATABASE_URL has signs in it that have to be written as codes, probably in its "
            "password: %40 for @, %3A for :, %2F for /, %23 for #, %3F for ?, %25 for %."
        )
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise DatabaseUnavailable("DATABASE_URL is not an address of a database.") from None
    backend = url.get_backend_name()
    if backend in POSTGRESQL:
        return _postgresql(url)
    if backend != "sqlite":
        raise DatabaseUnavailable("DATABASE_URL has to begin with postgresql:// or sqlite:///.")
    if not url.database or url.database == ":memory:":
        raise DatabaseUnavailable("DATABASE_URL has to name a file after sqlite:///.")
    return url.set(drivername="sqlite")


def _bare(address: str) -> str:
    """Without the command and the quotes that panels show it with."""
    text = re.sub(r"^psql\s+", "", address.strip())
    quoted = re.fullmatch(r"""(["'])(.*)\1""", text, re.DOTALL)
    return quoted[2].strip() if quoted else text


def _postgresql(url: URL) -> URL:
    url = url.difference_update_query([name for name in url.query if name.lower() in POOLERS])
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    if not set(url.query) <= known:
        raise DatabaseUnavailable(
            "DATABASE_URL has a parameter after its ? that PostgreSQL does not know. Remove it."
        )
    return url.set(drivername="postgresql+psycopg")
