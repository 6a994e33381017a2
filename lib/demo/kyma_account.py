"""What Kyma tells when it is asked: balance, limits, tiers, prices."""

from __future__ import annotations

from lib.demo.desk import SPEECH, Desk
from lib.demo.kyma_prices import MODELS, TIERS, Tier
from lib.demo.state import MICROS
from lib.demo.wire import Answer, Request

LOW_BALANCE = 2_100_000
"""Micro-dollars; less does not pay for a clone."""
_FOLDER = "/v1/"
_MINUTE, _DAY = 60, 86_400  # seconds


def balance(desk: Desk, _request: Request) -> Answer:
    """`GET /v1/credits/balance`."""
    left = desk.balance()
    return Answer.of_json(
        {"balance": left / MICROS, "low_balance": left < LOW_BALANCE, "currency": "USD"}
    )


def key_limits(desk: Desk, _request: Request) -> Answer:
    """`GET /v1/auth/limits`. All keys are counted together, as they share the purse."""
    now, limit = desk.now(), _tier(desk).rpm
    used = desk.state.count_requests(_FOLDER, since=now - _MINUTE)
    return Answer.of_json(
        {
            "rpm_limit": limit,
            "rpm_used": used,
            "rpm_remaining": max(limit - used, 0),
            "has_credits": desk.balance() > 0,
            "used_today": desk.state.count_requests(_FOLDER, since=now - now % _DAY),
        }
    )


def tiers(desk: Desk, _request: Request) -> Answer:
    """`GET /v1/limits/tiers`."""
    return Answer.of_json(
        {
            "object": "tier.matrix",
            "tiers": [
                {
                    "tier": number,
                    "name": f"Tier {number}",
                    "min_deposit": tier.paid,
                    "rpm": tier.rpm,
                    "audio_concurrent": tier.minimax_at_once + 1,
                    "audio_concurrent_per_provider": {
                        "elevenlabs": tier.minimax_at_once,
                        "minimax": desk.audio_at_once or tier.minimax_at_once,
                    },
                }
                for number, tier in enumerate(TIERS)
            ],
        }
    )


def catalogue(_desk: Desk, _request: Request) -> Answer:
    """`GET /v1/pricing`: no model of text here, and of media what this demo offers."""
    media = _media()
    counts = {"text_count": 0, "media_count": len(media)}
    return Answer.of_json({"object": "pricing.catalog", **counts, "text": [], "media": media})


def pricing(_desk: Desk, _request: Request) -> Answer:
    """`GET /v1/credits/pricing`: a part of the whole list. Which part is the demo's choice."""
    return Answer.of_json({"media": _media()})


def at_once(desk: Desk) -> int:
    """How many audio calls of a key may be under way; 0 for any number."""
    return _tier(desk).minimax_at_once if desk.audio_at_once is None else desk.audio_at_once


def _tier(desk: Desk) -> Tier:
    """By what was ever paid in: the balance at the start."""
    return [tier for tier in TIERS if tier.paid * MICROS <= max(desk.purse, 0)][-1]


def _media() -> list[dict[str, object]]:
    """The demo's choice: a price "per-char" is that of one character; `detail` says nothing."""
    return [
        {
            "id": model.id,
            "name": model.id.replace("-", " ").title(),
            "modality": "audio",
            "pricing_mode": "per-char" if model.work == SPEECH else "per-call",
            "usd_per_call": float(model.price / 1_000 if model.work == SPEECH else model.price),
            "detail": {},
        }
        for model in sorted(MODELS, key=lambda model: model.id)
    ]
