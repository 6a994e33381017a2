"""What a vault is: durable files under content-named keys, proven by reading them back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol

PIECE_BYTES = 256 * 1024
"""Of a large file, what is in memory at once."""
KEY_PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)+")


class VaultTrouble(StrEnum):
    """What kind of trouble: it decides whether waiting helps."""

    MISSING = "missing"
    """The object is not there."""
    REFUSED = "refused"
    """Keys, rights, bucket or region are wrong, or the vault is full: an operator must act."""
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    DAMAGED = "damaged"
    """What was read back differs from what was written."""
    TOO_LARGE = "too_large"


class VaultError(Exception):
    """A vault did not do what was asked. `str()` is a sentence for a person, without secrets."""

    def __init__(self, trouble: VaultTrouble, sentence: str) -> None:
        super().__init__(sentence)
        self.trouble = trouble

    @property
    def is_about_the_file(self) -> bool:
        """Whether the file is gone or has become too large, and the vault itself works."""
        return self.trouble in (VaultTrouble.MISSING, VaultTrouble.TOO_LARGE)


@dataclass(frozen=True)
class Stored:
    """A file in a vault whose bytes were read back and compared. `size` in bytes."""

    vault: str
    key: str
    sha256: str
    size: int
    read_back_at: datetime


@dataclass(frozen=True)
class Listed:
    """A file as a vault lists it, unread: `size` in bytes, `at` when it was last written."""

    key: str
    size: int
    at: datetime


class Sink(Protocol):
    """What the pieces of a large file are written to."""

    def write(self, piece: bytes, /) -> object: ...


class Vault(Protocol):
    """All methods raise `VaultError`. `name` tells vaults apart and holds no secret."""

    name: str

    def put_verified(self, key: str, data: bytes, media_type: str) -> Stored:
        """Write, read the whole object back, compare. An existing object is replaced.

        Raises `DAMAGED` where other bytes come back than were written. `media_type` is what a
        bucket tells whoever fetches the object; a folder does not keep it.
        """
        ...

    def put_file(self, key: str, source: BinaryIO, media_type: str) -> Stored:
        """As `put_verified`, for a file too large for memory: `source` is read from its start,
        more than once, and a piece at a time.
        """
        ...

    def get(self, key: str, *, max_bytes: int) -> bytes:
        """The whole object. Raises `MISSING` where there is none, and `TOO_LARGE` where it is
        larger than `max_bytes`, of which no more is read.
        """
        ...

    def get_file(self, key: str, target: Sink, *, max_bytes: int) -> None:
        """As `get`, for a file too large for memory: written to `target` a piece at a time.

        Where it raises, a part of the object may have been written.
        """
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, in any order."""
        ...

    def listed(self, prefix: str) -> Iterator[Listed]:
        """The same with sizes and dates. An empty `prefix` stands for the whole vault."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; no error where it is not there."""
        ...

    def presign(self, key: str, *, seconds: int) -> str | None:
        """A secret address that anyone can GET for `seconds` (a bucket allows 1 second to 7 days),
        or None where a vault has no addresses.

        The object is checked to exist first, as signing alone succeeds for anything.
        """
        ...

    def sign(self, key: str, *, seconds: int) -> str | None:
        """As `presign`, without asking whether the object is there: no network, for pages."""
        ...

    def check(self) -> None:
        """Write, read, compare, sign, fetch and delete a probe; return if all of it went well."""
        ...


class Digesting:
    """Takes a file a piece at a time and keeps nothing of it but SHA-256 and size."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, piece: bytes, /) -> None:
        self._digest.update(piece)
        self.size += len(piece)


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest_of(source: BinaryIO) -> tuple[str, int]:
    """SHA-256 and size of all that `source` still holds, read a piece at a time."""
    digesting = Digesting()
    while piece := source.read(PIECE_BYTES):
        digesting.write(piece)
    return digesting.sha256, digesting.size


def content_key(folder: str, data: bytes, extension: str) -> str:
    """`<folder>/<sha256>.<extension>`: writing the same bytes again changes nothing."""
    return f"{folder}/{sha256_hex(data)}.{extension}"


def checked_key(key: str) -> str:
    """The key itself, if it is one of ours: lower-case ASCII, no dots that climb.

    Raises ValueError: a key that is not ours is a defect or an attack, never a person's input.
    """
    if len(key) > 512 or not KEY_PATTERN.fullmatch(key) or ".." in key:
        raise ValueError("not a vault key")
    return key
