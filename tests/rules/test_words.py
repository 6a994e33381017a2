"""How times and orders read on screen."""

from __future__ import annotations

import pytest

from lib.models import JobKind
from lib.ui import words
from tests.registry.records import a_voice


def test_every_kind_of_order_has_its_word_and_says_what_it_is_about() -> None:
    assert words.WORK.keys() == set(JobKind)
    assert words.subject(JobKind.CLONE, a_voice(name="Grace")) == "Grace"
    assert words.subject(JobKind.SPEECH, None) == "A voice that is gone"
    assert words.subject(JobKind.TRANSCRIPT, None) == "A recording"


@pytest.mark.parametrize(
    ("number", "told"),
    [(168, "7 days"), (24, "1 day"), (36, "36 hours"), (1, "1 hour"), (169, "169 hours")],
)
def test_the_time_of_a_rule_is_told_in_days_where_it_has_whole_ones(number: int, told: str) -> None:
    assert words.hours(number) == told


@pytest.mark.parametrize(
    ("length", "told"),
    [(1.94, "1.9 s"), (59.94, "59.9 s"), (59.96, "1 min 0 s"), (119.7, "2 min 0 s"),
     (356.83, "5 min 57 s")],
)  # fmt: skip
def test_the_length_of_a_sound_is_rounded_to_what_is_told(length: float, told: str) -> None:
    assert words.seconds(length) == told
