"""Kyma's lists of prices: the whole one, and the partial one from before it."""

from __future__ import annotations

from lib.demo.desk import SPEECH, Desk
from lib.demo.kyma_prices import MODELS
from lib.demo.wire import Answer, Request


def catalogue(_desk: Desk, _request: Request) -> Answer:
    """`GET /v1/pricing`: no model of text here, and of media what this demo offers."""
    media = _media()
    counts = {"text_count": 0, "media_count": len(media)}
    return Answer.of_json({"object": "pricing.catalog", **counts, "text": [], "media": media})


def pricing(_desk: Desk, _request: Request) -> Answer:
    """`GET /v1/credits/pricing`: a part of the whole list. Which part is the demo's choice."""
    return Answer.of_json({"media": _media()})


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
