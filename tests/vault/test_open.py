"""One line of settings decides where files go; a wrong line says what to paste."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lib.vault import open_vault
from lib.vault.base import VaultError, VaultTrouble
from lib.vault.folder import FolderVault
from lib.vault.s3 import S3Location, S3Vault
from tests.parts.clock import SettableClock
from tests.parts.radosgw import S3Server

CLOCK = SettableClock()
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cr3t/+example"}
R2 = "https://0123abcd.r2.cloudflarestorage.com"


def location_of(url: str, **aws: str) -> S3Location:
    vault = open_vault(url, CLOCK, aws=KEYS | aws, default_folder=Path("unused"))
    assert isinstance(vault, S3Vault)
    return vault._location


def test_no_line_means_the_default_folder(tmp_path: Path) -> None:
    vault = open_vault("  ", CLOCK, aws={}, default_folder=tmp_path / "vault")
    assert isinstance(vault, FolderVault)
    assert vault.name == f"file://{tmp_path}/vault"


def test_a_folder_is_taken_by_its_path_as_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "with space #1 %20"
    vault = open_vault(f"file://{folder}", CLOCK, aws={}, default_folder=Path("unused"))
    vault.check()
    assert folder.is_dir()
    assert vault.name == f"file://{folder}"


def test_a_bucket_opens_with_the_standard_settings(s3_server: S3Server, tmp_path: Path) -> None:
    settings = s3_server.settings(s3_server.new_bucket())
    url = settings.pop("VAULT_URL")
    vault = open_vault(url, CLOCK, aws=settings, default_folder=tmp_path)
    vault.check()
    assert vault.name == f"{url}@{s3_server.endpoint.removeprefix('http://')}"


def test_aws_itself_needs_a_region_and_no_endpoint() -> None:
    location = location_of("s3://team/voices/", AWS_REGION="eu-central-1", AWS_ENDPOINT_URL_S3=" ")
    assert (location.region, location.endpoint_url) == ("eu-central-1", "")
    assert (location.prefix, location.name) == ("voices", "s3://team/voices")
    with pytest.raises(VaultError, match="Paste AWS_REGION"):
        location_of("s3://team/voices")


@pytest.mark.parametrize("endpoint", [R2, f"{R2}/", f"{R2}/team", f"{R2}/team/"])
def test_r2_is_always_in_the_region_auto(endpoint: str) -> None:
    location = location_of("s3://team", AWS_ENDPOINT_URL_S3=endpoint, AWS_REGION="eu-west-1")
    assert (location.region, location.endpoint_url) == ("auto", R2)
    assert location.name == "s3://team@0123abcd.r2.cloudflarestorage.com"


def test_other_servers_are_where_they_say_or_where_aws_began() -> None:
    url, endpoint = "s3://team/a/b", "http://[::1]:9000"
    assert location_of(url, AWS_ENDPOINT_URL=endpoint).region == "us-east-1"
    assert location_of(url, AWS_ENDPOINT_URL=endpoint, AWS_DEFAULT_REGION="x-1").region == "x-1"
    assert location_of(url, AWS_ENDPOINT_URL=endpoint).prefix == "a/b"


@pytest.mark.parametrize(
    "url",
    [
        "s3://", "s3://a", "s3:///prefix", "s3://key:s3cr3t@team/prefix", "s3://team/../x",
        "s3://team//x", "s3://team/a b", "s3://team?x=1", "file://relative/path", "file://",
        "file:///a\nb", "https://team.s3.amazonaws.com/s3cr3t", "data/vault", "S3://team",
    ],
)  # fmt: skip
def test_any_other_line_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(VaultError, match="VAULT_URL has to look like") as caught:
        open_vault(url, CLOCK, aws=KEYS, default_folder=Path("unused"))
    assert caught.value.trouble is VaultTrouble.REFUSED
    assert "s3cr3t" not in str(caught.value)


SUPABASE = "https://ref.storage.supabase.co/storage/v1/s3"
AWS = "https://team.s3.eu-central-1.amazonaws.com"


@pytest.mark.parametrize(
    ("bucket", "endpoint", "asked"),
    [
        # a path of the storage's own
        ("team", SUPABASE, f"{SUPABASE}/team/"),
        ("team", f"{SUPABASE}/", f"{SUPABASE}/team/"),
        ("team", f"{SUPABASE}/team", f"{SUPABASE}/team/"),
        ("s3", SUPABASE, f"{SUPABASE}/s3/"),
        ("team", "http://nas:9000/object-store", "http://nas:9000/object-store/team/"),
        # the bucket before the host
        ("team", AWS, f"{AWS}/"),
        ("team", "https://team.fra1.digitaloceanspaces.com", "https://team.fra1.digitaloceanspaces.com/"),
        ("team", "https://team.oss-cn-hangzhou.aliyuncs.com/", "https://team.oss-cn-hangzhou.aliyuncs.com/"),
        # the bucket behind the host, also where both have the same name
        ("team", "https://s3.eu-central-1.amazonaws.com/team", "https://s3.eu-central-1.amazonaws.com/team/"),
        ("minio", "https://minio.example.org", "https://minio.example.org/minio/"),
        ("storage", "https://storage.googleapis.com", "https://storage.googleapis.com/storage/"),
        # as a panel shows it, without the scheme
        ("team", "s3.us-west-004.backblazeb2.com", "https://s3.us-west-004.backblazeb2.com/team/"),
        ("team", "nas.example.org:9000", "https://nas.example.org:9000/team/"),
    ],
)  # fmt: skip
def test_a_bucket_is_asked_for_where_its_address_shows_it(
    bucket: str, endpoint: str, asked: str
) -> None:
    aws = KEYS | {"AWS_ENDPOINT_URL_S3": endpoint, "AWS_REGION": "eu-central-1"}
    vault = open_vault(f"s3://{bucket}/voices", CLOCK, aws=aws, default_folder=Path("unused"))
    url = vault.sign("takes/1/take.mp3", seconds=60) or ""
    assert url.startswith(f"{asked}voices/takes/1/take.mp3?")


@pytest.mark.parametrize(
    "endpoint",
    ["ftp://s3.example.org", "https://s3cr3t@s3.example.org", f"{R2}/other",
     "https://s3.eu-central-1.amazonaws.com/s3cr3t", "https://s3.example.org?x=1", "https://",
     "https://s3.example.org/../x", "https://s3.example.org/a b"],
)  # fmt: skip
def test_an_endpoint_is_an_address_without_more(endpoint: str) -> None:
    with pytest.raises(VaultError, match="AWS_ENDPOINT_URL_S3") as caught:
        location_of("s3://team", AWS_ENDPOINT_URL_S3=endpoint)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("value", ["", "  ", "two words", "line\nbreak", "schlüssel", "x" * 5_000])
@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_keys_that_cannot_be_keys_are_asked_for_by_name(name: str, value: str) -> None:
    with pytest.raises(VaultError, match=name) as caught:
        location_of("s3://team", AWS_REGION="eu-central-1", **{name: value})
    assert caught.value.trouble is VaultTrouble.REFUSED


def test_the_sdk_is_imported_with_the_first_request_only() -> None:
    program = "import sys, lib.vault; sys.exit('botocore' in sys.modules or 'boto3' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
