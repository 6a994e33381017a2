"""One rate for all processes that use a key, so that two keepers do not ask twice as fast."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from lib.providers.http import RateLimit
from lib.registry import DatabaseUnavailable
from lib.registry.leases import Leases

AT_A_TIME = 0.3
"""Seconds' worth of turns that are reserved together: fewer writes, and no great burst."""


class SharedRate:
    """Turns are reserved in the database, a few at a time, and are good for a moment only.

    A paid request does not wait for the database: its turn is made up for by the next question.
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
        self._begin = 0.0
        self._end = 0.0

    def wait(self, *, paid: bool = False) -> None:
        """Take a turn; sleeps until it has come."""
        try:
            with self._lock:
                pause = self._take(paid=paid)
        except DatabaseUnavailable:
            self._alone.wait()
            return
        if pause > 0:
            self._sleep(pause)

    def _take(self, *, paid: bool) -> float:
        now = time.monotonic()
        if self._turns > 0 and now > self._end:
            self._turns = 0
        if self._turns <= 0 and not paid:
            length = (self._together - self._turns) * self._length
            ahead = self._leases.queue(self._name, timedelta(seconds=length))
            self._begin = time.monotonic() + ahead
            self._end = self._begin + 2 * length
            self._turns = self._together
        self._turns -= 1
        return 0.0 if paid else self._begin - time.monotonic()
