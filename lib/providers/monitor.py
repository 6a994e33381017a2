"""The outside monitor: an address that wants to be asked for now and then, or it raises an alarm.

Such an address is a key of its own (whoever has it can keep the monitor quiet): it goes into no
log, error or note.
"""

from __future__ import annotations

from lib.providers.http import Endpoint, ExchangeError, NotSent, RateLimit, Timeouts

TIMEOUTS = Timeouts(connect=4, read=5, write=2, pool=1)
"""Seconds: a monitor answers at once or not at all."""
MAX_ANSWER_BYTES = 200_000


class PingFailed(Exception):
    """The monitor was not reached, or did not take it; `str()` says so without the address."""


def ping(url: str, *, timeouts: Timeouts = TIMEOUTS) -> None:
    """Ask for the address once; redirects are not followed. Raises `PingFailed`."""
    endpoint = Endpoint(url, "", limit=RateLimit(1), timeouts=timeouts)
    if not endpoint.is_home(url):
        raise PingFailed("KEEPER_PING_URL is not a web address. Paste the one the monitor shows.")
    try:
        answer = endpoint.download(url, max_bytes=MAX_ANSWER_BYTES)
    except NotSent:
        raise PingFailed("The monitor at KEEPER_PING_URL cannot be reached.") from None
    except ExchangeError:
        raise PingFailed("The monitor at KEEPER_PING_URL gave no usable answer.") from None
    if 300 <= answer.status < 400:
        raise PingFailed("KEEPER_PING_URL redirects to another address. Paste that one instead.")
    if not answer.is_ok:
        raise PingFailed(
            "The monitor does not accept KEEPER_PING_URL. Compare it with the monitor's page."
        )
