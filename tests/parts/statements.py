"""What a piece of work asks the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from lib.studio.core.context import Context


@contextmanager
def counted(context: Context) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile, but for those that ask for what
    changed in the library: how many there are of these is up to the time that all takes.
    """
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "library_changes" not in statement:
            statements.append(statement)
        elif statements[-1:] == ["BEGIN"]:
            statements.pop()

    engine = context.registry.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
