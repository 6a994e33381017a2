"""A file to and from a bucket, a large one a part at a time.

By plain `upload_part` requests and not by the SDK's transfer manager, which some versions let
send the checksum trailers that R2 and others refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from lib.vault.base import PIECE_BYTES, Digesting, Sink, VaultError, VaultTrouble
from lib.vault.s3_errors import SDK_ERRORS
from lib.vault.wording import Reason, sentence

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 16 * 1024 * 1024
"""All servers want 5 MiB at least, R2 all parts alike but the last; 10,000 parts make 160 GB."""

Place = tuple[str, str]
"""A bucket and the name of an object in it."""


def upload(client: S3Client, place: Place, source: BinaryIO, media_type: str, digest: str) -> None:
    """Write what `source` still holds as one object; nothing of it stays where that fails."""
    bucket, name = place
    metadata = {"sha256": digest}
    parts = _parts(source)
    first = next(parts, b"")
    if len(first) < PART_BYTES:
        client.put_object(
            Bucket=bucket, Key=name, Body=first, ContentType=media_type, Metadata=metadata
        )
        return
    upload_id = client.create_multipart_upload(
        Bucket=bucket, Key=name, ContentType=media_type, Metadata=metadata
    )["UploadId"]
    try:
        done: list[CompletedPartTypeDef] = []
        for number, part in enumerate(chain([first], parts), start=1):
            answer = client.upload_part(
                Bucket=bucket, Key=name, UploadId=upload_id, PartNumber=number, Body=part
            )
            done.append({"PartNumber": number, "ETag": answer["ETag"]})
        client.complete_multipart_upload(
            Bucket=bucket, Key=name, UploadId=upload_id, MultipartUpload={"Parts": done}
        )
    except BaseException:
        with suppress(*SDK_ERRORS):  # parts that lie about unseen are charged for
            client.abort_multipart_upload(Bucket=bucket, Key=name, UploadId=upload_id)
        raise


def stored_digest(client: S3Client, place: Place) -> str:
    """The SHA-256 of an object, all of it read, little of it held."""
    target = Digesting()
    download(client, place, target)
    return target.sha256


def download(client: S3Client, place: Place, target: Sink, max_bytes: int | None = None) -> None:
    """Write an object to `target`, little of it held. Raises `TOO_LARGE` where it is larger.

    Read to its very end, the SDK itself notices an answer that broke off.
    """
    answer = client.get_object(Bucket=place[0], Key=place[1])
    left = max_bytes
    with closing(answer["Body"]) as body:
        if left is not None and answer.get("ContentLength", 0) > left:
            raise VaultError(VaultTrouble.TOO_LARGE, sentence(Reason.TOO_LARGE))
        while piece := body.read(PIECE_BYTES):
            if left is not None:
                left -= len(piece)
                if left < 0:
                    raise VaultError(VaultTrouble.TOO_LARGE, sentence(Reason.TOO_LARGE))
            target.write(piece)


def _parts(source: BinaryIO) -> Iterator[bytes]:
    while part := source.read(PART_BYTES):
        yield part
