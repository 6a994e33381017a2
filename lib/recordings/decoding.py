"""The one place where sounds are decoded: a stranger's bytes in, frames that may be touched out.

Everything is bounded: bytes read, packets, seconds of work, the memory that tables claim
(`mp4_tables`) and what pictures take; and a frame with many channels is never handed out, as
looking at it may end the process.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream
from av.container import InputContainer

from lib.recordings import mp4_tables
from lib.recordings.kinds import demuxer_of, sniff, zeros_before
from lib.recordings.problems import UnreadableRecording
from lib.recordings.reasons import Reason, Why

MAX_WORK_SECONDS = 30.0
MAX_PACKETS = 2_000_000
"""An hour of the shortest Opus frames (2.5 ms) has 1.44 million."""
MAX_DAMAGED = 5_000
MAX_DAMAGED_SHARE = 20
"""Packets that cannot be decoded, in all and for each good frame: what follows is not read. A small
AMR may hold millions of them."""
MAX_REREADS = 8
"""How many times over the decoder may read the whole file; interleaved files need a few."""
MIN_BUDGET = 1024 * 1024 * 1024
"""Bytes that may be read of any file, in half a second. Where sound and film lie apart, libav
reads 32 KB anew for each of their packets, which together may be much more than a small file."""
MAX_AT_ONCE = 32_000_000
"""Bytes of one packet: libav copies it, whatever its header says of its size. A picture of the
largest films has a few million."""
MAX_OPENING = 24_000_000
"""Bytes that opening a file may take: what libav reads there are texts and pictures, of which it
keeps copies, and the beginning of the sound."""
_PIECE = 32_768
"""Bytes that PyAV reads at once, unless libav asks for more: pictures are read whole."""
_WEIGHTS = {"webm": 6}
"""How much a byte counts that was not read as a part of something whole: libav keeps up to thirty
times as much of the small records of a WebM."""
_PROBED = {"webm": {"probesize": "1000000"}}
"""A film whose pictures are not decoded would be read for 5 MB; its header says it all."""
MAX_CHANNELS = 6
"""From eight planar channels on, PyAV 18.1 looks for the end of a frame's planes behind their
list (`AudioFrame.planes`) and crashes the process; damaged AAC frames claim up to 64 channels."""

_CODECS = (
    "mp3float,mp3,mp2float,mp2,mp1float,mp1,aac,alac,flac,vorbis,opus,libopus,amrnb,amrwb,"
    "libopencore_amrnb,libopencore_amrwb,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,gsm_ms,"
    "pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,"
    "pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw"
)
"""The decoders that may run; pictures and films inside a file are never decoded."""
_TOO_MANY_EXTRAS = Why(Reason.LARGE_EXTRAS, bound=mp4_tables.MAX_EXTRAS_BYTES)
_TOO_MUCH_WORK = Why(Reason.TOO_MUCH_WORK)


class Decoding:
    """The first sound of an open file. `frames` gives its good frames once, and counts all.

    `cut`: the file ends before its last packet does.
    """

    def __init__(self, file: InputContainer, source: BoundedFile) -> None:
        self.file = file
        self.stream = file.streams.audio[0]
        self.decoded = 0
        self.damaged = 0
        self.cut = False
        self._source = source

    def frames(self) -> Iterator[av.AudioFrame]:
        """Frames of `MAX_CHANNELS` at most. Raises `UnreadableRecording` for endless work.

        The last one ends where the file says that the sound ends, without what the encoder added
        to fill its last packet.
        """
        last: av.AudioFrame | None = None
        for frame in self._decoded():
            if last is not None:
                yield last
            last = frame
        if last is not None:
            yield self._without_padding(last)

    def packets(self) -> Iterator[av.Packet[AudioStream]]:
        """What is in the file, undecoded. Raises `UnreadableRecording` for endless work."""
        try:
            for number, packet in enumerate(self.file.demux(self.stream)):
                self._source.check_time()
                yield packet
                if number > MAX_PACKETS:
                    raise UnreadableRecording(_TOO_MUCH_WORK)
        except av.error.FFmpegError:  # the end is missing: what came before still counts
            self.cut = True

    def _decoded(self) -> Iterator[av.AudioFrame]:
        for packet in self.packets():
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                self.damaged += 1
                if self.damaged > max(MAX_DAMAGED, MAX_DAMAGED_SHARE * self.decoded):
                    return
                continue
            for frame in frames:
                if frame.layout.nb_channels > MAX_CHANNELS:
                    self.damaged += 1
                elif frame.samples > 0 and frame.sample_rate > 0:
                    self.decoded += 1
                    yield frame

    def _without_padding(self, last: av.AudioFrame) -> av.AudioFrame:
        """The last frame of an MP4 cut where its edit list ends.

        libav leaves out the packets that lie outside and what comes before the beginning, but
        gives all of the last packet. A header that says much less is a lie, and counts for nothing.
        """
        stream = self.stream
        is_mp4 = self.file.format.name == demuxer_of("m4a")
        if not is_mp4 or stream.duration is None or stream.time_base is None or last.time is None:
            return last
        end = float(stream.duration * stream.time_base)
        heard = round((end - last.time) * last.sample_rate)
        return _shortened(last, heard) if 0 < heard < last.samples else last


class BoundedFile(io.BytesIO):
    """The recording for the decoder, which may neither read for ever nor too long.

    `start`: where the file begins for the decoder. The bytes are not copied. `opening`: how many
    bytes may still be read while the file is opened, None where that is not bounded; bytes read
    in pieces count `weight` times.
    """

    def __init__(self, data: bytes, seconds: float | None = None, *, start: int = 0) -> None:
        super().__init__(data)
        self._start, self._size = start, len(data)
        super().seek(start)
        self._budget = max(MAX_REREADS * len(data), MIN_BUDGET)
        self.opening: int | None = None
        self.weight = 1
        self._is_refused = False
        self._deadline = time.monotonic() + (MAX_WORK_SECONDS if seconds is None else seconds)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        beyond = self._start if whence == io.SEEK_SET else 0
        return super().seek(offset + beyond, whence) - self._start

    def tell(self) -> int:
        return super().tell() - self._start

    def read(self, size: int | None = -1, /) -> bytes:
        if self._is_refused:  # libav reads on, and whatever is raised then is only printed
            return b""
        try:
            return self._read(size)
        except UnreadableRecording:
            self._is_refused = True
            raise

    def _read(self, size: int | None) -> bytes:
        self.check_time()
        wanted = self._size if size is None or size < 0 else size
        if self.opening is not None:
            self.opening -= wanted * (self.weight if wanted <= _PIECE else 1)
            if self.opening < 0:
                raise UnreadableRecording(_TOO_MANY_EXTRAS)
        if wanted > MAX_AT_ONCE:
            raise UnreadableRecording(_TOO_MUCH_WORK)
        chunk = super().read(size)
        self._budget -= max(len(chunk), 1)  # an empty read counts, or reading on never ends
        if self._budget < 0:
            raise UnreadableRecording(_TOO_MUCH_WORK)
        return chunk

    def check_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise UnreadableRecording(_TOO_MUCH_WORK)


@contextmanager
def opened(data: bytes, container: str, *, seconds: float | None = None) -> Iterator[Decoding]:
    """A file of this container (see `kinds.sniff`), ready to be decoded.

    `seconds` of work, `MAX_WORK_SECONDS` by itself: more where something is done with each frame.
    Raises `UnreadableRecording`, and whatever the decoder makes of damaged bytes.
    """
    # Behind zeros libav would miss the header of an MP3, which tells what its encoder added.
    start = zeros_before(data) if container in ("mp3", "aac") else 0
    source = BoundedFile(data, seconds, start=start)
    demuxer = demuxer_of(container)
    bounds = {
        "codec_whitelist": _CODECS,
        "format_whitelist": demuxer,
        "protocol_whitelist": "none",
    } | _PROBED.get(container, {})
    if container == "m4a":
        _refuse_absurd(data)
    else:
        source.opening, source.weight = MAX_OPENING, _WEIGHTS.get(container, 1)
    with av.open(source, mode="r", format=demuxer, options=bounds) as file:
        source.opening = None
        if not file.streams.audio:
            raise UnreadableRecording(Why(Reason.NO_SOUND))
        decoding = Decoding(file, source)
        _refuse_unusual(decoding.stream, container)
        yield decoding


def _shortened(frame: av.AudioFrame, samples: int) -> av.AudioFrame:
    """The first samples of a frame."""
    values = frame.to_ndarray()
    width = samples if frame.format.is_planar else samples * frame.layout.nb_channels
    few = cast("npt.NDArray[np.float32]", np.ascontiguousarray(values[:, :width]))
    short = av.AudioFrame.from_ndarray(few, frame.format.name, frame.layout.name)
    short.sample_rate, short.pts, short.time_base = frame.sample_rate, frame.pts, frame.time_base
    return short


def damaged(container: str) -> Why:
    """Of a file whose sound cannot be read."""
    return Why(Reason.DAMAGED, form=container)


@contextmanager
def refusing(data: bytes) -> Iterator[None]:
    """Whatever the decoder makes of this sound in here, it is a refusal with its reason."""
    try:
        yield
    except UnreadableRecording:
        raise
    except (av.error.FFmpegError, ValueError) as exc:
        raise UnreadableRecording(damaged(sniff(data))) from exc


def _refuse_absurd(data: bytes) -> None:
    """Before libav reserves what the tables of an MP4 claim."""
    try:
        mp4_tables.check(data)
    except mp4_tables.TooManyExtras as exc:
        raise UnreadableRecording(_TOO_MANY_EXTRAS) from exc
    except mp4_tables.Absurd as exc:
        raise UnreadableRecording(damaged("m4a")) from exc


def _refuse_unusual(stream: AudioStream, container: str) -> None:
    """Before the first packet is decoded."""
    if stream.codec_context.codec.name not in _CODECS.split(","):
        raise UnreadableRecording(damaged(container))
    if stream.codec_context.channels > MAX_CHANNELS:
        raise UnreadableRecording(Why(Reason.MANY_CHANNELS, bound=MAX_CHANNELS))
