"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from enum import StrEnum

from lib.models import JobKind
from lib.registry.troubles import Trouble


class Reason(StrEnum):
    """Why something is refused, given up or as it is, as data."""

    NO_ADDRESS = "no_address"
    PLACEHOLDER = "placeholder"
    UNCODED_SIGNS = "uncoded_signs"
    OTHER_DATABASE = "other_database"
    NO_FILE = "no_file"
    UNKNOWN_PARAMETER = "unknown_parameter"
    BAD_HOST_NAME = "bad_host_name"
    BAD_PORT = "bad_port"
    EARLIER_VERSION = "earlier_version"
    OTHER_VERSION = "other_version"
    ALREADY_ORDERED = "already_ordered"
    OVER_BUDGET = "over_budget"
    OTHER_ORDER = "other_order"
    OTHER_SCRIPT = "other_script"
    CONTRADICTED = "contradicted"
    DELETED_UNHEARD = "deleted_unheard"
    ACCEPTED = "accepted"
    FINISHED = "finished"
    DONE = "done"


class Deed(StrEnum):
    """What the record of the library says was done with an order."""

    SENT = "sent"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    FINISHED = "finished"
    DONE = "done"
    RENEWED = "renewed"
    RESUMED = "resumed"
    TAKE_DELETED = "take_deleted"


TROUBLES = {
    Trouble.ADDRESS: "No server is found by the host name in DATABASE_URL. Check that name.",
    Trouble.NO_SERVER: (
        "DATABASE_URL names no server, and none runs on this machine. Copy the whole address from "
        "your host's page: postgresql://user:password@host:5432/database."
    ),
    Trouble.ROUTE: (
        "This machine cannot reach the address of the database, which may be IPv6 only. Put the "
        "address of your host's pooler into DATABASE_URL: it has IPv4 as well."
    ),
    Trouble.NOT_POSTGRESQL: (
        "What answers at the host and port in DATABASE_URL is no PostgreSQL. Check both; the usual "
        "port is 5432."
    ),
    Trouble.PARAMETER: (
        "A parameter after the ? in DATABASE_URL has a value that cannot be used. Copy the address "
        "again, or leave that parameter out."
    ),
    Trouble.LOGIN: (
        "The database refuses the user or the password in DATABASE_URL. Check both: a % in the "
        "password is written as %25, and some poolers want the project behind the user's name."
    ),
    Trouble.BARE_USER: (
        "DATABASE_URL has no password, and the database asks for one. Write it between the user "
        "and the @: user:password@host."
    ),
    Trouble.DATABASE: "The server has no database of the name in DATABASE_URL. Check that name.",
    Trouble.ENTRY: (
        "The database does not allow connections from here. Allow the address of this machine at "
        "its host, or in its pg_hba.conf."
    ),
    Trouble.RIGHTS: (
        "The database does not give its user enough rights. The user in DATABASE_URL has to be "
        "allowed to connect from here, to create tables and to write."
    ),
    Trouble.SCHEMA: (
        "The user in DATABASE_URL may not create tables, as is usual from PostgreSQL 15 on. The "
        "owner of the database fixes it with: GRANT USAGE, CREATE ON SCHEMA public TO <that user>;"
    ),
    Trouble.OWNER: (
        "The tables of the database belong to another user than the one in DATABASE_URL. Use the "
        "user that they were made with, or: REASSIGN OWNED BY <that user> TO <this user>;"
    ),
    Trouble.TABLES: (
        "A table or column of Voicekeep is missing in the database, so something else changed it. "
        "Restore a backup, or use an empty database: it is filled from the storage."
    ),
    Trouble.READ_ONLY: (
        "The database accepts no changes: it is a read-only copy of another one, or its host made "
        "it read-only, as happens when its disk is full. Put the address of the primary into "
        "DATABASE_URL, or make room there."
    ),
    Trouble.ENCRYPTION: (
        "The database wants an encrypted connection. Put ?sslmode=require at the end of "
        "DATABASE_URL."
    ),
    Trouble.NO_ENCRYPTION: (
        "The database offers no encrypted connection, and DATABASE_URL asks for one. Switch it on "
        "there; only in a network of your own, put ?sslmode=disable at the end of DATABASE_URL."
    ),
    Trouble.CERTIFICATE: (
        "The certificate of the database cannot be checked as the sslmode in DATABASE_URL asks. "
        "Name its root certificate with sslrootcert, or put sslmode=require there."
    ),
    Trouble.ENCODING: (
        "The database cannot store the characters of all languages. Make another one, and put its "
        "name into DATABASE_URL: CREATE DATABASE voicekeep ENCODING 'UTF8' TEMPLATE template0;"
    ),
    Trouble.POOLER: (
        "The pooler in front of the database allows no transactions. Set it to transaction mode "
        "(pool_mode = transaction), or put the direct address of the database into DATABASE_URL."
    ),
    Trouble.SWITCHED_OFF: (
        "The host of the database has switched it off: it is paused, or a limit of its plan is "
        "used up. Wake it on the host's page."
    ),
    Trouble.DISK: "The disk of the database is full. Make room there.",
    Trouble.FILE: (
        "The file of the database cannot be opened or written. Check its folder, and who can write "
        "there."
    ),
    Trouble.READ_ONLY_FILE: (
        "The file of the database, or its disk, is read-only. Let the user that Voicekeep runs as "
        "write to the file and to its folder."
    ),
    Trouble.DAMAGED: (
        "The file in DATABASE_URL is no database, or it is damaged. Move it away and restore a "
        "backup, or let Voicekeep fill a new one from the storage."
    ),
    Trouble.FAULT: (
        "The database reports a fault of its own. Check its log, and the space and health of its "
        "disk, or ask its host."
    ),
    Trouble.REFUSED: (
        "The database refuses the connection for a reason that Voicekeep does not know. Compare "
        "DATABASE_URL with your host's page; the server's log says more."
    ),
    Trouble.BUSY: "The database is too busy right now.",
    Trouble.SILENT: "The database cannot be reached right now.",
}
"""What is wrong with a database, and what an operator has to do."""
SENTENCES = {
    Reason.NO_ADDRESS: "DATABASE_URL is not the address of a database.",
    Reason.PLACEHOLDER: (
        "DATABASE_URL still contains a placeholder, probably where the password belongs. "
        "Replace it with the password of your database, and look for others."
    ),
    Reason.UNCODED_SIGNS: (
        "DATABASE_URL contains characters that have to be written as codes, probably in its "
        "password: %40 for @, %3A for :, %2F for /, %23 for #, %3F for ?, %25 for %."
    ),
    Reason.OTHER_DATABASE: "DATABASE_URL has to begin with postgresql:// or sqlite:///.",
    Reason.NO_FILE: "DATABASE_URL has to name a file after sqlite:///.",
    Reason.UNKNOWN_PARAMETER: (
        "DATABASE_URL has a parameter after its ? that PostgreSQL does not know. Remove it."
    ),
    Reason.BAD_HOST_NAME: "The host name in DATABASE_URL cannot be looked up. Copy it again.",
    Reason.BAD_PORT: "The port in DATABASE_URL, the number after the host name, is not valid.",
    Reason.EARLIER_VERSION: (
        "The database is from an earlier version of Voicekeep. Run the command without --dry-run "
        "to update it."
    ),
    Reason.OTHER_VERSION: "The database was made by another version of Voicekeep.",
    Reason.ALREADY_ORDERED: "This has already been ordered.",
    Reason.OVER_BUDGET: "This does not fit into the budget.",
    Reason.OTHER_ORDER: "It has the ID of an order that it does not list.",
    Reason.OTHER_SCRIPT: "It has the ID of a script that it does not tell of.",
    Reason.CONTRADICTED: "It does not fit what is in the database.",
    Reason.DELETED_UNHEARD: "Its audio was deleted before anybody had listened to it.",
    Reason.ACCEPTED: "The service accepted the order.",
    Reason.FINISHED: "Finished. Fetching the result.",
    Reason.DONE: "Done.",
}
DEEDS = {
    Deed.SENT: "sent",
    Deed.ACCEPTED: "accepted by the service",
    Deed.UNKNOWN: "outcome unknown",
    Deed.FINISHED: "finished at the service",
    Deed.DONE: "done",
    Deed.RENEWED: "ordered again",
    Deed.RESUMED: "to be joined again",
    Deed.TAKE_DELETED: "deleted a take",
}


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def deed(done: Deed) -> str:
    """How the record says it."""
    return DEEDS[done]


def ordered(kind: JobKind) -> str:
    """Somebody ordered this, the record says."""
    return f"ordered: {kind}"


def ordered_in_parts(parts: int) -> str:
    """Somebody ordered a long text, the record says."""
    return f"ordered: speech in {parts} parts"


def not_sent(why: str) -> str:
    """An order waits again, the record says, as nothing ran."""
    return f"not sent: {why}"


def failed(why: str) -> str:
    """An order came to nothing, the record says."""
    return f"failed: {why}"
