"""Whatever somebody types, no question and no change ends in an exception of a database."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from lib.manifest import BadManifest
from lib.models import Money
from lib.registry import AlreadyOrdered, OverBudget, Registry
from lib.registry.job_states import IllegalTransition
from tests.parts.clock import START

ODD = {
    "signs": "a\0b \ud800 \udc80 \udfff '\"\\%_; -- \u202e",
    "long": "é漢🎙" * 35_000,
}
REFUSALS = (AlreadyOrdered, OverBudget, IllegalTransition, BadManifest, IntegrityError)
"""What a method itself says of records that are there already, or that no order leads to."""


def parts_of(registry: Registry) -> Iterator[tuple[str, Callable[..., object]]]:
    """All questions and changes there are, by their names."""
    for part, holder in vars(registry).items():
        if part != "database":
            for name, method in inspect.getmembers(holder, inspect.ismethod):
                if not name.startswith("_"):
                    yield f"{part}.{name}", method


def made(kind: Any, odd: str) -> Any:
    """Something of this type, with this text wherever one can be."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return made(inner[0], odd)
    if origin in (Mapping, dict):
        return {made(inner[0], odd): made(inner[1], odd)}
    if origin is tuple and ... not in inner:
        return tuple(made(one, odd) for one in inner)
    if origin in (tuple, list, frozenset, set, Collection, Sequence, Iterable):
        return (frozenset if origin in (frozenset, set) else tuple)([made(inner[0], odd)])
    if kind in (str, object):
        return odd
    if is_dataclass(kind) and kind is not Money:
        hints = typing.get_type_hints(kind)
        return kind(**{it.name: made(hints[it.name], odd) for it in fields(kind) if it.init})
    if typing.is_typeddict(kind):
        return {name: made(hint, odd) for name, hint in typing.get_type_hints(kind).items()}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return {
        datetime: START, timedelta: timedelta(1), bool: False, int: 1, float: 1.0,
        Money: Money(1), type(None): None,
    }[kind]  # fmt: skip


def arguments(method: Callable[..., object], odd: str) -> tuple[list[Any], dict[str, Any]]:
    hints, plain, named = typing.get_type_hints(method), [], {}
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            named |= made(typing.get_args(hints[name])[0], odd)
        elif parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = made(hints[name], odd)
        else:
            plain.append(made(hints[name], odd))
    return plain, named


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_no_text_ends_in_an_exception_of_the_database(registry: Registry, odd: str) -> None:
    failed = {}
    for name, method in parts_of(registry):
        plain, named = arguments(method, odd)
        try:
            found = method(*plain, **named)
            if isinstance(found, AbstractContextManager):
                with found:
                    pass
            elif isinstance(found, Iterator):
                list(found)
        except REFUSALS:
            continue
        except Exception as problem:
            failed[name] = f"{type(problem).__name__}: {str(problem)[:150]}"
    assert failed == {}
