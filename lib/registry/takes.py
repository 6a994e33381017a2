"""Takes: speech that was generated and kept, with the jobs that made them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from lib import storable
from lib.manifest import BadManifest, TakeStory
from lib.models import Heard, Job, JobKind, JobState, Source, Take
from lib.registry import schema
from lib.registry.database import Database
from lib.registry.schema import columns_of, record_of
from lib.registry.voices import bump, fits, in_portions, settled

MOST_WORDS = 12
"""Of a search; more would only slow it down."""


class Takes:
    """Finds takes and commits what changes about them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, take_id: str) -> Take | None:
        found = self._find(schema.takes.c.id == take_id, limit=1)
        return found[0] if found else None

    def latest(
        self, *, services: Collection[str], limit: int, search: str = "", skip: int = 0
    ) -> list[Take]:
        """The newest takes of voices of these services, newest first; parts of a whole apart.

        `search`: words that all occur in the text or in the name of the voice.
        """
        return self._find(*_shown(services, search), limit=limit, skip=skip)

    def count(self, *, services: Collection[str], search: str = "") -> int:
        """How many takes `latest` goes through."""
        chosen = select(func.count()).select_from(schema.takes)
        with self._database.read() as connection:
            return connection.scalar(chosen.where(*_shown(services, search))) or 0

    def same(
        self, *, voice_id: str, text: str, model: str, settings: dict[str, Any]
    ) -> Take | None:
        """The newest take of exactly this whose sound is here, so that nobody pays for it again."""
        table = schema.takes.c
        of_text = (table.voice_id == voice_id, table.model == model, table.text == text)
        found = self._find(*of_text, table.key != "", limit=50)
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

    def saved(self, job_id: str, revision: int) -> bool:
        """The manifest of this revision is in the vault. False where this or a newer one was."""
        table = schema.jobs
        with self._database.write() as connection:
            changed = connection.execute(
                update(table)
                .where(table.c.id == job_id, table.c.saved_revision < revision)
                .values(saved_revision=revision)
            )
        return changed.rowcount == 1

    def saved_revisions(self, services: Collection[str]) -> dict[str, int]:
        """Speech jobs of these services whose manifest was written, and of which revision."""
        table = schema.jobs
        chosen = select(table.c.id, table.c.saved_revision).where(
            table.c.kind == JobKind.SPEECH,
            table.c.saved_revision > 0,
            table.c.service.in_(services),
        )
        with self._database.read() as connection:
            return {row.id: row.saved_revision for row in connection.execute(chosen)}

    def save_again(self, ids: Sequence[str]) -> None:
        """What lies in the vault for these jobs is not their newest manifest any more."""
        table = schema.jobs
        with self._database.write() as connection:
            for few in in_portions(ids):
                connection.execute(
                    update(table)
                    .where(table.c.id.in_(few), table.c.kind == JobKind.SPEECH)
                    .values(saved_revision=0)
                )

    def elsewhere(self, vault: str, *, without: str, limit: int) -> list[Take]:
        """Takes whose sound lies in another vault, those of one service left out.

        In any order, so that some that cannot be had never keep out the others.
        """
        chosen = select(schema.takes).where(*_elsewhere(vault, without))
        with self._database.read() as connection:
            rows = connection.execute(chosen.order_by(func.random()).limit(limit)).all()
        return [record_of(Take, row) for row in rows]

    def leave_behind(self, vault: str, *, without: str) -> int:
        """The sounds of takes in other vaults are given up; returns how many."""
        jobs, takes = schema.jobs, schema.takes
        with self._database.write() as connection:
            chosen = select(takes.c.id).where(*_elsewhere(vault, without))
            ids = list(connection.scalars(chosen))
            for some in in_portions(ids):
                connection.execute(update(takes).where(takes.c.id.in_(some)).values(key=""))
                connection.execute(
                    update(jobs).where(jobs.c.id.in_(some)).values(revision=jobs.c.revision + 1)
                )
        return len(ids)

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

    def forget(self, ids: Collection[str], *, person: str, now: datetime) -> bool:
        """Delete takes of these orders, with their texts; what was paid stays in the books.

        Evidence of a use stays as well, without its sound. Their stories become due: the vault
        learns of it then. False, and nothing is deleted, where one of the orders is not over.
        """
        jobs, takes, seen = schema.jobs, schema.takes, schema.evidence
        with self._database.write() as connection:
            found = connection.execute(
                select(jobs, takes.c.key.label("sound"), takes.c.vault.label("place"))
                .outerjoin(takes, takes.c.id == jobs.c.id)
                .where(jobs.c.id.in_(ids), jobs.c.kind == JobKind.SPEECH)
            ).all()
            if any(row.state not in (JobState.DONE, JobState.FAILED) for row in found):
                return False
            for row in found:
                asked = {name: value for name, value in row.request.items() if name != "text"}
                place = {"vault": row.place or "", "key": row.sound or ""}
                connection.execute(
                    update(jobs)
                    .where(jobs.c.id == row.id)
                    .values(
                        request=asked,
                        result={"deleted": place},
                        reading="",
                        revision=jobs.c.revision + 1,
                    )
                )
                of_it = update(seen).where(seen.c.job_id == row.id)
                uses = connection.execute(of_it.values(summary=""))
                # The sample of a voice that cannot be made again lies elsewhere, and stays.
                connection.execute(
                    of_it.where(seen.c.key == (row.sound or "")).values(
                        vault="", key="", read_back_at=None
                    )
                )
                if uses.rowcount:
                    _withdraw_unheard(connection, row.id, row.voice_id, now)
                    bump(connection, row.voice_id)
            connection.execute(delete(takes).where(takes.c.id.in_([row.id for row in found])))
            for row in found[:1]:
                told = {"at": now, "person": person, "what": "deleted a take", "job_id": row.id}
                connection.execute(insert(schema.events).values(voice_id=row.voice_id, **told))
        return True

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

    def _find(self, *conditions: Any, limit: int, skip: int = 0) -> list[Take]:
        chosen = (
            select(schema.takes)
            .where(*conditions)
            .order_by(schema.takes.c.created_at.desc(), schema.takes.c.id)
            .limit(limit)
            .offset(skip)
        )
        with self._database.read() as connection:
            rows = connection.execute(chosen).all()
        return [record_of(Take, row) for row in rows]


def _shown(services: Collection[str], search: str) -> tuple[Any, ...]:
    """Takes that stand for themselves; a part of a long text is shown with its whole."""
    takes, jobs, voices = schema.takes, schema.jobs, schema.voices
    wholes = select(jobs.c.id).where(jobs.c.reading == jobs.c.id)
    parts = select(jobs.c.id).where(jobs.c.reading.in_(wholes), jobs.c.reading != jobs.c.id)
    of_services = select(voices.c.id).where(voices.c.service.in_(services))
    words = [
        or_(
            _says(takes.c.text, word),
            takes.c.voice_id.in_(select(voices.c.id).where(_says(voices.c.name, word))),
        )
        for word in storable.text(search).split()[:MOST_WORDS]
    ]
    return (takes.c.voice_id.in_(of_services), takes.c.id.not_in(parts), *words)


def _says(column: Any, word: str) -> Any:
    """Whatever its case: SQLite itself knows that of plain letters only."""
    forms = [(column, form) for form in (word, word.upper(), word.capitalize())]
    forms.append((func.lower(column), word.lower()))
    return or_(*(where.contains(form, autoescape=True) for where, form in forms))


def _elsewhere(vault: str, without: str) -> tuple[Any, ...]:
    others = select(schema.voices.c.id).where(schema.voices.c.service != without)
    table = schema.takes.c
    return (table.vault != vault, table.key != "", table.voice_id.in_(others))


def _withdraw_unheard(connection: Connection, job_id: str, voice_id: str, now: datetime) -> None:
    """A use of an adopted voice that nobody listened to proves nothing without its sound."""
    seen, voices = schema.evidence, schema.voices
    source = connection.scalar(select(voices.c.source).where(voices.c.id == voice_id))
    known = connection.scalar(
        select(func.count()).where(seen.c.voice_id == voice_id, seen.c.heard == Heard.YES)
    )
    if source is Source.ADOPTED and not known:
        why = "Its sound was deleted before anybody had listened to it."
        connection.execute(
            update(seen)
            .where(seen.c.job_id == job_id, seen.c.withdrawn_at.is_(None))
            .values(withdrawn_at=now, withdrawn_why=why)
        )
