"""What the demo looks at in a recording: its kind by magic bytes, its length, whether it is mute.

Lengths are the sum of what the packets say; nothing is decoded.
"""

from __future__ import annotations

import io
import wave

import av

_DEMUXERS = {"mp3": "mp3", "m4a": "mov", "wav": "wav", "ogg": "ogg", "aac": "aac"}


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


def seconds_of(data: bytes) -> float | None:
    """How long a recording lasts by its packets; None for one that cannot be read."""
    demuxer = _DEMUXERS.get(kind_of(data))
    if demuxer is None:
        return None
    options = {"format_whitelist": demuxer, "protocol_whitelist": "none"}
    try:
        with av.open(io.BytesIO(data), mode="r", format=demuxer, options=options) as file:
            packets = file.demux(file.streams.audio[0])
            lengths = [packet.duration * packet.time_base for packet in packets if packet.duration]
            return float(sum(lengths)) or None
    except Exception:  # a stranger's bytes: whatever the reader makes of them
        return None


def is_mute(data: bytes) -> bool:
    """Whether a WAV is the same sample from end to end; False for what is no plain WAV."""
    try:
        with wave.open(io.BytesIO(data)) as sound:
            frames = sound.readframes(sound.getnframes())
            width = sound.getnchannels() * sound.getsampwidth()
    except (wave.Error, EOFError, RuntimeError):
        return False
    return bool(frames) and frames == frames[:width] * (len(frames) // width)
