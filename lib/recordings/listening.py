"""What can be heard in a recording: where somebody speaks, how loud, how clean, how wide.

A recording is listened to once; whatever part of it is chosen is then measured from what was
kept, within milliseconds and without decoding again.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TypeAlias

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
from lib.recordings.measures import Measure
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
_MOST_DISTANCE = 90.0
"""dB. What 16 bits can hold; pauses that a program muted have no noise at all."""
_MOST_TIMES = 10 ** (_MOST_DISTANCE / 10)
_ENOUGH_PAUSES = 0.3
"""Seconds from which on pauses tell what noise there is."""
_FAINTEST, _CLEARLY = 1e-6, 1.5
"""Of a band's power, to count as sound: as a share of the strongest band, and in times of what
is there in the pauses."""
_OWN_CHANNEL = 6.0
"""dB by which one channel is louder than the other while its person speaks."""


@dataclass(frozen=True, eq=False)
class Listening:
    """A recording, listened to once; times are seconds of the sound as it is decoded.

    `clipped`: places where samples are cut off. `envelope`: the loudest sample (0 to 1) of equal
    slices, `MOST_SLICES` at most, fit to be drawn. `heard` is what `measure` reads, and `spoken`
    tells which of its frames lie in `speech`.
    """

    seconds: float
    speech: tuple[Span, ...]
    clipped: tuple[Span, ...]
    envelope: tuple[float, ...]
    heard: Heard = field(repr=False)
    spoken: npt.NDArray[np.bool_] = field(repr=False)

    @property
    def whole(self) -> Span:
        return Span(0.0, self.seconds)


def listen(data: bytes, channel: int | None = None) -> Listening:
    """Listen to a recording whole, or to one `channel` of two alone (0 is the left one): five
    minutes of MP3 take 1.1 to 1.4 s, half of it the model.

    Raises `UnreadableRecording` with the reason, and nothing else.
    """
    heard = hear(data, channel)
    speech = _speech(heard.speech)
    spoken = np.zeros(len(heard.speech), np.bool_)
    for first, end in speech:
        spoken[first:end] = True
    return Listening(
        seconds=heard.seconds,
        speech=_spans(speech, heard.seconds),
        clipped=_spans(_runs(heard.clipped > 0), heard.seconds),
        envelope=_envelope(heard.peaks),
        heard=heard,
        spoken=spoken,
    )


def measure(listening: Listening, part: Span | None = None) -> Measure:
    """The numbers of a part, or of all. Pure, and fast enough to follow a handle that moves."""
    part = _inside(listening, part)
    heard = listening.heard
    frames = _frames(listening, part)
    spoken = listening.spoken[frames]
    power, voice = heard.power[frames], heard.voice[frames]
    sure = int((heard.speech[frames] > _SURE).sum())
    channels = None if heard.channels is None else heard.channels[frames]
    samples = int(heard.samples[frames].sum())
    speech = _speech_in(listening, part)
    return Measure(
        seconds=part.seconds,
        speech_seconds=min(sure * FRAME, part.seconds),
        loudness_lufs=_loudness(heard.momentary, part),
        speech_db=_decibels(_mean(voice[spoken])),
        noise_distance_db=_least(_noise_distance(power, spoken), _noise_distance(voice, spoken)),
        rumble_distance_db=_distance(_mean(voice[spoken]), _mean(power) - _mean(voice)),
        clipped_share=int(heard.clipped[frames].sum()) / samples if samples else 0.0,
        bandwidth_hz=_bandwidth(heard, frames, spoken),
        channel_correlation=None if channels is None else correlation(channels),
        channel_speech=None if channels is None else _channel_speech(channels, spoken),
        lead=max(speech[0].start - part.start, 0.0) if speech else part.seconds,
        tail=max(part.end - speech[-1].end, 0.0) if speech else part.seconds,
    )


def trimmed(listening: Listening, part: Span | None = None) -> Span:
    """The part without the silence at its ends. Without speech it stays as it is."""
    part = _inside(listening, part)
    speech = _speech_in(listening, part)
    if not speech:
        return part
    return Span(max(part.start, speech[0].start - EDGE), min(part.end, speech[-1].end + EDGE))


def best_part(listening: Listening, seconds: float = BEST_SECONDS) -> Span:
    """The cleanest stretch of continuous speech of about this length: it begins and ends in a
    pause. A recording that is no longer is trimmed only.
    """
    whole = trimmed(listening)
    if whole.seconds <= seconds or not listening.speech:
        return whole
    pauses = _pauses(listening)
    candidates = [_until(pauses, number, seconds) for number in range(len(listening.speech))]
    return max(candidates, key=lambda part: _merit(measure(listening, part), seconds))


def _pauses(listening: Listening) -> list[Span]:
    """Where a part may begin (`end`) or end (`start`): `EDGE` beside speech, or in the middle of
    a shorter pause. The first is that before all speech, the last that behind it.
    """
    speech = listening.speech
    ends = [0.0, *(span.end for span in speech)]
    starts = [*(span.start for span in speech), listening.seconds]
    return [
        Span(min(end + EDGE, (end + start) / 2), max(start - EDGE, (end + start) / 2))
        for end, start in zip(ends, starts, strict=True)
    ]


def _until(pauses: list[Span], number: int, seconds: float) -> Span:
    """The part that begins in this pause and ends in the last one within the length.

    Speech without any pause for so long is cut where the length ends.
    """
    start = pauses[number].end
    last = bisect_right(pauses, start + seconds, key=lambda pause: pause.start) - 1
    return Span(start, pauses[last].start if last > number else start + seconds)


def _merit(part: Measure, seconds: float) -> float:
    """How good a part is as a reference, in dB of noise distance: what else counts is weighed
    against that. A tenth less of speech is as bad as 6 dB, and so are 0.03 % clipped samples;
    more than 50 dB is of no use.
    """
    distance = min(part.noise_distance_db or 0.0, 50.0)
    missing = 1 - min(part.speech_seconds / seconds, 1.0)
    return distance - 60 * missing - 20_000 * min(part.clipped_share, 0.002)


def _inside(listening: Listening, part: Span | None) -> Span:
    if part is None:
        return listening.whole
    start = min(max(part.start, 0.0), listening.seconds)
    return Span(start, min(max(part.end, start), listening.seconds))


def _speech_in(listening: Listening, part: Span) -> tuple[Span, ...]:
    """The stretches of speech in the part, whole or cut; a scrap of a word is none."""
    begun = part.start + _SHORTEST_SPEECH
    over = part.end - _SHORTEST_SPEECH
    first = bisect_left(listening.speech, begun, key=lambda span: span.end)
    end = bisect_right(listening.speech, over, key=lambda span: span.start)
    return listening.speech[first:end]


def _frames(listening: Listening, part: Span) -> slice:
    """The frames of a part; at least one, where there is one."""
    count = len(listening.heard.power)
    first = min(round(part.start / FRAME), max(count - 1, 0))
    end = count if part.end >= listening.seconds else round(part.end / FRAME)
    return slice(first, max(end, first + 1))


_Run: TypeAlias = tuple[int, int]
"""The first frame, and the one behind the last."""


def _speech(sure: Numbers) -> list[_Run]:
    pause = round(_SHORTEST_PAUSE / FRAME)
    found: list[_Run] = []
    begun: int | None = None
    last = 0
    for number, value in enumerate(sure.tolist()):
        if value >= (_SURE if begun is None else _DOUBTFUL):
            begun = number if begun is None else begun
            last = number
        elif begun is not None and number - last > pause:
            found.append((begun, last + 1))
            begun = None
    if begun is not None:
        found.append((begun, last + 1))
    return [run for run in found if (run[1] - run[0]) * FRAME >= _SHORTEST_SPEECH]


def _runs(marked: npt.NDArray[np.bool_]) -> list[_Run]:
    """Marked frames, those side by side as one."""
    steps = np.diff(marked.astype(np.int8), prepend=0, append=0)
    return list(
        zip(np.flatnonzero(steps > 0).tolist(), np.flatnonzero(steps < 0).tolist(), strict=True)
    )


def _spans(runs: list[_Run], seconds: float) -> tuple[Span, ...]:
    return tuple(Span(first * FRAME, min(end * FRAME, seconds)) for first, end in runs)


def _envelope(peaks: Numbers) -> tuple[float, ...]:
    if len(peaks) > MOST_SLICES:
        starts = np.arange(MOST_SLICES) * len(peaks) // MOST_SLICES
        peaks = np.maximum.reduceat(peaks, starts)
    return tuple(round(value, 4) for value in peaks.tolist())


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


def _mean(power: Numbers) -> float:
    return float(power.mean(dtype=np.float64)) if len(power) else 0.0


def _distance(speech: float, other: float) -> float | None:
    """How many dB the other lies below the speech."""
    if speech <= 0:
        return None
    if other <= speech / _MOST_TIMES:
        return _MOST_DISTANCE
    return 10 * math.log10(speech / other)


def _least(one: float | None, other: float | None) -> float | None:
    return min((value for value in (one, other) if value is not None), default=None)


def _noise_distance(power: Numbers, spoken: npt.NDArray[np.bool_]) -> float | None:
    return _distance(_mean(power[spoken]), _noise(power, spoken))


def _noise(power: Numbers, spoken: npt.NDArray[np.bool_]) -> float:
    """Mean square of what is heard between the words: the middle of the pauses' frames, without
    those beside speech; the quietest twentieth where there are hardly any pauses.
    """
    near = spoken.copy()
    near[1:] |= spoken[:-1]
    near[:-1] |= spoken[1:]
    pauses = power[~near]
    if len(pauses) * FRAME >= _ENOUGH_PAUSES:
        return float(np.median(pauses))
    return float(np.quantile(power, 0.05))


def _bandwidth(heard: Heard, frames: slice, spoken: npt.NDArray[np.bool_]) -> float | None:
    """Up to the last band that has sound while somebody speaks, and less of it in the pauses:
    hiss behind a telephone's voice is none of its sound.
    """
    first = (frames.start + 1) // 2
    rows = heard.spectrum[first : frames.stop // 2]
    speaking = spoken[first * 2 - frames.start :: 2][: len(rows)]
    if not speaking.any():
        return None
    speech = rows[speaking].mean(axis=0)
    heard_well = speech > np.max(speech) * _FAINTEST
    if (~speaking).sum() * FRAME * 2 >= _ENOUGH_PAUSES:
        heard_well &= speech > np.median(rows[~speaking], axis=0) * _CLEARLY
    bands = np.flatnonzero(heard_well)
    return float(min((bands[-1] + 1) * BAND, heard.rate / 2)) if len(bands) else None


def _channel_speech(
    channels: npt.NDArray[np.float64], spoken: npt.NDArray[np.bool_]
) -> tuple[float, float]:
    left, right = channels[:, 0], channels[:, 1]
    louder = 10 ** (_OWN_CHANNEL / 10)
    return (
        float((spoken & (left > right * louder)).sum() * FRAME),
        float((spoken & (right > left * louder)).sum() * FRAME),
    )
