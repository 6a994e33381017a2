"""Voices that are to be erased, are being erased, or were: of the last, only that they were."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update

from lib.json_reading import JsonObject
from lib.models import OPEN_STATES, OWN_STORY, JobState
from lib.registry import consents, schema
from lib.registry.database import Database
from lib.registry.schema import columns_of, records_of

KEPT_OUT = (JobState.UNKNOWN, *OPEN_STATES)
"""An order in one of these states may still bring something."""


@dataclass(frozen=True)
class Erasure:
    """One voice, from the wish to erase it to the receipt.

    Until `started_at` it can be cancelled; from then on the voice is kept out of the library
    whoever brings it. `due_at`: when it begins by itself. `finished_at`: all that could be reached
    is gone, which was read back. `receipt`: what went, as counts; never a name, text or sound.
    `trouble`: why it is not finished, as a sentence.
    """

    voice_id: str
    service: str
    asked_at: datetime
    asked_by: str
    due_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    trouble: str = ""
    receipt: JsonObject = field(default_factory=dict)

    @property
    def can_be_cancelled(self) -> bool:
        return self.started_at is None

    def is_due(self, now: datetime) -> bool:
        """Whether it is being erased, or is about to be."""
        return self.finished_at is None and (self.started_at is not None or self.due_at <= now)


class Erasures:
    """One row per voice, by its id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, voice_id: str) -> Erasure | None:
        """That of this voice, or None."""
        found = self._find(schema.erasures.c.voice_id == voice_id)
        return found[0] if found else None

    def open(self, services: Collection[str]) -> list[Erasure]:
        """Those of these services that are not finished, the soonest first."""
        table = schema.erasures.c
        return self._find(table.finished_at.is_(None), table.service.in_(services))

    def finished(self, services: Collection[str], *, limit: int) -> list[Erasure]:
        """Receipts of these services, the newest first."""
        table = schema.erasures
        is_finished = table.c.finished_at.is_not(None)
        chosen = select(table).where(is_finished, table.c.service.in_(services))
        newest = chosen.order_by(table.c.finished_at.desc(), table.c.voice_id)
        with self._database.read() as connection:
            return records_of(Erasure, connection, newest.limit(limit))

    def next_due(self, services: Collection[str]) -> datetime | None:
        """When the next one begins; None where none waits."""
        table = schema.erasures
        waits = (table.c.started_at.is_(None), table.c.service.in_(services))
        with self._database.read() as connection:
            found: datetime | None = connection.scalar(
                select(table.c.due_at).where(*waits).order_by(table.c.due_at).limit(1)
            )
        return found

    def ask(self, erasure: Erasure) -> bool:
        """Note that somebody wants it; False where it is noted already."""
        table = schema.erasures
        new = self._database.insert(table).values(columns_of(erasure)).on_conflict_do_nothing()
        with self._database.write() as connection:  # how many rows came, drivers need not say
            return connection.execute(new.returning(table.c.voice_id)).first() is not None

    def hasten(self, voice_id: str, due_at: datetime) -> bool:
        """It begins then; False where it has begun, or nobody wants it."""
        return self._change(voice_id, schema.erasures.c.started_at.is_(None), due_at=due_at)

    def cancel(self, voice_id: str) -> bool:
        """Nobody wants it any more; False where it has begun, or nobody did."""
        table = schema.erasures
        waits = (table.c.voice_id == voice_id, table.c.started_at.is_(None))
        with self._database.write() as connection:
            return connection.execute(delete(table).where(*waits)).rowcount == 1

    def begin(self, voice_id: str, now: datetime, receipt: JsonObject) -> bool:
        """From now on it cannot be cancelled, and the voice is kept out; False where somebody
        cancelled it, or it has begun.
        """
        table = schema.erasures.c
        is_due = (table.started_at.is_(None), table.due_at <= now)
        return self._change(voice_id, *is_due, started_at=now, receipt=receipt)

    def keep_out(self, erasure: Erasure) -> None:
        """Note what the vault tells of a voice that was erased elsewhere."""
        table = schema.erasures
        add = self._database.insert(table).values(columns_of(erasure))
        begun = {"started_at": func.coalesce(table.c.started_at, erasure.started_at)}
        with self._database.write() as connection:
            connection.execute(add.on_conflict_do_update(index_elements=["voice_id"], set_=begun))

    def resume(self, voice_ids: Collection[str] = ()) -> None:
        """Erase again what came back to voices that were erased: from an old database, or by a
        container that did not know. `voice_ids`: of these something lies in a vault.
        """
        table, texts, jobs = schema.erasures, schema.long_texts.c, schema.jobs.c
        is_sold = jobs.kind.not_in(OWN_STORY) & jobs.state.in_(KEPT_OUT)
        is_back = or_(
            table.c.voice_id.in_(voice_ids),
            *(
                exists().where(column == table.c.voice_id, *more)
                for column, more in (
                    (schema.voices.c.id, ()),
                    (schema.takes.c.voice_id, ()),
                    (texts.voice_id, (texts.text != "",)),
                    (jobs.voice_id, (is_sold,)),
                )
            ),
        )
        chosen = select(table.c.voice_id).where(table.c.finished_at.is_not(None), is_back)
        with self._database.read() as connection:
            found = list(connection.scalars(chosen))
        for voice_id in found:  # each pass asks: hardly any has something to write
            self._change(voice_id, finished_at=None)

    def remove(self, voice_id: str) -> bool:
        """Delete the voice with its evidence, what its orders tell of it, and the record of consent
        that no other voice needs; what the orders cost stays.

        False, and nothing is deleted, where an order of it may still bring something.
        """
        jobs, seen, voices = schema.jobs, schema.evidence, schema.voices
        with self._database.write() as connection:
            its = jobs.c.voice_id == voice_id
            going_on = select(jobs.c.id).where(its, jobs.c.state.in_(KEPT_OUT))
            if connection.execute(going_on.limit(1)).first():
                return False
            of_voice = update(jobs).where(its, jobs.c.kind.not_in(OWN_STORY))
            connection.execute(
                of_voice.values(
                    request={}, ticket={}, result={}, last_answer="", error="",
                    saved_revision=jobs.c.revision,
                )
            )  # fmt: skip
            connection.execute(delete(seen).where(seen.c.voice_id == voice_id))
            connection.execute(delete(voices).where(voices.c.id == voice_id))
            consents.drop_unused(connection)
        return True

    def note(self, voice_id: str, trouble: str) -> None:
        """Why it is not finished yet."""
        self._change(voice_id, trouble=trouble)

    def finish(self, voice_id: str, now: datetime) -> None:
        """All that could be reached is gone."""
        self._change(voice_id, finished_at=now, trouble="")

    def _change(self, voice_id: str, *conditions: ColumnElement[bool], **values: object) -> bool:
        table = schema.erasures
        with self._database.write() as connection:
            its = update(table).where(table.c.voice_id == voice_id, *conditions)
            return connection.execute(its.values(**values)).rowcount == 1

    def _find(self, *conditions: ColumnElement[bool]) -> list[Erasure]:
        table = schema.erasures
        chosen = select(table).where(*conditions).order_by(table.c.due_at, table.c.voice_id)
        with self._database.read() as connection:
            return records_of(Erasure, connection, chosen)
