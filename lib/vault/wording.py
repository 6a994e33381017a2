"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path


class Reason(StrEnum):
    """Why a vault cannot be opened, or a file not be had, as data."""

    BAD_URL = "bad_url"
    BAD_BUCKET_URL = "bad_bucket_url"
    BAD_ENDPOINT = "bad_endpoint"
    NO_REGION = "no_region"
    NO_KEYS = "no_keys"
    MISSING = "missing"
    TOO_LARGE = "too_large"
    OTHER_BYTES = "other_bytes"


class FolderFault(StrEnum):
    """What the system says of a folder."""

    FULL = "full"
    QUOTA = "quota"
    READ_ONLY = "read_only"
    NO_RIGHTS = "no_rights"
    FILE_FOR_FOLDER = "file_for_folder"
    FOLDER_FOR_FILE = "folder_for_file"
    LINKS_IN_LOOP = "links_in_loop"
    FILE_TOO_LARGE = "file_too_large"
    PATH_TOO_LONG = "path_too_long"
    UNKNOWN = "unknown"


class S3Fault(StrEnum):
    """What an S3-compatible server, or the way to it, says."""

    MISSING = "missing"
    NO_BUCKET = "no_bucket"
    WRONG_KEYS = "wrong_keys"
    EXPIRED_KEYS = "expired_keys"
    NO_RIGHTS = "no_rights"
    WRONG_CLOCK = "wrong_clock"
    OTHER_REGION = "other_region"
    FULL = "full"
    BUSY = "busy"
    NOT_S3 = "not_s3"
    WEB_PAGE = "web_page"
    PAGE_FOR_NOW = "page_for_now"
    BUCKET_IN_HOST = "bucket_in_host"
    UNKNOWN = "unknown"
    NO_REQUEST = "no_request"
    BROKE_OFF = "broke_off"
    INSECURE = "insecure"
    NO_WAY = "no_way"
    PROXY = "proxy"
    DAMAGED = "damaged"


SENTENCES = {
    Reason.BAD_URL: "VAULT_URL has to look like s3://bucket/prefix or file:///absolute/path.",
    Reason.BAD_BUCKET_URL: (
        "VAULT_URL has to look like s3://bucket/prefix, in plain letters, digits, dots, dashes and "
        "underscores. Keys and endpoint have lines of their own."
    ),
    Reason.BAD_ENDPOINT: (
        "AWS_ENDPOINT_URL_S3 has to be an address such as https://s3.example.org, with a path only "
        "if your storage has one, and with no bucket but that of VAULT_URL."
    ),
    Reason.NO_REGION: "Paste AWS_REGION, the region of the bucket, such as eu-central-1.",
    Reason.NO_KEYS: (
        "The keys for the bucket are missing. Paste AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
        "beside VAULT_URL."
    ),
    Reason.MISSING: "This file is not in the storage.",
    Reason.TOO_LARGE: "This file is larger than it may be.",
    Reason.OTHER_BYTES: "The disk returned other bytes than were written. It may be failing.",
}


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def stray_signs(setting: str) -> str:
    """A line of the settings holds what cannot be a part of its value."""
    return f"{setting} holds characters that do not belong there. Paste it again."


def no_folder(folder: Path) -> str:
    """The disk may not be mounted."""
    return f"The storage folder {folder} does not exist."


def link_out(folder: Path) -> str:
    """A file would be read or written outside of the folder."""
    return f"A link inside the storage folder {folder} leads out of it. Remove the link."


def folder_words(fault: FolderFault, folder: Path) -> str:
    """What the system says of this folder."""
    its = f"The storage folder {folder}"
    return {
        FolderFault.FULL: f"{its} is on a disk that is full.",
        FolderFault.QUOTA: f"{its} has used up the space it is allowed.",
        FolderFault.READ_ONLY: f"{its} is on a disk that can be read, but not written to.",
        FolderFault.NO_RIGHTS: f"{its} cannot be read or written by this program.",
        FolderFault.FILE_FOR_FOLDER: (
            f"{its} cannot be used: a file stands where a folder has to be."
        ),
        FolderFault.FOLDER_FOR_FILE: (
            f"{its} cannot be used: a folder stands where a file has to be."
        ),
        FolderFault.LINKS_IN_LOOP: f"{its} cannot be used: its links form a loop.",
        FolderFault.FILE_TOO_LARGE: f"{its} got a file that is larger than this disk allows.",
        FolderFault.PATH_TOO_LONG: f"{its} has a path that is too long for this disk.",
        FolderFault.UNKNOWN: f"{its} cannot be used: its disk does not answer as it should.",
    }[fault]


def s3_words(fault: S3Fault, *, host: str, bucket: str, region: str) -> str:
    """What the server at `host` says; `region` is that of the bucket, "" where it is not told."""
    its_own = f": {region}" if region else ""
    return {
        S3Fault.MISSING: sentence(Reason.MISSING),
        S3Fault.NO_BUCKET: (
            f"There is no bucket {bucket} at {host}. Check its name and the endpoint: on R2, a "
            "bucket bound to a region such as the EU has an endpoint of its own."
        ),
        S3Fault.WRONG_KEYS: (
            f"The storage at {host} refuses the keys. Check the access key ID and its secret."
        ),
        S3Fault.EXPIRED_KEYS: f"The keys for the storage at {host} have expired. Paste new ones.",
        S3Fault.NO_RIGHTS: (
            f"The storage at {host} does not allow this, or the file is not there. The keys must "
            f"be allowed to read, write, list and delete in the bucket {bucket}."
        ),
        S3Fault.WRONG_CLOCK: (
            f"The clock of this server is wrong, so the storage at {host} refuses its requests."
        ),
        S3Fault.OTHER_REGION: (
            f"The bucket {bucket} is in another region{its_own}. Correct AWS_REGION."
        ),
        S3Fault.FULL: (
            f"The storage at {host} is full. Free some space there, or raise its limit."
        ),
        S3Fault.BUSY: f"The storage at {host} is busy. Try again in a minute.",
        S3Fault.NOT_S3: (
            f"What answers at {host} is not S3-compatible storage. Check the endpoint."
        ),
        S3Fault.WEB_PAGE: (
            f"The address {host} is a web page, not storage. Paste the S3 endpoint that your "
            "storage shows beside its access keys."
        ),
        S3Fault.PAGE_FOR_NOW: (
            f"At {host} a web page answers, not storage. Check the endpoint; if it is right, the "
            "storage is down for now, and Voicekeep will ask again."
        ),
        S3Fault.BUCKET_IN_HOST: (
            f"The storage at {host} wants the bucket before its host. Write AWS_ENDPOINT_URL_S3 "
            f"as https://{bucket}.{host}."
        ),
        S3Fault.UNKNOWN: (
            f"The storage at {host} refused a request for a reason that Voicekeep does not know."
        ),
        S3Fault.NO_REQUEST: (
            f"No request to the storage at {host} could be made. Check region and endpoint."
        ),
        S3Fault.BROKE_OFF: f"The connection to the storage at {host} was lost.",
        S3Fault.INSECURE: (
            f"No secure connection to the storage at {host} could be made. Check its certificate."
        ),
        S3Fault.NO_WAY: (
            f"The storage at {host} cannot be reached. Check the endpoint and the network."
        ),
        S3Fault.PROXY: (
            f"The proxy of this machine does not let requests through to the storage at {host}. "
            "Allow that host there, or name it in NO_PROXY."
        ),
        S3Fault.DAMAGED: f"A file from the storage at {host} was damaged in transit.",
    }[fault]


def other_bytes_twice(host: str) -> str:
    """What a server returned was not what it had been given."""
    return f"The storage at {host} twice returned other bytes than were written."


def signed_address_fails(host: str) -> str:
    """Files are kept, but nobody can fetch one by a signed address."""
    return (
        f"The storage at {host} keeps files, but a signed address for one of them does not open. "
        "Services could not fetch recordings from it."
    )
