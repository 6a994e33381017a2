"""One rate for all processes that use a key, so that two keepers do not ask twice as fast."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from lib.providers.http import RateLimit
from lib.registry import DatabaseUnavailable
from lib.registry.leases import Leases

AT_A_TIME = 0.3
"""Seconds' worth of turns that are reserved together: fewer writes, and no great burst."""


class SharedRate:
    """Turns are reserved in the database, a few at a time, and are good for a moment only.

    A paid request waits for nothing: its turn is made up for by the next question.
    Without a database each process keeps to the rate by itself.
    """

    def __init__(
        self,
        leases: Leases,
        name: str,
        per_second: float,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._leases = leases
        self._name = name
        self._length = 1 / per_second
        self._together = max(1, int(per_second * AT_A_TIME))
        self._alone = RateLimit(per_second, sleep=sleep)
        self._sleep = sleep
        self._lock = threading.Lock()
        self._turns = 0
        self._owed: deque[None] = deque()  # filled without the lock, which may be held for long
        self._begin = 0.0
        self._end = 0.0

    def wait(self, *, paid: bool = False) -> None:
        """Take a turn; sleeps until it has come."""
        if paid:
            self._owed.append(None)
            return
        try:
            with self._lock:
                pause = self._take()
        except DatabaseUnavailable:
            self._alone.wait()
            return
        if pause > 0:
            self._sleep(pause)

    def _take(self) -> float:
        now = time.monotonic()
        if self._turns > 0 and now > self._end:
            self._turns = 0
        while self._owed:
            self._owed.popleft()
            self._turns -= 1
        if self._turns <= 0:
            length = (self._together - self._turns) * self._length
            ahead = self._leases.queue(self._name, timedelta(seconds=length))
            self._begin = time.monotonic() + ahead
            self._end = self._begin + 2 * length
            self._turns = self._together
        self._turns -= 1
        return self._begin - time.monotonic()
