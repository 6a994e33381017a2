"""Which stories have their newest manifest in the vault: one bookkeeping for voices and takes.

A story is told of a row: a voice is told of its own, a take of the row of its order. Each change of
a story raises the row's `revision` in the same transaction; `saved_revision` is that of the
manifest which was written last. While it is behind, the manifest is due.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Table, select, update

from lib.registry.database import Database, in_portions


class Manifests:
    """The manifests of one kind of story: of the rows of a table for which a condition holds."""

    def __init__(self, database: Database, *rows: tuple[Table, ColumnElement[bool]]) -> None:
        self._database = database
        self._rows = rows

    def unsaved(self, limit: int) -> list[str]:
        """Ids of at most `limit` rows of each table whose manifest is due, the oldest first."""
        found: list[str] = []
        with self._database.read() as connection:
            for table, is_ours in self._rows:
                is_due = table.c.revision > table.c.saved_revision
                chosen = select(table.c.id).where(is_ours, is_due).order_by(table.c.created_at)
                found += connection.scalars(chosen.limit(limit))
        return found

    def saved(self, record_id: str, revision: int) -> bool:
        """The manifest of this revision is in the vault. False where this or a newer one was."""
        changed = 0
        with self._database.write() as connection:
            for table, is_ours in self._rows:
                is_older = (table.c.id == record_id, table.c.saved_revision < revision)
                noted = update(table).where(is_ours, *is_older).values(saved_revision=revision)
                changed += connection.execute(noted).rowcount
        return changed == 1

    def saved_revisions(self, services: Collection[str]) -> dict[str, int]:
        """By id, of which revision the manifests are that were written for these services."""
        found: dict[str, int] = {}
        with self._database.read() as connection:
            for table, is_ours in self._rows:
                is_saved = (table.c.saved_revision > 0, table.c.service.in_(services))
                chosen = select(table.c.id, table.c.saved_revision).where(is_ours, *is_saved)
                found |= {row.id: row.saved_revision for row in connection.execute(chosen)}
        return found

    def save_again(self, ids: Sequence[str]) -> None:
        """What lies in the vault for these is not their newest manifest any more."""
        with self._database.write() as connection:
            for some in in_portions(ids):
                for table, is_ours in self._rows:
                    chosen = update(table).where(table.c.id.in_(some), is_ours)
                    connection.execute(chosen.values(saved_revision=0))

    def unsave(self, *, without: str) -> None:
        """All manifests are due again, but those of one service."""
        with self._database.write() as connection:
            for table, is_ours in self._rows:
                chosen = update(table).where(table.c.service != without, is_ours)
                connection.execute(chosen.values(saved_revision=0))
