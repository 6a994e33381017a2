"""Why a database cannot be used: what waiting mends, and what somebody has to change."""

from __future__ import annotations

import re
from enum import StrEnum

from sqlalchemy.exc import DBAPIError


class Trouble(StrEnum):
    """What is wrong with a database, as the sentence that tells an operator what to do."""

    ADDRESS = "No server is found by the host name in DATABASE_URL. Check that name."
    LOGIN = "The database refuses the user or the password in DATABASE_URL. Check both."
    DATABASE = "The server has no database of the name in DATABASE_URL. Check that name."
    RIGHTS = (
        "The database does not give its user enough rights. The user in DATABASE_URL has to be let "
        "in from here, to create tables and to write."
    )
    ENCRYPTION = (
        "The database and DATABASE_URL do not agree on encryption. Most hosts want "
        "?sslmode=require at its end."
    )
    DISK = "The disk of the database is full. Make room there."
    FILE = (
        "The file of the database cannot be opened or written. Check its folder, and who may "
        "write there."
    )
    BUSY = "The database is too busy right now."
    SILENT = "The database cannot be reached right now."


_BY_CODE = {
    "28000": Trouble.LOGIN,
    "28P01": Trouble.LOGIN,
    "3D000": Trouble.DATABASE,
    "42501": Trouble.RIGHTS,
    "25006": Trouble.RIGHTS,
    "53100": Trouble.DISK,
    "53300": Trouble.BUSY,
    "SQLITE_FULL": Trouble.DISK,
    "SQLITE_READONLY": Trouble.FILE,
    "SQLITE_CANTOPEN": Trouble.FILE,
    "SQLITE_PERM": Trouble.FILE,
}
"""SQLSTATEs of PostgreSQL and result codes of SQLite, without their extensions."""
_BY_ANSWER = (
    (r"failed to resolve host|could not translate host name", Trouble.ADDRESS),
    (r"too many (clients|connections)|connection slots|max clients", Trouble.BUSY),
    (
        r"no encryption|SSL off|does not support SSL|sslmode|certificate|channel binding"
        r"|(requires?|insecure|must use|without) .*(SSL|TLS|encrypt)|(SSL|TLS).* (is )?required",
        Trouble.ENCRYPTION,
    ),
    (r"no pg_hba\.conf entry|permission denied", Trouble.RIGHTS),
    (r'database "[^"]*" does not exist', Trouble.DATABASE),
    (
        r"password authentication failed|no password supplied|wrong password"
        r'|role "[^"]*" does not exist|user not found',
        Trouble.LOGIN,
    ),
    (r"No space left on device|disk full", Trouble.DISK),
)
"""While a connection is made there is no SQLSTATE yet, and only what libpq and the server say."""


class DatabaseUnavailable(Exception):
    """The database cannot be used right now; `str()` is a sentence without address or password."""


def trouble_in(problem: DBAPIError) -> Trouble | None:
    """What a driver's refusal tells, where it is known; None may be a defect of ours."""
    code = getattr(problem.orig, "sqlstate", None) or getattr(problem.orig, "sqlite_errorname", "")
    known = next((_BY_CODE[start] for start in _BY_CODE if str(code).startswith(start)), None)
    if known is not None or problem.statement is not None:
        return known
    said = str(problem.orig)
    answers = (trouble for answer, trouble in _BY_ANSWER if re.search(answer, said, re.IGNORECASE))
    return next(answers, None)
