"""Somebody who brings files to the app by its upload address, with tokens of their own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse

import httpx

from tests.journeys.servers import App

PATIENCE = 30


class Courier:
    """Brings files in the name of any session."""

    def __init__(self, app: App, client: httpx.Client) -> None:
        self._app = app
        self._client = client
        client.get("/_stcore/health")
        self.token = client.cookies["_streamlit_xsrf"]

    def brings(self, session_id: str, name: str, data: bytes = b"x") -> int:
        """Bring a file of this name to a session; the status of the answer."""
        return self._client.put(
            f"/_stcore/upload_file/{session_id}/{name}",
            files={"file": (f"{name}.wav", data)},
            headers={"X-Xsrftoken": self.token},
        ).status_code

    def takes_back(self, session_id: str, name: str) -> int:
        """Delete it again."""
        return self._client.delete(
            f"/_stcore/upload_file/{session_id}/{name}", headers={"X-Xsrftoken": self.token}
        ).status_code

    def announces(self, path: str, length: str) -> tuple[int, bool]:
        """What is answered to the head of a request, with no body sent yet.

        The status, and whether nobody listens any longer, whatever else is sent.
        """
        head = (
            f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._app.port}\r\n{length}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n"
            f"Cookie: _streamlit_xsrf={self.token}\r\nX-Xsrftoken: {self.token}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self._app.port), timeout=PATIENCE) as line:
            line.sendall(head.encode())
            answer = HTTPResponse(line)
            answer.begin()
            answer.read()
            return answer.status, bool(answer.will_close)

    def metrics(self) -> str:
        """What the app says of itself, as text."""
        return self._client.get("/_stcore/metrics").text


@contextmanager
def courier(app: App) -> Iterator[Courier]:
    with httpx.Client(base_url=app.url(""), trust_env=False, timeout=PATIENCE) as client:
        yield Courier(app, client)
