"""What people were told, kept in the vault as well: a bucket alone is enough.

A hosted app begins each day with an empty database. Without this it would tell everything again.
"""

from __future__ import annotations

import logging
from datetime import datetime

from lib.studio.core.context import Context
from lib.vault.base import VaultError
from lib.vault.json_files import moment, read_json, write_json

log = logging.getLogger("voicekeep.recall")

KEY = "keeper/told.json"
NOTE = "recall"
"""Its note in the database says that the vault was asked."""
MOST = 10_000
"""Notices, the latest first: far more than can still be so."""
MAX_ID = 200


def save(context: Context) -> None:
    """Keep in the vault which notices were sent, and when.

    A vault that does not take it now gets it with the next message.
    """
    known = context.registry.notices.all().values()
    sent = {one.id: one.told_at for one in known if one.told_at}
    latest = sorted(sent.items(), key=lambda item: item[1], reverse=True)[:MOST]
    try:
        write_json(context.live_vault, KEY, sent={name: at.isoformat() for name, at in latest})
    except VaultError as problem:
        log.warning("What was told could not be written down: %s", problem)


def load(context: Context) -> None:
    """Take from the vault which notices an earlier database sent; once, for a new database.

    A vault out of reach is asked again later.
    """
    try:
        sent = _told(read_json(context.live_vault, KEY))
    except VaultError:
        return
    context.registry.notices.take_back(sent)
    context.registry.notes.write(NOTE, {"found": len(sent)}, context.clock.now())


def _told(body: dict[str, object]) -> dict[str, datetime]:
    """The notices of a file that anybody may have written; what is odd in it is passed over."""
    sent = body.get("told")
    if not isinstance(sent, dict):
        return {}
    found = {name: moment(at) for name, at in list(sent.items())[:MOST]}
    return {name: at for name, at in found.items() if at and 0 < len(name) <= MAX_ID}
