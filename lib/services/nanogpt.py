"""NanoGPT (docs.nano-gpt.com, read on 2026-11-20)."""

from __future__ import annotations

import re

from lib.services import minimax, qwen
from lib.services.names import INWORLD, NANOGPT
from lib.services.offers import AdoptOffer, Service

CLONE_PAGE = "docs.nano-gpt.com, Voice Cloning"
INWORLD_ADOPT = AdoptOffer(
    INWORLD,
    re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{1,199}"),
    "This is no ID of an Inworld voice.",
)

SERVICE = Service(
    id=NANOGPT,
    title="NanoGPT",
    base_url="https://nano-gpt.com/api",
    key_setting="NANOGPT_API_KEY",
    base_url_setting="NANOGPT_BASE_URL",
    cookie_setting="NANOGPT_SESSION_COOKIE",
    clones=(minimax.clone_offer(NANOGPT, CLONE_PAGE), qwen.clone_offer(NANOGPT, CLONE_PAGE)),
    speech=(*minimax.SPEECH, qwen.SPEECH),
    requests_per_second=10,  # documented: 25 a second; scope not stated
    adopts=(minimax.ADOPT, qwen.ADOPT, INWORLD_ADOPT),
)
