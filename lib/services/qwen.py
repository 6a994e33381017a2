"""Qwen voices: small files that anybody can speak with who has them. Prices are US dollars."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from lib.models import VoiceKind
from lib.services.offers import (
    COPY,
    MEGABYTE,
    AdoptOffer,
    CloneOffer,
    Copies,
    Kind,
    Retention,
    SpeechModel,
)

QWEN = VoiceKind.QWEN

LANGUAGES = (
    "Auto", "English", "Chinese", "Japanese", "Spanish", "French", "German", "Italian",
    "Korean", "Portuguese", "Russian",
)  # fmt: skip
"""Labels, not ISO codes (fal model page of Qwen 3 TTS 1.7B, through docs.nano-gpt.com TTS)."""
VOICE_FILE_BYTES = 16_000
"""About: of the file of a cloned voice (fal's model page)."""
QWEN_RETENTION = Retention(
    who="Qwen voices through NanoGPT",
    stopped_by=COPY,
    hours=168,
    expires="The service may remove the voice file at any time after this.",
    starts="When the clone was ordered (we count from sending the order).",
    stops="Only your own backup of the file: with it, the voice works for good.",
    source="docs.nano-gpt.com, Voice Cloning, and fal.ai, FAQ on file retention",
    checked_on=date(2026, 11, 20),
)
COPIES = Copies(
    who="fal (Qwen voices)",
    keeps=(
        "The voice file stays for at least 7 days at an address that anyone who knows it can open, "
        "and may go any time after. By fal's current page it may also stay. Requests and answers "
        "are kept for 30 days."
    ),
    ends="The account at fal belongs to NanoGPT: ask there.",
    source="docs.nano-gpt.com, Voice Cloning, and fal, Data retention",
)
KIND = Kind(
    QWEN,
    title="Qwen",
    models=re.compile(r"qwen-?3-?tts", re.IGNORECASE),  # docs.nano-gpt.com, TTS
    retention=QWEN_RETENTION,
    is_file=True,
    also_called=("qwen3",),
    languages=LANGUAGES,
    copies=COPIES,
    sound_seconds=16.0,  # fal's default of 200 tokens, 12 a second
)

SPEECH = SpeechModel(
    id="Qwen-3-TTS-1.7B",
    title="Qwen 3 TTS 1.7B",
    kinds=(QWEN,),
    max_chars=2_000,
    per_1000_chars=Decimal("0.09"),
    documented=False,
    languages=LANGUAGES,
)
ADOPT = AdoptOffer(QWEN)


def clone_offer(service: str, source: str, retention: Retention = QWEN_RETENTION) -> CloneOffer:
    """A clone whose embedding can be kept (docs.nano-gpt.com, Voice Cloning)."""
    return CloneOffer(
        service=service,
        kind=QWEN,
        title="Qwen voice",
        gives="A small voice file that you own: with your backup, the voice never expires.",
        kept_by=(
            "The file is hosted for 7 days. Voicekeep backs it up right away and checks the backup."
        ),
        price=Decimal("0.25"),
        formats=("mp3", "ogg", "wav", "m4a", "aac"),
        min_seconds=3,
        max_seconds=300,
        max_bytes=20 * MEGABYTE,
        direct_bytes=3 * MEGABYTE,
        retention=retention,
        takes_transcript=True,
        source=source,
    )
