"""How long a processor worked: as long as what waits for nothing takes on a computer of its own,
however busy this one is.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable


def worked(do: Callable[[], object]) -> float:
    """The seconds of processor time that this process, and programs that it ran, took for it."""
    before = _here()
    do()
    return _here() - before


def worked_by(process: int, do: Callable[[], object]) -> float:
    """The seconds of processor time that another process took meanwhile."""
    clock = (~process << 3) | 2  # as clock_getcpuclockid(3) makes it on Linux
    before = time.clock_gettime(clock)
    do()
    return time.clock_gettime(clock) - before


def _here() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
