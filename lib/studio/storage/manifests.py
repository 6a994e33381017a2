"""Manifests: written when a story changed, read back when a registry lost it."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from threading import Event, RLock, Thread
from zlib import crc32

from lib import manifest
from lib.manifest import BadManifest, Fault, Story, TakeStory
from lib.models import (
    OWN_STORY,
    Dossier,
    Evidence,
    EvidenceKind,
    Job,
    JobKind,
    JobState,
    LongText,
    Role,
    new_id,
)
from lib.registry import DatabaseUnavailable
from lib.registry.manifests import Manifests
from lib.registry.unreadable import Unreadable
from lib.scripts import Script
from lib.services import SERVICES
from lib.studio.core.context import Context
from lib.studio.storage import tombstones, unreadable, wording
from lib.studio.storage.in_memory import AT_ONCE
from lib.studio.storage.migration import known_vault
from lib.studio.storage.unreadable import Folder
from lib.studio.storage.wording import UNNAMED, Reason, sentence
from lib.vault.base import Stored, Vault, VaultError, VaultTrouble

log = logging.getLogger("voicekeep.vaulting")

JSON = "application/json"
SAVED_PER_PASS = 200
KEEPING_WAITS = 5.0
"""Seconds that a use waits for its story to be written, before it is sent and after."""
VAULT_RESTS = 60.0
"""Seconds that no use waits for a vault that did not answer in time."""
_TURNS = tuple(RLock() for _ in range(64))
LOOKED_AT_AGAIN = 50
"""Stories in a pass that could not be read before."""


def copy_evidence(
    voice_id: str, role: Role, stored: Stored, summary: str, at: datetime
) -> Evidence:
    """A file of a voice that was written and read back."""
    return Evidence(
        id=new_id(),
        voice_id=voice_id,
        kind=EvidenceKind.COPY,
        at=at,
        role=role,
        vault=stored.vault,
        key=stored.key,
        sha256=stored.sha256,
        size=stored.size,
        summary=summary,
        read_back_at=at,
    )


def _records(context: Context, folder: str) -> Manifests:
    """The records whose manifests lie in this folder, one of `manifest.FILES`."""
    registry = context.registry
    return {
        "voices": registry.voices,
        "takes": registry.takes,
        "scripts": registry.scripts,
    }[folder]


def story_of(context: Context, folder: str, record_id: str) -> Story | None:
    """All that the registry knows of one voice, take or script, by the folder of its manifest."""
    registry = context.registry
    if folder == "voices":
        return registry.voices.dossier(record_id)
    if folder == "scripts":
        return registry.scripts.story(record_id)
    return registry.takes.story(record_id)


def save(context: Context, story: Story) -> None:
    """Write the manifest of a voice, a take or a script to the vault, read it back and note its
    revision.

    Of a take that was deleted the sound is deleted first. Raises `VaultError`.
    """
    record, key = manifest.head(story), manifest.key_of(story)
    if isinstance(story, TakeStory):
        _delete_sound(context, story.order)
    folder = key.partition("/")[0]
    with _turn(record.id):
        context.vault(record.service).put_verified(key, _checked(story), JSON)
        if not _records(context, folder).saved(record.id, record.revision):
            newest = story_of(context, folder, record.id)
            if newest and manifest.head(newest).saved_revision > record.revision:
                save(context, newest)  # ours may have come to lie over a newer one


def bring_in(context: Context, story: Story) -> bool:
    """Write the story of another library to the vault and take it into the registry from there.

    Ended in between, the next reading of the vault does the rest. What the registry does not take
    leaves the vault again, or gives way to ours. Returns False where ours has become newer
    meanwhile. Raises `BadManifest`, `VaultError` and `DatabaseUnavailable`.
    """
    record, key = manifest.head(story), manifest.key_of(story)
    vault = context.vault(record.service)
    taken = False
    try:
        vault.put_verified(key, manifest.write_checked(story), JSON)
        taken = _absorb(context, story)
    finally:
        if not taken:
            with suppress(VaultError, DatabaseUnavailable):
                ours = story_of(context, key.partition("/")[0], record.id)
                if ours:
                    save(context, ours)
                else:
                    vault.delete(key)
    return taken


def _absorb(context: Context, story: Story) -> bool:
    """Take a story into the registry if it is newer than ours. Raises `BadManifest`."""
    if isinstance(story, Dossier):
        return context.registry.voices.absorb(story)
    if isinstance(story, Script):
        return context.registry.scripts.absorb(story)
    return context.registry.takes.absorb(story)


def _turn(record: str) -> RLock:
    """What is written of one story is written in turn: one that came late never lies over a newer
    one of the same process.
    """
    return _TURNS[crc32(record.encode()) % len(_TURNS)]


def _checked(story: Story) -> bytes:
    """The manifest, once it was read back: only what can be read counts. Raises `VaultError`."""
    try:
        return manifest.write_checked(story)
    except BadManifest as problem:
        raise VaultError(VaultTrouble.DAMAGED, wording.not_read_back(str(problem))) from None


def _delete_sound(context: Context, order: Job | LongText) -> None:
    """Where a take was deleted, its story stays without text and sound: were it gone from the
    vault, what it cost would be forgotten, and an older story of it could come back.
    """
    if not order.deleted:
        return
    key = str(order.deleted.get("key", ""))
    vault = known_vault(context, str(order.deleted.get("vault", "")))
    # A story may be a stranger's: only its own sound is ever deleted.
    if vault and re.fullmatch(rf"takes/{re.escape(order.id)}/audio\.[a-z0-9]{{1,16}}", key):
        vault.delete(key)


def save_before_sending(context: Context, job: Job) -> None:
    """Write the manifest of an order that is about to be sent, as being sent: were this container
    to vanish in the next second, the next one must not take the order for unsent.

    Raises `VaultError`, but not for a use that keeps a voice: that is never held up by a vault.
    """
    now = context.now(job.service)
    sending = replace(job, state=JobState.SUBMITTING, submitted_at=now)
    if job.kind in OWN_STORY:
        _save_long_text_first(context, job)
        told = context.registry.takes.story(job.id)
        save(context, TakeStory(sending, line=told.line if told else None))
        return
    dossier = context.registry.voices.dossier(job.voice_id)
    if dossier is None:
        return
    others = tuple(item for item in dossier.jobs if item.id != job.id)
    story = replace(dossier, jobs=(*others, sending))
    if job.kind is JobKind.ACTIVATION:  # a vault that is out of order must never hold it up
        _save_in_time(context, story)
        return
    save(context, replace(story, voice=replace(dossier.voice, clock_start=now)))


def _save_in_time(context: Context, story: Story) -> None:
    """Write a voice's manifest if the vault takes it within a few seconds.

    Where it does not, the story stays due, and the next uses do not wait for it for a while.
    A vault that was not read yet may hold a newer story, which ours must not come to lie over.
    """
    if (
        not context.runtime.reconciliation.finished
        or time.monotonic() < context.runtime.vault_rests_until
    ):
        return
    record_id = manifest.head(story).id
    problems: list[VaultError | DatabaseUnavailable] = []

    def write() -> None:
        try:
            save(context, story)
        except (VaultError, DatabaseUnavailable) as problem:
            problems.append(problem)
        except Exception:
            log.exception("The record of voice %s could not be written", record_id)

    writer = Thread(target=write, name="voicekeep-keeping-writer", daemon=True)
    writer.start()
    writer.join(KEEPING_WAITS)
    if writer.is_alive() or problems:
        why = problems[0] if problems else "it does not answer"
        log.warning("The record of voice %s waits for the storage: %s", record_id, why)
    if writer.is_alive() or any(map(_is_out_of_order, problems)):
        context.runtime.vault_rests_until = time.monotonic() + VAULT_RESTS


def _is_out_of_order(problem: Exception) -> bool:
    """Whether it is the vault that does not work, and not this one story."""
    return isinstance(problem, VaultError) and problem.trouble is not VaultTrouble.DAMAGED


def _save_long_text_first(context: Context, part: Job) -> None:
    """A part of a long text is nothing that anybody would find without that."""
    its = context.registry.takes.story(part.long_text_id) if part.long_text_id else None
    if its and not its.order.saved_revision:
        save(context, its)


def save_after_answer(context: Context, job: Job) -> None:
    """Write the manifest of an order that a service has just answered: a container may vanish any
    time, and what was paid for must not be forgotten. Where the vault does not take it now, it
    stays due.
    """
    if job.kind in OWN_STORY:
        save_now(context, "takes", job.id)
    else:
        in_time = job.kind is JobKind.ACTIVATION
        save_now(context, "voices", job.voice_id, write=_save_in_time if in_time else save)


def save_now(
    context: Context,
    folder: str,
    record_id: str,
    *,
    write: Callable[[Context, Story], None] = save,
) -> None:
    """As `save_after_answer`, for any story, by the folder of its manifest."""
    try:
        story = story_of(context, folder, record_id)
        if story and manifest.head(story).revision > manifest.head(story).saved_revision:
            write(context, story)
    except (VaultError, DatabaseUnavailable) as problem:
        log.warning("The record of %s waits for the storage: %s", record_id, problem)


def save_due(context: Context) -> list[str]:
    """Write the manifests of all stories that changed: `SAVED_PER_PASS` of each kind at most, a few
    at a time. Returns a sentence for each that the vault did not take.

    A vault that is out of order is not asked again for each of them; what is left stays due.
    """
    due = [
        (folder, record_id)
        for folder in manifest.FILES
        for record_id in _records(context, folder).unsaved(SAVED_PER_PASS)
    ]
    out_of_order = Event()

    def write(place: tuple[str, str]) -> str:
        story = None if out_of_order.is_set() else story_of(context, *place)
        if story is None or manifest.head(story).service not in ("", *context.settings.visible):
            return ""
        try:
            save(context, story)
        except VaultError as problem:
            if _is_out_of_order(problem):
                out_of_order.set()
            return wording.not_written(_called(story), str(problem))
        return ""

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="voicekeep-writer") as pool:
        return [told for told in pool.map(write, due) if told]


def _called(story: Story) -> str:
    if isinstance(story, Dossier):
        return story.voice.name
    return UNNAMED[manifest.folder_of(story)]


def reconcile(context: Context) -> int:
    """Take from the vaults what the registry lacks or has in an older form; returns how many.

    Raises `VaultError` where a vault cannot be listed. A story that cannot be read never stops the
    rest: it is noted, and people are told.
    """
    progress = context.runtime.reconciliation
    vaults = [context.live_vault]
    if context.settings.shows_demo and context.demo_vault.name != context.live_vault.name:
        vaults.append(context.demo_vault)
    written = _written(context, vaults)
    found = [folder for vault in vaults for folder in unreadable.folders(vault)]
    _keep_out(context, [folder for folder in found if folder.is_erased])
    stories = [folder for folder in found if folder.has_story and not folder.is_erased]
    _write_again(context, written.keys() - {folder.key for folder in stories})
    progress.done, progress.total, progress.passed_over = 0, len(stories), 0
    now = context.clock.now()
    bad = [
        unreadable.described(context, folder, Fault.MISSING, b"")
        for folder in found
        if unreadable.is_missing(folder, now) and not _is_known(context, folder.key)
    ]
    taken = 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="voicekeep-reader") as pool:
        for look in pool.map(lambda folder: _look_at(context, folder, written), stories):
            if isinstance(look, Unreadable):
                bad.append(look)
            else:
                taken += look
            progress.done += 1
    progress.trouble = ""
    mine = [item for item in bad if item.vault == context.live_vault.name]
    if unreadable.concerns(context, context.live_vault):
        context.registry.unreadable.put(mine, instead_of=context.live_vault.name)
    now = context.clock.now()
    context.registry.notes.write("reconcile", {"found": len(stories), "taken": taken}, now)
    return taken


def _keep_out(context: Context, erased: Sequence[Folder]) -> None:
    """Of these voices nothing is taken; what there is of them all the same is erased again."""
    for folder in erased:
        tombstones.keep_out(context, folder.vault, folder.id)
    context.registry.erasures.resume(
        {folder.id for folder in erased if folder.has_story or folder.files}
    )


def look_again(context: Context) -> int:
    """Read the stories again that could not be read, `LOOKED_AT_AGAIN` of them at most: somebody
    may have mended one, or the vault may have been in trouble.

    Returns how many are no longer listed as unreadable. Raises `VaultError`.
    """
    vault, stories = context.live_vault, context.registry.unreadable
    listed = unreadable.listed(context)
    here = {item.key for item in listed if _is_known(context, item.key)}
    stories.drop(here)
    waiting = [
        item
        for item in listed
        if item.vault == vault.name and item.key not in here and not item.is_aside
    ]
    written = _written(context, [vault]) if waiting else {}
    mended = 0
    for item in waiting[:LOOKED_AT_AGAIN]:
        folder = next(unreadable.folders(vault, f"{PurePosixPath(item.key).parent}/"), None)
        is_there = folder and not folder.is_erased and (folder.has_story or folder.files)
        look = _look_at(context, folder, written) if folder and is_there else False
        if isinstance(look, Unreadable):
            stories.put([look])
        else:
            stories.drop([item.key])
            mended += 1
    return mended


def _written(context: Context, vaults: Sequence[Vault]) -> dict[str, int]:
    """The manifests that should be in these vaults, and of which revision each is."""
    names = {vault.name for vault in vaults}
    services = [name for name in ("", *SERVICES) if context.vault(name).name in names]
    return {
        manifest.story_key(folder, record_id): revision
        for folder in manifest.FILES
        for record_id, revision in _records(context, folder).saved_revisions(services).items()
    }


def _write_again(context: Context, keys: Collection[str]) -> None:
    """What lies there is lost, broken, or older than what was written: ours is due again."""
    for folder in manifest.FILES:
        ids = [PurePosixPath(key).parent.name for key in keys if key.startswith(f"{folder}/")]
        _records(context, folder).save_again(ids)


def _is_known(context: Context, key: str) -> bool:
    """Whether the registry has what the story tells of that belongs there."""
    folder, record_id = PurePosixPath(key).parts[:2]
    return story_of(context, folder, record_id) is not None


def _look_at(context: Context, folder: Folder, written: Mapping[str, int]) -> bool | Unreadable:
    """Take one manifest, if it belongs where it lies and is newer than what is known. Returns
    whether it was taken, or why it cannot be read.
    """
    if not folder.has_story:
        return unreadable.described(context, folder, Fault.MISSING, b"")
    data = b""
    try:
        data = folder.vault.get(folder.key, max_bytes=manifest.MAX_BYTES)
        story = manifest.read(folder.key, data)
        record = manifest.head(story)
        taken = _belongs(context, folder, record.service) and _absorb(context, story)
        if not taken and record.revision < written.get(folder.key, 0):
            _write_again(context, [folder.key])
        return taken
    except DatabaseUnavailable:
        raise
    except BadManifest as problem:
        fault, why = problem.fault, str(problem)
    except VaultError as problem:
        fault, why = unreadable.FAULTS.get(problem.trouble, Fault.TROUBLE), str(problem)
    except Exception:
        log.exception("A record of %s was passed over", folder.id[:64])
        fault, why = Fault.ODD, "something unexpected happened"
    log.warning("A record of %s was passed over: %s", folder.id[:64], why)
    context.runtime.reconciliation.passed_over += 1
    if not _is_known(context, folder.key):
        return unreadable.described(context, folder, fault, data)
    if fault in unreadable.MENDED_HERE:
        _write_again(context, [folder.key])
    return False


def _belongs(context: Context, folder: Folder, service: str) -> bool:
    """Whether a manifest lies in the vault of its service. Raises `BadManifest`.

    In the demo's folder there may be voices of a team from before it had a bucket.
    """
    mine = folder.vault.name == context.vault(service).name
    if not (mine or folder.vault.name == context.demo_vault.name):
        raise BadManifest(sentence(Reason.FOREIGN), Fault.FOREIGN)
    return mine
