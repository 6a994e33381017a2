"""Taking voices and takes out of an export: files first, then the story, one at a time."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from pathlib import PurePosixPath
from typing import BinaryIO

from lib import manifest, summing
from lib.manifest import BadManifest, Story, TakeStory
from lib.models import Dossier, Evidence, EvidenceKind, Job, Take
from lib.recordings.formats import FORMATS
from lib.registry import DatabaseUnavailable
from lib.registry.takes import are_same
from lib.registry.voices import settled
from lib.scripts import Script
from lib.services import DEMO, SERVICES
from lib.studio.core.context import Context
from lib.studio.core.scratch import scratch_file
from lib.studio.storage import manifests
from lib.studio.storage.migration import PATIENCE
from lib.studio.storage.wording import UNNAMED
from lib.studio.transfer import archive, wording
from lib.studio.transfer.archive import MANIFEST, BadExport, Export
from lib.studio.transfer.exporting import Progress
from lib.studio.transfer.wording import Reason, sentence
from lib.vault.base import Digesting, Vault, VaultError, VaultTrouble, digest_of, sha256_hex

log = logging.getLogger("voicekeep.imports")

_BYTES = "application/octet-stream"
_MEDIA_TYPES = {known.extension: known.media_type for known in FORMATS.values()}


class Outcome(StrEnum):
    """What becomes of a voice, a take or a script from an export."""

    NEW = "new"
    NEWER = "newer"
    """Newer than ours, which it replaces."""
    HERE = "here"
    """Already here, the same or newer."""
    REFUSED = "refused"


@dataclass(frozen=True)
class Item:
    """A voice, a take or a script of an export. `folder`: which of these, as in `manifest.FILES`;
    `why`: why it is refused, or what it comes without.
    """

    id: str
    name: str
    folder: str
    outcome: Outcome
    why: str = ""


@dataclass(frozen=True)
class Taken:
    """What an import did, or would do. `faults`: sentences about entries that are not trusted;
    `absent` and `added`: names of files, as a check of the export tells them.
    """

    items: tuple[Item, ...]
    faults: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def count(self, outcome: Outcome, folder: str) -> int:
        """How many voices, takes or scripts this became of."""
        return sum(item.outcome is outcome and item.folder == folder for item in self.items)


class _NotTaken(Exception):
    """Something of an export is refused; `str()` says why."""


@dataclass
class Restored:
    """One import, or its dry run: of each story, which files of it are in our vault now, what of
    it may therefore be believed here, and then that much of it, in the vault and in the registry.
    """

    context: Context
    export: Export
    dry_run: bool = field(kw_only=True)
    coming: set[str] = field(default_factory=set)
    """Voices that are taken from this export, or would be."""
    silent: int = 0
    """How often in a row the vault did not answer."""

    def all(self, progress: Progress) -> Taken:
        """Everything of the export, voices first. Raises `BadExport`."""
        _ = self.export.index  # a form that is not known is refused as a whole
        here = filter(self.export.has, self.export.sums)
        found = [match for name in here if (match := MANIFEST.fullmatch(name))]
        found.sort(key=lambda match: list(manifest.FILES).index(match[1]))  # takes need voices
        items = []
        for done, match in enumerate(found):
            progress(done, len(found))
            items.append(self._one(match))
        progress(len(found), len(found))
        if any(item.outcome in (Outcome.NEW, Outcome.NEWER) for item in items):
            self.context.wake()
        return Taken(
            tuple(items),
            faults=tuple(self.export.faults),
            absent=tuple(map(archive.shown, self.export.absent)),
            added=tuple(self.export.added),
        )

    def _one(self, match: re.Match[str]) -> Item:
        """One voice, take or script; whatever is wrong with it stops no other."""
        folder = match[1]
        name = UNNAMED[folder]
        outcome, why = Outcome.REFUSED, sentence(Reason.UNEXPECTED)
        try:
            story = manifest.read(match[0], self._told(match[0]))
            name = _title(story)
            outcome, why = self._story(story)
        except DatabaseUnavailable:
            raise
        except (BadExport, BadManifest, _NotTaken) as problem:
            why = str(problem)
        except VaultError as problem:
            self.silent += problem.trouble is VaultTrouble.UNREACHABLE
            why = wording.storage_refused(str(problem))
        except Exception:
            log.exception("Something of an export was passed over: %s", match[2][:64])
        return Item(match[2], name, folder, outcome, why)

    def _told(self, name: str) -> bytes:
        data = self.export.read(name, max_bytes=manifest.MAX_BYTES)
        if sha256_hex(data) != self.export.sums[name]:
            raise BadExport(sentence(Reason.CHANGED))
        return data

    def _story(self, story: Story) -> tuple[Outcome, str]:
        """What becomes of a story, and what it comes without. Raises `_NotTaken`."""
        record = manifest.head(story)
        self._check_belongs(record.service)
        self._check_not_erased(story)
        ours = self._ours(story)
        if ours and _tells_as_much(ours, story):
            return Outcome.HERE, ""
        # A vault out of reach costs seconds each time; many voices would take hours to refuse.
        if self.silent >= PATIENCE:
            raise _NotTaken(sentence(Reason.STORAGE_SILENT))
        vault = self.context.vault(record.service)
        mine: Story
        if isinstance(story, Script):
            mine, why = story, ""
        elif isinstance(story, Dossier):
            mine, why = self._voice(story, vault)
        else:
            mine, why = self._take(story, vault)
        if not (self.dry_run or manifests.bring_in(self.context, mine)):
            raise _NotTaken(sentence(Reason.CHANGED_HERE))
        self.silent = 0
        if isinstance(story, Dossier):
            self.coming.add(record.id)
        return (Outcome.NEWER if ours else Outcome.NEW), why

    def _ours(self, story: Story) -> Story | None:
        """What is known here under its id. Raises `_NotTaken` where that is another order."""
        registry = self.context.registry
        if isinstance(story, Script):
            return registry.scripts.story(story.id)
        if isinstance(story, Dossier):
            return registry.voices.dossier(story.voice.id)
        order = registry.jobs.get(story.order.id) or registry.long_texts.get(story.order.id)
        if order and not are_same(order, story.order):
            raise _NotTaken(sentence(Reason.OTHER_ORDER))
        return registry.takes.story(story.order.id)

    def _voice(self, dossier: Dossier, vault: Vault) -> tuple[Dossier, str]:
        evidence, lacks = self._evidence(dossier, vault)
        why = wording.comes_without([item.role for item in lacks]) if lacks else ""
        return Dossier(dossier.voice, tuple(map(settled, dossier.jobs)), evidence), why

    def _take(self, story: TakeStory, vault: Vault) -> tuple[TakeStory, str]:
        voice_id = story.order.voice_id
        if voice_id not in self.coming and self.context.registry.voices.get(voice_id) is None:
            raise _NotTaken(sentence(Reason.NO_VOICE))
        sound, why = None, ""
        if story.take and self._has(vault, story.take):
            sound = replace(story.take, vault=vault.name)
        elif story.take:
            why = sentence(Reason.NO_SOUND)
        order = settled(story.order) if isinstance(story.order, Job) else story.order
        return TakeStory(order, sound, story.line), why

    def _check_belongs(self, service: str) -> None:
        if not service:  # a script of the team's own
            return
        if service not in SERVICES:
            raise _NotTaken(sentence(Reason.UNKNOWN_SERVICE))
        if (service == DEMO) is not self.context.settings.has_only_demo:
            raise _NotTaken(sentence(Reason.OF_DEMO if service == DEMO else Reason.INTO_DEMO))

    def _check_not_erased(self, story: Story) -> None:
        if isinstance(story, Script):
            return
        voice_id = story.voice.id if isinstance(story, Dossier) else story.order.voice_id
        erased = self.context.registry.erasures.get(voice_id)
        if erased and erased.started_at:
            raise _NotTaken(wording.erased(erased.started_at))

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
                kept[item.id] = replace(
                    item, withdrawn_at=now, withdrawn_why=sentence(Reason.SAME_COPY)
                )
            elif self._has(vault, item):
                kept[item.id] = replace(item, vault=vault.name, read_back_at=now)
                copied |= {item.key} if is_copy else set()
            elif is_copy:
                kept[item.id] = replace(
                    item, withdrawn_at=now, withdrawn_why=sentence(Reason.NOT_EXPORTED)
                )
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
        with scratch_file(self.context) as file:
            if self._exported(item, file):
                if not self.dry_run:
                    ending = PurePosixPath(item.key).suffix[1:]
                    vault.put_file(item.key, file, _MEDIA_TYPES.get(ending, _BYTES))
                return True
        seen = Digesting()
        try:
            vault.get_file(item.key, seen, max_bytes=archive.MAX_FILE_BYTES)
        except VaultError as problem:
            # A fresh folder is not even there, which is no trouble.
            if problem.is_about_the_file or next(vault.keys(""), None) is None:
                return False
            raise
        return seen.sha256 == item.sha256

    def _exported(self, item: Evidence | Take, target: BinaryIO) -> bool:
        """Write the file out of the export to `target`; whether it is the one that is told of."""
        if not self.export.has(item.key):
            return False
        try:
            self.export.copy(item.key, target, max_bytes=archive.MAX_FILE_BYTES)
        except BadExport:
            return False
        target.seek(0)
        return digest_of(target)[0] == item.sha256

    def _is_anothers(self, item: Evidence | Take) -> bool:
        """Whether a sound would go where a take of ours has another one."""
        if not item.key.startswith("takes/"):
            return False
        ours = self.context.registry.takes.get(PurePosixPath(item.key).parent.name)
        return ours is not None and (ours.voice_id, ours.sha256) != (item.voice_id, item.sha256)


def _tells_as_much(ours: Story, theirs: Story) -> bool:
    """Whether our story is as new as theirs. Raises `_NotTaken` where theirs is another one, or
    where ours is older and yet tells of something that theirs does not.
    """
    if manifest.head(ours).revision >= manifest.head(theirs).revision:
        return True
    if isinstance(ours, Dossier) and isinstance(theirs, Dossier):
        if ours.voice.service != theirs.voice.service:
            raise _NotTaken(sentence(Reason.OTHER_VOICE))
        if not all(summing.tells_of(theirs, job) for job in ours.jobs):
            raise _NotTaken(sentence(Reason.OWN_ORDERS))
    return False


def _title(story: Story) -> str:
    unnamed = UNNAMED[manifest.folder_of(story)]
    if isinstance(story, Script):
        return story.name or unnamed
    if isinstance(story, Dossier):
        return story.voice.name
    return (story.order.text or unnamed)[:60]
