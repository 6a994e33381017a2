"""Kyma (docs.kymaapi.com, read on 2026-11-20; limits and prices once more on 2026-11-28)."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from lib.services import minimax
from lib.services.minimax import MINIMAX, MINIMAX_RETENTION
from lib.services.offers import MEGABYTE, AdoptOffer, Copies, Service, SpeechModel

KYMA = "kyma"
MAX_NAME = 64
"""Characters of a voice's name (audio-voice-clone, audio-voice-design)."""
MAX_TEXT = 5_000
"""Characters of a text that is spoken (audio-speech)."""

KYMA_CLONE_RETENTION = replace(
    MINIMAX_RETENTION,
    who="MiniMax voices cloned through Kyma",
    expires="Kyma names no expiry. The MiniMax voice behind it is deleted by MiniMax.",
    source="docs.kymaapi.com, audio-voice-clone (silent), and MiniMax, Voice cloning intro",
    documented=False,
)
_DESIGN_RETENTION = replace(
    KYMA_CLONE_RETENTION,
    who="MiniMax voices designed through Kyma",
    starts="When the design was ordered (we count from sending the order).",
    stops="One real speech with exactly this voice. A designed voice cannot be made again.",
    source="docs.kymaapi.com, audio-voice-design (silent), and MiniMax, Voice design intro",
)
_CLONE = replace(
    minimax.clone_offer(KYMA, "docs.kymaapi.com, audio-voice-clone", KYMA_CLONE_RETENTION),
    gives="A studio-quality voice that belongs to your Kyma account.",
    kept_by=(
        "Kyma names no expiry, but MiniMax behind it deletes a voice that is not used within 7 "
        "days. Voicekeep uses it once for you."
    ),
    price=Decimal("2.10"), max_bytes=10 * MEGABYTE, direct_bytes=10 * MEGABYTE,
    activation_model="minimax-speech-hd", models=("minimax-voice-clone",),
    id_rule=None, id_rule_words="", preview_text_max=0, has_audio_options=False,
)  # fmt: skip
_SPEECH_PRICES = {"HD": Decimal("0.10"), "Turbo": Decimal("0.06")}
"""Dollars for 1,000 characters, where Kyma's own list tells none that can be read. No page of
Kyma's names them (read on 2026-11-28): they are what third parties ask for the same models of
MiniMax (read on 2026-11-20)."""
_SPEECH = tuple(
    SpeechModel(
        id=f"minimax-speech-{name.lower()}", title=f"MiniMax Speech {name}", kinds=(MINIMAX,),
        max_chars=MAX_TEXT, per_1000_chars=price, documented=False,
    )
    for name, price in _SPEECH_PRICES.items()
)  # fmt: skip
ADOPT = AdoptOffer(
    MINIMAX,
    re.compile(r"kyma_[0-9a-f]{16}"),
    "A Kyma ID is kyma_ and 16 digits or letters from a to f.",
    prefix="kyma_",
)

SERVICE = Service(
    id=KYMA,
    title="Kyma",
    base_url="https://kymaapi.com/v1",
    key_setting="KYMA_API_KEY",
    base_url_setting="KYMA_BASE_URL",
    client="lib.providers.kyma:Kyma",
    key_prefixes=("ky-", "kyma-"),
    also_called=("kymaapi",),
    clones=(_CLONE,),
    designs=(
        minimax.design_offer(KYMA, "docs.kymaapi.com, audio-voice-design", _DESIGN_RETENTION),
    ),
    speech=_SPEECH,
    requests_per_second=0.5,  # documented: 30 a minute for an account that paid nothing
    adopts=(ADOPT,),
    copies=Copies(
        who="Kyma",
        keeps="It does not say how long it keeps recordings or voices, which it makes with "
        "MiniMax. A voice can be used without limit, but only by the account that made it.",
        ends="No way to delete a voice is documented: ask its support.",
        source="docs.kymaapi.com, audio-voice-clone",
    ),
    at_once=1,  # documented: one MiniMax call at a time for such an account
)
