"""Takes: speech that was generated and kept, with the jobs that made them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from lib.manifest import BadManifest, TakeStory
from lib.models import Job, JobKind, Take
from lib.registry import schema
from lib.registry.database import Database
from lib.registry.schema import columns_of, record_of
from lib.registry.voices import fits, settled


class Takes:
    """Finds takes and commits what changes about them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, take_id: str) -> Take | None:
        found = self._find(schema.takes.c.id == take_id, limit=1)
        return found[0] if found else None

    def latest(self, *, services: Collection[str], limit: int) -> list[Take]:
        """The newest takes of voices of these services, newest first."""
        voices = select(schema.voices.c.id).where(schema.voices.c.service.in_(services))
        return self._find(schema.takes.c.voice_id.in_(voices), limit=limit)

    def same(
        self, *, voice_id: str, text: str, model: str, settings: dict[str, Any]
    ) -> Take | None:
        """The newest take of exactly this, so that nobody pays for it again."""
        table = schema.takes
        found = self._find(
            table.c.voice_id == voice_id, table.c.model == model, table.c.text == text, limit=50
        )
        return next((take for take in found if take.settings == settings), None)

    def story(self, job_id: str) -> TakeStory | None:
        """A speech job and the take it brought, if it did."""
        with self._database.read() as connection:
            job = connection.execute(
                select(schema.jobs).where(schema.jobs.c.id == job_id)
            ).one_or_none()
            take = connection.execute(
                select(schema.takes).where(schema.takes.c.id == job_id)
            ).one_or_none()
        if job is None:
            return None
        return TakeStory(record_of(Job, job), record_of(Take, take) if take else None)

    def unsaved(self, limit: int) -> list[str]:
        """Ids of speech jobs whose manifest is older than their story."""
        table = schema.jobs
        with self._database.read() as connection:
            return list(
                connection.scalars(
                    select(table.c.id)
                    .where(
                        table.c.kind == JobKind.SPEECH, table.c.revision > table.c.saved_revision
                    )
                    .order_by(table.c.created_at)
                    .limit(limit)
                )
            )

    def saved(self, job_id: str, revision: int) -> None:
        """The manifest of this revision is in the vault."""
        table = schema.jobs
        with self._database.write() as connection:
            connection.execute(
                update(table)
                .where(table.c.id == job_id, table.c.saved_revision < revision)
                .values(saved_revision=revision)
            )

    def elsewhere(self, vault: str, *, without: str, limit: int) -> list[Take]:
        """The newest takes whose sound lies in another vault, those of one service left out."""
        return self._find(*_elsewhere(vault, without), limit=limit)

    def count_elsewhere(self, vault: str, *, without: str) -> int:
        """How many takes lie in another vault, those of one service left out."""
        chosen = select(func.count()).select_from(schema.takes)
        with self._database.read() as connection:
            return connection.scalar(chosen.where(*_elsewhere(vault, without))) or 0

    def moved(self, take_id: str, vault: str) -> None:
        """The sound lies in that vault now, under the same key; its manifest becomes due."""
        jobs, takes = schema.jobs, schema.takes
        with self._database.write() as connection:
            connection.execute(update(takes).where(takes.c.id == take_id).values(vault=vault))
            connection.execute(
                update(jobs).where(jobs.c.id == take_id).values(revision=jobs.c.revision + 1)
            )

    def unsave(self, *, without: str) -> None:
        """All manifests of takes are due again, but those of one service."""
        table = schema.jobs
        with self._database.write() as connection:
            connection.execute(
                update(table)
                .where(table.c.kind == JobKind.SPEECH, table.c.service != without)
                .values(saved_revision=0)
            )

    def absorb(self, story: TakeStory) -> bool:
        """Take a story from a manifest, if it is newer than ours; True if it was taken.

        Raises `BadManifest`.
        """
        job = settled(story.job)
        with fits(), self._database.write() as connection:
            ours = connection.execute(
                select(schema.jobs).where(schema.jobs.c.id == job.id)
            ).one_or_none()
            if ours and (ours.kind, ours.voice_id) != (job.kind, job.voice_id):
                raise BadManifest("It has the id of an order that it does not tell of.")
            if ours and ours.revision >= job.revision:
                return False
            connection.execute(delete(schema.jobs).where(schema.jobs.c.id == job.id))
            connection.execute(delete(schema.takes).where(schema.takes.c.id == job.id))
            row = columns_of(job) | {"saved_revision": job.revision}
            connection.execute(insert(schema.jobs).values(row))
            if story.take:
                connection.execute(insert(schema.takes).values(columns_of(story.take)))
        return True

    def _find(self, *conditions: Any, limit: int) -> list[Take]:
        chosen = (
            select(schema.takes)
            .where(*conditions)
            .order_by(schema.takes.c.created_at.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(chosen).all()
        return [record_of(Take, row) for row in rows]


def _elsewhere(vault: str, without: str) -> tuple[Any, ...]:
    others = select(schema.voices.c.id).where(schema.voices.c.service != without)
    table = schema.takes.c
    return (table.vault != vault, table.key != "", table.voice_id.in_(others))
