"""Manifests: written when a story changed, read back when a registry lost it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath

from lib import manifest
from lib.manifest import BadManifest, TakeStory
from lib.models import Dossier, Evidence, EvidenceKind, Job, JobKind, JobState, Role, new_id
from lib.registry import DatabaseUnavailable
from lib.studio.workshop import Workshop
from lib.vault.base import Stored, Vault, VaultError

log = logging.getLogger("voicekeep.vaulting")

JSON = "application/json"
SAVED_PER_PASS = 200
READERS = 4


@dataclass
class Saved:
    """What saving manifests did: how many, and why some were not."""

    count: int = 0
    failed: list[str] = field(default_factory=list)


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


def save_voice(workshop: Workshop, dossier: Dossier) -> None:
    """Write a voice's manifest and note its revision. Raises `VaultError`."""
    voice = dossier.voice
    vault = workshop.vault(voice.service)
    vault.put_verified(voice_key(voice.id), manifest.write(dossier), JSON)
    workshop.registry.voices.saved(voice.id, voice.revision)


def save_take(workshop: Workshop, story: TakeStory) -> None:
    """Write a take's manifest and note its revision. Raises `VaultError`."""
    vault = workshop.vault(story.job.service)
    vault.put_verified(take_key(story.job.id), manifest.write(story), JSON)
    workshop.registry.takes.saved(story.job.id, story.job.revision)


def save_before_sending(workshop: Workshop, job: Job) -> None:
    """The manifest of what is about to be sent, which says so: were this container to vanish in
    the next second, the next one must not take the order for unsent. Raises `VaultError`.
    """
    now = workshop.now(job.service)
    sending = replace(job, state=JobState.SUBMITTING, submitted_at=now)
    if job.kind is JobKind.SPEECH:
        save_take(workshop, TakeStory(sending))
        return
    dossier = workshop.registry.voices.dossier(job.voice_id)
    if dossier:
        others = tuple(item for item in dossier.jobs if item.id != job.id)
        voice = replace(dossier.voice, clock_start=now)
        save_voice(workshop, replace(dossier, voice=voice, jobs=(*others, sending)))


def save_after_answer(workshop: Workshop, job: Job) -> None:
    """What was just paid for, told to the vault at once: a container may vanish any time.

    Where the vault does not take it now, it stays due.
    """
    try:
        if job.kind is JobKind.SPEECH:
            story = workshop.registry.takes.story(job.id)
            if story:
                save_take(workshop, story)
        elif job.kind is not JobKind.ACTIVATION:
            dossier = workshop.registry.voices.dossier(job.voice_id)
            if dossier:
                save_voice(workshop, dossier)
    except (VaultError, DatabaseUnavailable) as problem:
        log.warning("The story of order %s waits for the vault: %s", job.id, problem)


def save_due(workshop: Workshop) -> Saved:
    """Write the manifests of all stories that changed, a bounded number of them."""
    saved = Saved()
    for voice_id in workshop.registry.voices.unsaved(SAVED_PER_PASS):
        dossier = workshop.registry.voices.dossier(voice_id)
        if dossier and dossier.voice.service in workshop.settings.visible:
            try:
                save_voice(workshop, dossier)
                saved.count += 1
            except VaultError as problem:
                saved.failed.append(f"{dossier.voice.name}: {problem}")
    for job_id in workshop.registry.takes.unsaved(SAVED_PER_PASS):
        story = workshop.registry.takes.story(job_id)
        if story and story.job.service in workshop.settings.visible:
            try:
                save_take(workshop, story)
                saved.count += 1
            except VaultError as problem:
                saved.failed.append(f"A take: {problem}")
    return saved


def reconcile(workshop: Workshop) -> int:
    """Take from the vaults what the registry lacks or has in an older form; returns how many.

    Raises `VaultError` where a vault cannot be listed. One bad manifest never stops the rest.
    """
    reading = workshop.reading
    vaults = [workshop.live_vault]
    if workshop.settings.shows_demo and workshop.demo_vault.name != workshop.live_vault.name:
        vaults.append(workshop.demo_vault)
    found = [(vault, key) for vault in vaults for key in _manifests(vault)]
    reading.done, reading.total, reading.passed_over = 0, len(found), 0
    taken = 0
    with ThreadPoolExecutor(READERS, thread_name_prefix="voicekeep-reader") as pool:
        for was_taken in pool.map(lambda place: _absorb(workshop, *place), found):
            taken += was_taken
            reading.done += 1
    reading.trouble = ""
    now = workshop.clock.now()
    workshop.registry.notes.write("reconcile", {"found": len(found), "taken": taken}, now)
    return taken


def _manifests(vault: Vault) -> Iterable[str]:
    for prefix, name in (("voices/", "voice.json"), ("takes/", "take.json")):
        yield from sorted(key for key in vault.keys(prefix) if PurePosixPath(key).name == name)


def _absorb(workshop: Workshop, vault: Vault, key: str) -> bool:
    """Take one manifest, if it belongs where it lies and is newer than what is known."""
    folder = PurePosixPath(key).parent.name
    try:
        data = vault.get(key, max_bytes=manifest.MAX_BYTES)
        if key.startswith("voices/"):
            dossier = manifest.read_dossier(data)
            if _belongs(workshop, vault, dossier.voice.service, dossier.voice.id, folder):
                return workshop.registry.voices.absorb(dossier)
        else:
            story = manifest.read_take(data)
            if _belongs(workshop, vault, story.job.service, story.job.id, folder):
                return workshop.registry.takes.absorb(story)
    except DatabaseUnavailable:
        raise
    except (VaultError, BadManifest) as problem:
        log.warning("A manifest of %s was passed over: %s", folder[:64], problem)
    except Exception:
        log.exception("A manifest of %s was passed over", folder[:64])
    else:
        return False  # it lies where it does not belong: a copy by somebody's hand
    workshop.reading.passed_over += 1
    return False


def _belongs(workshop: Workshop, vault: Vault, service: str, record: str, folder: str) -> bool:
    """A manifest lies under its own id, in the vault of its service."""
    return record == folder and vault.name == workshop.vault(service).name
