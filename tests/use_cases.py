"""Finds the use cases of the studio in its source: what changes something, what is told who acts.

A function *changes* something where it, or a function of the studio that it calls, calls a method
of the registry that writes, stores or deletes a file of a vault, or wakes the keeper.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from tests.house import LIB, PAGES, module_of, tree_of

Name = tuple[str, str]
"""A module, and what is defined in it."""

VAULT_WRITES = frozenset({"put", "put_verified", "put_file", "delete"})
WAKES = "wake"
WRITES_JSON = ("lib.vault.json_files", "write_json")
STUDIO = [file for file in LIB if file.startswith("lib/studio/")]
DRAWING = [*(file for file in LIB if file.startswith("lib/ui/")), *PAGES]

NOTING = frozenset(f"lib.studio.core.{name}" for name in ("record", "door_log", "people"))
"""What writes down who did something, and by which name: whether they may was asked where they did
it.
"""

Definition = ast.FunctionDef | ast.ClassDef


def changing() -> set[Name]:
    """All functions and classes of the studio that change something."""
    found = {name for name, node in _definitions().items() if _writes(name, node)}
    calls = {name: set(_calls(name[0], node)) for name, node in _definitions().items()}
    while fresh := {name for name, called in calls.items() if called & found} - found:
        found |= fresh
    return found


def drawn() -> set[Name]:
    """All functions of the studio that a page, or a part of one, calls or hands on."""
    used: set[Name] = set()
    for file in DRAWING:
        used |= set(_references(module_of(file), tree_of(file)))
    return used & _definitions().keys()


def asking() -> dict[Name, ast.FunctionDef]:
    """The public functions of the studio that are told which person acts."""
    return {
        name: node
        for name, node in _definitions().items()
        if isinstance(node, ast.FunctionDef) and not name[1].startswith("_") and _is_told(node)
    }


def all_of() -> set[Name]:
    """The use cases: all that is told who acts, and changes something or is there for a page."""
    found = asking().keys() & (changing() | drawn())
    return {name for name in found if name[0] not in NOTING}


def requires_first(node: ast.FunctionDef) -> bool:
    """Whether a function asks what the person may before it does anything else.

    A person is asked where `require` is called, or where the function does nothing but hand the
    person on.
    """
    body = node.body[1:] if ast.get_docstring(node) else node.body
    first = body[0]
    asked = ast.walk(first.body[0] if isinstance(first, ast.For) else first)
    if any(isinstance(part, ast.Attribute) and part.attr == "require" for part in asked):
        return True
    return isinstance(first, ast.Return)


@cache
def _definitions() -> dict[Name, Definition]:
    return {
        (module_of(file), node.name): node
        for file in STUDIO
        for node in tree_of(file).body
        if isinstance(node, Definition)
    }


@cache
def _told_by() -> frozenset[str]:
    """What says who acts: a person, and what somebody filled in and bears the name of."""
    requests = {
        node.name
        for node in _definitions().values()
        if isinstance(node, ast.ClassDef)
        and any(
            isinstance(field, ast.AnnAssign) and ast.unparse(field.annotation) == "Person"
            for field in node.body
        )
    }
    return frozenset({"Person", *requests})


def _is_told(node: ast.FunctionDef) -> bool:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return any(
        isinstance(part, ast.Name) and part.id in _told_by()
        for argument in given
        if argument.annotation
        for part in ast.walk(argument.annotation)
    )


@cache
def _writers() -> dict[str, set[str]]:
    """By part of the registry, the methods that write."""
    classes = {
        node.name: node
        for file in LIB
        if file.startswith("lib/registry/")
        for node in tree_of(file).body
        if isinstance(node, ast.ClassDef)
    }
    parts = {
        node.targets[0].attr: node.value.func.id
        for node in ast.walk(classes["Registry"])
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Attribute)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
    }
    return {part: _writing_methods(classes[name]) for part, name in parts.items()}


def _writing_methods(node: ast.ClassDef) -> set[str]:
    methods = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    called = {
        name: {part.attr for part in ast.walk(item) if isinstance(part, ast.Attribute)}
        for name, item in methods.items()
    }
    found = {
        name for name, item in methods.items() if "self._database.write()" in ast.unparse(item)
    }
    while fresh := {name for name, calls in called.items() if calls & found} - found:
        found |= fresh
    return found


def _writes(name: Name, node: Definition) -> bool:
    """Whether it does so itself."""
    for call in ast.walk(node):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        whose = ast.unparse(call.func.value).rsplit(".", 1)[-1]
        method = call.func.attr
        if method in _writers().get(whose, set()):
            return True
        if method == WAKES or ("vault" in ast.unparse(call.func.value) and method in VAULT_WRITES):
            return True
    return WRITES_JSON in set(_calls(name[0], node))


def _calls(module: str, node: ast.AST) -> Iterator[Name]:
    """What is called, of what a module defines or imports by name."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            yield from _named(module, call.func)


def _references(module: str, node: ast.AST) -> Iterator[Name]:
    """As `_calls`, also what is only handed on."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name | ast.Attribute):
            yield from _named(module, part)


def _named(module: str, node: ast.AST) -> Iterator[Name]:
    imported = _imported(module)
    if isinstance(node, ast.Name):
        yield imported.get(node.id, (module, node.id))
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        package, name = imported.get(node.value.id, ("", ""))
        if package:
            yield f"{package}.{name}", node.attr


@cache
def _imported(module: str) -> dict[str, Name]:
    """By the name that a module knows it by, where it comes from."""
    file = f"{module.replace('.', '/')}.py"
    file = file if file in {*LIB, *PAGES} else f"{module.replace('.', '/')}/__init__.py"
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
