"""Qwen voices: small files that anybody can speak with who has them. Prices are US dollars."""

from __future__ import annotations

from decimal import Decimal

from lib.services.names import QWEN
from lib.services.offers import MEGABYTE, AdoptOffer, CloneOffer, SpeechModel
from lib.services.retention_rules import retention_of

LANGUAGES = (
    "Auto", "English", "Chinese", "Japanese", "Spanish", "French", "German", "Italian",
    "Korean", "Portuguese", "Russian",
)  # fmt: skip
"""Labels, not ISO codes; the first is what holds when nothing is said (fal model page of Qwen 3 TTS
1.7B, through docs.nano-gpt.com TTS)."""
SOUND_SECONDS = 16.0
"""Of one text, then the sound is cut off: fal's default of 200 tokens, 12 a second."""
VOICE_FILE_BYTES = 16_000
"""About: of the file of a cloned voice (fal's model page)."""

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


def clone_offer(service: str, source: str) -> CloneOffer:
    """A clone whose embedding can be kept (docs.nano-gpt.com, Voice Cloning)."""
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
