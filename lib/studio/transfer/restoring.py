"""Taking voices and takes out of an export: files first, then the story, one at a time."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from pathlib import PurePosixPath

from lib import manifest, summing
from lib.manifest import BadManifest, LongTextStory, SpeechStory
from lib.models import Dossier, Evidence, EvidenceKind, Take
from lib.recordings.kinds import FORMATS
from lib.registry import DatabaseUnavailable
from lib.registry.takes import are_same
from lib.registry.voices import settled
from lib.services import DEMO, SERVICES
from lib.studio.core.context import Context
from lib.studio.storage.manifests import JSON, save_take, save_voice, take_key, voice_key
from lib.studio.transfer import archive
from lib.studio.transfer.archive import MANIFEST, BadExport, Export, read_story
from lib.studio.transfer.exporting import NAMES, PATIENCE, Progress, is_pure_demo
from lib.vault.base import Vault, VaultError, VaultTrouble, sha256_hex

log = logging.getLogger("voicekeep.imports")

_NOT_IN_IT = "The file was not in the export."
_SAME_COPY = "The same copy was imported into the vault in use."
_BYTES = "application/octet-stream"
_MEDIA_TYPES = {known.extension: known.media_type for known in FORMATS.values()}


class Outcome(StrEnum):
    """What becomes of a voice or a take from an export."""

    NEW = "new"
    NEWER = "newer"
    """Newer than ours, which it replaces."""
    HERE = "here"
    """Already here, the same or newer."""
    REFUSED = "refused"


@dataclass(frozen=True)
class Item:
    """A voice or a take of an export. `why`: why it is refused, or what it comes without."""

    id: str
    name: str
    is_take: bool
    outcome: Outcome
    why: str = ""


@dataclass(frozen=True)
class Taken:
    """What an import did, or would do."""

    items: tuple[Item, ...]
    faults: tuple[str, ...] = ()

    def count(self, outcome: Outcome, *, takes: bool) -> int:
        return sum(item.outcome is outcome and item.is_take is takes for item in self.items)


class _NotTaken(Exception):
    """A voice or a take is refused; `str()` says why."""


@dataclass
class Taking:
    """One import, or its dry run."""

    context: Context
    export: Export
    dry_run: bool = field(kw_only=True)
    coming: set[str] = field(default_factory=set)
    """Voices that are taken from this export, or would be."""
    empty: dict[str, bool] = field(default_factory=dict)
    silent: int = 0
    """How often in a row the vault did not answer."""

    def all(self, progress: Progress) -> Taken:
        """Everything of the export, voices first. Raises `BadExport`."""
        _ = self.export.index  # a form that is not known is refused as a whole
        found = [match for name in self.export.sums if (match := MANIFEST.fullmatch(name))]
        found.sort(key=lambda match: match[1] == "takes")  # takes need their voices
        items = []
        for done, match in enumerate(found):
            progress(done, len(found))
            items.append(self._one(match))
        progress(len(found), len(found))
        if any(item.outcome in (Outcome.NEW, Outcome.NEWER) for item in items):
            self.context.wake()
        return Taken(tuple(items), tuple(self.export.faults))

    def _one(self, match: re.Match[str]) -> Item:
        """One voice or take; whatever is wrong with it stops no other."""
        is_take = match[1] == "takes"
        name = "A take" if is_take else "A voice"
        why = "Something unexpected happened; the log has it."
        try:
            story = read_story(match, self._told(match[0]))
            if isinstance(story, Dossier):
                name = story.voice.name
                outcome, why = self._voice(story)
            else:
                name = _title(story)
                outcome, why = self._take(story)
            return Item(match[2], name, is_take, outcome, why)
        except DatabaseUnavailable:
            raise
        except (BadExport, BadManifest, _NotTaken) as problem:
            why = str(problem)
        except VaultError as problem:
            self.silent += problem.trouble is VaultTrouble.UNREACHABLE
            why = f"Your vault did not take its files, so it was left out. {problem}"
        except Exception:
            log.exception("Something of an export was passed over: %s", match[2][:64])
        return Item(match[2], name, is_take, Outcome.REFUSED, why)

    def _told(self, name: str) -> bytes:
        if not self.export.has(name):
            raise BadExport("It is in the list of checksums, but missing.")
        data = self.export.read(name, max_bytes=manifest.MAX_BYTES)
        if sha256_hex(data) != self.export.sums[name]:
            raise BadExport("It is not what was exported: its checksum differs.")
        return data

    def _voice(self, dossier: Dossier) -> tuple[Outcome, str]:
        voice, voices = dossier.voice, self.context.registry.voices
        self._belongs(voice.service)
        ours = voices.dossier(voice.id)
        if ours and ours.voice.revision >= voice.revision:
            return Outcome.HERE, ""
        if ours:
            _check_newer(ours, dossier)
        vault = self._answering(voice.service)
        evidence, lacks = self._evidence(dossier, vault)
        mine = Dossier(voice, tuple(settled(job) for job in dossier.jobs), evidence)
        place = (vault, voice_key(voice.id))
        self._settle(place, mine, lambda: voices.absorb(mine), lambda: self._save_ours(voice.id))
        self.coming.add(voice.id)
        return (Outcome.NEWER if ours else Outcome.NEW), _lacking(lacks)

    def _take(self, story: SpeechStory) -> tuple[Outcome, str]:
        order, registry = story.order, self.context.registry
        self._belongs(order.service)
        ours = registry.jobs.get(order.id) or registry.long_texts.get(order.id)
        if ours and not are_same(ours, order):
            raise _NotTaken("Another order has its id here.")
        if ours and ours.revision >= order.revision:
            return Outcome.HERE, ""
        if order.voice_id not in self.coming and registry.voices.get(order.voice_id) is None:
            raise _NotTaken("Its voice is not here, and was not taken.")
        vault, sound = self._answering(order.service), story.take
        if sound:
            sound = replace(sound, vault=vault.name) if self._has(vault, sound) else None
        mine: SpeechStory = replace(story, take=sound)
        if not isinstance(mine, LongTextStory):
            mine = replace(mine, job=settled(mine.job))
        place = (vault, take_key(order.id))
        self._settle(
            place, mine, lambda: registry.takes.absorb(mine), lambda: self._save_our_take(order.id)
        )
        why = "" if sound or not story.take else "Its sound was not in the export."
        return (Outcome.NEWER if ours else Outcome.NEW), why

    def _settle(
        self,
        place: tuple[Vault, str],
        story: Dossier | SpeechStory,
        absorb: Callable[[], bool],
        save_ours: Callable[[], bool],
    ) -> None:
        """The manifest first, then the registry: ended in between, the next reading of the vault
        does the rest. What the registry does not take leaves the vault again.
        """
        if not self.dry_run:
            vault, key = place
            taken = False
            try:
                vault.put_verified(key, manifest.write_checked(story), JSON)
                taken = absorb()
            finally:
                if not taken:
                    with suppress(VaultError, DatabaseUnavailable):
                        if not save_ours():
                            vault.delete(key)
            if not taken:
                raise _NotTaken("It was changed here at the same moment. Import it once more.")
        self.silent = 0

    def _save_ours(self, voice_id: str) -> bool:
        ours = self.context.registry.voices.dossier(voice_id)
        if ours:
            save_voice(self.context, ours)
        return ours is not None

    def _save_our_take(self, take_id: str) -> bool:
        ours = self.context.registry.takes.story(take_id)
        if ours:
            save_take(self.context, ours)
        return ours is not None

    def _belongs(self, service: str) -> None:
        if service not in SERVICES:
            raise _NotTaken("It was made with a service that this version does not know.")
        if (service == DEMO) is not is_pure_demo(self.context):
            raise _NotTaken(
                "It is a voice of the demo, and this library holds real ones."
                if service == DEMO
                else "It is a real voice, and this library is the demo. Connect a service first."
            )

    def _answering(self, service: str) -> Vault:
        if self.silent >= PATIENCE:
            raise _NotTaken("Your vault does not answer. Try the same file again later.")
        return self.context.vault(service)

    def _evidence(
        self, dossier: Dossier, vault: Vault
    ) -> tuple[tuple[Evidence, ...], list[Evidence]]:
        """What may be believed here, and what had to be withdrawn: of copies only those count
        that lie in our vault now. A use was a use, also where its sound was not kept.
        """
        now = self.context.now(dossier.voice.service)
        kept: dict[str, Evidence] = {}
        lacks: list[Evidence] = []
        copied: set[str] = set()
        for item in chain.from_iterable(archive.files_of(dossier).values()):
            is_copy = item.kind is EvidenceKind.COPY
            if is_copy and item.key in copied:
                kept[item.id] = replace(item, withdrawn_at=now, withdrawn_why=_SAME_COPY)
            elif self._has(vault, item):
                kept[item.id] = replace(item, vault=vault.name, read_back_at=now)
                copied |= {item.key} if is_copy else set()
            elif is_copy:
                kept[item.id] = replace(item, withdrawn_at=now, withdrawn_why=_NOT_IN_IT)
                lacks.append(item)
            else:
                kept[item.id] = replace(item, vault="", key="", read_back_at=None)
        return tuple(kept.get(item.id, item) for item in dossier.evidence), lacks

    def _has(self, vault: Vault, item: Evidence | Take) -> bool:
        """Whether this file is in our vault now, or would be: stored from the export and read
        back, or found there as it should be. Raises `VaultError` where the vault is in trouble.
        """
        if not archive.lies_right(item) or self._is_anothers(item):
            return False
        data = self._exported(item)
        if data is not None:
            if not self.dry_run:
                ending = PurePosixPath(item.key).suffix[1:]
                vault.put_verified(item.key, data, _MEDIA_TYPES.get(ending, _BYTES))
            return True
        if self._was_empty(vault):
            return False
        try:
            found = vault.get(item.key, max_bytes=archive.MAX_FILE_BYTES)
        except VaultError as problem:
            if problem.trouble in (VaultTrouble.MISSING, VaultTrouble.TOO_LARGE):
                return False
            raise
        return sha256_hex(found) == item.sha256

    def _was_empty(self, vault: Vault) -> bool:
        """Whether nothing was in this vault when it was first asked: a fresh folder is not even
        there, which is no trouble.
        """
        if vault.name not in self.empty:
            self.empty[vault.name] = next(vault.keys(""), None) is None
        return self.empty[vault.name]

    def _exported(self, item: Evidence | Take) -> bytes | None:
        """The file out of the export, if it is the one that is told of."""
        if not self.export.has(item.key):
            return None
        try:
            data = self.export.read(item.key, max_bytes=archive.MAX_FILE_BYTES)
        except BadExport:
            return None
        return data if sha256_hex(data) == item.sha256 else None

    def _is_anothers(self, item: Evidence | Take) -> bool:
        """Whether a sound would go where a take of ours has another one."""
        if not item.key.startswith("takes/"):
            return False
        ours = self.context.registry.takes.get(PurePosixPath(item.key).parent.name)
        return ours is not None and (ours.voice_id, ours.sha256) != (item.voice_id, item.sha256)


def _check_newer(ours: Dossier, theirs: Dossier) -> None:
    """Raises `_NotTaken` where a newer story is not the same one told further."""
    if ours.voice.service != theirs.voice.service:
        raise _NotTaken("Another voice has its id here.")
    if not all(summing.tells_of(theirs, job) for job in ours.jobs):
        raise _NotTaken("Here it has orders of its own, which would be forgotten.")


def _lacking(lacks: Iterable[Evidence]) -> str:
    names = [NAMES.get(item.role, "a file") for item in lacks]
    return f"Comes without {', '.join(names)}: not in the export." if names else ""


def _title(story: SpeechStory) -> str:
    return (story.order.text or "A take")[:60]
