"""NanoGPT: cloning (MiniMax and Qwen), speech, transcripts, balance. The demo speaks the same.

A paid request leaves once, whatever comes back; free questions are asked again on passing
trouble. What the bodies hold, and where that is documented, is in `nanogpt_bodies.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from lib.json_reading import object_of
from lib.models import ErrorKind, Money
from lib.providers import nanogpt_bodies as bodies
from lib.providers import nanogpt_transcripts as transcripts
from lib.providers import wording
from lib.providers.base import (
    CloneOrder,
    Failed,
    Finished,
    Pending,
    ProviderError,
    Sound,
    SpeechCall,
    SpeechOrder,
    Spent,
    Ticket,
    Transcript,
    TranscriptOrder,
    Usage,
)
from lib.providers.client import Client, refuse_here
from lib.providers.http import MAX_AUDIO_BYTES, Answer, looks_like_audio, money
from lib.providers.nanogpt_models import models_in
from lib.providers.refusals import Asked, Complaint, complaint, kind_of, quote, refusal
from lib.providers.wording import Reason, Thing, sentence
from lib.services import MINIMAX, QWEN, SpeechModel

POLL_TRIES = 3


class NanoGPT(Client):
    """One NanoGPT key. Implements `Provider`, `Transcriber`, `Documented` and `Metered`.

    `base_url` ends before `/voice-clone`.
    """

    def clone(self, order: CloneOrder) -> Ticket:
        """Order a voice (paid). The MiniMax voice ID is not given back: keep the one sent."""
        asked = Asked(
            self._title, Thing.RECORDING, Thing.WAY_OF_CLONING, paid=True, new_id=order.voice_id
        )
        refuse_here(bodies.clone_faults(order, self.service))
        answer = self._pay(asked, f"voice-clone/{order.kind}", **bodies.clone_content(order))
        body = self._object(asked, answer)
        if ticket := bodies.ticket_in(answer, body, kind=order.kind):
            return ticket
        raise self._not_taken(asked, answer, body)

    def speak(self, order: SpeechOrder) -> Ticket | Sound:
        """Have a text spoken (paid): a ticket, bytes or a link, as the service likes."""
        asked = Asked(self._title, Thing.TEXT, Thing.VOICE, paid=True, voice_kind=order.kind)
        refuse_here(bodies.speech_faults(order))
        call = self.speech_call(order)
        answer = self._pay(asked, call.path, json=call.content, max_bytes=MAX_AUDIO_BYTES)
        if looks_like_audio(answer.body):
            return bodies.sound(answer, cost=money(answer.headers.get("x-cost")), audio=answer.body)
        body = self._object(asked, answer)
        url = bodies.speech_url(body)
        if url and not bodies.has_failed(body):
            return bodies.sound(answer, cost=bodies.cost_in(body), url=url)
        # A ticket that has failed already is polled all the same: polls bring the refund.
        if ticket := bodies.ticket_in(answer, body, kind=order.kind, speech=order.model):
            return ticket
        raise self._not_taken(asked, answer, body)

    def speech_call(self, order: SpeechOrder) -> SpeechCall:
        """What `speak` sends for this order."""
        return SpeechCall("tts", bodies.speech_content(order))

    def transcribe(self, order: TranscriptOrder) -> Transcript:
        """Have the words of a recording written down (paid): they are in the answer."""
        asked = Asked(self._title, Thing.RECORDING, Thing.MODEL, paid=True)
        refuse_here(transcripts.faults(order, self.service))
        answer = self._pay(asked, "transcribe", **transcripts.content(order))
        body = self._object(asked, answer)
        found = None if bodies.has_failed(body) else transcripts.transcript_in(answer, body)
        if found is None:
            raise self._not_taken(asked, answer, body)
        return found

    def check(self, ticket: Ticket) -> Pending | Finished | Failed:
        """Ask the ticket's status route; passing trouble is tried again, three times in all."""
        asked = Asked(self._title, Thing.QUESTION, Thing.JOB)
        fields = bodies.poll_fields(ticket)
        if ticket.for_speech:
            answer = self._ask(
                asked, "GET", "tts/status", params=bodies.as_texts(fields), tries=POLL_TRIES
            )
        elif ticket.kind in (MINIMAX, QWEN):
            path = f"voice-clone/{ticket.kind}/status"
            answer = self._ask(asked, "POST", path, json=fields, tries=POLL_TRIES)
        else:
            raise ProviderError(ErrorKind.INPUT, sentence(Reason.JOB_OF_OTHERS))
        return self._verdict(asked, ticket, answer, self._object(asked, answer))

    def balance(self) -> Money | None:
        """What is left on the account, in dollars. Free."""
        asked = Asked(self._title, Thing.QUESTION, Thing.ACCOUNT)
        answer = self._ask(asked, "POST", "check-balance", json={})
        return money(self._object(asked, answer).get("usd_balance"))

    def usage(self, first: date, last: date) -> Usage | None:
        """What this key was charged in these days (UTC), none of them still to come. Free."""
        asked = Asked(self._title, Thing.QUESTION, Thing.ACCOUNT)
        days = {"from": first.isoformat(), "to": last.isoformat(), "group_by": "day"}
        answer = self._ask(asked, "GET", "v1/usage", params=days)
        totals = object_of(self._object(asked, answer).get("totals"))
        charged, refunded = (money(totals.get(name)) for name in ("costUsd", "refundedUsd"))
        return None if charged is None else Usage(charged, refunded or Money())

    def speech_models(self) -> tuple[SpeechModel, ...]:
        """The models that voices of ours can speak with, as the service lists them. Free."""
        asked = Asked(self._title, Thing.QUESTION, Thing.MODELS)
        wanted = {"type": "tts", "detailed": "true"}
        answer = self._ask(asked, "GET", "v1/audio-models", params=wanted)
        return models_in(self._object(asked, answer), self.service)

    def _refused(self, asked: Asked, answer: Answer) -> ProviderError:
        said = complaint(answer.body, hide=self._key)
        return refusal(_kind(asked, answer.status, said), asked, answer=answer, said=said)

    def _not_taken(self, asked: Asked, answer: Answer, body: Mapping[str, object]) -> ProviderError:
        """The error for a "200" that is no success: it says so, or says nothing we know."""
        if not bodies.has_failed(body):
            return refusal(ErrorKind.UNKNOWN_OUTCOME, asked, answer=answer)
        said = complaint(body, hide=self._key)
        kind = _kind(asked, said.status or 400, said)
        # Without a status of its own an error inside a success does not say whether it was paid.
        sure = said.status or kind is not ErrorKind.INPUT
        spent = None if sure else Spent.UNKNOWN
        return refusal(kind, asked, answer=answer, said=said, spent=spent)

    def _verdict(
        self, asked: Asked, ticket: Ticket, answer: Answer, body: Mapping[str, object]
    ) -> Pending | Finished | Failed:
        word = bodies.status_word(body)
        if word in bodies.FAILED:
            return self._failed(ticket, answer, body)
        said = complaint(body, hide=self._key)
        if not word and (body.get("error") or said.status):
            raise self._no_word(asked, answer, said)
        found = bodies.finished(ticket, answer, body)
        has_result = bool(found.audio_url or found.embedding_url or found.preview_url)
        # A MiniMax voice exists without its preview, and a speech was spoken wherever it stands;
        # a voice that is a file is nothing without its address.
        if word in bodies.DONE and not has_result and ticket.kind == QWEN and not ticket.for_speech:
            raise refusal(ErrorKind.TROUBLE, asked, answer=answer)  # polled again: nothing is lost
        if word in bodies.DONE or (has_result and word not in bodies.RUNNING):
            return found
        return Pending(bodies.poll_after(answer))

    def _no_word(self, asked: Asked, answer: Answer, said: Complaint) -> ProviderError:
        """The error for an answer that tells of trouble, and nothing of the run itself."""
        kind = kind_of(said.status or 500, said.code, paid=False)
        if kind not in (ErrorKind.BUSY, ErrorKind.LIMIT):
            kind = ErrorKind.TROUBLE
        return refusal(kind, asked, answer=answer, said=said)

    def _failed(self, ticket: Ticket, answer: Answer, body: Mapping[str, object]) -> Failed:
        said = complaint(body, hide=self._key)
        voice_kind = ticket.kind if ticket.for_speech else ""
        kind = bodies.error_kind(400, said, paid=False, voice_kind=voice_kind)
        if ticket.kind == MINIMAX and not ticket.for_speech and bodies.id_exists(said):
            kind = ErrorKind.EXISTS
        refunded = bodies.refund_in(ticket, body)
        told = wording.joined(
            wording.not_finished(self._title),
            wording.was_refunded(refunded) if refunded else "",
            quote(self._title, said),
        )
        return Failed(told, kind, refunded, answer.request_id)


def _kind(asked: Asked, status: int, said: Complaint) -> ErrorKind:
    """What a refusal means for what was asked."""
    kind = bodies.error_kind(status, said, paid=asked.paid, voice_kind=asked.voice_kind)
    is_taken = asked.new_id and kind is ErrorKind.INPUT and bodies.id_exists(said)
    return ErrorKind.EXISTS if is_taken else kind
