"""What Kyma's side of the demo charges: models, prices, tiers, and how a charge is told.

Documented: clones, designs, ElevenLabs speech, the tiers' requests a minute, and how many audio
calls the lowest tier may have under way. The demo's choice, for want of a page: how many the other
tiers may, and what MiniMax speech costs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from lib.demo.desk import CLONE, SPEECH, Desk
from lib.demo.state import MICROS, Run
from lib.demo.wire import BalanceTooSmall, Refusal, Request
from lib.services import MINIMAX

ELEVENLABS = "elevenlabs"
DESIGN = "design"
MAX_CHARS = 5_000


@dataclass(frozen=True)
class Model:
    """One model: who stands behind it, and its price for a voice or for 1,000 characters."""

    id: str
    work: str
    maker: str
    price: Decimal


MODELS = (
    Model("minimax-voice-clone", CLONE, MINIMAX, Decimal("2.10")),
    Model("minimax-voice-design", DESIGN, MINIMAX, Decimal("4.20")),
    Model("minimax-speech-hd", SPEECH, MINIMAX, Decimal("0.10")),
    Model("minimax-speech-turbo", SPEECH, MINIMAX, Decimal("0.06")),
    Model("eleven-v3", SPEECH, ELEVENLABS, Decimal("0.405")),
    Model("eleven-multilingual-v2", SPEECH, ELEVENLABS, Decimal("0.405")),
    Model("eleven-flash-v2-5", SPEECH, ELEVENLABS, Decimal("0.20")),
    Model("eleven-turbo-v2-5", SPEECH, ELEVENLABS, Decimal("0.20")),
)


@dataclass(frozen=True)
class Tier:
    """What comes with the dollars that were ever paid in."""

    paid: int
    rpm: int
    minimax_at_once: int


TIERS = (Tier(0, 30, 1), Tier(5, 60, 2), Tier(50, 120, 4), Tier(250, 200, 6), Tier(1_000, 300, 8))


def wanted_model(request: Request, work: str, default: str, refusal: str) -> Model:
    """The model that the request names for this work; Refusal 400 with this code for another."""
    name = request.text("model") or default
    model = next((model for model in MODELS if model.id == name and model.work == work), None)
    if model is None:
        raise Refusal(400, f"{name[:80]} is not a model for this", refusal)
    return model


def account_of(request: Request) -> str:
    """Whose key this is: each key is taken for an account of its own."""
    return hashlib.sha256(request.bearer.encode(errors="replace")).hexdigest()[:16]


def charge(
    desk: Desk,
    model: Model,
    price: Decimal,
    voice_id: str,
    *,
    too_little: str,
    new_speaker: bytes | None = None,
    owner: str = "",
) -> Run:
    """Charges at once; with `new_speaker` the voice is made. Refusal 402 with that code."""
    kind = SPEECH if model.work == SPEECH else f"{model.work}:kyma"
    try:
        return desk.accept(
            kind, model.id, price, voice_id, waits=False, new_speaker=new_speaker, owner=owner
        )
    except BalanceTooSmall:
        need = price.quantize(Decimal("0.0001"), ROUND_UP).normalize()
        raise Refusal(402, f"Insufficient credits: this costs ${need:f}", too_little) from None


def money_headers(desk: Desk, run: Run) -> tuple[tuple[str, str], ...]:
    """Which model worked, what it cost, and what is left."""
    return (
        ("X-Kyma-Model", run.model),
        ("X-Kyma-Cost-USD", dollars(run.cost)),
        ("X-Kyma-Balance-USD", dollars(desk.balance())),
    )


def dollars(micros: int) -> str:
    """Micro-dollars as a plain number of dollars."""
    return f"{Decimal(micros) / MICROS:f}"
