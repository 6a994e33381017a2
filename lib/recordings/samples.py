"""Sounds as samples on their way from the decoder to a new file, a piece in memory at a time.

Decoding, resampling and filtering are libav's; mixing and gain are pydub's, on samples (its way
to open and save files runs other programs, so it is never asked to). Fades are done here: those of
pydub fall on whole milliseconds, and a file of so many samples has to keep them.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias, cast

import av
import numpy as np
import numpy.typing as npt

from lib.recordings.decoding import damaged, opened
from lib.recordings.kinds import sniff
from lib.recordings.problems import UnreadableRecording

if TYPE_CHECKING:
    from pydub import AudioSegment

FADE = 0.008
"""Seconds: too short to be heard, long enough not to click."""
MARGIN = 0.1
"""Seconds that are resampled before those that are asked for, so that nothing is missing there."""
WORK_SECONDS = 300.0
"""Of decoding: each frame is worked on before the next is decoded."""
LONGEST_FRAME = 48_000
"""Samples given to libav at once."""
_HIGH_PASS = ("f=80:width_type=q:width=0.541", "f=80:width_type=q:width=1.307")
"""A Butterworth filter of the fourth order at 80 Hz, as two of the second: it takes 24 dB from
40 Hz (traffic, ventilation, the desk), and 2 dB from the lowest tones of a deep voice."""

Samples: TypeAlias = npt.NDArray[np.int16]
"""Interleaved, 16 bits: one row per moment, one column per channel."""


def decoded(
    data: bytes, rate: int, channels: int, start: int = 0, end: int = sys.maxsize
) -> Iterator[Samples]:
    """A sound in this shape, from the moment `start` up to `end`, counted at this rate.

    A file may change its own shape on the way. What is in mono stays as loud as it is in stereo.
    Raises `UnreadableRecording`, and whatever the decoder makes of damaged bytes.
    """
    container = sniff(data)
    with opened(data, container, seconds=WORK_SECONDS) as decoding:
        before, frames = _from(decoding.frames(), max(start / rate - MARGIN, 0.0))
        skipped = round(before * rate)
        pieces = _resampled(frames, rate, channels)
        yield from between(pieces, start - skipped, end - skipped)
        if decoding.damaged > decoding.decoded or not decoding.decoded:
            raise UnreadableRecording(damaged(container))


def blocks(pieces: Iterable[Samples], length: int) -> Iterator[Samples]:
    """The same in fewer pieces, of `length` moments at least."""
    held: list[Samples] = []
    for piece in pieces:
        held.append(piece)
        if sum(map(len, held)) >= length:
            yield np.concatenate(held)
            held.clear()
    if held:
        yield np.concatenate(held)


def between(pieces: Iterable[Samples], start: int, end: int) -> Iterator[Samples]:
    """The moments from `start` up to `end`; nothing is asked for after that."""
    position = 0
    for piece in pieces:
        wanted = piece[max(start - position, 0) : max(end - position, 0)]
        if len(wanted):
            yield wanted
        position += len(piece)
        if position >= end:
            return


def mixed(pieces: Iterable[Samples], rate: int) -> Iterator[Samples]:
    """One channel of all."""
    for piece in pieces:
        yield _samples(_segment(piece, rate).set_channels(1))


def picked(pieces: Iterable[Samples], rate: int, channel: int) -> Iterator[Samples]:
    """One channel alone, counted from 0."""
    for piece in pieces:
        yield _samples(_segment(piece, rate).split_to_mono()[channel])


def gained(pieces: Iterable[Samples], rate: int, decibels: float) -> Iterator[Samples]:
    """Louder, or softer, by so much."""
    for piece in pieces:
        yield _samples(_segment(piece, rate).apply_gain(decibels)) if decibels else piece


def without_rumble(pieces: Iterable[Samples], rate: int, channels: int) -> Iterator[Samples]:
    """Without what is below speech."""
    passes = [("highpass", settings) for settings in _HIGH_PASS]
    fine, back = ("aformat", "sample_fmts=fltp"), ("aformat", "sample_fmts=s16")
    for frame in filtered(pieces, rate, channels, [fine, *passes, back]):
        yield cast(Samples, frame.to_ndarray().reshape(-1, channels))


def faded(
    pieces: Iterable[Samples], rate: int, *, begin: bool = True, end: bool = True
) -> Iterator[Samples]:
    """The same, softly begun and ended; the last moments are kept back until the end is known."""
    length = round(FADE * rate)
    held: Samples | None = None
    begun = not begin
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
        yield _ramped(held, min(length, len(held)), up=False) if end else held


def filtered(
    pieces: Iterable[Samples], rate: int, channels: int, steps: Sequence[tuple[str, str]]
) -> Iterator[av.AudioFrame]:
    """What comes out of libav's filters, given by name and settings, one behind the other."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=rate, format="s16", layout=layout_of(channels), time_base=Fraction(1, rate)
    )
    nodes = [source, *(graph.add(*step) for step in steps), graph.add("abuffersink")]
    graph.link_nodes(*nodes)
    graph.configure()
    for frame in frames_of(pieces, rate, channels):
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def frames_of(pieces: Iterable[Samples], rate: int, channels: int) -> Iterator[av.AudioFrame]:
    """The samples as libav takes them, each frame with its time."""
    done = 0
    for piece in pieces:
        for start in range(0, len(piece), LONGEST_FRAME):
            few = np.ascontiguousarray(piece[start : start + LONGEST_FRAME])
            frame = av.AudioFrame.from_ndarray(
                few.reshape(1, -1), format="s16", layout=layout_of(channels)
            )
            frame.sample_rate = rate
            frame.time_base = Fraction(1, rate)
            frame.pts = done
            done += len(few)
            yield frame


def layout_of(channels: int) -> str:
    """What libav calls one or two channels."""
    return "mono" if channels == 1 else "stereo"


def _from(frames: Iterator[av.AudioFrame], seconds: float) -> tuple[float, Iterator[av.AudioFrame]]:
    """The frames from the one on in which this moment lies, and when that one begins."""
    skipped = 0.0
    for frame in frames:
        length = frame.samples / frame.sample_rate
        if skipped + length > seconds:
            return skipped, chain([frame], frames)
        skipped += length
    return skipped, frames


def _resampled(frames: Iterable[av.AudioFrame], rate: int, channels: int) -> Iterator[Samples]:
    shape: tuple[object, ...] = ()
    resampler: av.AudioResampler | None = None
    for frame in frames:
        if shape != (shape := (frame.sample_rate, frame.layout.name, frame.format.name)):
            yield from _through(resampler, None, channels)
            # libav makes two channels of one at 0.7 of its level; `_through` copies it.
            fewer = min(channels, frame.layout.nb_channels)
            resampler = av.AudioResampler(format="s16", layout=layout_of(fewer), rate=rate)
        frame.pts = None
        yield from _through(resampler, frame, channels)
    yield from _through(resampler, None, channels)


def _through(
    resampler: av.AudioResampler | None, frame: av.AudioFrame | None, channels: int
) -> Iterator[Samples]:
    for made in resampler.resample(frame) if resampler else ():
        if made.samples:
            found = made.to_ndarray().reshape(-1, made.layout.nb_channels)
            yield cast(Samples, np.repeat(found, channels // found.shape[1], axis=1))


def _pulled(graph: av.filter.Graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            yield cast(av.AudioFrame, graph.pull())
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _ramped(samples: Samples, length: int, *, up: bool) -> Samples:
    ramp = np.linspace(0.0, 1.0, length)[:, None]
    samples = samples.copy()
    if up:
        samples[:length] = samples[:length] * ramp
    elif length:
        samples[-length:] = samples[-length:] * ramp[::-1]
    return samples


@cache
def _pydub() -> type[AudioSegment]:
    """Imported when it is needed, and without its warnings: of programs that nobody here asks it
    to run, and of its own code.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub import AudioSegment

    return cast("type[AudioSegment]", AudioSegment)


def _segment(samples: Samples, rate: int) -> AudioSegment:
    return _pydub()(
        data=samples.tobytes(), sample_width=2, frame_rate=rate, channels=samples.shape[1]
    )


def _samples(segment: AudioSegment) -> Samples:
    return np.frombuffer(segment.raw_data, np.int16).reshape(-1, segment.channels)
