"""A program of its own: an order as JSON on stdin, a spoken WAV on stdout.

espeak-ng is under the GPL and keeps global state, so it is loaded in this process only, never in
the one that asks. `speech.py` starts it. Constants are those of espeak-ng's `speak_lib.h`.
"""

from __future__ import annotations

import ctypes
import io
import json
import sys
import wave
from typing import Any

import espeakng_loader

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples go to the callback, calls wait
_CHARS_UTF8 = 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_OK = 0

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def synthesize(order: dict[str, Any]) -> tuple[int, bytes]:
    """Sample rate and 16-bit mono samples of the order's text; RuntimeError when it cannot."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data_path = espeakng_loader.get_data_path().encode()
    sample_rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data_path, 0)
    if sample_rate <= 0:
        raise RuntimeError("espeak-ng did not start")
    samples = bytearray()

    def collect(block: Any, count: int, _events: Any) -> int:
        if block and count > 0:
            samples.extend(ctypes.string_at(block, count * ctypes.sizeof(ctypes.c_short)))
        return 0

    callback = _Callback(collect)  # a name of its own: it must outlive the calls below
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(order["voice"].encode()) != _OK:
        raise RuntimeError("espeak-ng does not know the voice")
    for parameter, name in ((_RATE, "rate"), (_PITCH, "pitch"), (_RANGE, "range")):
        library.espeak_SetParameter(parameter, int(order[name]), 0)
    text = order["text"].encode()
    size = ctypes.c_size_t(len(text) + 1)
    status = library.espeak_Synth(text, size, 0, 1, 0, _CHARS_UTF8, None, None)
    if status != _OK or library.espeak_Synchronize() != _OK:
        raise RuntimeError("espeak-ng did not finish")
    return sample_rate, bytes(samples)


def main() -> None:
    """Speak the one order on stdin."""
    sample_rate, samples = synthesize(json.load(sys.stdin))
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(sample_rate)
        sound.writeframes(samples)
        shortest = sample_rate // 4  # a text of dots has no sound; a file still has a length
        sound.writeframes(bytes(2 * max(0, shortest - len(samples) // 2)))
    sys.stdout.buffer.write(out.getvalue())


if __name__ == "__main__":
    main()
