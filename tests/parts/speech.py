"""Recordings in which somebody speaks, as an order for a clone asks for."""

from __future__ import annotations

import io
import wave
from functools import cache

import numpy as np
import numpy.typing as npt

from lib.demo.speech import speak

TEXT = (
    "I have lived by the sea for most of my life. In the morning the gulls wake me, and I walk "
    "down to the harbour to see which of the boats are back. Nobody hurries there, not "
    "even in summer."
)


@cache
def spoken(seconds: float = 12.0, *, seed: int = 0) -> bytes:
    """A WAV, 16-bit mono; another seed is another recording of the same person."""
    samples, rate = _said()
    found = np.resize(np.roll(samples, -seed * 101), int(seconds * rate))
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(found.tobytes())
    return target.getvalue()


@cache
def _said() -> tuple[npt.NDArray[np.int16], int]:
    with wave.open(io.BytesIO(speak(TEXT, b"\x01\x20\x10\x05")), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples, file.getframerate()
