"""An HTTP server on a real socket that answers by a script, faults included, and remembers.

Written against sockets, not `http.server`: half of its work is to break the protocol.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from enum import StrEnum
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lib.providers.http import Timeouts
from lib.providers.kyma import Kyma
from lib.providers.nanogpt import NanoGPT

KEY = "sk-nano-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
KYMA_KEY = "ky-0a1b2c3d4e5f60718293"
PATIENT = Timeouts(connect=10, read=10, paid_read=10, write=10, pool=10)
HASTY = Timeouts(connect=10, read=0.4, paid_read=0.4, write=10, pool=10)
"""For servers that hang: a test waits this long for each of them."""


class Fault(StrEnum):
    """What goes wrong after the whole request was read."""

    CLOSE = "close"
    """The connection ends without an answer."""
    RESET = "reset"
    HANG = "hang"
    """No answer while the server lives."""
    PARTIAL = "partial"
    """The body is announced longer than it is."""
    DRIP = "drip"
    """Headers without an end, a byte at a time."""
    DRIP_BODY = "drip_body"
    """A body without an announced length, a byte at a time."""
    GARBAGE = "garbage"
    """Something that is not HTTP."""


@dataclass(frozen=True)
class Reply:
    """One answer of the script."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None


def reply(body: object = None, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; `headers` are named with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"} | named)


@dataclass(frozen=True)
class Part:
    """One part of a form. `file_name` is None for a plain field."""

    data: bytes
    file_name: str | None
    media_type: str


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, Part]:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        return {
            str(part.get_param("name", header="content-disposition")): Part(
                bytes(part.get_payload(decode=True)),  # type: ignore[arg-type]
                part.get_filename(),
                part.get_content_type(),
            )
            for part in message_from_bytes(head + self.body).get_payload()
        }


class ScriptedServer:
    """Gives its answers in order, one per request, whatever is asked; then only 599."""

    def __init__(self, answers: Iterable[Reply] = ()) -> None:
        self.seen: list[Seen] = []
        self._answers = list(answers)
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def next_answer(self, request: Seen) -> Reply:
        """What this request gets: the next of the script, whatever was asked."""
        return self._answers.pop(0) if self._answers else Reply(599)

    def then(self, *answers: Reply) -> None:
        """Add to the script."""
        self._answers.extend(answers)

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the listening socket was shut down: the end
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            request = _read(connection)
            if request is None:
                return
            with self._lock:
                self.seen.append(request)
                answer = self.next_answer(request)
            self._answer(connection, answer)

    def _answer(self, connection: socket.socket, answer: Reply) -> None:
        head = _head(answer)
        match answer.fault:
            case None | Fault.PARTIAL:
                connection.sendall(head + answer.body)
            case Fault.RESET:
                no_linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
            case Fault.HANG:
                self._over.wait(10)
            case Fault.DRIP:
                self._drip(connection, b"HTTP/1.1 200 OK\r\nX-Drip: ")
            case Fault.DRIP_BODY:
                self._drip(connection, b"HTTP/1.1 200 OK\r\n\r\n" + answer.body)
            case Fault.GARBAGE:
                connection.sendall(b"\x00\x01 220 mail.example ready\r\n\r\n")
            case Fault.CLOSE:
                pass

    def _drip(self, connection: socket.socket, start: bytes) -> None:
        connection.sendall(start)
        while not self._over.wait(0.02):
            connection.sendall(b"x")


def _head(answer: Reply) -> bytes:
    missing = 100 if answer.fault is Fault.PARTIAL else 0
    headers = {"Content-Length": str(len(answer.body) + missing), "Connection": "close"}
    lines = [f"{name}: {value}" for name, value in (headers | dict(answer.headers)).items()]
    return "\r\n".join([f"HTTP/1.1 {answer.status} Scripted", *lines, "", ""]).encode()


def _read(connection: socket.socket) -> Seen | None:
    """The whole request, or None where the caller left."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65_536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    while len(body) < int(headers.get("content-length", 0)):
        chunk = connection.recv(65_536)
        if not chunk:
            return None
        body += chunk
    return Seen(method, target, headers, body)


def nanogpt_at(origin: str, *, timeouts: Timeouts = PATIENT, **options: Any) -> NanoGPT:
    """The client of NanoGPT, with a key, and pauses that take no time."""
    settings = {"sleep": lambda seconds: None} | options
    return NanoGPT("nanogpt", f"{origin}/api", KEY, timeouts=timeouts, **settings)


def kyma_at(
    origin: str, *, key: str = KYMA_KEY, timeouts: Timeouts = PATIENT, **options: Any
) -> Kyma:
    """The client of Kyma, with a key, and pauses that take no time."""
    settings = {"sleep": lambda seconds: None} | options
    return Kyma("kyma", f"{origin}/v1", key, timeouts=timeouts, **settings)


def closed_port() -> str:
    """An origin where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"
