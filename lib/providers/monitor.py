"""The outside monitor: an address that wants to be asked for now and then, or it raises an alarm.

Such an address is a key of its own (whoever has it can keep the monitor quiet): it goes into no
log, error or note.
"""

from __future__ import annotations

from lib.providers.http import Endpoint, ExchangeError, NotSent, RateLimit, Timeouts
from lib.providers.wording import Reason, sentence

TIMEOUTS = Timeouts(connect=4, read=5, write=2, pool=1)
"""Seconds: a monitor answers at once or not at all."""
MAX_ANSWER_BYTES = 200_000


class PingFailed(Exception):
    """The monitor was not reached, or did not take it; `str()` says so without the address."""


def ping(url: str, *, timeouts: Timeouts = TIMEOUTS) -> None:
    """Ask for the address once; redirects are not followed. Raises `PingFailed`."""
    endpoint = Endpoint(url, "", limit=RateLimit(1), timeouts=timeouts)
    if not endpoint.is_home(url):
        raise PingFailed(sentence(Reason.PING_URL_IS_NONE))
    try:
        answer = endpoint.download(url, max_bytes=MAX_ANSWER_BYTES)
    except NotSent:
        raise PingFailed(sentence(Reason.MONITOR_UNREACHABLE)) from None
    except ExchangeError:
        raise PingFailed(sentence(Reason.MONITOR_UNANSWERED)) from None
    if 300 <= answer.status < 400:
        raise PingFailed(sentence(Reason.MONITOR_MOVED))
    if not answer.is_ok:
        raise PingFailed(sentence(Reason.PING_REFUSED))
