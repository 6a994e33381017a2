"""A recording made into what a service takes, after what a person chose to do with it.

Everything is done in one go from what was brought, with one encoding step at most: as it is where
nothing is to be done, else copied into another kind of file without loss, else written anew.

What is written anew is a WAV while it is as small as can be sent directly, as nothing is lost in
it; else an MP3, the best that fits. Every service here takes both, at 128 kbit/s nobody tells
speech from its original, and a minute of MP3 is a fifth of a minute of WAV to store and to send.

Loudness is one gain for the whole part. Compressors and levellers even out more, but lift the room
in the pauses and change how the voice moves, which is what a clone learns.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lib.recordings.decoding import refusing
from lib.recordings.edits import Edit
from lib.recordings.inspect import Recording, inspect
from lib.recordings.judge import Fit, Verdict, judge, maker
from lib.recordings.loudness import SPEECH_LUFS, loudness
from lib.recordings.problems import CannotBeMade
from lib.recordings.reasons import How, Reason, Why
from lib.recordings.rewrapping import is_plain, rewrapped
from lib.recordings.samples import (
    Samples,
    between,
    blocks,
    decoded,
    faded,
    gained,
    mixed,
    picked,
    without_rumble,
)
from lib.recordings.spans import Span
from lib.recordings.writing import Form, bit_rate_for, rate_for, wav_bytes, writer
from lib.services import MEGABYTE, CloneOffer

LEAST_STEREO = 96_000
"""Bits a second. Where an MP3 has to be smaller, one good channel is better than two bad ones."""
PREVIEW_BIT_RATE = 64_000
PREVIEW_RATE = 32_000
PREVIEW_BYTES = 8 * MEGABYTE
"""Of a sound to be played on a page; over 17 minutes it is coarser."""
SETTLING = 0.25
"""Seconds before a part that a filter hears as well, as it takes some time to settle."""
NEAR_END = 0.01
"""Seconds: a part that ends so near the ends of a recording is all of it."""
_PLAYED = {
    "mp3": ("mp3",),
    "wav": ("pcm_u8", "pcm_s16", "pcm_s24", "pcm_f32"),
    "m4a": ("aac",),
    "aac": ("aac",),
    "flac": ("flac",),
}
"""What Chromium, Firefox and Safari all play: developer.mozilla.org, "Media container formats" and
"Web audio codec guide", 2026-11-29. Ogg and WebM are left out for older Safaris."""


@dataclass(frozen=True)
class Made:
    """What is sent to a service, what is in it, and how it came about."""

    data: bytes = field(repr=False)
    recording: Recording
    how: How


@dataclass(frozen=True)
class _Plan:
    """The edit as far as it does something to this recording, and the shape of what comes out."""

    edit: Edit
    seconds: float
    rate: int
    channels: int


def make(data: bytes, edit: Edit, offer: CloneOffer, *, by_link: bool = True) -> Made:
    """What this offer takes, made of what somebody brought.

    `by_link`: whether a file over `offer.direct_bytes` can be sent as an address. Raises
    `UnreadableRecording`, and `CannotBeMade` where the length is wrong.
    """
    recording = inspect(data)
    plan = _planned(edit, recording)
    _refuse_length(recording, plan, offer)
    most = offer.max_bytes if by_link else min(offer.max_bytes, offer.direct_bytes)

    def takes(found: Recording, size: int) -> bool:
        return judge(found, offer, size, by_link=by_link).accepted

    if plan.edit.is_nothing:
        is_taken = takes(recording, len(data))
        if is_taken and is_plain(data):
            return Made(data, recording, How.AS_IS)
        copy = rewrapped(data, recording, offer.formats, most)
        if copy and takes(copy.recording, len(copy.data)):
            return Made(copy.data, copy.recording, How.REWRAPPED)
        if is_taken:
            return Made(data, recording, How.AS_IS)
    written = _written(data, plan, offer, most)
    made = Made(written, inspect(written), How.ENCODED)
    if not takes(made.recording, len(written)):
        raise CannotBeMade(Why(Reason.CANNOT_CONVERT, who=maker(offer)))
    return made


def fit(
    recording: Recording, size: int, edit: Edit, offer: CloneOffer, *, by_link: bool = True
) -> Verdict:
    """What `make` will say of a file of `size` bytes, without making anything."""
    verdict = judge(recording, offer, size, by_link=by_link)
    try:
        plan = _planned(edit, recording)
        if plan.edit.is_nothing:
            return verdict
        _refuse_length(recording, plan, offer)
    except CannotBeMade as problem:
        return Verdict(Fit.REFUSE, problem.why)
    return Verdict(Fit.CONVERT, Why(Reason.MADE_OF_PART), verdict.warnings)


def preview(data: bytes, edit: Edit) -> bytes:
    """The same sound as a small MP3, which every browser plays: what `make` will make of it.

    Any length that can be read. Raises `UnreadableRecording`, and `CannotBeMade` for a part that
    is not there.
    """
    plan = _planned(replace(edit, mono=edit.channel is None), inspect(data))
    plan = replace(plan, rate=min(plan.rate, PREVIEW_RATE))
    rate = min(bit_rate_for(plan.seconds, PREVIEW_BYTES), PREVIEW_BIT_RATE)
    return _encoded(data, plan, Form.MP3, rate)


def playable(recording: Recording) -> bool:
    """Whether every browser plays this file as it is."""
    return recording.codec.startswith(_PLAYED.get(recording.format, ("-",)))


def _planned(edit: Edit, recording: Recording) -> _Plan:
    """Raises `CannotBeMade` for a part that is not in the recording."""
    part = edit.part
    if part is not None:
        if part.start >= recording.seconds:
            raise CannotBeMade(Why(Reason.PART_BEYOND_END))
        part = replace(part, end=min(part.end, recording.seconds))
        if part.start <= NEAR_END and part.end >= recording.seconds - NEAR_END:
            part = None
    is_mono = recording.channels == 1
    edit = replace(
        edit,
        part=part,
        channel=None if is_mono else edit.channel,
        mono=edit.mono and edit.channel is None and not is_mono,
    )
    rate = rate_for(recording.sample_rate)
    first, last = _moments(part, rate) if part else (0, 0)
    return _Plan(
        edit,
        # Counted, as 13.3 s less 3.3 s are not quite 10.
        seconds=(last - first) / rate if part else recording.seconds,
        rate=rate,
        channels=1 if is_mono or edit.mono or edit.channel is not None else 2,
    )


def _moments(part: Span, rate: int) -> tuple[int, int]:
    """A part in samples."""
    return round(part.start * rate), round(part.end * rate)


def _refuse_length(recording: Recording, plan: _Plan, offer: CloneOffer) -> None:
    """Before anything is made: only another choice, or recording, mends a wrong length."""
    verdict = judge(replace(recording, seconds=plan.seconds), offer, 0)
    if verdict.fit is not Fit.REFUSE:
        return
    if plan.edit.part is None:
        raise CannotBeMade(verdict.why)
    who = maker(offer)
    if plan.seconds < offer.min_seconds:
        raise CannotBeMade(Why(Reason.PART_TOO_SHORT, who=who, bound=offer.min_seconds))
    raise CannotBeMade(Why(Reason.PART_TOO_LONG, who=who, bound=offer.max_seconds))


def _written(data: bytes, plan: _Plan, offer: CloneOffer, most: int) -> bytes:
    """Raises `UnreadableRecording` and `CannotBeMade`."""
    small = min(offer.direct_bytes, most)
    is_small = wav_bytes(plan.seconds, plan.rate, plan.channels) <= small
    if is_small and Form.WAV in offer.formats:
        return _encoded(data, plan, Form.WAV)
    bit_rate = bit_rate_for(plan.seconds, most)
    if plan.channels > 1 and bit_rate < LEAST_STEREO:
        plan = replace(plan, channels=1, edit=replace(plan.edit, mono=True))
    return _encoded(data, plan, Form.MP3, bit_rate)


def _encoded(data: bytes, plan: _Plan, form: Form, bit_rate: int = 0) -> bytes:
    target = io.BytesIO()
    cut = plan.edit.part
    with refusing(data):
        gain = 0.0
        if plan.edit.level:
            found = loudness(_sound(data, plan), plan.rate, plan.channels)
            gain = found.gain_to(SPEECH_LUFS)
        pieces = gained(_sound(data, plan), plan.rate, gain)
        if cut:
            pieces = faded(pieces, plan.rate)
        with writer(target, form, plan.rate, plan.channels, bit_rate) as write:
            for piece in pieces:
                write(piece)
    return target.getvalue()


def _sound(data: bytes, plan: _Plan) -> Iterator[Samples]:
    """The part of the recording with everything done to it but its level."""
    edit, rate = plan.edit, plan.rate
    start, end = _moments(edit.part, rate) if edit.part else (0, sys.maxsize)
    lead = min(start, round(SETTLING * rate))
    read = 2 if edit.mono or edit.channel is not None else plan.channels
    pieces = blocks(decoded(data, rate, read, start - lead, end), rate)
    if edit.channel is not None:
        pieces = picked(pieces, rate, edit.channel)
    elif edit.mono:
        pieces = mixed(pieces, rate)
    if edit.rumble:
        pieces = without_rumble(pieces, rate, plan.channels)
    return between(pieces, lead, sys.maxsize)
