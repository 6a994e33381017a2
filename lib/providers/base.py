"""What every service client offers: its orders, its answers, and the one error that it raises.

A caller never sees HTTP: it passes an order to a `Provider` and gets an answer of this file, or a
`ProviderError` whose `kind` decides what can be done next, and whose `spent` says whether money
may be gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from lib.json_reading import object_of
from lib.models import ErrorKind as ErrorKind
from lib.models import Money
from lib.services import SpeechModel


class Spent(StrEnum):
    """Whether money was spent by the request that failed."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class ProviderError(Exception):
    """A service did not do what was asked.

    `str()` and `sentence` are one text for a person, without secrets; nothing is decided by it.
    `kind` is the reason, `spent` whether the request cost money, `request_id` what the service's
    support may ask for, `retry_after` the seconds to wait where the service named them.
    """

    def __init__(
        self,
        kind: ErrorKind,
        sentence: str,
        *,
        spent: Spent = Spent.NO,
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.spent = spent
        self.request_id = request_id
        self.retry_after = retry_after


@dataclass(frozen=True)
class CloneOrder:
    """One voice to be cloned. Exactly one of `audio` and `audio_url` is set.

    `audio_url` is a presigned address of our own copy; `media_type` is that of `audio`.
    The MiniMax-only fields are ignored for other kinds, `transcript` is Qwen's, `name` is a label.
    """

    kind: str
    name: str = ""
    audio: bytes | None = field(default=None, repr=False)
    audio_url: str = field(default="", repr=False)
    file_name: str = "recording"
    media_type: str = "application/octet-stream"
    voice_id: str = ""
    model: str = ""
    noise_reduction: bool = False
    volume_normalization: bool = False
    accuracy: float = 0.7
    preview_text: str = ""
    transcript: str = ""


@dataclass(frozen=True)
class DesignOrder:
    """One voice to be made from words. Gender, age group and preview text may be left open."""

    kind: str
    description: str
    model: str
    name: str = ""
    gender: str = ""
    age_group: str = ""
    preview_text: str = ""


@dataclass(frozen=True)
class SpeechOrder:
    """One text to be spoken. `voice_id` for MiniMax, `embedding_url` and `transcript` for Qwen."""

    kind: str
    model: str
    text: str
    voice_id: str = ""
    embedding_url: str = field(default="", repr=False)
    transcript: str = ""
    language: str = ""
    speed: float = 1.0


@dataclass(frozen=True)
class TranscriptOrder:
    """One recording whose words are wanted. `language`: a code such as `de`, or `auto`."""

    audio: bytes = field(repr=False)
    model: str
    file_name: str = "recording"
    media_type: str = "application/octet-stream"
    language: str = "auto"


@dataclass(frozen=True)
class Ticket:
    """A paid request was accepted and runs. `echo` goes back unchanged on each poll.

    `kind` is the voice's kind and tells which status route to ask; `model` that of speech.
    `answered_at` is the answer's `Date`, `poll_after` the seconds the service asks us to wait.
    """

    run_id: str
    kind: str
    for_speech: bool
    model: str = ""
    echo: dict[str, object] = field(default_factory=dict)
    cost: Money | None = None
    request_id: str = ""
    answered_at: datetime | None = None
    poll_after: float | None = None

    def to_json(self) -> dict[str, object]:
        """What is stored with the job; `from_json` makes a ticket of it that can be polled."""
        # What it cost and when it came stands in the job already.
        return {
            "run_id": self.run_id,
            "kind": self.kind,
            "for_speech": self.for_speech,
            "model": self.model,
            "echo": self.echo,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Ticket:
        """The ticket that `to_json` wrote. Raises KeyError where a field is missing."""
        return cls(
            run_id=str(stored["run_id"]),
            kind=str(stored["kind"]),
            for_speech=bool(stored["for_speech"]),
            model=str(stored.get("model", "")),
            echo=object_of(stored.get("echo")),
        )


@dataclass(frozen=True)
class Sound:
    """Speech came as bytes in the answer, or stands at `url` for a while. Already paid.

    `balance`: what is left, where the answer tells.
    """

    audio: bytes | None = field(default=None, repr=False)
    url: str = field(default="", repr=False)
    cost: Money | None = None
    request_id: str = ""
    answered_at: datetime | None = None
    balance: Money | None = None


@dataclass(frozen=True)
class Transcript:
    """The words of a recording; none where nothing was heard. Already paid."""

    text: str = field(repr=False)
    language: str = ""
    cost: Money | None = None
    request_id: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Pending:
    """Still running; ask again `after` seconds (None: the service named no pause)."""

    after: float | None = None


@dataclass(frozen=True)
class Finished:
    """A run ended well. Which fields are set follows from what ran.

    `balance`: what is left, where the answer tells.
    """

    voice_id: str = ""
    embedding_url: str = field(default="", repr=False)
    preview_url: str = field(default="", repr=False)
    audio_url: str = field(default="", repr=False)
    cost: Money | None = None
    request_id: str = ""
    answered_at: datetime | None = None
    balance: Money | None = None


@dataclass(frozen=True)
class Failed:
    """A run ended badly, in the service's words made plain. `refunded` where it says so."""

    sentence: str
    kind: ErrorKind = ErrorKind.INPUT
    refunded: Money | None = None
    request_id: str = ""


@dataclass(frozen=True)
class ListedVoice:
    """A voice that a service lists: what it calls it, and its name."""

    id: str
    name: str = ""


class Provider(Protocol):
    """One service with one key. All methods raise `ProviderError` and nothing else.

    `clone` and `speak` cost money and are called from `studio/jobs/sending.py` alone.
    """

    service: str
    longest_wait: float
    """Seconds after which a paid request has ended one way or the other."""

    def clone(self, order: CloneOrder) -> Ticket | Finished:
        """Order a voice, once (paid): a ticket to ask with, or the voice at once.

        What would be refused, or taken and useless, is refused here before anything is sent.
        """
        ...

    def speak(self, order: SpeechOrder) -> Ticket | Sound:
        """Have a text spoken, once (paid): a ticket to ask with, or the sound at once."""
        ...

    def check(self, ticket: Ticket) -> Pending | Finished | Failed:
        """Ask a ticket's status route once. Free; repeated by the client on passing trouble."""
        ...

    def balance(self) -> Money | None:
        """What is left on the account; None where the answer does not tell it. Free."""
        ...

    def speech_models(self) -> tuple[SpeechModel, ...]:
        """The models that voices of ours can speak with; none where it lists none. Free."""
        ...

    def fetch(self, url: str, *, max_bytes: int) -> bytes:
        """Download a result from an address the service gave, without our key. Free."""
        ...


@dataclass(frozen=True)
class SpeechCall:
    """The request that has a text spoken: a POST of `content` as JSON to `path` below the service's
    address. `answers_sound`: whether the answer is always the sound itself.
    """

    path: str
    content: Mapping[str, object]
    answers_sound: bool = False


@runtime_checkable
class Documented(Protocol):
    """A service whose documents let a program of the team's own do as we do."""

    def speech_call(self, order: SpeechOrder) -> SpeechCall:
        """What `speak` sends for this order. Sends nothing."""
        ...


@runtime_checkable
class Designer(Protocol):
    """A service that also makes voices from words. Paid; see `studio/jobs/sending.py`."""

    def design(self, order: DesignOrder) -> Ticket | Finished:
        """Order a voice made from words, once (paid). Raises `ProviderError`."""
        ...


@runtime_checkable
class Transcriber(Protocol):
    """A service that writes down what is said. Paid; see `studio/jobs/sending.py`."""

    def transcribe(self, order: TranscriptOrder) -> Transcript:
        """Have the words of a recording written down, once (paid). Raises `ProviderError`."""
        ...


@runtime_checkable
class Limited(Protocol):
    """A service that says how much of what is paid a key may have under way."""

    def at_once(self) -> int | None:
        """The number in force; None where it is not told. Free."""
        ...


@dataclass(frozen=True)
class Usage:
    """What a service says that it charged for in some days, and what of that it gave back."""

    charged: Money
    refunded: Money

    @property
    def spent(self) -> Money:
        """What is gone for good."""
        return self.charged - self.refunded


@runtime_checkable
class Metered(Protocol):
    """A service that says what it charged."""

    def usage(self, first: date, last: date) -> Usage | None:
        """What it charged to this key from the first of these days to the last one (UTC); None
        where the answer does not tell it. Free.
        """
        ...


@runtime_checkable
class Lister(Protocol):
    """A service that lists voices. That one of ours is missing there proves nothing."""

    def voices(self) -> tuple[ListedVoice, ...]:
        """All voices that the key is shown. Free."""
        ...
