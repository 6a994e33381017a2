"""An export of the whole library, prepared by the keeper and handed to whoever asked for it."""

from __future__ import annotations

import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from lib.event_kinds import EventKind
from lib.json_reading import list_of, number_of, text_of
from lib.models import new_id
from lib.registry import Note
from lib.roles import KEEPER, Permission, Person
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.transfer.exporting import Progress, Written, quietly, write
from lib.studio.transfer.wording import Deed, Reason, deed, sentence
from lib.vault.base import Vault, VaultError

FOLDER = "exports/"
MEDIA_TYPE = "application/zip"
NOTE = "export"
ASKED_BY = "export_asked_by"
LEASE = timedelta(hours=2)
LINK_SECONDS = 3_600
KEPT = timedelta(days=1)
"""It holds every voice of the library: it does not lie there longer than it takes to fetch it."""
_TOLD = 50
_TIME = "%Y%m%dt%H%M%Sz"


@dataclass(frozen=True)
class Prepared:
    """An export that lies in the vault in use, read back; of its lacks only the first are told.

    `live_vault.sign(key, seconds=LINK_SECONDS)` is its address, or None for a folder.
    """

    key: str
    at: datetime
    written: Written
    person: str = ""
    """Who asked for it; "" where nobody did, as at the command line."""


@dataclass(frozen=True)
class State:
    """Where things stand: an export that is asked for, one that is there, or why there is none."""

    asked: bool = False
    prepared: Prepared | None = None
    trouble: str = ""


def ask(context: Context, person: Person) -> None:
    """A person wants an export; the keeper prepares it. Raises `NotPermitted`."""
    person.require(Permission.EXPORT)
    now = context.clock.now()
    context.registry.notes.write(ASKED_BY, {"person": recorded_as(person)}, now)
    context.registry.notes.ask(NOTE, now)
    record.note(context, person, EventKind.EXPORTED, deed(Deed.ASKED_FOR_EXPORT))
    context.wake()


def answer_asked(context: Context) -> bool:
    """Prepare an export if somebody asked for one; of any number of keepers, one does it."""
    if not state(context).asked:
        return False
    with context.registry.leases.hold("export", new_id(), LEASE) as mine:
        if not mine or not state(context).asked:  # somebody else has just done it
            return False
        try:
            prepare(context, progress=context.runtime.exporting.report)
        except (VaultError, OSError) as problem:
            full = sentence(Reason.DISK_FULL)
            why = str(problem) if isinstance(problem, VaultError) else full
            context.registry.notes.write(NOTE, {"trouble": why}, context.clock.now())
        finally:
            context.runtime.exporting.report(0, 0)
    return True


def state(context: Context) -> State:
    """What there is to fetch, or to wait for. One query, no network."""
    note = context.registry.notes.get(NOTE)
    if note is None:
        return State()
    trouble = str(note.body.get("trouble", ""))
    return State(note.asked_at is not None, _prepared(context, note), trouble)


def prepare(context: Context, *, progress: Progress = quietly) -> Prepared:
    """Lay an export of the whole library into the vault, and remove those nobody fetches now.

    For the keeper: it takes its time, and as much of this server's disk as the library is large.
    Raises `VaultError`, and OSError where this disk is full.
    """
    vault, now = context.live_vault, context.clock.now()
    context.settings.data_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=context.settings.data_folder) as file:
        written = write(context, file, person=KEEPER, progress=progress)
        key = f"{FOLDER}{now.astimezone(UTC):{_TIME}}-{secrets.token_hex(8)}.zip"
        vault.put_file(key, file, MEDIA_TYPE)
    reported = replace(written, missing=written.missing[:_TOLD])
    asked = context.registry.notes.get(ASKED_BY)
    person = text_of(asked.body.get("person")) if asked else ""
    body = {"vault": vault.name, "key": key, "person": person, **vars(reported)}
    context.registry.notes.write(NOTE, body, now)
    _remove_old(vault, now)
    return Prepared(key, now, reported, person)


def drop_old(context: Context) -> None:
    """Delete an export that has lain there for a day. Raises `VaultError`."""
    note = context.registry.notes.get(NOTE)
    prepared = _prepared(context, note) if note else None
    if prepared and context.clock.now() - prepared.at > KEPT:
        context.live_vault.delete(prepared.key)
        context.registry.notes.write(NOTE, {}, prepared.at)


def drop_all(context: Context) -> None:
    """Delete every export that was prepared: something that is in them is to be gone. Whoever
    wants one asks anew. Raises `VaultError`.
    """
    vault = context.live_vault
    for key in list(vault.keys(FOLDER)):
        vault.delete(key)
    note = context.registry.notes.get(NOTE)
    if note and "key" in note.body:
        context.registry.notes.write(NOTE, {}, context.clock.now())


def _prepared(context: Context, note: Note) -> Prepared | None:
    if (
        note.at is None
        or "key" not in note.body
        or note.body.get("vault") != context.live_vault.name
    ):
        return None  # none was made, the last one failed, or it lies in the vault of before
    body = note.body
    written = Written(
        voices=int(number_of(body["voices"])),
        takes=int(number_of(body["takes"])),
        files=int(number_of(body["files"])),
        bytes=int(number_of(body["bytes"])),
        missing=tuple(map(str, list_of(body["missing"]))),
        scripts=int(number_of(body.get("scripts"), 0)),
    )
    return Prepared(text_of(body["key"]), note.at, written, text_of(body.get("person")))


def address(context: Context, ready: Prepared, person: Person) -> str | None:
    """Where a browser can fetch it by itself; None where the vault is a folder.

    Raises `NotPermitted`.
    """
    person.require(Permission.EXPORT)
    return context.live_vault.sign(ready.key, seconds=LINK_SECONDS)


def read(context: Context, ready: Prepared, person: Person) -> bytes:
    """The whole file, for a folder that no browser can fetch from.

    Raises `NotPermitted` and `VaultError`.
    """
    person.require(Permission.EXPORT)
    data = context.live_vault.get(ready.key, max_bytes=ready.written.bytes)
    note_fetched(context, person)
    return data


def note_fetched(context: Context, person: Person) -> None:
    """Note that a person fetched the export; where a browser does that by itself, at the click.

    Raises `NotPermitted`.
    """
    person.require(Permission.EXPORT)
    record.note(context, person, EventKind.DOWNLOADED, deed(Deed.DOWNLOADED_EXPORT))


def _remove_old(vault: Vault, now: datetime) -> None:
    """Older exports whose address is no longer good. Where that fails, the next one does it."""
    with suppress(VaultError):
        for key in list(vault.keys(FOLDER)):
            with suppress(ValueError):  # somebody else's file
                name = key.removeprefix(FOLDER).partition("-")[0]
                at = datetime.strptime(name, _TIME).replace(tzinfo=UTC)
                if now - at > timedelta(seconds=LINK_SECONDS):
                    vault.delete(key)
