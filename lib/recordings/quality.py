"""How good a recording is as the reference of a clone: one word, what was found, what to do.

The limits are data, with what they were drawn from. Nothing here refuses anything: a recording
without speech needs a person's own yes, and the rest is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lib.recordings.measures import Measure
from lib.recordings.reasons import Finding


class Grade(StrEnum):
    """How good it is, from the best to the worst."""

    GOOD = "good"
    USABLE = "usable"
    POOR = "poor"
    NO_SPEECH = "no_speech"


@dataclass(frozen=True)
class Quality:
    """The grade is that of the worst finding; `findings` has the worst first."""

    grade: Grade
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Limit:
    """Where a finding begins: `value` is `below` or `above`. None, what cannot be measured, is
    neither. `grade` is the best that is left with it; `unless` names what already says as much.
    """

    finding: Finding
    grade: Grade
    value: Callable[[Measure], float | None]
    evidence: str
    below: float | None = None
    above: float | None = None
    unless: frozenset[Finding] = frozenset()

    def reached(self, measure: Measure) -> bool:
        value = self.value(measure)
        if value is None:
            return False
        if self.below is not None and value < self.below:
            return True
        return self.above is not None and value > self.above


QUIET_DB = -35.0
"""Of full scale: speech below is too quiet for a good clone."""
CLIPPED_SHARE = 1e-4
"""Of all samples: from there on so many are cut off that it is heard."""
BEST_LENGTH = (10.0, 60.0)
"""Seconds. MiniMax takes nothing shorter; what is longer only takes longer to send."""


def _apart(measure: Measure) -> float | None:
    """The correlation of two channels on both of which somebody speaks alone."""
    own = measure.channel_speech
    return measure.channel_correlation if own and min(own) >= 1.0 else None


LIMITS = (
    Limit(
        Finding.NO_SPEECH,
        Grade.NO_SPEECH,
        lambda measure: measure.speech_seconds,
        "Silence, room noise, music and films without words have 0.0 to 0.3 s; the shortest "
        "sample in which a sentence is spoken has 1.2 s.",
        below=1.0,
    ),
    Limit(
        Finding.CHANNELS_CANCEL,
        Grade.POOR,
        lambda measure: measure.channel_correlation,
        "One voice with one channel turned over has -1, two different sounds have 0.",
        below=-0.5,
    ),
    Limit(
        Finding.TWO_SPEAKERS,
        Grade.POOR,
        _apart,
        "One person in stereo has 0.98 to 1.0, music 0.75, two people on two channels 0.0.",
        below=0.5,
        unless=frozenset({Finding.CHANNELS_CANCEL}),
    ),
    Limit(
        Finding.INAUDIBLE,
        Grade.POOR,
        lambda measure: measure.speech_db,
        "One sample has -62 dB and cannot be heard at a usual volume; the next has -39 dB.",
        below=-50.0,
    ),
    Limit(
        Finding.VERY_NOISY,
        Grade.POOR,
        lambda measure: measure.noise_distance_db,
        "The very noisy radio speech has 8 dB, the noisy room 12 dB.",
        below=10.0,
    ),
    Limit(
        Finding.LITTLE_SPEECH,
        Grade.USABLE,
        lambda measure: measure.speech_seconds,
        "Qwen works from 3 s on; a voice is better known after 5.",
        below=5.0,
    ),
    Limit(
        Finding.CLIPPED,
        Grade.USABLE,
        lambda measure: measure.clipped_share,
        "Good samples have none at all, a loud jingle 0.000004, a clipped recording 0.008.",
        above=CLIPPED_SHARE,
    ),
    Limit(
        Finding.QUIET,
        Grade.USABLE,
        lambda measure: measure.speech_db,
        "Clear samples have -15 to -32 dB.",
        below=QUIET_DB,
        unless=frozenset({Finding.INAUDIBLE}),
    ),
    Limit(
        Finding.RUMBLE,
        Grade.USABLE,
        lambda measure: measure.rumble_distance_db,
        "Two samples have it: 2 dB under the voice and 17 dB over it. The rest have 10 dB or more.",
        below=6.0,
    ),
    Limit(
        Finding.NOISY,
        Grade.USABLE,
        lambda measure: measure.noise_distance_db,
        "Clear samples have 21 dB and more.",
        below=20.0,
        unless=frozenset({Finding.VERY_NOISY}),
    ),
    Limit(
        Finding.TELEPHONE,
        Grade.USABLE,
        lambda measure: measure.bandwidth_hz,
        "Telephones end at 3.4 or 4 kHz; all other samples reach 5.5 kHz and more.",
        below=5_000.0,
    ),
    Limit(
        Finding.MOSTLY_PAUSES,
        Grade.USABLE,
        lambda measure: measure.speech_share,
        "Read speech has 63 to 98 %, radio traffic with its gaps 44 %.",
        below=0.4,
    ),
    Limit(
        Finding.SHORT,
        Grade.USABLE,
        lambda measure: measure.seconds,
        "See `BEST_LENGTH`.",
        below=BEST_LENGTH[0],
        unless=frozenset({Finding.LITTLE_SPEECH}),
    ),
    Limit(
        Finding.LONG,
        Grade.GOOD,
        lambda measure: measure.seconds,
        "See `BEST_LENGTH`. Only a part of it counts; nothing is wrong with it.",
        above=BEST_LENGTH[1],
    ),
    Limit(
        Finding.LONG_LEAD,
        Grade.GOOD,
        lambda measure: measure.lead,
        "Usual recordings have 0.0 to 1.0 s. It is cut with one click, and nothing else is wrong.",
        above=1.0,
    ),
    Limit(
        Finding.LONG_TAIL,
        Grade.GOOD,
        lambda measure: measure.tail,
        "As before the first word.",
        above=1.0,
    ),
)
"""From the worst to the least."""

_GRADES = tuple(Grade)

_BY_RUMBLE = frozenset({Finding.VERY_NOISY, Finding.NOISY})
"""What may be over once the rumble is taken out, which costs a click and no other recording."""


def assess(measure: Measure) -> Quality:
    """The grade and all findings. Where nobody speaks, nothing else is worth saying."""
    found: list[Finding] = []
    grade = Grade.GOOD
    for limit in LIMITS:
        if limit.reached(measure) and not limit.unless.intersection(found):
            found.append(limit.finding)
            grade = max(grade, limit.grade, key=_GRADES.index)
    if Finding.NO_SPEECH in found:
        return Quality(Grade.NO_SPEECH, (Finding.NO_SPEECH,))
    return Quality(grade, tuple(found))


def worst(quality: Quality) -> Finding | None:
    """What is worth saying first, as something can be done about it; None for nothing."""
    if not quality.findings:
        return None
    first = quality.findings[0]
    by_rumble = first in _BY_RUMBLE and Finding.RUMBLE in quality.findings
    return Finding.RUMBLE if by_rumble else first
