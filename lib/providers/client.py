"""What all clients do alike: pay once, ask again on passing trouble, fetch what was made.

A client of a service is a `Client` that knows the service's paths and bodies, and says what its
refusals mean.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Unpack

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
)

from lib import downloads
from lib.backoff import Backoff
from lib.clock import Clock, SystemClock
from lib.models import ErrorKind
from lib.providers.base import ProviderError
from lib.providers.http import (
    MAX_JSON_BYTES,
    Answer,
    Content,
    Endpoint,
    ExchangeError,
    NoAnswer,
    NotSent,
    Pace,
    RateLimit,
    Timeouts,
)
from lib.providers.refusals import Asked, refusal, unanswered
from lib.providers.wording import CHARGES, Charge, Thing, joined
from lib.services import SERVICES

LONGEST_NAP = 10.0
"""Seconds between two tries of a question; a longer pause is the caller's to plan."""
ASKING_AGAIN = Backoff.doubling(timedelta(seconds=1), timedelta(seconds=4), jitter=0.5)
"""Between tries of a question that met trouble."""
NOT_ASKED_FOR = timedelta(seconds=30)
"""So long a refused question is not asked again."""


class Client:
    """One key at one service; safe to share between threads.

    `sleep` serves the rate limit and the pauses of questions; `pace` is a rate limit that is shared
    with others.
    """

    def __init__(
        self,
        service: str,
        base_url: str,
        key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        timeouts: Timeouts | None = None,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
        pace: Pace | None = None,
    ) -> None:
        timeouts = timeouts or Timeouts()
        self._clock = clock or SystemClock()
        self._refusals: dict[str, tuple[datetime, Answer]] = {}
        self.service = service
        self.longest_wait = timeouts.whole(paid=True)
        self._title = SERVICES[service].title
        self._key = key.strip()
        self._sleep = sleep
        self._seed = secrets.token_hex(4)
        self._endpoint = Endpoint(
            base_url,
            self._key,
            limit=pace or RateLimit(SERVICES[service].requests_per_second, sleep=sleep),
            timeouts=timeouts,
            key_header=SERVICES[service].key_header,
            transport=transport,
            clock=self._clock,
        )

    def fetch(self, url: str, *, max_bytes: int) -> bytes:
        """Download a result. Only an address of the service's own origin is asked directly."""
        # What lies elsewhere may lie anywhere, so it goes through the checks of downloads.
        if not self._endpoint.is_home(url):
            return _fetch_elsewhere(url, max_bytes)
        asked = Asked(self._title, Thing.FILE, Thing.FILE)
        try:
            answer = self._endpoint.download(url, max_bytes=max_bytes)
        except ExchangeError as exc:
            raise refusal(ErrorKind.TROUBLE, asked) from exc
        if answer.status != 200:
            gone = answer.status in (404, 410)
            kind = ErrorKind.NOT_FOUND if gone else ErrorKind.TROUBLE
            raise refusal(kind, asked, answer=answer)
        return answer.body

    def _refused(self, asked: Asked, answer: Answer) -> ProviderError:
        """The error for an answer that is no success."""
        raise NotImplementedError

    def _pay(
        self,
        asked: Asked,
        path: str,
        *,
        max_bytes: int = MAX_JSON_BYTES,
        **content: Unpack[Content],
    ) -> Answer:
        """Send a paid request, exactly once."""
        self._check_key(asked)
        try:
            answer = self._endpoint.call("POST", path, paid=True, max_bytes=max_bytes, **content)
        except ExchangeError as exc:
            raise unanswered(exc, asked) from exc
        if not answer.is_ok:
            raise self._refused(asked, answer)
        return answer

    def _ask(
        self, asked: Asked, method: str, path: str, *, tries: int = 1, **content: Unpack[Content]
    ) -> Answer:
        """Send a free question, again on passing trouble. One that was refused is not asked again
        within half a minute: its answer is the same.
        """
        self._check_key(asked)
        question = f"{method} {path} {content!r}"
        until, known = self._refusals.get(question, (None, None))
        if until and known and self._clock.now() < until:
            raise self._refused(asked, known)
        send = Retrying(
            stop=stop_after_attempt(tries),
            wait=self._nap,
            sleep=self._sleep,
            retry=retry_if_exception_type((NotSent, NoAnswer)) | retry_if_result(_may_pass),
            retry_error_callback=_last_outcome,
        )
        try:
            answer: Answer = send(self._endpoint.call, method, path, **content)
        except ExchangeError as exc:
            raise unanswered(exc, asked) from exc
        if not answer.is_ok:
            if 400 <= answer.status < 500 and answer.status != 408:
                self._remember(question, answer)
            raise self._refused(asked, answer)
        return answer

    def _nap(self, state: RetryCallState) -> float:
        """Seconds before the next try: the pause that the service named, or a growing one."""
        outcome = state.outcome
        named = outcome.result().retry_after if outcome and not outcome.failed else None
        if named is not None:
            return min(float(named), LONGEST_NAP)
        return ASKING_AGAIN.pause(state.attempt_number, self._seed).total_seconds()

    def _remember(self, question: str, answer: Answer) -> None:
        now = self._clock.now()
        fresh = {what: known for what, known in self._refusals.items() if known[0] > now}
        self._refusals = fresh | {question: (now + NOT_ASKED_FOR, answer)}

    def _check_key(self, asked: Asked) -> None:
        if self._endpoint.key_is_odd:
            raise refusal(ErrorKind.KEY, asked)

    def _object(self, asked: Asked, answer: Answer) -> dict[str, object]:
        """The answer's JSON object; a paid answer that is none leaves the outcome open."""
        body = answer.json()
        if body is None:
            kind = ErrorKind.UNKNOWN_OUTCOME if asked.paid else ErrorKind.TROUBLE
            raise refusal(kind, asked, answer=answer)
        return body


def refuse_here(faults: Iterable[str]) -> None:
    """Refuse an order that the service would refuse, or worse, take."""
    if fault := next(iter(faults), ""):
        raise ProviderError(ErrorKind.INPUT, joined(fault, CHARGES[Charge.NOT_SENT]))


def _may_pass(answer: Answer) -> bool:
    """Whether a free question is worth asking again in a moment. Pure."""
    return answer.status == 408 or (answer.status >= 500 and answer.status != 501)


def _last_outcome(state: RetryCallState) -> Answer:
    """What the last try brought: its answer, or its exception raised."""
    if state.outcome is None:  # by its type alone
        raise NotSent("never tried")
    answer: Answer = state.outcome.result()
    return answer


def _fetch_elsewhere(url: str, max_bytes: int) -> bytes:
    try:
        return downloads.fetch(url, max_bytes=max_bytes)
    except downloads.DownloadRefused as exc:
        raise ProviderError(ErrorKind.INPUT, str(exc)) from exc
    except downloads.DownloadFailed as exc:
        kind = ErrorKind.NOT_FOUND if exc.gone else ErrorKind.TROUBLE
        raise ProviderError(kind, str(exc)) from exc
