"""Whatever makes, renews or sends a paid order names the budget that it has to fit into."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

PAYING = {"order", "order_instead", "renew", "submit"}
"""What the registry is asked to do with money."""
OWNERS = {"jobs", "long_texts"}


def _paying_calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((ROOT / "lib" / "studio").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            if not isinstance(called, ast.Attribute) or called.attr not in PAYING:
                continue
            owner = ast.unparse(called.value).rsplit(".", 1)[-1]
            if owner in OWNERS and isinstance(node, ast.Call):
                yield f"{path.name}: {owner}.{called.attr}", node


@pytest.mark.parametrize("deed", sorted(PAYING))
def test_each_paying_call_names_its_budget(deed: str) -> None:
    found = [(where, call) for where, call in _paying_calls() if where.endswith(f".{deed}")]
    assert found
    without = [
        where for where, call in found if not any(given.arg == "budget" for given in call.keywords)
    ]
    assert not without


def test_every_kind_of_order_is_confirmed_in_one_place() -> None:
    made = {where for where, _ in _paying_calls() if ": jobs." in where}
    assert {where for where in made if not where.endswith(".submit")} == {
        "confirming.py: jobs.order",
        "confirming.py: jobs.order_instead",
        "confirming.py: jobs.renew",
    }


def test_every_refusal_is_shown_in_one_place() -> None:
    files = [*(ROOT / "lib" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    caught = {
        path.name
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and node.type is not None
        if {"OrderRefused", "AskFirst"} & {part.id for part in _names(node.type)}
    }
    assert caught == {"confirming.py"}


def _names(node: ast.expr) -> Iterator[ast.Name]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Name))
