"""The sizes that a WAV states of itself: how much of its sound is missing, and putting them right.

Who writes a WAV while it is being made knows no sizes yet, and states a placeholder. Layout: RIFF
("Multimedia Programming Interface and Data Specifications 1.0", 1991) and RF64, whose sizes of 64
bits stand in a chunk `ds64` (EBU Tech 3306, 2009).
"""

from __future__ import annotations

from dataclasses import dataclass

ABSURD = 0x7FFF_0000
"""Sizes from here on are placeholders: 0x7fffffff, 0xffffffff and what is a little less."""
ROUND = (1_000_000, 0x1_0000)
"""Multiples of one of these that say more than an hour are placeholders, too."""
LONG_SECONDS = 3_600
MOST_CHUNKS = 1_000


@dataclass(frozen=True)
class _Layout:
    """Where the sizes of a WAV stand, and what they say. `ds64`: where that chunk's body begins."""

    riff_size: int
    sound_at: int
    sound_size: int
    bytes_per_second: int
    bytes_per_moment: int
    ds64: int | None


def missing_bytes(data: bytes) -> int:
    """How much of the sound of a WAV that its header states is not there; 0 for a placeholder."""
    layout = _layout(data)
    if layout is None:
        return 0
    missing = layout.sound_size - (len(data) - layout.sound_at)
    return 0 if missing <= 0 or _is_placeholder(layout) else missing


def with_right_sizes(data: bytes) -> bytes:
    """A WAV whose sizes are those of the bytes that are there; all else is returned as it is."""
    layout = _layout(data)
    if layout is None:
        return data
    there = len(data) - layout.sound_at
    is_open = layout.sound_size == 0 or layout.sound_size > there
    sound_size = there if is_open else layout.sound_size
    riff_size = len(data) - 8
    # What lies behind the last chunk is not always counted, and none of the sound.
    is_right = layout.sound_at + sound_size - 8 <= layout.riff_size <= riff_size
    if sound_size == layout.sound_size and is_right:
        return data
    mended = bytearray(data)
    if layout.ds64 is None:
        mended[4:8] = _number(riff_size, 4)
        mended[layout.sound_at - 4 : layout.sound_at] = _number(sound_size, 4)
    else:
        moments = sound_size // max(layout.bytes_per_moment, 1)
        for place, value in enumerate((riff_size, sound_size, moments)):
            start = layout.ds64 + 8 * place
            mended[start : start + 8] = _number(value, 8)
    return bytes(mended)


def _is_placeholder(layout: _Layout) -> bool:
    size = layout.sound_size
    if size >= ABSURD:
        return True
    is_long = size > LONG_SECONDS * layout.bytes_per_second
    return is_long and any(size % number == 0 for number in ROUND)


def _layout(data: bytes) -> _Layout | None:
    """What the chunks up to the sound say; None for what is no WAV, or one without sound."""
    if data[:4] not in (b"RIFF", b"RF64") or data[8:12] != b"WAVE":
        return None
    riff_size = _value(data, 4, 4)
    ds64: int | None = None
    bytes_per_second = bytes_per_moment = 0
    at = 12
    for _ in range(MOST_CHUNKS):
        name, size, body = data[at : at + 4], _value(data, at + 4, 4), at + 8
        if body > len(data):
            return None
        if name == b"ds64" and data[:4] == b"RF64" and size >= 24 and body + 24 <= len(data):
            ds64 = body
            riff_size = _value(data, body, 8)
        elif name == b"fmt ":
            bytes_per_second = _value(data, body + 8, 4)
            bytes_per_moment = _value(data, body + 12, 2)
        elif name == b"data":
            if data[:4] == b"RF64":
                if ds64 is None:
                    return None
                size = _value(data, ds64 + 8, 8)
            return _Layout(riff_size, body, size, bytes_per_second, bytes_per_moment, ds64)
        at = body + size + size % 2
    return None


def _value(data: bytes, start: int, length: int) -> int:
    return int.from_bytes(data[start : start + length], "little")


def _number(value: int, length: int) -> bytes:
    return value.to_bytes(length, "little")
