"""Kyma's lists of prices: the whole one, and the partial one from before it."""

from __future__ import annotations

from decimal import Decimal

from lib.demo.desk import SPEECH, Desk
from lib.demo.kyma_prices import MAX_CHARS, MODELS, Model
from lib.demo.wire import Answer, Request


def catalogue(_desk: Desk, _request: Request) -> Answer:
    """`GET /v1/pricing`: no model of text here, and of media what this demo offers.

    The demo's choice: a price "per-char" is that of one character, and `detail` says nothing.
    """
    return Answer.of_json(
        {
            "object": "pricing.catalog",
            "text_count": 0,
            "media_count": len(MODELS),
            "text": [],
            "media": [
                {
                    "id": model.id,
                    "name": model.id.replace("-", " ").title(),
                    "modality": "audio",
                    "pricing_mode": "per-char" if model.work == SPEECH else "per-call",
                    "usd_per_call": float(_of_one(model)),
                    "detail": {},
                }
                for model in sorted(MODELS, key=lambda model: model.id)
            ],
        }
    )


def pricing(_desk: Desk, _request: Request) -> Answer:
    """`GET /v1/credits/pricing`, whose body is on no page: a list, a price for each unit."""
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


def _of_one(model: Model) -> Decimal:
    return model.price / 1_000 if model.work == SPEECH else model.price
