"""Orders for NanoGPT, and what it is documented to answer."""

from __future__ import annotations

from typing import Any

from lib.providers.base import CloneOrder, SpeechOrder, TranscriptOrder

ACCEPTED: dict[str, Any] = {
    "status": "pending",
    "runId": "run-1",
    "model": "MiniMax-Voice-Clone",
    "cost": 1.0,
    "paymentSource": "USD",
    "isApiRequest": True,
    "fileName": "recording.mp3",
    "fileSize": 8,
}
MINIMAX = CloneOrder(
    kind="minimax",
    audio=b"ID3 bytes",
    file_name="recording.mp3",
    media_type="audio/mpeg",
    voice_id="AnnaVoice7x2",
    model="speech-02-hd",
    noise_reduction=True,
    preview_text="Hello there.",
    transcript="not for MiniMax",
)
QWEN = CloneOrder(
    kind="qwen",
    audio=b"RIFF bytes",
    file_name="recording.wav",
    media_type="audio/wav",
    voice_id="ignored",
    preview_text="ignored",
    transcript="What I said.",
)
LINK = "https://bucket.example/a.mp3?X-Amz-Signature=abc"
SPEECH = SpeechOrder(
    kind="minimax", model="Minimax-Speech-02-HD", text="Hello.", voice_id="AnnaVoice7x2"
)
QWEN_SPEECH = SpeechOrder(
    kind="qwen",
    model="Qwen-3-TTS-1.7B",
    text="Hello.",
    embedding_url=LINK,
    transcript="What I said.",
    language="German",
)
TRANSCRIPT = TranscriptOrder(
    audio=b"ID3 bytes",
    model="Whisper-Large-V3",
    file_name="recording.mp3",
    media_type="audio/mpeg",
)
WRITTEN: dict[str, Any] = {
    "transcription": "Hello, this is a test transcription.",
    "metadata": {
        "fileName": "recording.mp3",
        "fileSize": 8,
        "chargedDuration": 0.5,
        "actualDuration": 0.5,
        "language": "en",
        "cost": 0.005,
        "currency": "USD",
        "model": "Whisper-Large-V3",
    },
}
"""The example of docs.nano-gpt.com, Speech-to-Text Transcription, for half a minute."""
