"""Keeps in the vault, too, which notices were sent.

A hosted app may begin each day with an empty database. Without this it would send every warning
again.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from lib.studio.core.context import Context
from lib.vault.base import VaultError, VaultTrouble

log = logging.getLogger("voicekeep.sent")

KEY = "keeper/told.json"
NOTE = "recall"
"""Name of the note in the database that says that the file was loaded."""
FORMAT = 1
JSON = "application/json"
MAX_BYTES = 2_000_000
MOST = 10_000
"""How many notices are kept, the latest first: far more than can still hold."""
MAX_ID = 200


def save(context: Context) -> None:
    """Save which notices were sent. If the vault does not take it, the next message saves it."""
    known = context.registry.notices.all().values()
    sent = {one.id: one.told_at for one in known if one.told_at}
    latest = sorted(sent.items(), key=lambda item: item[1], reverse=True)[:MOST]
    body = {"format": FORMAT, "told": {name: at.isoformat() for name, at in latest}}
    try:
        context.live_vault.put_verified(KEY, json.dumps(body, indent=1).encode(), JSON)
    except VaultError as problem:
        log.warning("Which notices were sent could not be saved: %s", problem)


def load(context: Context) -> None:
    """Load, once for this database, which notices were sent; an unreachable vault is
    tried again.
    """
    sent: dict[str, datetime] = {}
    try:
        sent = _read(context.live_vault.get(KEY, max_bytes=MAX_BYTES))
    except VaultError as problem:
        if problem.trouble not in (VaultTrouble.MISSING, VaultTrouble.TOO_LARGE):
            return
    context.registry.notices.take_back(sent)
    context.registry.notes.write(NOTE, {"found": len(sent)}, context.clock.now())


def _read(data: bytes) -> dict[str, datetime]:
    """The notices of a file that anybody may have written; what cannot be right is ignored."""
    try:
        body: Any = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    sent = body.get("told") if isinstance(body, dict) and body.get("format") == FORMAT else None
    if not isinstance(sent, dict):
        return {}
    found = {name: _moment(at) for name, at in list(sent.items())[:MOST]}
    return {name: at for name, at in found.items() if at and 0 < len(name) <= MAX_ID}


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
