"""Manifests: written when a story changed, read back when a registry lost it."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from threading import Event, RLock, Thread
from zlib import crc32

from lib import manifest
from lib.manifest import BadManifest, Fault, TakeStory
from lib.models import Dossier, Evidence, EvidenceKind, Job, JobKind, JobState, Role, new_id
from lib.registry import DatabaseUnavailable
from lib.registry.unreadable import Unreadable
from lib.services import SERVICES
from lib.studio.core.context import Context
from lib.studio.storage import unreadable
from lib.studio.storage.migration import known_vault
from lib.studio.storage.unreadable import Folder
from lib.vault.base import Stored, Vault, VaultError, VaultTrouble

log = logging.getLogger("voicekeep.vaulting")

JSON = "application/json"
SAVED_PER_PASS = 200
READERS = 4
WRITERS = 4
KEEPING_WAITS = 5.0
"""Seconds that a use waits for its story to be written, before it is sent and after."""
VAULT_RESTS = 60.0
"""Seconds that no use waits for a vault that did not answer in time."""
_TURNS = tuple(RLock() for _ in range(64))
LOOKED_AT_AGAIN = 50
"""Stories in a pass that could not be read before."""

_ToSave = tuple[str, Callable[[], None]]
"""Whose manifest it is, and what writes it."""


@dataclass
class Saved:
    """What saving manifests did: how many, and why some were not."""

    count: int = 0
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Look:
    """What came of reading one story: whether it was taken, or why it cannot be read."""

    taken: bool = False
    bad: Unreadable | None = None


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


def voice_key(voice_id: str) -> str:
    return f"voices/{voice_id}/voice.json"


def take_key(take_id: str) -> str:
    return f"takes/{take_id}/take.json"


def save_voice(context: Context, dossier: Dossier) -> None:
    """Write a voice's manifest and note its revision. Raises `VaultError`."""
    voice = dossier.voice
    vault = context.vault(voice.service)
    with _turn(voice.id):
        vault.put_verified(voice_key(voice.id), _checked(dossier), JSON)
        if not context.registry.voices.saved(voice.id, voice.revision):
            newest = context.registry.voices.dossier(voice.id)
            if newest and newest.voice.saved_revision > voice.revision:
                save_voice(context, newest)  # ours may have come to lie over a newer one


def save_take(context: Context, story: TakeStory) -> None:
    """Write a take's manifest and note its revision. Raises `VaultError`."""
    vault = context.vault(story.job.service)
    _delete_sound(context, story.job)
    with _turn(story.job.id):
        vault.put_verified(take_key(story.job.id), _checked(story), JSON)
        if not context.registry.takes.saved(story.job.id, story.job.revision):
            newest = context.registry.takes.story(story.job.id)
            if newest and newest.job.saved_revision > story.job.revision:
                save_take(context, newest)  # ours may have come to lie over a newer one


def _turn(record: str) -> RLock:
    """What is written of one story is written in turn: one that came late never lies over a newer
    one of the same process.
    """
    return _TURNS[crc32(record.encode()) % len(_TURNS)]


def _checked(story: Dossier | TakeStory) -> bytes:
    """The manifest, once it was read back: only what can be read counts. Raises `VaultError`."""
    try:
        return manifest.write_checked(story)
    except BadManifest as problem:
        why = f"Its story could not be read back, so it was not written. {problem}"
        raise VaultError(VaultTrouble.DAMAGED, why) from None


def _delete_sound(context: Context, job: Job) -> None:
    """Where a take was deleted, its story stays without text and sound: were it gone from the
    vault, what it cost would be forgotten, and an older story of it could come back.
    """
    deleted = job.result.get("deleted")
    if not isinstance(deleted, dict):
        return
    key = str(deleted.get("key", ""))
    vault = known_vault(context, str(deleted.get("vault", "")))
    # A story may be a stranger's: only its own sound is ever deleted.
    if vault and re.fullmatch(rf"takes/{re.escape(job.id)}/audio\.[a-z0-9]{{1,16}}", key):
        vault.delete(key)


def save_before_sending(context: Context, job: Job) -> None:
    """The manifest of what is about to be sent, which says so: were this container to vanish in
    the next second, the next one must not take the order for unsent. Raises `VaultError`, but for
    a use that keeps a voice.
    """
    now = context.now(job.service)
    sending = replace(job, state=JobState.SUBMITTING, submitted_at=now)
    if job.kind is JobKind.SPEECH:
        _save_whole_first(context, job)
        save_take(context, TakeStory(sending))
        return
    dossier = context.registry.voices.dossier(job.voice_id)
    if dossier is None:
        return
    others = tuple(item for item in dossier.jobs if item.id != job.id)
    story = replace(dossier, jobs=(*others, sending))
    if job.kind is JobKind.ACTIVATION:  # a vault that is out of order must never hold it up
        _save_in_time(context, story)
        return
    save_voice(context, replace(story, voice=replace(dossier.voice, clock_start=now)))


def _save_in_time(context: Context, dossier: Dossier) -> None:
    """Write a voice's manifest if the vault takes it within a few seconds.

    Where it does not, the story stays due, and the next uses do not wait for it for a while.
    A vault that was not read yet may hold a newer story, which ours must not come to lie over.
    """
    if (
        not context.runtime.reconciliation.finished
        or time.monotonic() < context.runtime.vault_rests_until
    ):
        return
    problems: list[VaultError | DatabaseUnavailable] = []

    def save() -> None:
        try:
            save_voice(context, dossier)
        except (VaultError, DatabaseUnavailable) as problem:
            problems.append(problem)
        except Exception:
            log.exception("The story of voice %s could not be written", dossier.voice.id)

    writer = Thread(target=save, name="voicekeep-keeping-writer", daemon=True)
    writer.start()
    writer.join(KEEPING_WAITS)
    if writer.is_alive() or problems:
        why = problems[0] if problems else "it does not answer"
        log.warning("The story of voice %s waits for the vault: %s", dossier.voice.id, why)
    if writer.is_alive() or any(map(_is_out_of_order, problems)):
        context.runtime.vault_rests_until = time.monotonic() + VAULT_RESTS


def _is_out_of_order(problem: Exception) -> bool:
    """Whether it is the vault that does not work, and not this one story."""
    return isinstance(problem, VaultError) and problem.trouble is not VaultTrouble.DAMAGED


def _save_whole_first(context: Context, part: Job) -> None:
    """A part of a long text is nothing that anybody would find without the whole."""
    whole = context.registry.takes.story(part.reading) if part.reading else None
    if whole and not whole.job.saved_revision:
        save_take(context, whole)


def save_after_answer(context: Context, job: Job) -> None:
    """What was just paid for, told to the vault at once: a container may vanish any time.

    Where the vault does not take it now, it stays due.
    """
    try:
        if job.kind is JobKind.SPEECH:
            story = context.registry.takes.story(job.id)
            if story:
                save_take(context, story)
        elif dossier := context.registry.voices.dossier(job.voice_id):
            save = _save_in_time if job.kind is JobKind.ACTIVATION else save_voice
            save(context, dossier)
    except (VaultError, DatabaseUnavailable) as problem:
        log.warning("The story of order %s waits for the vault: %s", job.id, problem)


def save_voice_now(context: Context, voice_id: str) -> None:
    """As `save_after_answer`, for the story of a voice that something was taken out of."""
    try:
        dossier = context.registry.voices.dossier(voice_id)
        if dossier and dossier.voice.revision > dossier.voice.saved_revision:
            save_voice(context, dossier)
    except (VaultError, DatabaseUnavailable) as problem:
        log.warning("The story of voice %s waits for the vault: %s", voice_id, problem)


def save_due(context: Context) -> Saved:
    """Write the manifests of all stories that changed: a bounded number, a few at a time.

    A vault that is out of order is not asked again for each of them; what is left stays due.
    """
    registry = context.registry
    due = [partial(_voice_to_save, context, id_) for id_ in registry.voices.unsaved(SAVED_PER_PASS)]
    due += [partial(_take_to_save, context, id_) for id_ in registry.takes.unsaved(SAVED_PER_PASS)]
    saved = Saved()
    out_of_order = Event()

    def write(look_up: Callable[[], _ToSave | None]) -> bool:
        found = None if out_of_order.is_set() else look_up()
        if found is None:
            return False
        name, save = found
        try:
            save()
        except VaultError as problem:
            saved.failed.append(f"{name}: {problem}")
            if _is_out_of_order(problem):
                out_of_order.set()
            return False
        return True

    with ThreadPoolExecutor(WRITERS, thread_name_prefix="voicekeep-writer") as pool:
        saved.count = sum(pool.map(write, due))
    return saved


def _voice_to_save(context: Context, voice_id: str) -> _ToSave | None:
    found = context.registry.voices.dossier(voice_id)
    if found is None or found.voice.service not in context.settings.visible:
        return None
    return found.voice.name, partial(save_voice, context, found)


def _take_to_save(context: Context, job_id: str) -> _ToSave | None:
    story = context.registry.takes.story(job_id)
    if story is None or story.job.service not in context.settings.visible:
        return None
    return "A take", partial(save_take, context, story)


def reconcile(context: Context) -> int:
    """Take from the vaults what the registry lacks or has in an older form; returns how many.

    Raises `VaultError` where a vault cannot be listed. A story that cannot be read never stops the
    rest: it is noted, and people are told.
    """
    reading = context.runtime.reading
    vaults = [context.live_vault]
    if context.settings.shows_demo and context.demo_vault.name != context.live_vault.name:
        vaults.append(context.demo_vault)
    written = _written(context, vaults)
    found = [folder for vault in vaults for folder in unreadable.folders(vault)]
    stories = [folder for folder in found if folder.has_story]
    _write_again(context, written.keys() - {folder.key for folder in stories})
    reading.done, reading.total, reading.passed_over = 0, len(stories), 0
    now = context.clock.now()
    bad = [
        unreadable.described(context, folder, Fault.MISSING, b"")
        for folder in found
        if unreadable.is_missing(folder, now) and not _is_known(context, folder.key)
    ]
    taken = 0
    with ThreadPoolExecutor(READERS, thread_name_prefix="voicekeep-reader") as pool:
        for look in pool.map(lambda folder: _absorb(context, folder, written), stories):
            taken += look.taken
            bad += [look.bad] if look.bad else []
            reading.done += 1
    reading.trouble = ""
    mine = [item for item in bad if item.vault == context.live_vault.name]
    if unreadable.concerns(context, context.live_vault):
        context.registry.unreadable.put(mine, instead_of=context.live_vault.name)
    now = context.clock.now()
    context.registry.notes.write("reconcile", {"found": len(stories), "taken": taken}, now)
    return taken


def look_again(context: Context) -> int:
    """Whether stories that could not be read can be by now; returns how many. Raises `VaultError`.

    Somebody may have mended one, or the vault may have been in trouble.
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
        found = list(unreadable.folders(vault, f"{PurePosixPath(item.key).parent}/"))
        look = _Look()
        if found and found[0].has_story:
            look = _absorb(context, found[0], written)
        elif found and found[0].files:
            look = _Look(bad=unreadable.described(context, found[0], Fault.MISSING, b""))
        if look.bad:
            stories.put([look.bad])
        else:
            stories.drop([item.key])
            mended += 1
    return mended


def _written(context: Context, vaults: Sequence[Vault]) -> dict[str, int]:
    """The manifests that should be in these vaults, and of which revision each is."""
    names = {vault.name for vault in vaults}
    services = [name for name in SERVICES if context.vault(name).name in names]
    voices = context.registry.voices.saved_revisions(services)
    takes = context.registry.takes.saved_revisions(services)
    return {voice_key(id_): number for id_, number in voices.items()} | {
        take_key(id_): number for id_, number in takes.items()
    }


def _write_again(context: Context, keys: Iterable[str]) -> None:
    """What lies there is lost, broken, or older than what was written: ours is due again."""
    known = [(key.startswith("voices/"), PurePosixPath(key).parent.name) for key in keys]
    context.registry.voices.save_again([name for is_voice, name in known if is_voice])
    context.registry.takes.save_again([name for is_voice, name in known if not is_voice])


def _is_known(context: Context, key: str) -> bool:
    """Whether the registry has the voice or the take whose story belongs there."""
    name = PurePosixPath(key).parent.name
    if key.startswith("voices/"):
        return context.registry.voices.get(name) is not None
    job = context.registry.jobs.get(name)
    return job is not None and job.kind is JobKind.SPEECH


def _absorb(context: Context, folder: Folder, written: Mapping[str, int]) -> _Look:
    """Take one manifest, if it belongs where it lies and is newer than what is known."""
    data = b""
    try:
        data = folder.vault.get(folder.key, max_bytes=manifest.MAX_BYTES)
        taken, revision = _take(context, folder, data)
        if not taken and revision < written.get(folder.key, 0):
            _write_again(context, [folder.key])
        return _Look(taken)
    except DatabaseUnavailable:
        raise
    except BadManifest as problem:
        fault, why = problem.fault, str(problem)
    except VaultError as problem:
        fault, why = unreadable.FAULTS.get(problem.trouble, Fault.TROUBLE), str(problem)
    except Exception:
        log.exception("A manifest of %s was passed over", folder.id[:64])
        fault, why = Fault.ODD, "something unexpected happened"
    log.warning("A manifest of %s was passed over: %s", folder.id[:64], why)
    context.runtime.reconciliation.passed_over += 1
    if not _is_known(context, folder.key):
        return _Look(bad=unreadable.described(context, folder, fault, data))
    if fault in unreadable.MENDED_HERE:
        _write_again(context, [folder.key])
    return _Look()


def _take(context: Context, folder: Folder, data: bytes) -> tuple[bool, int]:
    """Whether a manifest was taken, and of which revision it is. Raises `BadManifest`."""
    if folder.key.startswith("voices/"):
        dossier = manifest.read_dossier(data)
        voice = dossier.voice
        mine = _belongs(context, folder, voice.service, voice.id)
        return mine and context.registry.voices.absorb(dossier), voice.revision
    story = manifest.read_take(data)
    job = story.job
    mine = _belongs(context, folder, job.service, job.id)
    return mine and context.registry.takes.absorb(story), job.revision


def _belongs(context: Context, folder: Folder, service: str, record: str) -> bool:
    """A manifest lies under its own id, in the vault of its service. Raises `BadManifest`.

    In the demo's folder there may be voices of a team from before it had a bucket.
    """
    mine = folder.vault.name == context.vault(service).name
    if record != folder.id or not (mine or folder.vault.name == context.demo_vault.name):
        raise BadManifest("It is the story of something else.", Fault.FOREIGN)
    return mine
