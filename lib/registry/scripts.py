"""Scripts, and which of their lines each order speaks.

A change is made to the revision that somebody saw, or not at all. A script that was deleted stays
as a row without name and lines: an older manifest of it must not bring it back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    exists,
    func,
    insert,
    select,
    true,
    update,
)

from lib.manifest import BadManifest
from lib.models import Job, LongText, Take, TextState
from lib.registry import schema
from lib.registry.database import Database, in_portions
from lib.registry.manifests import Manifests
from lib.registry.schema import columns_of, first_of, records_of
from lib.registry.searching import says, words_of
from lib.registry.voices import fits
from lib.registry.wording import Reason, sentence
from lib.scripts import LineOrder, Script, Speaker


@dataclass(frozen=True)
class SpokenLines:
    """What was ordered for the lines of a script, the oldest first, and what came of it, by id.

    The parts of long lines that failed are among the jobs, by number, and their sounds among the
    takes.
    """

    orders: Sequence[LineOrder] = ()
    jobs: Mapping[str, Job] = field(default_factory=dict)
    long_texts: Mapping[str, LongText] = field(default_factory=dict)
    takes: Mapping[str, Take] = field(default_factory=dict)

    def order(self, order_id: str) -> Job | LongText | None:
        return self.jobs.get(order_id) or self.long_texts.get(order_id)


class Scripts(Manifests):
    """Finds scripts and commits what changes about them."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, (schema.scripts, true()))

    # Finding

    def get(self, script_id: str) -> Script | None:
        """The script with this id; None where there is none, or it was deleted."""
        found = self.story(script_id)
        return None if found is None or found.deleted_at else found

    def story(self, script_id: str) -> Script | None:
        """The same, also where only the note is left that it was deleted."""
        with self._database.read() as connection:
            return _read(connection, script_id)

    def find(
        self, search: str = "", *, services: Collection[str], limit: int, skip: int = 0
    ) -> list[Script]:
        """Scripts of these services whose name has all words of the search; what was changed last
        comes first.
        """
        table = schema.scripts
        chosen = select(table).where(*_wanted(services, search))
        newest = chosen.order_by(table.c.changed_at.desc(), table.c.id)
        with self._database.read() as connection:
            return records_of(Script, connection, newest.limit(limit).offset(skip))

    def count(self, search: str = "", *, services: Collection[str]) -> int:
        """How many scripts `find` goes through."""
        counted = select(func.count()).select_from(schema.scripts)
        with self._database.read() as connection:
            return connection.scalar(counted.where(*_wanted(services, search))) or 0

    def spoken_names(self, *, services: Collection[str], limit: int) -> list[tuple[str, str]]:
        """Ids and names of scripts of which something is spoken; what was changed last comes
        first.
        """
        table, orders, takes = schema.scripts, schema.script_orders.c, schema.takes.c
        is_spoken = exists().where(orders.script_id == table.c.id, takes.id == orders.order_id)
        chosen = select(table.c.id, table.c.name).where(*_wanted(services, ""), is_spoken)
        newest = chosen.order_by(table.c.changed_at.desc(), table.c.id).limit(limit)
        with self._database.read() as connection:
            return [(row.id, row.name) for row in connection.execute(newest)]

    def spoken(self, script: Script) -> SpokenLines:
        """All orders of the lines of a script, with their takes and those that were chosen."""
        links, jobs, texts = schema.script_orders, schema.jobs, schema.long_texts
        takes, its = schema.takes, orders_of(script.id)
        oldest = (links.c.number, links.c.ordered_at, links.c.order_id)
        of_script = select(links).where(links.c.script_id == script.id).order_by(*oldest)
        with self._database.read() as connection:
            orders = records_of(LineOrder, connection, of_script)
            its_jobs = records_of(Job, connection, select(jobs).where(jobs.c.id.in_(its)))
            its_texts = records_of(LongText, connection, select(texts).where(texts.c.id.in_(its)))
            failed = [text.id for text in its_texts if text.state is TextState.FAILED]
            parts = []
            for some in in_portions(failed):  # by index: hardly any line is a long text
                of_failed = select(jobs).where(jobs.c.long_text_id.in_(some))
                by_part = of_failed.order_by(jobs.c.part, jobs.c.created_at)
                parts += records_of(Job, connection, by_part)
            found = records_of(Take, connection, select(takes).where(takes.c.id.in_(its)))
            known = {take.id for take in found}
            chosen = {line.take_id for line in script.lines if line.take_id} - known
            for some in in_portions(sorted(chosen | {part.id for part in parts})):
                found += records_of(Take, connection, select(takes).where(takes.c.id.in_(some)))
        return SpokenLines(
            orders,
            {job.id: job for job in (*its_jobs, *parts)},
            {text.id: text for text in its_texts},
            {take.id: take for take in found},
        )

    def lengths(self, scripts: Sequence[Script]) -> dict[str, dict[str, float]]:
        """By script, of each of its lines that has a take, the seconds of its newest one or of the
        one that was chosen.
        """
        links, takes = schema.script_orders.c, schema.takes.c
        chosen = {line.take_id for script in scripts for line in script.lines if line.take_id}
        of_lines = (
            select(links.script_id, links.line_id, takes.seconds)
            .where(links.script_id.in_([script.id for script in scripts]))
            .where(takes.id == links.order_id)
            .order_by(takes.created_at)
        )
        of_chosen = select(takes.id, takes.seconds)
        by_take: dict[str, float] = {}
        with self._database.read() as connection:
            rows = connection.execute(of_lines).all()
            for some in in_portions(sorted(chosen)):
                found = connection.execute(of_chosen.where(takes.id.in_(some)))
                by_take |= {row.id: row.seconds for row in found}
        newest = {(row.script_id, row.line_id): row.seconds for row in rows}
        return {
            script.id: {
                line.id: seconds
                for line in script.lines
                if (seconds := by_take.get(line.take_id, newest.get((script.id, line.id))))
                is not None
            }
            for script in scripts
        }

    # Changing

    def add(self, script: Script) -> bool:
        """Make a script; False where there is one with its id, or was."""
        table = schema.scripts
        new = self._database.insert(table).values(columns_of(script)).on_conflict_do_nothing()
        with self._database.write() as connection:
            return connection.execute(new.returning(table.c.id)).first() is not None

    def change(self, script: Script) -> Script | None:
        """Commit a script that somebody changed. None, and nothing is changed, where its revision
        is not that of now any more: somebody else changed or deleted it.
        """
        table = schema.scripts
        changed = replace(script, revision=script.revision + 1)
        columns = columns_of(changed)
        for name in ("id", "created_at", "saved_revision"):
            del columns[name]
        same = (table.c.id == script.id, table.c.revision == script.revision)
        with self._database.write() as connection:
            its = update(table).where(*same, table.c.deleted_at.is_(None))
            return changed if connection.execute(its.values(columns)).rowcount == 1 else None

    def take_voice_away(self, voice_id: str, now: datetime) -> list[str]:
        """No speaker has this voice any more, whatever else they are called. Returns the ids of the
        scripts that changed.
        """
        table = schema.scripts
        changed: list[str] = []
        with self._database.write() as connection:
            for row in connection.execute(select(table.c.id, table.c.speakers)).all():
                without = tuple(
                    Speaker(one.name) if one.voice_id == voice_id else one for one in row.speakers
                )
                if without != row.speakers:
                    changed.append(row.id)
                    changes = {"speakers": without, "changed_at": now}
                    its = update(table).where(table.c.id == row.id)
                    connection.execute(its.values(revision=table.c.revision + 1, **changes))
        return changed

    def absorb(self, script: Script) -> bool:
        """Take a script from a manifest, if it is newer than ours; True if it was taken.

        Raises `BadManifest`.
        """
        table = schema.scripts
        with fits(), self._database.write() as connection:
            ours = _read(connection, script.id)
            if ours and ours.service != script.service:
                raise BadManifest(sentence(Reason.OTHER_SCRIPT))
            if ours and ours.revision >= script.revision:
                return False
            connection.execute(delete(table).where(table.c.id == script.id))
            row = columns_of(script) | {"saved_revision": script.revision}
            connection.execute(insert(table).values(row))
        return True


def ordered_already(connection: Connection, lines: Sequence[LineOrder]) -> dict[str, LineOrder]:
    """By the ids of the orders that were made for these lines with the same numbers, which of
    these each of them is.
    """
    table = schema.script_orders.c
    wanted = {(line.script_id, line.line_id, line.number): line for line in lines}
    found: dict[str, LineOrder] = {}
    for script_id in {line.script_id for line in lines}:
        chosen = select(table.order_id, table.line_id, table.number)
        for row in connection.execute(chosen.where(table.script_id == script_id)):
            if line := wanted.get((script_id, row.line_id, row.number)):
                found[row.order_id] = line
    return found


def line_of(connection: Connection, order_id: str) -> LineOrder | None:
    """Which line of a script this order speaks, if it speaks one."""
    table = schema.script_orders
    return first_of(LineOrder, connection, select(table).where(table.c.order_id == order_id))


def hand_on(connection: Connection, order_id: str, job: Job) -> None:
    """A new order speaks the line of one that was given up, if that was to speak one."""
    line, table = line_of(connection, order_id), schema.script_orders.c
    if line is None:
        return
    same = (table.script_id == line.script_id, table.line_id == line.line_id)
    last = connection.scalar(select(func.max(table.number)).where(*same)) or 0
    made = LineOrder(job.id, line.script_id, line.line_id, job.created_at, last + 1)
    connection.execute(insert(schema.script_orders).values(columns_of(made)))


def unlink(connection: Connection, order_ids: Collection[str]) -> None:
    """These orders speak no line any more."""
    table = schema.script_orders
    connection.execute(delete(table).where(table.c.order_id.in_(order_ids)))


def orders_of(script_id: str) -> Select[Any]:
    """The ids of all orders of a script, which are those of its takes."""
    table = schema.script_orders.c
    return select(table.order_id).where(table.script_id == script_id)


def _read(connection: Connection, script_id: str) -> Script | None:
    table = schema.scripts
    return first_of(Script, connection, select(table).where(table.c.id == script_id))


def _wanted(services: Collection[str], search: str) -> Sequence[ColumnElement[bool]]:
    """Those of these services, and the team's own, that are there and have these words."""
    table = schema.scripts.c
    is_shown = table.service.in_(["", *services])
    return (
        is_shown,
        table.deleted_at.is_(None),
        *(says(table.name, word) for word in words_of(search)),
    )
