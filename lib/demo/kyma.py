"""Kyma's contract under `/v1`: its addresses, its key, its turns, its way to refuse.

Kyma's pages show an error's word as `code` in one place and as `type` in another: here it stands
in both, and a call out of turn has the `type` alone, as the page on limits shows it.
"""

from __future__ import annotations

from threading import Semaphore

from lib.demo.desk import CLONE, SPEECH, Desk, Route, is_key
from lib.demo.kyma_account import at_once, balance, catalogue, key_limits, pricing, tiers
from lib.demo.kyma_prices import DESIGN, account_of
from lib.demo.kyma_speech import speak_text
from lib.demo.kyma_voices import clone_voice, design_voice, list_voices
from lib.demo.wire import Answer, Refusal, Request

PREFIX = "/v1"
RETRY_AFTER = 2
"""Seconds; usually at most 5."""

_TAKES_TURNS = (CLONE, DESIGN, SPEECH)
_ROUTES = {
    "/audio/voice-clone": Route("POST", CLONE, clone_voice),
    "/audio/voice-design": Route("POST", DESIGN, design_voice),
    "/audio/speech": Route("POST", SPEECH, speak_text),
    "/audio/voices": Route("GET", "voices", list_voices),
    "/credits/balance": Route("GET", "balance", balance),
    "/credits/pricing": Route("GET", "pricing", pricing),
    "/pricing": Route("GET", "pricing", catalogue, is_open=True),
    "/auth/limits": Route("GET", "limits", key_limits),
    "/limits/tiers": Route("GET", "tiers", tiers, is_open=True),
}
_PLAIN_WORDS = ("invalid_parameter", "payload_too_large")
"""Words of the other contract for what Kyma calls an invalid request."""


class Kyma:
    """Kyma's side of the desk. `key` is the only one let in, None for any that is there."""

    def __init__(self, desk: Desk, *, key: str | None) -> None:
        self._desk = desk
        self._key = key
        self._at_once = at_once(desk)
        self._turns: dict[str, Semaphore] = {}

    def has(self, path: str) -> bool:
        """Whether the address is on this side."""
        return path.startswith(f"{PREFIX}/")

    def route(self, path: str) -> Route | None:
        """Who answers at this address."""
        return _ROUTES.get(path.removeprefix(PREFIX))

    def answer(self, route: Route, request: Request) -> Answer:
        """What the caller gets. Raises Refusal."""
        if not route.is_open:
            self._check_key(request)
        if route.kind not in _TAKES_TURNS or not self._at_once:
            return route.answer(self._desk, request)
        turns = self._turns.setdefault(account_of(request), Semaphore(self._at_once))
        if not turns.acquire(blocking=False):
            raise Refusal(429, "Too many audio calls at once for this key", "rate_limit")
        try:
            return route.answer(self._desk, request)
        finally:
            turns.release()

    def refused(self, refusal: Refusal) -> Answer:
        """The refusal as Kyma tells it."""
        if refusal.status == 429:
            body = {"message": refusal.message, "type": refusal.code}
            return Answer.of_json({"error": body}, 429, Retry_After=str(RETRY_AFTER))
        word = "invalid_request" if refusal.code in _PLAIN_WORDS else refusal.code
        body = {"message": refusal.message, "type": word, "code": word}
        return Answer.of_json({"error": body}, refusal.status)

    def _check_key(self, request: Request) -> None:
        if not request.bearer or (self._key is not None and not is_key(request.bearer, self._key)):
            raise Refusal(401, "Invalid or missing API key", "auth_error")
