"""How a job moves: one conditional UPDATE, and what is committed together with it.

Which state may follow which (`MOVES`; nothing else does):

confirmed  → submitting | failed
submitting → confirmed | waiting | unknown | done | failed
waiting    → unknown | done | failed
unknown    → waiting | done | failed
failed     → done
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from lib.models import Evidence, Job, JobKind, JobState, LongText, Take, TextState
from lib.registry import schema
from lib.registry.job_reader import JobReader
from lib.registry.schema import columns_of, record_of
from lib.registry.voices import bump

_S = JobState
MOVES: dict[JobState, tuple[JobState, ...]] = {
    # Withdrawn, or refused while it was prepared: nothing was sent.
    _S.CONFIRMED: (_S.SUBMITTING, _S.FAILED),
    # Back again where the answer proves that nothing ran.
    _S.SUBMITTING: (_S.CONFIRMED, _S.WAITING, _S.UNKNOWN, _S.DONE, _S.FAILED),
    # Let go, so that a next use of its voice may be sent: its ticket is still asked after.
    _S.WAITING: (_S.UNKNOWN, _S.DONE, _S.FAILED),
    _S.UNKNOWN: (_S.WAITING, _S.DONE, _S.FAILED),
    _S.DONE: (),
    # A sound or a voice that came after all: what is in our hands wins.
    _S.FAILED: (_S.DONE,),
}
"""Which state may follow which. A job that stays in its state makes no move."""


class IllegalMove(Exception):
    """The program wanted to move a job where no job may go: a defect of ours."""


class JobMover(JobReader):
    """Leases and moves, for the named state changes of `jobs.py`."""

    @staticmethod
    def read(connection: Connection, job_id: str) -> Job:
        """A job that is known to be there, as this transaction sees it."""
        chosen = select(schema.jobs).where(schema.jobs.c.id == job_id)
        return record_of(Job, connection.execute(chosen).one())

    def lease(self, job_id: str, owner: str, until: datetime, *conditions: Any) -> bool:
        with self._database.write() as connection:
            changed = connection.execute(
                update(schema.jobs)
                .where(schema.jobs.c.id == job_id, *conditions)
                .values(lease_owner=owner, lease_until=until)
            )
        return changed.rowcount == 1

    def move(
        self,
        job_id: str,
        states: Sequence[JobState],
        now: datetime,
        person: str,
        what: str,
        **changes: Any,
    ) -> bool:
        """`moved` in a transaction of its own."""
        with self._database.write() as connection:
            return self.moved(connection, job_id, states, now, person, what, **changes)

    def moved(
        self,
        connection: Connection,
        job_id: str,
        states: Sequence[JobState],
        now: datetime,
        person: str,
        what: str,
        *,
        voice_fields: dict[str, Any] | None = None,
        records: Sequence[Evidence | Take | None] = (),
        conditions: Sequence[Any] = (),
        **values: Any,
    ) -> bool:
        """The conditional UPDATE, with all that is committed together with it."""
        which = (schema.jobs.c.id == job_id, *conditions)
        if not _update(connection, states, *which, **values):
            return False
        job = self.read(connection, job_id)
        if voice_fields:
            connection.execute(
                update(schema.voices)
                .where(schema.voices.c.id == job.voice_id)
                .values(**voice_fields)
            )
        for record in records:
            if record is not None:
                home = schema.takes if isinstance(record, Take) else schema.evidence
                connection.execute(insert(home).values(columns_of(record)))
        if job.long_text_id and "state" in values and not job.is_open:
            _look_at_text(connection, job, now)
        seen = any(isinstance(record, Evidence) for record in records)
        if job.kind is not JobKind.SPEECH or seen:
            bump(connection, job.voice_id)
        tell(connection, now, person, what, job)
        return True


def _update(
    connection: Connection, states: Sequence[JobState], *conditions: Any, **values: Any
) -> bool:
    """Change a job that is in one of these states: the only statement that moves any.

    Raises `IllegalMove` before it does anything, whatever state the job is in.
    """
    if "state" in values:
        check_move(states, values["state"])
    table = schema.jobs
    changed = connection.execute(
        update(table)
        .where(table.c.state.in_(states), *conditions)
        .values(revision=table.c.revision + 1, **values)
    )
    return changed.rowcount == 1


def check_move(states: Sequence[JobState], new: JobState) -> None:
    """Raises `IllegalMove` if one of these states may not be followed by that one."""
    for old in states:
        if new not in MOVES[old]:
            raise IllegalMove(f"A job that is {old} cannot become {new}.")


def _look_at_text(connection: Connection, part: Job, now: datetime) -> None:
    """A part came to its end: its long text is looked at, and joined (again) if it was spoken."""
    table = schema.long_texts
    its = update(table).where(table.c.id == part.long_text_id, table.c.text != "")
    is_waiting = table.c.state == TextState.WAITING
    connection.execute(its.where(is_waiting).values(next_check_at=now))
    if part.state is JobState.DONE:
        again = waiting_again(now) | {"revision": table.c.revision + 1}
        connection.execute(its.where(~is_waiting).values(**again))


def waiting_again(now: datetime) -> dict[str, Any]:
    """What changes where a long text that was joined or given up waits for its parts again.

    Its key is its own id from then on: the same text may have been ordered anew.
    """
    return {
        "state": TextState.WAITING,
        "order_key": schema.long_texts.c.id,
        "next_check_at": now,
        "finished_at": None,
        "error": "",
    }


def tell(
    connection: Connection, at: datetime, person: str, what: str, order: Job | LongText
) -> None:
    """Note in the story of the library who did what with this order."""
    connection.execute(
        insert(schema.events).values(
            at=at, person=person, what=what, voice_id=order.voice_id, job_id=order.id
        )
    )
