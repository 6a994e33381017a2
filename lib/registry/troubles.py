"""Why a database cannot be used: what waiting mends, and what somebody has to change."""

from __future__ import annotations

import re
from enum import StrEnum

from sqlalchemy.exc import DBAPIError


class Trouble(StrEnum):
    """What is wrong with a database."""

    ADDRESS = "address"
    NO_SERVER = "no_server"
    ROUTE = "route"
    NOT_POSTGRESQL = "not_postgresql"
    PARAMETER = "parameter"
    LOGIN = "login"
    BARE_USER = "bare_user"
    DATABASE = "database"
    ENTRY = "entry"
    RIGHTS = "rights"
    SCHEMA = "schema"
    OWNER = "owner"
    TABLES = "tables"
    READ_ONLY = "read_only"
    ENCRYPTION = "encryption"
    NO_ENCRYPTION = "no_encryption"
    CERTIFICATE = "certificate"
    ENCODING = "encoding"
    POOLER = "pooler"
    SWITCHED_OFF = "switched_off"
    DISK = "disk"
    FILE = "file"
    READ_ONLY_FILE = "read_only_file"
    DAMAGED = "damaged"
    FAULT = "fault"
    REFUSED = "refused"
    BUSY = "busy"
    SILENT = "silent"


_CODES = {
    Trouble.LOGIN: "28000 28P01",
    Trouble.DATABASE: "3D000",
    Trouble.SCHEMA: "3F000",
    Trouble.RIGHTS: "42501 SQLITE_AUTH",
    Trouble.TABLES: "42P01 42703",
    Trouble.READ_ONLY: "25006",
    Trouble.ENCODING: "22P05 22021",
    Trouble.DISK: "53100 SQLITE_FULL",
    Trouble.BUSY: "40 53 55P03 57014 57P05 SQLITE_BUSY SQLITE_LOCKED SQLITE_PROTOCOL SQLITE_NOMEM",
    Trouble.SILENT: "08 57",
    Trouble.READ_ONLY_FILE: "SQLITE_READONLY",
    Trouble.FILE: "SQLITE_CANTOPEN SQLITE_PERM",
    Trouble.DAMAGED: "SQLITE_NOTADB SQLITE_CORRUPT",
    Trouble.FAULT: "58 XX SQLITE_IOERR",
}
_BY_CODE = {code: trouble for trouble, codes in _CODES.items() for code in codes.split()}
"""SQLSTATEs of PostgreSQL, or the class of many, and result codes of SQLite, without extensions."""
_MORE_EXACTLY = (
    (Trouble.RIGHTS, r"schema", Trouble.SCHEMA),
    (Trouble.RIGHTS, r"owner|table|sequence", Trouble.OWNER),
    (Trouble.SILENT, r"statement pooling", Trouble.POOLER),
    (None, r"no such (table|column)", Trouble.TABLES),  # of SQLite, which has one code for many
)
"""Where one code stands for several things, the words tell them apart, in English at least."""
_BY_ANSWER = (
    (Trouble.SILENT, r"Temporary failure in name resolution"),
    (Trouble.ADDRESS, r"failed to resolve host|could not translate host name"),
    (Trouble.NO_SERVER, r"on socket .* failed: No such file"),
    (
        Trouble.NOT_POSTGRESQL,
        r"received invalid response to|expected authentication request|unsupported frontend",
    ),
    (
        Trouble.BUSY,
        r"too many (clients|connections)|connection slots|connection limit|max.?client"
        r"|no more connections|query_wait_timeout",
    ),
    (Trouble.READ_ONLY, r"session is read-only|server is in hot standby"),
    (Trouble.SILENT, r"starting up|shutting down|recovery mode|control plane"),
    (Trouble.POOLER, r"statement pooling"),
    (Trouble.NO_ENCRYPTION, r"does not support SSL|when SSL support is not compiled"),
    (Trouble.CERTIFICATE, r"certificate (file|verify)|server certificate"),
    (
        Trouble.PARAMETER,
        r"(invalid|bad|weak) .*(value|port|number|sslmode)|bad value|channel binding"
        r"|unsupported startup parameter|unrecognized configuration parameter",
    ),
    (Trouble.ENTRY, r"pg_hba\.conf .*SSL (on|encryption)"),
    (
        Trouble.ENCRYPTION,
        r"no encryption|SSL off|sslmode"
        r"|(requires?|insecure|must use|without) .*(SSL|TLS|encrypt)|(SSL|TLS).* (is )?required",
    ),
    (Trouble.ENTRY, r"pg_hba\.conf|not allowed to connect|allow.?list"),
    (Trouble.RIGHTS, r"permission denied"),
    (Trouble.DATABASE, r'database "" does not exist|no such database'),
    (Trouble.BARE_USER, r"no password supplied|password (is )?(missing|required)"),
    (
        Trouble.LOGIN,
        r"authentication failed|wrong password|SASL|SCRAM|user not found|no such user"
        r'|role "" (does not exist|is not permitted to log in)',
    ),
    (
        Trouble.SWITCHED_OFF,
        r"(endpoint|project|database|compute|instance|service)\b.*"
        r"(disabled|suspended|paused|not currently accepting|inactive|deleted)|quota",
    ),
    (Trouble.DISK, r"No space left on device|disk full"),
    (Trouble.SILENT, r"server_login_retry|server conn|closed the connection"),
    (Trouble.REFUSED, r"\bFATAL\b"),
    (Trouble.SILENT, r"Connection refused|timed out|timeout"),
    (Trouble.ROUTE, r"Network is unreachable|No route to host|Cannot assign requested address"),
)
"""While a connection is made there is no SQLSTATE yet, and only what libpq, the server and what
stands in front of it say. The first that fits counts.
"""


class DatabaseUnavailable(Exception):
    """The database cannot be used right now; `str()` is a sentence without address or password."""


def trouble_in(problem: DBAPIError) -> Trouble | None:
    """What a driver's refusal tells, where it is known; None may be a defect of ours."""
    said = str(problem.orig)
    code = str(
        getattr(problem.orig, "sqlstate", None) or getattr(problem.orig, "sqlite_errorname", "")
    )
    # The longest beginning: a class of codes holds some that are told apart.
    known = max((start for start in _BY_CODE if code.startswith(start)), key=len, default="")
    trouble = _BY_CODE.get(known)
    for told, words, exactly in _MORE_EXACTLY:
        if trouble is told and re.search(words, said, re.IGNORECASE):
            return exactly
    if trouble is not None or problem.statement is not None:
        return trouble
    unnamed = re.sub(r'"[^"]*"', '""', said)  # a database may be called anything
    answers = (told for told, words in _BY_ANSWER if re.search(words, unnamed, re.IGNORECASE))
    return next(answers, None)
