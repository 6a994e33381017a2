"""Sounds put together to one, or made another kind of file: WAV or MP3, a part in memory at a time.

At each seam both sides are faded for some milliseconds, so that nothing clicks. Where a sentence
ends, nothing is trimmed, and the pause of an ordinary full stop is between the parts. Inside a
sentence a model's silence before and after each part would be heard as hesitation: there the pause
is what speech has. Levels stay as they are, unless they are to be evened out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median_low
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

import numpy as np

from lib.recordings.decoding import opened, refusing
from lib.recordings.kinds import sniff
from lib.recordings.loudness import UNHEARD, Loudness, loudness
from lib.recordings.samples import Samples, decoded, faded, gained
from lib.recordings.writing import BIT_RATES, Form, Write, rate_for, writer
from lib.splitting import Seam

PAUSE = 0.25
"""Seconds of silence between two parts, where a sentence ends."""
PAUSES = {Seam.CLAUSE: 0.25, Seam.WORD: 0.08}
"""Seconds between two sounds inside a sentence, the silence of both parts included."""
QUIET = 10 ** (-40 / 20)
"""Of a part's loudest sample: 40 dB below it nothing of a word is heard any more."""
MOMENT = 0.01
"""Seconds over which the loudest sample tells sound from silence."""
SPOOLED = 1_000_000
"""Bytes of parts held in memory; more wait on the disk."""


@dataclass(frozen=True)
class Joined:
    """What was written: its length, and where each part begins and ends in it, in seconds."""

    seconds: float
    spans: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _Part:
    """What was found in a part. `seconds` is its length; `begin` and `end` are those of what is
    heard in it."""

    size: int
    rate: int
    channels: int
    seconds: float = 0.0
    begin: float = 0.0
    end: float = 0.0
    loudness: Loudness = UNHEARD


@dataclass(frozen=True)
class _Turn:
    """How a part is written: silence before it, what is used of it (seconds), its gain in dB."""

    silence: float = 0.0
    begin: float = 0.0
    end: float | None = None
    gain: float = 0.0


def join(
    parts: Iterable[bytes],
    target: BinaryIO,
    form: Form,
    *,
    bit_rate: int = BIT_RATES[0],
    seams: Sequence[Seam] = (),
    pauses: Sequence[float] = (),
    even: bool = False,
) -> Joined:
    """Write the parts one after another as one file.

    Rate and channels (two at most) are the best that a part has. `seams`: what ends between each
    two parts; a sentence where it is not said. `pauses`: the seconds of silence after each part
    that is whole by itself, in place of seams; read once all parts were. `even`: each part gets the
    loudness of the one in the middle, as far as its peaks allow. Raises `UnreadableRecording`, and
    ValueError where there are no parts.
    """
    with SpooledTemporaryFile(max_size=SPOOLED) as spool:
        found: list[_Part] = []
        for data in parts:
            found.append(_looked_at(data, closely=even or any(_inside(seams, len(found)))))
            spool.write(data)
        if not found:
            raise ValueError("nothing to join")
        spool.seek(0)
        rate = max(part.rate for part in found)
        channels = max(part.channels for part in found)
        moments = 0
        spans: list[tuple[float, float]] = []
        with writer(target, form, rate, channels, bit_rate) as write:
            for part, turn in zip(found, _turns(found, seams, pauses, even=even), strict=True):
                data = spool.read(part.size)
                begin = moments + round(turn.silence * rate)
                with refusing(data):
                    moments += _write(data, turn, write, rate, channels)
                spans.append((begin / rate, moments / rate))
    return Joined(moments / rate, tuple(spans))


def _inside(seams: Sequence[Seam], number: int) -> Iterator[Seam]:
    """The seams around a part, counted from 0, that lie inside a sentence."""
    return (seam for seam in seams[max(number - 1, 0) : number + 1] if seam in PAUSES)


def _write(data: bytes, turn: _Turn, write: Write, rate: int, channels: int) -> int:
    """Write one part, and return of how many samples."""
    moments = 0
    start = round(turn.begin * rate)
    end = sys.maxsize if turn.end is None else round(turn.end * rate)
    silence = np.zeros((round(turn.silence * rate), channels), np.int16)
    sound = gained(decoded(data, rate, channels, start, end), rate, turn.gain)
    for samples in chain([silence], faded(sound, rate)):
        write(samples)
        moments += len(samples)
    return moments


def _turns(
    parts: Sequence[_Part], seams: Sequence[Seam], pauses: Sequence[float], *, even: bool
) -> Iterator[_Turn]:
    heard = [part.loudness.lufs for part in parts if part.loudness.lufs is not None]
    middle = median_low(heard) if even and heard else None
    silence, begin = 0.0, 0.0
    for number, part in enumerate(parts):
        gap: tuple[float | None, float, float] = (None, 0.0, 0.0)
        if number + 1 < len(parts):
            seam = seams[number] if number < len(seams) else Seam.SENTENCE
            whole = (None, pauses[number], 0.0) if pauses else None
            gap = whole or _gap(part, parts[number + 1], seam)
        gain = 0.0 if middle is None else part.loudness.gain_to(middle)
        yield _Turn(silence, begin, gap[0], gain)
        _, silence, begin = gap


def _gap(before: _Part, after: _Part, seam: Seam) -> tuple[float | None, float, float]:
    """Where the one part ends, the silence that is added, and where the other begins."""
    if seam not in PAUSES:
        return None, PAUSE, 0.0
    # Half of the pause is the silence of each part, which has its room in it, if it has so much.
    half = PAUSES[seam] / 2
    tail, lead = min(half, before.seconds - before.end), min(half, after.begin)
    return before.end + tail, 2 * half - tail - lead, after.begin - lead


def _looked_at(data: bytes, *, closely: bool) -> _Part:
    """The shape of a part, as an MP3 may have it; `closely`: where its sound is, and how loud."""
    with refusing(data):
        with opened(data, sniff(data)) as decoding:
            context = decoding.stream.codec_context
            rate = rate_for(context.sample_rate)
            channels = min(max(context.channels, 1), 2)
        if not closely:
            return _Part(len(data), rate, channels)
        levels: list[int] = []
        pieces = _levelled(decoded(data, rate, channels), round(MOMENT * rate), levels)
        found = loudness(pieces, rate, channels)
        sounding = np.flatnonzero(np.array(levels) > QUIET * max(levels, default=0))
        begin, end = (sounding[0], sounding[-1] + 1) if len(sounding) else (0, len(levels))
        seconds = len(levels) * MOMENT
        return _Part(
            len(data), rate, channels, seconds, begin * MOMENT, end * MOMENT, loudness=found
        )


def _levelled(pieces: Iterable[Samples], length: int, levels: list[int]) -> Iterator[Samples]:
    """The same, and in `levels` the loudest sample of each moment of this length."""
    rest: Samples | None = None
    for piece in pieces:
        yield piece
        whole = piece if rest is None else np.concatenate((rest, piece))
        count = len(whole) // length
        moments = np.abs(whole[: count * length].astype(np.int32)).reshape(count, -1)
        levels.extend(moments.max(axis=1).tolist() if count else ())
        rest = whole[count * length :]
    if rest is not None and len(rest):
        levels.append(int(np.abs(rest.astype(np.int32)).max()))
