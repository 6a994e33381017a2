"""What an S3-compatible server, or the way to it, said: as a `VaultError`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    ProxyConnectionError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from lib.vault.base import VaultError, VaultTrouble
from lib.vault.wording import S3Fault, s3_words

FAILURES = 300
"""The first status that is none of success."""


class WebPage(BotoCoreError):
    """A page for people was answered with, and success."""


SDK_ERRORS = (BotoCoreError, ClientError, ResponseParserError, ValueError)
"""All that boto3 raises for a request; ValueError for an endpoint it cannot read."""

_CODES: tuple[tuple[VaultTrouble, S3Fault, str], ...] = (
    (VaultTrouble.MISSING, S3Fault.MISSING, "NoSuchKey 404"),
    (VaultTrouble.REFUSED, S3Fault.NO_BUCKET, "NoSuchBucket InvalidBucketName"),
    (
        VaultTrouble.REFUSED,
        S3Fault.WRONG_KEYS,
        "InvalidAccessKeyId SignatureDoesNotMatch Unauthorized InvalidToken 401",
    ),
    (VaultTrouble.REFUSED, S3Fault.EXPIRED_KEYS, "ExpiredToken"),
    (VaultTrouble.REFUSED, S3Fault.NO_RIGHTS, "AccessDenied 403"),
    (VaultTrouble.REFUSED, S3Fault.WRONG_CLOCK, "RequestTimeTooSkewed"),
    (
        VaultTrouble.REFUSED,
        S3Fault.OTHER_REGION,
        "PermanentRedirect TemporaryRedirect AuthorizationHeaderMalformed InvalidRegionName 301",
    ),
    (VaultTrouble.REFUSED, S3Fault.FULL, "QuotaExceeded InsufficientStorage XMinioStorageFull 507"),
    (VaultTrouble.REFUSED, S3Fault.NOT_S3, "405"),
    (
        VaultTrouble.REFUSED,
        S3Fault.BUCKET_IN_HOST,
        "SecondLevelDomainForbidden PathStyleDomainForbidden VirtualHostDomainRequired",
    ),
    (
        VaultTrouble.BUSY,
        S3Fault.BUSY,
        "SlowDown TooManyRequests Throttling RequestLimitExceeded RequestTimeout "
        "ServiceUnavailable InternalError OperationAborted 429 500 502 503 504",
    ),
)
"""Error codes, and the statuses that stand for them where an answer has no body (a HEAD).

AWS S3 API Reference, Error Responses; Cloudflare R2 docs, Error codes; Ceph, Object Gateway S3;
MinIO for a full disk.
"""
_BY_CODE = {code: (trouble, fault) for trouble, fault, codes in _CODES for code in codes.split()}

_ON_THE_WAY: tuple[tuple[type[Exception], VaultTrouble, S3Fault], ...] = (
    (FlexibleChecksumError, VaultTrouble.DAMAGED, S3Fault.DAMAGED),
    (SSLError, VaultTrouble.UNREACHABLE, S3Fault.INSECURE),  # before ConnectionError, its base
    (ProxyConnectionError, VaultTrouble.UNREACHABLE, S3Fault.PROXY),
    (ConnectionError, VaultTrouble.UNREACHABLE, S3Fault.NO_WAY),
    (HTTPClientError, VaultTrouble.UNREACHABLE, S3Fault.BROKE_OFF),
    (IncompleteReadError, VaultTrouble.UNREACHABLE, S3Fault.BROKE_OFF),
    (WebPage, VaultTrouble.REFUSED, S3Fault.WEB_PAGE),
    (ResponseParserError, VaultTrouble.REFUSED, S3Fault.NOT_S3),
    (Exception, VaultTrouble.REFUSED, S3Fault.NO_REQUEST),
)


def explain(error: Exception, *, host: str, bucket: str) -> VaultError:
    """The trouble, and a sentence that names at most host, bucket and the right region."""
    region = ""
    if isinstance(error, ClientError):
        trouble, fault = _answered(error)
        region = _right_region(error)
    else:
        trouble, fault = next(
            (trouble, fault) for kind, trouble, fault in _ON_THE_WAY if isinstance(error, kind)
        )
    return VaultError(trouble, s3_words(fault, host=host, bucket=bucket, region=region))


def refuse_web_page(response_dict: Mapping[str, Any], **_: object) -> None:
    """Hears each answer before it is read. Raises `WebPage`: an upload answered with a page would
    look as if it had been stored, and a list as if it were empty.
    """
    if response_dict["status_code"] < FAILURES and _is_web_page(response_dict["headers"]):
        raise WebPage


def _is_web_page(headers: Mapping[str, str]) -> bool:
    media_type = next((headers[name] for name in headers if name.lower() == "content-type"), "")
    return media_type.lower().startswith(("text/html", "application/xhtml"))


def _answered(error: ClientError) -> tuple[VaultTrouble, S3Fault]:
    """By the code; by the status where a server has a code of its own."""
    details = error.response.get("Error", {})
    code = str(details.get("Code", ""))
    meta = error.response.get("ResponseMetadata", {})
    status = str(meta.get("HTTPStatusCode", ""))
    is_bare = error.operation_name.startswith("Head")  # an answer without a body, of any type
    is_of_storage = code not in ("", status) or is_bare
    if not is_of_storage and _is_web_page(meta.get("HTTPHeaders", {})):
        if status == "429" or status.startswith("5"):
            return VaultTrouble.UNREACHABLE, S3Fault.PAGE_FOR_NOW
        return VaultTrouble.REFUSED, S3Fault.WEB_PAGE
    if code == "InvalidArgument" and "access key" in str(details.get("Message", "")):
        code = "InvalidAccessKeyId"  # how R2 answers a key of the wrong length
    return _BY_CODE.get(code) or _BY_CODE.get(status) or (VaultTrouble.REFUSED, S3Fault.UNKNOWN)


def _right_region(error: ClientError) -> str:
    """`eu-west-1` where the answer names the bucket's region, in a field, header or sentence."""
    details = error.response.get("Error", {})
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    named = re.search(r"expecting '([^']*)'", str(details.get("Message", "")))
    region = details.get("Region") or headers.get("x-amz-bucket-region") or (named and named[1])
    return str(region) if re.fullmatch(r"[a-z0-9-]{2,32}", str(region)) else ""
