"""What is in a recording: format, codec, length, loudest moment. All of it is decoded once.

Headers lie, and so do packets (encrypted ones have a length, too), so the length is what comes
out of the decoder, without the padding that encoders add and mark as such. Five minutes take
about as long as ffmpeg's own decoding, 0.05 to 0.6 s; everything is bounded in bytes read, packets,
seconds of sound and seconds of work.
"""

from __future__ import annotations

import io
import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np

from lib.recordings.kinds import FORMATS, demuxer_of, format_of, sniff, sound_start
from lib.recordings.kinds import UnreadableRecording as UnreadableRecording

MAX_BYTES = 256 * 1024 * 1024
MAX_WORK_SECONDS = 30.0
MAX_PACKETS = 2_000_000
"""An hour of the shortest Opus frames (2.5 ms) has 1.44 million."""
MAX_REREADS = 8
"""How many times over the decoder may read the whole file; interleaved files need a few."""
MAX_CHANNELS = 6
"""From eight planar channels on, PyAV 18.1 looks for the end of a frame's planes behind their
list (`AudioFrame.planes`) and crashes the process; damaged AAC frames claim up to 64 channels."""
SILENCE = 0.001
"""Peak below which nobody would hear anything: -60 dB. The quietest good sample has 0.0056."""

_CODECS = (
    "mp3float,mp3,mp2float,mp2,mp1float,mp1,aac,alac,flac,vorbis,opus,libopus,amrnb,amrwb,"
    "libopencore_amrnb,libopencore_amrwb,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,gsm_ms,"
    "pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,"
    "pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw"
)
"""The decoders that may run; pictures and films inside a file are never decoded."""
_STATES_LENGTH = ("m4a", "webm", "flac")
_PICTURES = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails


@dataclass(frozen=True)
class Recording:
    """What was found. `format` is a key of `kinds.FORMATS`, `codec` libav's name of the coding.

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
    """What the decoder gave so far, frames good and bad. Samples are counted whole: 10 s are 10."""

    samples: Counter[int] = field(default_factory=Counter)
    peak: float = 0.0
    decoded: int = 0
    damaged: int = 0
    cut: bool = False

    @property
    def seconds(self) -> float:
        return sum(count / rate for rate, count in self.samples.items())

    def add(self, frame: Any) -> None:
        if frame.layout.nb_channels > MAX_CHANNELS:
            self.damaged += 1
        elif frame.samples > 0 and frame.sample_rate > 0:
            self.decoded += 1
            self.samples[frame.sample_rate] += frame.samples
            self.peak = max(self.peak, _peak(frame.to_ndarray()))


class _BoundedFile(io.BytesIO):
    """The recording for the decoder, which may neither read for ever nor too long."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._budget = MAX_REREADS * len(data) + 1024 * 1024
        self._deadline = time.monotonic() + MAX_WORK_SECONDS

    def read(self, size: int | None = -1, /) -> bytes:
        self.check_time()
        chunk = super().read(size)
        self._budget -= max(len(chunk), 1)
        if self._budget < 0:
            raise UnreadableRecording(_TOO_MUCH_WORK)
        return chunk

    def check_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise UnreadableRecording(_TOO_MUCH_WORK)


_TOO_MUCH_WORK = "This file takes too long to read; it may be damaged. Save it again as MP3 or WAV."


def inspect(data: bytes, *, max_seconds: float = 3600) -> Recording:
    """Read a recording whole. Raises UnreadableRecording with the reason, and nothing else.

    Recordings longer than `max_seconds` are not read to their end but refused.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableRecording("This file is too large to be read here. Cut it first.")
    container = sniff(data)
    if container == "m4a" and all(box in data for box in (b"enca", b"sinf", b"schm")):
        raise UnreadableRecording(
            "This file is encrypted (copy protection), so nobody else can hear it. "
            "Choose a recording without protection."
        )
    try:
        return _read(data, container, max_seconds)
    except UnreadableRecording:
        raise
    except Exception as exc:  # a stranger's bytes: whatever the decoder makes of them
        raise UnreadableRecording(_damaged(container)) from exc


def _read(data: bytes, container: str, max_seconds: float) -> Recording:
    source = _BoundedFile(data)
    demuxer = demuxer_of(container)
    bounds = {
        "codec_whitelist": _CODECS,
        "format_whitelist": demuxer,
        "protocol_whitelist": "none",
    }
    with av.open(source, mode="r", format=demuxer, options=bounds) as file:
        if not file.streams.audio:
            raise UnreadableRecording("There is no sound in this file. Choose another one.")
        stream = file.streams.audio[0]
        _refuse_unusual(stream, container)
        sound = _listen(file, stream, source, max_seconds)
        _refuse_nothing(sound, container)
        has_video = any(not item.disposition & _PICTURES for item in file.streams.video)
        codec = stream.codec_context.codec.canonical_name
        name = format_of(container, codec, has_video=has_video, data=data)
        return Recording(
            format=name,
            codec=codec,
            sample_rate=stream.codec_context.sample_rate,
            channels=stream.codec_context.channels,
            seconds=sound.seconds,
            peak=sound.peak,
            truncated=_is_truncated(data, container, sound, _stated_seconds(file, stream)),
            has_video=has_video,
            media_type=FORMATS[name].media_type,
            extension=FORMATS[name].extension,
        )


def _refuse_unusual(stream: Any, container: str) -> None:
    """Before the first packet is decoded."""
    if stream.codec_context.codec.name not in _CODECS.split(","):
        raise UnreadableRecording(_damaged(container))
    if stream.codec_context.channels > MAX_CHANNELS:
        raise UnreadableRecording(
            f"This recording has more than {MAX_CHANNELS} channels. Save it in mono or stereo."
        )


def _listen(file: Any, stream: Any, source: _BoundedFile, max_seconds: float) -> _Sound:
    sound = _Sound()
    for number, packet in enumerate(_packets(file, stream, sound)):
        source.check_time()
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            sound.damaged += 1
            continue
        for frame in frames:
            sound.add(frame)
        if number > MAX_PACKETS:
            raise UnreadableRecording(_TOO_MUCH_WORK)
        if sound.seconds > max_seconds:
            raise UnreadableRecording(
                f"This recording is too long to be read here (over {max_seconds / 60:g} minutes). "
                "Cut it first."
            )
    return sound


def _packets(file: Any, stream: Any, sound: _Sound) -> Iterator[Any]:
    try:
        yield from file.demux(stream)
    except av.error.FFmpegError:  # the end is missing: what came before still counts
        sound.cut = True


def _refuse_nothing(sound: _Sound, container: str) -> None:
    if sound.damaged > sound.decoded:
        raise UnreadableRecording(_damaged(container))
    if sound.seconds <= 0:
        raise UnreadableRecording(
            "There is no sound behind the header of this file. It may be damaged or a download "
            "that was cut off: fetch it again."
        )


def _stated_seconds(file: Any, stream: Any) -> float:
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    return file.duration / 1_000_000 if file.duration is not None else 0.0


def _is_truncated(data: bytes, container: str, sound: _Sound, stated: float) -> bool:
    """Only lengths that a header states are compared; AAC's and many MP3s' are a guess."""
    if sound.cut or sound.damaged:
        return True
    if container == "wav" and data[:4] == b"RIFF":
        riff_size = int.from_bytes(data[4:8], "little")
        return len(data) < riff_size + 8 < 0x7FFF_0000  # streams write the largest number
    start = sound_start(data)
    tagged = any(tag in data[start : start + 2048] for tag in (b"Xing", b"Info", b"VBRI"))
    if container in _STATES_LENGTH or (container == "mp3" and tagged):
        return stated > sound.seconds * 1.05 + 1
    return False


def _peak(samples: np.ndarray[Any, Any]) -> float:
    """The loudest sample as a share of full scale; samples that are no numbers count as none."""
    middle, full = 0.0, 1.0
    if samples.dtype.kind in "iu":
        limits = np.iinfo(samples.dtype)
        middle = (limits.max + 1 + limits.min) / 2
        full = (limits.max + 1 - limits.min) / 2
    loudest = max(float(samples.max()) - middle, middle - float(samples.min())) / full
    return 0.0 if math.isnan(loudest) else min(loudest, 1.0)


def _damaged(container: str) -> str:
    return (
        f"This looks like {FORMATS[container].title}, but it is damaged, incomplete or of an "
        "unusual kind, and its sound cannot be read. Save it again as MP3, M4A or WAV."
    )
