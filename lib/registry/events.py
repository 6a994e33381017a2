"""Who did what: people's deeds that are no order, for the story of a voice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from lib.registry import schema
from lib.registry.database import Database

MOST_LINES = 200
"""Of one voice's story; the newest."""


@dataclass(frozen=True)
class Event:
    """One line: when, who, and what in plain words."""

    at: datetime
    person: str
    what: str


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
