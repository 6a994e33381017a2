"""All voices of a process in memory: read once, and afterwards only what changed.

Triggers of the database note the voice of each row of `voices`, `jobs` and `evidence` that is
inserted, changed or deleted, whoever does it, in the same transaction (`library_changes`, made by
the migration 0014). A position in these notes tells what was read by then. On SQLite, where one
writes at a time, it counts up. On PostgreSQL it is the number of the transaction; those that are
under way may be committed later than others with higher numbers, so that a reader comes back to the
oldest one that was not over, and skips what it has seen.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, delete, func, select

from lib.models import Dossier
from lib.registry import schema
from lib.registry.database import Database, in_portions
from lib.registry.voices import Voices
from lib.single_flight import SingleFlight

CACHED_FOR = 1.0
"""Seconds until it is asked again what others have written."""
WILL_DO_FOR = 3.0
"""Seconds that what was read serves all others, while one asks again."""
READ_ALL_FROM = 2_000
"""From so many changed voices on, all are read at once."""
NOTES_KEPT = 20_000
"""A reader that is further behind reads everything again."""

_Change = tuple[int, str]
"""A position, and the id of the voice that changed there; no id: older notes were dropped."""
_changes = schema.library_changes.c


@dataclass(frozen=True)
class _Reading:
    """The dossiers by id, the newest voice first. `write`: the last one of this process before."""

    dossiers: Mapping[str, Dossier]
    position: int
    seen: frozenset[_Change]
    write: int
    at: float


class Library:
    """What all threads of this process share."""

    def __init__(self, database: Database, voices: Voices) -> None:
        self._database = database
        self._voices = voices
        self._reading = SingleFlight[_Reading]()

    def dossiers(self, *, max_age: float = CACHED_FOR) -> Mapping[str, Dossier]:
        """The dossiers of all voices by id, the newest voice first: the same object while nothing
        changed, and the same dossiers of all that did not change.

        What this process wrote is always in it, what others wrote after `max_age` seconds. Raises
        `DatabaseUnavailable`.
        """
        asked_at, write = time.monotonic(), Database.last_write
        return self._reading.get(
            is_fresh=lambda last: last.write >= write and asked_at - last.at < max_age,
            will_do=lambda last: (
                last.write >= write and max_age > 0 and asked_at - last.at < WILL_DO_FOR
            ),
            renew=self._renewed,
        ).dossiers

    def of(self, services: Collection[str], *, max_age: float = CACHED_FOR) -> list[Dossier]:
        """The dossiers of the voices of these services, the newest voice first."""
        found = self.dossiers(max_age=max_age)
        return [item for item in found.values() if item.voice.service in services]

    def drop_old_notes(self) -> None:
        """Keep the notes of the latest changes only."""
        table = schema.library_changes
        newest = select(_changes.position).order_by(_changes.position.desc())
        mark = self._database.insert(table).on_conflict_do_nothing()
        with self._database.write() as connection:
            if not self._database.is_sqlite:  # moved to another server, whose numbers are lower
                ahead = _changes.position > func.txid_current()
                connection.execute(delete(table).where(ahead))
            position = connection.scalar(newest.offset(NOTES_KEPT).limit(1))
            if position is not None:
                connection.execute(delete(table).where(_changes.position <= position))
                connection.execute(mark.values(position=position, voice_id=""))

    def _renewed(self, last: _Reading | None) -> _Reading:
        # Both before anything is read: what is written meanwhile is then read once more, not missed
        write, at = Database.last_write, time.monotonic()
        with self._database.read() as connection:
            upcoming = self._upcoming(connection)
            noted = _noted(connection, last.position if last else upcoming)
        seen = frozenset(change for change in noted if change[0] >= upcoming)
        changed = {voice_id for _, voice_id in noted - last.seen} if last else {""}
        if last is not None and not changed:
            return _Reading(last.dossiers, upcoming, seen, write, at)
        if last is None or "" in changed or len(changed) >= READ_ALL_FROM:
            dossiers = {item.voice.id: item for item in self._voices.dossiers()}
        else:
            dossiers = _merged(last.dossiers, changed, self._read(changed))
        return _Reading(MappingProxyType(dossiers), upcoming, seen, write, at)

    def _upcoming(self, connection: Connection) -> int:
        """The position from which on changes may be committed after this moment."""
        if self._database.is_sqlite:
            highest = select(func.coalesce(func.max(_changes.position), 0))
            return int(connection.scalars(highest).one()) + 1
        return int(
            connection.scalars(select(func.txid_snapshot_xmin(func.txid_current_snapshot()))).one()
        )

    def _read(self, ids: Collection[str]) -> Iterator[Dossier]:
        for some in in_portions(sorted(ids)):
            yield from self._voices.dossiers(ids=some)


def _noted(connection: Connection, position: int) -> frozenset[_Change]:
    """What changed from that position on."""
    chosen = select(_changes.position, _changes.voice_id).where(_changes.position >= position)
    return frozenset((row.position, row.voice_id) for row in connection.execute(chosen))


def _merged(
    before: Mapping[str, Dossier], changed: Iterable[str], found: Iterable[Dossier]
) -> dict[str, Dossier]:
    """The library after these voices changed; those that were not found any more are gone."""
    now = {item.voice.id: item for item in found}
    dossiers = dict(before)
    in_order = True
    for voice_id in changed:
        old, new = dossiers.get(voice_id), now.get(voice_id)
        if new is None:
            dossiers.pop(voice_id, None)
        else:
            dossiers[voice_id] = new
            in_order &= old is not None and old.voice.created_at == new.voice.created_at
    if in_order:
        return dossiers
    by_id = sorted(dossiers.values(), key=lambda item: item.voice.id)
    newest_first = sorted(by_id, key=lambda item: item.voice.created_at, reverse=True)
    return {item.voice.id: item for item in newest_first}
