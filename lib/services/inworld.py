"""Inworld voices, which are spoken with and brought by their ID, and made elsewhere."""

from __future__ import annotations

import re
from datetime import date

from lib.models import VoiceKind
from lib.services.offers import NONE, AdoptOffer, Kind, Retention

INWORLD = VoiceKind.INWORLD
KIND = Kind(
    INWORLD,
    title="Inworld",
    models=re.compile(r"inworld", re.IGNORECASE),  # docs.nano-gpt.com, TTS
    retention=Retention(
        who="Inworld voices",
        stopped_by=NONE,
        hours=None,
        expires="Nothing is published about an end. They stay until somebody deletes them.",
        starts="There is no clock.",
        stops="Nothing is needed.",
        source="docs.nano-gpt.com, Voice Cloning, and docs.inworld.ai, delete-voice",
        checked_on=date(2026, 11, 20),
    ),
)
ADOPT = AdoptOffer(
    INWORLD,
    re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{1,199}"),
    "This is no ID of an Inworld voice.",
)
