"""A voice service on a real socket: the demo answers its contract and charges, a doorman makes
trouble where a test asks for it, and every request that came is remembered.

A trouble is a function. It is given `ask`, which passes the request on to the demo (and so makes
it charge), and says what goes back over the wire.
"""

from __future__ import annotations

import io
import json
import re
import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lib.clock import Clock
from lib.demo import DemoService
from tests.parts.charges import Charge, charges_of

LONGEST = 30.0
"""Seconds after which a held request goes on by itself, so that no test hangs."""

_KINDS = {
    "/api/voice-clone/minimax": "clone",
    "/api/voice-clone/qwen": "clone",
    "/api/voice-clone/minimax/status": "clone_status",
    "/api/voice-clone/qwen/status": "clone_status",
    "/api/tts": "speech",
    "/api/v1/usage": "usage",
    "/api/tts/status": "speech_status",
    "/api/transcribe": "transcript",
    "/api/check-balance": "balance",
    "/v1/audio/voice-clone": "kyma_clone",
    "/v1/audio/voice-design": "kyma_design",
    "/v1/audio/speech": "kyma_speech",
    "/v1/credits/balance": "kyma_balance",
    "/v1/pricing": "kyma_prices",
    "/v1/auth/limits": "kyma_limits",
    "/v1/limits/tiers": "kyma_tiers",
    "/v1/audio/voices": "kyma_voices",
    "/api/v1/audio-models": "models",
}


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    kind: str
    target: str
    key: str
    body: bytes = field(repr=False)

    def field(self, name: str) -> str:
        """A field of the query, of a JSON object or of a form, as text; "" where there is none."""
        if found := parse_qs(urlsplit(self.target).query).get(name):
            return found[0]
        if self.body.startswith(b"{"):
            return str(json.loads(self.body).get(name, ""))
        part = rb'name="' + name.encode() + rb'"\r\n\r\n(.*?)\r\n'
        match = re.search(part, self.body, re.DOTALL)
        return match[1].decode() if match else ""


@dataclass(frozen=True)
class Reply:
    """What goes back. `breaks`: the connection is reset instead."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    breaks: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Ask = Callable[[], Reply]
Trouble = Callable[[Ask], Reply]

RESET = Reply(breaks=True)


def answer(body: object, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; `headers` are named with `_` for `-`."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    kind = (("Content-Type", "application/json"),)
    return Reply(status, kind + named, json.dumps(body).encode())


def refuses(status: int, message: str = "No", code: str = "", **headers: str) -> Trouble:
    """Nothing runs, and the answer says so."""
    body = {"error": {"message": message, "code": code}}
    return lambda ask: answer(body, status, **headers)


def says(body: object, status: int = 200, **headers: str) -> Trouble:
    """This, whatever was asked; nothing runs."""
    return lambda ask: answer(body, status, **headers)


still_works = says({"status": "processing"})
"""What a ticket says that has not come to its end."""


def resets(ask: Ask) -> Reply:
    """The request was read; nothing runs and nobody answers."""
    return RESET


def loses_the_answer(ask: Ask) -> Reply:
    """It runs and is charged; the answer never comes."""
    ask()
    return RESET


def breaks_down(ask: Ask) -> Reply:
    """It runs and is charged; then the service stumbles."""
    ask()
    return Reply(500, (("Content-Type", "text/plain"),), b"oops")


def answers_a_page(ask: Ask) -> Reply:
    """It runs and is charged; something on the way answers with a page."""
    ask()
    return Reply(200, (("Content-Type", "text/html"),), b"<html><h1>One moment</h1></html>")


def damages(ask: Ask) -> Reply:
    """The right answer with its last byte turned."""
    reply = ask()
    return replace(reply, body=reply.body[:-1] + bytes([reply.body[-1] ^ 1]))


class Holds:
    """It runs and is charged, and the answer is kept back until it is released."""

    def __init__(self, before: Trouble = lambda ask: ask()) -> None:
        self.arrived = Event()
        self.released = Event()
        self._before = before

    def __call__(self, ask: Ask) -> Reply:
        reply = self._before(ask)
        self.arrived.set()
        self.released.wait(LONGEST)
        return reply


class Tickets:
    """Takes orders and does nothing about them: cheap, where only their number matters."""

    def __init__(self, poll_after: int = 60) -> None:
        self._numbers = count(1)
        self._poll_after = str(poll_after)

    def __call__(self, ask: Ask) -> Reply:
        ticket = {"status": "pending", "runId": f"run-{next(self._numbers)}", "cost": 1.0}
        return answer(ticket, 202, X_Poll_After=self._poll_after)


class PretendService:
    """One service with its customers' requests. `next` plans one trouble, `always` lasting ones.

    It allows `at_once` audio calls to a key of Kyma, and says so.
    """

    def __init__(
        self, state: Path, clock: Clock, *, pace: float, balance: Decimal, at_once: int = 1
    ) -> None:
        service = self

        class Doorman(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                reply = service.answer(self.command, self.path, dict(self.headers), body)
                if reply.breaks:
                    _reset(self.connection)
                    return
                self.send_response(reply.status)
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST = handle_any  # noqa: N815

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string(timestamp or clock.now().timestamp())

            def log_message(self, *_: object) -> None:
                pass

        class Door(ThreadingHTTPServer):
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """A caller that was killed is what these tests are about."""

        self._door = Door(("127.0.0.1", 0), Doorman)
        self.origin = f"http://127.0.0.1:{self._door.server_port}"
        self.base_url = f"{self.origin}/api"
        self.demo = DemoService(
            state,
            clock,
            base_url=self.base_url,
            pace=pace,
            balance=balance,
            fetches_links=True,
            audio_at_once=at_once,
        )
        self.seen: list[Seen] = []
        self._next: dict[str, list[Trouble]] = defaultdict(list)
        self._always: dict[str, Trouble] = {}
        self._where: dict[str, Trouble] = {}
        self._lock = Lock()

    def next(self, kind: str, *troubles: Trouble) -> None:
        """The next requests of this kind meet these troubles, one each."""
        self._next[kind].extend(troubles)

    def always(self, kind: str, trouble: Trouble | None) -> None:
        """All requests of this kind meet this trouble from now on; None: no more."""
        if trouble is None:
            self._always.pop(kind, None)
        else:
            self._always[kind] = trouble

    def where(self, words: str, trouble: Trouble | None) -> None:
        """Whatever has these words in its body meets this trouble; None: no more."""
        if trouble is None:
            self._where.pop(words, None)
        else:
            self._where[words] = trouble

    def of_kind(self, kind: str) -> list[Seen]:
        """All requests of this kind, as they came."""
        with self._lock:
            return [request for request in self.seen if request.kind == kind]

    def count(self, kind: str) -> int:
        return len(self.of_kind(kind))

    @property
    def paid_requests(self) -> int:
        """Requests that cost money where they are taken."""
        return self.count("clone") + self.count("speech") + self.count("transcript")

    def charges(self, kind: str) -> list[Charge]:
        """What was charged and not given back, for a clone or a speech."""
        return [c for c in charges_of(self.demo) if c.kind == kind and not c.refunded]

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        """What one request gets."""
        path = urlsplit(target).path
        kind = _KINDS.get(path, "file" if path.startswith("/api/files/") else "other")
        key = headers.get("Authorization", "").removeprefix("Bearer ")
        with self._lock:
            self.seen.append(Seen(kind, target, key, body))
            planned = self._next[kind]
            trouble = planned.pop(0) if planned else self._always.get(kind)
            marked = (t for words, t in self._where.items() if words.encode() in body)
            trouble = next(marked, trouble)

        def ask() -> Reply:
            return _through(self.demo, method, target, headers, body)

        return trouble(ask) if trouble else ask()

    def speaks_by_ticket(self) -> None:
        """MiniMax speech is answered with a ticket from now on, as the contract allows."""

        def ticketed(ask: Ask) -> Reply:
            reply = ask()
            if reply.status != 200:
                return reply
            run = charges_of(self.demo)[-1]
            return answer(
                {
                    "status": "pending",
                    "runId": run.run_id,
                    "model": run.model,
                    "charged": True,
                    "cost": float(run.cost),
                    "paymentSource": "USD",
                    "isApiRequest": True,
                },
                202,
            )

        self.always("speech", ticketed)

    def speaks_aloud(self) -> None:
        """MiniMax speech is answered with the sound itself from now on, as the contract allows."""

        def aloud(ask: Ask) -> Reply:
            reply = ask()
            url = reply.json.get("audioUrl") if reply.status == 200 else None
            return _through(self.demo, "GET", url, {}, b"") if url else reply

        self.always("speech", aloud)

    @contextmanager
    def open(self) -> Iterator[PretendService]:
        """Answers while the block lasts."""
        thread = Thread(target=self._door.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._door.shutdown()
            thread.join()
            self._door.server_close()


def _through(
    application: DemoService, method: str, target: str, headers: dict[str, str], body: bytes
) -> Reply:
    """One request to a WSGI application."""
    parts = urlsplit(target)
    told: list[Any] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": headers.get("Authorization", ""),
        "wsgi.input": io.BytesIO(body),
    }

    def start_response(status: str, named: list[tuple[str, str]], _info: object = None) -> Any:
        told.extend((int(status.partition(" ")[0]), named))

    content = b"".join(application(environ, start_response))
    return Reply(told[0], tuple(pair for pair in told[1] if pair[0] != "Date"), content)


def _reset(connection: socket.socket) -> None:
    """End a connection rudely: without this the client would see an orderly end."""
    with socket.socket(fileno=connection.detach()) as bare:
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def unused_origin() -> str:
    """The address of a door behind which nobody is."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return f"http://127.0.0.1:{door.getsockname()[1]}"


def together(work: Callable[[], object], times: int) -> None:
    """The same work in so many threads at the same moment; failures are raised here."""
    gate = threading.Barrier(times)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            gate.wait(LONGEST)
            work()
        except BaseException as failure:
            failures.append(failure)

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST)
    if failures:
        raise failures[0]
