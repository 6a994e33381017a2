"""How long voices live, by service, kind and way of making: what is published, and by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from lib.services.names import (
    COPY,
    DEMO,
    DESIGNED,
    INWORLD,
    KYMA,
    MINIMAX,
    NANOGPT,
    NONE,
    QWEN,
    USE,
)
from lib.services.offers import Retention

MINIMAX_RETENTION = Retention(
    who="MiniMax voices through NanoGPT",
    stopped_by=USE,
    hours=168,
    expires="The voice itself is deleted by MiniMax.",
    starts="When the clone was ordered (we count from sending the order).",
    stops="One real speech with exactly this voice. The preview does not count.",
    source="docs.nano-gpt.com, Voice Cloning, section on retention",
    checked_on=date(2026, 11, 20),
)
QWEN_RETENTION = Retention(
    who="Qwen voices through NanoGPT",
    stopped_by=COPY,
    hours=168,
    expires="The service may remove the voice file at any time after this.",
    starts="When the clone was ordered (we count from sending the order).",
    stops="Only your own copy of the file: with it the voice speaks for good.",
    source="docs.nano-gpt.com, Voice Cloning, and fal.ai, FAQ on file retention",
    checked_on=date(2026, 11, 20),
)
KYMA_CLONE_RETENTION = replace(
    MINIMAX_RETENTION,
    who="MiniMax voices cloned through Kyma",
    expires="Kyma says nothing of an end. The MiniMax voice beneath it is deleted by MiniMax.",
    source="docs.kymaapi.com, audio-voice-clone (silent), and MiniMax, Voice cloning intro",
    documented=False,
)
KYMA_DESIGN_RETENTION = replace(
    KYMA_CLONE_RETENTION,
    who="MiniMax voices designed through Kyma",
    starts="When the design was ordered (we count from sending the order).",
    stops="One real speech with exactly this voice. A designed voice cannot be made again.",
    source="docs.kymaapi.com, audio-voice-design (silent), and MiniMax, Voice design intro",
)
INWORLD_RETENTION = Retention(
    who="Inworld voices",
    stopped_by=NONE,
    hours=None,
    expires="Nothing is published about an end. They stay until somebody deletes them.",
    starts="There is no clock.",
    stops="Nothing is needed.",
    source="docs.nano-gpt.com, Voice Cloning, and docs.inworld.ai, delete-voice",
    checked_on=date(2026, 11, 20),
)
DEMO_MINIMAX_RETENTION = replace(
    MINIMAX_RETENTION,
    who="MiniMax voices of the demo",
    expires="The demo deletes the voice, as the real service would.",
    source="The demo plays by the rules of the real service.",
)
DEMO_QWEN_RETENTION = replace(
    QWEN_RETENTION,
    who="Qwen voices of the demo",
    expires="The demo removes the voice file some time after this.",
    source="The demo plays by the rules of the real service.",
)
_RETENTIONS: dict[tuple[str, str, str], Retention] = {
    (NANOGPT, MINIMAX, ""): MINIMAX_RETENTION,
    (NANOGPT, QWEN, ""): QWEN_RETENTION,
    (KYMA, MINIMAX, ""): KYMA_CLONE_RETENTION,
    (KYMA, MINIMAX, DESIGNED): KYMA_DESIGN_RETENTION,
    (DEMO, MINIMAX, ""): DEMO_MINIMAX_RETENTION,
    (DEMO, QWEN, ""): DEMO_QWEN_RETENTION,
}
RETENTION_RULES: tuple[Retention, ...] = (*_RETENTIONS.values(), INWORLD_RETENTION)
"""All rules, as a page shows them."""


def retention_of(service: str, kind: str, source: str = "") -> Retention:
    """The retention rule for a voice of this kind, made in this way through this service.

    A voice of a service that is not known here lives by the strictest rule of its kind.
    """
    if kind == INWORLD:
        return INWORLD_RETENTION
    strictest = QWEN_RETENTION if kind == QWEN else MINIMAX_RETENTION
    exactly = _RETENTIONS.get((service, kind, source))
    return exactly or _RETENTIONS.get((service, kind, ""), strictest)
