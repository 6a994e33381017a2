"""Who did what: people's deeds that are no order, for the story of a voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import insert, select, update

from lib.registry import schema
from lib.registry.database import Database, in_portions
from lib.registry.schema import columns_of, records_of

MOST_LINES = 200
"""Of one voice's story; the newest."""


@dataclass(frozen=True)
class Line:
    """One line: when, who, and what in plain words; `uid` is its name in every database."""

    uid: str
    at: datetime
    person: str = ""
    what: str = ""
    voice_id: str = ""
    job_id: str = ""


_WHOLE = tuple(schema.events.c[field.name] for field in fields(Line))


class Events:
    """Lines are added and read, never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, person: str, what: str, voice_id: str, at: datetime) -> None:
        """Note that `person` did `what`, in plain words, with this voice."""
        with self._database.write() as connection:
            connection.execute(
                insert(schema.events).values(at=at, person=person, what=what, voice_id=voice_id)
            )

    def of_voice(self, voice_id: str) -> list[Line]:
        """What people did with a voice, newest first; its orders tell their own story."""
        table = schema.events
        chosen = select(*_WHOLE).where(table.c.voice_id == voice_id, table.c.job_id == "")
        chosen = chosen.order_by(table.c.at.desc(), table.c.id.desc())
        with self._database.read() as connection:
            return records_of(Line, connection, chosen.limit(MOST_LINES))

    def unsaved(self, limit: int, *, without: str) -> list[Line]:
        """At most `limit` lines that the vault does not tell of, oldest first; those that are about
        voices of the service `without` are left out.
        """
        table, voices = schema.events, schema.voices
        others = select(voices.c.id).where(voices.c.service == without)
        chosen = select(*_WHOLE).where(table.c.saved_in == "", table.c.voice_id.not_in(others))
        with self._database.read() as connection:
            return records_of(Line, connection, chosen.order_by(table.c.id).limit(limit))

    def told_in(self, name: str) -> list[Line]:
        """The lines that this object of the vault tells of, oldest first."""
        table = schema.events
        chosen = select(*_WHOLE).where(table.c.saved_in == name).order_by(table.c.id)
        with self._database.read() as connection:
            return records_of(Line, connection, chosen)

    def saved(self, lines: Sequence[Line], name: str) -> None:
        """The object of this name in the vault tells of these lines from now on."""
        table = schema.events
        with self._database.write() as connection:
            for some in in_portions([line.uid for line in lines]):
                connection.execute(update(table).where(table.c.uid.in_(some)).values(saved_in=name))

    def take_back(self, lines: Sequence[Line], name: str) -> None:
        """What another database noted, out of this object; lines that are here stay as they are."""
        add = self._database.insert(schema.events).on_conflict_do_nothing()
        with self._database.write() as connection:
            for line in lines:
                connection.execute(add.values(columns_of(line) | {"saved_in": name}))

    def unsave(self) -> None:
        """Every line is due to be told to the vault again."""
        with self._database.write() as connection:
            connection.execute(update(schema.events).values(saved_in=""))
