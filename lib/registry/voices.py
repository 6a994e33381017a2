"""Voices with their evidence. Each change of a voice's story bumps its revision."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError

from lib.manifest import BadManifest
from lib.models import Dossier, ErrorKind, Evidence, Job, JobKind, JobState, Voice
from lib.registry import schema
from lib.registry.database import Database
from lib.registry.schema import columns_of, record_of

LATELY = 2.0
"""Seconds that one reading of a whole library serves all who look at it."""


@dataclass(frozen=True)
class _Reading:
    """All dossiers of these services. `write`: the last one of this process before."""

    services: tuple[str, ...]
    write: int
    at: float
    dossiers: tuple[Dossier, ...]


class Voices:
    """Loads dossiers and commits what changes about voices."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading: _Reading | None = None

    def get(self, voice_id: str) -> Voice | None:
        with self._database.read() as connection:
            row = connection.execute(
                select(schema.voices).where(schema.voices.c.id == voice_id)
            ).one_or_none()
        return record_of(Voice, row) if row else None

    def replaced_with(self, voice_id: str) -> Voice | None:
        """The voice that this one was made to replace, if there is one."""
        with self._database.read() as connection:
            row = connection.execute(
                select(schema.voices).where(schema.voices.c.replaced_by == voice_id).limit(1)
            ).one_or_none()
        return record_of(Voice, row) if row else None

    def services(self) -> set[str]:
        """The services that voices of this library were made with."""
        with self._database.read() as connection:
            return set(connection.scalars(select(schema.voices.c.service).distinct()))

    def dossier(self, voice_id: str) -> Dossier | None:
        found = self.dossiers(ids=[voice_id])
        return found[0] if found else None

    def dossiers(
        self, *, services: Collection[str] | None = None, ids: Collection[str] | None = None
    ) -> list[Dossier]:
        """Dossiers, newest voice first; three queries however many there are."""
        chosen = select(schema.voices)
        if services is not None:
            chosen = chosen.where(schema.voices.c.service.in_(services))
        if ids is not None:
            chosen = chosen.where(schema.voices.c.id.in_(ids))
        wanted = chosen.with_only_columns(schema.voices.c.id)
        jobs = select(schema.jobs).where(schema.jobs.c.kind != JobKind.SPEECH)
        seen = select(schema.evidence)
        if services is not None or ids is not None:
            jobs = jobs.where(schema.jobs.c.voice_id.in_(wanted))
            seen = seen.where(schema.evidence.c.voice_id.in_(wanted))
        with self._database.read() as connection:
            voice_rows = connection.execute(
                chosen.order_by(schema.voices.c.created_at.desc(), schema.voices.c.id)
            ).all()
            job_rows = connection.execute(jobs.order_by(schema.jobs.c.created_at)).all()
            seen_rows = connection.execute(seen.order_by(schema.evidence.c.at)).all()
        jobs_of: dict[str, list[Job]] = defaultdict(list)
        for row in job_rows:
            jobs_of[row.voice_id].append(record_of(Job, row))
        seen_of: dict[str, list[Evidence]] = defaultdict(list)
        for row in seen_rows:
            seen_of[row.voice_id].append(record_of(Evidence, row))
        return [
            Dossier(record_of(Voice, row), tuple(jobs_of[row.id]), tuple(seen_of[row.id]))
            for row in voice_rows
        ]

    def dossiers_lately(self, services: tuple[str, ...]) -> tuple[Dossier, ...]:
        """As `dossiers`, for pages: many tabs share one reading.

        What this process wrote is always in it, what others wrote after two seconds at most.
        """
        write, now = Database.last_write, time.monotonic()
        last = self._reading
        if (
            last is None
            or (last.services, last.write) != (services, write)
            or now - last.at > LATELY
        ):
            last = _Reading(services, write, now, tuple(self.dossiers(services=services)))
            self._reading = last
        return last.dossiers

    def add(self, voice: Voice, *seen: Evidence) -> None:
        """A voice that exists already, with what was seen of it; its manifest is due."""
        with self._database.write() as connection:
            connection.execute(insert(schema.voices).values(columns_of(voice)))
            _insert_all(connection, (), seen)

    def change(self, voice_id: str, **fields: Any) -> None:
        """Change fields of a voice; part of its story, so its manifest becomes due."""
        with self._database.write() as connection:
            connection.execute(
                update(schema.voices).where(schema.voices.c.id == voice_id).values(**fields)
            )
            bump(connection, voice_id)

    def add_evidence(self, item: Evidence) -> None:
        with self._database.write() as connection:
            connection.execute(insert(schema.evidence).values(columns_of(item)))
            bump(connection, item.voice_id)

    def change_evidence(self, item: Evidence, **fields: Any) -> None:
        """Note that a copy was read back, or withdraw what turned out not to be true."""
        with self._database.write() as connection:
            connection.execute(
                update(schema.evidence).where(schema.evidence.c.id == item.id).values(**fields)
            )
            bump(connection, item.voice_id)

    def files_later(
        self,
        voice_id: str,
        *,
        tries: int,
        next_at: datetime | None,
        error: str = "",
        kind: ErrorKind | None = None,
    ) -> None:
        """When the keeper tries this voice's files again, and why not now; `kind`: of that."""
        with self._database.write() as connection:
            connection.execute(
                update(schema.voices)
                .where(schema.voices.c.id == voice_id)
                .values(
                    copy_tries=tries,
                    copy_next_at=next_at,
                    copy_error=error,
                    copy_error_kind=kind or "",
                )
            )

    def unsaved(self, limit: int) -> list[str]:
        """Ids of voices whose manifest is older than their story."""
        table = schema.voices
        with self._database.read() as connection:
            return list(
                connection.scalars(
                    select(table.c.id)
                    .where(table.c.revision > table.c.saved_revision)
                    .order_by(table.c.created_at)
                    .limit(limit)
                )
            )

    def saved(self, voice_id: str, revision: int) -> bool:
        """The manifest of this revision is in the vault. False where this or a newer one was."""
        table = schema.voices
        with self._database.write() as connection:
            changed = connection.execute(
                update(table)
                .where(table.c.id == voice_id, table.c.saved_revision < revision)
                .values(saved_revision=revision)
            )
        return changed.rowcount == 1

    def saved_revisions(self, services: Collection[str]) -> dict[str, int]:
        """Voices of these services whose manifest was written, and of which revision it is."""
        table = schema.voices
        chosen = select(table.c.id, table.c.saved_revision).where(
            table.c.saved_revision > 0, table.c.service.in_(services)
        )
        with self._database.read() as connection:
            return {row.id: row.saved_revision for row in connection.execute(chosen)}

    def save_again(self, ids: Sequence[str]) -> None:
        """What lies in the vault for these voices is not their newest manifest any more."""
        table = schema.voices
        with self._database.write() as connection:
            for few in in_portions(ids):
                connection.execute(
                    update(table).where(table.c.id.in_(few)).values(saved_revision=0)
                )

    def unsave(self, *, without: str) -> None:
        """All manifests are due again, but those of one service."""
        table = schema.voices
        with self._database.write() as connection:
            connection.execute(
                update(table).where(table.c.service != without).values(saved_revision=0)
            )

    def revisions(self) -> dict[str, int]:
        with self._database.read() as connection:
            rows = connection.execute(select(schema.voices.c.id, schema.voices.c.revision))
            return {row.id: row.revision for row in rows}

    def absorb(self, dossier: Dossier) -> bool:
        """Take a dossier from a manifest, if it is newer than ours; True if it was taken.

        What was being sent when it was written is unknown now, and what was confirmed is not
        sent by itself: another container may have sent it. Raises `BadManifest`.
        """
        dossier = replace(dossier, jobs=tuple(settled(job) for job in dossier.jobs))
        voice = dossier.voice
        with fits(), self._database.write() as connection:
            ours = connection.scalar(
                select(schema.voices.c.revision).where(schema.voices.c.id == voice.id)
            )
            if ours is not None and ours >= voice.revision:
                return False
            connection.execute(delete(schema.voices).where(schema.voices.c.id == voice.id))
            connection.execute(
                delete(schema.jobs).where(
                    schema.jobs.c.voice_id == voice.id, schema.jobs.c.kind != JobKind.SPEECH
                )
            )
            connection.execute(
                delete(schema.evidence).where(schema.evidence.c.voice_id == voice.id)
            )
            row = columns_of(voice) | {"saved_revision": voice.revision}
            connection.execute(insert(schema.voices).values(row))
            _insert_all(connection, dossier.jobs, dossier.evidence)
        return True


PORTION = 500
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any order: nothing with this as its time limit is ever sent by itself."""


def settled(job: Job) -> Job:
    """A job as it must be taken from a manifest: nothing is sent twice because of it.

    An activation that was only confirmed would keep the next one out for ever if it stayed open.
    """
    keeping = job.kind is JobKind.ACTIVATION and job.state is JobState.CONFIRMED
    if job.state is JobState.SUBMITTING or keeping:
        ended = job.submitted_at or job.created_at
        return replace(job, state=JobState.UNKNOWN, finished_at=ended, next_check_at=None)
    if job.state is JobState.CONFIRMED:
        return replace(job, send_before=LONG_AGO)
    return job


@contextmanager
def fits() -> Iterator[None]:
    """A manifest whose records contradict others, or are too long for their columns, is refused."""
    try:
        yield
    except (IntegrityError, DataError):
        raise BadManifest("It does not go together with what is in the registry.") from None


def in_portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """A statement takes only so many values."""
    for start in range(0, len(ids), PORTION):
        yield ids[start : start + PORTION]


def bump(connection: Connection, voice_id: str) -> None:
    """The story of this voice changed: its manifest is due."""
    table = schema.voices
    connection.execute(
        update(table).where(table.c.id == voice_id).values(revision=table.c.revision + 1)
    )


def _insert_all(connection: Connection, jobs: Iterable[Job], evidence: Iterable[Evidence]) -> None:
    for table, records in ((schema.jobs, jobs), (schema.evidence, evidence)):
        rows = [columns_of(record) for record in records]
        if rows:
            connection.execute(insert(table), rows)
