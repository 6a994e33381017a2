"""Voices with their evidence. Each change of a voice's story bumps its revision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Unpack

from sqlalchemy import Connection, Row, Select, delete, insert, select, true, update
from sqlalchemy.exc import DataError, IntegrityError

from lib.consent import Consent
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
from lib.registry import consents, schema
from lib.registry.changes import EvidenceChanges, VoiceChanges
from lib.registry.database import Database
from lib.registry.manifests import Manifests
from lib.registry.schema import columns_of, records_of
from lib.registry.wording import Reason, sentence


class Voices(Manifests):
    """Loads dossiers and commits what changes about voices."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, (schema.voices, true()))

    def get(self, voice_id: str) -> Voice | None:
        """The voice with this id, or None."""
        return self._first(_with_consent().where(schema.voices.c.id == voice_id))

    def replaced_with(self, voice_id: str) -> Voice | None:
        """The voice that this one was made to replace, if there is one."""
        return self._first(_with_consent().where(schema.voices.c.replaced_by == voice_id))

    def _first(self, chosen: Select[Any]) -> Voice | None:
        with self._database.read() as connection:
            row = connection.execute(chosen.limit(1)).first()
            return _voice_of(row) if row else None

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
        wanted = select(schema.voices.c.id)
        chosen = _with_consent().order_by(schema.voices.c.created_at.desc(), schema.voices.c.id)
        if services is not None:
            is_of_service = schema.voices.c.service.in_(services)
            wanted, chosen = wanted.where(is_of_service), chosen.where(is_of_service)
        if ids is not None:
            has_id = schema.voices.c.id.in_(ids)
            wanted, chosen = wanted.where(has_id), chosen.where(has_id)
        is_of_voice = schema.jobs.c.kind.not_in(OWN_STORY)
        jobs = select(schema.jobs).where(is_of_voice, schema.jobs.c.voice_id.in_(wanted))
        seen = select(schema.evidence).where(schema.evidence.c.voice_id.in_(wanted))
        # Three queries and no join of lists: a voice with many jobs would come back many times.
        with self._database.read() as connection:
            found = [_voice_of(row) for row in connection.execute(chosen)]
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

    def add(self, voice: Voice, *seen: Evidence) -> None:
        """Store a voice that exists already, with what was seen of it; its manifest is due."""
        with self._database.write() as connection:
            add(connection, self._database, voice)
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

        A voice that was erased is never taken. What was being sent when it was written is unknown
        now, and what was confirmed is not sent by itself: another container may have sent it.
        Raises `BadManifest`.
        """
        dossier = replace(dossier, jobs=tuple(settled(job) for job in dossier.jobs))
        with fits():
            try:
                return self._absorb(dossier)
            except IntegrityError:  # another process may have written of this voice meanwhile
                return self._absorb(dossier)

    def _absorb(self, dossier: Dossier) -> bool:
        voice = dossier.voice
        with self._database.write() as connection:
            ours = connection.scalar(
                select(schema.voices.c.revision).where(schema.voices.c.id == voice.id)
            )
            if ours is not None and ours >= voice.revision:
                return False
            erased = schema.erasures.c
            is_erased = (erased.voice_id == voice.id, erased.started_at.is_not(None))
            if connection.execute(select(erased.voice_id).where(*is_erased)).first():
                return False
            # The voice last, as all writers do: else two of them may wait for each other.
            connection.execute(
                delete(schema.jobs).where(
                    schema.jobs.c.voice_id == voice.id, schema.jobs.c.kind.not_in(OWN_STORY)
                )
            )
            connection.execute(
                delete(schema.evidence).where(schema.evidence.c.voice_id == voice.id)
            )
            connection.execute(delete(schema.voices).where(schema.voices.c.id == voice.id))
            told_all = consents.meet(connection, self._database, consents.of_voice(voice))
            row = columns_of(voice) | {"saved_revision": voice.revision}
            if not told_all:  # its manifest does not know of a withdrawal that we know of
                row["revision"] = voice.revision + 1
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
        raise BadManifest(sentence(Reason.CONTRADICTED)) from None


def bump(connection: Connection, voice_id: str) -> None:
    """The story of this voice changed: its manifest is due."""
    table = schema.voices
    connection.execute(
        update(table).where(table.c.id == voice_id).values(revision=table.c.revision + 1)
    )


def add(connection: Connection, database: Database, voice: Voice) -> None:
    """Store a new voice, with the record of consent that it has."""
    consents.meet(connection, database, consents.of_voice(voice))
    connection.execute(insert(schema.voices).values(columns_of(voice)))


_GIVEN = "consent_"
"""Begins the names of a consent's columns beside those of its voice."""


def _with_consent() -> Select[Any]:
    """Voices, each with its record of consent."""
    given = (column.label(_GIVEN + column.name) for column in schema.consents.c)
    own = (column for column in schema.voices.c if column is not schema.voices.c.consent_id)
    is_its = schema.voices.c.consent_id == schema.consents.c.id
    return select(*own, *given).select_from(schema.voices.outerjoin(schema.consents, is_its))


def _voice_of(row: Row[Any]) -> Voice:
    own, given = {}, {}
    for name, value in row._mapping.items():
        if name.startswith(_GIVEN):
            given[name.removeprefix(_GIVEN)] = value
        else:
            own[name] = value
    return Voice(**own, consent=Consent(**given) if given["id"] else None)


def _insert_all(connection: Connection, jobs: Iterable[Job], evidence: Iterable[Evidence]) -> None:
    for table, records in ((schema.jobs, jobs), (schema.evidence, evidence)):
        rows = [columns_of(record) for record in records]
        if rows:
            connection.execute(insert(table), rows)
