"""What Kyma tells of a key's limits and of its voices, as far as that can be believed.

`GET /v1/auth/limits` names the requests a minute that the key may make (docs.kymaapi.com,
rate-limits and error-handling: two shapes, both with `rpm_limit`), `GET /v1/limits/tiers` what
each tier allows (api-reference/limits-tiers: `tiers[]` with `rpm` and
`audio_concurrent_per_provider`), `GET /v1/audio/voices` a catalogue of over 3,000 voices
(api-reference/audio-voices). Read on 2026-11-28.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.providers.base import ListedVoice
from lib.services import MINIMAX

MOST_AT_ONCE = 50
"""More under way for one key is a misunderstanding."""
MOST_TIERS = 50
MOST_VOICES = 20_000
MAX_TEXT = 200


def at_once_in(limits: dict[str, Any], tiers: dict[str, Any]) -> int | None:
    """How many calls to MiniMax a key may have under way; None where that is not told.

    The tier is told by its requests a minute alone. Of two tiers alike the stricter counts.
    """
    rate, listed = _count(limits.get("rpm_limit")), tiers.get("tiers")
    if rate is None or not isinstance(listed, list):
        return None
    allowed = [
        _count(tier["audio_concurrent_per_provider"].get(MINIMAX))
        for tier in listed[:MOST_TIERS]
        if isinstance(tier, dict)
        and _count(tier.get("rpm")) == rate
        and isinstance(tier.get("audio_concurrent_per_provider"), dict)
    ]
    told = [number for number in allowed if number is not None and number <= MOST_AT_ONCE]
    return min(told, default=None)


def voices_in(body: dict[str, Any]) -> Iterator[ListedVoice]:
    """The voices of the catalogue; what has no usable ID is passed over."""
    listed = body.get("data")
    for item in listed[:MOST_VOICES] if isinstance(listed, list) else ():
        if isinstance(item, dict) and (name := _text(item.get("voice_id"))):
            yield ListedVoice(name, _text(item.get("name")))


def _count(value: object) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and isinstance(value, int) and value > 0 else None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value) > MAX_TEXT:
        return ""
    return value.strip()
