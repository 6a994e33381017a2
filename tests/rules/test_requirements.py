"""The requirements name what the code imports, and each of them has a tested version."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13")
OURS = {"lib", "pages", "tests", "streamlit_app", "__future__"}
STUBS = {"mypy_boto3_s3"}
"""Imported for type checks only; `boto3-stubs[s3]` brings it."""


def requirements(name: str) -> Iterator[Requirement]:
    """What a requirements file asks for itself, without the files that it reads."""
    for line in (ROOT / name).read_text("utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text and not text.startswith("-"):
            yield Requirement(text)


def names(*files: str) -> set[str]:
    return {canonicalize_name(found.name) for file in files for found in requirements(file)}


@cache
def distributions() -> dict[str, set[str]]:
    return {
        module: {canonicalize_name(name) for name in found}
        for module, found in packages_distributions().items()
    }


def libraries(files: Iterable[Path]) -> set[str]:
    """The top-level modules that these files import and that Python does not bring."""
    found: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - OURS - STUBS


def unnamed(folders: Iterable[str], known: set[str]) -> list[str]:
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return sorted(
        module for module in libraries(files) if not distributions().get(module, set()) & known
    )


def test_what_the_code_imports_is_required_by_name() -> None:
    assert unnamed(["lib", "pages"], names("requirements.txt")) == []


def test_what_the_tests_import_is_required_by_name() -> None:
    assert unnamed(["tests"], names("requirements.txt", "requirements-dev.txt")) == []


def test_every_way_to_install_goes_through_the_tested_versions() -> None:
    runtime = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    development = (ROOT / "requirements-dev.txt").read_text("utf-8").splitlines()

    assert "-c constraints.txt" in runtime
    assert "-r requirements.txt" in development


@pytest.mark.parametrize("python", PYTHONS)
def test_each_requirement_has_one_tested_version_inside_its_range(python: str) -> None:
    held: dict[str, list[str]] = {}
    for constraint in requirements("constraints.txt"):
        if constraint.marker is None or constraint.marker.evaluate({"python_version": python}):
            exact = re.fullmatch(r"==([\w.]+)", str(constraint.specifier))
            assert exact, constraint
            held.setdefault(canonicalize_name(constraint.name), []).append(exact[1])

    assert {name: versions for name, versions in held.items() if len(versions) > 1} == {}
    for file in ("requirements.txt", "requirements-dev.txt"):
        for wanted in requirements(file):
            (version,) = held.get(canonicalize_name(wanted.name), ["none"])
            assert wanted.specifier.contains(version), wanted
