"""Which cases of a long parametrised test always run, and which only with the slow ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def mostly_slow(cases: Iterable[Any], *always: Any, long: Collection[Any] = ()) -> list[Any]:
    """The cases for `parametrize`; all but those of `always` are marked slow, and those of `long`
    run on demand only.

    Raises ValueError where one that is named is no case, so that a renamed one is not lost.
    """
    known = list(cases)
    if missing := [case for case in (*always, *long) if case not in known]:
        raise ValueError(f"no such cases: {missing}")
    return [
        case
        if case in always
        else pytest.param(case, marks=pytest.mark.long if case in long else pytest.mark.slow)
        for case in known
    ]
