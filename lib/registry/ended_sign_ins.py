"""Sign-ins that somebody ended before their time: no tab and no device goes on with one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select

from lib.registry import schema
from lib.registry.database import Database


class EndedSignIns:
    """Kept until each would have ended by itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, sign_in_id: str, *, until: datetime, now: datetime) -> None:
        """End a sign-in of this id; `until`: when it would end by itself."""
        table = schema.ended_sign_ins
        add = self._database.insert(table).values(id=sign_in_id, until=until)
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.until < now))
            connection.execute(add.on_conflict_do_nothing())

    def has(self, sign_in_id: str) -> bool:
        """Whether the sign-in of this id was ended."""
        found = select(exists().where(schema.ended_sign_ins.c.id == sign_in_id))
        with self._database.read() as connection:
            return bool(connection.scalar(found))
