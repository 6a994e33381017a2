"""MiniMax voices, as every service that sells them offers them. Prices are US dollars.

MiniMax's own rules (length, size) stand behind a service's silence.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from lib.models import VoiceKind
from lib.services.offers import (
    MEGABYTE,
    USE,
    AdoptOffer,
    CloneOffer,
    Copies,
    DesignOffer,
    Kind,
    Markup,
    Retention,
    SpeechModel,
)

MINIMAX = VoiceKind.MINIMAX
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
COPIES = Copies(
    who="WaveSpeed and MiniMax (MiniMax voices)",
    keeps=(
        "The voice is deleted if it is not used within 7 days. Once used, it is kept long-term. "
        "They do not say how long the recording is kept."
    ),
    ends="No key can list or delete a voice: only they can. It has no file to download.",
    source="docs.nano-gpt.com, Voice Cloning",
)
KIND = Kind(
    MINIMAX,
    title="MiniMax",
    models=re.compile(r"minimax-speech", re.IGNORECASE),  # docs.nano-gpt.com, TTS
    retention=MINIMAX_RETENTION,
    also_called=("mini max",),
    # Pauses as people write them for it; (laughs) stands in an example of speech-2.8-hd
    # (platform.minimaxi.com, T2A, seen on 2026-11-29). The services' own pages name neither.
    markup=(Markup.PAUSE, Markup.SOUND),
    copies=COPIES,
)

SPEECH = tuple(
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
ADOPT = AdoptOffer(
    MINIMAX,
    re.compile(r"[A-Za-z][A-Za-z0-9_-]{6,198}[A-Za-z0-9]"),
    "A MiniMax ID starts with a letter and has at least 8 letters or digits.",
)


def clone_offer(service: str, source: str, retention: Retention = MINIMAX_RETENTION) -> CloneOffer:
    """A clone under an ID of one's own choice (docs.nano-gpt.com, Voice Cloning)."""
    return CloneOffer(
        service=service,
        kind=MINIMAX,
        title="MiniMax voice",
        gives="A studio-quality voice with its own ID.",
        kept_by="It is deleted unless it is used once within 7 days. Voicekeep does that for you.",
        price=Decimal("1.00"),
        formats=("mp3", "m4a", "wav"),
        min_seconds=10,
        max_seconds=300,
        max_bytes=20 * MEGABYTE,
        direct_bytes=3 * MEGABYTE,
        retention=retention,
        activation_model="Minimax-Speech-02-HD",
        id_rule=re.compile(r"[A-Za-z][A-Za-z0-9]{7,63}"),
        id_rule_words=(
            "Start with a letter, then at least 7 more letters or digits, up to 64 in all; no "
            "spaces, dashes or underscores."
        ),
        models=("speech-02-hd", "speech-02-turbo"),
        preview_text_max=500,
        has_audio_options=True,
        source=source,
    )


def design_offer(service: str, source: str, retention: Retention) -> DesignOffer:
    """A voice from words (docs.kymaapi.com, audio-voice-design)."""
    return DesignOffer(
        service=service,
        kind=MINIMAX,
        title="MiniMax voice from words",
        gives="A new, unique voice, made from your description.",
        kept_by="It cannot be made again. Voicekeep uses it right away, and stores the audio.",
        price=Decimal("4.20"),
        retention=retention,
        models=("minimax-voice-design",),
        genders=("female", "male"),
        age_groups=("child", "young", "middle-aged", "elderly"),
        source=source,
    )
