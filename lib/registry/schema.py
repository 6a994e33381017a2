"""The tables, and how records of `lib/models.py` lie in them: one column per field, same name."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    false,
    text,
)
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

from lib import storable
from lib.event_kinds import EventKind
from lib.json_reading import JsonObject
from lib.manifest import Fault
from lib.models import (
    Consent,
    ErrorKind,
    EvidenceKind,
    Heard,
    Inquiry,
    JobKind,
    JobState,
    KeepPolicy,
    Money,
    Source,
    TextState,
    VoiceKind,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_T = TypeVar("_T")


class Utc(TypeDecorator[datetime]):
    """A UTC-aware moment; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Line(TypeDecorator[str]):
    """A short text, as any database and any manifest can hold it."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable.text(value, self.length)


class Prose(TypeDecorator[str]):
    """A longer text, as any database and any manifest can hold it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable.text(value)


class Free(TypeDecorator[JsonObject]):
    """What was asked for or answered, as it was: any JSON that can be stored and read back."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: JsonObject | None, dialect: Dialect) -> object:
        return storable.json_value(value)

    def coerce_compared_value(self, op: OperatorType | None, value: object) -> TypeEngine[object]:
        return self.impl_instance.coerce_compared_value(op, value)


class Micros(TypeDecorator[Money]):
    """Money as integer micro-dollars."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        return None if value is None else value.micros

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:
        return None if value is None else Money(value)


class Word(TypeDecorator[StrEnum]):
    """One word of an enumeration, as text."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """A few short texts."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> list[str]:
        return [storable.text(word) for word in value or ()]

    def process_result_value(self, value: list[str] | None, dialect: Dialect) -> tuple[str, ...]:
        return tuple(value or ())


class ConsentColumn(TypeDecorator[Consent]):
    """Who speaks, who attests, when."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Consent | None, dialect: Dialect) -> dict[str, str] | None:
        if value is None:
            return None
        return {
            "speaker": storable.text(value.speaker),
            "attested_by": storable.text(value.attested_by),
            "attested_at": value.attested_at.astimezone(UTC).isoformat(),
        }

    def process_result_value(
        self, value: dict[str, str] | None, dialect: Dialect
    ) -> Consent | None:
        if value is None:
            return None
        moment = datetime.fromisoformat(value["attested_at"])
        return Consent(value["speaker"], value["attested_by"], moment)


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
    _line("owner"),
    Column("consent", ConsentColumn),
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
)

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
    Index("jobs_by_sending", "submitted_at"),
)

TEXT_OPEN = "state = 'waiting'"

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


def columns_of(record: DataclassInstance) -> dict[str, object]:
    """A record's fields as column values."""
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


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
