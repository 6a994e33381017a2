"""Exports coming back: checked without believing anything, and taken a voice at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from lib import manifest
from lib.event_kinds import EventKind
from lib.manifest import BadManifest, Story
from lib.roles import Permission, Person
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.transfer import archive, wording
from lib.studio.transfer.archive import MANIFEST, BadExport, Export, told_files
from lib.studio.transfer.exporting import Progress
from lib.studio.transfer.restoring import Item, Outcome, Restored, Taken
from lib.studio.transfer.wording import Reason, sentence
from lib.vault.base import sha256_hex

__all__ = ["BadExport", "Checked", "Item", "Outcome", "Taken", "check", "take"]


@dataclass(frozen=True)
class Checked:
    """What a check of an export found. `faults`: it is not as it was written, or none at all;
    `absent`: names of files that were exported and are not in it any more; `missing`: what could
    not be read when it was written, as it says itself; `added`: what systems keep for themselves
    and put into it, which is passed over.
    """

    voices: int = 0
    takes: int = 0
    files: int = 0
    written_at: datetime | None = None
    faults: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    scripts: int = 0

    @property
    def is_good(self) -> bool:
        """All that was exported is in it as it was written; something may still be missing."""
        return not self.faults and not self.absent


def check(source: BinaryIO) -> Checked:
    """Whether an export is whole: each entry with its checksum, each manifest with its files.

    Needs no database and writes nothing. Never raises for what is in the file.
    """
    try:
        with archive.opened(source) as export:
            return _Checking(export).all()
    except BadExport as problem:
        return Checked(faults=(str(problem),))


def take(
    context: Context,
    source: BinaryIO,
    *,
    dry_run: bool,
    person: Person,
    progress: Progress = lambda done, total: None,
) -> Taken:
    """Take what the export has and this library lacks; with `dry_run` only say what would be.

    Raises `NotPermitted`, and `BadExport` where it cannot be read at all, or nothing can be taken
    now.
    """
    person.require(Permission.EXPORT)
    if not context.runtime.reconciliation.finished:
        raise BadExport(sentence(Reason.STILL_READING))
    with archive.opened(source) as export:
        taken = Restored(context, export, dry_run=dry_run).all(progress)
    if not dry_run:
        brought = sum(item.outcome in (Outcome.NEW, Outcome.NEWER) for item in taken.items)
        record.note(context, person, EventKind.IMPORTED, wording.imported(brought))
        context.wake()
    return taken


class _Checking:
    """One check of an export."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._counts: Counter[str] = Counter()

    def all(self) -> Checked:
        export, index = self._export, self._export.index
        listed = set(export.sums)
        for name in (*export.names, archive.INDEX_NAME):
            if name not in listed:
                export.fault(wording.entry_not_listed(name))
        for name in sorted(listed - {archive.SUMS_NAME}):
            if export.has(name):
                self._entry(name)
        manifests = Counter(found[1] for name in listed if (found := MANIFEST.fullmatch(name)))
        for kind, told in (
            ("voices", index.voices),
            ("takes", index.takes),
            ("scripts", index.scripts),
        ):
            if manifests[kind] != told:
                export.fault(wording.other_count(kind, told, manifests[kind]))
        return Checked(
            voices=self._counts["voices"],
            takes=self._counts["takes"],
            scripts=self._counts["scripts"],
            files=self._counts["files"],
            written_at=index.written_at,
            faults=tuple(export.faults),
            absent=tuple(map(archive.shown, export.absent)),
            missing=tuple(index.missing.values()),
            added=tuple(export.added),
        )

    def _entry(self, name: str) -> None:
        export, found = self._export, MANIFEST.fullmatch(name)
        try:
            if found:
                data = export.read(name, max_bytes=manifest.MAX_BYTES)
                digest = sha256_hex(data)
            else:
                digest = export.digest(name)
            if digest != export.sums[name]:
                export.fault(wording.entry_changed(name))
            elif found:
                self._counts[found[1]] += 1
                self._manifest(name, manifest.read(name, data))
            elif name != archive.INDEX_NAME:
                self._counts["files"] += 1
        except BadExport as problem:
            export.fault(str(problem))
        except BadManifest as problem:
            export.fault(wording.manifest_unusable(name, str(problem)))

    def _manifest(self, name: str, story: Story) -> None:
        for key, digests in told_files(story).items():
            if self._export.has(key):
                if self._export.sums.get(key) not in digests:
                    self._export.fault(wording.other_file(key, name))
            elif key not in self._export.index.missing and key not in self._export.sums:
                self._export.fault(wording.file_missing(archive.shown(key), name))
