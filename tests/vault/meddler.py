"""A proxy on a socket between a client and an S3 server that meddles with the answers."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

_OWN_HEADERS = {"connection", "content-length", "date", "server", "transfer-encoding"}


@dataclass(frozen=True)
class Answer:
    """What a server answered. `cut`: bytes of the body that are announced, but never sent."""

    method: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: int = 0

    @property
    def is_file(self) -> bool:
        """Whether somebody got an object, and not a list or an error."""
        return self.method == "GET" and self.status == 200 and "list-type" not in self.path

    def flipped(self) -> Answer:
        """The same with the lowest bit of the first byte turned."""
        return replace(self, body=bytes([self.body[0] ^ 1]) + self.body[1:])

    def refused(self, status: int, code: str) -> Answer:
        """An S3 error instead."""
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>".encode()
        headers = (("Content-Type", "application/xml"),)
        return replace(self, status=status, headers=headers, body=body)


Meddle = Callable[[Answer], Answer]


@contextmanager
def meddling(endpoint: str, meddle: Meddle) -> Iterator[str]:
    """The address of a proxy before `endpoint` that passes each answer through `meddle`.

    Requests go on as they came, host included, so signatures stay good.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = [item for item in self.headers.items() if item[0].lower() != "expect"]
            answer = meddle(_ask(endpoint, self.command, self.path, headers, body))
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            length = len(answer.body)
            self.send_header("Content-Length", str(length))
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body[: length - answer.cut])

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = pass_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _ask(
    endpoint: str, method: str, path: str, headers: list[tuple[str, str]], body: bytes
) -> Answer:
    upstream = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=30)
    try:
        upstream.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            upstream.putheader(name, value)
        upstream.endheaders(body)
        response = upstream.getresponse()
        kept = tuple(pair for pair in response.getheaders() if pair[0].lower() not in _OWN_HEADERS)
        return Answer(method, path, response.status, kept, response.read())
    finally:
        upstream.close()
