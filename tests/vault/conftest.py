"""The vaults under test: a folder, and a bucket on a real S3 server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lib.vault.base import Vault
from lib.vault.folder import FolderVault
from lib.vault.s3 import S3Location, S3Vault
from tests.parts.clock import SettableClock
from tests.parts.radosgw import REGION, S3Server

OpenBucket = Callable[..., S3Vault]


@pytest.fixture
def location(s3_server: S3Server) -> S3Location:
    """A fresh bucket."""
    return S3Location(
        bucket=s3_server.new_bucket(),
        prefix="team/vault",
        region=REGION,
        endpoint_url=s3_server.endpoint,
        access_key=s3_server.access_key,
        secret_key=s3_server.secret_key,
    )


@pytest.fixture
def open_bucket(location: S3Location, clock: SettableClock) -> OpenBucket:
    """`open_bucket(field=…)`: a vault at `location` with these fields changed; no retries."""
    return lambda retries=0, **changes: S3Vault(
        replace(location, **changes), clock, retries=retries
    )


@pytest.fixture(params=["folder", "s3"])
def vault(request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock) -> Vault:
    if request.param == "folder":
        return FolderVault(tmp_path / "vault", clock)
    bucket: S3Vault = request.getfixturevalue("open_bucket")()
    return bucket
