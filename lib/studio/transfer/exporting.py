"""The whole library, or one voice, as one ZIP: written as it is read, a file at a time."""

from __future__ import annotations

import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from lib import manifest
from lib.event_kinds import EventKind
from lib.manifest import TakeStory
from lib.models import Dossier, Evidence, JobKind, Take, Voice
from lib.roles import Permission, Person
from lib.services import DEMO
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.core.scratch import scratch_file
from lib.studio.storage.migration import PATIENCE, known_vault
from lib.studio.transfer import archive, wording
from lib.studio.transfer.wording import Deed, Reason, deed, sentence
from lib.vault.base import PIECE_BYTES, VaultError, VaultTrouble, digest_of, sha256_hex

CHUNK = 50
"""Voices whose stories are in memory at once."""

Progress = Callable[[int, int], None]


def quietly(done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Written:
    """What is in an export. `bytes`: its own size; `missing`: a sentence for each lack."""

    voices: int = 0
    takes: int = 0
    files: int = 0
    bytes: int = 0
    missing: tuple[str, ...] = ()
    scripts: int = 0


def write(
    context: Context,
    target: BinaryIO,
    *,
    person: Person,
    voice_ids: Collection[str] | None = None,
    progress: Progress = quietly,
) -> Written:
    """Write an export of all voices and scripts, or of these voices, to a target that need not
    seek.

    What cannot be read is named and never stops the rest. `progress` is told voices done and in
    all. Raises `NotPermitted`, OSError where the target refuses, and `DatabaseUnavailable`.
    """
    person.require(Permission.EXPORT if voice_ids is None else Permission.KEEP)
    written = _Writing(context, target).all(voice_ids, progress)
    for voice in filter(None, map(context.registry.voices.get, voice_ids or ())):
        record.note(context, person, EventKind.DOWNLOADED, deed(Deed.DOWNLOADED_VOICE), voice)
    return written


@dataclass
class _Writing:
    """One export while it is written: what is in it so far."""

    context: Context
    target: BinaryIO
    sums: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)

    def all(self, voice_ids: Collection[str] | None, progress: Progress) -> Written:
        self.at = self.context.clock.now()
        counting = _Counting(self.target)
        with zipfile.ZipFile(counting, "w") as self.archive:  # type: ignore[call-overload]
            ids = self._ids(voice_ids)
            for done, dossier in enumerate(self._dossiers(ids, chosen=voice_ids is not None)):
                progress(done, len(ids))
                self._voice(dossier)
            progress(len(ids), len(ids))
            if voice_ids is None:
                self._scripts()
            self._end()
        return Written(
            voices=self.counts["voices"],
            takes=self.counts["takes"],
            files=self.counts["files"],
            bytes=counting.size,
            missing=tuple(self.missing.values()),
            scripts=self.counts["scripts"],
        )

    def _scripts(self) -> None:
        registry = self.context.registry.scripts
        services = [DEMO] if self.context.settings.has_only_demo else []
        done = 0
        while some := registry.find(services=services, limit=CHUNK, skip=done):
            done += len(some)
            for script in some:
                if manifest.key_of(script) not in self.sums:  # changed meanwhile, it comes again
                    self._put(manifest.key_of(script), manifest.write(script), deflated=True)
                    self.counts["scripts"] += 1

    def _ids(self, voice_ids: Collection[str] | None) -> list[str]:
        known = self.context.registry.voices.revisions()
        return sorted(known if voice_ids is None else known.keys() & set(voice_ids))

    def _dossiers(self, ids: list[str], *, chosen: bool) -> Iterator[Dossier]:
        """The demo goes along where it is all there is, or where its voice was asked for."""
        demo_too = chosen or self.context.settings.has_only_demo
        services = [name for name in self.context.settings.visible if demo_too or name != DEMO]
        for start in range(0, len(ids), CHUNK):
            yield from self.context.registry.voices.dossiers(
                services=services, ids=ids[start : start + CHUNK]
            )

    def _voice(self, dossier: Dossier) -> None:
        voice = dossier.voice
        self._put(manifest.key_of(dossier), manifest.write(dossier), deflated=True)
        self.counts["voices"] += 1
        for key, said in archive.files_of(dossier).items():
            self._file(voice, key, said)
        registry = self.context.registry
        ids = [text.id for text in registry.long_texts.of_voice(voice.id)]
        ids += [job.id for job in registry.jobs.of_voice(voice.id, JobKind.SPEECH)]
        for order_id in ids:
            if story := registry.takes.story(order_id):
                self._take(voice, story)

    def _take(self, voice: Voice, story: TakeStory) -> None:
        self._put(manifest.key_of(story), manifest.write(story), deflated=True)
        self.counts["takes"] += 1
        if story.take and story.take.key:
            self._file(voice, story.take.key, [story.take])

    def _file(self, voice: Voice, key: str, said: list[Evidence] | list[Take]) -> None:
        """One file, from whichever vault still has it as it was."""
        if key in self.sums or key in self.missing:
            return
        why = sentence(Reason.MISPLACED)
        for item in filter(archive.lies_right, said):
            with scratch_file(self.context) as file:
                why = self._fetched(item, file)
                if not why:
                    self._put_file(key, file, item.sha256)
                    self.counts["files"] += 1
                    return
        role = getattr(said[0], "role", "")
        self.missing[key] = wording.not_exported(voice.name, role, why)

    def _fetched(self, item: Evidence | Take, target: BinaryIO) -> str:
        """Write one file to `target`, which is empty; why it cannot be had, or ""."""
        vault = known_vault(self.context, item.vault)
        if vault is None:
            return sentence(Reason.NOT_CONNECTED)
        if self.silent[vault.name] >= PATIENCE:
            return sentence(Reason.SILENT)
        try:
            limit = min(item.size or archive.MAX_FILE_BYTES, archive.MAX_FILE_BYTES)
            vault.get_file(item.key, target, max_bytes=limit)
        except VaultError as problem:
            is_silent = problem.trouble is VaultTrouble.UNREACHABLE
            self.silent[vault.name] = self.silent[vault.name] + 1 if is_silent else 0
            return str(problem)
        self.silent[vault.name] = 0
        target.seek(0)
        return "" if digest_of(target)[0] == item.sha256 else sentence(Reason.DAMAGED)

    def _put(self, name: str, data: bytes, *, deflated: bool) -> None:
        self.archive.writestr(archive.entry(name, self.at, deflated=deflated), data)
        self.sums[name] = sha256_hex(data)

    def _put_file(self, name: str, file: BinaryIO, sha256: str) -> None:
        """A file that was compared, from its start."""
        entry = archive.entry(name, self.at, deflated=False)
        file.seek(0)
        with self.archive.open(entry, "w") as part:
            shutil.copyfileobj(file, part, PIECE_BYTES)
        self.sums[name] = sha256

    def _end(self) -> None:
        counts = self.counts
        index = archive.Index(
            self.at, counts["voices"], counts["takes"], counts["scripts"], self.missing
        )
        self._put(
            archive.INDEX_NAME, archive.index_body(index, files=counts["files"]), deflated=True
        )
        lines = "".join(f"{digest}  {name}\n" for name, digest in self.sums.items())
        self._put(archive.SUMS_NAME, lines.encode(), deflated=True)


class _Counting:
    """A target that is only ever written to, be it a file or a pipe, and how much that was."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.size = 0

    def write(self, data: bytes) -> int:
        left = memoryview(data)
        while left:  # a pipe may take a part only
            left = left[self._target.write(left) :]
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        self._target.flush()
