"""Acme, a made-up service that sells MiniMax voices: its data, as `lib/services/` holds others'."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from lib.services import MINIMAX, AdoptOffer, Service, SpeechModel, minimax

ACME = "acme"
SOURCE = "docs.acme.example, voices"
RETENTION = replace(
    minimax.MINIMAX_RETENTION,
    who="MiniMax voices of Acme",
    hours=72,
    source=SOURCE,
    checked_on=date(2026, 11, 28),
)

SERVICE = Service(
    id=ACME,
    title="Acme",
    base_url="https://api.acme.example/v2",
    key_setting="ACME_API_KEY",
    base_url_setting="ACME_BASE_URL",
    client="tests.studio.acme_client:Acme",
    key_header=("X-Acme-Key", "{}"),
    key_prefixes=("acme_live_",),
    also_called=("acme voices",),
    clones=(
        replace(
            minimax.clone_offer(ACME, SOURCE, RETENTION),
            price=Decimal("1.50"),
            activation_model="acme-speech",
            models=("acme-clone",),
            id_rule=None,
            preview_text_max=0,
            has_audio_options=False,
        ),
    ),
    speech=(
        SpeechModel("acme-speech", "Acme speech", (MINIMAX,), max_chars=1_000,
                    per_1000_chars=Decimal("0.20")),
    ),
    requests_per_second=50,
    adopts=(
        AdoptOffer(MINIMAX, re.compile(r"acme-[0-9a-f]{8}"),
                   "IDs of Acme are acme- and 8 more digits or letters a to f.", prefix="acme-"),
    ),
)  # fmt: skip
