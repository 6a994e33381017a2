"""Calls at Kyma's side of a demo, and compressed recordings to send."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import av
import numpy as np

from tests.demo.caller import BOUNDARY, Caller, Reply, recording

CLONE, DESIGN, SPEECH = "/audio/voice-clone", "/audio/voice-design", "/audio/speech"
HD = "minimax-speech-hd"
OLD_LADY: dict[str, Any] = {
    "description": "An old lady who reads fairy tales.",
    "gender": "female",
    "age_group": "elderly",
}


def at_kyma(caller: Caller, key: str = "a-key") -> Caller:
    """A caller of the same demo at `/v1`."""
    return replace(caller, base=caller.base.removesuffix("/api") + "/v1", key=key)


def clone(kyma: Caller, audio: bytes | None = None, file: str = "a.wav", **fields: str) -> Reply:
    """Sends a recording; one of the demo's own when none is given."""
    audio = recording("anna") if audio is None else audio
    head = f'Content-Disposition: form-data; name="file"; filename="{file}"\r\n'
    parts = [(head + "Content-Type: audio/wav\r\n\r\n").encode() + audio]
    parts += [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields.items()
    ]
    mark = b"--" + BOUNDARY.encode()
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"
    return kyma.send("POST", CLONE, body, f"multipart/form-data; boundary={BOUNDARY}")


def design(kyma: Caller, **changes: object) -> Reply:
    return kyma.post(DESIGN, **OLD_LADY | changes)


def speak(kyma: Caller, voice_id: str, text: str = "Hello there.", **fields: object) -> Reply:
    return kyma.post(SPEECH, **{"model": HD, "voice_id": voice_id, "input": text} | fields)


def encoded(container: str, codec: str, seconds: float) -> bytes:
    """A recording of a tone, compressed."""
    target = io.BytesIO()
    with av.open(target, mode="w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=44_100)
        stream.layout = "mono"
        for start in range(0, int(seconds * 44_100), 1_024):
            wave = np.sin(np.arange(start, start + 1_024) / 30).astype("f4").reshape(1, -1) / 4
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, start
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return target.getvalue()
