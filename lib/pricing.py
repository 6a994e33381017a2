"""What an order will cost, and what a month may. Pure: figures come from `services/`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from lib.models import Money
from lib.services import ACTIVATION_TEXTS, CloneOffer, DesignOffer, SpeechModel, TranscriptOffer


def clone_price(offer: CloneOffer) -> Money:
    """One run of a clone."""
    return Money.usd(offer.price)


def design_price(offer: DesignOffer) -> Money:
    """One voice made from words."""
    return Money.usd(offer.price)


def speech_price(model: SpeechModel, text: str) -> Money:
    """Speaking a text; services count characters, blanks included."""
    return Money.usd(model.per_1000_chars * len(text) / 1000)


def transcription_price(offer: TranscriptOffer, seconds: float) -> Money:
    """The words of a recording of this length; charged by the second, as far as is documented."""
    return Money.usd(offer.per_minute * Decimal(str(round(seconds, 3))) / 60)


def keeping_price(model: SpeechModel) -> Money:
    """Using a voice once so that it is kept: one attempt, with the longest of our texts."""
    return max(speech_price(model, text) for text in ACTIVATION_TEXTS)


def month_start(now: datetime) -> datetime:
    """The first moment of this month, UTC: budgets count from here."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
