"""The background thread that runs pass after pass. The app has one, and so has
`python -m lib.keeper run`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta

from lib.backoff import Backoff
from lib.keeper import pinging
from lib.keeper.passes import Summary, one_pass, sleep_after
from lib.keeper.wording import Reason, sentence
from lib.registry import DatabaseUnavailable
from lib.studio.core.context import Context
from lib.studio.transfer import delivery

log = logging.getLogger("voicekeep.keeper")

THREAD_NAME = "voicekeep-keeper"
PASSES = 3
"""A service may take minutes to answer: what is ordered meanwhile gets a pass of its own."""
LONG_PASS_SECONDS = 60.0
"""Seconds after which the next pass begins beside one that still works."""
WAKE_CHECK_SECONDS = 0.25
"""Seconds between two looks whether a pass has ended or somebody has woken the keeper."""
AFTER_TROUBLE = Backoff.doubling(timedelta(seconds=5), timedelta(minutes=5), jitter=0.3)
"""After passes that found no database or no vault."""

Report = Callable[[Summary], None]


class KeeperThread(threading.Thread):
    """Runs passes until it is stopped; sleeps until the next due time or until it is woken.

    `report` is called with the summary of each pass, also of one that an outage ended; it must not
    raise.
    """

    def __init__(self, context: Context, report: Report | None = None) -> None:
        super().__init__(name=THREAD_NAME, daemon=True)
        self.context = context
        self._report = report or (lambda summary: None)
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._background = ThreadPoolExecutor(2, thread_name_prefix="voicekeep-aside")
        self._troubles = 0

    def wake(self) -> None:
        """Begin the next pass now, because something new is due."""
        self._woken.set()

    def stop(self) -> None:
        """Let what is under way end, and begin nothing new."""
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
            self._sleep(latest)
            if len(running) == PASSES:
                wait(running, return_when=FIRST_COMPLETED)
            running = {one for one in running if not one.done()}
        pool.shutdown()
        self._background.shutdown()

    def _sleep(self, latest: Future[timedelta]) -> None:
        """Until the pass ended and its pause is over, or somebody calls, whichever comes first.

        A pass that takes long, by a slow vault or service, holds up no voice that falls due.
        """
        patience = time.monotonic() + LONG_PASS_SECONDS
        while not wait([latest], timeout=WAKE_CHECK_SECONDS).done:
            called = self._woken.is_set() or time.monotonic() > patience
            if called and self.context.runtime.reconciliation.finished:
                return
        self._woken.wait(latest.result().total_seconds())

    def _pass(self) -> timedelta:
        """One pass; returns how long to rest after it."""
        try:
            summary = one_pass(self.context)
        except DatabaseUnavailable as problem:
            log.warning("The keeper waits: %s", problem)
            return self._after_trouble(Summary(blocked=[str(problem)]))
        except Exception:
            log.exception("A pass of the keeper ended early")
            return self._after_trouble(Summary(failed=[sentence(Reason.PASS_ENDED_EARLY)]))
        if not self.context.runtime.reconciliation.finished:  # an unread vault is an outage as well
            return self._after_trouble(summary)
        self._troubles = 0
        self._report(summary)
        if summary.all_done:
            self._background.submit(pinging.ping, self.context)
        self._background.submit(self._prepare_requested_export)
        return sleep_after(summary, self.context.clock.now())

    def _prepare_requested_export(self) -> None:
        """What somebody asked for takes its time; no pass waits for it."""
        try:
            delivery.answer_asked(self.context)
        except DatabaseUnavailable as problem:
            log.warning("The export waits: %s", problem)
        except Exception:
            log.exception("An export ended early")

    def _after_trouble(self, summary: Summary) -> timedelta:
        """Tell it, and rest longer each time, until an outage is over."""
        self._report(summary)
        self._troubles += 1
        return AFTER_TROUBLE.pause(self._troubles, self.context.owner)


def start(context: Context, report: Report | None = None) -> KeeperThread:
    """Start the keeper of this process, and connect `context.wake` and `context.stop_keeper` with
    it.

    An older one, for example of a session before the app was reloaded, is asked to stop first.
    """
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME and callable(stop := getattr(thread, "stop", None)):
            stop()
    keeper = KeeperThread(context, report)
    context.runtime.wake = keeper.wake
    context.runtime.stop_keeper = keeper.stop
    keeper.start()
    return keeper
