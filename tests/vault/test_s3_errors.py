"""Each answer of a server, and each failure on the way, becomes one kind and one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from lib.vault.base import VaultTrouble
from lib.vault.s3_errors import explain

REFUSED, BUSY = VaultTrouble.REFUSED, VaultTrouble.BUSY
SIGNED = "https://s3.example.org/b/k?X-Amz-Signature=abcdef"


def answered(code: str, status: int, message: str = "", **more: Any) -> sdk.ClientError:
    told = {"Code": code, "Message": message, **more.pop("told", {})}
    meta = {"HTTPStatusCode": status, "HTTPHeaders": more}
    return sdk.ClientError({"Error": told, "ResponseMetadata": meta}, "PutObject")  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("code", "status", "trouble", "words"),
    [
        ("NoSuchKey", 404, VaultTrouble.MISSING, "not in the storage"),
        ("404", 404, VaultTrouble.MISSING, "not in the storage"),
        ("403", 403, REFUSED, "or the file is not there"),
        ("AccessDenied", 403, REFUSED, "allowed to read, write, list and delete in the bucket b"),
        ("NoSuchBucket", 404, REFUSED, "no bucket b at s3.example.org"),
        ("InvalidAccessKeyId", 403, REFUSED, "refuses the keys"),
        ("SignatureDoesNotMatch", 403, REFUSED, "refuses the keys"),
        ("Unauthorized", 401, REFUSED, "refuses the keys"),
        ("ExpiredToken", 400, REFUSED, "have expired"),
        ("RequestTimeTooSkewed", 403, REFUSED, "clock of this server"),
        ("SecondLevelDomainForbidden", 403, REFUSED, "https://b.s3.example.org"),
        ("QuotaExceeded", 403, REFUSED, "is full"),
        ("507", 507, REFUSED, "is full"),
        ("SlowDown", 503, BUSY, "busy"),
        ("InternalError", 500, BUSY, "busy"),
        ("429", 429, BUSY, "busy"),
        ("SomethingNew", 502, BUSY, "busy"),
        ("SomethingNew", 400, REFUSED, "a reason that Voicekeep does not know"),
        ("", 0, REFUSED, "a reason that Voicekeep does not know"),
    ],
)
def test_an_answer_is_known_by_its_code_or_else_its_status(
    code: str, status: int, trouble: VaultTrouble, words: str
) -> None:
    failure = explain(answered(code, status), host="s3.example.org", bucket="b")
    assert failure.trouble is trouble
    assert words in str(failure)


@pytest.mark.parametrize(
    "error",
    [
        answered("AuthorizationHeaderMalformed", 400, told={"Region": "eu-west-1"}),
        answered("PermanentRedirect", 301, **{"x-amz-bucket-region": "eu-west-1"}),
        answered(
            "AuthorizationHeaderMalformed", 400, "'us-east-1' is wrong; expecting 'eu-west-1'"
        ),
    ],
)
def test_a_wrong_region_names_the_right_one(error: sdk.ClientError) -> None:
    failure = explain(error, host="AWS", bucket="b")
    assert str(failure) == "The bucket b is in another region: eu-west-1. Correct AWS_REGION."


@pytest.mark.parametrize(
    ("status", "trouble", "words"),
    [
        (403, REFUSED, "is a web page, not storage"),
        (404, REFUSED, "is a web page, not storage"),
        (301, REFUSED, "is a web page, not storage"),
        (405, REFUSED, "is a web page, not storage"),
        (500, VaultTrouble.UNREACHABLE, "a web page answers, not storage"),
        (503, VaultTrouble.UNREACHABLE, "a web page answers, not storage"),
        (429, VaultTrouble.UNREACHABLE, "a web page answers, not storage"),
    ],
)
def test_a_web_page_is_neither_busy_storage_nor_a_missing_file(
    status: int, trouble: VaultTrouble, words: str
) -> None:
    error = answered(str(status), status, **{"content-type": "text/html; charset=utf-8"})
    failure = explain(error, host="dash.example.org", bucket="b")
    assert failure.trouble is trouble
    assert words in str(failure)


def test_an_answer_of_storage_counts_whatever_type_it_claims() -> None:
    typed = {"content-type": "text/html"}
    of_a_code = answered("NoSuchKey", 404, **typed)
    assert explain(of_a_code, host="h", bucket="b").trouble is VaultTrouble.MISSING
    bare = answered("404", 404, **typed)
    bare.operation_name = "HeadObject"
    assert explain(bare, host="h", bucket="b").trouble is VaultTrouble.MISSING


def test_a_wrong_region_repeats_no_nonsense() -> None:
    error = answered("PermanentRedirect", 301, told={"Region": "<b>eu</b>"})
    assert str(explain(error, host="AWS", bucket="b")) == (
        "The bucket b is in another region. Correct AWS_REGION."
    )


def test_a_key_of_the_wrong_length_is_a_wrong_key() -> None:
    told = "Credential access key has length 20, should be 32"
    failure = explain(answered("InvalidArgument", 400, told), host="r2", bucket="b")
    assert "refuses the keys" in str(failure)


@pytest.mark.parametrize(
    ("error", "trouble", "words"),
    [
        (sdk.EndpointConnectionError(endpoint_url=SIGNED), "unreachable", "cannot be reached"),
        (sdk.ConnectTimeoutError(endpoint_url=SIGNED), "unreachable", "cannot be reached"),
        (sdk.SSLError(endpoint_url=SIGNED, error=OSError(SIGNED)), "unreachable", "certificate"),
        (
            sdk.ProxyConnectionError(proxy_url=SIGNED, error=OSError(SIGNED)),
            "unreachable",
            "name it in NO_PROXY",
        ),
        (sdk.ReadTimeoutError(endpoint_url=SIGNED), "unreachable", "was lost"),
        (sdk.ConnectionClosedError(endpoint_url=SIGNED), "unreachable", "was lost"),
        (sdk.IncompleteReadError(actual_bytes=1, expected_bytes=2), "unreachable", "was lost"),
        (sdk.FlexibleChecksumError(error_msg=SIGNED), "damaged", "damaged in transit"),
        (ResponseParserError(SIGNED), "refused", "not S3-compatible"),
        (sdk.ProfileNotFound(profile="x"), "refused", "Check region and endpoint"),
        (ValueError(SIGNED), "refused", "Check region and endpoint"),
    ],
)
def test_a_failure_on_the_way_names_the_host_only(
    error: Exception, trouble: str, words: str
) -> None:
    failure = explain(error, host="s3.example.org", bucket="b")
    assert failure.trouble == trouble
    assert words in str(failure)
    assert "Signature" not in str(failure)
