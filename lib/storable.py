"""What every database and every manifest can hold, made of whatever a stranger sent. Pure.

PostgreSQL takes no NUL, nothing takes half of a surrogate pair, and JSON has no endless numbers:
what one store refuses is taken out before any of them sees it, so that all hold the same.
"""

from __future__ import annotations

import math

JOINERS = "\u200c\u200d"
"""Not seen by themselves: Persian and Hindi are written with them, and they hold emoji together."""
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


def is_seen(raw: str) -> bool:
    """Whether every sign of this text is one that readers see, or a joiner of such."""
    return raw.isprintable() or raw.translate(dict.fromkeys(map(ord, JOINERS))).isprintable()


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
