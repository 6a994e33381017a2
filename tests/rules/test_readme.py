"""What the documents name is there: places in the code, pages, headings."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIVE_HOUR = ROOT / "docs" / "first-live-hour.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
PLACE = re.compile(r"`(\w+)` in `((?:lib|pages)/[\w/]+\.py)`")


def rows() -> list[list[str]]:
    """The cells of each row of the table of the first live hour, without its head."""
    lines = [line for line in LIVE_HOUR.read_text("utf-8").splitlines() if line.startswith("|")]
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


def anchors(document: Path) -> set[str]:
    """How a link names the headings of a document, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(document: Path) -> list[str]:
    broken = []
    for path, anchor in LINK.findall(document.read_text("utf-8")):
        target = document.parent / path if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{path}#{anchor}")
    return broken


def test_the_documents_were_found() -> None:
    names = {document.name for document in DOCUMENTS}
    assert names >= {"README.md", "CONTRIBUTING.md", "SECURITY.md", "architecture.md", "operate.md"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_each_link_between_documents_leads_somewhere(document: Path) -> None:
    assert broken_links(document) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_each_file_that_a_document_names_is_there(document: Path) -> None:
    named = re.findall(r"`((?:lib|pages|tests|docs|\.github|\.ci)/[\w./-]+)`", document.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_short_way_to_deploy_is_part_of_the_whole_one() -> None:
    def block(name: str) -> list[str]:
        text = (ROOT / name).read_text("utf-8").split("```toml")[1].split("```")[0]
        return [line for line in text.splitlines() if line]

    assert [line for line in block("README.md") if line not in block("docs/operate.md")] == []
