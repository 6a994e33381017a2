"""The keeper inside the app: passes in the background, one after the other or side by side."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta

from lib.keeper.passes import one_pass, pause_after
from lib.registry import DatabaseUnavailable
from lib.studio.workshop import Workshop

log = logging.getLogger("voicekeep.keeper")

THREAD_NAME = "voicekeep-keeper"
PASSES = 3
"""A service may take minutes to answer: what is ordered meanwhile gets a pass of its own."""
LISTENING = 0.25
"""Seconds between two looks whether a pass has ended or somebody calls."""
AFTER_TROUBLE = timedelta(seconds=30)


class KeeperThread(threading.Thread):
    """Runs passes until it is stopped; sleeps until the next due time or until it is woken."""

    def __init__(self, workshop: Workshop) -> None:
        super().__init__(name=THREAD_NAME, daemon=True)
        self.workshop = workshop
        self._woken = threading.Event()
        self._stopped = threading.Event()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        self._stopped.set()
        self._woken.set()

    def run(self) -> None:
        pool = ThreadPoolExecutor(PASSES, thread_name_prefix="voicekeep-pass")
        running: set[Future[timedelta]] = set()
        while True:
            self._woken.clear()
            if self._stopped.is_set():  # looked at after clearing: a stop in between is not lost
                break
            latest = pool.submit(self._pass)
            running.add(latest)
            self._rest(latest)
            if len(running) == PASSES:
                wait(running, return_when=FIRST_COMPLETED)
            running = {one for one in running if not one.done()}
        pool.shutdown()

    def _rest(self, latest: Future[timedelta]) -> None:
        """Until the pass ended and its pause is over, or somebody calls, whichever comes first."""
        while not wait([latest], timeout=LISTENING).done:
            if self._woken.is_set() and self.workshop.reading.finished:
                return
        self._woken.wait(latest.result().total_seconds())

    def _pass(self) -> timedelta:
        """One pass; returns how long to rest after it."""
        try:
            summary = one_pass(self.workshop)
        except DatabaseUnavailable as problem:
            log.warning("The keeper waits: %s", problem)
            return AFTER_TROUBLE
        except Exception:
            log.exception("A pass of the keeper ended early")
            return AFTER_TROUBLE
        if not self.workshop.reading.finished:
            return AFTER_TROUBLE
        return pause_after(summary, self.workshop.clock.now())


def start(workshop: Workshop) -> KeeperThread:
    """Start the app's keeper; every older one of this process is told to stop first."""
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME and callable(stop := getattr(thread, "stop", None)):
            stop()
    keeper = KeeperThread(workshop)
    workshop.wake = keeper.wake
    workshop.stop_keeper = keeper.stop
    keeper.start()
    return keeper
