"""The address of a database, as people paste it from a host's panel → one for our driver."""

from __future__ import annotations

import re

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from lib.database_parameters import for_libpq
from lib.registry.troubles import DatabaseUnavailable
from lib.registry.wording import Reason, sentence

POSTGRESQL = ("postgresql", "postgres")
MAX_PORT = 65_535
_BEFORE = re.compile(
    r"(?:(?:export\s+)?[A-Za-z_]+\s*=\s*(?=[\"']?(?:jdbc:)?postgres))?"  # a line of an env file
    r"(?:psql\s+(?:(?:-d|--dbname)[\s=]\s*)?)?"  # a command
)
"""What panels show an address behind."""
_HOLE = re.compile(
    r"(?<![^:/@.])"  # a whole part: signs like these may stand inside of a password
    r"(?:[\[<{][a-z][\w .-]*[\]>}]"  # [YOUR-PASSWORD], <host>, {project ref}
    r"|\$\{[a-z_]\w*\}|(?-i:\$[A-Z_]{3,})"  # ${DB_PASSWORD}, $PASSWORD
    r"|[*•·…]{3,}"  # a password that a panel hides
    r"|your[-_](?:password|user|host|project|database)(?:[-_][a-z]+)?)"
    r"(?=[:@/?.]|$)",
    re.IGNORECASE,
)
_CODE = re.compile(r"%([0-9a-f]{2})", re.IGNORECASE)
_BRACKETS = {"5b": "[", "5d": "]", "3c": "<", "3e": ">", "7b": "{", "7d": "}"}
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
    scheme, _, rest = text.partition("://")
    is_postgresql = scheme.partition("+")[0] in POSTGRESQL
    if is_postgresql and _has_hole(rest):
        raise DatabaseUnavailable(sentence(Reason.PLACEHOLDER))
    if is_postgresql and "@" in rest and not _CLEAN.fullmatch(rest):
        raise DatabaseUnavailable(sentence(Reason.UNCODED_SIGNS))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise DatabaseUnavailable(sentence(Reason.NO_ADDRESS)) from None
    backend = url.get_backend_name()
    if backend in POSTGRESQL:
        return _postgresql(url)
    if backend != "sqlite":
        raise DatabaseUnavailable(sentence(Reason.OTHER_DATABASE))
    if not url.database or url.database == ":memory:" or not _is_sendable(url.database):
        raise DatabaseUnavailable(sentence(Reason.NO_FILE))
    return url.set(drivername="sqlite")


def _bare(address: str) -> str:
    """Without the command, the name and the quotes that panels show it with."""
    text = address.strip()
    for _ in range(2):
        text = text[len(found[0]) :] if (found := _BEFORE.match(text)) else text
        quoted = re.fullmatch(r"""(["'])(.*)\1;?""", text, re.DOTALL)
        text = quoted[2].strip() if quoted else text
    return text.removeprefix("jdbc:")


def _has_hole(rest: str) -> bool:
    readable = _CODE.sub(lambda code: _BRACKETS.get(code[1].lower(), "%"), rest)
    return _HOLE.search(readable) is not None


def _postgresql(url: URL) -> URL:
    user, password = url.query.get("user"), url.query.get("password")
    if isinstance(user, str) and not url.username:  # as JDBC has them
        url = url.set(username=user)
    if isinstance(password, str) and not url.password:
        url = url.set(password=password)
    query = for_libpq(url.difference_update_query(["user", "password"]).query)
    _check(url)
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    if not set(query) <= known:
        raise DatabaseUnavailable(sentence(Reason.UNKNOWN_PARAMETER))
    return url.set(drivername="postgresql+psycopg", query=query)


def _check(url: URL) -> None:
    """Raises `DatabaseUnavailable` where no connection could even be tried."""
    named = url.host or url.query.get("host", "")
    hosts = named.split(",") if isinstance(named, str) else named
    parts = (url.username, str(url.password or ""), url.database, *map(str, url.query.values()))
    if not all(_is_sendable(part or "") for part in parts):
        raise DatabaseUnavailable(sentence(Reason.NO_ADDRESS))
    try:
        for name in hosts:
            if not name.startswith(("/", "@")):  # the folder of a socket on this machine
                name.encode("idna")
    except UnicodeError:
        raise DatabaseUnavailable(sentence(Reason.BAD_HOST_NAME)) from None
    if url.port is not None and not 0 < url.port <= MAX_PORT:
        raise DatabaseUnavailable(sentence(Reason.BAD_PORT))


def _is_sendable(text: str) -> bool:
    """Whether libpq and the system take it: no end of a string inside, no half of a sign."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
