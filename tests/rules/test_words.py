"""How times read on screen."""

from __future__ import annotations

import pytest

from lib.ui import words


@pytest.mark.parametrize(
    ("number", "told"),
    [(168, "7 days"), (24, "1 day"), (36, "36 hours"), (1, "1 hour"), (169, "169 hours")],
)
def test_the_time_of_a_rule_is_told_in_days_where_it_has_whole_ones(number: int, told: str) -> None:
    assert words.hours(number) == told
