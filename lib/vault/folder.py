"""A vault in a folder of this computer: right for one's own machine, or for a disk that lasts."""

from __future__ import annotations

import errno
import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from lib.clock import Clock
from lib.vault.base import (
    PIECE_BYTES,
    Listed,
    Sink,
    Stored,
    VaultError,
    VaultTrouble,
    checked_key,
    digest_of,
)
from lib.vault.wording import FolderFault, Reason, folder_words, link_out, no_folder, sentence

_FOLDER_MODE = 0o700
_TEMPORARY_PREFIX = ".writing-"
"""No key begins with a dot, so what a crash leaves behind is never taken for a file of ours."""

_FAULTS = {
    errno.ENOSPC: FolderFault.FULL,
    errno.EDQUOT: FolderFault.QUOTA,
    errno.EROFS: FolderFault.READ_ONLY,
    errno.EACCES: FolderFault.NO_RIGHTS,
    errno.EPERM: FolderFault.NO_RIGHTS,
    errno.EEXIST: FolderFault.FILE_FOR_FOLDER,
    errno.ENOTDIR: FolderFault.FILE_FOR_FOLDER,
    errno.EISDIR: FolderFault.FOLDER_FOR_FILE,
    errno.ELOOP: FolderFault.LINKS_IN_LOOP,
    errno.EFBIG: FolderFault.FILE_TOO_LARGE,
    errno.ENAMETOOLONG: FolderFault.PATH_TOO_LONG,
}


class FolderVault:
    """Files under `root`, each written whole or not at all, readable by their owner only.

    `name` tells this vault apart in evidence: `file://` and the absolute path.
    The folder is made by the first write. All methods raise `VaultError`, and ValueError for a
    key that is not one of ours.
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root.absolute()
        self._clock = clock
        self.name = f"file://{self._root}"

    def put_verified(self, key: str, data: bytes, media_type: str) -> Stored:
        return self.put_file(key, io.BytesIO(data), media_type)

    def put_file(self, key: str, source: BinaryIO, media_type: str) -> Stored:
        """Write beside the place, read back, compare, then move in: the old file stays till then.

        `media_type` is not kept: the key's ending says it.
        """
        path = self._path(key)
        with self._plain_errors():
            source.seek(0)
            digest, size = digest_of(source)
            _make_folders(path.parent)
            with _temporary_file(path.parent) as temporary:
                source.seek(0)
                _copy_through(temporary, source)
                with temporary.open("rb") as written:
                    if digest_of(written)[0] != digest:
                        raise VaultError(VaultTrouble.DAMAGED, sentence(Reason.OTHER_BYTES))
                temporary.replace(path)
            _sync_folder(path.parent)
        return Stored(self.name, key, digest, size, self._clock.now())

    def get(self, key: str, *, max_bytes: int) -> bytes:
        with self._opened(key) as file, self._plain_errors():
            data = file.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise VaultError(VaultTrouble.TOO_LARGE, sentence(Reason.TOO_LARGE))
        return data

    def get_file(self, key: str, target: Sink, *, max_bytes: int) -> None:
        left = max_bytes
        with self._opened(key) as file:
            while piece := self._piece(file):
                left -= len(piece)
                if left < 0:
                    raise VaultError(VaultTrouble.TOO_LARGE, sentence(Reason.TOO_LARGE))
                target.write(piece)  # its errors are not the vault's

    def _piece(self, file: BinaryIO) -> bytes:
        with self._plain_errors():
            return file.read(PIECE_BYTES)

    @contextmanager
    def _opened(self, key: str) -> Iterator[BinaryIO]:
        path = self._path(key)
        with self._plain_errors():
            if not self._root.is_dir():  # a disk that is not mounted has lost nothing
                raise VaultError(VaultTrouble.UNREACHABLE, no_folder(self._root))
            if not path.is_file():
                raise VaultError(VaultTrouble.MISSING, sentence(Reason.MISSING))
            file = path.open("rb")
        with file:
            yield file

    def keys(self, prefix: str) -> Iterator[str]:
        return (item.key for item in self.listed(prefix))

    def listed(self, prefix: str) -> Iterator[Listed]:
        folder = prefix.rpartition("/")[0]
        if ".." in folder.split("/"):
            return  # no key climbs, so none begins like this
        with self._plain_errors():
            for path in _files(self._root / folder.strip("/")):
                key = path.relative_to(self._root).as_posix()
                if key.startswith(prefix):
                    # Other files in this folder, and what is deleted while it is listed.
                    with suppress(ValueError, FileNotFoundError):
                        seen = path.stat()
                        written_at = datetime.fromtimestamp(seen.st_mtime, UTC)
                        yield Listed(checked_key(key), seen.st_size, written_at)

    def delete(self, key: str) -> None:
        path = self._path(key)
        with self._plain_errors():
            path.unlink(missing_ok=True)

    def presign(self, key: str, *, seconds: int) -> str | None:
        """None: a folder has no address that a service could fetch from."""
        self._path(key)
        return None

    def sign(self, key: str, *, seconds: int) -> str | None:
        """None, as `presign`."""
        return self.presign(key, seconds=seconds)

    def check(self) -> None:
        key = f"probe/{secrets.token_hex(8)}"
        self.put_verified(key, key.encode(), "text/plain")
        self.delete(key)

    def _path(self, key: str) -> Path:
        """Where the key's file belongs, with links followed to see that it stays inside."""
        path = self._root / checked_key(key)
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self._root)):
            raise VaultError(VaultTrouble.REFUSED, link_out(self._root))
        return path

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            fault = _FAULTS.get(error.errno or 0, FolderFault.UNKNOWN)
            is_known = fault is not FolderFault.UNKNOWN
            trouble = VaultTrouble.REFUSED if is_known else VaultTrouble.UNREACHABLE
            raise VaultError(trouble, folder_words(fault, self._root)) from error


def _make_folders(folder: Path) -> None:
    """Make the folder and those above it, private each; `mkdir(parents=True)` would not be."""
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    _sync_folder(folder.parent)


@contextmanager
def _temporary_file(folder: Path) -> Iterator[Path]:
    """An empty file that only its owner can read, gone in the end unless it was moved."""
    handle, name = tempfile.mkstemp(prefix=_TEMPORARY_PREFIX, dir=folder)
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _copy_through(path: Path, source: BinaryIO) -> None:
    """Copy a piece at a time and wait until the disk has it."""
    with path.open("wb") as file:
        shutil.copyfileobj(source, file, PIECE_BYTES)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a new name in the folder survive a power cut; only POSIX can open a folder for that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _files(folder: Path) -> Iterator[Path]:
    """All ordinary files below the folder; links are not followed, a missing folder is empty.

    Unlike `os.walk`, a folder that may not be read is an error and not an empty one.
    """
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)
