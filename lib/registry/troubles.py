"""Why a database cannot be used: what waiting mends, and what somebody has to change."""

from __future__ import annotations

import re
from enum import StrEnum

from sqlalchemy.exc import DBAPIError


class Trouble(StrEnum):
    """What is wrong with a database, as the sentence that tells an operator what to do."""

    ADDRESS = "No server is found by the host name in DATABASE_URL. Check that name."
    NO_SERVER = (
        "DATABASE_URL names no server, and none runs on this machine. Copy the whole address from "
        "your host's page: postgresql://user:password@host:5432/database."
    )
    ROUTE = (
        "This machine cannot reach the address of the database, which may be IPv6 only. Put the "
        "address of your host's pooler into DATABASE_URL: it has IPv4 as well."
    )
    NOT_POSTGRESQL = (
        "What answers at the host and port in DATABASE_URL is no PostgreSQL. Check both; the usual "
        "port is 5432."
    )
    PARAMETER = (
        "A parameter after the ? in DATABASE_URL has a value that cannot be used. Copy the address "
        "again, or leave that parameter out."
    )
    LOGIN = (
        "The database refuses the user or the password in DATABASE_URL. Check both: a % in the "
        "password is written as %25, and some poolers want the project behind the user's name."
    )
    BARE_USER = (
        "DATABASE_URL has no password, and the database asks for one. Write it between the user "
        "and the @: user:password@host."
    )
    DATABASE = "The server has no database of the name in DATABASE_URL. Check that name."
    ENTRY = (
        "The database does not allow connections from here. Allow the address of this machine at "
        "its host, or in its pg_hba.conf."
    )
    RIGHTS = (
        "The database does not give its user enough rights. The user in DATABASE_URL has to be "
        "allowed to connect from here, to create tables and to write."
    )
    SCHEMA = (
        "The user in DATABASE_URL may not create tables, as is usual from PostgreSQL 15 on. The "
        "owner of the database fixes it with: GRANT USAGE, CREATE ON SCHEMA public TO <that user>;"
    )
    OWNER = (
        "The tables of the database belong to another user than the one in DATABASE_URL. Use the "
        "user that they were made with, or: REASSIGN OWNED BY <that user> TO <this user>;"
    )
    TABLES = (
        "A table or column of Voicekeep is missing in the database, so something else changed it. "
        "Restore a backup, or use an empty database: it is filled from the storage."
    )
    READ_ONLY = (
        "The database accepts no changes: it is a read-only copy of another one, or its host made "
        "it read-only, as happens when its disk is full. Put the address of the primary into "
        "DATABASE_URL, or make room there."
    )
    ENCRYPTION = (
        "The database wants an encrypted connection. Put ?sslmode=require at the end of "
        "DATABASE_URL."
    )
    NO_ENCRYPTION = (
        "The database offers no encrypted connection, and DATABASE_URL asks for one. Switch it on "
        "there; only in a network of your own, put ?sslmode=disable at the end of DATABASE_URL."
    )
    CERTIFICATE = (
        "The certificate of the database cannot be checked as the sslmode in DATABASE_URL asks. "
        "Name its root certificate with sslrootcert, or put sslmode=require there."
    )
    ENCODING = (
        "The database cannot store the characters of all languages. Make another one, and put its "
        "name into DATABASE_URL: CREATE DATABASE voicekeep ENCODING 'UTF8' TEMPLATE template0;"
    )
    POOLER = (
        "The pooler in front of the database allows no transactions. Set it to transaction mode "
        "(pool_mode = transaction), or put the direct address of the database into DATABASE_URL."
    )
    SWITCHED_OFF = (
        "The host of the database has switched it off: it is paused, or a limit of its plan is "
        "used up. Wake it on the host's page."
    )
    DISK = "The disk of the database is full. Make room there."
    FILE = (
        "The file of the database cannot be opened or written. Check its folder, and who can write "
        "there."
    )
    READ_ONLY_FILE = (
        "The file of the database, or its disk, is read-only. Let the user that Voicekeep runs as "
        "write to the file and to its folder."
    )
    DAMAGED = (
        "The file in DATABASE_URL is no database, or it is damaged. Move it away and restore a "
        "backup, or let Voicekeep fill a new one from the storage."
    )
    FAULT = (
        "The database reports a fault of its own. Check its log, and the space and health of its "
        "disk, or ask its host."
    )
    REFUSED = (
        "The database refuses the connection for a reason that Voicekeep does not know. Compare "
        "DATABASE_URL with your host's page; the server's log says more."
    )
    BUSY = "The database is too busy right now."
    SILENT = "The database cannot be reached right now."


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
