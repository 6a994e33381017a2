"""Whether a sign-in service is there, before a browser is sent to it.

It says at one address where people sign in and everything else about itself
(https://openid.net/specs/openid-connect-discovery-1_0.html, 4, 2026-11).
"""

from __future__ import annotations

from lib.json_reading import json_object, text_of
from lib.providers.http import Endpoint, ExchangeError, RateLimit, Timeouts

TIMEOUTS = Timeouts(connect=4, read=5, write=2, pool=1)
"""Seconds: somebody has pressed a button and waits."""
MAX_ANSWER_BYTES = 200_000


class OutOfReach(Exception):
    """The service gives no answer right now."""


class NotAService(Exception):
    """What answers is no sign-in service; `str()` says why, for the operator."""


def look(metadata_url: str, *, timeouts: Timeouts = TIMEOUTS) -> None:
    """Ask for the address once; redirects are not followed. Raises `OutOfReach`, `NotAService`."""
    endpoint = Endpoint(metadata_url, "", limit=RateLimit(1), timeouts=timeouts)
    if not endpoint.is_home(metadata_url):
        raise NotAService("server_metadata_url is not a web address")
    try:
        answer = endpoint.download(metadata_url, max_bytes=MAX_ANSWER_BYTES)
    except ExchangeError:
        raise OutOfReach from None
    if answer.status == 429 or answer.status >= 500:
        raise OutOfReach
    if not answer.is_ok:
        raise NotAService(f"server_metadata_url answers with {answer.status}")
    told = json_object(answer.body) or {}
    if not text_of(told.get("authorization_endpoint")):
        raise NotAService("server_metadata_url names no page to sign in at")
