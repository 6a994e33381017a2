"""A process of its own that reads recordings: a decoder's crash ends it, and nobody else."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from lib.recordings.inspect import inspect
from lib.recordings.listening import listen
from lib.recordings.problems import UnreadableRecording

ROOT = Path(__file__).resolve().parents[2]
TOO_LONG = 60
"""Seconds after which reading one recording counts as endless."""
_SIZE = 8


class Reader:
    """The process, in an empty folder; as a context manager it is ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.parts.reading", str(folder)],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(folder), "HOME": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def read(self, data: bytes, *, listening: bool = True) -> int:
        """Have a recording read: how many bytes of memory that took at most, beside its own.

        Raises AssertionError where the process ends by it, or does not come to an end.
        """
        asked, answered = self._process.stdin, self._process.stdout
        assert asked
        assert answered
        asked.write(len(data).to_bytes(_SIZE, "big") + bytes([listening]))
        asked.write(data)
        asked.flush()
        ready, _, _ = select.select([answered], [], [], TOO_LONG)
        assert ready, "reading does not end"
        line = answered.readline()
        assert line, f"the process ended with {self._process.wait()}"
        return int(line)


def main() -> None:
    os.chdir(sys.argv[1])
    while head := sys.stdin.buffer.read(_SIZE + 1):
        data = sys.stdin.buffer.read(int.from_bytes(head[:_SIZE], "big"))
        before = _peak_memory(anew=True)
        for read in (inspect, listen) if head[_SIZE] else (inspect,):
            with suppress(UnreadableRecording):
                read(data)
        print(_peak_memory() - before, flush=True)


def _peak_memory(*, anew: bool = False) -> int:
    """The most memory this process had, since it was last counted anew (proc(5), `clear_refs`)."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) * 1024


if __name__ == "__main__":
    main()
