"""A bucket on a real S3 server: addresses, refusals, and no secret in any of its exceptions."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from lib.vault.base import VaultError, VaultTrouble, sha256_hex
from lib.vault.s3 import MAX_PRESIGN_SECONDS, S3Location, S3Vault
from tests.parts.clock import SettableClock
from tests.parts.processes import free_port
from tests.parts.radosgw import S3Server
from tests.vault.conftest import OpenBucket

KEY = "voices/abc/reference/one.wav"
MORE_THAN_A_PAGE = 1_001
SECRET = "wrong-secret-0123456789"


def fetch(url: str) -> tuple[int, bytes]:
    """What a stranger gets at this address."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, b""


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and all that it knows to have come before it."""
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        yield from chain(error.__context__)


def test_a_file_is_stored_private_with_its_type_and_hash(
    open_bucket: OpenBucket, location: S3Location, s3_server: S3Server
) -> None:
    open_bucket().put_verified(KEY, b"sound", "audio/wav")
    seen = s3_server.client.head_object(Bucket=location.bucket, Key=f"team/vault/{KEY}")
    assert seen["ContentType"] == "audio/wav"
    assert seen["Metadata"] == {"sha256": sha256_hex(b"sound")}
    assert fetch(f"{location.endpoint_url}/{location.bucket}/team/vault/{KEY}")[0] == 403


def test_keys_are_read_page_by_page(
    open_bucket: OpenBucket, location: S3Location, s3_server: S3Server
) -> None:
    def put(number: int) -> None:
        name = f"team/vault/takes/{number}/take.json"
        s3_server.client.put_object(Bucket=location.bucket, Key=name, Body=b"{}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(MORE_THAN_A_PAGE)))
    assert s3_server.client.list_objects_v2(Bucket=location.bucket)["IsTruncated"]
    assert len(set(open_bucket().keys("takes/"))) == MORE_THAN_A_PAGE


def test_what_others_keep_in_the_bucket_is_not_ours(
    open_bucket: OpenBucket, location: S3Location, s3_server: S3Server
) -> None:
    others = ("other/voices/a", "team/vault2/a", "team/vault/READ ME", "team/vault/a/..b")
    for name in others:
        s3_server.client.put_object(Bucket=location.bucket, Key=name, Body=b"x")
    assert list(open_bucket().keys("")) == []


def test_a_vault_may_be_the_whole_bucket(open_bucket: OpenBucket, location: S3Location) -> None:
    vault = open_bucket(prefix="")
    vault.put_verified(KEY, b"x", "audio/wav")
    assert list(vault.keys("")) == [KEY]
    assert vault.name == f"s3://{location.bucket}@{location.host}"


def test_a_signed_address_opens_for_anyone_and_only_this_file(open_bucket: OpenBucket) -> None:
    vault = open_bucket()
    vault.put_verified(KEY, b"sound", "audio/wav")
    vault.put_verified("voices/abc/other.wav", b"private", "audio/wav")
    url = vault.presign(KEY, seconds=600) or ""
    assert fetch(url) == (200, b"sound")
    assert fetch(url.replace("reference/one.wav", "other.wav"))[0] == 403
    assert fetch(url[:-1] + ("0" if url[-1] != "0" else "1"))[0] == 403
    assert fetch(url.partition("?")[0])[0] == 403


def test_a_signed_address_ends(open_bucket: OpenBucket) -> None:
    vault = open_bucket()
    vault.put_verified(KEY, b"sound", "audio/wav")
    url = vault.presign(KEY, seconds=0) or ""
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["1"]
    deadline = time.monotonic() + 20
    while (status := fetch(url)[0]) == 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert status == 403


def test_no_address_is_signed_for_longer_than_servers_accept(open_bucket: OpenBucket) -> None:
    vault = open_bucket()
    vault.put_verified(KEY, b"sound", "audio/wav")
    url = vault.presign(KEY, seconds=MAX_PRESIGN_SECONDS * 9) or ""
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["604800"]
    assert fetch(url) == (200, b"sound")


def test_signing_alone_needs_no_network_and_gives_the_same_address(open_bucket: OpenBucket) -> None:
    open_bucket().put_verified(KEY, b"sound", "audio/wav")
    assert fetch(open_bucket().sign(KEY, seconds=60) or "") == (200, b"sound")
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert (open_bucket(endpoint_url=nowhere).sign(KEY, seconds=60) or "").startswith(nowhere)


def test_no_address_is_presigned_for_a_missing_file(open_bucket: OpenBucket) -> None:
    with pytest.raises(VaultError) as caught:
        open_bucket().presign(KEY, seconds=60)
    assert caught.value.trouble is VaultTrouble.MISSING


@pytest.mark.parametrize(
    ("changes", "trouble", "words"),
    [
        ({"secret_key": SECRET}, VaultTrouble.REFUSED, "refuses the keys"),
        ({"access_key": "NOBODY1234"}, VaultTrouble.REFUSED, "refuses the keys"),
        ({"bucket": "no-such-bucket"}, VaultTrouble.REFUSED, "no bucket no-such-bucket at"),
        ({"bucket": "no such/bucket"}, VaultTrouble.REFUSED, "Check region and endpoint"),
        ({"endpoint_url": "http://-:99999"}, VaultTrouble.REFUSED, "Check region and endpoint"),
        ({"endpoint_url": "http://127.0.0.1:{port}"}, VaultTrouble.UNREACHABLE, "be reached"),
    ],
)
def test_each_refusal_has_its_sentence_and_no_secret(
    open_bucket: OpenBucket,
    location: S3Location,
    changes: dict[str, str],
    trouble: VaultTrouble,
    words: str,
) -> None:
    changes = {name: value.format(port=free_port()) for name, value in changes.items()}
    vault = open_bucket(**changes)
    for attempt in (
        vault.check,
        lambda: vault.put_verified(KEY, b"x", "audio/wav"),
        lambda: vault.get(KEY, max_bytes=10),
        lambda: list(vault.keys("")),
        lambda: vault.delete(KEY),
    ):
        with pytest.raises(VaultError, match=words) as caught:
            attempt()
        assert caught.value.trouble is trouble
        for error in chain(caught.value):
            told = f"{error} {error!r} {vars(error)!r}"
            for secret in (location.secret_key, location.access_key, SECRET, "Signature"):
                assert secret not in told
    with pytest.raises(VaultError):
        vault.presign(KEY, seconds=60)


def test_no_secret_shows_in_a_location_or_a_vault(
    location: S3Location, clock: SettableClock
) -> None:
    told = f"{location!r} {location} {S3Vault(location, clock)!r} {S3Vault(location, clock).name}"
    assert location.secret_key not in told
    assert location.access_key not in told


def test_empty_keys_mean_not_set_up_and_never_the_keys_of_the_machine(
    open_bucket: OpenBucket, location: S3Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", location.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", location.secret_key)
    for missing in ("access_key", "secret_key"):
        with pytest.raises(VaultError, match="Paste AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
            open_bucket(**{missing: ""})


OF_THE_MACHINE = {
    "AWS_ACCESS_KEY_ID": "SOMEBODY",
    "AWS_SECRET_ACCESS_KEY": "else",
    "AWS_SESSION_TOKEN": "token",
    "AWS_PROFILE": "no-such-profile",
    "AWS_DEFAULT_PROFILE": "nor-this-one",
    "AWS_REGION": "nowhere-1",
    "AWS_DEFAULT_REGION": "nowhere-2",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_supported",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_RETRY_MODE": "none-that-there-is",
    "AWS_MAX_ATTEMPTS": "many",
    "AWS_DEFAULTS_MODE": "auto",
}
CONFIG = """
[default]
region = nowhere-3
endpoint_url = http://127.0.0.1:1
s3 =
  addressing_style = virtual
  use_accelerate_endpoint = true
"""


@pytest.fixture
def odd_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine that is set up for another account; gives its file of settings."""
    for name, value in OF_THE_MACHINE.items():
        monkeypatch.setenv(name, value)
    config = tmp_path / ".aws" / "config"
    config.parent.mkdir()
    config.write_text(CONFIG)
    monkeypatch.setenv("HOME", str(tmp_path))
    return config


def test_settings_of_the_machine_change_nothing(odd_machine: Path, open_bucket: OpenBucket) -> None:
    open_bucket().check()
    odd_machine.write_text("[broken")
    open_bucket().check()


@pytest.mark.usefixtures("odd_machine")
def test_a_signed_address_of_aws_itself_names_the_region_of_the_settings(
    location: S3Location, clock: SettableClock
) -> None:
    aws = replace(location, bucket="team", endpoint_url="", region="eu-central-1")
    url = S3Vault(aws, clock).sign(KEY, seconds=60) or ""
    assert url.startswith(f"https://team.s3.eu-central-1.amazonaws.com/team/vault/{KEY}?")
