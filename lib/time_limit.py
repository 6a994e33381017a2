"""A limit on how long a whole HTTP request may take, however slowly its parts trickle."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self


class TimeLimit:
    """Cuts a request's connection when its `seconds` are over; use it as a context manager.

    httpx bounds each single read and write: a server that drips one byte at a time would hold a
    request for ever. `watch` goes into the request's extension "trace".
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._end = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    @property
    def left(self) -> float:
        """Seconds until the end; 0.0 when it is over."""
        return 0.0 if self.is_over else max(self._end - time.monotonic(), 0.0)

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the latest socket (httpcore's trace events; TLS replaces the first)."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):  # also of a proxy
            self._socket = info["return_value"].get_extra_info("socket")
            if self.is_over:
                self._cut()

    def _ring(self) -> None:
        self.is_over = True
        self._cut()

    def _cut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # it was closed in the meantime
                # Not the TLS socket's own method: that one takes its state from the reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
