"""What shows that somebody agrees: a spoken statement or a signed form, beside the recording."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lib.consent import Consent
from lib.models import Evidence, Role
from lib.recordings.formats import FORMATS
from lib.recordings.kinds import sniff
from lib.recordings.problems import UnreadableRecording
from lib.studio.core.context import Context
from lib.studio.orders import wording
from lib.studio.orders.confirming import OrderRefused
from lib.studio.orders.wording import Reason, sentence
from lib.studio.storage import migration
from lib.studio.storage.files import LARGEST
from lib.studio.storage.manifests import copy_evidence
from lib.vault.base import VaultError, content_key

MAX_BYTES = LARGEST[Role.STATEMENT]
_FORMS = (
    (b"%PDF-", "PDF", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "PNG picture", "image/png", "png"),
    (b"\xff\xd8\xff", "JPEG picture", "image/jpeg", "jpg"),
)
"""What a signed form begins with, what it is called, its media type, its extension."""


@dataclass(frozen=True)
class Kind:
    """What a statement is."""

    title: str
    media_type: str
    extension: str


def kind_of(data: bytes) -> Kind:
    """What it is, by its content. Raises `OrderRefused`."""
    if len(data) > MAX_BYTES:
        raise OrderRefused(wording.statement_too_large(MAX_BYTES))
    for beginning, title, media_type, extension in _FORMS:
        if data.startswith(beginning):
            return Kind(title, media_type, extension)
    try:
        known = FORMATS[sniff(data)]
    except UnreadableRecording:
        raise OrderRefused(sentence(Reason.NO_STATEMENT)) from None
    return Kind(known.title, known.media_type, known.extension)


def store(context: Context, service: str, voice_id: str, data: bytes, at: datetime) -> Evidence:
    """Write it into the vault beside the recording and read it back. Raises `OrderRefused`."""
    kind = kind_of(data)
    key = content_key(f"voices/{voice_id}/{Role.STATEMENT}", data, kind.extension)
    try:
        stored = context.vault(service).put_verified(key, data, kind.media_type)
    except VaultError as problem:
        raise OrderRefused(wording.statement_not_stored(str(problem))) from None
    return copy_evidence(voice_id, Role.STATEMENT, stored, kind.title, at)


def kept(context: Context, consent: Consent) -> bytes:
    """The statement that was stored with another voice of this record; b"" where there is none.
    Raises `OrderRefused` where it cannot be read now.
    """
    for dossier in context.registry.library.dossiers().values():
        if dossier.voice.consent != consent:
            continue
        copy = dossier.copy(Role.STATEMENT, context.vault(dossier.voice.service).name)
        try:
            data = copy and migration.bytes_of(context, copy, max_bytes=MAX_BYTES)
        except VaultError as problem:
            raise OrderRefused(wording.statement_unread(consent.speaker, str(problem))) from None
        if data:
            return data
    return b""
