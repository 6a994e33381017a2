"""Fetches a link that a request names, bounded in size and time."""

from __future__ import annotations

import time
import urllib.request
from http.client import HTTPException
from urllib.parse import urlsplit

_CHUNK = 1 << 16


class FetchError(Exception):
    """The link did not give a file within the bounds."""


def fetch(url: str, *, max_bytes: int, max_seconds: float = 10.0) -> bytes:
    """The bytes behind an http or https address. Raises FetchError.

    Any host is asked, this computer's too: the demo listens on loopback and stands in for a
    service whose customers serve their files there in tests.
    """
    until = time.monotonic() + max_seconds
    data = bytearray()
    try:
        if urlsplit(url).scheme not in ("http", "https"):
            raise FetchError("only http and https links can be fetched")
        with urllib.request.urlopen(url, timeout=max_seconds) as answer:  # noqa: S310 - see above
            while chunk := answer.read1(_CHUNK):
                data += chunk
                if len(data) > max_bytes:
                    raise FetchError("the file is too large")
                if time.monotonic() > until:
                    raise FetchError("the file took too long")
    except (OSError, HTTPException, ValueError) as exc:
        raise FetchError("the link did not answer with a file") from exc
    return bytes(data)
