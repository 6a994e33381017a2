"""Files too large for memory: to a folder, to a bucket in parts, and past what goes wrong."""

from __future__ import annotations

import errno
import io
import os
import tracemalloc
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from lib.vault import folder, s3_parts
from lib.vault.base import PIECE_BYTES, Digesting, Vault, VaultError, VaultTrouble, sha256_hex
from lib.vault.folder import FolderVault
from lib.vault.s3 import S3Location
from tests.parts.clock import SettableClock
from tests.parts.radosgw import S3Server
from tests.vault.conftest import OpenBucket
from tests.vault.meddler import Answer, meddling

KEY = "exports/20260901t120000z-abc.zip"
PART = 5 * 1024 * 1024
"""The least that a server takes; two of them and a rest make the large file."""
LARGE = os.urandom(2 * PART + 1_000)
ZIP = "application/zip"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_parts, "PART_BYTES", PART)


def unfinished(server: S3Server, location: S3Location) -> list[Any]:
    """Uploads whose parts lie in the bucket unseen."""
    return list(server.client.list_multipart_uploads(Bucket=location.bucket).get("Uploads", ()))


@pytest.mark.parametrize("size", [0, 1, PART, PART + 1, len(LARGE)])
def test_a_large_file_comes_back_as_it_was_given(
    vault: Vault, clock: SettableClock, size: int
) -> None:
    source = io.BytesIO(LARGE[:size])
    source.seek(0, 2)  # wherever it stands
    stored = vault.put_file(KEY, source, ZIP)
    assert vault.get(KEY, max_bytes=len(LARGE)) == LARGE[:size]
    assert (stored.sha256, stored.size) == (sha256_hex(LARGE[:size]), size)
    assert (stored.vault, stored.key, stored.read_back_at) == (vault.name, KEY, clock.now())
    assert list(vault.keys("")) == [KEY]


def test_a_large_file_replaces_an_older_one(vault: Vault) -> None:
    vault.put_file(KEY, io.BytesIO(LARGE), ZIP)
    vault.put_file(KEY, io.BytesIO(LARGE[1:]), ZIP)
    assert vault.get(KEY, max_bytes=len(LARGE)) == LARGE[1:]


def test_a_key_that_is_not_ours_is_refused(vault: Vault) -> None:
    with pytest.raises(ValueError, match="not a vault key"):
        vault.put_file("../a.zip", io.BytesIO(LARGE), ZIP)


def test_little_of_a_large_file_is_in_memory(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    path.write_bytes(LARGE * 4)
    vault.put_file(KEY, io.BytesIO(LARGE), ZIP)  # imports and connections
    with path.open("rb") as source:
        tracemalloc.start()
        vault.put_file(KEY, source, ZIP)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4 * PART < path.stat().st_size / 2


def test_a_large_file_keeps_its_checksum_and_kind_beside_it(
    open_bucket: OpenBucket, location: S3Location, s3_server: S3Server
) -> None:
    open_bucket().put_file(KEY, io.BytesIO(LARGE), ZIP)
    head = s3_server.client.head_object(Bucket=location.bucket, Key=f"{location.prefix}/{KEY}")
    assert head["Metadata"] == {"sha256": sha256_hex(LARGE)}
    assert head["ContentType"] == ZIP


def test_parts_of_an_upload_that_failed_do_not_stay(
    open_bucket: OpenBucket, location: S3Location, s3_server: S3Server
) -> None:
    def meddle(answer: Answer) -> Answer:
        is_second = "partNumber=2" in answer.path
        return answer.refused(507, "InsufficientStorage") if is_second else answer

    with (
        meddling(location.endpoint_url, meddle) as endpoint,
        pytest.raises(VaultError, match="is full") as caught,
    ):
        open_bucket(endpoint_url=endpoint).put_file(KEY, io.BytesIO(LARGE), ZIP)
    assert caught.value.trouble is VaultTrouble.REFUSED
    assert unfinished(s3_server, location) == []
    assert list(open_bucket().keys("")) == []


def test_a_part_that_a_busy_server_refused_is_sent_again(
    open_bucket: OpenBucket, location: S3Location, s3_server: S3Server
) -> None:
    parts = count()

    def meddle(answer: Answer) -> Answer:
        is_first = "partNumber=2" in answer.path and next(parts) == 0
        return answer.refused(503, "SlowDown") if is_first else answer

    with meddling(location.endpoint_url, meddle) as endpoint:
        open_bucket(endpoint_url=endpoint, retries=1).put_file(KEY, io.BytesIO(LARGE), ZIP)
    assert next(parts) == 2
    assert open_bucket().get(KEY, max_bytes=len(LARGE)) == LARGE


def test_a_large_file_damaged_once_on_its_way_back_is_written_again(
    open_bucket: OpenBucket, location: S3Location
) -> None:
    files = count()

    def meddle(answer: Answer) -> Answer:
        return answer.flipped() if answer.is_file and next(files) == 0 else answer

    with meddling(location.endpoint_url, meddle) as endpoint:
        open_bucket(endpoint_url=endpoint).put_file(KEY, io.BytesIO(LARGE), ZIP)
    assert next(files) == 2


@pytest.mark.parametrize("loss", ["flipped", "shorter"])
def test_a_large_file_that_comes_back_otherwise_each_time_is_damaged(
    open_bucket: OpenBucket, location: S3Location, loss: str
) -> None:
    def meddle(answer: Answer) -> Answer:
        if not answer.is_file:
            return answer
        return {"flipped": answer.flipped(), "shorter": replace(answer, body=answer.body[:-1])}[
            loss
        ]

    with (
        meddling(location.endpoint_url, meddle) as endpoint,
        pytest.raises(VaultError) as caught,
    ):
        open_bucket(endpoint_url=endpoint).put_file(KEY, io.BytesIO(LARGE), ZIP)
    assert caught.value.trouble is VaultTrouble.DAMAGED


def test_a_large_file_that_breaks_off_on_its_way_back_is_not_believed(
    open_bucket: OpenBucket, location: S3Location
) -> None:
    def meddle(answer: Answer) -> Answer:
        return replace(answer, cut=PART) if answer.is_file else answer

    with (
        meddling(location.endpoint_url, meddle) as endpoint,
        pytest.raises(VaultError, match="was lost") as caught,
    ):
        open_bucket(endpoint_url=endpoint).put_file(KEY, io.BytesIO(LARGE), ZIP)
    assert caught.value.trouble is VaultTrouble.UNREACHABLE


def test_no_exception_of_a_large_file_holds_keys(
    open_bucket: OpenBucket, location: S3Location
) -> None:
    with pytest.raises(VaultError) as caught:
        open_bucket(secret_key="wrong").put_file(KEY, io.BytesIO(LARGE), ZIP)
    assert location.access_key not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_disk_that_gives_back_other_bytes_keeps_the_old_file(
    tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = FolderVault(tmp_path / "vault", clock)
    vault.put_file(KEY, io.BytesIO(b"first"), ZIP)
    written = folder._copy_through

    def failing(path: Path, source: io.BytesIO) -> None:
        written(path, source)
        path.write_bytes(path.read_bytes()[:-1])

    monkeypatch.setattr(folder, "_copy_through", failing)
    with pytest.raises(VaultError, match="may be failing") as caught:
        vault.put_file(KEY, io.BytesIO(LARGE), ZIP)
    assert caught.value.trouble is VaultTrouble.DAMAGED
    assert vault.get(KEY, max_bytes=100) == b"first"
    assert [path.name for path in (tmp_path / "vault" / "exports").iterdir()] == [Path(KEY).name]


def test_a_full_disk_is_told(
    tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = FolderVault(tmp_path / "vault", clock)

    def full(path: Path, source: io.BytesIO) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(folder, "_copy_through", full)
    with pytest.raises(VaultError, match="is on a disk that is full"):
        vault.put_file(KEY, io.BytesIO(LARGE), ZIP)
    assert list((tmp_path / "vault" / "exports").iterdir()) == []


@pytest.mark.parametrize("size", [0, 1, PART + 1, len(LARGE)])
def test_a_large_file_is_read_a_piece_at_a_time(vault: Vault, size: int) -> None:
    vault.put_file(KEY, io.BytesIO(LARGE[:size]), ZIP)
    pieces: list[int] = []

    class Target(io.BytesIO):
        def write(self, piece: Any, /) -> int:
            pieces.append(len(piece))
            return super().write(piece)

    target = Target()
    vault.get_file(KEY, target, max_bytes=size)
    assert target.getvalue() == LARGE[:size]
    assert max(pieces, default=0) <= PIECE_BYTES


def test_a_file_that_is_larger_than_it_may_be_is_not_read_to_its_end(vault: Vault) -> None:
    vault.put_file(KEY, io.BytesIO(LARGE), ZIP)
    target = Digesting()
    with pytest.raises(VaultError) as caught:
        vault.get_file(KEY, target, max_bytes=PART)
    assert caught.value.trouble is VaultTrouble.TOO_LARGE
    assert target.size <= PART


def test_a_large_file_that_is_missing_is_said_to_be(vault: Vault) -> None:
    vault.put_file(KEY, io.BytesIO(b"x"), ZIP)
    with pytest.raises(VaultError) as caught:
        vault.get_file("exports/none.zip", io.BytesIO(), max_bytes=PART)
    assert caught.value.trouble is VaultTrouble.MISSING
