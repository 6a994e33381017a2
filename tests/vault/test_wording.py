"""All that this room says has its words."""

from __future__ import annotations

from pathlib import Path

from lib.vault.wording import SENTENCES, FolderFault, Reason, S3Fault, folder_words, s3_words


def test_everything_that_is_said_has_its_words() -> None:
    assert SENTENCES.keys() == set(Reason)
    assert all(folder_words(fault, Path("/f")) for fault in FolderFault)
    assert all(s3_words(fault, host="h", bucket="b", region="") for fault in S3Fault)
