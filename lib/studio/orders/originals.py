"""What somebody brought, kept beside the recording that was made from it and sent.

It may be a video of 200 MB: it is never held in memory where it lies on a disk or in a vault.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import PurePosixPath
from typing import BinaryIO, TypeAlias

from lib import storable
from lib.json_reading import JsonObject, object_of
from lib.models import Evidence, Role
from lib.recordings.formats import FORMATS
from lib.recordings.kinds import sniff
from lib.recordings.problems import UnreadableRecording
from lib.studio.core.context import Context
from lib.studio.core.drafts import LARGEST, MEGABYTE, Draft, DraftGone
from lib.studio.core.scratch import scratch_file
from lib.studio.core.wording import too_large
from lib.studio.orders import wording
from lib.studio.orders.confirming import OrderRefused, forget_files
from lib.studio.orders.wording import Reason, sentence
from lib.studio.storage import migration
from lib.studio.storage.manifests import copy_evidence
from lib.vault.base import VaultError, sha256_hex

Original: TypeAlias = bytes | Draft | Evidence
"""What was brought: in memory, as a draft, or as the copy that a voice was made from before."""

MAX_CHANGES = 10_000
"""Bytes of what was done to it, as JSON."""
HEAD_BYTES = 64 * 1024
_EXTENSIONS = frozenset(known.extension for known in FORMATS.values())


def digest(original: Original) -> str:
    """The SHA-256 that it has to have; "" where there is none."""
    if isinstance(original, bytes):
        return sha256_hex(original) if original else ""
    return original.sha256


def noted(changes: JsonObject) -> JsonObject:
    """What was done to it, fit to be kept in a manifest. Raises `OrderRefused`."""
    plain = object_of(storable.json_value(changes))
    if len(json.dumps(plain)) > MAX_CHANGES:
        raise OrderRefused(sentence(Reason.MANY_EDITS))
    return plain


def store(
    context: Context, service: str, voice_id: str, original: Original, at: datetime
) -> Evidence | None:
    """Write it into the vault and read it back; None where a kept copy is there no more, which does
    not keep a voice from being cloned again. Raises `OrderRefused`.
    """
    vault = context.vault(service)
    with _opened(context, original) as source:
        if source is None:
            return None
        kind, media_type, extension = _kind(source.read(HEAD_BYTES), original)
        key = f"voices/{voice_id}/{Role.ORIGINAL}/{digest(original)}.{extension}"
        try:
            stored = vault.put_file(key, source, media_type)
        except VaultError as problem:
            raise OrderRefused(wording.original_not_stored(str(problem))) from None
    copy = copy_evidence(voice_id, Role.ORIGINAL, stored, kind, at)
    if stored.sha256 != digest(original):
        forget_files(context, service, [copy])
        raise OrderRefused(sentence(Reason.NOT_AS_BROUGHT))
    return copy


@contextmanager
def _opened(context: Context, original: Original) -> Iterator[BinaryIO | None]:
    """Raises `OrderRefused` where what was just brought is not there, or cannot be read now."""
    if isinstance(original, bytes):
        if len(original) > LARGEST:
            raise OrderRefused(too_large(LARGEST // MEGABYTE))
        yield io.BytesIO(original)
    elif isinstance(original, Draft):
        try:
            file = context.drafts.open(original)
        except DraftGone as problem:
            raise OrderRefused(str(problem)) from None
        with file:
            yield file
    else:
        with scratch_file(context) as target:
            try:
                found = migration.copied(context, original, target, max_bytes=LARGEST)
            except VaultError as problem:
                raise OrderRefused(wording.original_unread(str(problem))) from None
            target.seek(0)
            yield target if found else None


def _kind(head: bytes, original: Original) -> tuple[str, str, str]:
    """What it is called, its media type and its extension: by its content, as far as that tells."""
    name = original.file_name if isinstance(original, Draft) else ""
    ending = PurePosixPath(name).suffix[1:].lower()
    if isinstance(original, Evidence):
        name, ending = original.summary, PurePosixPath(original.key).suffix[1:]
    try:
        known = FORMATS[sniff(head)]
    except UnreadableRecording:
        return name, "application/octet-stream", "bin"
    if ending not in _EXTENSIONS:
        ending = known.extension
    return name or known.title, known.media_type, ending
