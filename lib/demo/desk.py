"""Where paid work is taken in and asked for: charges, tickets, their echo, links to results."""

from __future__ import annotations

import hmac
import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal, InvalidOperation

from lib.clock import Clock
from lib.demo.fetch import FetchError, fetch
from lib.demo.state import MICROS, Run, State, StoredFile
from lib.demo.wire import Answer, Refusal, Request
from lib.services import MINIMAX, QWEN

PAYMENT_SOURCE = "USD"
CLONE, SPEECH = "clone", "speech"
SHARE_OF_PACE = {f"{CLONE}:{MINIMAX}": 1.0, f"{CLONE}:{QWEN}": 2 / 3, SPEECH: 1 / 3}
"""How long each kind of run takes, as a share of the pace."""


@dataclass(frozen=True)
class Desk:
    """The counter of the pretend service. `purse` is the balance at the start, in micro-dollars.

    `audio_at_once` is how many of Kyma's audio calls a key may have under way: None as its tier
    says, 0 for any number.
    """

    state: State
    clock: Clock
    base_url: str
    pace: float
    purse: int
    fetches_links: bool
    audio_at_once: int | None = 0

    def now(self) -> float:
        """The demo's time, in seconds since 1970."""
        return self.clock.now().timestamp()

    def balance(self) -> int:
        """What is left, in micro-dollars."""
        return self.purse - self.state.spent()

    def file_url(self, name: str) -> str:
        """Where a hosted file is given out."""
        return f"{self.base_url}/files/{name}"

    def accept(
        self,
        kind: str,
        model: str,
        price: Decimal,
        voice_id: str,
        *,
        file: StoredFile | None = None,
        waits: bool = True,
        error: str = "",
        new_speaker: bytes | None = None,
        owner: str = "",
    ) -> Run:
        """Charges a run and keeps its result. Raises Refusal 400 and 402."""
        now = self.now()
        file = None if error else file
        run = Run(
            id=f"demo_{secrets.token_hex(8)}",
            kind=kind,
            model=model,
            cost=int((price * MICROS).to_integral_value(rounding=ROUND_UP)),
            ready_at=now + (self.pace * SHARE_OF_PACE[kind] if waits else 0.0),
            file=file.name if file else "",
            error=error,
        )
        self.state.accept(
            run,
            voice_id=voice_id,
            at=now,
            budget=self.purse,
            file=file,
            new_speaker=None if error else new_speaker,
            owner=owner,
        )
        return run

    def ticket(self, run: Run, **more: object) -> Answer:
        """202: the run is paid and waits; `cost` and its neighbours are to be echoed."""
        body = {
            "status": "pending",
            "runId": run.id,
            "model": run.model,
            "cost": run.cost / MICROS,
            "paymentSource": PAYMENT_SOURCE,
            "isApiRequest": True,
        }
        return Answer.of_json(body | more, 202, X_Poll_After=self._poll_after(run))

    def asked(self, kind: str, echo: Mapping[str, object], unknown: int = 400) -> Run:
        """The run that a status request means.

        Raises Refusal: `unknown` for a run that is not there, 400 for an echo that is not the
        ticket's. A failed run is paid back here, as the service does when asked with the echo.
        """
        run_id = echo.get("runId")
        run = self.state.run(run_id) if isinstance(run_id, str) and run_id.isascii() else None
        if run is None or run.kind != kind:
            raise Refusal(unknown, "Unknown runId", "invalid_run_id")
        if not _is_echo(run, echo):
            raise Refusal(
                400, "cost, paymentSource and isApiRequest must be those of the ticket", "bad_echo"
            )
        if run.error and self.is_ready(run):
            self.state.refund(run.id)
        return run

    def is_ready(self, run: Run) -> bool:
        """Whether the run has ended by the demo's time."""
        return self.now() >= run.ready_at

    def pending(self, run: Run, **more: object) -> Answer:
        """200: still running, ask again later."""
        body = {"status": "pending", "runId": run.id}
        return Answer.of_json(body | more, X_Poll_After=self._poll_after(run))

    def linked_file(self, url: str, max_bytes: int, what: str) -> bytes:
        """The bytes behind a link: a file of ours directly, any other over the network.

        Raises Refusal 400 where nothing comes.
        """
        own = self.file_url("")
        if url.startswith(own):
            file = self.state.file(url.removeprefix(own), at=self.now())
            if file is None:
                raise Refusal(400, f"{what} could not be fetched: it is not there any more")
            return file.data
        if not self.fetches_links:
            raise Refusal(400, f"{what} could not be fetched: this demo opens no links")
        try:
            return fetch(url, max_bytes=max_bytes)
        except FetchError as exc:
            raise Refusal(400, f"{what} could not be fetched: {exc}") from None

    def _poll_after(self, run: Run) -> str:
        return str(min(max(math.ceil(run.ready_at - self.now()), 1), 60))


@dataclass(frozen=True)
class Route:
    """One address: its method, its kind in the log, and who answers.

    `method` may be several, as in the header Allow: "GET, POST". `is_open`: it asks for no API key.
    """

    method: str
    kind: str
    answer: Callable[[Desk, Request], Answer]
    is_open: bool = False

    def takes(self, method: str) -> bool:
        """Whether the address answers this method."""
        return method in self.method.split(", ")


def is_key(given: str, key: str) -> bool:
    """Whether this is the key, in a time that tells nothing of it."""
    return hmac.compare_digest(given.encode(errors="replace"), key.encode())


def _is_echo(run: Run, echo: Mapping[str, object]) -> bool:
    """Whether the ticket's fields came back unchanged (in a query they are texts)."""
    try:
        cost = Decimal(str(echo.get("cost"))) * MICROS
    except InvalidOperation:
        return False
    is_api_request = echo.get("isApiRequest")
    return (
        cost == run.cost
        and echo.get("paymentSource") == PAYMENT_SOURCE
        and (is_api_request is True or is_api_request == "true")
    )
