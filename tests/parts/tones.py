"""Sounds and films made anew: a tone in any kind of file that can be written here."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping
from itertools import chain
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream


def wav(seconds: float, *, rate: int = 16000, channels: int = 1, level: int = 8000) -> bytes:
    """A tone as a WAV file."""
    times = np.arange(int(seconds * rate)) / rate
    tone = (np.sin(times * 2 * np.pi * 220) * level).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((channels, 2, rate, 0, "NONE", ""))
        out.writeframes(np.repeat(tone, channels).tobytes())
    return file.getvalue()


def encoded(
    container: str,
    codec: str,
    *,
    seconds: float = 1.0,
    rate: int = 48_000,
    layout: str = "mono",
    options: Mapping[str, str] | None = None,
) -> bytes:
    """A tone in another format; `options` are those of libav's writer of that kind of file."""
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=dict(options or {})) as out:
        stream = cast(AudioStream, out.add_stream(codec, rate=rate))
        stream.layout = layout
        for packet in _tone(stream, seconds):
            out.mux(packet)
    return file.getvalue()


def film(
    container: str = "mp4",
    *,
    seconds: float = 2.0,
    picture: str = "mpeg4",
    sound: str = "aac",
    apart: bool = False,
) -> bytes:
    """A tone with moving pictures, of few bits. `apart`: all pictures lie before all sound."""
    file = io.BytesIO()
    # Otherwise libav puts packets of one time beside each other, whatever their order.
    options = {"max_interleave_delta": "1"} if apart else {}
    with av.open(file, "w", format=container, options=options) as out:
        pictures = cast(VideoStream, out.add_stream(picture, rate=10))
        pictures.width, pictures.height, pictures.pix_fmt = 32, 32, "yuv420p"
        stream = cast(AudioStream, out.add_stream(sound, rate=16_000, layout="mono"))
        stream.bit_rate = 16_000
        shown = []
        for number in range(round(seconds * 10)):
            frame = av.VideoFrame(32, 32, "yuv420p")
            frame.pts = number
            shown += pictures.encode(frame)
        shown += pictures.encode(None)
        for packet in chain(shown, _tone(stream, seconds)):
            out.mux(packet)
    return file.getvalue()


def _tone(stream: AudioStream, seconds: float) -> list[av.Packet[AudioStream]]:
    rate, layout = stream.codec_context.sample_rate, stream.layout.name
    resampler = av.AudioResampler(stream.codec_context.format.name, layout, rate)
    tone = np.sin(np.arange(round(seconds * rate)) / 35).astype("f4")
    packed = np.repeat(tone, stream.layout.nb_channels).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
    frame.sample_rate, frame.pts = rate, 0
    parts = [*resampler.resample(frame), *resampler.resample(None), None]
    return [packet for part in parts for packet in stream.encode(part)]
