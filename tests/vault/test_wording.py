"""Faults of buckets and folders in words."""

from __future__ import annotations

from pathlib import Path

from lib.vault.wording import FolderFault, S3Fault, folder_words, s3_words


def test_every_fault_has_its_words() -> None:
    assert all(folder_words(fault, Path("/f")) for fault in FolderFault)
    assert all(s3_words(fault, host="h", bucket="b", region="") for fault in S3Fault)
