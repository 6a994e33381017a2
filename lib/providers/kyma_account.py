"""What Kyma tells of a key's limits and of its voices, as far as that can be believed.

`GET /v1/auth/limits` names the requests a minute that the key may make (docs.kymaapi.com,
rate-limits and error-handling: two shapes, both with `rpm_limit`), `GET /v1/limits/tiers` what
each tier allows (api-reference/limits-tiers: `tiers[]` with `rpm` and
`audio_concurrent_per_provider`), `GET /v1/audio/voices` a catalogue of over 3,000 voices
(api-reference/audio-voices). Read on 2026-11-28.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lib.json_reading import object_of, rows, short_text, whole
from lib.providers.base import ListedVoice
from lib.services import MINIMAX

MOST_AT_ONCE = 50
"""More under way for one key is a misunderstanding."""
MOST_TIERS = 50
MOST_VOICES = 20_000


def at_once_in(limits: Mapping[str, object], tiers: Mapping[str, object]) -> int | None:
    """How many calls to MiniMax a key may have under way; None where that is not told.

    The tier is told by its requests a minute alone. Of two tiers alike the stricter counts.
    """
    rate = whole(limits.get("rpm_limit"))
    if not rate:
        return None
    stated = [
        whole(object_of(tier.get("audio_concurrent_per_provider")).get(MINIMAX))
        for tier in rows(tiers.get("tiers"), MOST_TIERS)
        if whole(tier.get("rpm")) == rate
    ]
    return min((number for number in stated if 0 < number <= MOST_AT_ONCE), default=None)


def voices_in(body: Mapping[str, object]) -> Iterator[ListedVoice]:
    """The voices of the catalogue; what has no usable ID is passed over."""
    for item in rows(body.get("data"), MOST_VOICES):
        if voice_id := short_text(item.get("voice_id")):
            yield ListedVoice(voice_id, short_text(item.get("name")))
