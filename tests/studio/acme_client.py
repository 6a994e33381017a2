"""Acme's client, as `lib/providers/` holds others': all is answered at once."""

from __future__ import annotations

from lib.json_reading import short_text
from lib.models import ErrorKind, Money
from lib.providers.base import (
    CloneOrder,
    Failed,
    Finished,
    Pending,
    ProviderError,
    Sound,
    SpeechOrder,
    Ticket,
)
from lib.providers.client import Client
from lib.providers.http import MAX_AUDIO_BYTES, Answer, looks_like_audio, money
from lib.providers.refusals import Asked, complaint, kind_of, refusal
from lib.providers.wording import Thing
from lib.services import SpeechModel


class Acme(Client):
    """One Acme key. Implements `Provider`."""

    def clone(self, order: CloneOrder) -> Finished:
        asked = Asked(self._title, Thing.RECORDING, Thing.WAY_OF_CLONING, paid=True)
        recording = (order.file_name, order.audio, order.media_type)
        answer = self._pay(asked, "clones", files={"recording": recording})
        body = self._object(asked, answer)
        voice_id = short_text(body.get("id"))
        if not voice_id:
            raise refusal(ErrorKind.UNKNOWN_OUTCOME, asked, answer=answer)
        return Finished(voice_id=voice_id, cost=money(body.get("usd")))

    def speak(self, order: SpeechOrder) -> Sound:
        asked = Asked(self._title, Thing.TEXT, Thing.VOICE, paid=True, voice_kind=order.kind)
        content = {"model": order.model, "voice": order.voice_id, "text": order.text}
        answer = self._pay(asked, "speech", json=content, max_bytes=MAX_AUDIO_BYTES)
        if not looks_like_audio(answer.body):
            raise refusal(ErrorKind.UNKNOWN_OUTCOME, asked, answer=answer)
        return Sound(audio=answer.body, cost=money(answer.headers.get("x-acme-usd")))

    def check(self, ticket: Ticket) -> Pending | Finished | Failed:
        raise ProviderError(ErrorKind.INPUT, f"{self._title} answers at once; nothing is pending.")

    def balance(self) -> Money | None:
        asked = Asked(self._title, Thing.QUESTION, Thing.ACCOUNT)
        return money(self._object(asked, self._ask(asked, "GET", "account")).get("usd"))

    def speech_models(self) -> tuple[SpeechModel, ...]:
        return ()

    def _refused(self, asked: Asked, answer: Answer) -> ProviderError:
        said = complaint(answer.body, hide=self._key)
        kind = kind_of(answer.status, said.code, paid=asked.paid)
        return refusal(kind, asked, answer=answer, said=said)
