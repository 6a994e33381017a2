"""What each service documents, as data: prices, limits, options, languages, retention.

Every number here is stated by a service or taken by us for want of one; `source` names the page,
`checked_on` the day it was read. Changing a provider's rule is an edit of one file of this folder:
one per kind of voice (`minimax.py`, `qwen.py`, `inworld.py`), one per service.
"""

from __future__ import annotations

from lib.models import VoiceKind
from lib.services import demo, inworld, kyma, minimax, nanogpt, qwen
from lib.services.demo import DEMO as DEMO
from lib.services.inworld import INWORLD as INWORLD
from lib.services.kyma import KYMA as KYMA
from lib.services.minimax import MINIMAX as MINIMAX
from lib.services.nanogpt import NANOGPT as NANOGPT
from lib.services.offers import COPY as COPY
from lib.services.offers import MEGABYTE as MEGABYTE
from lib.services.offers import NONE as NONE
from lib.services.offers import USE as USE
from lib.services.offers import AdoptOffer as AdoptOffer
from lib.services.offers import CloneOffer as CloneOffer
from lib.services.offers import Copies as Copies
from lib.services.offers import DesignOffer as DesignOffer
from lib.services.offers import Kind as Kind
from lib.services.offers import Markup as Markup
from lib.services.offers import Retention as Retention
from lib.services.offers import Service as Service
from lib.services.offers import SpeechModel as SpeechModel
from lib.services.offers import TranscriptOffer as TranscriptOffer
from lib.services.qwen import QWEN as QWEN
from lib.services.qwen import VOICE_FILE_BYTES as VOICE_FILE_BYTES

SERVICES: dict[str, Service] = {
    service.id: service for service in (nanogpt.SERVICE, kyma.SERVICE, demo.SERVICE)
}
"""All services, the demo last: a new one needs its line here and nothing else in the code."""
KINDS: dict[str, Kind] = {kind.id: kind for kind in (minimax.KIND, qwen.KIND, inworld.KIND)}
KIND_TITLES = {kind.id: kind.title for kind in KINDS.values()}

ACTIVATION_TEXTS = (
    "Hello, this voice is kept from now on.",
    "Good morning, it is a pleasant day outside.",
    "The train to the coast leaves at half past nine.",
)
"""What a voice says when it is used once to be kept; its length costs a fraction of a cent.

More than one, as a service may refuse a text: the next attempt says the next."""
ACTIVATION_ATTEMPTS = 5
"""Attempts per window that the policy agreed to at cloning covers."""


def speech_model(service: str, model: str) -> SpeechModel | None:
    """The model of that name at that service, if it is known."""
    return next((item for item in SERVICES[service].speech if item.id == model), None)


def kind_of_model(name: str) -> Kind | None:
    """The kind of voices that a model of this name speaks; None for none of ours."""
    return next((kind for kind in KINDS.values() if kind.models.match(name)), None)


def retention_of(service: str, kind: VoiceKind, source: str = "") -> Retention:
    """The retention rule for a voice of this kind, made in this way through this service.

    Where the service has none, or is not known here, the rule of the kind holds.
    """
    known = SERVICES.get(service)
    own = known.retention(kind, source) if known else None
    return own or KINDS[kind].retention


def retention_rules() -> tuple[Retention, ...]:
    """All rules, each once, as a page shows them."""
    found = [rule for service in SERVICES.values() for rule in service.retentions]
    return tuple(dict.fromkeys([*found, *(kind.retention for kind in KINDS.values())]))


def copies_elsewhere() -> tuple[Copies, ...]:
    """What each service, and whoever is behind one, says of its copies."""
    found = [service.copies for service in SERVICES.values()]
    found += [kind.copies for kind in KINDS.values()]
    return tuple(copies for copies in found if copies)
