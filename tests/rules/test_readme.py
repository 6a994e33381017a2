"""What the README names in the code is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECTION = "## The first live hour"
PLACE = re.compile(r"`(\w+)` in `((?:lib|pages)/[\w/]+\.py)`")


def rows() -> list[list[str]]:
    """The cells of each row of the table of the first live hour, without its head."""
    section = (ROOT / "README.md").read_text("utf-8").split(SECTION)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def names_in(file: str) -> set[str]:
    """What a file calls something by: its functions, what it assigns, what it passes by name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
    return found


def test_the_table_was_found() -> None:
    assert len(rows()) >= 8
    assert {len(cells) for cells in rows()} == {3}


@pytest.mark.parametrize("cells", rows(), ids=lambda cells: cells[0][:40])
def test_each_answer_of_the_first_live_hour_has_a_place_in_the_code(cells: list[str]) -> None:
    places = PLACE.findall(cells[-1])
    assert places
    assert [place for place in places if place[0] not in names_in(place[1])] == []
    assert cells[-1].count(".py`") == len(places)
