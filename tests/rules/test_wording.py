"""Rules and use cases name reasons; each room makes its sentences from them in one place."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("keeper", "providers", "recordings", "registry", "retention", "studio", "vault")
ONE_FILE = ("downloads", "manifest", "scripts")
"""Rooms of one file, which hold their tables themselves."""
WORDING = "wording.py"
SENTENCE = re.compile(r"[A-Z“].*[a-z] [a-z].*[.!?…]", re.DOTALL)
PROGRAMMERS = {"AssertionError", "IllegalTransition", "RuntimeError", "TypeError", "ValueError"}
"""What these say is read by nobody else."""
NOT_OF_A_RULE = {
    "lib/recordings/__main__.py": "help of a command",
    "lib/recordings/quality.py": "what was measured, beside each limit",
    "lib/studio/library/programs.py": "an example to be spoken",
}


def files() -> Iterator[Path]:
    for room in ROOMS:
        for file in (ROOT / "lib" / room).rglob("*.py"):
            if file.name != WORDING and "migrations" not in file.parts:
                yield file


def wordings() -> list[str]:
    """The modules that hold sentences."""
    found = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in (ROOT / "lib").rglob(WORDING)
    ]
    return sorted([*found, *(f"lib.{name}" for name in ONE_FILE)])


def sentences_in(tree: ast.Module) -> Iterator[str]:
    """All that reads like one, but docstrings, logs and what only programmers read."""
    left_out = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_for_programmers(node.func):
            left_out.update(id(part) for part in ast.walk(node))
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in left_out and SENTENCE.fullmatch(text.strip()):
            yield text


def _is_for_programmers(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        return isinstance(called.value, ast.Name) and called.value.id == "log"
    return isinstance(called, ast.Name) and called.id in PROGRAMMERS


def tables_of(module: ModuleType) -> dict[str, dict[Enum, object]]:
    """The module's tables that begin with a member of an enum, by their names."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, dict) and value and isinstance(next(iter(value)), Enum)
    }


def test_no_rule_and_no_use_case_holds_a_sentence() -> None:
    found = {
        str(file.relative_to(ROOT)): told
        for file in files()
        if (told := list(sentences_in(ast.parse(file.read_text("utf-8")))))
    }
    assert {file: told for file, told in found.items() if file not in NOT_OF_A_RULE} == {}
    assert found.keys() == NOT_OF_A_RULE.keys()


@pytest.mark.parametrize("name", wordings())
def test_every_reason_has_its_words(name: str) -> None:
    tables = tables_of(importlib.import_module(name))
    for table in tables.values():
        kinds = {type(reason) for reason in table}
        assert table.keys() == {reason for kind in kinds for reason in kind}
        assert all(table.values())
