"""The same sound in another kind of file, without loss.

Packets are copied where the coding may stay. Uncompressed sound, and what is compressed without
loss, becomes a WAV of the same samples.
"""

from __future__ import annotations

import io
from collections.abc import Container, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import cast

import av
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext

from lib.recordings.decoding import Decoding, damaged, opened
from lib.recordings.inspect import Recording, inspect
from lib.recordings.kinds import sniff
from lib.recordings.problems import UnreadableRecording
from lib.recordings.samples import WORK_SECONDS
from lib.recordings.wav_sizes import with_right_sizes
from lib.recordings.writing import BITEXACT

AGREEMENT = 0.02
"""Seconds by which two readings of one sound may differ: less than a frame of AAC (0.023). What
is lost with an edit list is more."""

_COPIED = {"aac": "m4a", "alac": "m4a", "opus": "ogg", "vorbis": "ogg", "mp3": "mp3"}
"""The kind of file that each coding usually comes in."""
_MUXERS = {"m4a": "ipod", "ogg": "ogg", "mp3": "mp3"}
_PCM = {"u8": "pcm_u8", "s16": "pcm_s16le", "s32": "pcm_s32le", "flt": "pcm_f32le",
        "dbl": "pcm_f64le"}  # fmt: skip
"""For each form of decoded samples the WAV that holds exactly these."""
_LOSSLESS = ("pcm_", "flac", "alac")


class _TooLarge(Exception):
    """The new file does not get as small as it has to be."""


class _Bounded(io.BytesIO):
    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, data: object, /) -> int:
        written = super().write(cast(bytes, data))
        if self.tell() > self._most:
            raise _TooLarge
        return written


def is_plain(data: bytes) -> bool:
    """False for what not every reader takes: a WAV whose sizes are wrong, or that is RF64, and
    frames of MP3 or AAC with zeros before them.
    """
    if data[:1] == b"\0" and sniff(data) in ("mp3", "aac"):
        return False
    return data[:4] != b"RF64" and with_right_sizes(data) is data


@dataclass(frozen=True)
class Rewrapped:
    """The new file, and what is in it."""

    data: bytes
    recording: Recording


def rewrapped(
    data: bytes, recording: Recording, formats: Container[str], most_bytes: int
) -> Rewrapped | None:
    """The same sound in a file of one of these formats.

    None where there is no such way, where it gets too large, or where the new file does not hold
    the whole of the sound.
    """
    kind = _COPIED.get(recording.codec, "")
    if kind in formats:
        made = _made(data, recording, most_bytes, kind)
        if made:
            return made
    if recording.codec.startswith(_LOSSLESS) and "wav" in formats:
        return _made(data, recording, most_bytes, "wav")
    return None


def _made(data: bytes, recording: Recording, most_bytes: int, kind: str) -> Rewrapped | None:
    target = _Bounded(most_bytes)
    try:
        with opened(data, sniff(data), seconds=WORK_SECONDS) as source:
            if kind == "wav":
                _write_wav(source, target)
            else:
                _copy(source, target, kind, sniff(data))
        made = target.getvalue()
        found = inspect(made)
    except (_TooLarge, UnreadableRecording, av.error.FFmpegError, KeyError, ValueError):
        return None
    is_whole = abs(found.seconds - recording.seconds) <= AGREEMENT and found.format == kind
    return Rewrapped(made, found) if is_whole and not found.truncated else None


def _copy(source: Decoding, target: io.BytesIO, kind: str, container: str) -> None:
    # An MP3 in an MP3 keeps the header that tells its padding; what had none gets none.
    header = {"write_xing": "1" if container == "mp3" else "0"} if kind == "mp3" else {}
    with av.open(target, "w", format=_MUXERS[kind], options=BITEXACT | header) as file:
        stream = file.add_stream_from_template(source.stream)
        for packet in _filtered(source, stream, container):
            packet.stream = stream
            file.mux(packet)


def _filtered(
    source: Decoding, stream: AudioStream, container: str
) -> Iterator[av.Packet[AudioStream]]:
    """The packets in the shape that the new file needs."""
    packets = _trimmed(source)
    if container != "aac":
        yield from packets
        return
    # Raw AAC says with each packet what an M4A says once, in its header.
    unpacked = BitStreamFilterContext("aac_adtstoasc", source.stream, stream)
    for packet in packets:
        yield from cast("list[av.Packet[AudioStream]]", unpacked.filter(packet))


def _trimmed(source: Decoding) -> Iterator[av.Packet[AudioStream]]:
    """The packets, with what is not to be heard at both ends told by their times.

    Files say it in side data of a packet (samples to skip at its start and its end, two numbers of
    32 bits: `AV_PKT_DATA_SKIP_SAMPLES` of libavcodec/packet.h); a writer goes by the times.
    """
    rate = source.stream.codec_context.sample_rate
    # WebM counts in milliseconds, and a frame of Opus begins between two of them.
    counted = source.stream.codec_context.codec.canonical_name == "opus"
    position: int | None = None
    shift = 0
    for packet in source.packets():
        if packet.dts is None or packet.pts is None:
            continue
        start, end = _skipped(packet)
        if counted:
            _count_in_samples(packet, rate)
        unit = 1 / (rate * packet.time_base)
        if position is None:
            position = -round(start * unit)
            shift = round(start * unit) if packet.pts >= 0 else 0
        packet.pts = packet.dts = position if counted else packet.pts - shift
        position += packet.duration or 0
        if end and packet.duration:
            packet.duration = max(packet.duration - round(end * unit), 0)
        yield packet


def _count_in_samples(packet: av.Packet[AudioStream], rate: int) -> None:
    length = round((packet.duration or 0) * packet.time_base * rate)
    packet.time_base = Fraction(1, rate)
    packet.duration = length


def _skipped(packet: av.Packet[AudioStream]) -> tuple[int, int]:
    """Samples that are not to be heard, at the start of a packet and at its end."""
    if not packet.has_sidedata("skip_samples"):
        return 0, 0
    found = bytes(packet.get_sidedata("skip_samples"))
    return int.from_bytes(found[:4], "little"), int.from_bytes(found[4:8], "little")


def _write_wav(source: Decoding, target: io.BytesIO) -> None:
    frames = source.frames()
    first = next(frames, None)
    if first is None:
        raise UnreadableRecording(damaged("wav"))
    form = first.format.packed.name
    name = source.stream.codec_context.codec.canonical_name
    # Sound of 24 bits is decoded to 32, of which FLAC and ALAC use the upper 24.
    is_24 = form == "s32" and name in ("pcm_s24le", "pcm_s24be", "flac", "alac")
    with av.open(target, "w", format="wav", options=BITEXACT) as file:
        codec = "pcm_s24le" if is_24 else _PCM[form]
        layout = first.layout.name
        added = file.add_stream(codec, rate=first.sample_rate, layout=layout)
        stream = cast(AudioStream, added)
        packed = av.AudioResampler(format=form, layout=layout, rate=first.sample_rate)
        for frame in chain([first], frames):
            frame.pts = None
            for made in packed.resample(frame):
                file.mux(stream.encode(made))
        file.mux(stream.encode(None))
