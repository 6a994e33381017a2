"""When a sound is too short for its text: by its speed, by where its model stops, part or whole."""

from __future__ import annotations

from typing import Any

import pytest

from lib.models import Take
from lib.services import KINDS, MINIMAX, QWEN
from lib.splitting import expected_seconds
from lib.studio.jobs import long_texts
from tests.parts.clock import START

LIMIT = KINDS[QWEN].sound_seconds
"""Seconds after which Qwen's model stops, in the middle of a word if need be."""


def take(text_seconds: float, seconds: float, **settings: Any) -> Take:
    """A sound of this length, of a text that takes so long at an ordinary pace."""
    text = "a" * round(text_seconds / expected_seconds("a"))
    return Take("take", "voice", text, "model", START, settings=settings, seconds=seconds)


@pytest.mark.parametrize(
    ("said", "kind", "is_cut"),
    [
        (take(60, 10), MINIMAX, True),
        (take(60, 50), MINIMAX, False),
        (take(60, 25), MINIMAX, True),
        (take(60, 25, speed=2.0), MINIMAX, False),
        (take(60, 45, speed=0.5), MINIMAX, True),
        (take(60, 25, speed="fast"), MINIMAX, True),
        (take(1, 0.1), MINIMAX, False),
    ],
)
def test_a_sound_is_cut_where_less_than_half_of_its_text_can_be_in_it(
    said: Take, kind: str, *, is_cut: bool
) -> None:
    assert long_texts.sounds_cut(said, kind) is is_cut


def test_a_part_that_ends_where_its_model_stops_is_cut_though_most_of_it_is_there() -> None:
    part = take(LIMIT * 0.7, LIMIT)
    assert long_texts.sounds_cut(part, QWEN)
    assert not long_texts.sounds_cut(part, MINIMAX)
    assert not long_texts.sounds_cut(take(LIMIT * 0.7, LIMIT - 2), QWEN)


def test_joined_parts_may_end_there_by_chance() -> None:
    whole = take(LIMIT * 0.8, LIMIT)
    assert not long_texts.sounds_cut(whole, QWEN)
    assert long_texts.sounds_cut(take(LIMIT * 3, LIMIT), QWEN)
