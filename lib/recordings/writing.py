"""Samples written as a file: WAV or MP3. The same samples make the same bytes, at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import BinaryIO, TypeAlias, cast

import av
from av.audio.stream import AudioStream

from lib.recordings.samples import Samples, frames_of, layout_of

RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""Samples a second that an MP3 may have."""
BIT_RATES = (128_000, 96_000, 64_000, 48_000, 32_000)
"""Of an MP3, bits a second: the first that fits is taken."""
BITEXACT = {"fflags": "+bitexact"}
"""For a new file: neither the time nor a chance number, nor which version of libav wrote it."""

Write: TypeAlias = Callable[[Samples], None]


class Form(StrEnum):
    """What kind of file is written."""

    WAV = "wav"
    MP3 = "mp3"

    @property
    def media_type(self) -> str:
        return "audio/wav" if self is Form.WAV else "audio/mpeg"


_ENCODERS = {Form.WAV: ("pcm_s16le", "s16"), Form.MP3: ("libmp3lame", "s16p")}
"""For each kind of file libav's encoder, and the form of samples that it takes."""


def rate_for(wanted: int) -> int:
    """This rate or the next higher one that an MP3 may have, at most the highest."""
    return next((rate for rate in RATES if rate >= wanted), RATES[-1])


def bit_rate_for(seconds: float, most_bytes: int) -> int:
    """The best of `BIT_RATES` with which an MP3 of this length stays that small."""
    fits = (rate for rate in BIT_RATES if mp3_bytes(seconds, rate) <= most_bytes)
    return next(fits, BIT_RATES[-1])


def mp3_bytes(seconds: float, bit_rate: int) -> float:
    """How large such an MP3 gets at most, with its header and what the encoder adds."""
    return (seconds + 0.25) * bit_rate / 8


def wav_bytes(seconds: float, rate: int, channels: int) -> float:
    """How large such a WAV gets at most."""
    return seconds * rate * channels * 2 + 1_000


@contextmanager
def writer(
    target: BinaryIO, form: Form, rate: int, channels: int, bit_rate: int = BIT_RATES[0]
) -> Iterator[Write]:
    """What takes samples; the file is whole when the context ends."""
    codec, sample_format = _ENCODERS[form]
    layout = layout_of(channels)
    with av.open(target, "w", format=form.value, options=BITEXACT) as file:
        added = file.add_stream(codec, rate=rate, layout=layout, bit_rate=bit_rate)
        stream = cast(AudioStream, added)
        encoder = av.AudioResampler(format=sample_format, layout=layout, rate=rate)
        done = 0

        def write(samples: Samples) -> None:
            nonlocal done
            for frame in frames_of([samples], rate, channels):
                frame.pts = done
                done += frame.samples
                for made in encoder.resample(frame):
                    file.mux(stream.encode(made))

        yield write
        for made in encoder.resample(None):
            file.mux(stream.encode(made))
        file.mux(stream.encode(None))
