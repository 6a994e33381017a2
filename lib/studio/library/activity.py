"""What everybody did, for those who may see that: found, counted, and as a table to take along."""

from __future__ import annotations

from dataclasses import replace

from lib.registry.events import Deed, Wanted
from lib.roles import Permission, Person
from lib.services import DEMO
from lib.studio.core import spreadsheet
from lib.studio.core.context import Context
from lib.studio.core.spreadsheet import Cell
from lib.studio.library.reasons import Called
from lib.studio.library.wording import called

MOST_IN_FILE = 10_000
"""Lines of one table."""
MOST_PEOPLE = 200
COLUMNS = ("When (UTC)", "Who", "What", "Kind", "Voice", "Voice ID", "Order", "USD", "Play money")
FILE_NAME = "voicekeep-activity.csv"


def find(context: Context, person: Person, wanted: Wanted, *, limit: int) -> list[Deed]:
    """What people did, newest first. Raises `NotPermitted`."""
    person.require(Permission.ACTIVITY)
    return context.registry.events.find(_shown(context, wanted), limit=limit)


def count(context: Context, person: Person, wanted: Wanted, *, most: int) -> int:
    """How many lines `find` goes through, counted up to `most`. Raises `NotPermitted`."""
    person.require(Permission.ACTIVITY)
    return context.registry.events.count(_shown(context, wanted), most=most)


def people(context: Context, person: Person) -> list[str]:
    """Whoever did something: the first 200 by name. Raises `NotPermitted`."""
    person.require(Permission.ACTIVITY)
    return context.registry.events.people(MOST_PEOPLE)


def table(context: Context, person: Person, wanted: Wanted) -> bytes:
    """The newest lines, 10,000 at most, as a CSV that spreadsheets open as it is.

    Texts that they would compute begin with an apostrophe there. Raises `NotPermitted`.
    """
    person.require(Permission.ACTIVITY)
    deeds = context.registry.events.find(_shown(context, wanted), limit=MOST_IN_FILE)
    return spreadsheet.table(COLUMNS, map(_row, deeds))


def _row(deed: Deed) -> list[Cell]:
    line = deed.line
    cost = None if deed.amount is None else deed.amount.dollars
    is_demo = deed.service == DEMO
    return [
        line.at,
        line.person or called(Called.UNKNOWN_VISITOR),
        line.what,
        line.kind,
        deed.voice,
        line.voice_id,
        line.job_id,
        None if is_demo else cost,
        cost if is_demo else None,
    ]


def _shown(context: Context, wanted: Wanted) -> Wanted:
    """The demo's deeds are shown where the demo is."""
    return wanted if context.settings.shows_demo else replace(wanted, without=DEMO)
