"""The shapes that a service's facts come in: what can be made, spoken and brought there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from lib.models import Source, VoiceKind

MEGABYTE = 1_000_000
USE = "use"
"""Retention that a single real use stops."""
COPY = "copy"
"""Retention of a file: only an own copy helps."""
NONE = "none"
"""No limit published."""
BEARER = ("Authorization", "Bearer {}")
"""How most services take a key."""


class Markup(StrEnum):
    """Signs in a text that are meant as instructions."""

    PAUSE = "pause"
    """Seconds of silence, as MiniMax writes it: <#1.5#>."""
    SOUND = "sound"
    """A sound that is no word, as MiniMax writes it: (laughs)."""
    CUE = "cue"
    """The same and moods, as Inworld writes them: [laugh]."""
    BREAK = "break"
    """SSML's pause: <break time="1s" />."""
    TAG = "tag"
    """Any other tag of SSML or HTML."""
    STRESS = "stress"
    """One word between asterisks."""
    MARKDOWN = "markdown"
    """Headings, bold words, links, lists, code."""


@dataclass(frozen=True)
class Retention:
    """How long a voice lives, from when, and what stops the clock.

    `who`: which voices it is about. `documented` is False where the service is silent and the
    rule is taken from what lies underneath.
    """

    who: str
    stopped_by: str
    hours: int | None
    expires: str
    starts: str
    stops: str
    source: str
    checked_on: date
    recheck_days: int = 180
    documented: bool = True

    @property
    def window(self) -> timedelta | None:
        """The time a voice has; None where no end is published."""
        return timedelta(hours=self.hours) if self.hours is not None else None

    def recheck_due(self, today: date) -> bool:
        """Whether this was read so long ago that somebody should read the source again."""
        return (today - self.checked_on).days > self.recheck_days


@dataclass(frozen=True)
class Copies:
    """What somebody says of the copies that they have of what is sent to them.

    `who` holds them; `keeps`: what, for how long; `ends`: what becomes of them on request.
    """

    who: str
    keeps: str
    ends: str
    source: str
    checked_on: date = date(2026, 11, 20)


@dataclass(frozen=True)
class Kind:
    """One kind of voice, whoever sells it.

    `models` matches how the names begin of models that speak it. `retention` holds where a service
    has no rule of its own. `is_file`: the voice is a file that anybody can speak with who has it,
    and it is brought by an address; others have an ID at a service. `also_called`: other names in
    lists. `languages`: labels that its models know; the first is what holds when nothing is said,
    and () means that none is asked. `sound_seconds`: how long the sound of one text gets before it
    is cut off; 0.0 where there is no end. `markup`: signs that its models follow, and do not say.
    `copies`: what whoever makes these voices keeps.
    """

    id: VoiceKind
    title: str
    models: re.Pattern[str]
    retention: Retention
    is_file: bool = False
    also_called: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sound_seconds: float = 0.0
    markup: tuple[Markup, ...] = ()
    copies: Copies | None = None


@dataclass(frozen=True)
class CloneOffer:
    """One way to clone a voice: what goes in, what it costs, what comes out, what keeps it.

    `formats` are names of `lib/recordings/inspect.py`; lengths are seconds, sizes bytes.
    A recording over `direct_bytes` has to be sent as a link or smaller.
    """

    service: str
    kind: VoiceKind
    title: str
    gives: str
    kept_by: str
    price: Decimal
    formats: tuple[str, ...]
    min_seconds: float
    max_seconds: float
    max_bytes: int
    direct_bytes: int
    retention: Retention
    activation_model: str = ""
    id_rule: re.Pattern[str] | None = None
    id_rule_words: str = ""
    models: tuple[str, ...] = ()
    preview_text_max: int = 0
    takes_transcript: bool = False
    has_audio_options: bool = False
    source: str = ""
    checked_on: date = date(2026, 11, 20)


@dataclass(frozen=True)
class DesignOffer:
    """One way to have a voice made from words. Gender and age may be left open."""

    service: str
    kind: VoiceKind
    title: str
    gives: str
    kept_by: str
    price: Decimal
    retention: Retention
    models: tuple[str, ...]
    genders: tuple[str, ...] = ()
    age_groups: tuple[str, ...] = ()
    description_max: int = 1_000
    preview_text_max: int = 500
    source: str = ""


@dataclass(frozen=True)
class TranscriptOffer:
    """Having the words of a recording written down.

    `per_minute` is in dollars; what is charged is the length of the recording, and no least charge
    is documented. `formats` are names of `lib/recordings/inspect.py`; `direct_bytes` is the largest
    file that can be sent as it is.
    """

    service: str
    title: str
    model: str
    per_minute: Decimal
    formats: tuple[str, ...]
    direct_bytes: int
    source: str
    checked_on: date


@dataclass(frozen=True)
class SpeechModel:
    """One model that speaks: for which kinds of voices, how much text, at what price.

    `documented` is False where the price is a third party's figure for the same model.
    """

    id: str
    title: str
    kinds: tuple[VoiceKind, ...]
    max_chars: int
    per_1000_chars: Decimal
    documented: bool = True
    languages: tuple[str, ...] = ()
    min_speed: float = 1.0
    max_speed: float = 1.0


@dataclass(frozen=True)
class AdoptOffer:
    """One kind of voice that can be brought to a service, by its ID or (no rule) by an address.

    `prefix`: how IDs begin that no other service has.
    """

    kind: VoiceKind
    id_rule: re.Pattern[str] | None = None
    id_rule_words: str = ""
    prefix: str = ""


@dataclass(frozen=True)
class Service:
    """A hosted service with everything it offers here. `requests_per_second` is our polite rate.

    `client` names its class, as `module:Class`; it is imported when a key of the service is set.
    `key_setting`, `base_url_setting` and `cookie_setting` name the settings of its key, of another
    address, and of a browser's session. `key_header`: the header that a key goes into, and its
    value with {} for the key. `key_prefixes`: how keys begin, so that none is ever shown.
    `also_called`: other names in lists. `at_once`: how much of what is paid a key may have under
    way, unless the service itself says so; the rest waits in line. 0: no limit is documented.
    """

    id: str
    title: str
    base_url: str
    key_setting: str
    base_url_setting: str
    clones: tuple[CloneOffer, ...]
    speech: tuple[SpeechModel, ...]
    requests_per_second: float
    client: str = ""
    key_header: tuple[str, str] = BEARER
    key_prefixes: tuple[str, ...] = ()
    also_called: tuple[str, ...] = ()
    is_demo: bool = False
    designs: tuple[DesignOffer, ...] = ()
    adopts: tuple[AdoptOffer, ...] = ()
    at_once: int = 0
    cookie_setting: str = ""
    transcript: TranscriptOffer | None = None
    copies: Copies | None = None

    @property
    def secret_settings(self) -> tuple[str, ...]:
        """Names of the settings that are as good as this service's account."""
        return tuple(filter(None, (self.key_setting, self.cookie_setting)))

    @property
    def setting_names(self) -> tuple[str, ...]:
        """Names of all settings about this service."""
        names = (self.key_setting, self.base_url_setting, self.cookie_setting)
        return tuple(filter(None, names))

    @property
    def retentions(self) -> tuple[Retention, ...]:
        """The rules of all that it makes."""
        cloned = (offer.retention for offer in self.clones)
        return (*cloned, *(offer.retention for offer in self.designs))

    def retention(self, kind: VoiceKind, source: str) -> Retention | None:
        """The rule for voices of this kind, made in this way; None where it has none of its own."""
        offer = self.design_offer(kind) if source == Source.DESIGNED else None
        made = offer or self.clone_offer(kind)
        return made.retention if made else None

    def clone_offer(self, kind: str) -> CloneOffer | None:
        """Its way to clone voices of this kind, if it has one."""
        return next((offer for offer in self.clones if offer.kind == kind), None)

    def design_offer(self, kind: str) -> DesignOffer | None:
        """Its way to make voices of this kind from words, if it has one."""
        return next((offer for offer in self.designs if offer.kind == kind), None)

    def adopt_offer(self, kind: str) -> AdoptOffer | None:
        """How voices of this kind are brought to it, if they can be."""
        return next((offer for offer in self.adopts if offer.kind == kind), None)

    def speech_models(self, kind: str) -> tuple[SpeechModel, ...]:
        """The shipped models that speak voices of this kind, the preferred one first."""
        return tuple(model for model in self.speech if kind in model.kinds)
