"""What only a folder has to stand: links, crashes, full and locked disks, private files."""

from __future__ import annotations

import errno
import os
import resource
import stat
from pathlib import Path

import pytest

from lib.vault.base import VaultError, VaultTrouble
from lib.vault.folder import FolderVault
from tests.parts.clock import SettableClock

KEY = "voices/abc/voice.json"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vault"


@pytest.fixture
def folder(root: Path, clock: SettableClock) -> FolderVault:
    return FolderVault(root, clock)


def test_its_name_is_its_absolute_path(
    folder: FolderVault, root: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root.parent.parent)
    assert folder.name == f"file://{root}"
    assert FolderVault(Path("data/vault"), clock).name == folder.name


def test_a_disk_that_is_not_there_has_lost_nothing(folder: FolderVault, root: Path) -> None:
    folder.put_verified(KEY, b"{}", "application/json")
    root.rename(root.with_name("elsewhere"))
    with pytest.raises(VaultError) as caught:
        folder.get(KEY, max_bytes=10)
    assert caught.value.trouble is VaultTrouble.UNREACHABLE


def test_a_folder_has_no_addresses(folder: FolderVault) -> None:
    folder.put_verified(KEY, b"{}", "application/json")
    assert folder.presign(KEY, seconds=60) is None
    assert folder.sign(KEY, seconds=60) is None


def test_only_the_owner_can_read(folder: FolderVault, root: Path) -> None:
    folder.put_verified(KEY, b"{}", "application/json")
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")]}
    assert all(mode == (0o600 if path.is_file() else 0o700) for path, mode in modes.items())


def test_what_a_crash_left_behind_is_no_file_of_ours(folder: FolderVault, root: Path) -> None:
    folder.put_verified(KEY, b"{}", "application/json")
    (root / "voices/abc/.writing-x1y2").write_bytes(b"half a fi")
    assert list(folder.keys("")) == [KEY]


def test_nothing_but_the_file_stays_after_writing(folder: FolderVault, root: Path) -> None:
    folder.put_verified(KEY, b"1", "application/json")
    folder.put_verified(KEY, b"2", "application/json")
    assert [path.name for path in (root / "voices/abc").iterdir()] == ["voice.json"]


def test_other_files_in_the_folder_are_not_listed(folder: FolderVault, root: Path) -> None:
    folder.put_verified(KEY, b"{}", "application/json")
    (root / "README").write_text("ours")
    (root / "voices" / "Notes.TXT").write_text("ours")
    (root / "voices" / "a..b").write_text("ours")
    (root / "voices" / ("a" * 200)).mkdir()
    assert list(folder.keys("")) == [KEY]


@pytest.mark.parametrize("link", ["voices", "voices/abc", "voices/abc/voice.json"])
def test_a_link_out_of_the_folder_is_not_followed(
    folder: FolderVault, root: Path, tmp_path: Path, link: str
) -> None:
    outside = tmp_path / "outside"
    target = outside / Path(KEY).relative_to(link)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"a secret")
    (root / link).parent.mkdir(parents=True, exist_ok=True)
    (root / link).symlink_to(target if link == KEY else outside)
    for attempt in (
        lambda: folder.get(KEY, max_bytes=100),
        lambda: folder.put_verified(KEY, b"overwritten", "application/json"),
        lambda: folder.delete(KEY),
    ):
        with pytest.raises(VaultError, match="Remove the link") as caught:
            attempt()
        assert caught.value.trouble is VaultTrouble.REFUSED
    assert list(folder.keys("")) == []
    assert target.read_bytes() == b"a secret"


def test_links_in_a_circle_are_refused(folder: FolderVault, root: Path) -> None:
    (root / "voices").mkdir(parents=True)
    (root / "voices/abc").symlink_to(root / "voices/abc")
    with pytest.raises(VaultError):
        folder.put_verified(KEY, b"x", "application/json")
    assert list(folder.keys("")) == []


def test_a_link_to_the_folder_itself_is_the_operators_choice(
    folder: FolderVault, root: Path, tmp_path: Path, clock: SettableClock
) -> None:
    folder.put_verified(KEY, b"{}", "application/json")
    (tmp_path / "link").symlink_to(root)
    linked = FolderVault(tmp_path / "link", clock)
    assert linked.get(KEY, max_bytes=10) == b"{}"
    assert list(linked.keys("voices/")) == [KEY]


def test_a_file_where_the_folder_should_be_is_told(root: Path, clock: SettableClock) -> None:
    root.parent.mkdir()
    root.write_text("not a folder")
    folder = FolderVault(root, clock)
    for attempt in (folder.check, lambda: list(folder.keys(""))):
        with pytest.raises(VaultError, match="a file stands where a folder has to be") as caught:
            attempt()
        assert caught.value.trouble is VaultTrouble.REFUSED


def test_a_folder_where_a_file_should_be_is_told(folder: FolderVault, root: Path) -> None:
    (root / KEY).mkdir(parents=True)
    with pytest.raises(VaultError, match="a folder stands where a file has to be"):
        folder.put_verified(KEY, b"{}", "application/json")
    with pytest.raises(VaultError) as caught:
        folder.get(KEY, max_bytes=10)
    assert caught.value.trouble is VaultTrouble.MISSING


def test_a_write_cut_short_leaves_the_old_file(folder: FolderVault, root: Path) -> None:
    folder.put_verified(KEY, b"old", "application/json")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, usual[1]))
    try:
        with pytest.raises(VaultError, match="larger than this disk allows") as caught:
            folder.put_verified(KEY, b"x" * 10_000, "application/json")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert caught.value.trouble is VaultTrouble.REFUSED
    assert folder.get(KEY, max_bytes=10) == b"old"
    assert [path.name for path in (root / "voices/abc").iterdir()] == ["voice.json"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is on a disk that is full"),
        (errno.EACCES, "cannot be read or written"),
        (errno.EROFS, "can be read, but not written to"),
        (errno.EIO, "does not answer as it should"),
    ],
)
def test_each_fault_of_a_disk_has_its_words(
    folder: FolderVault, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def fail(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(VaultError, match=words):
        folder.check()
