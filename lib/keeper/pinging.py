"""Pings the external monitor of `KEEPER_PING_URL` after a good pass; a failing ping disturbs
nothing."""

from __future__ import annotations

import logging
from datetime import timedelta

from lib.keeper.signs import PING
from lib.keeper.wording import Reason, sentence
from lib.providers import monitor
from lib.registry import DatabaseUnavailable
from lib.studio.core.context import Context

log = logging.getLogger("voicekeep.keeper")

EVERY = timedelta(minutes=5)
"""Passes may follow each other within a second; a monitor counts in minutes."""


def ping(context: Context, *, at_once: bool = False) -> None:
    """Ping the monitor, if one is set and the last ping is at least 5 minutes old, and note how it
    went.

    `at_once`: ping however recent the last one is. Never raises because of the monitor.
    """
    url = context.settings.get("KEEPER_PING_URL")
    if not url:
        return
    try:
        last, now = context.registry.notes.get(PING), context.clock.now()
        if last and last.at and now - last.at < EVERY and not at_once:
            return
        ok, said = _call_monitor(url)
        context.registry.notes.write(PING, {"ok": ok, "sentence": said}, context.clock.now())
    except DatabaseUnavailable as problem:
        log.warning("The monitor's answer was not noted: %s", problem)


def _call_monitor(url: str) -> tuple[bool, str]:
    try:
        monitor.ping(url)
    except monitor.PingFailed as problem:
        log.warning("%s", problem)
        return False, str(problem)
    except Exception as problem:  # its text might quote the address
        log.warning("The monitor was not pinged: a defect (%s)", type(problem).__name__)
        return False, sentence(Reason.PING_DEFECT)
    return True, sentence(Reason.PINGED)
