"""A vault in a bucket of AWS S3, Cloudflare R2 or another S3-compatible server.

Client settings and answers: the servers' documentation, and what boto3 1.44 was seen to send.
boto3 is imported with the first request: it takes a quarter of a second, and folders need none.
"""

from __future__ import annotations

import io
import os
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from http.client import HTTPException
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from urllib.parse import urlsplit

from lib.clock import Clock
from lib.proxies import UnusableProxy, proxy_for
from lib.vault.base import (
    Listed,
    Sink,
    Stored,
    VaultError,
    VaultTrouble,
    checked_key,
    digest_of,
)
from lib.vault.wording import Reason, other_bytes_twice, sentence, signed_address_fails

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

RETRIES = 4
CONNECT_SECONDS = 5
READ_SECONDS = 30
CONNECTIONS = 16
MAX_PRESIGN_SECONDS = 604_800
"""Seven days, on AWS and R2 alike (their docs on presigned URLs); boto3 itself does not check."""


@dataclass(frozen=True)
class S3Location:
    """Where a bucket is and what opens it. No `endpoint_url`: AWS itself, and `region` is real."""

    bucket: str
    prefix: str
    region: str
    endpoint_url: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    bucket_in_host: bool = False
    """Whether the bucket is asked for as a part of the host's name, not of the path."""

    @property
    def host(self) -> str:
        """Whom to name in a sentence: host and port, never a whole address."""
        return urlsplit(self.endpoint_url).netloc or "AWS"

    @property
    def name(self) -> str:
        """`s3://bucket/prefix`, and `@host` where it is not AWS: bucket names repeat elsewhere."""
        place = f"s3://{self.bucket}/{self.prefix}".rstrip("/")
        return f"{place}@{self.host}" if self.endpoint_url else place


class S3Vault:
    """Objects under one prefix of one bucket, private, each read back after it was written.

    `retries` is how often the SDK repeats a request that failed on the way or met a busy server.
    Safe to share between threads. All methods raise `VaultError`, and ValueError for a key that
    is not one of ours. No exception holds keys, headers or signed addresses, nor do its causes.
    """

    def __init__(self, location: S3Location, clock: Clock, *, retries: int = RETRIES) -> None:
        if not (location.access_key and location.secret_key):
            # Left empty, the SDK would go and look for a role of this machine.
            raise VaultError(VaultTrouble.REFUSED, sentence(Reason.NO_KEYS))
        self.name = location.name
        self._location = location
        self._clock = clock
        self._retries = retries
        self._lock = Lock()
        self._client: S3Client | None = None

    def put_verified(self, key: str, data: bytes, media_type: str) -> Stored:
        return self.put_file(key, io.BytesIO(data), media_type)

    def put_file(self, key: str, source: BinaryIO, media_type: str) -> Stored:
        """Write and read back, twice at most: a byte may turn on its way in either direction.

        In parts where it is larger than one: a break costs a part, and no part is large.
        """
        from lib.vault.s3_parts import stored_digest, upload

        place = (self._location.bucket, self._object(key))
        source.seek(0)
        digest, size = digest_of(source)
        for _ in range(2):
            source.seek(0)
            self._ask(lambda client: upload(client, place, source, media_type, digest))
            try:
                found = self._ask(lambda client: stored_digest(client, place))
            except VaultError as error:
                if not error.is_about_the_file:
                    raise
                continue
            if found == digest:
                return Stored(self.name, key, digest, size, self._clock.now())
        raise VaultError(VaultTrouble.DAMAGED, other_bytes_twice(self._location.host))

    def get(self, key: str, *, max_bytes: int) -> bytes:
        target = io.BytesIO()
        self.get_file(key, target, max_bytes=max_bytes)
        return target.getvalue()

    def get_file(self, key: str, target: Sink, *, max_bytes: int) -> None:
        from lib.vault.s3_parts import download

        place = (self._location.bucket, self._object(key))
        self._ask(lambda client: download(client, place, target, max_bytes))

    def keys(self, prefix: str) -> Iterator[str]:
        return (item.key for item in self.listed(prefix))

    def listed(self, prefix: str) -> Iterator[Listed]:
        start = self._prefixed("")
        pages = self._ask(
            lambda client: iter(
                client.get_paginator("list_objects_v2").paginate(
                    Bucket=self._location.bucket, Prefix=start + prefix
                )
            )
        )
        while page := self._ask(lambda _: next(pages, None)):
            for item in page.get("Contents", ()):
                with suppress(ValueError):  # other people's files under our prefix
                    key = checked_key(item["Key"].removeprefix(start))
                    yield Listed(key, item["Size"], item["LastModified"].astimezone(UTC))

    def delete(self, key: str) -> None:
        name = self._object(key)
        try:
            self._ask(lambda client: client.delete_object(Bucket=self._location.bucket, Key=name))
        except VaultError as error:
            if error.trouble is not VaultTrouble.MISSING:
                raise

    def presign(self, key: str, *, seconds: int) -> str | None:
        """A secret address, good for GET only, for 1 second to 7 days. Neither store nor log it."""
        name = self._object(key)
        self._ask(lambda client: client.head_object(Bucket=self._location.bucket, Key=name))
        return self.sign(key, seconds=seconds)

    def sign(self, key: str, *, seconds: int) -> str | None:
        name = self._object(key)
        return self._ask(
            lambda client: client.generate_presigned_url(
                "get_object",
                Params={"Bucket": self._location.bucket, "Key": name},
                ExpiresIn=min(max(seconds, 1), MAX_PRESIGN_SECONDS),
            )
        )

    def check(self) -> None:
        key, data = f"probe/{secrets.token_hex(8)}", secrets.token_bytes(32)
        self.put_verified(key, data, "application/octet-stream")
        try:
            next(self.keys(key), None)  # a right of its own, which rebuilding the registry needs
            self._check_address(self.presign(key, seconds=60) or "", data)
        except VaultError:
            with suppress(VaultError):
                self.delete(key)
            raise
        self.delete(key)

    def _check_address(self, url: str, expected: bytes) -> None:
        """Fetch as a stranger with nothing but the address, as a voice service will."""
        if not _opens(url, self._location.endpoint_url, expected):
            raise VaultError(VaultTrouble.REFUSED, signed_address_fails(self._location.host))

    def _prefixed(self, key: str) -> str:
        return f"{self._location.prefix}/{key}" if self._location.prefix else key

    def _object(self, key: str) -> str:
        return self._prefixed(checked_key(key))

    def _ask(self, request: Callable[[S3Client], T]) -> T:
        from lib.vault.s3_errors import SDK_ERRORS, explain

        try:
            return request(self._connected())
        except UnusableProxy as problem:
            failure = VaultError(VaultTrouble.REFUSED, str(problem))
        except SDK_ERRORS as error:
            failure = explain(error, host=self._location.host, bucket=self._location.bucket)
        # Raised out here, so that the SDK's exception, which knows headers, is not its context.
        raise failure

    def _connected(self) -> S3Client:
        with self._lock:
            if self._client is None:
                self._client = _new_client(self._location, self._retries)
            return self._client


def _new_client(location: S3Location, retries: int) -> S3Client:
    """A client that no profile and no other setting of this machine can change.

    Its variables and files would bring in keys, regions, signatures or checksums of others. What
    is left are certificates of the machine's own (`AWS_CA_BUNDLE`) and its proxy.
    """
    import boto3
    import botocore.session
    from botocore.config import Config
    from botocore.hooks import HierarchicalEmitter

    from lib.vault.s3_errors import refuse_web_page

    variables: dict[str, tuple[None, str | None, object, object]] = {
        name: (None, None, default, typecast)
        for name, (_, _, default, typecast) in botocore.session.Session.SESSION_VARIABLES.items()
    }
    variables |= {
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
        "ignore_configured_endpoint_urls": (None, None, True, None),
        "ca_bundle": (None, "AWS_CA_BUNDLE", None, None),
    }
    endpoint = location.endpoint_url or f"https://s3.{location.region}.amazonaws.com"
    proxy = proxy_for(endpoint)
    # Not "auto": that signs addresses of AWS without their region, which new buckets redirect.
    in_host = location.bucket_in_host or not location.endpoint_url
    config = Config(
        signature_version="s3v4",  # else presigning can fall back to a form that R2 refuses
        s3={"addressing_style": "virtual" if in_host else "path"},
        request_checksum_calculation="when_required",  # the default's trailers: R2 and B2 refused
        response_checksum_validation="when_required",
        retries={"mode": "standard", "max_attempts": retries},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=CONNECTIONS,
        proxies={urlsplit(endpoint).scheme: proxy} if proxy else {},
    )
    events = HierarchicalEmitter()
    # Before those of the SDK, which make an answer of its own of some pages.
    events.register_first("before-parse.s3.*", refuse_web_page)
    core = botocore.session.Session(variables, event_hooks=events)
    session = boto3.session.Session(botocore_session=core)
    client: S3Client = session.client(
        "s3",
        region_name=location.region,
        endpoint_url=location.endpoint_url or None,
        aws_access_key_id=location.access_key,
        aws_secret_access_key=location.secret_key,
        aws_session_token=location.session_token or None,
        config=config,
    )
    return client


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _opens(url: str, endpoint_url: str, expected: bytes) -> bool:
    """Whether a plain GET of this address gives these bytes."""
    scheme = urlsplit(url).scheme
    if scheme not in ("https", urlsplit(endpoint_url).scheme):
        return False
    proxy = proxy_for(url)
    way = urllib.request.ProxyHandler({scheme: proxy} if proxy else {})
    try:
        opener = urllib.request.build_opener(way, _NoRedirects)
        with opener.open(url, timeout=READ_SECONDS) as answer:
            return bool(answer.read(len(expected) + 1) == expected)
    except urllib.error.HTTPError as error:
        error.close()
    except (OSError, HTTPException):
        pass
    return False
