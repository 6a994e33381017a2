"""One visitor's way in: who it makes them, and how long it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lib.roles import Person


@dataclass(frozen=True)
class SignIn:
    """A way in that counts right now. `id`: the same in all tabs that share it, so that it can be
    ended for all of them; "" where there is nothing to end. `until`: when it ends by itself.
    """

    person: Person
    id: str = ""
    until: datetime | None = None
