"""What an export is, a ZIP, and how to read one that a stranger may have made.

It is laid out as a vault is: `voices/<id>/voice.json` and the voice's files beside it,
`takes/<id>/take.json` and the sound, `scripts/<id>/script.json`. Then comes `voicekeep.json`, which
says what is in it and what could not be read, and last `SHA256SUMS`, as the program sha256sum
writes and checks it. Who packs it again may put it into a folder, leave files out, and pack them in
any order.
"""

from __future__ import annotations

import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import BinaryIO

from lib.manifest import Story
from lib.models import Dossier, Evidence, EvidenceKind, Take
from lib.scripts import Script
from lib.studio.transfer import names, wording
from lib.studio.transfer.wording import Oddity, Reason, sentence
from lib.vault.base import Digesting, Sink, checked_key

FORMAT = 1
INDEX_NAME = "voicekeep.json"
SUMS_NAME = "SHA256SUMS"
MAX_FILE_BYTES = 210_000_000
"""More than the longest sound and the largest recording that Voicekeep takes."""
MAX_ENTRIES = 200_000
MAX_LIST_BYTES = 48_000_000
"""Of the list of contents, of `SHA256SUMS` and of `voicekeep.json`, each."""
MAX_GROWTH = 20
"""How many times its own size a file may hold: manifests shrink well, sounds do not."""
_GROWTH_FREE = 100_000_000
_PIECE_BYTES = 256 * 1024
_MAX_FAULTS = 100
_SHOWN = 200
"""Letters of a name, which is more than any of ours has."""
_ENTRY_MARK = b"PK\x01\x02"
_ENCRYPTED = 0x1
_WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BREAKS = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError,
    OverflowError, IndexError,
)  # fmt: skip
"""All that the library was seen to raise for a damaged file; NotImplementedError is among them."""
_SUM = re.compile(r"([0-9a-f]{64}) [ *]([^\r\n]+)")
MANIFEST = re.compile(r"(voices|takes|scripts)/([a-z0-9_-]+)/(voice|take|script)\.json")
"""A manifest by its name in an export: kind of folder, id, kind of story."""
_ANY_MANIFEST = re.compile(MANIFEST.pattern + "$")
_OF_VOICE = re.compile(r"voices/([a-z0-9_-]+)/[a-z]{1,32}/([0-9a-f]{64})\.[a-z0-9]{1,16}")
_OF_TAKE = re.compile(r"takes/([a-z0-9_-]+)/audio\.[a-z0-9]{1,16}")


class BadExport(Exception):
    """A file cannot be read as an export; `str()` is a sentence that says why."""


def lies_right(item: Evidence | Take) -> bool:
    """Whether a file has the place that Voicekeep gave it: in its own folder, under its name.

    A manifest that says otherwise wants somebody else's file read or replaced.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", item.sha256):
        return False
    if isinstance(item, Take):
        found = _OF_TAKE.fullmatch(item.key)
        return found is not None and found[1] == item.id
    if found := _OF_VOICE.fullmatch(item.key):
        return (found[1], found[2]) == (item.voice_id, item.sha256)
    found = _OF_TAKE.fullmatch(item.key)
    return found is not None and found[1] == item.job_id


def files_of(dossier: Dossier) -> dict[str, list[Evidence]]:
    """The files of a voice by their place, each with all that is said of it, the latest first.

    A copy that was withdrawn is gone; the audio of a use that was refunded is still there.
    """
    found: dict[str, list[Evidence]] = {}
    for item in sorted(dossier.evidence, key=lambda item: item.at, reverse=True):
        if item.key and (item.withdrawn_at is None or item.kind is EvidenceKind.ACTIVATION):
            found.setdefault(item.key, []).append(item)
    return found


def told_files(story: Story) -> dict[str, set[str]]:
    """The places of the files that a manifest tells of, with what lies there."""
    if isinstance(story, Dossier):
        listed = files_of(story).items()
        return {key: {item.sha256 for item in said} for key, said in listed}
    if isinstance(story, Script) or not (story.take and story.take.key):
        return {}
    return {story.take.key: {story.take.sha256}}


@dataclass(frozen=True)
class Index:
    """What `voicekeep.json` says. `missing`: place and reason of what could not be read."""

    written_at: datetime
    voices: int
    takes: int
    scripts: int
    missing: dict[str, str]


class Export:
    """An export that was opened. `faults`: sentences about entries that cannot be trusted;
    the others can be read. `added`: what a system keeps for itself, which is passed over.
    Nothing is unpacked to a disk, and no size is believed.
    """

    def __init__(self, archive: zipfile.ZipFile, size: int) -> None:
        self._archive = archive
        self._left = size * MAX_GROWTH + _GROWTH_FREE
        self.faults: list[str] = []
        self.added: list[str] = []
        self._refused: dict[str, Oddity] = {}
        self._entries = self._checked_entries()
        if sum(entry.compress_size for entry in archive.infolist()) > size:
            raise BadExport(sentence(Reason.TAMPERED))

    @property
    def names(self) -> list[str]:
        """The entries that can be read, manifests and sounds, in their order."""
        return [name for name in self._entries if name not in (INDEX_NAME, SUMS_NAME)]

    @cached_property
    def absent(self) -> list[str]:
        """What the list of checksums tells of and the file does not hold. Raises `BadExport`."""
        return sorted(self.sums.keys() - self._entries.keys() - self._refused.keys())

    def fault(self, told: str) -> None:
        """Note what is wrong, a sentence, as long as anybody would read it."""
        if len(self.faults) < _MAX_FAULTS:
            self.faults.append(told)
        elif len(self.faults) == _MAX_FAULTS:
            self.faults.append(sentence(Reason.MORE_FAULTS))

    @cached_property
    def sums(self) -> dict[str, str]:
        """The checksums by name. Raises `BadExport`."""
        if SUMS_NAME not in self._entries:
            self._refuse_if_refused(SUMS_NAME)
            raise BadExport(wording.sums_missing(SUMS_NAME))
        found: dict[str, str] = {}
        # An editor may have put the mark of UTF-8 before it.
        text = self.read(SUMS_NAME, max_bytes=MAX_LIST_BYTES).decode("utf-8-sig", errors="replace")
        for line in text.splitlines():
            match = _SUM.fullmatch(line)
            if match is None or match[2] in found:
                raise BadExport(sentence(Reason.SUMS_DAMAGED))
            found[match[2]] = match[1]
        return found

    @cached_property
    def index(self) -> Index:
        """What the export says of itself. Raises `BadExport`."""
        if INDEX_NAME not in self._entries:
            self._refuse_if_refused(INDEX_NAME)
            raise BadExport(self._what_it_is_instead())
        try:
            body = json.loads(self.read(INDEX_NAME, max_bytes=MAX_LIST_BYTES))
            if body["format"] != FORMAT:
                raise BadExport(sentence(Reason.UNKNOWN_FORMAT))
            written_at = datetime.fromisoformat(body["written_at"])
            missing = {str(item["file"]): str(item["why"]) for item in body["missing"]}
            scripts = int(body.get("scripts", 0))  # earlier versions have none
            return Index(written_at, int(body["voices"]), int(body["takes"]), scripts, missing)
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
            raise BadExport(wording.index_unreadable(INDEX_NAME)) from None

    def has(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """One entry, whole. Raises `BadExport`."""
        return b"".join(self._pieces(name, max_bytes))

    def copy(self, name: str, target: Sink, *, max_bytes: int) -> None:
        """One entry, written to `target` a piece at a time. Raises `BadExport`."""
        for piece in self._pieces(name, max_bytes):
            target.write(piece)

    def digest(self, name: str) -> str:
        """The SHA-256 of one entry, a piece of it in memory at a time. Raises `BadExport`."""
        seen = Digesting()
        limit = MAX_LIST_BYTES if name in (INDEX_NAME, SUMS_NAME) else MAX_FILE_BYTES
        self.copy(name, seen, max_bytes=limit)
        return seen.sha256

    def _pieces(self, name: str, max_bytes: int) -> Iterator[bytes]:
        read = 0
        try:
            with self._archive.open(self._entries[name]) as entry:
                while piece := entry.read(_PIECE_BYTES):
                    read += len(piece)
                    self._left -= len(piece)
                    if read > max_bytes or self._left < 0:
                        raise BadExport(wording.entry_too_large(shown(name)))
                    yield piece
        except _BREAKS:
            raise BadExport(wording.entry_damaged(shown(name))) from None

    def _checked_entries(self) -> dict[str, zipfile.ZipInfo]:
        places = []
        for entry in self._archive.infolist():
            # As it stands there: the library cuts a name at a NUL.
            place = names.with_slashes(entry.orig_filename)
            if names.is_a_systems(place):
                self.added.append(shown(place))
            elif not names.is_folder(place):
                places.append((place, entry))
        top = _top([place for place, _ in places])
        found: dict[str, zipfile.ZipInfo] = {}
        for place, entry in places:
            if not place.startswith(top):
                self.fault(wording.odd_entry(shown(place), Oddity.STRANGE_NAME))
                continue
            name = place.removeprefix(top)
            is_again = name in found or name in self._refused
            if oddity := _oddity(name, entry) or (Oddity.TWICE if is_again else None):
                self.fault(wording.odd_entry(shown(name), oddity))
                found.pop(name, None)
                self._refused[name] = oddity
            else:
                found[name] = entry
        return found

    def _refuse_if_refused(self, name: str) -> None:
        if oddity := self._refused.get(name):
            raise BadExport(wording.needed_entry_is_odd(name, oddity))

    def _what_it_is_instead(self) -> str:
        """What may have happened to a file that does not say what it is."""
        held = [names.with_slashes(entry.orig_filename) for entry in self._archive.infolist()]
        inner = next((name for name in held if name.lower().endswith(".zip")), None)
        if inner is not None:
            return wording.zip_inside(shown(inner))
        if SUMS_NAME in self._entries or any(map(_ANY_MANIFEST.search, held)):
            return wording.index_left_out(INDEX_NAME, SUMS_NAME)
        return wording.no_export(INDEX_NAME)


@contextmanager
def opened(source: BinaryIO) -> Iterator[Export]:
    """The export in this file, which must be one that can be read at any place.

    Raises `BadExport` with a sentence.
    """
    try:
        size = source.seek(0, 2)
        archive = zipfile.ZipFile(_Bounded(source, size))
    except BadExport:
        raise
    except _BREAKS:
        raise BadExport(sentence(Reason.NO_ZIP)) from None
    with archive:
        yield Export(archive, size)


class _Bounded:
    """A file whose list of contents cannot fill the memory: read at once, it has to be short."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        self._source = source
        self._size = size
        self.seek, self.tell, self.seekable = source.seek, source.tell, source.seekable

    def read(self, size: int = -1) -> bytes:
        most = min(MAX_LIST_BYTES + 1, max(self._size - self._source.tell(), 0))
        data = self._source.read(most if size < 0 else min(size, most))
        if len(data) > MAX_LIST_BYTES or data.count(_ENTRY_MARK) > MAX_ENTRIES:
            raise BadExport(sentence(Reason.MANY_ENTRIES))
        return data


def _top(places: list[str]) -> str:
    """The folder in which an export lies in its ZIP. Raises `BadExport` where there are more."""
    tops = names.folders_with(places, (INDEX_NAME, SUMS_NAME))
    if len(tops) > 1:
        raise BadExport(wording.many_exports([shown(top.rstrip("/")) for top in tops[:3]]))
    return tops[0] if tops else ""


def _oddity(name: str, entry: zipfile.ZipInfo) -> Oddity | None:
    """Why this entry is none that Voicekeep writes; None if it may be one."""
    if entry.flag_bits & _ENCRYPTED:
        return Oddity.LOCKED
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        return Oddity.NO_FILE
    if entry.compress_type not in _WAYS:
        return Oddity.PACKED_OTHERWISE
    if name in (INDEX_NAME, SUMS_NAME):
        return None
    with suppress(ValueError):
        if checked_key(name).startswith(("voices/", "takes/", "scripts/")):
            return None
    return Oddity.STRANGE_NAME


def shown(name: str) -> str:
    """A stranger's name, fit for a sentence."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:_SHOWN])


def entry(name: str, at: datetime, *, deflated: bool) -> zipfile.ZipInfo:
    """The head of an entry, readable by its owner, with the time it was exported."""
    moment = (min(max(at.year, 1980), 2107), at.month, at.day, at.hour, at.minute, at.second)
    info = zipfile.ZipInfo(name, moment)
    info.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    info.create_system = 3  # Unix, so that the line above is understood
    return info


def index_body(index: Index, **more: object) -> bytes:
    """`voicekeep.json`."""
    missing = [{"file": name, "why": why} for name, why in index.missing.items()]
    body = {
        "format": FORMAT,
        "written_at": index.written_at.isoformat(),
        "voices": index.voices,
        "takes": index.takes,
        "scripts": index.scripts,
        **more,
        "missing": missing,
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode(errors="replace")
