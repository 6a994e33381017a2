"""Sounds put together to one, or made another kind of file: WAV or MP3, a part in memory at a time.

Nothing is trimmed and no level is changed. At each seam both sides are faded for some
milliseconds, so that nothing clicks, with the pause of an ordinary full stop between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from typing import BinaryIO, TypeAlias, cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream

from lib.recordings.decoding import damaged, opened
from lib.recordings.kinds import UnreadableRecording, sniff

PAUSE = 0.25
"""Seconds of silence between two parts."""
FADE = 0.008
"""Seconds: too short to be heard, long enough not to click."""
RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""Samples a second that an MP3 may have."""
BIT_RATES = (128_000, 96_000, 64_000, 48_000, 32_000)
"""Of an MP3, bits a second: the first that fits is taken."""
WORK_SECONDS = 300.0
"""For one part: each of its frames is encoded before the next is decoded."""
LONGEST_FRAME = 48_000
"""Samples given to the encoder at once."""

Samples: TypeAlias = npt.NDArray[np.int16]
"""Interleaved, 16 bits: one row per moment, one column per channel."""
_Write: TypeAlias = Callable[[Samples], None]


class Form(StrEnum):
    """What kind of file is written."""

    WAV = "wav"
    MP3 = "mp3"

    @property
    def media_type(self) -> str:
        return "audio/wav" if self is Form.WAV else "audio/mpeg"


_ENCODERS = {Form.WAV: ("pcm_s16le", "s16"), Form.MP3: ("libmp3lame", "s16p")}
"""For each kind of file libav's encoder, and the form of samples that it takes."""


def join(
    parts: Iterable[bytes], target: BinaryIO, form: Form, *, bit_rate: int = BIT_RATES[0]
) -> float:
    """Write the parts one after another as one file; returns its length in seconds.

    Rate and channels (two at most) are those of the first part. Raises `UnreadableRecording`,
    and ValueError where there are no parts.
    """
    moments = rate = 0
    write: _Write | None = None
    with ExitStack() as open_file:
        for number, part in enumerate(parts):
            container = sniff(part)
            try:
                if write is None:
                    rate, channels = _shape(part, container)
                    writer = _writer(target, form, rate, channels, bit_rate)
                    write = open_file.enter_context(writer)
                if number:
                    silence = np.zeros((round(PAUSE * rate), channels), np.int16)
                    write(silence)
                    moments += len(silence)
                for samples in _faded(_decoded(part, container, rate, channels), rate):
                    write(samples)
                    moments += len(samples)
            except UnreadableRecording:
                raise
            except (av.error.FFmpegError, ValueError) as exc:
                raise UnreadableRecording(damaged(container)) from exc
    if write is None:
        raise ValueError("nothing to join")
    return moments / rate


def bit_rate_for(seconds: float, most_bytes: int) -> int:
    """The best of `BIT_RATES` with which an MP3 of this length stays that small."""
    fits = (rate for rate in BIT_RATES if seconds * rate / 8 <= most_bytes)
    return next(fits, BIT_RATES[-1])


def _shape(data: bytes, container: str) -> tuple[int, int]:
    """The rate, as an MP3 may have it, and one or two channels."""
    with opened(data, container) as decoding:
        context = decoding.stream.codec_context
        wanted = context.sample_rate
        rate = next((rate for rate in RATES if rate >= wanted), RATES[-1])
        return rate, min(max(context.channels, 1), 2)


def _decoded(data: bytes, container: str, rate: int, channels: int) -> Iterator[Samples]:
    """All of a sound in this shape. A file may change its own shape on the way."""
    with opened(data, container, seconds=WORK_SECONDS) as decoding:
        shape: tuple[object, ...] = ()
        resampler: av.AudioResampler | None = None
        for frame in decoding.frames():
            if shape != (shape := (frame.sample_rate, frame.layout.name, frame.format.name)):
                yield from _through(resampler, None, channels)
                resampler = av.AudioResampler(format="s16", layout=_layout(channels), rate=rate)
            frame.pts = None
            yield from _through(resampler, frame, channels)
        yield from _through(resampler, None, channels)
        if decoding.damaged > decoding.decoded or not decoding.decoded:
            raise UnreadableRecording(damaged(container))


def _through(
    resampler: av.AudioResampler | None, frame: av.AudioFrame | None, channels: int
) -> Iterator[Samples]:
    for made in resampler.resample(frame) if resampler else ():
        if made.samples:
            yield cast(Samples, made.to_ndarray().reshape(-1, channels))


def _faded(pieces: Iterable[Samples], rate: int) -> Iterator[Samples]:
    """The same, softly begun and ended; the last moments are kept back until the end is known."""
    length = round(FADE * rate)
    held: Samples | None = None
    begun = False
    for piece in pieces:
        held = piece if held is None else np.concatenate((held, piece))
        if len(held) < 2 * length:
            continue
        if not begun:
            held = _ramped(held, length, up=True)
            begun = True
        yield held[:-length]
        held = held[-length:]
    if held is not None:
        held = held if begun else _ramped(held, min(length, len(held)), up=True)
        yield _ramped(held, min(length, len(held)), up=False)


def _ramped(samples: Samples, length: int, *, up: bool) -> Samples:
    ramp = np.linspace(0.0, 1.0, length)[:, None]
    samples = samples.copy()
    if up:
        samples[:length] = samples[:length] * ramp
    elif length:
        samples[-length:] = samples[-length:] * ramp[::-1]
    return samples


@contextmanager
def _writer(
    target: BinaryIO, form: Form, rate: int, channels: int, bit_rate: int
) -> Iterator[_Write]:
    """What takes samples; the file is whole when the context ends."""
    codec, sample_format = _ENCODERS[form]
    layout = _layout(channels)
    with av.open(target, "w", format=form.value) as file:
        added = file.add_stream(codec, rate=rate, layout=layout, bit_rate=bit_rate)
        stream = cast(AudioStream, added)
        encoder = av.AudioResampler(format=sample_format, layout=layout, rate=rate)
        done = 0

        def write(samples: Samples) -> None:
            nonlocal done
            for start in range(0, len(samples), LONGEST_FRAME):
                few = np.ascontiguousarray(samples[start : start + LONGEST_FRAME])
                frame = av.AudioFrame.from_ndarray(few.reshape(1, -1), format="s16", layout=layout)
                frame.sample_rate = rate
                frame.pts = done
                done += len(few)
                for made in encoder.resample(frame):
                    file.mux(stream.encode(made))

        yield write
        for made in encoder.resample(None):
            file.mux(stream.encode(made))
        file.mux(stream.encode(None))


def _layout(channels: int) -> str:
    return "mono" if channels == 1 else "stereo"
