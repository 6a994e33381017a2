"""What a folder and a bucket promise alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from lib.vault.base import Vault, VaultError, VaultTrouble, content_key, sha256_hex
from tests.parts.clock import SettableClock

KEY = "voices/abc/reference/one.wav"
CLIMBING = [
    "../x/y",
    "voices/../../etc/passwd",
    "/voices/a",
    "voices//a",
    "Voices/a",
    "a",
    "a/b%2e",
]


def test_a_file_comes_back_as_it_was_given(vault: Vault, clock: SettableClock) -> None:
    data = bytes(range(256)) * 300
    key = content_key("voices/abc/reference", data, "wav")
    stored = vault.put_verified(key, data, "audio/wav")
    assert vault.get(key, max_bytes=len(data)) == data
    assert (stored.vault, stored.key) == (vault.name, key)
    assert (stored.sha256, stored.size) == (sha256_hex(data), len(data))
    assert stored.read_back_at == clock.now()


def test_an_empty_file_is_a_file(vault: Vault) -> None:
    vault.put_verified(KEY, b"", "audio/wav")
    assert vault.get(KEY, max_bytes=0) == b""
    assert list(vault.keys("voices/")) == [KEY]


def test_writing_again_replaces(vault: Vault) -> None:
    vault.put_verified(KEY, b"first and longer", "text/plain")
    vault.put_verified(KEY, b"second", "text/plain")
    assert vault.get(KEY, max_bytes=100) == b"second"


def test_a_missing_file_is_said_to_be_missing(vault: Vault) -> None:
    vault.put_verified("voices/other/voice.json", b"{}", "application/json")
    with pytest.raises(VaultError) as caught:
        vault.get(KEY, max_bytes=10)
    assert caught.value.trouble is VaultTrouble.MISSING


def test_a_file_over_the_limit_is_not_read(vault: Vault) -> None:
    vault.put_verified(KEY, b"12345", "text/plain")
    with pytest.raises(VaultError) as caught:
        vault.get(KEY, max_bytes=4)
    assert caught.value.trouble is VaultTrouble.TOO_LARGE


def test_a_deleted_file_is_gone_and_deleting_twice_is_no_error(vault: Vault) -> None:
    vault.put_verified(KEY, b"x", "text/plain")
    vault.delete(KEY)
    vault.delete(KEY)
    assert list(vault.keys("")) == []


def test_keys_are_found_by_prefix_however_many_and_whoever_writes(vault: Vault) -> None:
    keys = [f"takes/{number:03}/take.json" for number in range(120)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: vault.put_verified(key, b"{}", "application/json"), keys))
    vault.put_verified(KEY, b"x", "audio/wav")
    assert sorted(vault.keys("takes/")) == keys
    assert sorted(vault.keys("takes/11")) == keys[110:]
    assert list(vault.keys("voices/abc")) == [KEY]
    assert len(list(vault.keys(""))) == 121
    assert list(vault.keys("voices/nobody/")) == []


def test_a_listed_file_has_its_size_and_the_time_when_it_was_written(vault: Vault) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    vault.put_verified(KEY, b"12345", "audio/wav")
    (found,) = vault.listed("voices/")
    assert (found.key, found.size) == (KEY, 5)
    assert before < found.at < datetime.now(UTC) + timedelta(minutes=1)


def test_an_empty_vault_has_no_keys(vault: Vault) -> None:
    assert list(vault.keys("")) == []


@pytest.mark.parametrize("key", CLIMBING)
def test_a_key_that_is_not_ours_is_refused_by_every_method(vault: Vault, key: str) -> None:
    with pytest.raises(ValueError, match="not a vault key"):
        vault.put_verified(key, b"x", "text/plain")
    with pytest.raises(ValueError, match="not a vault key"):
        vault.get(key, max_bytes=10)
    with pytest.raises(ValueError, match="not a vault key"):
        vault.delete(key)
    with pytest.raises(ValueError, match="not a vault key"):
        vault.presign(key, seconds=60)
    with pytest.raises(ValueError, match="not a vault key"):
        vault.sign(key, seconds=60)
    assert list(vault.keys("../")) == []


def test_a_check_goes_well_and_leaves_nothing_behind(vault: Vault) -> None:
    vault.check()
    assert list(vault.keys("")) == []
