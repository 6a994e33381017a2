"""Telling the outside monitor that a pass went well; nobody waits for it or fails by it."""

from __future__ import annotations

import logging
from datetime import timedelta

from lib.keeper.signs import PING
from lib.providers import monitor
from lib.registry import DatabaseUnavailable
from lib.studio.core.context import Context

log = logging.getLogger("voicekeep.keeper")

EVERY = timedelta(minutes=5)
"""Passes may follow each other within a second; a monitor counts in minutes."""


def ping(context: Context, *, at_once: bool = False) -> None:
    """Ping the monitor, if there is one and its turn has come (`at_once`: whether or not)."""
    url = context.settings.get("KEEPER_PING_URL")
    if not url:
        return
    try:
        if at_once or _is_due(context):
            ok, sentence = _call_monitor(url)
            body = {"ok": ok, "sentence": sentence}
            context.registry.notes.write(PING, body, context.clock.now())
    except DatabaseUnavailable as problem:
        log.warning("The monitor's answer was not noted: %s", problem)


def _is_due(context: Context) -> bool:
    last = context.registry.notes.all().get(PING)
    return last is None or last.at is None or context.clock.now() - last.at >= EVERY


def _call_monitor(url: str) -> tuple[bool, str]:
    try:
        monitor.ping(url)
    except monitor.PingFailed as problem:
        log.warning("%s", problem)
        return False, str(problem)
    except Exception as problem:  # its text might quote the address
        log.warning("The monitor was not told: a defect (%s)", type(problem).__name__)
        return False, "The monitor was not told, because something unexpected happened."
    return True, "The monitor was told that the last check went well."
