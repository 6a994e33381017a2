"""What is worked out of many records together: once, for all who look at the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import RLock
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast

_T = TypeVar("_T")
_R = TypeVar("_R")
_P = ParamSpec("_P")
_Asked = tuple[object, ...]
"""What was worked out: the function, and what else it was given."""


class Together(tuple[_T, ...]):
    """Records in their order, which stay as they are, with what was worked out of them."""

    _found: dict[_Asked, Any]
    _facts: dict[_Asked, Any]
    _turn: RLock

    def __new__(cls, items: Iterable[_T] = (), *, told_before: Together[_T] | None = None) -> Self:
        """`told_before`: the same records at an earlier moment; what is a `fact` of them stays."""
        new = super().__new__(cls, items)
        new._found, new._turn = {}, RLock()
        new._facts = {} if told_before is None else told_before._facts
        return new

    def once(self, asked: _Asked, work: Callable[[Sequence[_T]], _R], *, is_fact: bool) -> _R:
        """See `once` and `fact`."""
        with self._turn:  # the others wait: twenty tabs would do the same work at once
            found = self._facts if is_fact else self._found
            if asked not in found:
                found[asked] = work(self)
            return cast("_R", found[asked])


def once(
    items: Sequence[_T],
    work: Callable[Concatenate[Sequence[_T], _P], _R],
    *given: _P.args,
    **named: _P.kwargs,
) -> _R:
    """What `work` makes of these: of the same ones that are `Together`, at the first time only.

    `work` is a function of a module, as those of a page are new ones at each run; it decides by
    these records and by what else it is given alone. Nobody changes what it returns.
    """
    return _worked_out(items, work, given, named, is_fact=False)


def fact(
    items: Sequence[_T],
    work: Callable[Concatenate[Sequence[_T], _P], _R],
    *given: _P.args,
    **named: _P.kwargs,
) -> _R:
    """As `once`, for what stays as it is while only time passes: a number, a name, a yes or no, and
    nothing that tells the time.
    """
    return _worked_out(items, work, given, named, is_fact=True)


def _worked_out(
    items: Sequence[_T],
    work: Callable[..., _R],
    given: tuple[Any, ...],
    named: dict[str, Any],
    *,
    is_fact: bool,
) -> _R:
    if not isinstance(items, Together):
        return work(items, *given, **named)
    asked = (work, *given, *sorted(named.items()))
    return items.once(asked, lambda these: work(these, *given, **named), is_fact=is_fact)
