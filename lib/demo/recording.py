"""What the demo looks at in a recording: its kind by magic bytes, the length of a WAV."""

from __future__ import annotations

import io
import wave


def kind_of(data: bytes) -> str:
    """mp3, m4a, wav, ogg, aac or flac by the first bytes; empty for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[4:8] == b"ftyp":
        return "m4a"
    for magic, kind in ((b"OggS", "ogg"), (b"ID3", "mp3"), (b"fLaC", "flac")):
        if data.startswith(magic):
            return kind
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        # Layer 0 in an MPEG audio header is ADTS.
        return "aac" if data[1] & 0x06 == 0 else "mp3"
    return ""


def wav_seconds(data: bytes) -> float | None:
    """How long a WAV lasts, by its header and its bytes; None where that cannot be told."""
    try:
        with wave.open(io.BytesIO(data)) as sound:
            frame_bytes = sound.getnchannels() * sound.getsampwidth()
            frames = min(sound.getnframes(), len(data) // frame_bytes)
            return float(frames / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError, RuntimeError):
        return None
