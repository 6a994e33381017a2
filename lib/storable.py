"""What every database and every manifest can hold, made of whatever a stranger sent. Pure.

PostgreSQL takes no NUL, nothing takes half of a surrogate pair, and JSON has no endless numbers:
what one store refuses is taken out before any of them sees it, so that all hold the same.
"""

from __future__ import annotations

import math
from typing import TypeAlias

JsonObject: TypeAlias = dict[str, object]
"""A JSON object whose values nobody has vouched for: each is checked where it is read."""

MAX_TEXT = 100_000
"""Characters: more than the longest text that is spoken."""
MAX_DEPTH = 20
_MAX_BITS = 1_000
"""Of a whole number: a longer one cannot be read back."""


def text(raw: str, longest: int = MAX_TEXT) -> str:
    """A text that can be stored and read back; cut where it is too long."""
    if "\0" in raw:
        raw = raw.replace("\0", "")
    if not raw.isascii():
        raw = raw.encode(errors="replace").decode()
    return raw[:longest]


def json_value(raw: object, depth: int = MAX_DEPTH) -> object:
    """Any JSON that can be stored and read back; what lies too deep is left out."""
    if isinstance(raw, str):
        return text(raw, len(raw))
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else None
    if isinstance(raw, int):
        return raw if raw.bit_length() <= _MAX_BITS else None
    if isinstance(raw, dict):
        if depth <= 1:
            return {}
        return {text(str(name)): json_value(item, depth - 1) for name, item in raw.items()}
    if isinstance(raw, (list, tuple)):
        return [json_value(item, depth - 1) for item in raw] if depth > 1 else []
    return raw


def object_of(value: object) -> JsonObject:
    """The value, if it is a JSON object; else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[object]:
    """The value, if it is a list; else an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: object) -> str:
    """The value, if it is a text; else an empty one."""
    return value if isinstance(value, str) else ""


def number_of(value: object, default: float = 0) -> float:
    """The value, if it is a number; else the default. True and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return float(value)
