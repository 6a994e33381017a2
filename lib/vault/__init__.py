"""Durable files: one protocol (`base.py`), a folder or an S3-compatible bucket behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from lib.clock import Clock
from lib.vault.base import Vault, VaultError, VaultTrouble
from lib.vault.folder import FolderVault
from lib.vault.s3 import S3Location, S3Vault
from lib.vault.wording import Reason, sentence, stray_signs

_BUCKET_URL = re.compile(
    r"s3://([A-Za-z0-9][A-Za-z0-9._-]{1,62})((?:/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,8})/?"
)
_ENDPOINT_URL = re.compile(
    r"(?:(https?)://)?((?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?)"
    r"((?:/[A-Za-z0-9._~-]+)*)/?"
)
"""Scheme, host and port, path: Supabase's storage stands below one."""
_R2_HOST = ".r2.cloudflarestorage.com"
_PATHLESS = (_R2_HOST, ".amazonaws.com")
_STORAGE_HOST = re.compile(
    r"(?:s3|oss|cos|obs|tos)[.-].+|(?:.+\.)?(?:digitaloceanspaces|linodeobjects|vultrobjects"
    r"|your-objectstorage)\.com|storage\.googleapis\.com",
    re.IGNORECASE,
)
"""What is left of a host once a bucket is taken from its front. A bucket may be called as the
first word of its server's own name: `minio` at minio.example.org is behind that host.
"""
_MAX_SETTING = 4_096


def open_vault(url: str, clock: Clock, *, aws: Mapping[str, str], default_folder: Path) -> Vault:
    """The vault that `VAULT_URL` names; nothing is asked of it yet.

    Empty: `default_folder`. `file:///absolute/path`: that folder, the path taken as it stands.
    `s3://bucket/prefix`: a bucket, with the standard `AWS_*` settings out of `aws`.
    Raises `VaultError` (refused) with a sentence saying what to paste. No value is repeated in
    it: people paste keys into the wrong line.
    """
    url = url.strip()
    if not url:
        return FolderVault(default_folder, clock)
    if url.startswith("file:///") and url.isprintable():
        return FolderVault(Path(url.removeprefix("file://")), clock)
    if url.startswith("s3://"):
        return S3Vault(_location(url, aws), clock)
    raise _refused(sentence(Reason.BAD_URL))


def _location(url: str, aws: Mapping[str, str]) -> S3Location:
    match = _BUCKET_URL.fullmatch(url)
    if match is None:
        raise _refused(sentence(Reason.BAD_BUCKET_URL))
    bucket, prefix = match[1], match[2].strip("/")
    endpoint, in_host = _endpoint(_first(aws, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"), bucket)
    return S3Location(
        bucket=bucket,
        prefix=prefix,
        region=_region(_first(aws, "AWS_REGION", "AWS_DEFAULT_REGION"), endpoint),
        endpoint_url=endpoint,
        access_key=_first(aws, "AWS_ACCESS_KEY_ID"),
        secret_key=_first(aws, "AWS_SECRET_ACCESS_KEY"),
        session_token=_first(aws, "AWS_SESSION_TOKEN"),
        bucket_in_host=in_host,
    )


def _first(aws: Mapping[str, str], *names: str) -> str:
    """The first of these that is set: one word of visible ASCII, as all of them are."""
    name = next((name for name in names if aws.get(name, "").strip()), "")
    value = aws[name].strip() if name else ""
    if len(value) > _MAX_SETTING or re.search(r"[^!-~]", value):
        raise _refused(stray_signs(name))
    return value


def _endpoint(url: str, bucket: str) -> tuple[str, bool]:
    """The address without the bucket, and whether that stood before the host.

    Dashboards show it with the bucket behind it (R2) or before it (AWS, Spaces, OSS). Where it
    stands is how the bucket is asked for: some servers know one of the two ways only.
    """
    if not url:
        return "", False
    match = _ENDPOINT_URL.fullmatch(url)
    scheme, host, path = match.groups() if match else ("", "", "..")
    path = path.removesuffix(f"/{bucket}") if len(bucket) > 2 else path
    if ".." in path or (path and host.endswith(_PATHLESS)):
        raise _refused(sentence(Reason.BAD_ENDPOINT))
    base = host.removeprefix(f"{bucket}.")
    in_host = base != host and _STORAGE_HOST.fullmatch(base) is not None
    return f"{scheme or 'https'}://{base if in_host else host}{path}", in_host


def _region(region: str, endpoint: str) -> str:
    """R2 knows only `auto` (Cloudflare docs, S3 API); other servers accept what AWS began with."""
    if endpoint.endswith(_R2_HOST):
        return "auto"
    if not (region or endpoint):
        raise _refused(sentence(Reason.NO_REGION))
    return region or "us-east-1"


def _refused(why: str) -> VaultError:
    return VaultError(VaultTrouble.REFUSED, why)
