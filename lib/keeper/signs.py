"""What keepers leave behind for others to see: a hosted app sleeps, and then only a keeper outside
the app looks after voices.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lib.registry import Note
from lib.studio.core.context import Context

HEARTBEAT = "keeper"
"""The note of the last pass: its summary."""
OUTSIDE = "keeper_outside"
"""The note of the last pass that `python -m lib.keeper` made."""
PING = "ping"
"""The note of how the last ping went: `ok`, and a `sentence` for a person."""
SEEN_WITHIN = timedelta(hours=48)
"""Schedulers start late, and miss a turn now and then; none is silent for so long."""


@dataclass(frozen=True)
class Signs:
    """What was last heard of keepers; each moment is None where nothing was.

    `passed_at` and `summary`: the last pass of any keeper. `outside_at`: the last pass of one
    outside the app, unless that is longer ago than `SEEN_WITHIN`. `ping`: the note of how the
    monitor was told.
    """

    passed_at: datetime | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    outside_at: datetime | None = None
    ping: Note | None = None


def signs(context: Context) -> Signs:
    """What keepers left behind; one query."""
    notes = context.registry.notes.all()
    last = notes.get(HEARTBEAT, Note(HEARTBEAT))
    outside = notes.get(OUTSIDE, Note(OUTSIDE)).at
    # One that was switched off months ago must not reassure anybody.
    if outside and context.clock.now() - outside > SEEN_WITHIN:
        outside = None
    return Signs(last.at, last.body, outside, notes.get(PING))
