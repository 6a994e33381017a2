"""Kyma: cloning, voices from words, speech, balance, prices, limits, the list of voices.

All of it is answered at once. A paid request leaves once, whatever comes back. What the bodies
hold, and where that is documented, is in `kyma_bodies.py`, `kyma_prices.py`, `kyma_account.py`.
"""

from __future__ import annotations

import threading
from typing import Any, Unpack

from lib.models import ErrorKind, Money
from lib.providers import kyma_bodies as bodies
from lib.providers.base import (
    CloneOrder,
    DesignOrder,
    Failed,
    Finished,
    ListedVoice,
    Pending,
    ProviderError,
    Sound,
    SpeechCall,
    SpeechOrder,
    Ticket,
)
from lib.providers.client import Client, refuse_here
from lib.providers.http import MAX_AUDIO_BYTES, Answer, Content, Timeouts, looks_like_audio
from lib.providers.kyma_account import at_once_in, voices_in
from lib.providers.kyma_prices import models_in
from lib.providers.refusals import Asked, Complaint, complaint, refusal
from lib.providers.wording import Reason, Thing, nothing_pending
from lib.services import KYMA, SERVICES, SpeechModel

PATIENCE = Timeouts(paid_read=240)
"""A voice is made while the request is open; no page says how long that takes."""
UNNAMED_PAUSE = 5.0
"""Seconds to wait where Kyma asks for a pause and does not say how long."""
UNNAMED_PAUSES = 3
"""So many in a row, and it is no short pause: one of its pages speaks of midnight UTC."""
CLONE_PRICE = Money.usd(SERVICES[KYMA].clones[0].price)
DESIGN_PRICE = Money.usd(SERVICES[KYMA].designs[0].price)


class Kyma(Client):
    """One Kyma key. Implements `Provider`, `Designer`, `Limited`, `Lister`, `Documented`.

    `base_url` ends before `/audio`.
    """

    def __init__(
        self, service: str, base_url: str, key: str, *, timeouts: Timeouts = PATIENCE, **more: Any
    ) -> None:
        super().__init__(service, base_url, key, timeouts=timeouts, **more)
        self._unnamed_pauses = 0
        self._lock = threading.Lock()

    def clone(self, order: CloneOrder) -> Finished:
        """Make a voice from a recording (paid). Its ID is in the answer and nowhere else."""
        refuse_here(bodies.clone_faults(order))
        asked = self._asked(Thing.RECORDING, CLONE_PRICE)
        return self._made(asked, "audio/voice-clone", **bodies.clone_content(order))

    def design(self, order: DesignOrder) -> Finished:
        """Make a voice from words (paid). Its ID is in the answer and nowhere else."""
        refuse_here(bodies.design_faults(order))
        asked = self._asked(Thing.DESCRIPTION, DESIGN_PRICE)
        return self._made(asked, "audio/voice-design", json=bodies.design_content(order))

    def speak(self, order: SpeechOrder) -> Sound:
        """Have a text spoken (paid). The sound is told by its bytes, whatever it is called."""
        refuse_here(bodies.speech_faults(order, self.service))
        asked = Asked(self._title, Thing.TEXT, Thing.VOICE, paid=True, voice_kind=order.kind)
        call = self.speech_call(order)
        answer = self._pay(asked, call.path, json=call.content, max_bytes=MAX_AUDIO_BYTES)
        self._unnamed_pauses = 0
        if not looks_like_audio(answer.body):
            raise self._not_done(asked, answer)
        return Sound(
            audio=answer.body,
            cost=bodies.cost_in(answer),
            request_id=answer.request_id,
            answered_at=answer.answered_at,
            balance=bodies.balance_in(answer),
        )

    def speech_call(self, order: SpeechOrder) -> SpeechCall:
        """What `speak` sends for this order."""
        return SpeechCall("audio/speech", bodies.speech_content(order), answers_sound=True)

    def check(self, ticket: Ticket) -> Pending | Finished | Failed:
        """Kyma has no tickets: what it takes, it answers."""
        raise ProviderError(ErrorKind.INPUT, nothing_pending(self._title))

    def balance(self) -> Money | None:
        """What is left on the account, in dollars; its body is on no page. Free."""
        asked = Asked(self._title, Thing.QUESTION, Thing.ACCOUNT)
        answer = self._ask(asked, "GET", "credits/balance")
        return bodies.balance_in(answer, self._object(asked, answer))

    def speech_models(self) -> tuple[SpeechModel, ...]:
        """The models for voices of ours whose price Kyma tells; none where it tells none. Free.

        The whole list is asked first, then the partial one that was there before it.
        """
        found: tuple[SpeechModel, ...] = ()
        try:
            found = models_in(self._told(Thing.PRICES, "pricing"), self.service)
        except ProviderError as problem:
            if problem.kind is not ErrorKind.INPUT:  # else there is no such list (yet)
                raise
        return found or models_in(self._told(Thing.PRICES, "credits/pricing"), self.service)

    def at_once(self) -> int | None:
        """How many calls to MiniMax this key may have under way, by its tier. Free."""
        limits = self._told(Thing.LIMITS, "auth/limits")
        return at_once_in(limits, self._told(Thing.LIMITS, "limits/tiers"))

    def voices(self) -> tuple[ListedVoice, ...]:
        """The list of voices; whether those of this account are in it is not documented. Free."""
        return tuple(voices_in(self._told(Thing.VOICES, "audio/voices")))

    def _told(self, target: Thing, path: str) -> dict[str, object]:
        """The JSON object at this address. Free."""
        asked = Asked(self._title, Thing.QUESTION, target)
        return self._object(asked, self._ask(asked, "GET", path))

    def _asked(self, subject: Thing, price: Money) -> Asked:
        """An order for a voice, for sentences."""
        return Asked(
            self._title,
            subject,
            Thing.WAY_OF_MAKING_VOICES,
            paid=True,
            price=price,
            if_lost=Reason.ID_LOST,
        )

    def _made(self, asked: Asked, path: str, **content: Unpack[Content]) -> Finished:
        """Send an order for a voice, and find the voice in the answer."""
        answer = self._pay(asked, path, **content)
        self._unnamed_pauses = 0
        body = answer.json() or {}
        voice_id = bodies.voice_id_in(body)
        if not voice_id:
            raise self._not_done(asked, answer)
        return Finished(
            voice_id=voice_id,
            cost=bodies.cost_in(answer, body),
            request_id=answer.request_id,
            answered_at=answer.answered_at,
            balance=bodies.balance_in(answer, body),
        )

    def _not_done(self, asked: Asked, answer: Answer) -> ProviderError:
        """The error for a "200" that is no success: it says so, or says nothing we know."""
        body = answer.json() or {}
        said = complaint(body, hide=self._key) if body.get("error") else Complaint()
        status = bodies.status_told(said)
        if status is None:
            return refusal(ErrorKind.UNKNOWN_OUTCOME, asked, answer=answer, said=said)
        return self._refusal(asked, answer, said, status)

    def _refused(self, asked: Asked, answer: Answer) -> ProviderError:
        return self._refusal(asked, answer, complaint(answer.body, hide=self._key), answer.status)

    def _refusal(self, asked: Asked, answer: Answer, said: Complaint, status: int) -> ProviderError:
        found = bodies.meaning(status, said, asked)
        error = refusal(
            found.kind, asked, answer=answer, said=said, spent=found.spent, reason=found.reason
        )
        is_unnamed = error.kind is ErrorKind.BUSY and error.retry_after is None
        if asked.paid and self._too_often(is_unnamed):
            return refusal(ErrorKind.LIMIT, asked, answer=answer, reason=Reason.NO_MORE_ORDERS)
        if is_unnamed:
            error.retry_after = UNNAMED_PAUSE
        return error

    def _too_often(self, is_unnamed: bool) -> bool:
        """Count pauses of no named length that paid requests met in a row."""
        with self._lock:
            self._unnamed_pauses = self._unnamed_pauses + 1 if is_unnamed else 0
            return self._unnamed_pauses >= UNNAMED_PAUSES
