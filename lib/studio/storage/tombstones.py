"""What is left of an erased voice in the vault: a note that keeps it from coming back.

A container that rebuilds its library from the vault, one with an old database, and an old export
that is imported: each of them meets the note, and leaves the voice out or erases what it brought.
"""

from __future__ import annotations

import logging

from lib.json_reading import object_of
from lib.registry.erasures import Erasure
from lib.services import DEMO, SERVICES
from lib.studio.core.context import Context
from lib.studio.core.typed_text import one_line
from lib.vault.base import Vault, VaultError
from lib.vault.json_files import moment, read_json, write_json

log = logging.getLogger("voicekeep.erasing")

FILE = "erased.json"


def key_of(voice_id: str) -> str:
    """Where the note about this voice lies."""
    return f"voices/{voice_id}/{FILE}"


def write(vault: Vault, erasure: Erasure) -> None:
    """Leave the note and read it back. It tells of no name, text or sound. Raises `VaultError`."""
    at, end = erasure.started_at, erasure.finished_at
    write_json(
        vault,
        key_of(erasure.voice_id),
        voice_id=erasure.voice_id,
        service=erasure.service,
        asked_at=erasure.asked_at.isoformat(),
        asked_by=erasure.asked_by,
        started_at=at.isoformat() if at else "",
        finished_at=end.isoformat() if end else "",
        receipt=erasure.receipt,
    )


def keep_out(context: Context, vault: Vault, voice_id: str) -> None:
    """Take nothing of this voice any more: such a note lies in its folder.

    Raises `VaultError` where the vault is in trouble.
    """
    context.registry.erasures.keep_out(_told(context, vault, voice_id))


def _told(context: Context, vault: Vault, voice_id: str) -> Erasure:
    """What the note says. Of one that is broken its place alone counts: nothing comes back."""
    try:
        body = read_json(vault, key_of(voice_id))
    except VaultError as problem:
        if not problem.is_about_the_file:
            raise
        body = {}
    if not body:
        log.warning("The note about the erased voice %s cannot be read", voice_id[:64])
    voice = context.registry.voices.get(voice_id)
    told = str(body.get("service", ""))
    service = voice.service if voice else told if told in SERVICES else ""
    now = context.clock.now()
    asked = moment(body.get("asked_at")) or now
    started = moment(body.get("started_at")) or now
    return Erasure(
        voice_id,
        service or next(iter(context.settings.live_services), DEMO),
        asked_at=asked,
        asked_by=one_line(str(body.get("asked_by", ""))),
        due_at=started,
        started_at=started,
        finished_at=moment(body.get("finished_at")) or now,
        receipt=object_of(body.get("receipt")),
    )
