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
