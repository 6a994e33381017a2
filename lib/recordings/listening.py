"""What can be heard in a recording: where somebody speaks, how loud, how clean, how wide.

A recording is listened to once; whatever part of it is chosen is then measured from what was
kept, within milliseconds and without decoding again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from lib.recordings.hearing import (
    BAND,
    FRAME,
    LOUDNESS_STEP,
    LOUDNESS_WINDOW,
    Heard,
    Numbers,
    correlation,
    hear,
)
from lib.recordings.spans import Span

MOST_SLICES = 1_200
"""Of an envelope: more than a screen has columns for."""
EDGE = 0.2
"""Seconds kept before the first word and behind the last where ends are trimmed."""
BEST_SECONDS = 30.0

_SURE, _DOUBTFUL = 0.5, 0.35
_SHORTEST_SPEECH = 0.25
_SHORTEST_PAUSE = 0.1
"""How frames become stretches of speech: the defaults of `get_speech_timestamps` in
snakers4/silero-vad (v6, src/silero_vad/utils_vad.py), which begins at the one probability and
ends below the other."""
_DISTANCE_LIMIT = 90.0
"""dB. What 16 bits can hold; pauses that a program muted have no noise at all."""
_OWN_CHANNEL = 6.0
"""dB by which one channel is louder than the other while its person speaks."""


@dataclass(frozen=True, eq=False)
class Listening:
    """A recording, listened to once; times are seconds of the sound as it is decoded.

    `clipped`: places where samples are cut off. `envelope`: the loudest sample (0 to 1) of equal
    slices, `MOST_SLICES` at most, fit to be drawn. `heard` is what `measure` reads.
    """

    seconds: float
    speech: tuple[Span, ...]
    clipped: tuple[Span, ...]
    envelope: tuple[float, ...]
    heard: Heard = field(repr=False)

    @property
    def whole(self) -> Span:
        return Span(0.0, self.seconds)


@dataclass(frozen=True)
class Measure:
    """A recording, or a part of it, in numbers.

    `loudness_lufs`: integrated loudness in mono (BS.1770). `speech_db`: mean level of the speech,
    dB of full scale. `noise_distance_db`: how far what is heard between the words lies below it.
    `clipped_share`: of all samples. `bandwidth_hz`: up to where the speech has sound.
    `channel_correlation`: of the first two channels. `channel_speech`: seconds in which somebody
    speaks on the first channel only, and on the second. `lead` and `tail`: seconds before the
    first word and behind the last. None stands for what is not there: no sound, no speech, mono.
    """

    seconds: float
    speech_seconds: float
    loudness_lufs: float | None
    speech_db: float | None
    noise_distance_db: float | None
    clipped_share: float
    bandwidth_hz: float | None
    channel_correlation: float | None
    channel_speech: tuple[float, float] | None
    lead: float
    tail: float

    @property
    def speech_share(self) -> float:
        return self.speech_seconds / self.seconds if self.seconds > 0 else 0.0


def listen(data: bytes) -> Listening:
    """Listen to a recording whole: five minutes of MP3 take about a second.

    Raises `UnreadableRecording` with the reason, and nothing else.
    """
    heard = hear(data)
    return Listening(
        seconds=heard.seconds,
        speech=_speech(heard.speech, heard.seconds),
        clipped=_clipped(heard),
        envelope=_envelope(heard.peaks),
        heard=heard,
    )


def measure(listening: Listening, part: Span | None = None) -> Measure:
    """The numbers of a part, or of all. Pure, and fast enough to follow a handle that moves."""
    part = _inside(listening.whole, part)
    heard = listening.heard
    frames = _frames(part, len(heard.power))
    spoken = [span for span in listening.speech if span.shared_with(part) > 0]
    voiced = _voiced(spoken, len(heard.power))[frames]
    power = heard.power[frames]
    speech_seconds = sum(span.shared_with(part) for span in spoken)
    speech = float(power[voiced].mean()) if voiced.any() else 0.0
    channels = None if heard.channels is None else heard.channels[frames]
    samples = int(heard.samples[frames].sum())
    return Measure(
        seconds=part.seconds,
        speech_seconds=speech_seconds,
        loudness_lufs=_loudness(heard.momentary, part),
        speech_db=_decibels(speech),
        noise_distance_db=_noise_distance(power, voiced, speech),
        clipped_share=int(heard.clipped[frames].sum()) / samples if samples else 0.0,
        bandwidth_hz=_bandwidth(heard, frames, voiced),
        channel_correlation=None if channels is None else correlation(channels),
        channel_speech=None if channels is None else _channel_speech(channels, voiced),
        lead=max(spoken[0].start - part.start, 0.0) if spoken else part.seconds,
        tail=max(part.end - spoken[-1].end, 0.0) if spoken else part.seconds,
    )


def trimmed(listening: Listening, part: Span | None = None) -> Span:
    """The part without the silence at its ends. Without speech it stays as it is."""
    part = _inside(listening.whole, part)
    spoken = [span for span in listening.speech if span.shared_with(part) > 0]
    if not spoken:
        return part
    return Span(max(part.start, spoken[0].start - EDGE), min(part.end, spoken[-1].end + EDGE))


def best_part(listening: Listening, seconds: float = BEST_SECONDS) -> Span:
    """The cleanest stretch of continuous speech of about this length: it begins and ends in a
    pause. A recording that is no longer is trimmed only.
    """
    whole = trimmed(listening)
    if whole.seconds <= seconds or not listening.speech:
        return whole
    return max(_candidates(listening, seconds), key=lambda part: _merit(listening, part, seconds))


def _candidates(listening: Listening, seconds: float) -> list[Span]:
    """A part that begins at each pause and ends at the last pause within the length."""
    found = []
    speech = listening.speech
    for first, begin in enumerate(speech):
        start = _before(listening, first)
        ends = [
            _after(listening, last)
            for last in range(first, len(speech))
            if _after(listening, last) - start <= seconds
        ]
        # Speech without any pause for so long is cut where the length ends.
        end = ends[-1] if ends else min(begin.start + seconds, listening.seconds)
        found.append(Span(start, min(end, start + seconds)))
    return found


def _before(listening: Listening, number: int) -> float:
    """A moment in the pause before this stretch of speech."""
    begin = listening.speech[number].start
    earlier = listening.speech[number - 1].end if number else 0.0
    return max(begin - EDGE, (earlier + begin) / 2 if number else 0.0)


def _after(listening: Listening, number: int) -> float:
    end = listening.speech[number].end
    if number + 1 == len(listening.speech):
        return min(end + EDGE, listening.seconds)
    return min(end + EDGE, (end + listening.speech[number + 1].start) / 2)


def _merit(listening: Listening, part: Span, seconds: float) -> float:
    """How good a part is as a reference, in dB of noise distance: what else counts is weighed
    against that.
    """
    found = measure(listening, part)
    if not found.speech_seconds:
        return -math.inf
    distance = min(found.noise_distance_db or 0.0, 50.0)
    missing = 1 - min(found.speech_seconds / seconds, 1.0)
    return distance - 60 * missing - 20_000 * min(found.clipped_share, 0.002)


def _inside(whole: Span, part: Span | None) -> Span:
    if part is None:
        return whole
    start = min(max(part.start, 0.0), whole.end)
    return replace(part, start=start, end=min(max(part.end, start), whole.end))


def _frames(part: Span, count: int) -> slice:
    """The frames of a part; at least one, where there is one."""
    first = min(round(part.start / FRAME), max(count - 1, 0))
    return slice(first, max(round(part.end / FRAME), first + 1))


def _speech(sure: Numbers, seconds: float) -> tuple[Span, ...]:
    spans: list[tuple[int, int]] = []
    begun: int | None = None
    last = 0
    pause = round(_SHORTEST_PAUSE / FRAME)
    for number, value in enumerate(sure.tolist()):
        if value >= _SURE:
            begun = number if begun is None else begun
            last = number
        elif begun is not None and value < _DOUBTFUL and number - last > pause:
            spans.append((begun, last + 1))
            begun = None
        elif begun is not None and value >= _DOUBTFUL:
            last = number
    if begun is not None:
        spans.append((begun, last + 1))
    return tuple(
        Span(begin * FRAME, min(end * FRAME, seconds))
        for begin, end in spans
        if (end - begin) * FRAME >= _SHORTEST_SPEECH
    )


def _clipped(heard: Heard) -> tuple[Span, ...]:
    """Frames with clipped samples, those side by side as one."""
    numbers = np.flatnonzero(heard.clipped)
    if not len(numbers):
        return ()
    groups = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return tuple(
        Span(int(group[0]) * FRAME, min((int(group[-1]) + 1) * FRAME, heard.seconds))
        for group in groups
    )


def _envelope(peaks: Numbers) -> tuple[float, ...]:
    if len(peaks) > MOST_SLICES:
        starts = np.arange(MOST_SLICES) * len(peaks) // MOST_SLICES
        peaks = np.maximum.reduceat(peaks, starts)
    return tuple(round(value, 4) for value in peaks.tolist())


def _voiced(spans: list[Span], count: int) -> npt.NDArray[np.bool_]:
    voiced = np.zeros(count, np.bool_)
    for span in spans:
        voiced[round(span.start / FRAME) : math.ceil(span.end / FRAME - 0.01)] = True
    return voiced


def _loudness(momentary: Numbers, part: Span) -> float | None:
    """Integrated loudness of the part: both gates of BS.1770-5 over the blocks inside it."""
    first = round((part.start + LOUDNESS_WINDOW) / LOUDNESS_STEP) - 1
    blocks = momentary[first : max(round(part.end / LOUDNESS_STEP), first + 1)].astype("f8")
    power = 10 ** (blocks[blocks > -70.0] / 10)
    if not len(power):
        return None
    loud = power[power > power.mean() / 10]
    return 10 * math.log10(loud.mean())


def _decibels(power: float) -> float | None:
    return 10 * math.log10(power) if power > 0 else None


def _noise_distance(power: Numbers, voiced: npt.NDArray[np.bool_], speech: float) -> float | None:
    if speech <= 0:
        return None
    noise = _noise(power, voiced)
    if noise <= 0:
        return _DISTANCE_LIMIT
    return min(10 * math.log10(speech / noise), _DISTANCE_LIMIT)


def _noise(power: Numbers, voiced: npt.NDArray[np.bool_]) -> float:
    """Mean square of what is heard between the words: the middle of the pauses' frames, without
    those beside speech; the quietest twentieth where there are hardly any pauses.
    """
    near = voiced.copy()
    near[1:] |= voiced[:-1]
    near[:-1] |= voiced[1:]
    pauses = power[~near]
    if len(pauses) * FRAME >= 0.3:
        return float(np.median(pauses))
    return float(np.quantile(power, 0.05))


def _bandwidth(heard: Heard, frames: slice, voiced: npt.NDArray[np.bool_]) -> float | None:
    rows = heard.spectrum[(frames.start + 1) // 2 : frames.stop // 2]
    spoken = voiced[(frames.start + 1) // 2 * 2 - frames.start :: 2][: len(rows)]
    rows = rows[: len(spoken)][spoken]
    if not len(rows):
        return None
    power = rows.mean(axis=0)
    wide = np.flatnonzero(power > power.max() * 1e-6)
    return float(min((wide[-1] + 1) * BAND, heard.rate / 2)) if len(wide) else None


def _channel_speech(
    channels: npt.NDArray[np.float64], voiced: npt.NDArray[np.bool_]
) -> tuple[float, float]:
    left, right = channels[:, 0], channels[:, 1]
    louder = 10 ** (_OWN_CHANNEL / 10)
    return (
        float((voiced & (left > right * louder)).sum() * FRAME),
        float((voiced & (right > left * louder)).sum() * FRAME),
    )
