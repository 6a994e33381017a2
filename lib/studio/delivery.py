"""An export of the whole library, prepared by the keeper and handed to whoever asked for it."""

from __future__ import annotations

import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from lib.models import new_id
from lib.studio.exports import Progress, Written, quietly, write
from lib.studio.workshop import Workshop
from lib.vault.base import Vault, VaultError

FOLDER = "exports/"
MEDIA_TYPE = "application/zip"
NOTE = "export"
LEASE = timedelta(hours=2)
LINK_SECONDS = 3_600
_TOLD = 50
_TIME = "%Y%m%dt%H%M%Sz"


@dataclass(frozen=True)
class Prepared:
    """An export that lies in the vault, read back. `missing`: the first of its lacks."""

    vault: str
    key: str
    sha256: str
    at: datetime
    written: Written


@dataclass(frozen=True)
class State:
    """Where things stand: an export that is asked for, one that is there, or why there is none."""

    asked: bool = False
    prepared: Prepared | None = None
    trouble: str = ""


def ask(workshop: Workshop) -> None:
    """A person wants an export; the keeper prepares it."""
    workshop.registry.notes.ask(NOTE, workshop.clock.now())
    workshop.wake()


def answer_asked(workshop: Workshop) -> bool:
    """Prepare an export if somebody asked for one; of any number of keepers, one does it."""
    if not state(workshop).asked:
        return False
    with workshop.registry.leases.hold("export", new_id(), LEASE) as mine:
        if not mine or not state(workshop).asked:  # somebody else has just done it
            return False
        try:
            prepare(workshop, progress=workshop.exporting.tell)
        except (VaultError, OSError) as problem:
            full = "There is no room for it on this server's disk."
            why = str(problem) if isinstance(problem, VaultError) else full
            workshop.registry.notes.write(NOTE, {"trouble": why}, workshop.clock.now())
        finally:
            workshop.exporting.tell(0, 0)
    return True


def state(workshop: Workshop) -> State:
    """What there is to fetch, or to wait for. One query, no network."""
    note = workshop.registry.notes.all().get(NOTE)
    if note is None:
        return State()
    trouble = str(note.body.get("trouble", ""))
    return State(note.asked_at is not None, prepared(workshop), trouble)


def prepare(workshop: Workshop, *, progress: Progress = quietly) -> Prepared:
    """Lay an export of the whole library into the vault, and remove those nobody fetches now.

    For the keeper: it takes its time, and as much of this server's disk as the library is large.
    Raises `VaultError`, and OSError where this disk is full.
    """
    vault, now = workshop.live_vault, workshop.clock.now()
    workshop.settings.data_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=workshop.settings.data_folder) as file:
        written = write(workshop, file, progress=progress)
        key = f"{FOLDER}{now.astimezone(UTC):{_TIME}}-{secrets.token_hex(8)}.zip"
        stored = vault.put_file(key, file, MEDIA_TYPE)
    told = replace(written, missing=written.missing[:_TOLD])
    done = Prepared(vault.name, key, stored.sha256, now, told)
    body = {"vault": vault.name, "key": key, "sha256": stored.sha256, **vars(told)}
    workshop.registry.notes.write(NOTE, body, now)
    _remove_old(vault, now)
    return done


def prepared(workshop: Workshop) -> Prepared | None:
    """The export that was prepared last, if it lies in the vault in use. One query, no network.

    `live_vault.sign(key, seconds=LINK_SECONDS)` is its address, or None for a folder.
    """
    note = workshop.registry.notes.all().get(NOTE)
    if note is None or note.at is None or note.body.get("vault") != workshop.live_vault.name:
        return None  # none was made, the last one failed, or it lies in the vault of before
    body = note.body
    written = Written(
        voices=int(body["voices"]),
        takes=int(body["takes"]),
        files=int(body["files"]),
        bytes=int(body["bytes"]),
        missing=tuple(body["missing"]),
    )
    return Prepared(body["vault"], body["key"], body["sha256"], note.at, written)


def _remove_old(vault: Vault, now: datetime) -> None:
    """Older exports whose address is no longer good. Where that fails, the next one does it."""
    with suppress(VaultError):
        for key in list(vault.keys(FOLDER)):
            with suppress(ValueError):  # somebody else's file
                name = key.removeprefix(FOLDER).partition("-")[0]
                at = datetime.strptime(name, _TIME).replace(tzinfo=UTC)
                if now - at > timedelta(seconds=LINK_SECONDS):
                    vault.delete(key)
