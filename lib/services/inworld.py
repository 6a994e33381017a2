"""Inworld voices, which are spoken with and brought by their ID, and made elsewhere."""

from __future__ import annotations

import re
from datetime import date

from lib.models import VoiceKind
from lib.services.offers import NONE, AdoptOffer, Copies, Kind, Markup, Retention

INWORLD = VoiceKind.INWORLD
KIND = Kind(
    INWORLD,
    title="Inworld",
    models=re.compile(r"inworld", re.IGNORECASE),  # docs.nano-gpt.com, TTS
    retention=Retention(
        who="Inworld voices",
        stopped_by=NONE,
        hours=None,
        expires="No expiry is published. They stay until somebody deletes them.",
        starts="There is no clock.",
        stops="Nothing is needed.",
        source="docs.nano-gpt.com, Voice Cloning, and docs.inworld.ai, delete-voice",
        checked_on=date(2026, 11, 20),
    ),
    # docs.inworld.ai, TTS: pause controls, audio markups, best practices; read on 2026-11-29
    markup=(Markup.BREAK, Markup.CUE, Markup.STRESS),
    copies=Copies(
        who="Inworld",
        keeps="Voices stay until somebody deletes them. Its Zero Data Retention mode does not "
        "apply to the audio samples of voice cloning.",
        ends="The owner of the workspace can delete a voice.",
        source="docs.nano-gpt.com, Voice Cloning, and docs.inworld.ai, zero-data-retention",
    ),
)
ADOPT = AdoptOffer(
    INWORLD,
    re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{1,199}"),
    "This is not the ID of an Inworld voice.",
)
