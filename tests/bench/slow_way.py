"""A long way to servers: `python -m tests.bench.slow_way MILLISECONDS ADDRESS...`.

What is sent to one arrives so much later, as it would in another part of the world; on the way back
nothing is lost. Prints `READY` and the address of each beginning of the way.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import ROOT
from tests.parts.processes import start

_PIECE = 65_536


@contextmanager
def slow_way(log: Path, milliseconds: int, addresses: Sequence[str]) -> Iterator[list[str]]:
    """Where the ways to these addresses begin, in a process of its own."""
    command = [sys.executable, "-m", __name__, str(milliseconds), *addresses]
    with start(command, log=log, cwd=ROOT) as child:
        yield child.ready().split()


async def _serve(delay: float, addresses: Sequence[str]) -> None:
    ways = []
    for address in addresses:
        there = urlsplit(address)
        way = partial(_connect, delay, str(there.hostname), there.port or 80)
        ways.append(await asyncio.start_server(way, "127.0.0.1", 0, backlog=512))
    ports = [way.sockets[0].getsockname()[1] for way in ways]
    print("READY", *(f"http://127.0.0.1:{port}" for port in ports), flush=True)
    await asyncio.gather(*(way.serve_forever() for way in ways))


async def _connect(
    delay: float,
    host: str,
    port: int,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    there, back = await asyncio.open_connection(host, port)
    with suppress(ConnectionError):
        await asyncio.gather(_carry(reader, back, delay), _carry(there, writer, 0))
    for end in (writer, back):
        end.close()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float) -> None:
    """Each piece so long after it came; all of them are under way at the same time."""
    loop = asyncio.get_running_loop()
    while piece := await source.read(_PIECE):
        if delay:
            loop.call_later(delay, target.write, piece)
        else:
            target.write(piece)
    if delay:
        await asyncio.sleep(delay)
    if target.can_write_eof():
        target.write_eof()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]) / 1_000, sys.argv[2:]))
