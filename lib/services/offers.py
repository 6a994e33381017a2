"""The shapes that a service's facts come in: what can be made, spoken and brought there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

MEGABYTE = 1_000_000


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
        return timedelta(hours=self.hours) if self.hours is not None else None

    def recheck_due(self, today: date) -> bool:
        """Whether this was read so long ago that somebody should read the source again."""
        return (today - self.checked_on).days > self.recheck_days


@dataclass(frozen=True)
class CloneOffer:
    """One way to clone a voice: what goes in, what it costs, what comes out, what keeps it.

    `formats` are names of `lib/recordings/inspect.py`; lengths are seconds, sizes bytes.
    A recording over `direct_bytes` has to be sent as a link or smaller.
    """

    service: str
    kind: str
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
    kind: str
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
class SpeechModel:
    """One model that speaks: for which kinds of voices, how much text, at what price.

    `documented` is False where the price is a third party's figure for the same model.
    """

    id: str
    title: str
    kinds: tuple[str, ...]
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

    kind: str
    id_rule: re.Pattern[str] | None = None
    id_rule_words: str = ""
    prefix: str = ""


@dataclass(frozen=True)
class Service:
    """A hosted service with everything it offers here. `requests_per_second` is our polite rate.

    `at_once`: how much of what is paid a key may have under way, unless the service itself says
    so; the rest waits in line. 0: no limit is documented. `key_setting`, `base_url_setting` and
    `cookie_setting` name the settings of its key, of another address, and of a browser's session.
    """

    id: str
    title: str
    base_url: str
    key_setting: str
    base_url_setting: str
    clones: tuple[CloneOffer, ...]
    speech: tuple[SpeechModel, ...]
    requests_per_second: float
    is_demo: bool = False
    designs: tuple[DesignOffer, ...] = ()
    adopts: tuple[AdoptOffer, ...] = ()
    at_once: int = 0
    cookie_setting: str = ""

    @property
    def secret_settings(self) -> tuple[str, ...]:
        """Names of the settings that are as good as this service's account."""
        return tuple(filter(None, (self.key_setting, self.cookie_setting)))

    @property
    def setting_names(self) -> tuple[str, ...]:
        """Names of all settings about this service."""
        names = (self.key_setting, self.base_url_setting, self.cookie_setting)
        return tuple(filter(None, names))

    def clone_offer(self, kind: str) -> CloneOffer | None:
        return next((offer for offer in self.clones if offer.kind == kind), None)

    def design_offer(self, kind: str) -> DesignOffer | None:
        return next((offer for offer in self.designs if offer.kind == kind), None)

    def adopt_offer(self, kind: str) -> AdoptOffer | None:
        return next((offer for offer in self.adopts if offer.kind == kind), None)

    def speech_models(self, kind: str) -> tuple[SpeechModel, ...]:
        return tuple(model for model in self.speech if kind in model.kinds)
