"""What is in a recording: format, codec, length, loudest moment. All of it is decoded once.

Headers lie, and so do packets (encrypted ones have a length, too), so the length is what comes
out of the decoder, without the padding that encoders add and mark as such. Five minutes take
about as long as ffmpeg's own decoding, 0.05 to 0.6 s; everything is bounded in bytes read, packets,
seconds of sound and seconds of work.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream
from av.container import InputContainer

from lib.recordings.decoding import Decoding, damaged, opened
from lib.recordings.formats import FORMATS
from lib.recordings.kinds import format_of, sniff, sound_start, zeros_before
from lib.recordings.problems import UnreadableRecording
from lib.recordings.reasons import Reason, Why
from lib.recordings.wav_sizes import missing_bytes

MAX_BYTES = 256 * 1024 * 1024
MAX_SECONDS = 3600.0
"""Of sound: longer recordings are not read to their end but refused."""
SILENCE = 0.001
"""Peak below which nobody would hear anything: -60 dB. The quietest good sample has 0.0056."""

_TOGETHER = 16_384
"""Samples of each channel whose loudest is looked for at once; more do not stay in fast memory."""
_TYPES = {
    form + planar: np.dtype(name)
    for form, name in {"u8": "u1", "s16": "i2", "s32": "i4", "flt": "f4", "dbl": "f8"}.items()
    for planar in ("", "p")
}
"""What numpy calls libav's forms of samples; `p` behind one means a row for each channel."""
TOO_LARGE = Why(Reason.TOO_LARGE_TO_READ)
TOO_LONG = Why(Reason.TOO_LONG_TO_READ, bound=MAX_SECONDS)
_STATES_LENGTH = ("m4a", "webm", "flac")
_PICTURES = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails


@dataclass(frozen=True)
class Recording:
    """What was found. `format` is a key of `formats.FORMATS`, `codec` libav's name of the coding.

    `sample_rate` is in Hz, `seconds` what can be heard, `peak` the loudest sample (0 to 1).
    `truncated`: the file ends before it says, or parts of it could not be decoded.
    """

    format: str
    codec: str
    sample_rate: int
    channels: int
    seconds: float
    peak: float
    truncated: bool
    has_video: bool
    media_type: str
    extension: str

    @property
    def silent(self) -> bool:
        """Whether there is nothing to hear at all. Noise without speech is not noticed."""
        return self.peak < SILENCE


@dataclass
class _Sound:
    """What the decoder gave so far. Samples are counted whole: 10 s are 10.

    How loud they are is looked up for many frames at once, which takes a fifth of the time.
    """

    samples: Counter[int] = field(default_factory=Counter)
    peak: float = 0.0
    _frames: list[av.AudioFrame] = field(default_factory=list)
    _waiting: int = 0

    @property
    def seconds(self) -> float:
        return sum(count / rate for rate, count in self.samples.items())

    def add(self, frame: av.AudioFrame) -> bool:
        """Whether it is time to look at the length."""
        self.samples[frame.sample_rate] += frame.samples
        self._frames.append(frame)
        self._waiting += frame.samples
        if self._waiting < _TOGETHER:
            return False
        self.look()
        return True

    def look(self) -> None:
        """Take note of the loudest sample of the frames that wait."""
        by_form: dict[str, list[npt.NDArray[np.number[Any]]]] = {}
        for frame in self._frames:
            form = frame.format.name
            by_form.setdefault(form, []).extend(_planes(frame, form))
        for planes in by_form.values():
            self.peak = max(self.peak, _peak(np.concatenate(planes)))
        self._frames.clear()
        self._waiting = 0


def inspect(data: bytes) -> Recording:
    """Read a recording whole. Raises `UnreadableRecording` with the reason, and nothing else."""
    if len(data) > MAX_BYTES:
        raise UnreadableRecording(TOO_LARGE)
    container = sniff(data)
    if container == "m4a" and all(box in data for box in (b"enca", b"sinf", b"schm")):
        raise UnreadableRecording(Why(Reason.PROTECTED))
    try:
        return _read(data, container)
    except UnreadableRecording:
        raise
    except Exception as exc:  # a stranger's bytes: whatever the decoder makes of them
        raise UnreadableRecording(damaged(container)) from exc


def _read(data: bytes, container: str) -> Recording:
    with opened(data, container) as decoding:
        sound = _listen(decoding)
        _refuse_nothing(decoding, sound, container)
        file, context = decoding.file, decoding.stream.codec_context
        has_video = any(not item.disposition & _PICTURES for item in file.streams.video)
        name = format_of(container, context.codec.canonical_name, has_video=has_video, data=data)
        return Recording(
            format=name,
            codec=context.codec.canonical_name,
            sample_rate=context.sample_rate,
            channels=context.channels,
            seconds=sound.seconds,
            peak=sound.peak,
            truncated=_is_truncated(data, container, decoding, sound),
            has_video=has_video,
            media_type=FORMATS[name].media_type,
            extension=FORMATS[name].extension,
        )


def _listen(decoding: Decoding) -> _Sound:
    sound = _Sound()
    for frame in decoding.frames():
        if sound.add(frame) and sound.seconds > MAX_SECONDS:
            raise UnreadableRecording(TOO_LONG)
    sound.look()
    if sound.seconds > MAX_SECONDS:
        raise UnreadableRecording(TOO_LONG)
    return sound


def _refuse_nothing(decoding: Decoding, sound: _Sound, container: str) -> None:
    if decoding.damaged > decoding.decoded:
        raise UnreadableRecording(damaged(container))
    if sound.seconds <= 0:
        raise UnreadableRecording(Why(Reason.HEADER_ONLY))


def _stated_seconds(file: InputContainer, stream: AudioStream) -> float:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return file.duration / 1_000_000 if file.duration is not None else 0.0


def _is_truncated(data: bytes, container: str, decoding: Decoding, sound: _Sound) -> bool:
    """Only lengths that a header states are compared; AAC's and many MP3s' are a guess."""
    if decoding.cut or decoding.damaged:
        return True
    if container == "wav":
        return missing_bytes(data) > 0
    start = sound_start(data) or zeros_before(data)
    tagged = any(tag in data[start : start + 2048] for tag in (b"Xing", b"Info", b"VBRI"))
    if container in _STATES_LENGTH or (container == "mp3" and tagged):
        stated = _stated_seconds(decoding.file, decoding.stream)
        return stated > sound.seconds * 1.05 + 1
    return False


def _planes(frame: av.AudioFrame, form: str) -> Iterator[npt.NDArray[np.number[Any]]]:
    """The samples of a frame, channel after channel or mixed, without copying them."""
    count = frame.samples if form.endswith("p") else frame.samples * frame.layout.nb_channels
    for plane in frame.planes:
        yield np.frombuffer(cast(memoryview, plane), _TYPES[form], count)


def _peak(samples: npt.NDArray[np.number[Any]]) -> float:
    """The loudest sample as a share of full scale; samples that are no numbers count as none."""
    middle, full = 0.0, 1.0
    if samples.dtype.kind in "iu":
        limits = np.iinfo(samples.dtype.name)
        middle = (limits.max + 1 + limits.min) / 2
        full = (limits.max + 1 - limits.min) / 2
    highest, lowest = float(np.max(samples)), float(np.min(samples))
    if math.isnan(highest):
        numbers = samples[samples == samples]  # what is no number is not even itself
        if not numbers.size:
            return 0.0
        highest, lowest = float(np.max(numbers)), float(np.min(numbers))
    return min(max(highest - middle, middle - lowest) / full, 1.0)
