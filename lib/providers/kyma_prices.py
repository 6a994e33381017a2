"""Kyma's price list: what MiniMax speech costs there, as far as that can be believed.

`GET /v1/pricing` is documented (api-reference/pricing-catalog, 2026-11-28): `media[]` with `id`,
`pricing_mode` and `usd_per_call`, the price of one unit of that mode. What the unit of "per-char"
is, is not said: one character or a thousand. `GET /v1/credits/pricing` is documented, its body is
not. So a model is looked for wherever it may stand, and its price counts as documented only where
the unit is said as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from lib.providers.http import money
from lib.services import SERVICES, SpeechModel

MOST_NODES = 5_000
MOST_DEPTH = 8
DEAREST = Decimal(10)
"""Dollars for 1,000 characters; more is a misunderstanding."""
NAMED_BY = ("id", "model", "model_id", "name")

_MODEL = re.compile(r"minimax-speech-[a-z0-9][a-z0-9.-]{0,60}")
_UNIT = re.compile(r"(1k|1000|thousand|1m|1000000|million)(?:chars?|characters?)")


def models_in(body: dict[str, Any], service: str) -> tuple[SpeechModel, ...]:
    """The MiniMax models with a price, the shipped ones first; none where no price is told.

    Of two prices for one model the dearer counts.
    """
    told: dict[str, Decimal] = {}
    guessed: dict[str, Decimal] = {}
    for name, item in _models(body):
        for prices, price in ((told, _price(item)), (guessed, _price_of_unit(item))):
            if price is not None:
                prices[name] = max(price, prices.get(name, price))
    prices = guessed | told
    shipped = SERVICES[service].speech
    known = {model.id: model for model in shipped}
    names = [name for name in known if name in prices]
    names += sorted(prices.keys() - known.keys())
    return tuple(
        replace(
            known.get(name) or replace(shipped[0], id=name, title=_title(name)),
            per_1000_chars=prices[name],
            documented=name in told,
        )
        for name in names
    )


def _models(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything in the list that is about a MiniMax model, with the name of that model."""
    nodes: list[tuple[Any, str, int]] = [(body, "", 0)]
    for _ in range(MOST_NODES):
        if not nodes:
            return
        node, key, depth = nodes.pop()
        if isinstance(node, dict):
            told = next((node[name] for name in NAMED_BY if _is_model(node.get(name))), key)
            if _is_model(told):
                yield told, node
        if depth < MOST_DEPTH and isinstance(node, (dict, list)):
            inner = node.items() if isinstance(node, dict) else (("", item) for item in node)
            nodes += [(item, name, depth + 1) for name, item in inner]


def _is_model(name: object) -> bool:
    return isinstance(name, str) and _MODEL.fullmatch(name) is not None


def _price(item: dict[str, Any]) -> Decimal | None:
    """Dollars for 1,000 characters, where amount and unit are both told."""
    for part in (item, item.get("pricing"), item.get("price")):
        if not isinstance(part, dict):
            continue
        units = [str(part[name]) for name in ("unit", "per", "billing_unit") if name in part]
        for name, value in part.items():
            told = name if "per" in name else " ".join(units) if _is_amount(name) else ""
            unit = _unit(told)
            amount = money(value)
            if unit and amount and 0 < (price := amount.dollars / unit) <= DEAREST:
                return price
    return None


def _price_of_unit(item: dict[str, Any]) -> Decimal | None:
    """Dollars for 1,000 characters by a price "per-char": the dearer reading that can be."""
    amount = money(item.get("usd_per_call")) if item.get("pricing_mode") == "per-char" else None
    if amount is None or amount.dollars <= 0:
        return None
    by_letter = amount.dollars * 1_000
    price = by_letter if by_letter <= DEAREST else amount.dollars
    return price if price <= DEAREST else None


def _is_amount(name: str) -> bool:
    return any(word in name.lower() for word in ("price", "usd", "cost", "amount"))


def _unit(text: str) -> int:
    """How many thousands of characters a price is for; 0 where that is not told."""
    found = _UNIT.search(re.sub(r"[^a-z0-9]", "", text[:100].lower()))
    if found is None:
        return 0
    return 1 if found[1] in ("1k", "1000", "thousand") else 1_000


def _title(name: str) -> str:
    return "MiniMax Speech " + name.removeprefix("minimax-speech-").replace("-", " ")
