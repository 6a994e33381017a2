"""NanoGPT: cloning (MiniMax and Qwen), speech, status, balance. The demo speaks the same.

Facts are those of docs.nano-gpt.com (Voice Cloning, TTS, TTS status, Check balance, Errors) as of
2026-08-22; where the docs are silent, the code is lenient in what it reads and strict in what it
sends: a paid request leaves once, whatever comes back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from decimal import Decimal
from math import isfinite
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
    Asked,
    Complaint,
    Endpoint,
    ExchangeError,
    NoAnswer,
    NotSent,
    RateLimit,
    Timeouts,
    Unsendable,
    complaint,
    kind_of,
    looks_like_audio,
    money,
    refusal,
)
from lib.services import MINIMAX, QWEN, SERVICES, CloneOffer, speech_model

ECHOED = ("cost", "paymentSource", "isApiRequest")
"""Ticket fields that each poll repeats; refunds come by themselves only with them (TTS page)."""
POLL_TRIES = 3
LONGEST_NAP = 10.0
"""Seconds a poll waits for a rate limit; a longer pause is the caller's to plan."""
POLL_AFTER = (1.0, 60.0)
MAX_ID_CHARS = 200
MAX_URL_CHARS = 8_000

_RUNNING = ("pending", "processing", "queued", "in_progress")
_DONE = ("completed", "succeeded")
_FAILED = ("failed", "error")

_NO_VOICE = re.compile(
    r"\bvoice(?:(?!model|setting|format|language|file|embedding|provider|service|endpoint)"
    r"[^.\n]){0,90}?"
    r"(?:not found|not exist|n[’']t exist|no longer exists|is (?:unknown|invalid|not valid))"
    r"|\b(?:no such|unknown|invalid|(?:cannot|can't|could not) find(?: the)?) (?:custom )?voice"
    r"(?![ _-]?(?:model|setting|format|param|language|file))",
    re.I,
)
_NO_VOICE_CODES = ("voice_not_found", "invalid_voice", "voice_not_exist")


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
        offer = SERVICES[self.service].clone_offer(order.kind)
        _refuse_here(_clone_faults(order, offer))
        content = _clone_content(order)
        answer = self._pay(asked, f"voice-clone/{order.kind}", **content)
        body = self._object(asked, answer)
        if ticket := _ticket(answer, body, kind=order.kind):
            return ticket
        raise self._not_taken(asked, answer, body)

    def speak(self, order: SpeechOrder) -> Ticket | Sound:
        """Have a text spoken (paid): a ticket, bytes or a link, as the service likes."""
        asked = Asked(self._title, "text", "voice", paid=True)
        _refuse_here(_speech_faults(order, self.service))
        content = _speech_content(order)
        answer = self._pay(
            asked, "tts", json=content, max_bytes=MAX_AUDIO_BYTES, voice_kind=order.kind
        )
        if looks_like_audio(answer.body):
            return _sound(answer, cost=money(answer.headers.get("x-cost")), audio=answer.body)
        body = self._object(asked, answer)
        url = _audio_url(body)
        if url and not _has_failed(body):
            return _sound(answer, cost=_cost(body), url=url)
        # A ticket that has failed already is polled all the same: polls bring the refund.
        if ticket := _ticket(answer, body, kind=order.kind, speech=order.model):
            return ticket
        raise self._not_taken(asked, answer, body, voice_kind=order.kind)

    def check(self, ticket: Ticket) -> Pending | Finished | Failed:
        """Ask the ticket's status route; passing trouble is tried again, three times in all."""
        asked = Asked(self._title, "question", "job")
        echo = {name: value for name, value in ticket.echo.items() if name in ECHOED}
        fields = {"runId": ticket.run_id, **echo}
        if ticket.for_speech:
            query = {"runId": ticket.run_id, "model": ticket.model, **echo}
            answer = self._ask(asked, "GET", "tts/status", params=query, tries=POLL_TRIES)
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
        except Unsendable as exc:
            raise refusal(ErrorKind.INPUT, asked) from exc
        except NotSent as exc:
            raise refusal(ErrorKind.UNREACHABLE, asked) from exc
        except ExchangeError as exc:
            raise refusal(ErrorKind.UNKNOWN_OUTCOME, asked) from exc
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
        except Unsendable as exc:
            raise refusal(ErrorKind.INPUT, asked) from exc
        except NotSent as exc:
            raise refusal(ErrorKind.UNREACHABLE, asked) from exc
        except ExchangeError as exc:
            raise refusal(ErrorKind.TROUBLE, asked) from exc
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
        kind = _kind(answer.status, said, paid=asked.paid, voice_kind=voice_kind)
        return refusal(kind, asked, answer=answer, said=said)

    def _not_taken(
        self, asked: Asked, answer: Answer, body: dict[str, Any], *, voice_kind: str = ""
    ) -> ProviderError:
        """The error for a "200" that is no success: it says so, or says nothing we know."""
        if not _has_failed(body):
            return refusal(ErrorKind.UNKNOWN_OUTCOME, asked, answer=answer)
        said = complaint(body, hide=self._key)
        kind = _kind(said.status or 400, said, paid=True, voice_kind=voice_kind)
        # Without a status of its own an error inside a success does not say whether it was paid.
        sure = said.status or kind is not ErrorKind.INPUT
        spent = None if sure else Spent.UNKNOWN
        return refusal(kind, asked, answer=answer, said=said, spent=spent)

    def _verdict(
        self, asked: Asked, ticket: Ticket, answer: Answer, body: dict[str, Any]
    ) -> Pending | Finished | Failed:
        word = _word(body)
        if word in _FAILED or (not word and body.get("error")):
            return self._failed(ticket, answer, body)
        found = _finished(ticket, answer, body)
        has_result = bool(found.audio_url or found.embedding_url or found.preview_url)
        # A MiniMax voice exists without its preview.
        if word in _DONE and not has_result and (ticket.for_speech or ticket.kind != MINIMAX):
            raise refusal(ErrorKind.TROUBLE, asked, answer=answer)  # later: nothing is lost
        if word in _DONE or (has_result and word not in _RUNNING):
            return found
        position = body.get("queuePosition")
        is_position = type(position) is int and 0 <= position < 1_000_000
        pause = answer.seconds("x-poll-after", *POLL_AFTER)
        return Pending(pause, position if is_position else None)

    def _failed(self, ticket: Ticket, answer: Answer, body: dict[str, Any]) -> Failed:
        said = complaint(body, hide=self._key)
        voice_kind = ticket.kind if ticket.for_speech else ""
        kind = _kind(400, said, paid=False, voice_kind=voice_kind)
        refunded = _refund(ticket, body)
        words = f": “{said.message}”" if said.message else ""
        back = f"{refunded} came back." if refunded else "It names no refund so far."
        sentence = f"{self._title} could not finish this{words}. {back}"
        return Failed(sentence, kind, refunded, answer.request_id)


def _refuse_here(faults: Iterable[str]) -> None:
    """Refuse an order that the service would refuse, or worse, take."""
    if fault := next(iter(faults), ""):
        raise ProviderError(ErrorKind.INPUT, f"{fault} Nothing was sent and nothing was charged.")


def _clone_faults(order: CloneOrder, offer: CloneOffer | None) -> Iterable[str]:
    if offer is None:
        yield "This service does not make voices of this kind."
        return
    if (order.audio is not None) == bool(order.audio_url):
        yield "A voice is made from one recording: either a file or a link."
    if order.audio is not None and not order.audio:
        yield "The recording is empty."
    if order.audio and len(order.audio) > offer.direct_bytes:
        megabytes = offer.direct_bytes // 1_000_000
        yield f"A recording over {megabytes} MB has to be sent as a link, or made smaller."
    if order.audio_url and not _is_url(order.audio_url):
        yield "The link to the recording is not a web address."
    if offer.id_rule and not offer.id_rule.fullmatch(order.voice_id):
        yield f"The voice ID has another form than the service takes. {offer.id_rule_words}"
    if offer.preview_text_max and len(order.preview_text) > offer.preview_text_max:
        yield f"The preview text is longer than {offer.preview_text_max} characters."
    if offer.has_audio_options and not 0 <= order.accuracy <= 1:
        yield "The accuracy has to lie between 0 and 1."


def _clone_content(order: CloneOrder) -> dict[str, Any]:
    """The body as httpx arguments: a form with the recording, or JSON with its link."""
    fields: dict[str, Any] = {}
    if order.kind == MINIMAX:
        fields = {
            "customVoiceId": order.voice_id,
            "voiceCloneModel": order.model,
            "needNoiseReduction": order.noise_reduction,
            "needVolumeNormalization": order.volume_normalization,
            "accuracy": order.accuracy,
            "text": order.preview_text,
        }
    elif order.kind == QWEN:
        fields = {"referenceText": order.transcript}
    fields = {name: value for name, value in fields.items() if value != ""}
    if order.audio is None:
        return {"json": {"audioUrl": order.audio_url, **fields}}
    texts = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in fields.items()
    }
    return {"data": texts, "files": {"audio": (order.file_name, order.audio, order.media_type)}}


def _speech_faults(order: SpeechOrder, service: str) -> Iterable[str]:
    model = speech_model(service, order.model)
    if order.kind not in (MINIMAX, QWEN):
        yield "This service does not speak with voices of this kind."
    if not order.text.strip():
        yield "There is no text to speak."
    if not order.model:
        yield "No model was chosen to speak the text."
    if model and len(order.text) > model.max_chars:
        yield f"The text is longer than the {model.max_chars:,} characters this model takes."
    if order.kind == MINIMAX and not order.voice_id:
        yield "The voice has no ID to speak with."
    if order.kind == QWEN and not _is_url(order.embedding_url):
        yield "The voice file has no web address that the service could fetch it from."
    if not 0.1 <= order.speed <= 5:
        yield "The speed has to lie between 0.1 and 5."


def _speech_content(order: SpeechOrder) -> dict[str, Any]:
    fields: dict[str, Any] = {"model": order.model, "text": order.text}
    if order.kind == QWEN:
        fields["speaker_voice_embedding_file_url"] = order.embedding_url
        fields |= {"reference_text": order.transcript} if order.transcript else {}
        fields |= {"language": order.language} if order.language else {}
    else:
        fields["voice"] = order.voice_id
    if order.speed != 1:
        fields["speed"] = order.speed
    return fields


def _ticket(answer: Answer, body: dict[str, Any], *, kind: str, speech: str = "") -> Ticket | None:
    """The ticket in an answer; `speech` is the model of a speech order."""
    run_id = body.get("runId") or body.get("id")
    if type(run_id) is int:
        run_id = str(run_id)
    if not isinstance(run_id, str) or not run_id.strip() or not _is_plain(run_id):
        return None
    model = body.get("model")
    known = isinstance(model, str) and 0 < len(model) <= MAX_ID_CHARS
    return Ticket(
        run_id=run_id,
        kind=kind,
        for_speech=bool(speech),
        model=(str(model) if known else speech) if speech else "",
        echo={name: _storable(body[name]) for name in ECHOED if _is_plain(body.get(name))},
        cost=_cost(body),
        request_id=answer.request_id,
        answered_at=answer.answered_at,
        poll_after=answer.seconds("x-poll-after", *POLL_AFTER),
    )


def _is_plain(value: object) -> bool:
    """Whether it is a number, a truth value or a short text: what a poll can repeat."""
    if isinstance(value, str):
        return value.isprintable() and len(value) <= MAX_ID_CHARS
    return isinstance(value, int) or (isinstance(value, Decimal) and isfinite(float(value)))


def _storable(value: object) -> object:
    """As received, in a form that JSON writes again."""
    return float(value) if isinstance(value, Decimal) else value


def _sound(answer: Answer, *, cost: Money | None, **what: Any) -> Sound:
    return Sound(cost=cost, request_id=answer.request_id, answered_at=answer.answered_at, **what)


def _cost(body: dict[str, Any]) -> Money | None:
    """Dollars; a cost in another currency is not taken for them."""
    amount = money(body.get("cost"))
    is_dollars = body.get("currency") in (None, "USD", "usd")
    return amount if is_dollars and amount is not None and amount >= Money() else None


def _finished(ticket: Ticket, answer: Answer, body: dict[str, Any]) -> Finished:
    """What a finished run made, as far as it is there."""
    speech = ticket.for_speech
    embedding = _first_url(body.get("speakerEmbeddingUrl"), body.get("speaker_embedding_url"))
    preview = _first_url(body.get("audioUrls"), body.get("audioUrl"))
    return Finished(
        embedding_url=embedding if ticket.kind == QWEN and not speech else "",
        preview_url=preview if ticket.kind == MINIMAX and not speech else "",
        audio_url=_audio_url(body) if speech else "",
        cost=_cost(body),
        request_id=answer.request_id,
        answered_at=answer.answered_at,
    )


def _refund(ticket: Ticket, body: dict[str, Any]) -> Money | None:
    """What came back, if the answer says so: an amount, or the word that the cost did."""
    said = body.get("refunded")
    amount = money(str(ticket.echo.get("cost")) if said is True else said)
    amount = amount or money(body.get("refundAmount")) or money(body.get("refundedAmount"))
    return amount if amount and amount > Money() else None


def _audio_url(body: dict[str, Any]) -> str:
    data = body.get("data")
    inner = data if isinstance(data, dict) else {}
    return _first_url(
        body.get("audioUrl"), body.get("url"), inner.get("audioUrl"), inner.get("url")
    )


def _first_url(*values: object) -> str:
    """The first web address among texts, lists of texts, and objects with a `url`."""
    for value in values:
        for item in value if isinstance(value, list) else [value]:
            url = item.get("url") or item.get("audioUrl") if isinstance(item, dict) else item
            if isinstance(url, str) and _is_url(url):
                return url
    return ""


def _is_url(text: str) -> bool:
    return text.startswith(("https://", "http://")) and len(text) <= MAX_URL_CHARS


def _word(body: dict[str, Any]) -> str:
    word = body.get("status")
    return word.strip().lower() if isinstance(word, str) else ""


def _has_failed(body: dict[str, Any]) -> bool:
    return bool(body.get("error")) or _word(body) in _FAILED


def _kind(status: int, said: Complaint, *, paid: bool, voice_kind: str) -> ErrorKind:
    """What a refusal means. That a voice does not exist has to be said in so many words.

    A bare 404 (a wrong base address, an unknown model) is no evidence that a voice is lost;
    only MiniMax voices live at the service.
    """
    kind = kind_of(status, said.code, paid=paid)
    if not voice_kind or kind not in (ErrorKind.INPUT, ErrorKind.NOT_FOUND):
        return kind
    named = any(code in said.code for code in _NO_VOICE_CODES)
    if voice_kind == MINIMAX and (named or _NO_VOICE.search(said.message)):
        return ErrorKind.NOT_FOUND
    return ErrorKind.INPUT


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
    named = None
    if outcome is not None and not outcome.failed:
        named = outcome.result().retry_after
    return min(named, LONGEST_NAP) if named is not None else _backoff(state)


def _last_outcome(state: RetryCallState) -> Answer:
    """What the last try brought: its answer, or its exception raised."""
    if state.outcome is None:
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
