"""Which fields of a stored record may be changed, and to what: the types of keyword arguments.

Each name is a field of the record in `lib/models.py`, and of its type (a test compares them).
What never changes is not among them (ids, kinds, when something was made), nor are revisions: the
registry counts them itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from sqlalchemy import ColumnElement

from lib.json_reading import JsonObject
from lib.models import ErrorKind, Heard, Inquiry, JobState, KeepPolicy, Money


class JobChanges(TypedDict, total=False):
    """Fields of a `Job`."""

    state: JobState
    order_key: str
    account: str
    send_before: datetime | None
    submitted_at: datetime | None
    finished_at: datetime | None
    next_check_at: datetime | None
    inquiry: Inquiry
    lease_owner: str
    lease_until: datetime | None
    attempts: int | ColumnElement[int]
    ticket: JsonObject
    result: JsonObject
    last_answer: str
    answer_kind: ErrorKind
    error: str
    error_kind: ErrorKind
    error_tells_cost: bool
    request_id: str
    charged: Money | None
    refunded: Money | None
    balance_before: Money | None
    balance_after: Money | None


class TakeChanges(TypedDict, total=False):
    """Fields of a `Take`: what people say about it."""

    name: str
    favourite: bool


class VoiceChanges(TypedDict, total=False):
    """Fields of a `Voice`."""

    name: str
    provider_voice_id: str
    id_made_here: bool
    embedding_url: str
    embedding_model: str
    description: str
    language: str
    tags: tuple[str, ...]
    favourite: bool
    owner: str
    keep_policy: KeepPolicy
    refresh_days: int
    clock_start: datetime | None
    archived_at: datetime | None
    replaced_by: str


class EvidenceChanges(TypedDict, total=False):
    """Fields of an `Evidence`."""

    vault: str
    key: str
    read_back_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_why: str
    withdrawn_kind: ErrorKind
    heard: Heard
    heard_by: str
    heard_at: datetime | None
