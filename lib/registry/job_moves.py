"""The one UPDATE that moves a job, and what is committed together with it.

It is conditional: it names the states that a job may leave, and its row count tells whether the
job still was in one of them. So of two that want to move a job only one does. Which state may
follow which is told in `job_states.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Unpack

from sqlalchemy import ColumnElement, Connection, insert, select, update

from lib.event_kinds import EventKind
from lib.models import (
    OWN_STORY,
    ErrorKind,
    Evidence,
    Inquiry,
    Job,
    JobState,
    LongText,
    Take,
    TextState,
)
from lib.registry import schema
from lib.registry.changes import JobChanges, VoiceChanges
from lib.registry.job_states import IllegalTransition, check_move
from lib.registry.schema import columns_of, record_of
from lib.registry.voices import bump
from lib.registry.wording import ordered

AFRESH = JobChanges(
    finished_at=None,
    inquiry=Inquiry.NONE,
    lease_owner="",
    lease_until=None,
    error="",
    error_kind=ErrorKind.NONE,
    error_tells_cost=False,
)
"""What each new state begins with, unless the move says otherwise."""


def read(connection: Connection, job_id: str) -> Job:
    """A job that is known to be there, as this transaction sees it."""
    chosen = select(schema.jobs).where(schema.jobs.c.id == job_id)
    return record_of(Job, connection.execute(chosen).one())


def move(
    connection: Connection,
    job_id: str,
    states: Sequence[JobState],
    now: datetime,
    person: str,
    what: str,
    *,
    voice_changes: VoiceChanges | None = None,
    records: Sequence[Evidence | Take | None] = (),
    conditions: Sequence[ColumnElement[bool]] = (),
    **changes: Unpack[JobChanges],
) -> bool:
    """Change a job that is in one of these `states`, if all `conditions` hold; True if it was.

    In the same transaction its voice is changed (`voice_changes`), what it brought is stored
    (`records`), the voice's story becomes due, and the library's record says that `person` did
    `what` at `now`.
    Raises `IllegalTransition` before it does anything, whatever state the job is in.
    """
    which = (schema.jobs.c.id == job_id, *conditions)
    if not _update(connection, states, *which, **changes):
        return False
    job = read(connection, job_id)
    if voice_changes:
        connection.execute(
            update(schema.voices).where(schema.voices.c.id == job.voice_id).values(**voice_changes)
        )
    for record in records:
        if record is not None:
            home = schema.takes if isinstance(record, Take) else schema.evidence
            connection.execute(insert(home).values(columns_of(record)))
    if job.long_text_id and "state" in changes and not job.is_open:
        _look_at_text(connection, job, now)
    seen = any(isinstance(record, Evidence) for record in records)
    if job.kind not in OWN_STORY or seen:
        bump(connection, job.voice_id)
    kind = EventKind.DECIDED if person else EventKind.OTHER
    log_event(connection, now, person, what, job, kind=kind)
    return True


def _update(
    connection: Connection,
    states: Sequence[JobState],
    *conditions: ColumnElement[bool],
    **changes: Unpack[JobChanges],
) -> bool:
    """Change a job that is in one of these states: the only statement that moves any."""
    begins = JobChanges()
    if "state" in changes:
        check_move(states, changes["state"])
        if changes["state"] is JobState.UNKNOWN and not changes.get("inquiry"):
            raise IllegalTransition("An unconfirmed order says what is done about it.")
        begins = AFRESH
    table = schema.jobs
    changed = connection.execute(
        update(table)
        .where(table.c.state.in_(states), *conditions)
        .values({"revision": table.c.revision + 1, **begins, **changes})
    )
    return changed.rowcount == 1


def _look_at_text(connection: Connection, part: Job, now: datetime) -> None:
    """A part came to its end: its long text is looked at, and joined (again) if it was spoken."""
    table = schema.long_texts
    its = update(table).where(table.c.id == part.long_text_id, table.c.text != "")
    is_waiting = table.c.state == TextState.WAITING
    connection.execute(its.where(is_waiting).values(next_check_at=now))
    if part.state is JobState.DONE:
        again = waiting_again(now) | {"revision": table.c.revision + 1}
        connection.execute(its.where(~is_waiting).values(**again))


def waiting_again(now: datetime) -> dict[str, object]:
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


def log_order(connection: Connection, job: Job) -> None:
    """Note in the story of the library who ordered this."""
    what = ordered(job.kind)
    log_event(connection, job.created_at, job.person, what, job, kind=EventKind.ORDERED)


def log_event(
    connection: Connection,
    at: datetime,
    person: str,
    what: str,
    order: Job | LongText,
    *,
    kind: EventKind,
) -> None:
    """Note in the story of the library who did what with this order."""
    connection.execute(
        insert(schema.events).values(
            at=at, person=person, what=what, voice_id=order.voice_id, job_id=order.id, kind=kind
        )
    )
