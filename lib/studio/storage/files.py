"""The files of voices: brought into the vault, from the service or a vault of before, and read
again. A copy counts only after it was written, read back and compared.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import PurePosixPath

from lib.event_kinds import EventKind
from lib.models import Dossier, ErrorKind, Evidence, EvidenceKind, Role, Voice, new_id
from lib.providers.base import ProviderError
from lib.recordings.embedding import inspect_embedding
from lib.recordings.inspect import inspect
from lib.recordings.problems import BadEmbedding, UnreadableRecording
from lib.recordings.wav_sizes import with_right_sizes
from lib.retention import LOST_APART, Want, copy_pause, deadline_of, held, rule_of, wanted
from lib.roles import Permission, Person
from lib.studio.core import drafts, record
from lib.studio.core.context import Context, NotConnected
from lib.studio.core.scratch import scratch_file
from lib.studio.core.standpoint import standpoint_of
from lib.studio.storage import migration, wording
from lib.studio.storage.in_memory import ROOM
from lib.studio.storage.manifests import copy_evidence
from lib.studio.storage.migration import bytes_of, count_no_more
from lib.studio.storage.wording import Reason, sentence
from lib.vault.base import Digesting, Vault, VaultError, content_key

FILE_LEASE = timedelta(minutes=5)
LARGEST = {
    Role.EMBEDDING: 5_000_000,
    Role.REFERENCE: 50_000_000,
    Role.ORIGINAL: drafts.LARGEST,
    Role.PREVIEW: 20_000_000,
    Role.ACTIVATION: 50_000_000,
    Role.STATEMENT: 20_000_000,
}
"""Bytes; more than any service makes or takes."""
MOST_BYTES = max(LARGEST.values())
BYTES = "application/octet-stream"


class CannotBring(Exception):
    """A file cannot be brought or read right now; `str()` is a sentence, `kind` what it is known
    by.
    """

    def __init__(self, sentence: str, kind: ErrorKind) -> None:
        super().__init__(sentence)
        self.kind = kind


def address(context: Context, service: str, key: str, *, seconds: int) -> str | None:
    """Where a browser can fetch a file of this service's voices by itself, for so long; None where
    the vault is a folder. Raises `VaultError`.
    """
    return context.vault(service).sign(key, seconds=seconds)


def read(context: Context, service: str, key: str) -> bytes:
    """A file of this service's voices. Raises `VaultError`."""
    return context.vault(service).get(key, max_bytes=MOST_BYTES)


def download(context: Context, voice: Voice, copy: Evidence, person: Person) -> bytes:
    """A file of a voice, to be taken away. Raises `NotPermitted` and `VaultError`."""
    person.require(Permission.KEEP)
    data = read(context, voice.service, copy.key)
    record.note(context, person, EventKind.DOWNLOADED, wording.downloaded(copy.role), voice)
    return data


def bring(context: Context, dossier: Dossier) -> bool:
    """Bring every wanted file of a voice into the vault; True if there were any and all came.

    What cannot be brought is noted on the voice, with the time when it is tried again.
    """
    voice = dossier.voice
    problems: list[CannotBring] = []
    wants = wanted(dossier, standpoint_of(context).terms(voice), context.now(voice.service))
    for want in wants:
        try:
            _bring(context, dossier, want)
        except CannotBring as problem:
            problems.append(problem)
        except VaultError as problem:
            problems.append(CannotBring(str(problem), ErrorKind.STORAGE))
    return _come_back(context, dossier, problems) and bool(wants)


def read_again(context: Context, dossier: Dossier) -> bool:
    """Read every file of a voice in the vault in use; True if all are as they were.

    A copy that is bad counts no more; bringing it again from wherever it still is, is due then.
    """
    voice = dossier.voice
    vault = context.vault(voice.service)
    now = context.now(voice.service)
    problems: list[CannotBring] = []
    good = True
    for item in held(dossier, vault.name):
        try:
            same = _is_as_it_was(vault, item) or _is_as_it_was(vault, item)
        except VaultError as problem:
            problems.append(CannotBring(str(problem), ErrorKind.STORAGE))
            continue
        if same:
            context.registry.voices.change_evidence(item, read_back_at=now)
        else:
            good = False
            count_no_more(context, item, now, sentence(Reason.BAD_COPY))
            context.wake()
    return _come_back(context, dossier, problems) and good


def _is_as_it_was(vault: Vault, item: Evidence) -> bool:
    """Whether the vault gives these very bytes. One look is not enough to call a copy bad: a
    byte may turn on its way here. Raises `VaultError` where nobody can tell.
    """
    seen = Digesting()
    try:
        vault.get_file(item.key, seen, max_bytes=LARGEST[Role(item.role)])
    except VaultError as problem:
        if problem.is_about_the_file:
            return False
        raise
    return seen.sha256 == item.sha256


def _bring(context: Context, dossier: Dossier, want: Want) -> None:
    """One file. Raises `CannotBring` and `VaultError`."""
    voice = dossier.voice
    vault = context.vault(voice.service)
    if want.role is Role.ORIGINAL:
        _move(context, want, vault)
        return
    with ROOM.taken(LARGEST[want.role]):
        _copy(context, dossier, want, vault)


def _copy(context: Context, dossier: Dossier, want: Want, vault: Vault) -> None:
    """A file that fits into memory. Raises as `_bring`."""
    voice = dossier.voice
    data, copy = _found(context, dossier, want)
    summary, media_type, extension = _checked(want.role, data, copy)
    key = content_key(f"voices/{voice.id}/{want.role}", data, extension)
    stored = vault.put_verified(key, data, media_type)
    if copy and copy.kind is EvidenceKind.ACTIVATION:
        context.registry.voices.change_evidence(
            copy, vault=stored.vault, key=stored.key, read_back_at=stored.read_back_at
        )
        return
    now = context.now(voice.service)
    context.registry.voices.add_evidence(copy_evidence(voice.id, want.role, stored, summary, now))


def _move(context: Context, want: Want, vault: Vault) -> None:
    """A file that only we have, and that may be too large for memory. Raises as `_bring`."""
    for copy in want.copies:
        with scratch_file(context) as file:
            found = False
            with suppress(VaultError):
                found = migration.copied(context, copy, file, max_bytes=LARGEST[want.role])
            if found:
                stored = vault.put_file(copy.key, file, BYTES)
                now = context.clock.now()
                item = copy_evidence(copy.voice_id, want.role, stored, copy.summary, now)
                context.registry.voices.add_evidence(item)
                return
    raise CannotBring(wording.left_behind(want.copies[-1].vault), ErrorKind.FILE)


def _found(context: Context, dossier: Dossier, want: Want) -> tuple[bytes, Evidence | None]:
    """The bytes of a wanted file and, where it is one of ours, the evidence of that copy."""
    missing = ""
    for copy in _counted_before(dossier, want):
        data = _from_vault(context, copy)
        if data is not None:
            return data, None
    for copy in want.copies:
        data = _from_vault(context, copy)
        if data is not None:
            return data, copy
        missing = wording.left_behind(copy.vault)
    if not want.url:
        raise CannotBring(missing, ErrorKind.FILE)
    try:
        provider = context.provider(dossier.voice.service)
        return with_right_sizes(provider.fetch(want.url, max_bytes=LARGEST[want.role])), None
    except NotConnected as problem:
        raise CannotBring(str(problem), ErrorKind.NO_KEY) from None
    except ProviderError as problem:
        if problem.kind is ErrorKind.NOT_FOUND and want.role is Role.EMBEDDING:
            _note_gone(context, dossier)
        raise CannotBring(problem.sentence, problem.kind) from None


def _counted_before(dossier: Dossier, want: Want) -> tuple[Evidence, ...]:
    """Copies of a voice file that could not be read once: what was the matter may be over."""
    if want.role is not Role.EMBEDDING:
        return ()
    return tuple(
        item
        for item in dossier.evidence
        if item.kind is EvidenceKind.COPY and item.role == want.role and item.withdrawn_at
    )


def _from_vault(context: Context, copy: Evidence) -> bytes | None:
    """The bytes of a copy, if a vault has them and gives them out now."""
    with suppress(VaultError):
        return bytes_of(context, copy, max_bytes=LARGEST[Role(copy.role)])
    return None


def _checked(role: Role, data: bytes, copy: Evidence | None) -> tuple[str, str, str]:
    """What a file is: summary, media type, extension. Raises `CannotBring`."""
    try:
        if role is Role.EMBEDDING:
            return inspect_embedding(data), BYTES, "safetensors"
        sound = inspect(data)
    except (BadEmbedding, UnreadableRecording) as problem:
        if copy is None:
            raise CannotBring(str(problem), ErrorKind.FILE) from None
        extension = PurePosixPath(copy.key).suffix.removeprefix(".") or "bin"
        return copy.summary, BYTES, extension
    return copy.summary if copy else sound.media_type, sound.media_type, sound.extension


def _note_gone(context: Context, dossier: Dossier) -> None:
    """The host says that the embedding is gone: evidence against it, twice, an hour apart."""
    voice = dossier.voice
    seen = dossier.valid_evidence(EvidenceKind.NOT_FOUND)
    now = context.now(voice.service)
    if not seen or (len(seen) == 1 and now - seen[0].at >= LOST_APART):
        item = Evidence(new_id(), voice.id, EvidenceKind.NOT_FOUND, now, role=Role.EMBEDDING)
        context.registry.voices.add_evidence(item)


def _come_back(context: Context, dossier: Dossier, problems: list[CannotBring]) -> bool:
    """Note when this voice's files are looked at next; True if there was no problem."""
    voice = dossier.voice
    if not problems:
        if voice.copy_tries or voice.copy_next_at or voice.copy_error:
            context.registry.voices.files_later(voice.id, tries=0, next_at=None)
        return True
    now = context.now(voice.service)
    tries = voice.copy_tries + 1
    pause = copy_pause(voice.id, tries, now, deadline_of(dossier, rule_of(voice)))
    first = problems[0]
    context.registry.voices.files_later(
        voice.id, tries=tries, next_at=now + pause, error=str(first), kind=first.kind
    )
    return False
