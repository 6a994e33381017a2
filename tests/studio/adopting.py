"""Voices that exist already, adopted from a list as a person pastes it."""

from __future__ import annotations

from collections.abc import Callable

from lib.services import MINIMAX, NANOGPT
from lib.studio.adoption import adopting
from lib.studio.adoption.adopting import AdoptionPlan
from lib.studio.adoption.ids import VoiceType
from lib.studio.adoption.lists import read
from lib.studio.core.context import Context
from tests.parts.persons import ADA

MINE = VoiceType(NANOGPT, MINIMAX)
KNOWN = "marlow6c2v9t5k"
"""An ID that the service knows."""


def planned(
    context: Context, text: str, *, test: bool = True, voice_type: VoiceType = MINE
) -> AdoptionPlan:
    return adopting.plan(context, read(text), voice_type, test=test)


def adopted(
    context: Context, text: str, *, test: bool = True, voice_type: VoiceType = MINE
) -> list[str]:
    """The ids of the voices that came of this list."""
    return list(agreed(context, lambda: planned(context, text, test=test, voice_type=voice_type)))


def agreed(context: Context, make: Callable[[], AdoptionPlan]) -> tuple[str, ...]:
    result = adopting.adopt(context, make, speaker="Grace", consent=True, person=ADA)
    assert not result.refused
    return result.done
