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

FAILURES = 300
"""The first status that is none of success."""


class WebPage(BotoCoreError):
    """A page for people was answered with, and success."""


SDK_ERRORS = (BotoCoreError, ClientError, ResponseParserError, ValueError)
"""All that boto3 raises for a request; ValueError for an endpoint it cannot read."""

_MISSING = "This file is not in the storage."
_BUCKET = (
    "There is no bucket {bucket} at {host}. Check its name and the endpoint: on R2, a bucket "
    "bound to a region such as the EU has an endpoint of its own."
)
_KEYS = "The storage at {host} refuses the keys. Check the access key ID and its secret."
_EXPIRED = "The keys for the storage at {host} have expired. Paste new ones."
_RIGHTS = (
    "The storage at {host} does not allow this, or the file is not there. The keys must be "
    "allowed to read, write, list and delete in the bucket {bucket}."
)
_CLOCK = "The clock of this server is wrong, so the storage at {host} refuses its requests."
_REGION = "The bucket {bucket} is in another region{region}. Correct AWS_REGION."
_FULL = "The storage at {host} is full. Free some space there, or raise its limit."
_BUSY = "The storage at {host} is busy. Try again in a minute."
_NOT_S3 = "What answers at {host} is not S3-compatible storage. Check the endpoint."
_WEB_PAGE = (
    "The address {host} is a web page, not storage. Paste the S3 endpoint that your storage shows "
    "beside its access keys."
)
_PAGE_FOR_NOW = (
    "At {host} a web page answers, not storage. Check the endpoint; if it is right, the storage is "
    "down for now, and Voicekeep will ask again."
)
_IN_HOST = (
    "The storage at {host} wants the bucket before its host. Write AWS_ENDPOINT_URL_S3 as "
    "https://{bucket}.{host}."
)
_OTHER = "The storage at {host} refused a request for a reason that Voicekeep does not know."
_SETUP = "No request to the storage at {host} could be made. Check region and endpoint."
_BROKE_OFF = "The connection to the storage at {host} was lost."
_INSECURE = "No secure connection to the storage at {host} could be made. Check its certificate."
_NO_WAY = "The storage at {host} cannot be reached. Check the endpoint and the network."
_NO_PROXY = (
    "The proxy of this machine does not let requests through to the storage at {host}. Allow that "
    "host there, or name it in NO_PROXY."
)
_DAMAGED = "A file from the storage at {host} was damaged in transit."

_CODES: tuple[tuple[VaultTrouble, str, str], ...] = (
    (VaultTrouble.MISSING, _MISSING, "NoSuchKey 404"),
    (VaultTrouble.REFUSED, _BUCKET, "NoSuchBucket InvalidBucketName"),
    (
        VaultTrouble.REFUSED,
        _KEYS,
        "InvalidAccessKeyId SignatureDoesNotMatch Unauthorized InvalidToken 401",
    ),
    (VaultTrouble.REFUSED, _EXPIRED, "ExpiredToken"),
    (VaultTrouble.REFUSED, _RIGHTS, "AccessDenied 403"),
    (VaultTrouble.REFUSED, _CLOCK, "RequestTimeTooSkewed"),
    (
        VaultTrouble.REFUSED,
        _REGION,
        "PermanentRedirect TemporaryRedirect AuthorizationHeaderMalformed InvalidRegionName 301",
    ),
    (VaultTrouble.REFUSED, _FULL, "QuotaExceeded InsufficientStorage XMinioStorageFull 507"),
    (VaultTrouble.REFUSED, _NOT_S3, "405"),
    (
        VaultTrouble.REFUSED,
        _IN_HOST,
        "SecondLevelDomainForbidden PathStyleDomainForbidden VirtualHostDomainRequired",
    ),
    (
        VaultTrouble.BUSY,
        _BUSY,
        "SlowDown TooManyRequests Throttling RequestLimitExceeded RequestTimeout "
        "ServiceUnavailable InternalError OperationAborted 429 500 502 503 504",
    ),
)
"""Error codes, and the statuses that stand for them where an answer has no body (a HEAD).

AWS S3 API Reference, Error Responses; Cloudflare R2 docs, Error codes; Ceph, Object Gateway S3;
MinIO for a full disk.
"""
_BY_CODE = {
    code: (trouble, sentence) for trouble, sentence, codes in _CODES for code in codes.split()
}

_ON_THE_WAY: tuple[tuple[type[Exception], VaultTrouble, str], ...] = (
    (FlexibleChecksumError, VaultTrouble.DAMAGED, _DAMAGED),
    (SSLError, VaultTrouble.UNREACHABLE, _INSECURE),  # before ConnectionError, its base
    (ProxyConnectionError, VaultTrouble.UNREACHABLE, _NO_PROXY),
    (ConnectionError, VaultTrouble.UNREACHABLE, _NO_WAY),
    (HTTPClientError, VaultTrouble.UNREACHABLE, _BROKE_OFF),
    (IncompleteReadError, VaultTrouble.UNREACHABLE, _BROKE_OFF),
    (WebPage, VaultTrouble.REFUSED, _WEB_PAGE),
    (ResponseParserError, VaultTrouble.REFUSED, _NOT_S3),
    (Exception, VaultTrouble.REFUSED, _SETUP),
)


def explain(error: Exception, *, host: str, bucket: str) -> VaultError:
    """The trouble, and a sentence that names at most host, bucket and the right region."""
    region = ""
    if isinstance(error, ClientError):
        trouble, sentence = _answered(error)
        region = _right_region(error)
    else:
        trouble, sentence = next(
            (trouble, sentence)
            for kind, trouble, sentence in _ON_THE_WAY
            if isinstance(error, kind)
        )
    return VaultError(trouble, sentence.format(host=host, bucket=bucket, region=region))


def refuse_web_page(response_dict: Mapping[str, Any], **_: object) -> None:
    """Hears each answer before it is read. Raises `WebPage`: an upload answered with a page would
    look as if it had been stored, and a list as if it were empty.
    """
    if response_dict["status_code"] < FAILURES and _is_web_page(response_dict["headers"]):
        raise WebPage


def _is_web_page(headers: Mapping[str, str]) -> bool:
    media_type = next((headers[name] for name in headers if name.lower() == "content-type"), "")
    return media_type.lower().startswith(("text/html", "application/xhtml"))


def _answered(error: ClientError) -> tuple[VaultTrouble, str]:
    """By the code; by the status where a server has a code of its own."""
    details = error.response.get("Error", {})
    code = str(details.get("Code", ""))
    meta = error.response.get("ResponseMetadata", {})
    status = str(meta.get("HTTPStatusCode", ""))
    is_bare = error.operation_name.startswith("Head")  # an answer without a body, of any type
    is_of_storage = code not in ("", status) or is_bare
    if not is_of_storage and _is_web_page(meta.get("HTTPHeaders", {})):
        if status == "429" or status.startswith("5"):
            return VaultTrouble.UNREACHABLE, _PAGE_FOR_NOW
        return VaultTrouble.REFUSED, _WEB_PAGE
    if code == "InvalidArgument" and "access key" in str(details.get("Message", "")):
        code = "InvalidAccessKeyId"  # how R2 answers a key of the wrong length
    return _BY_CODE.get(code) or _BY_CODE.get(status) or (VaultTrouble.REFUSED, _OTHER)


def _right_region(error: ClientError) -> str:
    """`: eu-west-1` where the answer names the bucket's region, in a field, header or sentence."""
    details = error.response.get("Error", {})
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    named = re.search(r"expecting '([^']*)'", str(details.get("Message", "")))
    region = details.get("Region") or headers.get("x-amz-bucket-region") or (named and named[1])
    return f": {region}" if re.fullmatch(r"[a-z0-9-]{2,32}", str(region)) else ""
