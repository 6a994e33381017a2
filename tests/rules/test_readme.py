"""What the documents name is there: places in the code, pages, headings."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from lib.models import Money
from lib.services import KYMA, MINIMAX, NANOGPT, QWEN, SERVICES
from lib.settings import known_names
from lib.studio.alerts.deployment import Step
from lib.ui.settings.pasting import WAYS
from lib.ui.settings.steps import STEPS

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


@pytest.mark.parametrize("name", ["README.md", "docs/operate.md"])
def test_the_documents_and_the_app_call_the_steps_of_deploying_the_same(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for number, step in enumerate(Step, start=1):
        title = STEPS[step].title
        assert re.search(rf"{number}\. (\*\*)?{title}", text), title


def test_what_the_steps_have_pasted_is_described() -> None:
    text = (ROOT / "docs" / "operate.md").read_text("utf-8")
    lines = "\n".join(way.lines for ways in WAYS.values() for way in ways)
    names = set(re.findall(r"^(\w+) = ", lines, re.MULTILINE))
    assert len(names) >= 15
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def operate() -> str:
    return (ROOT / "docs" / "operate.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["README.md", "docs/operate.md"])
def test_the_settings_that_the_documents_have_pasted_exist(name: str) -> None:
    blocks = re.findall(r"^```(?:toml)?\n(.*?)^```$", (ROOT / name).read_text(), re.M | re.S)
    pasted = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+) ?=", "\n".join(blocks), re.MULTILINE))
    assert len(pasted) >= 5
    assert pasted - set(known_names()) == set()


def test_the_table_of_settings_names_each_of_them() -> None:
    table = operate().split("\n## Settings")[1].split("\n## ")[0]
    assert [name for name in known_names() if f"`{name}`" not in table] == []


def test_the_rights_of_the_buckets_key_are_those_that_the_vault_uses() -> None:
    (policy,) = re.findall(r"```json\n(.*?)```", operate(), re.DOTALL)
    on_objects, on_bucket = json.loads(policy)["Statement"]
    assert on_objects["Action"] == ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    assert on_objects["Resource"] == "arn:aws:s3:::your-bucket/voicekeep/*"
    assert (on_bucket["Action"], on_bucket["Resource"]) == (
        "s3:ListBucket",
        "arn:aws:s3:::your-bucket",
    )
    assert 'VAULT_URL = "s3://your-bucket/voicekeep"' in operate()


def test_the_months_are_priced_as_the_app_prices_orders() -> None:
    page = operate().split("\n## What a month costs")[1].split("\n## ")[0]

    def clone(service: str, kind: str) -> Money:
        (offer,) = [offer for offer in SERVICES[service].clones if offer.kind == kind]
        return Money.usd(offer.price)

    assert f"new MiniMax clones, {clone(NANOGPT, MINIMAX)} each through NanoGPT" in page
    assert f"A Qwen clone costs {clone(NANOGPT, QWEN)}" in page
    assert f"MiniMax clone through Kyma {clone(KYMA, MINIMAX)}" in page
    speech = {model.per_1000_chars for model in SERVICES[NANOGPT].speech if MINIMAX in model.kinds}
    assert f"speech, {Money.usd(max(speech))} for 1,000 characters" in page
    assert f"MiniMax Turbo {Money.usd(min(speech))}" in page
