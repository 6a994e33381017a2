"""`python -m lib.demo`: the demo on a socket. Prints `READY <address>` when it listens."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import NoReturn, TypeVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from lib.clock import SystemClock
from lib.demo.application import PACE, PREFIX, START_BALANCE, DemoService
from lib.demo.showcase import guests
from lib.demo.state import demo_clock

N = TypeVar("N", int, float, Decimal)


class Server(ThreadingMixIn, WSGIServer):
    """A thread per request; none holds up the end."""

    daemon_threads = True
    request_queue_size = 128


class QuietHandler(WSGIRequestHandler):
    """No line per request; a silent sender is dropped after a minute."""

    timeout = 60

    def log_message(self, format: str, *args: object) -> None:
        pass


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then end with exit code 0."""
    options = _parser().parse_args(arguments)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _leave)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        state_path = options.state or Path(folder) / "demo.db"
        clock = demo_clock(state_path, SystemClock(), options.speed)
        with Server((options.host, options.port), QuietHandler) as server:
            address = f"http://{options.host}:{server.server_port}"
            service = DemoService(
                state_path,
                clock,
                base_url=address + PREFIX,
                balance=options.balance,
                key=options.key,
                pace=options.pace,
                fetches_links=True,
                audio_at_once=options.audio_at_once,
            )
            known = guests(clock.now())
            service.install(known)
            service.save_ids(known)  # a list with nothing on it would leave nothing to adopt
            server.set_app(service)
            print(f"READY {address}", flush=True)
            server.serve_forever()


def _leave(_signal: int, _frame: object) -> NoReturn:
    sys.exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lib.demo", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="SQLite file; without it nothing is kept")
    parser.add_argument("--key", help="refuse callers without this key")
    parser.add_argument("--pace", type=_from(float, 0), default=PACE, help="seconds a clone takes")
    parser.add_argument(
        "--speed", type=_from(float, 1e-6, 1_000_000), default=1.0, help="how fast time runs"
    )
    parser.add_argument(
        "--audio-at-once",
        type=_from(int, 0),
        help="audio calls of one key under way at /v1, in place of what its tier allows; "
        "0 for any number",
    )
    parser.add_argument(
        "--balance", type=_from(Decimal, 0), default=START_BALANCE, help="US dollars"
    )
    return parser


def _from(kind: Callable[[str], N], least: float, most: float = float("inf")) -> Callable[[str], N]:
    """Reads a number of this kind and within these bounds."""

    def read(text: str) -> N:
        try:
            number = kind(text)
            if least <= number <= most and number != float("inf"):
                return number
        except (ValueError, ArithmeticError):
            pass
        raise argparse.ArgumentTypeError(f"must be a number from {least:g} to {most:g}")

    return read


if __name__ == "__main__":
    main()
