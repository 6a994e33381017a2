"""All that a database holds, to be compared with what it held before."""

from __future__ import annotations

from sqlalchemy import select

from lib.registry import Registry, schema


def all_rows(registry: Registry) -> dict[str, list[str]]:
    """By table, its rows in some order that is always the same."""
    with registry.database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in schema.metadata.sorted_tables
        }
