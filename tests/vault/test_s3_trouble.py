"""A bucket behind a bad connection or a server in trouble, on real sockets."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from lib.vault.base import VaultError, VaultTrouble
from lib.vault.s3 import S3Location
from tests.vault.conftest import OpenBucket
from tests.vault.meddler import Answer, meddling

KEY = "voices/abc/reference/one.wav"


def test_a_file_damaged_once_on_its_way_back_is_written_again(
    open_bucket: OpenBucket, location: S3Location
) -> None:
    files = count()

    def meddle(answer: Answer) -> Answer:
        return answer.flipped() if answer.is_file and next(files) == 0 else answer

    with meddling(location.endpoint_url, meddle) as endpoint:
        stored = open_bucket(endpoint_url=endpoint).put_verified(KEY, b"sound", "audio/wav")
    assert stored.size == 5
    assert next(files) == 2


@pytest.mark.parametrize("loss", ["flipped", "shorter", "longer", "gone"])
def test_a_file_that_comes_back_otherwise_each_time_is_damaged(
    open_bucket: OpenBucket, location: S3Location, loss: str
) -> None:
    def meddle(answer: Answer) -> Answer:
        if not answer.is_file:
            return answer
        return {
            "flipped": answer.flipped(),
            "shorter": replace(answer, body=answer.body[:-1]),
            "longer": replace(answer, body=answer.body + b"!"),
            "gone": answer.refused(404, "NoSuchKey"),
        }[loss]

    with (
        meddling(location.endpoint_url, meddle) as endpoint,
        pytest.raises(VaultError, match="twice returned other bytes than were written") as caught,
    ):
        open_bucket(endpoint_url=endpoint).put_verified(KEY, b"sound", "audio/wav")
    assert caught.value.trouble is VaultTrouble.DAMAGED


def test_a_connection_that_breaks_off_in_a_file_is_never_half_a_file(
    open_bucket: OpenBucket, location: S3Location
) -> None:
    open_bucket().put_verified(KEY, b"x" * 100_000, "audio/wav")

    def meddle(answer: Answer) -> Answer:
        return replace(answer, cut=10_000) if answer.is_file else answer

    with (
        meddling(location.endpoint_url, meddle) as endpoint,
        pytest.raises(VaultError, match="was lost") as caught,
    ):
        open_bucket(endpoint_url=endpoint).get(KEY, max_bytes=1_000_000)
    assert caught.value.trouble is VaultTrouble.UNREACHABLE


@pytest.mark.parametrize(
    ("status", "code", "trouble", "words"),
    [
        (503, "SlowDown", VaultTrouble.BUSY, "is busy"),
        (429, "TooManyRequests", VaultTrouble.BUSY, "is busy"),
        (507, "InsufficientStorage", VaultTrouble.REFUSED, "is full"),
        (403, "QuotaExceeded", VaultTrouble.REFUSED, "is full"),
        (403, "RequestTimeTooSkewed", VaultTrouble.REFUSED, "clock of this server is wrong"),
        (403, "AccessDenied", VaultTrouble.REFUSED, "allowed to read, write, list and delete"),
    ],
)
def test_what_a_server_refuses_is_told_by_its_reason(
    open_bucket: OpenBucket,
    location: S3Location,
    status: int,
    code: str,
    trouble: VaultTrouble,
    words: str,
) -> None:
    with (
        meddling(location.endpoint_url, lambda answer: answer.refused(status, code)) as endpoint,
        pytest.raises(VaultError, match=words) as caught,
    ):
        open_bucket(endpoint_url=endpoint).check()
    assert caught.value.trouble is trouble


def test_a_busy_server_is_asked_again(open_bucket: OpenBucket, location: S3Location) -> None:
    answers = count()

    def meddle(answer: Answer) -> Answer:
        return answer.refused(503, "SlowDown") if next(answers) == 0 else answer

    with meddling(location.endpoint_url, meddle) as endpoint:
        vault = open_bucket(endpoint_url=endpoint, retries=1)
        vault.put_verified(KEY, b"sound", "audio/wav")


@pytest.mark.parametrize("status", [403, 302])
def test_a_check_fails_where_signed_addresses_do_not_open_and_still_cleans_up(
    open_bucket: OpenBucket, location: S3Location, status: int
) -> None:
    def meddle(answer: Answer) -> Answer:
        signed = "X-Amz-Signature" in answer.path
        return answer.refused(status, "AccessDenied") if signed else answer

    with (
        meddling(location.endpoint_url, meddle) as endpoint,
        pytest.raises(VaultError, match="signed address for one of them does not open"),
    ):
        open_bucket(endpoint_url=endpoint).check()
    assert list(open_bucket().keys("")) == []


def test_a_check_fails_where_listing_is_not_allowed(
    open_bucket: OpenBucket, location: S3Location
) -> None:
    def meddle(answer: Answer) -> Answer:
        return answer.refused(403, "AccessDenied") if "list-type" in answer.path else answer

    with (
        meddling(location.endpoint_url, meddle) as endpoint,
        pytest.raises(VaultError, match="list and delete"),
    ):
        open_bucket(endpoint_url=endpoint).check()
    assert list(open_bucket().keys("")) == []


@pytest.mark.parametrize(
    "page", [b"<!doctype html><title>Welcome</title>", b"<html><body/></html>"]
)
@pytest.mark.parametrize("status", [200, 404, 405, 503])
def test_a_web_server_in_place_of_the_storage_is_told(
    open_bucket: OpenBucket, location: S3Location, status: int, page: bytes
) -> None:
    def meddle(answer: Answer) -> Answer:
        return replace(answer, status=status, headers=(("Content-Type", "text/html"),), body=page)

    with meddling(location.endpoint_url, meddle) as endpoint:
        vault = open_bucket(endpoint_url=endpoint)
        for attempt in (
            vault.check,
            lambda: vault.put_verified(KEY, b"sound", "audio/wav"),
            lambda: vault.get(KEY, max_bytes=100),
            lambda: list(vault.keys("")),
        ):
            with pytest.raises(VaultError, match="web page") as caught:
                attempt()
            expected = VaultTrouble.UNREACHABLE if status == 503 else VaultTrouble.REFUSED
            assert caught.value.trouble is expected
