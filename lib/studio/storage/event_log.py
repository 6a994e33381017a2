"""The activity record, kept in the vault as well: a bucket alone is enough.

`events/<month>/<name>.json` holds some hundred lines. A database writes objects of its own alone,
so that no two ever write over each other; the newest one grows until it is full. Each line has a
name that is the same everywhere, so that reading it twice changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from lib.event_kinds import EventKind
from lib.json_reading import JsonObject, text_of
from lib.models import is_id, new_id
from lib.registry import Note
from lib.registry.events import DeedSum, Line
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.storage import unreadable
from lib.vault.json_files import moment, read_json, write_json

log = logging.getLogger("voicekeep.record")

FOLDER = "events/"
NOTE = "record"
LEASE = "record"
LEASE_FOR = timedelta(minutes=5)
FULL = 500
"""Lines in one object."""
LONGEST = 2_000
"""Characters of what somebody did, as far as it is believed."""
OBJECTS_PER_PASS = 20
READERS = 4


def of_voice(context: Context, voice_id: str, *, limit: int) -> tuple[list[Line], list[DeedSum]]:
    """What people did with a voice: the newest lines, and how often all there is was done; its
    orders tell their own story.
    """
    events = context.registry.events
    return events.of_voice(voice_id, limit=limit), events.sums_of_voice(voice_id)


def keep_safe(context: Context) -> int:
    """Take what earlier databases noted, once for each vault; write down what is new.

    Returns how many lines were written. Of any number of keepers one does it at a time.

    Raises `VaultError`: what was not written stays due.
    """
    if not unreadable.concerns(context, context.live_vault):
        return 0
    vault = context.live_vault.name
    note = _noted(context)
    # Most passes have nothing to tell, and need no lease for that.
    if note.get("vault") == vault and not context.registry.events.unsaved(1, without=DEMO):
        return 0
    with context.registry.leases.hold(LEASE, new_id(), LEASE_FOR) as mine:
        if not mine:
            return 0
        if note.get("vault") != vault:
            _read_back(context)
            _note(context, "")
        return _write_down(context)


def _noted(context: Context) -> JsonObject:
    """What `_note` wrote last; empty before the first time."""
    return (context.registry.notes.get(NOTE) or Note(NOTE)).body


def _note(context: Context, growing: str) -> None:
    """Which vault was read, and which object of ours there is not full yet."""
    body = {"vault": context.live_vault.name, "object": growing}
    context.registry.notes.write(NOTE, body, context.clock.now())


def _write_down(context: Context) -> int:
    events, written = context.registry.events, 0
    note = _noted(context)
    name = str(note.get("object", ""))
    month = f"{FOLDER}{context.clock.now():%Y-%m}/"
    for _ in range(OBJECTS_PER_PASS):
        # Only what lies in the object of this month is told again with what is new.
        known = events.told_in(name) if name.startswith(month) else []
        if not 0 < len(known) < FULL:
            known, name = [], ""
        fresh = events.unsaved(FULL - len(known), without=DEMO)
        if not fresh:
            break
        name = name or f"{month}{fresh[0].uid}.json"
        write_json(context.live_vault, name, events=_rows([*known, *fresh]))
        events.saved(fresh, name)
        _note(context, name)
        written += len(fresh)
    return written


def _read_back(context: Context) -> None:
    """Every line of every object, in the order in which they were written."""
    vault = context.live_vault
    names = sorted(vault.keys(FOLDER))

    def look(name: str) -> list[Line]:
        return _lines(read_json(vault, name))

    with ThreadPoolExecutor(READERS, thread_name_prefix="voicekeep-record") as pool:
        found = list(zip(names, pool.map(look, names), strict=True))
    for name, lines in sorted((pair for pair in found if pair[1]), key=_begins):
        context.registry.events.add_lines(lines, saved_in=name)


def _begins(found: tuple[str, list[Line]]) -> datetime:
    return found[1][0].at


def _rows(lines: Sequence[Line]) -> list[dict[str, str]]:
    return [
        {
            "id": line.uid,
            "at": line.at.isoformat(),
            "person": line.person,
            "what": line.what,
            "voice": line.voice_id,
            "order": line.job_id,
            "kind": line.kind,
        }
        for line in lines
    ]


def _lines(body: dict[str, object]) -> list[Line]:
    """The lines of an object that anybody may have written; what is odd in it is passed over."""
    rows = body.get("events")
    if not isinstance(rows, list):
        log.warning("A part of the activity record cannot be read")
        return []
    return [line for row in rows[: 2 * FULL] if (line := _line(row))]


def _line(row: object) -> Line | None:
    names = ("id", "at", "person", "what", "voice", "order")
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in names):
        return None
    uid, at, person, what, voice, order = (row[name] for name in names)
    when = moment(at)
    ids = all(not name or is_id(name) for name in (voice, order))
    if not ids or when is None or when.year < 2000 or not is_id(uid) or len(uid) > 32:
        return None
    # Versions before noted no kind, and later ones may know more of them.
    kind = EventKind(text_of(row.get("kind")))
    return Line(uid, when, person, what[:LONGEST], voice, order, kind)
