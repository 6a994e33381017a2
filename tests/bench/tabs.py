"""Browser tabs that redraw the same page over and over, and take as little time as they can.

A tab reads the frames of its websocket itself: what reads them for other tests takes as long for a
message as the app does.
"""

from __future__ import annotations

import base64
import os
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Barrier

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE = 120
_NO_MASK = bytes(4)
"""What a client sends is masked; a mask of zeros leaves it as it is."""
_BINARY, _CLOSE, _PING, _PONG = 2, 8, 9, 10
_SHORT = 64
"""Bytes. The message that says that a run is over is shorter."""


class Tab:
    """One tab that shows a page."""

    def __init__(self, connection: socket.socket, port: int, page: str, query: str) -> None:
        self._socket = connection
        self._frames = connection.makefile("rb", 1 << 20)
        self._shake_hands(port)
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = query
        self._asks = asked.SerializeToString()

    def shows(self, text: str) -> bool:
        """Whether the page, drawn anew, has this text."""
        self._send(_BINARY, self._asks)
        seen = []
        while not _is_over(message := self._next()):
            element = ForwardMsg.FromString(message).delta.new_element
            assert not element.HasField("exception"), element
            seen.append(message)
        return text.encode() in b"".join(seen)

    def redraw(self) -> float:
        """The seconds until the page was drawn anew and all of it arrived."""
        began = time.perf_counter()
        self._send(_BINARY, self._asks)
        while not _is_over(self._next()):
            pass
        return time.perf_counter() - began

    def redraws(self, until: float) -> int:
        """How often it was drawn until that moment."""
        count = 0
        while time.perf_counter() < until:
            self.redraw()
            count += 1
        return count

    def _shake_hands(self, port: int) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            "GET /_stcore/stream HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nUser-Agent: Mozilla/5.0\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Protocol: streamlit\r\n\r\n".encode()
        )
        status = self._frames.readline()
        assert b" 101 " in status, status
        while self._frames.readline().strip():
            pass

    def _next(self) -> bytes:
        """The next message; one that comes in several frames, as one for each."""
        while True:
            first, length = self._frames.read(2)
            if length == 126:
                (length,) = struct.unpack(">H", self._frames.read(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self._frames.read(8))
            payload = self._frames.read(length)
            kind = first & 15
            assert kind != _CLOSE, payload
            if kind == _PING:
                self._send(_PONG, payload)
            elif kind != _PONG:
                return payload

    def _send(self, kind: int, payload: bytes) -> None:
        assert len(payload) < 126
        head = bytes([0x80 | kind, 0x80 | len(payload)])
        self._socket.sendall(head + _NO_MASK + payload)


def _is_over(message: bytes) -> bool:
    return len(message) < _SHORT and (
        ForwardMsg.FromString(message).WhichOneof("type") == "script_finished"
    )


@contextmanager
def open_tab(port: int, page: str = "", query: str = "", *, shows: str) -> Iterator[Tab]:
    """A tab of the app on this port, once it shows this text."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tab = Tab(connection, port, page, query)
        patience = time.monotonic() + PATIENCE
        while not tab.shows(shows):  # the app reads its vault first
            assert time.monotonic() < patience, f"{page or 'The first page'} does not show {shows}"
            time.sleep(0.1)
        yield tab


@contextmanager
def open_tabs(count: int, port: int, page: str = "", *, shows: str) -> Iterator[list[Tab]]:
    """So many tabs of the same page."""
    with ExitStack() as stack:
        yield [stack.enter_context(open_tab(port, page, shows=shows)) for _ in range(count)]


def rate(tabs: Sequence[Tab], seconds: float) -> float:
    """Redraws a second of all tabs together, of which each asks again as soon as it was drawn."""
    ready = Barrier(len(tabs))

    def click(tab: Tab) -> tuple[float, int, float]:
        ready.wait()
        began = time.perf_counter()
        return began, tab.redraws(began + seconds), time.perf_counter()

    with ThreadPoolExecutor(len(tabs)) as hands:
        clicked = list(hands.map(click, tabs))
    took = max(end for _, _, end in clicked) - min(began for began, _, _ in clicked)
    return sum(count for _, count, _ in clicked) / took
