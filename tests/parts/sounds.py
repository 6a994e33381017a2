"""Sounds for tests to listen to: speech that nobody recorded, noise, and what spoils them.

A sound is a row of samples per channel, or one row, -1 to 1, at `RATE`.
"""

from __future__ import annotations

import io
import wave
from functools import cache
from typing import Any, TypeAlias

import av
import numpy as np
import numpy.typing as npt

from lib.demo.speech import speak

RATE = 22_050
Sound: TypeAlias = npt.NDArray[np.float64]

_TEXT = (
    "The train to the coast leaves at nine. Nobody was waiting on the platform this morning. "
    "A small dog slept beside the ticket office. Some children were counting the wagons."
)


@cache
def _spoken(speaker: bytes) -> Sound:
    with wave.open(io.BytesIO(speak(_TEXT, speaker))) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_768
    return sound / np.abs(sound).max() * 0.5


def speech(seconds: float, *, speaker: bytes = bytes(32)) -> Sound:
    """Somebody who reads, half of full scale at most, with pauses between the sentences."""
    said = np.concatenate((silence(0.4), _spoken(speaker)))
    return np.resize(said, round(seconds * RATE))


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE))


def noise(seconds: float, level: float) -> Sound:
    """White noise; `level` is its mean, in dB of full scale."""
    drawn = np.random.default_rng(1).standard_normal(round(seconds * RATE))
    return drawn * 10 ** (level / 20)


def tone(seconds: float, hertz: float, level: float = 0.1) -> Sound:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE) * level


def low_passed(sound: Sound, hertz: float) -> Sound:
    """Nothing is left above that frequency."""
    lines = np.fft.rfft(sound)
    lines[np.fft.rfftfreq(len(sound), 1 / RATE) > hertz] = 0
    return np.fft.irfft(lines, len(sound))


def wav(sound: Sound, *, rate: int = RATE) -> bytes:
    """16 bits; what is over full scale is cut off."""
    channels = np.atleast_2d(sound)
    samples = np.clip(np.round(channels * 32_768), -32_768, 32_767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((len(channels), 2, rate, 0, "NONE", ""))
        file.writeframes(samples.T.tobytes())
    return out.getvalue()


def encoded(sound: Sound, container: str, codec: str, *, rate: int = RATE) -> bytes:
    """One channel in another format, resampled where `rate` is another one."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream: Any = file.add_stream(codec, rate=rate, layout="mono")
        sample_format = stream.codec_context.format.name
        resampler = av.AudioResampler(format=sample_format, layout="mono", rate=rate)
        for start in range(0, len(sound), RATE):
            part = np.ascontiguousarray(sound[start : start + RATE], "f4").reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, format="flt", layout="mono")
            frame.sample_rate = RATE
            frame.pts = start
            for made in resampler.resample(frame):
                file.mux(stream.encode(made))
        for made in [*resampler.resample(None), None]:
            file.mux(stream.encode(made))
    return out.getvalue()
