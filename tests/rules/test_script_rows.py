"""A table of lines says in which order they are to stand, and which of them were there before."""

from __future__ import annotations

from typing import Any

import pytest

from lib.scripts import NARRATOR
from lib.ui.scripts.rows import LINE, NAME, NUMBER, PAUSE, Row, in_order

Table = dict[int, dict[str, Any]]


def table(*texts: str) -> Table:
    """These lines, as they are drawn."""
    return {place: cells(text, number=place + 1) for place, text in enumerate(texts)}


def cells(text: str, *, number: float | None = None, name: str = "Ann") -> dict[str, Any]:
    return {NUMBER: number, NAME: name, LINE: text, PAUSE: None}


def order(shown: Table, count: int = 4) -> str:
    return "".join(row.text for row in in_order(shown, count))


@pytest.mark.parametrize(
    ("place", "number", "then"),
    [(3, 2, "adbc"), (0, 3, "bcad"), (3, 1, "dabc"), (0, 9, "bcda"), (1, 2, "abcd")],
)
def test_a_line_goes_to_the_place_of_the_number_it_is_given(
    place: int, number: int, then: str
) -> None:
    shown = table(*"abcd")
    shown[place][NUMBER] = number
    assert order(shown) == then


def test_a_new_line_comes_last_or_before_the_line_of_its_number() -> None:
    shown = table(*"abcd") | {4: cells("e"), 5: cells("f", number=2)}
    assert order(shown) == "afbcde"
    new = [row for row in in_order(shown, 4) if row.place is None]
    assert [row.text for row in new] == ["f", "e"]


def test_what_is_left_of_the_lines_knows_which_it_was() -> None:
    shown = table(*"abcd")
    del shown[1]
    shown[2][LINE] = "  other words "
    assert in_order(shown, 4)[1] == Row("Ann", "other words", None, place=2)


def test_empty_rows_are_none_and_a_row_without_a_name_goes_on_with_the_speaker() -> None:
    shown = {
        0: cells("a", name=" "),
        1: cells("b", name="Bob"),
        2: cells(" ", name=""),
        3: {NUMBER: float("nan"), NAME: None, LINE: "c", PAUSE: 1.5},
    }
    rows = in_order(shown, 0)
    assert [(row.speaker, row.text, row.pause) for row in rows] == [
        (NARRATOR, "a", None),
        ("Bob", "b", None),
        ("Bob", "c", 1.5),
    ]
