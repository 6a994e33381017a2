"""What each service documents, as data: prices, limits, options, languages, retention.

Every number here is stated by a service or taken by us for want of one; `source` names the page,
`checked_on` the day it was read. Changing a provider's rule is an edit of this file.
Prices are US dollars. MiniMax's own rules (length, size) stand behind NanoGPT's silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

NANOGPT = "nanogpt"
KYMA = "kyma"
DEMO = "demo"

MINIMAX = "minimax"
QWEN = "qwen"
INWORLD = "inworld"

DESIGNED = "designed"

USE = "use"
"""Retention that a single real use stops."""
COPY = "copy"
"""Retention of a file: only an own copy helps."""
NONE = "none"
"""No limit published."""


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
class Service:
    """A hosted service with everything it offers here. `requests_per_second` is our polite rate.

    `one_at_a_time`: it makes or speaks one thing at a time for a key; the rest waits in line.
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
    one_at_a_time: bool = False

    def clone_offer(self, kind: str) -> CloneOffer | None:
        return next((offer for offer in self.clones if offer.kind == kind), None)

    def design_offer(self, kind: str) -> DesignOffer | None:
        return next((offer for offer in self.designs if offer.kind == kind), None)

    def speech_models(self, kind: str) -> tuple[SpeechModel, ...]:
        return tuple(model for model in self.speech if kind in model.kinds)


MINIMAX_RETENTION = Retention(
    who="MiniMax voices through NanoGPT",
    stopped_by=USE,
    hours=168,
    expires="The voice itself is deleted by MiniMax.",
    starts="When the clone was ordered (we count from sending the order).",
    stops="One real speech with exactly this voice. The preview does not count.",
    source="docs.nano-gpt.com, Voice Cloning, section on retention",
    checked_on=date(2026, 11, 20),
)
QWEN_RETENTION = Retention(
    who="Qwen voices through NanoGPT",
    stopped_by=COPY,
    hours=168,
    expires="The service may remove the voice file at any time after this.",
    starts="When the clone was ordered (we count from sending the order).",
    stops="Only your own copy of the file: with it the voice speaks for good.",
    source="docs.nano-gpt.com, Voice Cloning, and fal.ai, FAQ on file retention",
    checked_on=date(2026, 11, 20),
)
KYMA_CLONE_RETENTION = replace(
    MINIMAX_RETENTION,
    who="MiniMax voices cloned through Kyma",
    expires="Kyma says nothing of an end. The MiniMax voice beneath it is deleted by MiniMax.",
    source="docs.kymaapi.com, audio-voice-clone (silent), and MiniMax, Voice cloning intro",
    documented=False,
)
KYMA_DESIGN_RETENTION = replace(
    KYMA_CLONE_RETENTION,
    who="MiniMax voices designed through Kyma",
    starts="When the design was ordered (we count from sending the order).",
    stops="One real speech with exactly this voice. A designed voice cannot be made again.",
    source="docs.kymaapi.com, audio-voice-design (silent), and MiniMax, Voice design intro",
)
INWORLD_RETENTION = Retention(
    who="Inworld voices",
    stopped_by=NONE,
    hours=None,
    expires="Nothing is published about an end. They stay until somebody deletes them.",
    starts="There is no clock.",
    stops="Nothing is needed.",
    source="docs.nano-gpt.com, Voice Cloning, and docs.inworld.ai, delete-voice",
    checked_on=date(2026, 11, 20),
)
DEMO_MINIMAX_RETENTION = replace(
    MINIMAX_RETENTION,
    who="MiniMax voices of the demo",
    expires="The demo deletes the voice, as the real service would.",
    source="The demo plays by the rules of the real service.",
)
DEMO_QWEN_RETENTION = replace(
    QWEN_RETENTION,
    who="Qwen voices of the demo",
    expires="The demo removes the voice file some time after this.",
    source="The demo plays by the rules of the real service.",
)
_RETENTIONS: dict[tuple[str, str, str], Retention] = {
    (NANOGPT, MINIMAX, ""): MINIMAX_RETENTION,
    (NANOGPT, QWEN, ""): QWEN_RETENTION,
    (KYMA, MINIMAX, ""): KYMA_CLONE_RETENTION,
    (KYMA, MINIMAX, DESIGNED): KYMA_DESIGN_RETENTION,
    (DEMO, MINIMAX, ""): DEMO_MINIMAX_RETENTION,
    (DEMO, QWEN, ""): DEMO_QWEN_RETENTION,
}
RETENTION_RULES: tuple[Retention, ...] = (*_RETENTIONS.values(), INWORLD_RETENTION)
"""All rules, as a page shows them."""


def retention_of(service: str, kind: str, source: str = "") -> Retention:
    """The retention rule for a voice of this kind, made in this way through this service.

    A voice of a service that is not known here lives by the strictest rule of its kind.
    """
    if kind == INWORLD:
        return INWORLD_RETENTION
    strictest = QWEN_RETENTION if kind == QWEN else MINIMAX_RETENTION
    exactly = _RETENTIONS.get((service, kind, source))
    return exactly or _RETENTIONS.get((service, kind, ""), strictest)


CLONE_PAGE = "docs.nano-gpt.com, Voice Cloning"
DEMO_SOURCE = "The demo plays by the rules of the real service."

QWEN_LANGUAGES = (
    "Auto", "English", "Chinese", "Japanese", "Spanish", "French", "German", "Italian",
    "Korean", "Portuguese", "Russian",
)  # fmt: skip
"""Labels, not ISO codes (fal model page of Qwen 3 TTS 1.7B, through docs.nano-gpt.com TTS)."""

MEGABYTE = 1_000_000

_MINIMAX_SPEECH = tuple(
    SpeechModel(
        id=f"Minimax-Speech-{name}",
        title=f"MiniMax Speech {name.replace('-', ' ')}",
        kinds=(MINIMAX,),
        max_chars=5_000,  # upstream: under 10,000; half of it until the catalogue says
        per_1000_chars=Decimal("0.06") if name.endswith("Turbo") else Decimal("0.10"),
        documented=False,
        min_speed=0.5,
        max_speed=2.0,
    )
    for name in ("02-HD", "2.6-HD", "2.6-Turbo", "2.8-HD", "2.8-Turbo")
)
_QWEN_SPEECH = SpeechModel(
    id="Qwen-3-TTS-1.7B",
    title="Qwen 3 TTS 1.7B",
    kinds=(QWEN,),
    max_chars=2_000,
    per_1000_chars=Decimal("0.09"),
    documented=False,
    languages=QWEN_LANGUAGES,
)


def _minimax_clone(service: str, source: str = CLONE_PAGE) -> CloneOffer:
    return CloneOffer(
        service=service,
        kind=MINIMAX,
        title="MiniMax voice",
        gives="A voice with an ID of its own, in studio quality.",
        kept_by="Speak with it once within 7 days, or it is deleted. Voicekeep does that for you.",
        price=Decimal("1.00"),
        formats=("mp3", "m4a", "wav"),
        min_seconds=10,
        max_seconds=300,
        max_bytes=20 * MEGABYTE,
        direct_bytes=3 * MEGABYTE,
        retention=retention_of(service, MINIMAX),
        activation_model="Minimax-Speech-02-HD",
        id_rule=re.compile(r"[A-Za-z][A-Za-z0-9]{7,63}"),
        id_rule_words=(
            "Start with a letter, then at least 7 more letters or digits, 64 in all at most; "
            "no spaces, dashes or underscores."
        ),
        models=("speech-02-hd", "speech-02-turbo"),
        preview_text_max=500,
        has_audio_options=True,
        source=source,
    )


def _qwen_clone(service: str, source: str = CLONE_PAGE) -> CloneOffer:
    return CloneOffer(
        service=service,
        kind=QWEN,
        title="Qwen voice",
        gives="A small voice file that you own: with your copy the voice never ends.",
        kept_by="The file is hosted for 7 days. Voicekeep copies it at once and checks the copy.",
        price=Decimal("0.25"),
        formats=("mp3", "ogg", "wav", "m4a", "aac"),
        min_seconds=3,
        max_seconds=300,
        max_bytes=20 * MEGABYTE,
        direct_bytes=3 * MEGABYTE,
        retention=retention_of(service, QWEN),
        takes_transcript=True,
        source=source,
    )


_KYMA_CLONE = replace(
    _minimax_clone(KYMA, "docs.kymaapi.com, audio-voice-clone"),
    gives="A voice in studio quality that belongs to your Kyma account.",
    price=Decimal("2.10"), max_bytes=10 * MEGABYTE, direct_bytes=10 * MEGABYTE,
    activation_model="minimax-speech-hd", models=("minimax-voice-clone",),
    id_rule=None, id_rule_words="", preview_text_max=0, has_audio_options=False,
)  # fmt: skip
_KYMA_SPEECH = tuple(  # no price on a page: that of the same MiniMax models elsewhere
    replace(like, id=f"minimax-speech-{name.lower()}", title=f"MiniMax Speech {name}",
            min_speed=1.0, max_speed=1.0)
    for name, like in (("HD", _MINIMAX_SPEECH[0]), ("Turbo", _MINIMAX_SPEECH[2]))
)  # fmt: skip


def _minimax_design(service: str, source: str) -> DesignOffer:
    return DesignOffer(
        service=service,
        kind=MINIMAX,
        title="MiniMax voice from words",
        gives="A new voice that nobody has, made from your description of it.",
        kept_by="It cannot be made again. Voicekeep speaks with it at once, and keeps that sound.",
        price=Decimal("4.20"),
        retention=retention_of(service, MINIMAX, DESIGNED),
        models=("minimax-voice-design",),
        genders=("female", "male"),
        age_groups=("child", "young", "middle-aged", "elderly"),
        source=source,
    )


SERVICES: dict[str, Service] = {
    service.id: service
    for service in (
        Service(
            id=NANOGPT,
            title="NanoGPT",
            base_url="https://nano-gpt.com/api",
            key_setting="NANOGPT_API_KEY",
            base_url_setting="NANOGPT_BASE_URL",
            clones=(_minimax_clone(NANOGPT), _qwen_clone(NANOGPT)),
            speech=(*_MINIMAX_SPEECH, _QWEN_SPEECH),
            requests_per_second=10,  # documented: 25 a second; scope not stated
        ),
        Service(
            id=KYMA,
            title="Kyma",
            base_url="https://kymaapi.com/v1",
            key_setting="KYMA_API_KEY",
            base_url_setting="KYMA_BASE_URL",
            clones=(_KYMA_CLONE,),
            designs=(_minimax_design(KYMA, "docs.kymaapi.com, audio-voice-design"),),
            speech=_KYMA_SPEECH,
            requests_per_second=0.5,  # documented: 30 a minute for an account that paid nothing
            one_at_a_time=True,  # documented: one MiniMax call at a time for such an account
        ),
        Service(
            id=DEMO,
            title="Demo",
            base_url="http://demo.invalid/api",
            key_setting="",
            base_url_setting="",
            clones=(
                _minimax_clone(DEMO, DEMO_SOURCE),
                _qwen_clone(DEMO, DEMO_SOURCE),
            ),
            designs=(_minimax_design(DEMO, DEMO_SOURCE),),
            speech=(*_MINIMAX_SPEECH, _QWEN_SPEECH),
            requests_per_second=100,
            is_demo=True,
        ),
    )
}

ACTIVATION_TEXTS = (
    "Hello, this voice is kept from now on.",
    "Good morning, it is a pleasant day outside.",
    "The train to the coast leaves at half past nine.",
)
"""What a voice says when it is used once to be kept; its length costs a fraction of a cent.

More than one, as a service may refuse a text: the next attempt says the next."""
ACTIVATION_ATTEMPTS = 5
"""Attempts per window that the policy agreed to at cloning covers."""


_MODEL_FAMILIES = (
    (re.compile(r"minimax-speech", re.IGNORECASE), MINIMAX),
    (re.compile(r"qwen-?3-?tts", re.IGNORECASE), QWEN),
    (re.compile(r"inworld", re.IGNORECASE), INWORLD),
)
"""Which kind of voices a model speaks follows from its name (docs.nano-gpt.com, TTS)."""


def kind_of_model(name: str) -> str:
    """The kind of voices that a model of this name speaks, or "" for none of ours."""
    return next((kind for family, kind in _MODEL_FAMILIES if family.match(name)), "")


def speech_model(service: str, model: str) -> SpeechModel | None:
    """The model of that name at that service, if it is known."""
    return next((item for item in SERVICES[service].speech if item.id == model), None)
