"""The tables, and how records of `lib/models.py` lie in them: one column per field, same name."""

from __future__ import annotations

import dataclasses
import secrets
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    Table,
    false,
    literal_column,
    text,
)

from lib.consent import Relation
from lib.event_kinds import EventKind
from lib.manifest import Fault
from lib.models import (
    ErrorKind,
    EvidenceKind,
    Heard,
    Inquiry,
    JobKind,
    JobState,
    KeepPolicy,
    Source,
    TextState,
    Voice,
    VoiceKind,
)
from lib.registry.columns import Free, Line, Micros, Prose, Several, Utc, Word, Words
from lib.scripts import Line as ScriptLine
from lib.scripts import Speaker

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_T = TypeVar("_T")

metadata = MetaData()


def _id(name: str, *, primary_key: bool = False, index: bool = False) -> Column[str]:
    return Column(name, Line(64), primary_key=primary_key, index=index, nullable=False)


def _line(name: str, length: int = 255, *, index: bool | None = None) -> Column[str]:
    return Column(name, Line(length), nullable=False, default="", server_default="", index=index)


def _prose(name: str) -> Column[str]:
    return Column(name, Prose, nullable=False, default="", server_default="")


def _reason(name: str) -> Column[StrEnum]:
    return Column(name, Word(ErrorKind), nullable=False, default=ErrorKind.NONE, server_default="")


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, default=0, server_default="0")


IS_UNSAVED = text("revision > saved_revision")
IS_FAVOURITE = literal_column("takes.favourite", Boolean())

voices = Table(
    "voices",
    metadata,
    _id("id", primary_key=True),
    _line("name"),
    Column("kind", Word(VoiceKind), nullable=False),
    Column("source", Word(Source), nullable=False),
    _line("service", 32),
    _line("account", 64),
    Column("created_at", Utc, nullable=False),
    _line("provider_voice_id"),
    Column("id_made_here", Boolean, nullable=False, default=False),
    _prose("embedding_url"),
    _line("embedding_model"),
    _prose("description"),
    _prose("transcript"),
    _line("language", 64),
    Column("tags", Words, nullable=False),
    Column("favourite", Boolean, nullable=False, default=False, server_default=false()),
    _line("owner"),
    _line("consent_id", 64),
    Column("keep_policy", Word(KeepPolicy), nullable=False),
    _count("refresh_days"),
    Column("clock_start", Utc),
    Column("archived_at", Utc),
    _line("replaced_by", 64),
    _count("revision"),
    _count("saved_revision"),
    _count("copy_tries"),
    Column("copy_next_at", Utc),
    _prose("copy_error"),
    _reason("copy_error_kind"),
    Index("voices_unsaved", "created_at", sqlite_where=IS_UNSAVED, postgresql_where=IS_UNSAVED),
)

consents = Table(
    "consents",
    metadata,
    _id("id", primary_key=True),
    _line("speaker"),
    _line("attested_by"),
    Column("attested_at", Utc, nullable=False),
    Column("relation", Word(Relation), nullable=False),
    _prose("use"),
    Column("until", Utc),
    Column("withdrawn_at", Utc),
    _line("withdrawn_by"),
)
"""Who speaks in the recordings of voices and what they agreed to; `voices.consent_id` names it."""

OPEN_OR_UNKNOWN = "state IN ('confirmed', 'submitting', 'waiting', 'unknown')"
ACTIVATION_OPEN = "kind = 'activation' AND state IN ('confirmed', 'submitting', 'waiting')"

jobs = Table(
    "jobs",
    metadata,
    _id("id", primary_key=True),
    _id("voice_id", index=True),
    Column("kind", Word(JobKind), nullable=False),
    Column("state", Word(JobState), nullable=False),
    _line("order_key", 64),
    _line("service", 32),
    _line("account", 64),
    Column("created_at", Utc, nullable=False),
    _line("person"),
    Column("request", Free, nullable=False),
    Column("estimate", Micros, nullable=False),
    Column("send_before", Utc),
    Column("submitted_at", Utc),
    Column("finished_at", Utc),
    Column("next_check_at", Utc),
    Column("inquiry", Word(Inquiry), nullable=False, default=Inquiry.NONE, server_default=""),
    _line("lease_owner", 64),
    Column("lease_until", Utc),
    _count("attempts"),
    Column("ticket", Free, nullable=False),
    Column("result", Free, nullable=False),
    _prose("last_answer"),
    _reason("answer_kind"),
    _prose("error"),
    _reason("error_kind"),
    Column("error_tells_cost", Boolean, nullable=False, default=False, server_default=false()),
    _line("request_id"),
    Column("charged", Micros),
    Column("refunded", Micros),
    Column("balance_before", Micros),
    Column("balance_after", Micros),
    _count("revision"),
    _count("saved_revision"),
    _line("long_text_id", 64, index=True),
    _count("part"),
    # A double click, a rerun and a second tab are one order.
    Index(
        "one_open_order",
        "order_key",
        unique=True,
        sqlite_where=text(OPEN_OR_UNKNOWN),
        postgresql_where=text(OPEN_OR_UNKNOWN),
    ),
    # An attempt to keep a voice that was made from an old look at it is the one made before.
    Index(
        "one_activation_a_number",
        "order_key",
        unique=True,
        sqlite_where=text("kind = 'activation'"),
        postgresql_where=text("kind = 'activation'"),
    ),
    # Never two attempts to keep one voice at once, whoever makes them.
    Index(
        "one_open_activation",
        "voice_id",
        unique=True,
        sqlite_where=text(ACTIVATION_OPEN),
        postgresql_where=text(ACTIVATION_OPEN),
    ),
    Index("jobs_due", "state", "next_check_at"),
    Index("jobs_by_time", "created_at"),
    Index("jobs_by_state", "state", "created_at"),
    Index("jobs_by_person", "person", "service"),
    Index("jobs_by_sending", "submitted_at"),
    Index("jobs_unsaved", "created_at", sqlite_where=IS_UNSAVED, postgresql_where=IS_UNSAVED),
)

TEXT_OPEN = "state = 'waiting'"
IS_UNFINISHED = literal_column("state <> 'done' AND text <> ''", Boolean())

long_texts = Table(
    "long_texts",
    metadata,
    _id("id", primary_key=True),
    _id("voice_id", index=True),
    Column("state", Word(TextState), nullable=False),
    _line("order_key", 64),
    _line("service", 32),
    Column("created_at", Utc, nullable=False, index=True),
    _line("person"),
    _prose("text"),
    _line("model"),
    Column("settings", Free, nullable=False),
    _count("parts"),
    Column("finished_at", Utc),
    Column("next_check_at", Utc),
    _line("lease_owner", 64),
    Column("lease_until", Utc),
    _count("attempts"),
    _prose("last_answer"),
    _prose("error"),
    Column("deleted", Free, nullable=False),
    _count("revision"),
    _count("saved_revision"),
    # A double click, a rerun and a second tab are one order.
    Index(
        "one_open_text",
        "order_key",
        unique=True,
        sqlite_where=text(TEXT_OPEN),
        postgresql_where=text(TEXT_OPEN),
    ),
    Index("long_texts_due", "state", "next_check_at"),
    Index("long_texts_by_person", "person", "service"),
    Index(
        "long_texts_unfinished",
        "created_at",
        sqlite_where=IS_UNFINISHED,
        postgresql_where=IS_UNFINISHED,
    ),
)

evidence = Table(
    "evidence",
    metadata,
    _id("id", primary_key=True),
    _id("voice_id", index=True),
    Column("kind", Word(EvidenceKind), nullable=False),
    Column("at", Utc, nullable=False),
    _line("role", 32),
    _line("job_id", 64),
    _prose("vault"),
    _prose("key"),
    _line("sha256", 64),
    _count("size"),
    _prose("summary"),
    Column("read_back_at", Utc),
    _line("model"),
    _line("run_id"),
    Column("cost", Micros),
    Column("withdrawn_at", Utc),
    _prose("withdrawn_why"),
    _reason("withdrawn_kind"),
    Column("heard", Word(Heard), nullable=False, default=Heard.NOT_YET, server_default=""),
    _line("heard_by"),
    Column("heard_at", Utc),
)

takes = Table(
    "takes",
    metadata,
    _id("id", primary_key=True),
    _id("voice_id", index=True),
    _prose("text"),
    _line("model"),
    Column("created_at", Utc, nullable=False, index=True),
    Column("settings", Free, nullable=False),
    Column("seconds", Float, nullable=False, default=0.0),
    _prose("vault"),
    _prose("key"),
    _line("sha256", 64),
    _count("size"),
    _line("mime", 64),
    _line("name"),
    Column("favourite", Boolean, nullable=False, default=False, server_default=false()),
    Index("takes_by_vault", "vault"),
    Index(
        "takes_favourites",
        "created_at",
        sqlite_where=text("favourite"),
        postgresql_where=text("favourite"),
    ),
)

accounts = Table(
    "accounts",
    metadata,
    _id("id", primary_key=True),
    _line("service", 32),
    _line("label"),
    Column("fingerprints", Words, nullable=False),
    Column("balance", Micros),
    Column("balance_at", Utc),
    Column("settled", Boolean, nullable=False, default=False, server_default=false()),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False, index=True),
    _line("person"),
    _prose("what"),
    _line("voice_id", 64),
    _line("job_id", 64),
    Column("uid", Line(32), nullable=False, unique=True, default=lambda: secrets.token_hex(16)),
    _line("saved_in", 128, index=True),
    Column("kind", Word(EventKind), nullable=False, default=EventKind.OTHER, server_default=""),
    Index("events_by_person", "person", "at"),
    Index("events_by_kind", "kind", "at"),
    Index("events_by_voice", "voice_id", "at"),
)
"""`uid` is the same in every database; `saved_in`: the object in the vault that tells of it."""

ended_sign_ins = Table(
    "ended_sign_ins",
    metadata,
    Column("id", Line(64), primary_key=True),
    Column("until", Utc, nullable=False),
)

unreadable = Table(
    "unreadable",
    metadata,
    Column("key", Line(512), primary_key=True),
    _prose("vault"),
    Column("fault", Word(Fault), nullable=False),
    _line("sha256", 64),
    Column("told", Free, nullable=False),
    Column("files", Free, nullable=False),
    Column("first_at", Utc),
    Column("last_at", Utc),
    Column("found_at", Utc, nullable=False),
    Column("aside_at", Utc),
    _line("aside_by"),
)
"""Stories of voices and takes that lie in the vault and cannot be read."""

erasures = Table(
    "erasures",
    metadata,
    _id("voice_id", primary_key=True),
    _line("service", 32),
    Column("asked_at", Utc, nullable=False),
    _line("asked_by"),
    Column("due_at", Utc, nullable=False),
    Column("started_at", Utc),
    Column("finished_at", Utc),
    _prose("trouble"),
    Column("receipt", Free, nullable=False),
)
"""Voices that are to be erased, or were; a row that began keeps its voice out for ever."""

shares = Table(
    "shares",
    metadata,
    _id("id", primary_key=True),
    Column("take_id", Line(64), nullable=False),
    _prose("vault"),
    Column("key", Line(512), nullable=False),
    Column("shared_at", Utc, nullable=False),
    _line("shared_by"),
    Column("until", Utc, nullable=False),
    Column("copied_at", Utc),
    Column("ended_at", Utc),
    _prose("trouble"),
)
"""Takes that are shared by a link; what is over has no row."""

scripts = Table(
    "scripts",
    metadata,
    _id("id", primary_key=True),
    _line("name"),
    Column("created_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False, index=True),
    _line("person"),
    Column("pause", Float, nullable=False),
    Column("speakers", Several(Speaker), nullable=False),
    Column("lines", Several(ScriptLine), nullable=False),
    _line("service", 32),
    Column("deleted_at", Utc),
    _count("revision"),
    _count("saved_revision"),
)

script_orders = Table(
    "script_orders",
    metadata,
    _id("order_id", primary_key=True),
    _id("script_id"),
    _id("line_id"),
    Column("ordered_at", Utc, nullable=False),
    _count("number"),
    Index("script_orders_by_line", "script_id", "line_id", "number"),
)
"""Which line of a script an order speaks; the take that it brings has the same id."""

leases = Table(
    "leases",
    metadata,
    _id("name", primary_key=True),
    _line("owner", 64),
    Column("until", Utc, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    _id("name", primary_key=True),
    Column("at", Utc),
    Column("asked_at", Utc),
    Column("body", Free, nullable=False),
)
"""What the keeper last saw: its heartbeat, the last pass, each check of the Settings page."""

notices = Table(
    "notices",
    metadata,
    Column("id", Line(200), primary_key=True),
    _line("owner", 64),
    Column("reserved_at", Utc, nullable=False),
    Column("told_at", Utc),
    Column("seen_at", Utc, nullable=False),
)
"""What people were told, or are being told by `owner` right now; each row is told once."""


library_changes = Table(
    "library_changes",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("voice_id", Line(64), primary_key=True),
)
"""Which voice changed where, as triggers note it (`library.py`)."""


def columns_of(record: DataclassInstance) -> dict[str, object]:
    """A record's fields as column values. Of a voice's consent it is the id: the record of it has
    a row of its own.
    """
    row = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    if isinstance(record, Voice):
        consent = row.pop("consent")
        row["consent_id"] = (consent and (consent.id or record.id)) or ""
    return row


def record_of(kind: type[_T], row: Row[Any]) -> _T:
    """A row as the record it holds."""
    return kind(**row._mapping)


def records_of(kind: type[_T], connection: Connection, chosen: Select[Any]) -> list[_T]:
    """The records of all rows that are chosen."""
    return [record_of(kind, row) for row in connection.execute(chosen)]


def first_of(kind: type[_T], connection: Connection, chosen: Select[Any]) -> _T | None:
    """The record of the first row that is chosen, or None."""
    row = connection.execute(chosen).first()
    return record_of(kind, row) if row else None
