"""Voices with their evidence. Each change of a voice's story bumps its revision."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Unpack

from sqlalchemy import Connection, delete, insert, select, true, update
from sqlalchemy.exc import DataError, IntegrityError

from lib.manifest import BadManifest
from lib.models import (
    OWN_STORY,
    Dossier,
    ErrorKind,
    Evidence,
    Inquiry,
    Job,
    JobKind,
    JobState,
    Voice,
)
from lib.registry import schema
from lib.registry.changes import EvidenceChanges, VoiceChanges
from lib.registry.database import Database
from lib.registry.manifests import Manifests
from lib.registry.schema import columns_of, first_of, records_of

CACHED_FOR = 2.0
"""Seconds that one reading of a whole library serves all who look at it."""


@dataclass(frozen=True)
class _Reading:
    """All dossiers of these services. `write`: the last one of this process before."""

    services: tuple[str, ...]
    write: int
    at: float
    dossiers: tuple[Dossier, ...]


class Voices(Manifests):
    """Loads dossiers and commits what changes about voices."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, (schema.voices, true()))
        self._reading: _Reading | None = None

    def get(self, voice_id: str) -> Voice | None:
        """The voice with this id, or None."""
        chosen = select(schema.voices).where(schema.voices.c.id == voice_id)
        with self._database.read() as connection:
            return first_of(Voice, connection, chosen)

    def replaced_with(self, voice_id: str) -> Voice | None:
        """The voice that this one was made to replace, if there is one."""
        chosen = select(schema.voices).where(schema.voices.c.replaced_by == voice_id).limit(1)
        with self._database.read() as connection:
            return first_of(Voice, connection, chosen)

    def services(self) -> set[str]:
        """The services that voices of this library were made with."""
        with self._database.read() as connection:
            return set(connection.scalars(select(schema.voices.c.service).distinct()))

    def dossier(self, voice_id: str) -> Dossier | None:
        """All that is known about this voice, or None where there is none."""
        found = self.dossiers(ids=[voice_id])
        return found[0] if found else None

    def dossiers(
        self, *, services: Collection[str] | None = None, ids: Collection[str] | None = None
    ) -> list[Dossier]:
        """Dossiers of the voices of these `services`, or with these `ids`; None: of all. The newest
        voice first; three queries however many there are.
        """
        chosen = select(schema.voices)
        if services is not None:
            chosen = chosen.where(schema.voices.c.service.in_(services))
        if ids is not None:
            chosen = chosen.where(schema.voices.c.id.in_(ids))
        wanted = chosen.with_only_columns(schema.voices.c.id)
        is_of_voice = schema.jobs.c.kind.not_in(OWN_STORY)
        jobs = select(schema.jobs).where(is_of_voice, schema.jobs.c.voice_id.in_(wanted))
        seen = select(schema.evidence).where(schema.evidence.c.voice_id.in_(wanted))
        # Three queries and no join: a voice with many jobs and copies would come back many times.
        with self._database.read() as connection:
            newest_first = (schema.voices.c.created_at.desc(), schema.voices.c.id)
            found = records_of(Voice, connection, chosen.order_by(*newest_first))
            all_jobs = records_of(Job, connection, jobs.order_by(schema.jobs.c.created_at))
            all_seen = records_of(Evidence, connection, seen.order_by(schema.evidence.c.at))
        jobs_of: dict[str, list[Job]] = defaultdict(list)
        for job in all_jobs:
            jobs_of[job.voice_id].append(job)
        seen_of: dict[str, list[Evidence]] = defaultdict(list)
        for item in all_seen:
            seen_of[item.voice_id].append(item)
        return [
            Dossier(voice, tuple(jobs_of[voice.id]), tuple(seen_of[voice.id])) for voice in found
        ]

    def cached_dossiers(self, services: tuple[str, ...]) -> tuple[Dossier, ...]:
        """As `dossiers`, for pages: many tabs share one reading.

        What this process wrote is always in it, what others wrote after two seconds at most.
        """
        write, now = Database.last_write, time.monotonic()
        last = self._reading
        if (
            last is None
            or (last.services, last.write) != (services, write)
            or now - last.at > CACHED_FOR
        ):
            last = _Reading(services, write, now, tuple(self.dossiers(services=services)))
            self._reading = last
        return last.dossiers

    def add(self, voice: Voice, *seen: Evidence) -> None:
        """Store a voice that exists already, with what was seen of it; its manifest is due."""
        with self._database.write() as connection:
            connection.execute(insert(schema.voices).values(columns_of(voice)))
            _insert_all(connection, (), seen)

    def change(self, voice_id: str, **changes: Unpack[VoiceChanges]) -> None:
        """Change fields of a voice; part of its story, so its manifest becomes due."""
        with self._database.write() as connection:
            connection.execute(
                update(schema.voices).where(schema.voices.c.id == voice_id).values(**changes)
            )
            bump(connection, voice_id)

    def add_evidence(self, item: Evidence) -> None:
        """Something was seen about a voice; part of its story, so its manifest becomes due."""
        with self._database.write() as connection:
            connection.execute(insert(schema.evidence).values(columns_of(item)))
            bump(connection, item.voice_id)

    def change_evidence(self, item: Evidence, **changes: Unpack[EvidenceChanges]) -> None:
        """Note that a copy was read back, or withdraw what turned out not to be true."""
        with self._database.write() as connection:
            connection.execute(
                update(schema.evidence).where(schema.evidence.c.id == item.id).values(**changes)
            )
            bump(connection, item.voice_id)

    def files_later(
        self,
        voice_id: str,
        *,
        tries: int,
        next_at: datetime | None,
        error: str = "",
        kind: ErrorKind = ErrorKind.NONE,
    ) -> None:
        """When the keeper tries this voice's files again, and why not now: a sentence, and the
        `kind` of that reason. `tries`: how many failed in a row. No part of the voice's story.
        """
        with self._database.write() as connection:
            connection.execute(
                update(schema.voices)
                .where(schema.voices.c.id == voice_id)
                .values(
                    copy_tries=tries,
                    copy_next_at=next_at,
                    copy_error=error,
                    copy_error_kind=kind,
                )
            )

    def revisions(self) -> dict[str, int]:
        """Of all voices, by id, how often their story changed."""
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
                    schema.jobs.c.voice_id == voice.id, schema.jobs.c.kind.not_in(OWN_STORY)
                )
            )
            connection.execute(
                delete(schema.evidence).where(schema.evidence.c.voice_id == voice.id)
            )
            row = columns_of(voice) | {"saved_revision": voice.revision}
            connection.execute(insert(schema.voices).values(row))
            _insert_all(connection, dossier.jobs, dossier.evidence)
        return True


LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any order: nothing with this as its time limit is ever sent by itself."""


def settled(job: Job) -> Job:
    """A job as it must be taken from a manifest: nothing is sent twice because of it.

    An activation that was only confirmed would keep the next one out for ever if it stayed open.
    """
    keeping = job.kind is JobKind.ACTIVATION and job.state is JobState.CONFIRMED
    if job.state is JobState.SUBMITTING or keeping:
        ended = job.submitted_at or job.created_at
        return replace(
            job,
            state=JobState.UNKNOWN,
            inquiry=Inquiry.GIVEN_UP,
            finished_at=ended,
            next_check_at=None,
        )
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
