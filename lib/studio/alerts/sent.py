"""Keeps in the vault, too, which notices were sent.

A hosted app may begin each day with an empty database. Without this it would send every warning
again.
"""

from __future__ import annotations

import logging
from datetime import datetime

from lib.studio.core.context import Context
from lib.vault.base import VaultError
from lib.vault.json_files import moment, read_json, write_json

log = logging.getLogger("voicekeep.sent")

KEY = "keeper/told.json"
NOTE = "recall"
"""Name of the note in the database that says that the file was loaded."""
MOST = 10_000
"""How many notices are kept, the latest first: far more than can still hold."""
MAX_ID = 200


def save(context: Context) -> None:
    """Save which notices were sent. If the vault does not take it, the next message saves it."""
    known = context.registry.notices.all().values()
    sent = {one.id: one.told_at for one in known if one.told_at}
    latest = sorted(sent.items(), key=lambda item: item[1], reverse=True)[:MOST]
    try:
        write_json(context.live_vault, KEY, told={name: at.isoformat() for name, at in latest})
    except VaultError as problem:
        log.warning("Which notices were sent could not be saved: %s", problem)


def load(context: Context) -> None:
    """Load, once for this database, which notices were sent; an unreachable vault is
    tried again.
    """
    try:
        sent = _told(read_json(context.live_vault, KEY))
    except VaultError:
        return
    # Also without any: the note says that the vault was read, so that it is not read again.
    context.registry.notices.take_back(sent)
    context.registry.notes.write(NOTE, {"found": len(sent)}, context.clock.now())


def _told(body: dict[str, object]) -> dict[str, datetime]:
    """The notices of a file that anybody may have written; what is odd in it is passed over."""
    sent = body.get("told")
    if not isinstance(sent, dict):
        return {}
    found = {name: moment(at) for name, at in list(sent.items())[:MOST]}
    return {name: at for name, at in found.items() if at and 0 < len(name) <= MAX_ID}
