"""Kyma (docs.kymaapi.com, read on 2026-11-20; limits and prices once more on 2026-11-28)."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from lib.services import minimax
from lib.services.names import KYMA, MINIMAX
from lib.services.offers import MEGABYTE, AdoptOffer, Service

MAX_NAME = 64
"""Characters of a voice's name (audio-voice-clone, audio-voice-design)."""
MAX_TEXT = 5_000
"""Characters of a text that is spoken (audio-speech)."""

_CLONE = replace(
    minimax.clone_offer(KYMA, "docs.kymaapi.com, audio-voice-clone"),
    gives="A voice in studio quality that belongs to your Kyma account.",
    kept_by=(
        "Kyma names no end. MiniMax, beneath it, deletes a voice that says nothing within 7 days: "
        "Voicekeep speaks with it once for you."
    ),
    price=Decimal("2.10"), max_bytes=10 * MEGABYTE, direct_bytes=10 * MEGABYTE,
    activation_model="minimax-speech-hd", models=("minimax-voice-clone",),
    id_rule=None, id_rule_words="", preview_text_max=0, has_audio_options=False,
)  # fmt: skip
_SPEECH = tuple(  # no price on a page: that of the same MiniMax models elsewhere
    replace(like, id=f"minimax-speech-{name.lower()}", title=f"MiniMax Speech {name}",
            max_chars=MAX_TEXT, min_speed=1.0, max_speed=1.0)
    for name, like in (("HD", minimax.SPEECH[0]), ("Turbo", minimax.SPEECH[2]))
)  # fmt: skip
ADOPT = AdoptOffer(
    MINIMAX,
    re.compile(r"kyma_[0-9a-f]{16}"),
    "IDs of Kyma are kyma_ and 16 more digits or letters a to f.",
    prefix="kyma_",
)

SERVICE = Service(
    id=KYMA,
    title="Kyma",
    base_url="https://kymaapi.com/v1",
    key_setting="KYMA_API_KEY",
    base_url_setting="KYMA_BASE_URL",
    clones=(_CLONE,),
    designs=(minimax.design_offer(KYMA, "docs.kymaapi.com, audio-voice-design"),),
    speech=_SPEECH,
    requests_per_second=0.5,  # documented: 30 a minute for an account that paid nothing
    adopts=(ADOPT,),
    at_once=1,  # documented: one MiniMax call at a time for such an account
)
