"""Whisper, which writes down what is said in a recording. Prices are US dollars."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lib.services.offers import MEGABYTE, TranscriptOffer


def transcript_offer(service: str, source: str) -> TranscriptOffer:
    """The words of a recording, in the answer itself (docs.nano-gpt.com, Speech-to-Text)."""
    return TranscriptOffer(
        service=service,
        title="Whisper Large V3",
        model="Whisper-Large-V3",
        per_minute=Decimal("0.01"),
        formats=("mp3", "ogg", "wav", "m4a", "aac"),
        direct_bytes=3 * MEGABYTE,
        source=source,
        checked_on=date(2026, 11, 29),
    )
