"""NanoGPT: cloning (MiniMax and Qwen), speech, status, balance. The demo speaks the same.

A paid request leaves once, whatever comes back; free questions are asked again on passing
trouble. What the bodies hold, and where that is documented, is in `nanogpt_bodies.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    wait_exponential_jitter,
)

from lib import downloads
from lib.clock import Clock
from lib.models import ErrorKind, Money
from lib.providers.base import (
    CloneOrder,
    Failed,
    Finished,
    Pending,
    ProviderError,
    Sound,
    SpeechOrder,
    Spent,
    Ticket,
)
from lib.providers.http import (
    MAX_AUDIO_BYTES,
    MAX_JSON_BYTES,
    Answer,
    Endpoint,
    ExchangeError,
    NoAnswer,
    NotSent,
    RateLimit,
    Timeouts,
    looks_like_audio,
    money,
)
from lib.providers.nanogpt_bodies import (
    DONE,
    FAILED,
    RUNNING,
    clone_content,
    clone_faults,
    cost_in,
    error_kind,
    finished,
    has_failed,
    poll_after,
    poll_fields,
    queue_position,
    refund_in,
    sound,
    speech_content,
    speech_faults,
    speech_url,
    status_word,
    ticket_in,
)
from lib.providers.nanogpt_models import models_in
from lib.providers.refusals import Asked, complaint, kind_of, refusal, unanswered
from lib.services import MINIMAX, QWEN, SERVICES, SpeechModel

POLL_TRIES = 3
LONGEST_NAP = 10.0
"""Seconds a poll waits for a rate limit; a longer pause is the caller's to plan."""


class NanoGPT:
    """One NanoGPT key. Implements `Provider`; safe to share between threads.

    `base_url` ends before `/voice-clone`. `sleep` serves the rate limit and the pauses of polls.
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
    ) -> None:
        timeouts = timeouts or Timeouts()
        self.service = service
        self.longest_wait = timeouts.whole(paid=True)
        self._title = SERVICES[service].title
        self._key = key.strip()
        self._sleep = sleep
        self._endpoint = Endpoint(
            base_url,
            self._key,
            limit=RateLimit(SERVICES[service].requests_per_second, sleep=sleep),
            timeouts=timeouts,
            transport=transport,
            clock=clock,
        )

    def clone(self, order: CloneOrder) -> Ticket:
        """Order a voice (paid). The MiniMax voice ID is not given back: keep the one sent."""
        asked = Asked(self._title, "recording", "way of cloning", paid=True)
        _refuse_here(clone_faults(order, self.service))
        answer = self._pay(asked, f"voice-clone/{order.kind}", **clone_content(order))
        body = self._object(asked, answer)
        if ticket := ticket_in(answer, body, kind=order.kind):
            return ticket
        raise self._not_taken(asked, answer, body)

    def speak(self, order: SpeechOrder) -> Ticket | Sound:
        """Have a text spoken (paid): a ticket, bytes or a link, as the service likes."""
        asked = Asked(self._title, "text", "voice", paid=True)
        _refuse_here(speech_faults(order, self.service))
        content = speech_content(order)
        answer = self._pay(
            asked, "tts", json=content, max_bytes=MAX_AUDIO_BYTES, voice_kind=order.kind
        )
        if looks_like_audio(answer.body):
            return sound(answer, cost=money(answer.headers.get("x-cost")), audio=answer.body)
        body = self._object(asked, answer)
        url = speech_url(body)
        if url and not has_failed(body):
            return sound(answer, cost=cost_in(body), url=url)
        # A ticket that has failed already is polled all the same: polls bring the refund.
        if ticket := ticket_in(answer, body, kind=order.kind, speech=order.model):
            return ticket
        raise self._not_taken(asked, answer, body, voice_kind=order.kind)

    def check(self, ticket: Ticket) -> Pending | Finished | Failed:
        """Ask the ticket's status route; passing trouble is tried again, three times in all."""
        asked = Asked(self._title, "question", "job")
        fields = poll_fields(ticket)
        if ticket.for_speech:
            answer = self._ask(asked, "GET", "tts/status", params=fields, tries=POLL_TRIES)
        elif ticket.kind in (MINIMAX, QWEN):
            path = f"voice-clone/{ticket.kind}/status"
            answer = self._ask(asked, "POST", path, json=fields, tries=POLL_TRIES)
        else:
            raise ProviderError(ErrorKind.INPUT, "This kind of job is not made here.")
        return self._verdict(asked, ticket, answer, self._object(asked, answer))

    def balance(self) -> Money:
        """What is left on the account, in dollars. Free."""
        asked = Asked(self._title, "question", "account")
        answer = self._ask(asked, "POST", "check-balance", json={})
        left = money(self._object(asked, answer).get("usd_balance"))
        if left is None:
            raise refusal(ErrorKind.TROUBLE, asked, answer=answer)
        return left

    def speech_models(self) -> tuple[SpeechModel, ...]:
        """The models that voices of ours can speak with, as the service lists them. Free."""
        asked = Asked(self._title, "question", "list of models")
        wanted = {"type": "tts", "detailed": "true"}
        answer = self._ask(asked, "GET", "v1/audio-models", params=wanted)
        return models_in(self._object(asked, answer), self.service)

    def fetch(self, url: str, *, max_bytes: int) -> bytes:
        """Download a result. Only an address of the service's own origin is asked directly."""
        if not self._endpoint.is_home(url):
            return _fetch_elsewhere(url, max_bytes)
        asked = Asked(self._title, "file", "file")
        try:
            answer = self._endpoint.download(url, max_bytes=max_bytes)
        except ExchangeError as exc:
            raise refusal(ErrorKind.TROUBLE, asked) from exc
        if answer.status != 200:
            gone = answer.status in (404, 410)
            kind = ErrorKind.NOT_FOUND if gone else ErrorKind.TROUBLE
            raise refusal(kind, asked, answer=answer)
        return answer.body

    def _pay(
        self,
        asked: Asked,
        path: str,
        *,
        voice_kind: str = "",
        max_bytes: int = MAX_JSON_BYTES,
        **content: Any,
    ) -> Answer:
        """Send a paid request, exactly once."""
        self._check_key(asked)
        try:
            answer = self._endpoint.call("POST", path, paid=True, max_bytes=max_bytes, **content)
        except ExchangeError as exc:
            raise unanswered(exc, asked) from exc
        if not answer.is_ok:
            raise self._refused(asked, answer, voice_kind=voice_kind)
        return answer

    def _ask(
        self, asked: Asked, method: str, path: str, *, tries: int = 1, **content: Any
    ) -> Answer:
        """Send a free question, again on passing trouble."""
        self._check_key(asked)
        send = Retrying(
            stop=stop_after_attempt(tries),
            wait=_nap,
            sleep=self._sleep,
            retry=retry_if_exception_type((NotSent, NoAnswer)) | retry_if_result(_may_pass),
            retry_error_callback=_last_outcome,
        )
        try:
            answer: Answer = send(self._endpoint.call, method, path, **content)
        except ExchangeError as exc:
            raise unanswered(exc, asked) from exc
        if not answer.is_ok:
            raise self._refused(asked, answer)
        return answer

    def _check_key(self, asked: Asked) -> None:
        if self._endpoint.key_is_odd:
            raise refusal(ErrorKind.KEY, asked)

    def _object(self, asked: Asked, answer: Answer) -> dict[str, Any]:
        """The answer's JSON object; a paid answer that is none leaves the outcome open."""
        body = answer.json()
        if body is None:
            kind = ErrorKind.UNKNOWN_OUTCOME if asked.paid else ErrorKind.TROUBLE
            raise refusal(kind, asked, answer=answer)
        return body

    def _refused(self, asked: Asked, answer: Answer, *, voice_kind: str = "") -> ProviderError:
        said = complaint(answer.body, hide=self._key)
        kind = error_kind(answer.status, said, paid=asked.paid, voice_kind=voice_kind)
        return refusal(kind, asked, answer=answer, said=said)

    def _not_taken(
        self, asked: Asked, answer: Answer, body: dict[str, Any], *, voice_kind: str = ""
    ) -> ProviderError:
        """The error for a "200" that is no success: it says so, or says nothing we know."""
        if not has_failed(body):
            return refusal(ErrorKind.UNKNOWN_OUTCOME, asked, answer=answer)
        said = complaint(body, hide=self._key)
        kind = error_kind(said.status or 400, said, paid=True, voice_kind=voice_kind)
        # Without a status of its own an error inside a success does not say whether it was paid.
        sure = said.status or kind is not ErrorKind.INPUT
        spent = None if sure else Spent.UNKNOWN
        return refusal(kind, asked, answer=answer, said=said, spent=spent)

    def _verdict(
        self, asked: Asked, ticket: Ticket, answer: Answer, body: dict[str, Any]
    ) -> Pending | Finished | Failed:
        word = status_word(body)
        if word in FAILED or (not word and body.get("error")):
            return self._failed(ticket, answer, body)
        found = finished(ticket, answer, body)
        has_result = bool(found.audio_url or found.embedding_url or found.preview_url)
        # A MiniMax voice exists without its preview; any other result is needed.
        if word in DONE and not has_result and (ticket.for_speech or ticket.kind != MINIMAX):
            raise refusal(ErrorKind.TROUBLE, asked, answer=answer)  # polled again: nothing is lost
        if word in DONE or (has_result and word not in RUNNING):
            return found
        return Pending(poll_after(answer), queue_position(body))

    def _failed(self, ticket: Ticket, answer: Answer, body: dict[str, Any]) -> Failed:
        said = complaint(body, hide=self._key)
        voice_kind = ticket.kind if ticket.for_speech else ""
        kind = error_kind(400, said, paid=False, voice_kind=voice_kind)
        refunded = refund_in(ticket, body)
        words = f": “{said.message}”" if said.message else ""
        back = f"{refunded} came back." if refunded else "It names no refund so far."
        sentence = f"{self._title} could not finish this{words}. {back}"
        return Failed(sentence, kind, refunded, answer.request_id)


def _refuse_here(faults: Iterable[str]) -> None:
    """Refuse an order that the service would refuse, or worse, take."""
    if fault := next(iter(faults), ""):
        raise ProviderError(ErrorKind.INPUT, f"{fault} Nothing was sent and nothing was charged.")


def _may_pass(answer: Answer) -> bool:
    """Whether a free question is worth asking again in a moment. Pure."""
    if answer.status == 429:
        kind = kind_of(429, complaint(answer.body).code, paid=False)
        pause = answer.retry_after
        return kind is ErrorKind.BUSY and pause is not None and pause <= LONGEST_NAP
    return answer.status == 408 or (answer.status >= 500 and answer.status != 501)


_backoff = wait_exponential_jitter(initial=1, max=5, jitter=1)


def _nap(state: RetryCallState) -> float:
    """Seconds before the next try: the pause the service named, or 1, 2, 4 and a little."""
    outcome = state.outcome
    if outcome is None or outcome.failed:
        return _backoff(state)
    named = outcome.result().retry_after
    return _backoff(state) if named is None else min(named, LONGEST_NAP)


def _last_outcome(state: RetryCallState) -> Answer:
    """What the last try brought: its answer, or its exception raised."""
    if state.outcome is None:  # by its type alone
        raise NotSent("never tried")
    answer: Answer = state.outcome.result()
    return answer


def _fetch_elsewhere(url: str, max_bytes: int) -> bytes:
    try:
        return downloads.fetch(url, max_bytes=max_bytes).data
    except downloads.DownloadRefused as exc:
        raise ProviderError(ErrorKind.INPUT, str(exc)) from exc
    except downloads.DownloadFailed as exc:
        kind = ErrorKind.NOT_FOUND if exc.gone else ErrorKind.TROUBLE
        raise ProviderError(kind, str(exc)) from exc
