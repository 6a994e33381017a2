"""Real HTTP to a demo on a socket, and recordings to send."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import urllib.request
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from lib.demo import DemoService
from lib.demo.__main__ import QuietHandler, Server

BOUNDARY = "a-boundary-7f3a"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Caller:
    """Calls one demo. `base` is its address with `/api`."""

    base: str
    key: str = ""
    cookie: str = ""

    def send(
        self, method: str, path: str, body: bytes | None = None, content_type: str = ""
    ) -> Reply:
        headers = {"Content-Type": content_type} if content_type else {}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        if self.cookie:
            headers["Cookie"] = self.cookie
        url = path if path.startswith("http") else self.base + path
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Reply(answer.status, dict(answer.headers), answer.read())
        except HTTPError as refused:
            with refused:
                return Reply(refused.code, dict(refused.headers), refused.read())

    def get(self, path: str, **query: object) -> Reply:
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, **fields: object) -> Reply:
        return self.send("POST", path, json.dumps(fields).encode(), "application/json")

    def form(self, path: str, audio: bytes | None, **fields: str) -> Reply:
        body = form_body(audio, **fields)
        return self.send("POST", path, body, f"multipart/form-data; boundary={BOUNDARY}")

    def clone(self, voice_id: str, audio: bytes | None = None, **fields: str) -> Reply:
        audio = recording(voice_id) if audio is None else audio
        return self.form("/voice-clone/minimax", audio, customVoiceId=voice_id, **fields)

    def speak(self, voice_id: str, text: str = "Hello there.", **fields: object) -> Reply:
        return self.post("/tts", model="Minimax-Speech-02-HD", voice=voice_id, text=text, **fields)


def form_body(audio: bytes | None, **fields: str) -> bytes:
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields.items()
    ]
    if audio is not None:
        head = b'Content-Disposition: form-data; name="audio"; filename="a \xc3\xa4.wav"\r\n'
        parts.append(head + b"Content-Type: audio/wav\r\n\r\n" + audio)
    mark = b"--" + BOUNDARY.encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def echo(ticket: dict[str, Any]) -> dict[str, Any]:
    names = ("runId", "cost", "paymentSource", "isApiRequest")
    return {name: ticket[name] for name in names}


def query_echo(ticket: dict[str, Any]) -> dict[str, Any]:
    return echo(ticket) | {"isApiRequest": "true", "model": ticket["model"]}


def seconds(wav: bytes) -> float:
    """How long a WAV lasts."""
    with wave.open(io.BytesIO(wav)) as sound:
        return sound.getnframes() / sound.getframerate()


def recording(seed: str, seconds: float = 12) -> bytes:
    """A WAV of this length, of its own for each seed."""
    noise = hashlib.shake_256(seed.encode()).digest(int(seconds * 4_000))
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(4_000)
        sound.writeframes(noise)
    return out.getvalue()


@contextmanager
def listening() -> Iterator[Server]:
    """A server on a free port, serving from a thread once it is given its application."""
    with Server(("127.0.0.1", 0), QuietHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def served(service: DemoService) -> Iterator[Caller]:
    """The service on a socket. Its own links keep the address it was told."""
    with listening() as server:
        server.set_app(service)
        yield Caller(f"http://127.0.0.1:{server.server_port}/api")
