"""How loud a sound is to the ear, and by how much to change it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from lib.recordings.samples import Samples, filtered, mixed

SPEECH_LUFS = -20.0
"""What a reference recording is brought to: between the -23 LUFS of EBU R 128 for broadcasts and
the -16 of podcasts in mono, so that there is room for the peaks of a lively reading."""
CEILING = -1.0
"""dB below full scale that the loudest sample keeps; an MP3 adds some tenths of one."""
_NOTHING = -69.0
"""LUFS. The gate of the measure lies at -70, which it also says of what it could not measure."""


@dataclass(frozen=True)
class Loudness:
    """`lufs` after EBU R 128 (integrated), None where it is silent or shorter than 0.4 s.

    `peak` is the loudest sample, from 0 to 1.
    """

    lufs: float | None
    peak: float

    def gain_to(self, lufs: float) -> float:
        """By how many dB it becomes so loud, or as loud as its peak allows; 0.0 for silence."""
        if self.lufs is None or not self.peak:
            return 0.0
        return min(lufs - self.lufs, CEILING - 20 * math.log10(self.peak))


UNHEARD = Loudness(lufs=None, peak=0.0)
"""Of silence, and of what nobody measured."""


def loudness(pieces: Iterable[Samples], rate: int, channels: int) -> Loudness:
    """Measure a sound, once through. Two channels count as their mean, as what is the same on
    both would else be 3 LU louder than in mono.
    """
    peak = 0

    def heard() -> Iterator[Samples]:
        nonlocal peak
        for piece in pieces:
            peak = max(peak, int(np.abs(piece.astype(np.int32)).max(initial=0)))
            yield piece

    one = heard() if channels == 1 else mixed(heard(), rate)
    lufs = -math.inf
    for frame in filtered(one, rate, 1, [("ebur128", "metadata=1:framelog=quiet")]):
        lufs = float(frame.metadata.get("lavfi.r128.I", lufs))
    return Loudness(lufs if lufs > _NOTHING else None, peak / 32_768)
