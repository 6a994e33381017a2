"""Who came in, who left and who was refused, for the record of who did what.

Every door calls the functions here: `note_sign_in`, `note_sign_out`, `note_elevation`,
`note_refused`. None of them waits, reads or writes anything: the library may not be open yet, and
strangers in any number must neither fill it nor hold anybody up. What is noted stays in memory
until `write_down`, which each pass of the keeper and each opened page calls.

Tries that were refused are counted and not kept: what was typed is no argument anywhere here, and
many tries become one line.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.event_kinds import EventKind
from lib.registry.events import Line
from lib.roles import Person
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.reasons import Deed, Refusal
from lib.studio.core.typed_text import one_line
from lib.studio.core.wording import REFUSED, deed, times
from lib.vault.base import sha256_hex

GATHERED_FOR = timedelta(minutes=1)
"""Tries are gathered for so long before their first line is written."""
ONE_LINE_IN = timedelta(hours=1)
"""Further tries become one line in that time."""
ONE_LINE_OF_A_NAME_IN = timedelta(days=1)
MOST_NAMES = 20
"""Of those who were refused, told apart within a day; the rest is counted together."""
LONGEST_NAME = 254
"""Characters of a mail address."""
MOST_WAITING = 1_000
"""Lines that wait to be written, the newest; and sign-ins that are known."""


@dataclass
class _Tries:
    """Tries of one kind. `next_at`: before that no line tells of them."""

    next_at: datetime
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None


class Book:
    """What the doors of one process noted, until it is written into the library."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        """Held for a few steps in memory, never while anything is read or written elsewhere."""
        self._waiting: deque[Line] = deque(maxlen=MOST_WAITING)
        self._known: OrderedDict[str, None] = OrderedDict()
        self._tries: dict[tuple[Refusal, str], _Tries] = {}

    def note(self, person: Person, kind: EventKind, what: str, at: datetime, uid: str = "") -> None:
        """Somebody who may be here did this; what bears the same `uid` is noted once."""
        line = Line(uid or secrets.token_hex(16), at, recorded_as(person), what, kind=kind)
        with self._lock:
            if line.uid not in self._known:
                self._known[line.uid] = None
                if len(self._known) > MOST_WAITING:
                    self._known.popitem(last=False)
                self._waiting.append(line)

    def note_refused(self, refusal: Refusal, at: datetime, who: str = "") -> None:
        """Count one more try that was refused."""
        key = (refusal, one_line(who[:LONGEST_NAME], LONGEST_NAME))
        with self._lock:
            if key not in self._tries and sum(bool(name) for _, name in self._tries) >= MOST_NAMES:
                key = (refusal, "")
            tries = self._tries.setdefault(key, _Tries(at))
            if not tries.count:
                tries.first = at
                tries.next_at = max(tries.next_at, at + GATHERED_FOR)
            tries.count += 1
            tries.last = at

    def due(self, now: datetime) -> list[Line]:
        """The lines that are to be written now; who takes them writes them, or puts them back."""
        with self._lock:
            lines = list(self._waiting)
            self._waiting.clear()
            for (refusal, who), tries in list(self._tries.items()):
                if now < tries.next_at:
                    continue
                if tries.count:
                    lines.append(_line(refusal, who, tries))
                    pause = ONE_LINE_OF_A_NAME_IN if who else ONE_LINE_IN
                    self._tries[refusal, who] = _Tries(now + pause)
                else:
                    del self._tries[refusal, who]
        return lines

    def put_back(self, lines: list[Line]) -> None:
        """They could not be written."""
        with self._lock:
            self._waiting.extendleft(reversed(lines))


book = Book()
"""This process's."""


def note_sign_in(person: Person, at: datetime, *, sign_in_id: str = "") -> None:
    """Somebody signed in.

    `sign_in_id`: where one sign-in shows in many sessions, as one that lives in a cookie does, what
    tells it from all others. However often it is seen, in whatever process, it is noted once, and
    only as a digest.
    """
    uid = sha256_hex(sign_in_id.encode("utf-8", "surrogatepass"))[:32] if sign_in_id else ""
    book.note(person, EventKind.SIGNED_IN, deed(Deed.SIGNED_IN), at, uid)


def note_sign_out(person: Person, at: datetime) -> None:
    """Somebody signed out; a session that merely ended did not."""
    book.note(person, EventKind.SIGNED_OUT, deed(Deed.SIGNED_OUT), at)


def note_elevation(person: Person, at: datetime) -> None:
    """Somebody became an admin for a while, with a passphrase."""
    book.note(person, EventKind.ELEVATED, deed(Deed.BECAME_ADMIN), at)


def note_refused(refusal: Refusal, at: datetime, *, who: str = "") -> None:
    """Somebody was refused.

    `who`: the address that a sign-in service vouches for, or the name of somebody who is in; never
    what a stranger typed.
    """
    book.note_refused(refusal, at, who)


def write_down(context: Context) -> int:
    """Write what is due into the library; returns how many lines.

    Raises `DatabaseUnavailable`; what was not written is tried again the next time.
    """
    lines = book.due(context.clock.now())
    if lines:
        try:
            context.registry.events.add_lines(lines)
        except BaseException:
            book.put_back(lines)
            raise
    return len(lines)


def _line(refusal: Refusal, who: str, tries: _Tries) -> Line:
    what = REFUSED[refusal]
    if refusal is Refusal.NOT_LISTED and not who:
        what = deed(Deed.OTHERS_NOT_LISTED)
    last = tries.last or tries.next_at
    if tries.count > 1:
        length = max(last - (tries.first or last), timedelta(seconds=1))
        what = times(what, tries.count, length)
    return Line(secrets.token_hex(16), last, who, what, kind=EventKind.REFUSED)
