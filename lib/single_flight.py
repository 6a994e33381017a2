"""One value that all threads of a process share, and that one of them at a time makes anew."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

_T = TypeVar("_T")


class SingleFlight(Generic[_T]):
    """The value, once somebody asked for it.

    While one thread makes it anew, the others take the one that is there, if that will do for them;
    those that it will not do for wait, and take what the other one made.
    """

    def __init__(self) -> None:
        self._value: _T | None = None
        self._making = Lock()

    def get(
        self,
        *,
        is_fresh: Callable[[_T], bool],
        will_do: Callable[[_T], bool],
        renew: Callable[[_T | None], _T],
    ) -> _T:
        """The value, made from the one before (None: the first time) unless it is fresh.

        Raises what `renew` raises; the value stays as it was then.
        """
        value = self._value
        if value is not None:
            if is_fresh(value):
                return value
            if will_do(value):
                if not self._making.acquire(blocking=False):
                    return value
                try:
                    return self._renewed(is_fresh, renew)
                finally:
                    self._making.release()
        with self._making:
            return self._renewed(is_fresh, renew)

    def _renewed(self, is_fresh: Callable[[_T], bool], renew: Callable[[_T | None], _T]) -> _T:
        value = self._value
        if value is None or not is_fresh(value):
            value = self._value = renew(value)
        return value
