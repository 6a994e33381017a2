"""What an order will cost, and what a month may. Pure: figures come from `services/`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from lib.models import Money
from lib.services import ACTIVATION_TEXTS, CloneOffer, DesignOffer, SpeechModel, TranscriptOffer

MOST_MONTHS = 120


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


def next_month(now: datetime) -> datetime:
    """The first moment of the month after this one, UTC: budgets begin anew."""
    return month_start(month_start(now) + timedelta(days=31))


def months(first: datetime, last: datetime) -> list[date]:
    """The first days of the months from that of the one moment to that of the other, the newest
    first; ten years at most.
    """
    begin, month = month_start(first).date(), month_start(last).date()
    found: list[date] = []
    while month >= begin and len(found) < MOST_MONTHS:
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found
