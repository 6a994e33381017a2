"""What services and kinds of voices are called: in records, in settings, and on screen."""

from __future__ import annotations

import re

NANOGPT = "nanogpt"
KYMA = "kyma"
DEMO = "demo"

MINIMAX = "minimax"
QWEN = "qwen"
INWORLD = "inworld"
KIND_TITLES = {MINIMAX: "MiniMax", QWEN: "Qwen", INWORLD: "Inworld"}

DESIGNED = "designed"

USE = "use"
"""Retention that a single real use stops."""
COPY = "copy"
"""Retention of a file: only an own copy helps."""
NONE = "none"
"""No limit published."""

_MODEL_FAMILIES = (
    (re.compile(r"minimax-speech", re.IGNORECASE), MINIMAX),
    (re.compile(r"qwen-?3-?tts", re.IGNORECASE), QWEN),
    (re.compile(r"inworld", re.IGNORECASE), INWORLD),
)
"""Which kind of voices a model speaks follows from its name (docs.nano-gpt.com, TTS)."""


def kind_of_model(name: str) -> str:
    """The kind of voices that a model of this name speaks, or "" for none of ours."""
    return next((kind for family, kind in _MODEL_FAMILIES if family.match(name)), "")
