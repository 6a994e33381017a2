"""The records of Voicekeep, frozen: what the registry stores, rules judge and pages show."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_UP, Decimal
from enum import StrEnum

from lib.consent import Consent, ConsentState, state_of
from lib.json_reading import JsonObject, object_of

MICROS_PER_DOLLAR = 1_000_000
MAX_REFRESH_DAYS = 3_650
ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{2,63}")
"""What an id of ours looks like: safe in a vault key, an address and a widget key."""


def new_id() -> str:
    """A fresh id for a voice or a job: 16 lower-case hexadecimal characters."""
    return secrets.token_hex(8)


def is_id(text: str) -> bool:
    """Whether a stranger's text (an address, a manifest) has the form of an id of ours."""
    return ID_PATTERN.fullmatch(text) is not None


class VoiceKind(StrEnum):
    """What a voice is underneath, whoever sells it."""

    MINIMAX = "minimax"
    QWEN = "qwen"
    INWORLD = "inworld"


class Source(StrEnum):
    """How a voice came to be."""

    CLONED = "cloned"
    DESIGNED = "designed"
    ADOPTED = "adopted"


class KeepPolicy(StrEnum):
    """When a voice that must be used once is used."""

    AT_ONCE = "at_once"
    BEFORE_DEADLINE = "before_deadline"
    ASK = "ask"


class JobKind(StrEnum):
    """What is paid for."""

    CLONE = "clone"
    DESIGN = "design"
    SPEECH = "speech"
    ACTIVATION = "activation"
    TRANSCRIPT = "transcript"


OWN_STORY = frozenset({JobKind.SPEECH, JobKind.TRANSCRIPT})
"""Orders that have a manifest of their own; that of a voice tells of all others."""


class Purpose(StrEnum):
    """What an order is for: that decides what bounds its cost."""

    ORDER = "order"
    """Something that a person wishes: bounded by the month's budget."""
    KEEPING = "keeping"
    """A use without which a voice may be lost: bounded by the attempts that were agreed to."""
    REFRESH = "refresh"
    """One more use of a voice that is safe: bounded by the limit for keeping."""
    TEST_CALL = "test_call"
    """A use that shows whether an adopted voice is there: bounded by the limit for keeping."""


class JobState(StrEnum):
    """Where a paid thing stands. `lib/registry/jobs.py` makes all moves between them."""

    CONFIRMED = "confirmed"
    SUBMITTING = "submitting"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    DONE = "done"
    FAILED = "failed"


OPEN_STATES = (JobState.CONFIRMED, JobState.SUBMITTING, JobState.WAITING)
"""A job in one of these still moves by itself."""


class Inquiry(StrEnum):
    """What is done to learn what came of an order of unknown outcome."""

    NONE = ""
    """Its outcome is known, or its answer is still awaited."""
    ASKING = "asking"
    """Its ticket is asked about, or its sound is fetched: at `next_check_at`, for free."""
    COMPARING = "comparing"
    """It left nothing that could be asked about: the balance is looked at, at `next_check_at`."""
    COMPARED = "compared"
    """The balance was looked at, and there is nothing else to ask."""
    GIVEN_UP = "given_up"
    """Nothing is asked any more: its time is over, or nobody here could ask."""

    @classmethod
    def of(cls, left: object, next_at: object) -> Inquiry:
        """What is done about an order that `left` something to ask about (a ticket, a result) or
        not, and is looked at again at `next_at` or never.
        """
        if next_at is None:
            return cls.GIVEN_UP
        return cls.ASKING if left else cls.COMPARING


class TextState(StrEnum):
    """How far the sound of a long text is. `lib/registry/long_texts.py` makes all moves."""

    WAITING = "waiting"
    """For its parts, or to be joined."""
    DONE = "done"
    FAILED = "failed"
    """A part is missing, or the parts cannot be joined. Once a part is spoken, it waits again."""


class Health(StrEnum):
    """One word per voice, worst first. `BEING_MADE` comes before health begins."""

    LOST = "lost"
    PROBABLY_LOST = "probably_lost"
    AT_RISK = "at_risk"
    DUE_SOON = "due_soon"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    SAFE = "safe"
    PERSISTENT = "persistent"
    BEING_MADE = "being_made"


class ErrorKind(StrEnum):
    """Why something was refused or has to wait. What can be done next decides the kind.

    It is stored beside each sentence that tells of a reason: words change from one try to the
    next, and nothing is decided by them.
    """

    NONE = ""
    """No reason is told."""
    INPUT = "input"
    """The request was refused as it is: change it."""
    KEY = "key"
    BALANCE = "balance"
    BUDGET = "budget"
    """What the team lets a month cost is used up: nothing was sent."""
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    BUSY = "busy"
    """A passing rate limit: nothing ran, the same request may be sent again after a pause."""
    LIMIT = "limit"
    """The key's limit of the day is reached: nothing ran, it resets at 00:00 UTC."""
    UNREACHABLE = "unreachable"
    """The connection was never made: nothing was sent."""
    TROUBLE = "trouble"
    """The service answered with trouble of its own to a question that costs nothing."""
    UNKNOWN_OUTCOME = "unknown_outcome"
    """A paid request left and no usable answer came: it may or may not have run."""
    CONTENT_POLICY = "content_policy"
    EXISTS = "exists"
    """The ID that a new voice was to have is a voice's already: nothing ran this time."""
    NO_SOUND = "no_sound"
    """A run came to a good end, and its sound can be fetched no more."""
    NO_KEY = "no_key"
    """There is no key for the service here: nothing was asked."""
    ACCOUNT = "account"
    """Nobody has said yet whose the key in use is."""
    STORAGE = "storage"
    """The team's storage did not do what was asked."""
    FILE = "file"
    """One voice's file cannot be had, or is not what it should be."""
    QUEUE = "queue"
    """The service does so much at once, and others go first: nothing was sent yet."""
    OTHER_DISK = "other_disk"
    """The sound came to the disk of another keeper, which stores it."""
    OTHER_ACCOUNT = "other_account"
    """It was done with the key of another account than the voice's."""

    @classmethod
    def _missing_(cls, value: object) -> ErrorKind:
        """A kind that only another version knows is plain trouble to this one."""
        return cls.TROUBLE


class EvidenceKind(StrEnum):
    """What was seen: a real use, a checked copy, or the service's word that a thing is gone."""

    ACTIVATION = "activation"
    COPY = "copy"
    NOT_FOUND = "not_found"


class Heard(StrEnum):
    """What a person said who listened to a use: whether the sound was the voice."""

    NOT_YET = ""
    YES = "yes"
    NO = "no"


class Role(StrEnum):
    """What a stored file is to its voice."""

    REFERENCE = "reference"
    """The recording as it is sent to the service."""
    ORIGINAL = "original"
    """What somebody brought, where the recording was made from it."""
    EMBEDDING = "embedding"
    PREVIEW = "preview"
    ACTIVATION = "activation"
    STATEMENT = "statement"
    """What shows that its speaker agrees: spoken, or a signed form."""


@dataclass(frozen=True, order=True)
class Money:
    """An amount in integer micro-dollars."""

    micros: int = 0

    @classmethod
    def usd(cls, dollars: Decimal | str | int) -> Money:
        """From dollars; a fraction of a micro-dollar is rounded up."""
        amount = Decimal(dollars) * MICROS_PER_DOLLAR
        return cls(int(amount.to_integral_value(rounding=ROUND_UP)))

    @classmethod
    def total(cls, amounts: Iterable[Money]) -> Money:
        """The sum of these amounts."""
        return cls(sum(amount.micros for amount in amounts))

    @property
    def dollars(self) -> Decimal:
        """The amount in dollars, to the micro-dollar."""
        return Decimal(self.micros) / MICROS_PER_DOLLAR

    def __add__(self, other: Money) -> Money:
        return Money(self.micros + other.micros)

    def __sub__(self, other: Money) -> Money:
        return Money(self.micros - other.micros)

    def __mul__(self, times: int) -> Money:
        return Money(self.micros * times)

    @property
    def shown(self) -> Decimal:
        """Dollars and cents, never less than is spent: parts of a cent count as a cent."""
        return self.dollars.quantize(Decimal("0.01"), rounding=ROUND_UP)

    @property
    def exact(self) -> str:
        """Dollars with all that is behind the cents, where parts of a cent matter."""
        cents, rest = divmod(self.micros, 10_000)
        tail = f"{rest:04}".rstrip("0")
        return f"${Decimal(cents) / 100:,.2f}{tail}" if self.micros >= 0 else str(self)

    def __str__(self) -> str:
        """As it is shown."""
        return f"${self.shown:,}" if self.shown >= 0 else f"-${-self.shown:,}"


@dataclass(frozen=True)
class Voice:
    """One voice, however made. Times are UTC.

    `account` is the id of its account, `provider_voice_id` what the service calls it, `clock_start`
    when its time began (None: not known). `copy_*`: tries to fetch its files, no part of its story.
    """

    id: str
    name: str
    kind: VoiceKind
    source: Source
    service: str
    account: str
    created_at: datetime
    provider_voice_id: str = ""
    id_made_here: bool = False
    embedding_url: str = field(default="", repr=False)
    embedding_model: str = ""
    description: str = ""
    transcript: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    favourite: bool = False
    owner: str = ""
    consent: Consent | None = None
    keep_policy: KeepPolicy = KeepPolicy.AT_ONCE
    refresh_days: int = 0
    clock_start: datetime | None = None
    archived_at: datetime | None = None
    replaced_by: str = ""
    revision: int = 1
    saved_revision: int = 0
    copy_tries: int = 0
    copy_next_at: datetime | None = None
    copy_error: str = ""
    copy_error_kind: ErrorKind = ErrorKind.NONE

    def consent_state(self, now: datetime) -> ConsentState:
        """How it stands with the consent of whoever speaks; a voice made from words needs none."""
        is_made_up = self.source is Source.DESIGNED
        return ConsentState.NOT_NEEDED if is_made_up else state_of(self.consent, now)


@dataclass(frozen=True)
class Job:
    """One paid or waiting thing.

    `request` is what was asked for (options, text; never bytes, keys or signed addresses),
    `ticket` what the service wants echoed on each poll, `result` what it answered in the end.
    `voice_id` is empty for a transcript, which is of a recording and of no voice.
    `answer_kind`: the kind of reason that `last_answer` tells, where it tells of one.
    `error_tells_cost`: whether `error` says itself that nothing was spent.
    `send_before`: not sent by itself after that. `next_check_at`: when to look again.
    `inquiry`: what is done about it while its outcome is unknown.
    `long_text_id`: the long text that it speaks a part of; `part`: which one, counted from 1.
    """

    id: str
    voice_id: str
    kind: JobKind
    state: JobState
    order_key: str
    service: str
    account: str
    created_at: datetime
    person: str = ""
    request: JsonObject = field(default_factory=dict)
    estimate: Money = Money()
    send_before: datetime | None = None
    submitted_at: datetime | None = None
    finished_at: datetime | None = None
    next_check_at: datetime | None = None
    inquiry: Inquiry = Inquiry.NONE
    lease_owner: str = ""
    lease_until: datetime | None = None
    attempts: int = 0
    ticket: JsonObject = field(default_factory=dict)
    result: JsonObject = field(default_factory=dict, repr=False)
    last_answer: str = ""
    answer_kind: ErrorKind = ErrorKind.NONE
    error: str = ""
    error_kind: ErrorKind = ErrorKind.NONE
    error_tells_cost: bool = False
    request_id: str = ""
    charged: Money | None = None
    refunded: Money | None = None
    balance_before: Money | None = None
    balance_after: Money | None = None
    revision: int = 1
    saved_revision: int = 0
    long_text_id: str = ""
    part: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it still moves by itself."""
        return self.state in OPEN_STATES

    def is_expired(self, now: datetime) -> bool:
        """Confirmed, but not sent in time: somebody has to say again that it is wanted."""
        is_late = self.send_before is not None and self.send_before <= now
        return is_late and self.state is JobState.CONFIRMED

    def is_in_progress(self, now: datetime) -> bool:
        """Whether it goes on by itself."""
        return self.is_open and not self.is_expired(now)

    @property
    def text(self) -> str:
        """What is to be said; empty, where nothing is, or where a take was deleted."""
        return str(self.request.get("text") or "")

    @property
    def transcript(self) -> str:
        """The words of the recording, once this order has brought them; "" where it found none."""
        return str(self.result.get("transcript") or "")

    @property
    def deleted(self) -> JsonObject:
        """Where the audio of a take that was deleted lies or lay: `vault` and `key`. Else empty."""
        return object_of(self.result.get("deleted"))

    @property
    def purpose(self) -> Purpose:
        """What it is for; a use says so itself."""
        if self.kind is not JobKind.ACTIVATION:
            return Purpose.ORDER
        noted = self.request.get("purpose")
        bounded = (Purpose.REFRESH, Purpose.TEST_CALL)
        return next((purpose for purpose in bounded if noted == purpose), Purpose.KEEPING)

    @property
    def is_sum(self) -> bool:
        """Old uses of a voice, summed up: it stands for more orders than one."""
        stored = self.request.get("summed")
        return self.kind is JobKind.ACTIVATION and type(stored) is int and not self.is_open

    @property
    def stands_for(self) -> int:
        """How many orders this is."""
        stored = self.request.get("summed")
        return max(stored, 1) if self.is_sum and isinstance(stored, int) else 1

    @property
    def is_asked_after(self) -> bool:
        """It was let go, and its ticket may come to its end yet, or its sound be fetched."""
        return self.inquiry is Inquiry.ASKING

    @property
    def is_used(self) -> bool:
        """The service calls this run completed, and its sound is not in our hands: it is still to
        be fetched from the service, or can be fetched no more.
        """
        ended = bool(self.result.get("finished") or self.result.get("audio_url"))
        lost = self.state is JobState.FAILED and self.error_kind is ErrorKind.NO_SOUND
        return ended and (lost or self.state in (JobState.WAITING, JobState.UNKNOWN))

    @property
    def seems_free(self) -> bool:
        """Nobody knows whether it was done, but it did not touch the balance."""
        seen = self.balance_before is not None and self.balance_before == self.balance_after
        return self.state is JobState.UNKNOWN and seen

    @property
    def perhaps_charged(self) -> Money:
        """What an order of unknown outcome counts as: what the balances tell, else its price."""
        if self.charged is not None:
            return self.charged
        if self.balance_before is None or self.balance_after is None:
            return self.estimate
        fell = self.balance_before - self.balance_after
        # A balance that rose was topped up meanwhile, and tells nothing.
        return fell if Money() <= fell <= self.estimate else self.estimate

    @property
    def cost(self) -> Money:
        """What it costs as far as is known: charged, or the estimate while that may yet come and
        the balance does not tell otherwise.
        """
        if self.charged is not None:
            return self.charged - (self.refunded or Money())
        return Money() if self.state is JobState.FAILED or self.seems_free else self.estimate


@dataclass(frozen=True)
class Evidence:
    """One thing seen about a voice, for or against it. `withdrawn_at`: no longer true since.
    `withdrawn_kind`: the kind of reason that `withdrawn_why` tells, where something depends on it.

    For a copy: `vault` and `key` say where, `sha256` and `size` (bytes) what, `summary` what its
    header holds, `at` when it was written, `read_back_at` when it was last read and compared.
    For an activation: `at` when the sound was in our hands, `sha256` of that sound; without a
    `key` it waits for the vault, and was seen on a disk at `read_back_at`. `heard`: what a person
    said of it, `heard_by` who that was, `heard_at` when.
    """

    id: str
    voice_id: str
    kind: EvidenceKind
    at: datetime
    role: str = ""
    job_id: str = ""
    vault: str = ""
    key: str = ""
    sha256: str = ""
    size: int = 0
    summary: str = ""
    read_back_at: datetime | None = None
    model: str = ""
    run_id: str = ""
    cost: Money | None = None
    withdrawn_at: datetime | None = None
    withdrawn_why: str = ""
    withdrawn_kind: ErrorKind = ErrorKind.NONE
    heard: Heard = Heard.NOT_YET
    heard_by: str = ""
    heard_at: datetime | None = None


@dataclass(frozen=True)
class LongText:
    """A text that is spoken in parts, and the one sound that they are joined to. Never sent, free.

    Each part is a job that carries the id of the long text, and costs what it costs. `parts`: how
    many there are. `settings`: language and speed. `state` is that of the joined sound, which is a
    take with the id of the long text. `next_check_at`: when to look whether it can be joined.
    `error`: why it cannot. `deleted`: as that of a job; the text is gone then, too.
    """

    id: str
    voice_id: str
    state: TextState
    order_key: str
    service: str
    created_at: datetime
    person: str = ""
    text: str = ""
    model: str = ""
    settings: JsonObject = field(default_factory=dict)
    parts: int = 0
    finished_at: datetime | None = None
    next_check_at: datetime | None = None
    lease_owner: str = ""
    lease_until: datetime | None = None
    attempts: int = 0
    last_answer: str = ""
    error: str = ""
    deleted: JsonObject = field(default_factory=dict)
    revision: int = 1
    saved_revision: int = 0


@dataclass(frozen=True)
class Take:
    """Generated speech that was kept, `seconds` long. Its id is that of its job or long text."""

    id: str
    voice_id: str
    text: str
    model: str
    created_at: datetime
    settings: JsonObject = field(default_factory=dict)
    seconds: float = 0.0
    vault: str = ""
    key: str = ""
    sha256: str = ""
    size: int = 0
    mime: str = ""
    name: str = ""
    favourite: bool = False


@dataclass(frozen=True)
class Account:
    """A team's account at a service, known by the fingerprints of its keys.

    `settled`: somebody said that it is another one than those before it.
    """

    id: str
    service: str
    label: str
    fingerprints: tuple[str, ...] = ()
    balance: Money | None = None
    balance_at: datetime | None = None
    settled: bool = False


@dataclass(frozen=True)
class Dossier:
    """A voice with all that is known about it. Speech jobs belong to takes, not to dossiers."""

    voice: Voice
    jobs: tuple[Job, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def making(self) -> Job | None:
        """The latest job that was to make this voice; an adopted voice has none."""
        jobs = [job for job in self.jobs if job.kind in (JobKind.CLONE, JobKind.DESIGN)]
        return max(jobs, key=lambda job: job.created_at, default=None)

    @property
    def activations(self) -> tuple[Job, ...]:
        """Attempts to use the voice once, oldest first."""
        jobs = (job for job in self.jobs if job.kind is JobKind.ACTIVATION)
        return tuple(sorted(jobs, key=lambda job: job.created_at))

    def valid_evidence(self, kind: EvidenceKind, role: str = "") -> tuple[Evidence, ...]:
        """Evidence of this kind (and role) that was not withdrawn, oldest first."""
        found = (
            item
            for item in self.evidence
            if item.kind is kind and item.withdrawn_at is None and role in ("", item.role)
        )
        return tuple(sorted(found, key=lambda item: item.at))

    def copy(self, role: Role, vault: str) -> Evidence | None:
        """The latest checked copy of this file in that vault."""
        copies = self.valid_evidence(EvidenceKind.COPY, role)
        return next((item for item in reversed(copies) if item.vault == vault), None)
