"""Sounds put together to one, or made another kind of file: WAV or MP3, a part in memory at a time.

Nothing is trimmed and no level is changed. At each seam both sides are faded for some
milliseconds, so that nothing clicks, with the pause of an ordinary full stop between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import BinaryIO

import av
import numpy as np

from lib.recordings.decoding import damaged, opened
from lib.recordings.kinds import UnreadableRecording, sniff
from lib.recordings.samples import decoded, faded
from lib.recordings.writing import BIT_RATES, Form, Write, rate_for, writer

PAUSE = 0.25
"""Seconds of silence between two parts."""


def join(
    parts: Iterable[bytes], target: BinaryIO, form: Form, *, bit_rate: int = BIT_RATES[0]
) -> float:
    """Write the parts one after another as one file; returns its length in seconds.

    Rate and channels (two at most) are those of the first part. Raises `UnreadableRecording`,
    and ValueError where there are no parts.
    """
    moments = rate = 0
    write: Write | None = None
    with ExitStack() as open_file:
        for number, part in enumerate(parts):
            container = sniff(part)
            try:
                if write is None:
                    rate, channels = _shape(part, container)
                    write = open_file.enter_context(writer(target, form, rate, channels, bit_rate))
                if number:
                    silence = np.zeros((round(PAUSE * rate), channels), np.int16)
                    write(silence)
                    moments += len(silence)
                for samples in faded(decoded(part, rate, channels), rate):
                    write(samples)
                    moments += len(samples)
            except UnreadableRecording:
                raise
            except (av.error.FFmpegError, ValueError) as exc:
                raise UnreadableRecording(damaged(container)) from exc
    if write is None:
        raise ValueError("nothing to join")
    return moments / rate


def _shape(data: bytes, container: str) -> tuple[int, int]:
    """The rate, as an MP3 may have it, and one or two channels."""
    with opened(data, container) as decoding:
        context = decoding.stream.codec_context
        return rate_for(context.sample_rate), min(max(context.channels, 1), 2)
