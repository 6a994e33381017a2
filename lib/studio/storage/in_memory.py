"""How much of people's files this process holds in memory at once, however many are under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

AT_ONCE = 12
"""Files that are brought, moved or read at once: that takes time on the way, and little else."""


class Room:
    """So many bytes, of which everybody takes what they need and gives it back."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._left = size
        self._changed = Condition()

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Wait until there is room for so many bytes, and hold it. What is larger than all of it
        has it alone.
        """
        size = min(size, self._size)
        with self._changed:
            self._changed.wait_for(lambda: self._left >= size)
            self._left -= size
        try:
            yield
        finally:
            with self._changed:
                self._left += size
                self._changed.notify_all()


ROOM = Room(200_000_000)
"""For all files of this process."""
