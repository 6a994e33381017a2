"""Orders for Kyma, and what it is documented to answer."""

from __future__ import annotations

from typing import Any

from lib.providers.base import CloneOrder, DesignOrder, SpeechOrder

VOICE = "kyma_0123456789abcdef"
MADE: dict[str, Any] = {
    "voice_id": VOICE,
    "name": None,
    "model": "minimax-voice-clone",
    "cost_usd": 2.10,
    "balance_usd": 7.90,
}
CLONE = CloneOrder(
    kind="minimax",
    name="Grace",
    audio=b"ID3 bytes",
    file_name="recording.mp3",
    media_type="audio/mpeg",
    model="minimax-voice-clone",
    preview_text="not for Kyma",
    transcript="not for Kyma",
)
DESIGN = DesignOrder(
    kind="minimax",
    description="A calm narrator.",
    model="minimax-voice-design",
    name="Calm",
    gender="female",
    age_group="middle-aged",
    preview_text="Once upon a time.",
)
SPEECH = SpeechOrder(kind="minimax", model="minimax-speech-hd", text="Hello.", voice_id=VOICE)
MP3 = b"ID3\x04 and sound"
HEADERS = {
    "X-Kyma-Model": "minimax-speech-hd",
    "X-Kyma-Cost-USD": "0.0012",
    "X-Kyma-Balance-USD": "7.8988",
    "X-Kyma-Chars-Billed": "6",
}
