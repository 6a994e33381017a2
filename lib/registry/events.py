"""Who did what: people's deeds that are no order, for the story of a voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lib.registry import schema
from lib.registry.database import Database
from lib.registry.schema import columns_of, record_of
from lib.registry.voices import in_portions

MOST_LINES = 200
"""Of one voice's story; the newest."""


@dataclass(frozen=True)
class Event:
    """One line: when, who, and what in plain words."""

    at: datetime
    person: str
    what: str


@dataclass(frozen=True)
class Line:
    """One line with all that is needed to tell it in another database; `uid` is its name there."""

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
        """Note that this person did this with that voice."""
        with self._database.write() as connection:
            connection.execute(
                insert(schema.events).values(at=at, person=person, what=what, voice_id=voice_id)
            )

    def of_voice(self, voice_id: str) -> list[Event]:
        """What people did with a voice, newest first; its orders tell their own story."""
        table = schema.events
        with self._database.read() as connection:
            rows = connection.execute(
                select(table.c.at, table.c.person, table.c.what)
                .where(table.c.voice_id == voice_id, table.c.job_id == "")
                .order_by(table.c.at.desc(), table.c.id.desc())
                .limit(MOST_LINES)
            )
            return [Event(row.at, row.person, row.what) for row in rows]

    def unsaved(self, limit: int, *, without: str) -> list[Line]:
        """Lines that the vault does not tell of, oldest first; those of one service left out."""
        table, voices = schema.events, schema.voices
        others = select(voices.c.id).where(voices.c.service == without)
        chosen = select(*_WHOLE).where(table.c.saved_in == "", table.c.voice_id.not_in(others))
        with self._database.read() as connection:
            rows = connection.execute(chosen.order_by(table.c.id).limit(limit))
            return [record_of(Line, row) for row in rows]

    def told_in(self, name: str) -> list[Line]:
        """The lines that this object tells of, oldest first."""
        table = schema.events
        chosen = select(*_WHOLE).where(table.c.saved_in == name).order_by(table.c.id)
        with self._database.read() as connection:
            return [record_of(Line, row) for row in connection.execute(chosen)]

    def saved(self, lines: Sequence[Line], name: str) -> None:
        """This object tells of these lines."""
        table = schema.events
        with self._database.write() as connection:
            for some in in_portions([line.uid for line in lines]):
                connection.execute(update(table).where(table.c.uid.in_(some)).values(saved_in=name))

    def take_back(self, lines: Sequence[Line], name: str) -> None:
        """What another database noted, out of this object; lines that are here stay as they are."""
        dialect = sqlite if self._database.is_sqlite else postgresql
        rows = [columns_of(line) | {"saved_in": name} for line in lines]
        with self._database.write() as connection:
            for row in rows:
                connection.execute(
                    dialect.insert(schema.events).values(row).on_conflict_do_nothing()
                )

    def unsave(self) -> None:
        """Every line is due to be told to the vault again."""
        with self._database.write() as connection:
            connection.execute(update(schema.events).values(saved_in=""))
