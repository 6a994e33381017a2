"""Whether a keeper outside the app has run recently.

A hosted app sleeps when nobody visits it; then only a scheduler outside looks after the voices.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from lib.registry import Note

OUTSIDE = "keeper_outside"
"""The note of the last pass that `python -m lib.keeper` made."""
SEEN_WITHIN = timedelta(hours=48)
"""Schedulers start late, and miss a turn now and then; none is silent for so long."""


def last_seen_at(notes: Mapping[str, Note], now: datetime) -> datetime | None:
    """When a keeper outside the app made its last pass; None if there was none within 48 hours.

    `notes`: all notes of the database by name.
    """
    note = notes.get(OUTSIDE)
    if note is None or note.at is None or now - note.at > SEEN_WITHIN:
        return None
    return note.at
