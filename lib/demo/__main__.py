"""`python -m lib.demo`: the demo on a socket. Prints `READY <address>` when it listens."""

from __future__ import annotations

import argparse
import math
import signal
import sys
import tempfile
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import NoReturn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from lib.clock import SystemClock
from lib.demo.application import PACE, PREFIX, DemoService
from lib.demo.showcase import GUESTS
from lib.demo.state import demo_clock

HOST = "127.0.0.1"


class Server(ThreadingMixIn, WSGIServer):
    """A thread per request; none holds up the end."""

    daemon_threads = True
    request_queue_size = 128


class QuietHandler(WSGIRequestHandler):
    """No line per request; a silent sender is dropped after a minute."""

    timeout = 60

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    """Serve until SIGTERM or SIGINT, then end with exit code 0."""
    options = _options()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _leave)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        state_path = options.state or Path(folder) / "demo.db"
        clock = demo_clock(state_path, SystemClock(), 1)
        with Server((HOST, options.port), QuietHandler) as server:
            address = f"http://{HOST}:{server.server_port}"
            service = DemoService(
                state_path,
                clock,
                base_url=address + PREFIX,
                key=options.key,
                pace=options.pace,
                fetches_links=True,
                audio_at_once=options.audio_at_once,
            )
            service.install(GUESTS)
            service.save_ids(GUESTS)  # a list with nothing on it would leave nothing to adopt
            server.set_app(service)
            print(f"READY {address}", flush=True)
            server.serve_forever()


def _leave(_signal: int, _frame: object) -> NoReturn:
    sys.exit(0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lib.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="SQLite file; without it nothing is kept")
    parser.add_argument("--key", help="refuse callers without this key")
    parser.add_argument("--pace", type=float, default=PACE, help="seconds a clone takes")
    parser.add_argument(
        "--audio-at-once",
        type=int,
        help="audio calls of one key under way at /v1, in place of what its tier allows; "
        "0 for any number",
    )
    options = parser.parse_args()
    if not 0 <= options.pace < math.inf or (options.audio_at_once or 0) < 0:
        parser.error("--pace and --audio-at-once take a number from 0")
    return options


if __name__ == "__main__":
    main()
