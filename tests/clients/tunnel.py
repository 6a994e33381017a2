"""A proxy of a company: tunnels by CONNECT, all of them to one place, and remembers their names."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def tunnelling(port: int, asked: list[str]) -> Iterator[str]:
    """The proxy's address. Whatever is asked for, noted in `asked`, leads to this port here."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.settimeout(10)
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(1)
                method, target, _ = head.decode().split(" ", 2)
                asked.append(f"{method} {target}")
                with socket.create_connection(("127.0.0.1", port), 10) as other:
                    connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    there = threading.Thread(target=_pipe, args=(connection, other), daemon=True)
                    there.start()
                    _pipe(other, connection)
                    there.join(10)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _pipe(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
