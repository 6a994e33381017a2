"""All copies in the vault read again now, whether or not it is their turn."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from lib.keeper.passes import WORKERS
from lib.models import Dossier, Evidence
from lib.retention import Step, StepKind, held
from lib.studio import exports, keep
from lib.studio.workshop import Workshop

BAD = "It was missing or changed. The next pass brings it again from wherever it still is."
IN_USE = "Another keeper is busy with the files of this voice."


@dataclass(frozen=True)
class Finding:
    """A copy that is not good, or could not be read; `why` is a sentence."""

    id: str
    name: str
    role: str
    why: str

    @property
    def sentence(self) -> str:
        return f"{self.name}: {exports.NAMES.get(self.role, 'a file')}. {self.why}"


@dataclass(frozen=True)
class Reread:
    """What reading found. `unread` is neither good nor bad: the vault did not give it."""

    copies: int = 0
    good: int = 0
    bad: tuple[Finding, ...] = ()
    unread: tuple[Finding, ...] = ()


def copies(workshop: Workshop) -> dict[str, int]:
    """How many copies of each voice lie in the vault in use."""
    dossiers = workshop.registry.voices.dossiers(services=workshop.settings.visible)
    counted = {dossier.voice.id: len(_held(workshop, dossier)) for dossier in dossiers}
    return {voice_id: count for voice_id, count in counted.items() if count}


def read_all(workshop: Workshop) -> Reread:
    """Read every copy of every voice, and note what was seen, as a pass does.

    Raises `VaultError` where the vault cannot be listed: then nothing is read.
    """
    voice_ids = list(copies(workshop))
    next(iter(workshop.live_vault.keys("voices/")), None)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="voicekeep-worker") as pool:
        return _sum(pool.map(partial(_read, workshop), voice_ids))


def _read(workshop: Workshop, voice_id: str) -> Reread:
    """One voice: its copies before, compared with what is noted of them afterwards."""
    before = workshop.registry.voices.dossier(voice_id)
    if before is None:
        return Reread()
    started = workshop.now(before.voice.service)
    keep.do_step(workshop, before, Step(StepKind.VERIFY))
    after = workshop.registry.voices.dossier(voice_id) or before
    seen = {item.id: item for item in _held(workshop, after)}
    all_of_it = _held(workshop, before)
    bad = [item for item in all_of_it if item.id not in seen]
    good = [item for item in seen.values() if item.read_back_at and item.read_back_at >= started]
    unread = [item for item in seen.values() if item not in good]
    why = after.voice.copy_error or IN_USE
    return Reread(
        copies=len(bad) + len(seen),
        good=len(good),
        bad=tuple(_finding(after, item, BAD) for item in bad),
        unread=tuple(_finding(after, item, why) for item in unread),
    )


def _held(workshop: Workshop, dossier: Dossier) -> tuple[Evidence, ...]:
    return held(dossier, workshop.vault(dossier.voice.service).name)


def _finding(dossier: Dossier, item: Evidence, why: str) -> Finding:
    return Finding(dossier.voice.id, dossier.voice.name, str(item.role or ""), why)


def _sum(parts: Iterable[Reread]) -> Reread:
    every = list(parts)
    return Reread(
        copies=sum(part.copies for part in every),
        good=sum(part.good for part in every),
        bad=tuple(finding for part in every for finding in part.bad),
        unread=tuple(finding for part in every for finding in part.unread),
    )
