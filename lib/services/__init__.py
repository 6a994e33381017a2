"""What each service documents, as data: prices, limits, options, languages, retention.

Every number here is stated by a service or taken by us for want of one; `source` names the page,
`checked_on` the day it was read. Changing a provider's rule is an edit of one file of this folder:
`retention_rules.py`, one per kind of voice (`minimax.py`, `qwen.py`), one per service.
"""

from __future__ import annotations

from lib.services import demo, kyma, nanogpt, qwen
from lib.services.names import COPY as COPY
from lib.services.names import DEMO as DEMO
from lib.services.names import DESIGNED as DESIGNED
from lib.services.names import INWORLD as INWORLD
from lib.services.names import KIND_TITLES as KIND_TITLES
from lib.services.names import KYMA as KYMA
from lib.services.names import MINIMAX as MINIMAX
from lib.services.names import NANOGPT as NANOGPT
from lib.services.names import NONE as NONE
from lib.services.names import QWEN as QWEN
from lib.services.names import USE as USE
from lib.services.names import kind_of_model as kind_of_model
from lib.services.offers import MEGABYTE as MEGABYTE
from lib.services.offers import AdoptOffer as AdoptOffer
from lib.services.offers import CloneOffer as CloneOffer
from lib.services.offers import DesignOffer as DesignOffer
from lib.services.offers import Retention as Retention
from lib.services.offers import Service as Service
from lib.services.offers import SpeechModel as SpeechModel
from lib.services.qwen import VOICE_FILE_BYTES as VOICE_FILE_BYTES
from lib.services.retention_rules import RETENTION_RULES as RETENTION_RULES
from lib.services.retention_rules import retention_of as retention_of

SERVICES: dict[str, Service] = {
    service.id: service for service in (nanogpt.SERVICE, kyma.SERVICE, demo.SERVICE)
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


def speech_model(service: str, model: str) -> SpeechModel | None:
    """The model of that name at that service, if it is known."""
    return next((item for item in SERVICES[service].speech if item.id == model), None)


def languages_of(kind: str) -> tuple[str, ...]:
    """The labels of languages that models for voices of this kind know; () where none is asked."""
    return qwen.LANGUAGES if kind == QWEN else ()


def sound_limit(kind: str) -> float:
    """Seconds of sound that voices of this kind make of one text; 0.0 where there is no end."""
    return qwen.SOUND_SECONDS if kind == QWEN else 0.0
