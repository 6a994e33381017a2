"""After a change of `VAULT_URL`: what lies in the vaults of before moves to the one of now.

Files of voices move with each voice's own next step (`files.py`); here is where they come from,
what a new vault needs besides, and how far it is.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from lib.event_kinds import EventKind
from lib.json_reading import list_of, number_of
from lib.models import Dossier, Evidence, EvidenceKind, Take
from lib.retention import elsewhere
from lib.roles import Permission, Person
from lib.services import DEMO
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.storage import wording
from lib.studio.storage.in_memory import AT_ONCE, ROOM
from lib.studio.storage.wording import Deed, Reason, deed, sentence
from lib.vault import open_vault
from lib.vault.base import Vault, VaultError, VaultTrouble, digest_of

NOTE = "vaults"
TAKES_PER_PASS = 200
MAX_TAKE_BYTES = 50_000_000
PATIENCE = 3
"""A vault that did not answer so often in a row is not waited for any more."""


@dataclass(frozen=True)
class Progress:
    """How many files of how many are in the vault of now."""

    done: int
    total: int


def meet_vault(context: Context) -> bool:
    """Note the vault in use; True if it is a new one.

    A new vault needs every story once more: without them nothing could be rebuilt from it.
    """
    known = _names(context)
    name = context.live_vault.name
    if known and known[-1] == name:
        return False
    context.registry.voices.unsave(without=DEMO)
    context.registry.takes.unsave(without=DEMO)
    context.registry.scripts.unsave(without=DEMO)
    if known:
        context.registry.events.unsave()
    dossiers = context.registry.library.of(context.settings.live_services)
    body = {
        "names": [*(old for old in known if old != name), name],
        "total": sum(files_left(dossier, name) for dossier in dossiers) + _takes_left(context),
    }
    context.registry.notes.write(NOTE, body, context.clock.now())
    return True


def files_left(dossier: Dossier, vault: str) -> int:
    """How many files of this voice are to move to the vault of this name. Pure."""
    return 0 if dossier.voice.service == DEMO else len(elsewhere(dossier, vault))


def progress(context: Context, files: int) -> Progress | None:
    """How far the move is, or None where nothing is left to move. `files`: those of all voices that
    are left.
    """
    left = files + _takes_left(context)
    if not left:
        return None
    note = context.registry.notes.get(NOTE)
    total = max(int(number_of(note.body.get("total"))) if note else 0, left)
    return Progress(total - left, total)


def known_vault(context: Context, name: str) -> Vault | None:
    """A vault that this library used before, if it can be opened with the settings of now.

    Only names that were noted here: what a manifest names is a stranger's word.
    """
    for vault in (context.live_vault, context.demo_vault):
        if vault.name == name:
            return vault
    if name in context.runtime.old_vaults:
        return context.runtime.old_vaults[name]
    if name not in _names(context):
        return None
    # A bucket that is not at AWS is named with its host; the address of a folder may hold an @.
    url = name.split("@")[0] if name.startswith("s3://") else name
    try:
        vault = open_vault(
            url,
            context.clock,
            aws=context.settings.aws,
            default_folder=context.settings.data_folder / "vault",
        )
    except VaultError:
        return None
    if vault.name != name:
        return None
    context.runtime.old_vaults[name] = vault  # a client of its own for each file would be slow
    return vault


def move_takes(context: Context) -> list[str]:
    """Bring the sounds of takes into the vault of now, a bounded number of them. Returns a sentence
    for those that could not be brought.

    Vaults that do not answer are not waited for again and again.
    """
    vault = context.live_vault
    stuck: list[Take] = []
    silent: list[Take] = []

    def move(take: Take) -> None:
        if len(silent) >= PATIENCE:
            return
        try:
            with ROOM.taken(take.size or MAX_TAKE_BYTES):
                data = bytes_of(context, take, max_bytes=MAX_TAKE_BYTES)
                if data is None:
                    stuck.append(take)
                    return
                stored = vault.put_verified(take.key, data, take.mime or "audio/mpeg")
        except VaultError:
            silent.append(take)
            return
        context.registry.takes.moved(take.id, stored.vault)

    takes = context.registry.takes.elsewhere(vault.name, without=DEMO, limit=TAKES_PER_PASS)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="voicekeep-files") as pool:
        list(pool.map(move, takes))
    left = len(stuck) + len(silent)
    return [wording.takes_left_behind(left)] if left else []


def leave_behind(context: Context, dossiers: Iterable[Dossier], person: Person) -> int:
    """A person gives up what lies in a storage of before; returns how many files.

    Nothing is deleted there: it only counts for nothing any more, and is not asked for again.
    Raises `NotPermitted`.
    """
    person.require(Permission.SETTINGS)
    name, left = context.live_vault.name, 0
    for dossier in dossiers:
        voice = dossier.voice
        wants = elsewhere(dossier, name) if voice.service != DEMO else ()
        now = context.now(voice.service)
        for copy in (copy for want in wants for copy in want.copies):
            count_no_more(context, copy, now, sentence(Reason.GIVEN_UP))
            left += 1
        if wants:
            context.registry.voices.files_later(voice.id, tries=0, next_at=None)
            record.note(context, person, EventKind.STORAGE, deed(Deed.LEFT_FILES), voice)
    left += context.registry.takes.leave_behind(name, without=DEMO)
    context.wake()
    return left


def count_no_more(context: Context, copy: Evidence, now: datetime, why: str) -> None:
    """A copy is no evidence any more; a real use stays one, though its sound is gone."""
    if copy.kind is EvidenceKind.ACTIVATION:
        context.registry.voices.change_evidence(copy, vault="", key="", read_back_at=None)
    else:
        context.registry.voices.change_evidence(copy, withdrawn_at=now, withdrawn_why=why)


def bytes_of(context: Context, file: Evidence | Take, *, max_bytes: int) -> bytes | None:
    """As `copied`, for a file that fits into memory; None where neither vault has it."""
    target = io.BytesIO()
    return target.getvalue() if copied(context, file, target, max_bytes=max_bytes) else None


def copied(context: Context, file: Evidence | Take, target: BinaryIO, *, max_bytes: int) -> bool:
    """Write a copy or a take to `target`, which is empty, as it was written once: from the vault in
    use, or from the one that it names; False where neither has it.

    Raises `VaultError` where none has it and one of the two did not answer.
    """
    problem: VaultError | None = None
    for vault in (context.live_vault, known_vault(context, file.vault)):
        try:
            target.seek(0)
            target.truncate()
            if vault:
                vault.get_file(file.key, target, max_bytes=max_bytes)
        except ValueError:  # a key that is not one of ours names no file
            return False
        except VaultError as caught:
            problem = caught if caught.trouble is not VaultTrouble.MISSING else problem
            continue
        target.seek(0)
        if digest_of(target)[0] == file.sha256:
            return True
    if problem:
        raise problem
    return False


def names(context: Context) -> set[str]:
    """The vaults that this library uses or used, the demo's own left out."""
    return {*_names(context), context.live_vault.name}


def _names(context: Context) -> list[str]:
    note = context.registry.notes.get(NOTE)
    return [str(name) for name in list_of(note.body.get("names"))] if note else []


def _takes_left(context: Context) -> int:
    return context.registry.takes.count_elsewhere(context.live_vault.name, without=DEMO)
