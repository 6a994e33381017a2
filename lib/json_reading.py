"""Reading JSON that others wrote, without trusting it.

Each helper takes whatever stands at a place and returns it in the type that is expected there; what
has another type, or is out of bounds, counts as if it were missing.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from lib.storable import is_seen

JsonObject: TypeAlias = dict[str, object]
"""A JSON object whose values nobody has vouched for: each is checked where it is read."""

MAX_TEXT = 200
"""Characters of an ID or a name."""


def json_object(body: bytes) -> JsonObject | None:
    """A JSON object, its fractions as exact Decimals; None where the bytes hold anything else."""
    try:
        found = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError, InvalidOperation):
        return None
    return found if isinstance(found, dict) else None


def object_of(value: object) -> JsonObject:
    """The value, if it is a JSON object; else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[object]:
    """The value, if it is a list; else an empty one."""
    return value if isinstance(value, list) else []


def rows(value: object, most: int) -> list[JsonObject]:
    """The objects of a JSON list, of its first `most` items; [] where it is no list."""
    listed = value[:most] if isinstance(value, list) else []
    return [item for item in listed if isinstance(item, dict)]


def short_text(value: object, longest: int = MAX_TEXT) -> str:
    """A printable text of at most `longest` characters, without blanks around it; else ""."""
    if not isinstance(value, str) or not is_seen(value) or len(value) > longest:
        return ""
    return value.strip()


def text_of(value: object) -> str:
    """The value, if it is a text; else an empty one."""
    return value if isinstance(value, str) else ""


def whole(value: object) -> int:
    """A whole number above 0; 0 for anything else. True is no number."""
    return value if type(value) is int and value > 0 else 0


def number(value: object) -> Decimal | None:
    """A finite number, from a JSON number or its text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        found = Decimal(str(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def number_of(value: object, default: float = 0) -> float:
    """The value, if it is a number; else the default. True and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return float(value)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
