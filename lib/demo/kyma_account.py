"""What Kyma tells of an account: balance, prices, limits.

The bodies of prices and tiers are on no page; the shapes here are the demo's choice.
"""

from __future__ import annotations

from lib.demo.desk import MICROS, SPEECH, Desk
from lib.demo.kyma_prices import MAX_CHARS, MODELS, TIERS
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


def pricing(_desk: Desk, _request: Request) -> Answer:
    """`GET /v1/credits/pricing`: a list like the other lists, a price for each unit."""
    return Answer.of_json(
        {
            "object": "list",
            "currency": "USD",
            "data": [
                {
                    "id": model.id,
                    "provider": model.maker,
                    "type": "tts" if model.work == SPEECH else f"voice_{model.work}",
                    "unit": "1k_chars" if model.work == SPEECH else "voice",
                    "price_usd": float(model.price),
                    "max_chars": MAX_CHARS if model.work == SPEECH else None,
                }
                for model in MODELS
            ],
        }
    )


def key_limits(desk: Desk, _request: Request) -> Answer:
    """`GET /v1/auth/limits`. All keys are counted together, as they share the purse."""
    now = desk.now()
    tier = sum(paid * MICROS <= desk.purse for paid, _ in TIERS[1:])
    limit = TIERS[tier][1]
    used = desk.state.count_requests(_FOLDER, since=now - _MINUTE)
    return Answer.of_json(
        {
            "tier": tier,
            "rpm_limit": limit,
            "rpm_used": used,
            "rpm_remaining": max(limit - used, 0),
            "has_credits": desk.balance() > 0,
            "used_today": desk.state.count_requests(_FOLDER, since=now - now % _DAY),
        }
    )


def tiers(_desk: Desk, _request: Request) -> Answer:
    """`GET /v1/limits/tiers`. How much audio goes at once is stated for the lowest tier only."""
    lowest = {"minimax": 1, "total": 2}
    return Answer.of_json(
        {
            "object": "list",
            "data": [
                {
                    "tier": number,
                    "min_lifetime_purchase_usd": paid,
                    "rpm_limit": rpm,
                    "concurrent_audio": lowest if number == 0 else None,
                }
                for number, (paid, rpm) in enumerate(TIERS)
            ],
        }
    )
