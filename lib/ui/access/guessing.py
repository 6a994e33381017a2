"""Wrong passphrases: each tab has to pause between its tries, and many at once are told of.

Nothing here waits. A visitor who has to pause is told so, and neither a thread nor a lock is held
meanwhile, so a crowd of guessers keeps nobody out. What withstands them is the passphrase's length.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any

from lib.backoff import Backoff

log = logging.getLogger("voicekeep.gate")

WRONG_TRIES = "gate_wrong_tries"
NEXT_TRY_AT = "gate_next_try_at"
FREE_TRIES = 3
"""A person who mistypes need not pause."""
WRONG = Backoff.doubling(timedelta(seconds=2), timedelta(minutes=1))
"""Between tries of one tab, after its free ones."""

FLOOD = 30
"""So many wrong tries of all visitors within `FLOOD_WITHIN` are no team that mistypes."""
FLOOD_WITHIN = timedelta(minutes=1)
LOG_EVERY = timedelta(hours=1)
WARN_FOR = timedelta(hours=24)


def pause_left(session: MutableMapping[Any, Any], now: datetime) -> timedelta:
    """How long this tab still has to wait before its next try is looked at; zero: not at all."""
    next_try_at: datetime = session.get(NEXT_TRY_AT, now)
    left = max(next_try_at - now, timedelta(0))
    return min(left, WRONG.steps[-1])


def note_wrong(session: MutableMapping[Any, Any], now: datetime) -> timedelta:
    """Note a wrong try of this tab; returns the pause that follows, twice the one before."""
    tries: int = session.get(WRONG_TRIES, 0) + 1
    session[WRONG_TRIES] = tries
    if tries < FREE_TRIES:
        return timedelta(0)
    pause = WRONG.pause(tries - FREE_TRIES + 1)
    session[NEXT_TRY_AT] = now + pause
    return pause


class Watch:
    """Sees a flood of wrong tries: a line in the log each hour of it, a warning for a day."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: deque[datetime] = deque(maxlen=FLOOD)
        self._flood_at: datetime | None = None
        self._logged_at: datetime | None = None

    def note_wrong(self, now: datetime) -> None:
        with self._lock:
            self._latest.append(now)
            if len(self._latest) < FLOOD or now - self._latest[0] > FLOOD_WITHIN:
                return
            self._flood_at = now
            if self._logged_at and now - self._logged_at < LOG_EVERY:
                return
            self._logged_at = now
        # Not under the lock: who writes a log may have to wait for a disk.
        log.warning(
            "Somebody is guessing the passphrase: %d wrong tries within %d s",
            FLOOD,
            FLOOD_WITHIN.total_seconds(),
        )

    def flood_at(self, now: datetime) -> datetime | None:
        """When a flood was last seen, while the team should still know of it."""
        seen = self._flood_at
        return seen if seen and now - seen < WARN_FOR else None


watch = Watch()
"""This process's; all its visitors are counted together."""
