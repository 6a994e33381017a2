"""The page on architecture says what the code does: its picture, its rooms, its moves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from lib.models import JobState
from lib.ui import words
from tests import house

TRANSITIONS = "| function | from | to | when |"
STATES = "| state | on screen | meaning | what happens next |"
ROOMS = "| room | what it is for |"
GLOSSARY = "| if you look for | it is called | where |"
CREATES = ("order", "confirmed")
"""The one row that is no change of a state but its beginning."""


@pytest.fixture(scope="module")
def page() -> str:
    return house.PAGE.read_text("utf-8")


def table(page: str, head: str) -> list[list[str]]:
    """The cells of each row below this head."""
    lines = page.split(f"{head}\n")[1].split("\n\n")[0].splitlines()[1:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in lines]


def moves_in_the_code() -> Iterator[tuple[str, str]]:
    """Each function of the registry that gives a job a state, and which."""
    for file in house.LIB:
        if not file.startswith("lib/registry/"):
            continue
        for function in ast.walk(house.tree_of(file)):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.keyword) and node.arg == "state":
                    told = ast.unparse(node.value)
                    assert told.startswith("JobState."), f"{file}: {told}"
                    yield function.name, JobState[told.removeprefix("JobState.")].value


def test_the_picture_is_that_of_the_imports_as_they_are(page: str) -> None:
    is_new = house.drawn(page) == page
    assert is_new, "Draw it anew: python -m tests.house"


def test_each_room_is_explained(page: str) -> None:
    assert sorted(row[0] for row in table(page, ROOMS)) == sorted(house.FLOOR_OF)


def test_each_state_is_explained_by_its_word_on_screen(page: str) -> None:
    told = {row[0]: row[1] for row in table(page, STATES)}
    assert told == {state.value: words.STATE[state].word for state in JobState}


def test_each_move_of_a_job_is_told(page: str) -> None:
    rows = [(row[0], row[2]) for row in table(page, TRANSITIONS)]
    renewed_or_answered = {("renew", "confirmed"), ("answered", "waiting")}  # they keep the state

    assert rows[0] == CREATES
    assert len(set(rows)) == len(rows)
    assert set(rows[1:]) - renewed_or_answered == set(moves_in_the_code())


def test_the_states_that_a_move_leaves_are_states(page: str) -> None:
    known = {state.value for state in JobState} | {"–"}
    left = {name for row in table(page, TRANSITIONS) for name in re.findall(r"[\w–]+", row[1])}
    assert left <= known


def test_the_glossary_is_in_order_of_the_alphabet(page: str) -> None:
    sought = [row[0].lower() for row in table(page, GLOSSARY)]
    assert sought == sorted(sought)


ARROWS: house.Arrows = {"roof": {"hall", "cellar"}, "hall": {"cellar"}, "cellar": set()}


def test_arrows_that_a_longer_way_makes_superfluous_are_left_out() -> None:
    assert house.without_detours(ARROWS) == {"roof": {"hall"}, "hall": {"cellar"}, "cellar": set()}


def test_a_changed_import_makes_the_picture_stale(page: str) -> None:
    assert house.drawn(page.replace("ui --> keeper", "ui --> studio")) == house.drawn(page)
    assert page != page.replace("ui --> keeper", "ui --> studio")
