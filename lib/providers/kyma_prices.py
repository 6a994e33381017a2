"""What MiniMax speech costs at Kyma, by its price lists.

`GET /v1/pricing` is documented (docs.kymaapi.com, api-reference/pricing-catalog, read on
2026-11-28): `media[]` with `id`, `pricing_mode` and `usd_per_call`, the price of one unit of that
mode. `GET /v1/credits/pricing` is a part of it (changelog of 2026-05-17). What the unit of
"per-char" is, is not said: one character or a thousand. So such a price is a guess and never
called documented. Where a list has another shape, the table in `lib/services/kyma.py` holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from lib.json_reading import number, rows, short_text
from lib.services import SERVICES, SpeechModel

MOST_ROWS = 5_000
DEAREST = Decimal(10)
"""Dollars for 1,000 characters; more is a misunderstanding."""
_MODEL = re.compile(r"minimax-speech-[a-z0-9][a-z0-9.-]{0,60}")


def models_in(body: Mapping[str, object], service: str) -> tuple[SpeechModel, ...]:
    """The MiniMax models of a price list, the shipped ones first; none where it names no price.

    Of two prices for one model the dearer counts.
    """
    prices: dict[str, Decimal] = {}
    for row in rows(body.get("media"), MOST_ROWS):
        name, price = short_text(row.get("id")), _per_1000_chars(row)
        if price is not None and _MODEL.fullmatch(name):
            prices[name] = max(price, prices.get(name, price))
    shipped = SERVICES[service].speech
    known = {model.id: model for model in shipped}
    others = sorted(prices.keys() - known.keys())
    known |= {name: replace(shipped[0], id=name, title=_title(name)) for name in others}
    return tuple(
        replace(model, per_1000_chars=prices[name], documented=False)
        for name, model in known.items()
        if name in prices
    )


def _per_1000_chars(row: Mapping[str, object]) -> Decimal | None:
    """Dollars for 1,000 characters: of the two readings of a price "per-char" the dearer one that
    can be.
    """
    stated = number(row.get("usd_per_call")) if row.get("pricing_mode") == "per-char" else None
    if stated is None or not 0 < stated <= DEAREST:
        return None
    return stated * 1_000 if stated * 1_000 <= DEAREST else stated


def _title(name: str) -> str:
    return "MiniMax Speech " + name.removeprefix("minimax-speech-").replace("-", " ")
