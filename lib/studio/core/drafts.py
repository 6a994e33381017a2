"""What somebody brought and has not ordered yet: on this server's disk, for a day at most.

A recording is biometric data. It waits here under the digest of its owner's name, readable by this
program only, is shown to nobody of another name, and is deleted by itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import BinaryIO

from lib import storable
from lib.clock import Clock
from lib.json_reading import JsonObject, object_of, text_of, whole
from lib.roles import Permission, Person
from lib.studio.core.reasons import Called, Reason
from lib.studio.core.typed_text import one_line
from lib.studio.core.wording import called, sentence, too_large, too_many_drafts

MEGABYTE = 1024 * 1024
LARGEST = 200 * MEGABYTE
"""Bytes of one recording: all that the server takes in one file."""
MOST_BYTES, MOST_FILES = 2 * LARGEST, 24
"""What one owner may have here at once: two of the largest, or a cast of usual ones."""
ALL_BYTES, ALL_FILES = 1024 * MEGABYTE, 200
"""What all owners may have here together."""
KEPT = timedelta(days=1)
LEFT_ALONE = timedelta(hours=1)
"""After that, what somebody else brought gives way where there is no room for all."""
UNFINISHED = timedelta(minutes=10)
"""No file is written for so long: what is not whole by then was broken off."""
MAX_DECIDED = 100_000
"""Bytes of what may be noted of one recording."""
MAX_FILE_NAME = 120

SOUND, NOTE, PART = "sound", "json", "part"
_TIME = "%Y%m%dt%H%M%S%f"
_ID = re.compile(r"(\d{8}t\d{12})-[0-9a-f]{16}")


class DraftRefused(Exception):
    """Something cannot be kept as a draft; `str()` says why and what to do. Nothing was spent."""


class DraftGone(Exception):
    """A draft is gone, or not whole; `str()` is a sentence. Nothing was spent."""

    def __init__(self) -> None:
        super().__init__(sentence(Reason.GONE))


@dataclass(frozen=True)
class Draft:
    """A recording that was brought and not ordered yet.

    `owner` is whatever tells one person from another. `size` is in bytes. `decided` holds what that
    person chose so far: it came from a disk, and each value is checked where it is read.
    """

    id: str
    owner: str = field(repr=False)
    file_name: str
    sha256: str
    size: int
    brought_at: datetime
    decided: JsonObject = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class _File:
    """A file in the folder, by its name: whose, of which draft, which part of it."""

    path: Path
    owner: str
    id: str
    kind: str
    at: datetime

    @property
    def size(self) -> int:
        with suppress(OSError):
            return self.path.stat().st_size
        return 0


class Drafts:
    """A folder on this disk. A draft is a sound and a note about it; it is there once the note is.

    Each file is written whole, so that a crash leaves an older one or none. Several threads and
    processes may use one folder; what two of these bring at the same moment may go over the bounds
    by one file.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._bringing = Lock()
        self._changing = Lock()

    def bring(self, owner: str, data: bytes, file_name: str, *, person: Person) -> Draft:
        """Keep what this person brought; it is on the disk when this returns.

        The same bytes once more are the draft that is here already. Raises `NotPermitted`, and
        `DraftRefused` where there is no room.
        """
        person.require(Permission.CLONE)
        if not data:
            raise DraftRefused(sentence(Reason.EMPTY))
        if len(data) > LARGEST:
            raise DraftRefused(too_large(LARGEST // MEGABYTE))
        digest = hashlib.sha256(data).hexdigest()
        with self._bringing:
            self.sweep()
            known = next((mine for mine in self.of(owner) if mine.sha256 == digest), None)
            if known:
                return known
            self._make_room(_named(owner), len(data))
            now = self._clock.now()
            draft = Draft(
                id=f"{now.astimezone(UTC):{_TIME}}-{secrets.token_hex(8)}",
                owner=owner,
                file_name=_clean(file_name),
                sha256=digest,
                size=len(data),
                brought_at=now,
            )
            try:
                self._write(self._path(draft, SOUND), data)
                self._write(self._path(draft, NOTE), _note(draft))
            except OSError:
                self.drop(draft)
                raise DraftRefused(sentence(Reason.DISK)) from None
        return draft

    def of(self, owner: str) -> tuple[Draft, ...]:
        """What this owner brought within the last day, oldest first."""
        found = (
            self._read_note(file, owner)
            for file in self._files(_named(owner))
            if file.kind == NOTE and not self._is_over(file.at)
        )
        return tuple(sorted(filter(None, found), key=lambda draft: draft.id))

    def open(self, draft: Draft) -> BinaryIO:
        """The recording as a file, to be closed by whoever asks. Raises `DraftGone`."""
        path = self._path(draft, SOUND)
        try:
            if path.stat().st_size == draft.size:
                return path.open("rb")
        except OSError:
            pass
        raise DraftGone

    def read(self, draft: Draft) -> bytes:
        """The recording, exactly as it was brought. Raises `DraftGone`."""
        with self.open(draft) as file:
            data = file.read(draft.size + 1)
        if hashlib.sha256(data).hexdigest() != draft.sha256:
            raise DraftGone
        return data

    def change(self, draft: Draft, **decided: object) -> Draft:
        """Note what its owner decided: values of JSON by name, None to forget one.

        What was noted elsewhere meanwhile stays. Raises `DraftGone` and `DraftRefused`.
        """
        path = self._path(draft, NOTE)
        with self._changing:
            latest = self._latest(draft)
            told = {name: storable.json_value(value) for name, value in decided.items()}
            merged = {k: v for k, v in {**latest.decided, **told}.items() if v is not None}
            changed = replace(latest, decided=merged)
            if changed == latest:
                return latest
            note = _note(changed)
            if len(note) > MAX_DECIDED:
                raise DraftRefused(sentence(Reason.TOO_MUCH_NOTED))
            try:
                self._write(path, note)
            except OSError:
                raise DraftRefused(sentence(Reason.DISK)) from None
        return changed

    def drop(self, draft: Draft) -> None:
        """Delete a draft, if it is here."""
        # The note first: what is left of a draft without one is nobody's, and swept.
        for kind in (NOTE, SOUND):
            with suppress(OSError):
                self._path(draft, kind).unlink(missing_ok=True)

    def drop_all(self, owner: str) -> None:
        """Delete all that this owner brought."""
        for file in self._files(_named(owner)):
            _delete(file)

    def sweep(self) -> int:
        """Delete what is a day old, and what was broken off; returns how many recordings."""
        files = list(self._files())
        notes = {(file.owner, file.id) for file in files if file.kind == NOTE}
        sounds = {(file.owner, file.id) for file in files if file.kind == SOUND}
        complete = notes & sounds
        gone = [
            file
            for file in files
            if self._is_over(file.at)
            or (
                (file.kind == PART or (file.owner, file.id) not in complete)
                and self._is_over(file.at, UNFINISHED)
            )
        ]
        for file in gone:
            _delete(file)
        return sum(file.kind == SOUND for file in gone)

    def _is_over(self, at: datetime, after: timedelta = KEPT) -> bool:
        """Whether that long has passed. What a wrong clock dated ahead is over as well."""
        age = self._clock.now() - at
        return age >= after or age <= -KEPT

    def _make_room(self, owner: str, size: int) -> None:
        """Raises `DraftRefused` where this does not fit, also without what others left here."""
        sounds = sorted(
            (file for file in self._files() if file.kind != NOTE), key=lambda file: file.at
        )
        weights = {file.path: file.size for file in sounds}
        mine = [weights[file.path] for file in sounds if file.owner == owner]
        if len(mine) >= MOST_FILES or sum(mine) + size > MOST_BYTES:
            raise DraftRefused(too_many_drafts(MOST_FILES, MOST_BYTES // MEGABYTE))
        count, total = len(sounds) + 1, sum(weights.values()) + size
        left = []
        for file in sounds:
            if count <= ALL_FILES and total <= ALL_BYTES:
                break
            if file.owner != owner and self._is_over(file.at, LEFT_ALONE):
                left.append(file)
                count, total = count - 1, total - weights[file.path]
        if count > ALL_FILES or total > ALL_BYTES:
            raise DraftRefused(sentence(Reason.NO_ROOM))
        for file in left:
            _delete(replace(file, path=self._folder / f"{file.owner}.{file.id}.{NOTE}"))
            _delete(file)

    def _latest(self, draft: Draft) -> Draft:
        """The draft as it is noted now. Raises `DraftGone`."""
        path = self._path(draft, NOTE)
        found = self._read_note(
            _File(path, _named(draft.owner), draft.id, NOTE, draft.brought_at), draft.owner
        )
        if found is None:
            raise DraftGone
        return found

    def _read_note(self, file: _File, owner: str) -> Draft | None:
        """What a note tells; None where it is damaged, or where its sound is not beside it."""
        try:
            with file.path.open("rb") as source:
                body = object_of(storable.json_value(json.loads(source.read(2 * MAX_DECIDED))))
            draft = Draft(
                id=file.id,
                owner=owner,
                file_name=_clean(text_of(body.get("file_name"))),
                sha256=text_of(body.get("sha256")),
                size=whole(body.get("size")),
                brought_at=file.at,
                decided=object_of(body.get("decided")),
            )
            return draft if self._path(draft, SOUND).stat().st_size == draft.size else None
        except (OSError, ValueError, RecursionError):
            return None

    def _files(self, owner: str = "") -> Iterator[_File]:
        """All files of ours, or those of one owner by its digest; others' files are passed over."""
        for path in self._folder.glob(f"{owner or '*'}.*.*"):
            whose, _, rest = path.name.partition(".")
            id_, _, kind = rest.partition(".")
            kind = kind.rpartition(".")[2]
            if kind in (SOUND, NOTE, PART) and (at := _time_of(id_)):
                yield _File(path, whose, id_, kind, at)

    def _path(self, draft: Draft, kind: str) -> Path:
        if _time_of(draft.id) is None:
            raise ValueError("not a draft's id")
        return self._folder / f"{_named(draft.owner)}.{draft.id}.{kind}"

    def _write(self, path: Path, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.{PART}")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except BaseException:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise


def _named(owner: str) -> str:
    """What an owner's files are called by: it says nothing about who that is."""
    if not owner:
        raise ValueError("a draft without an owner would be everybody's")
    return hashlib.sha256(owner.encode(errors="replace")).hexdigest()[:40]


def _time_of(id_: str) -> datetime | None:
    """When the draft of this id was brought; None where it is no id of a draft."""
    match = _ID.fullmatch(id_)
    with suppress(ValueError):
        return datetime.strptime(match[1], _TIME).replace(tzinfo=UTC) if match else None
    return None


def _note(draft: Draft) -> bytes:
    body = {
        "file_name": draft.file_name,
        "sha256": draft.sha256,
        "size": draft.size,
        "decided": draft.decided,
    }
    return json.dumps(body).encode()


def _clean(file_name: str) -> str:
    """The last part of a path, without signs that nobody sees; its ending stays where it is cut."""
    name = one_line(file_name.replace("\\", "/").rpartition("/")[2]) or called(Called.RECORDING)
    ending = PurePosixPath(name).suffix[:10]
    return name if len(name) <= MAX_FILE_NAME else name[: MAX_FILE_NAME - len(ending)] + ending


def _delete(file: _File) -> None:
    with suppress(OSError):
        file.path.unlink(missing_ok=True)
