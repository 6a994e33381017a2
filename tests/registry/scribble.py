"""Any changes of a library, one after the other: `python -m tests.registry.scribble`."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from lib.manifest import BadManifest
from lib.models import ErrorKind, EvidenceKind, Inquiry, Job, JobKind, JobState
from lib.registry import AlreadyOrdered, Registry, schema
from lib.services import DEMO, NANOGPT
from tests.parts.clock import START
from tests.registry.records import a_job, a_voice, evidence_of


class Scribbler:
    """Makes changes that are chosen by chance, of the kinds that the app and its keepers make.

    `name` tells its records from those of others.
    """

    def __init__(self, registry: Registry, name: str) -> None:
        self.registry = registry
        self.name = name
        self.chance = random.Random(name)
        self.made = 0
        self.ways: list[Callable[[str], object]] = [
            self._rename, self._use, self._follow, self._finish, self._see, self._withdraw,
            self._later, self._save, self._absorb, self._speak, self._roll_back,
        ]  # fmt: skip

    def change(self) -> None:
        """Make one more change."""
        ids = sorted(self.registry.voices.revisions())
        if len(ids) < 3 or self.chance.random() < 0.1:
            self._make("")
        elif self.chance.random() < 0.05:
            self._drop(self.chance.choice(ids))
        else:
            self.chance.choice(self.ways)(self.chance.choice(ids))

    def _new(self, what: str) -> tuple[str, datetime]:
        """An id, and a moment that no other record has."""
        self.made += 1
        moment = START + timedelta(seconds=self.made, microseconds=self.chance.randrange(10**6))
        return f"{what}-{self.name}-{self.made:05}", moment

    def _make(self, _: str) -> None:
        voice_id, at = self._new("voice")
        service = self.chance.choice([NANOGPT, DEMO])
        voice = a_voice(id=voice_id, created_at=at, service=service)
        job_id, at = self._new("job")
        job = a_job(voice, id=job_id, order_key=job_id, created_at=at, service=service)
        self.registry.jobs.order(job, voice)

    def _drop(self, voice_id: str) -> None:
        with self.registry.database.write() as connection:
            for table, column in (
                (schema.jobs, schema.jobs.c.voice_id),
                (schema.evidence, schema.evidence.c.voice_id),
                (schema.voices, schema.voices.c.id),
            ):
                connection.execute(delete(table).where(column == voice_id))

    def _rename(self, voice_id: str) -> None:
        self.registry.voices.change(voice_id, name=self._new("name")[0])

    def _use(self, voice_id: str) -> None:
        job_id, at = self._new("job")
        use = a_job(voice_id, id=job_id, order_key=job_id, created_at=at, kind=JobKind.ACTIVATION)
        # The one in its way may be gone before it is looked for.
        with suppress(AlreadyOrdered, IntegrityError):
            self.registry.jobs.order(use)

    def _follow(self, voice_id: str) -> None:
        """What is no part of the story: who works on a job, and when it is looked at again."""
        jobs, at = self.registry.jobs, self._new("look")[1]
        for job in self._jobs_of(voice_id):
            jobs.reserve(job.id, self.name, now=at, until=at)
            jobs.later(job, next_at=at, answer="Not yet.", kind=ErrorKind.BUSY)
        jobs.extend_queued(NANOGPT, now=START, send_before=at, answer="It waits in line.")

    def _finish(self, voice_id: str) -> None:
        for job in self._jobs_of(voice_id):
            state = self.chance.choice([JobState.SUBMITTING, JobState.FAILED])
            self.registry.jobs.move(
                job.id, (JobState.CONFIRMED,), self._new("end")[1], "", "moved", state=state,
                inquiry=Inquiry.NONE,
            )  # fmt: skip

    def _see(self, voice_id: str) -> None:
        seen_id, at = self._new("seen")
        kind = self.chance.choice(list(EvidenceKind))
        self.registry.voices.add_evidence(evidence_of(voice_id, kind, id=seen_id, at=at))

    def _withdraw(self, voice_id: str) -> None:
        found = self.registry.voices.dossier(voice_id)
        for item in found.evidence if found else ():
            self.registry.voices.change_evidence(item, withdrawn_at=self._new("end")[1])

    def _later(self, voice_id: str) -> None:
        at = self._new("later")[1]
        self.registry.voices.files_later(voice_id, tries=self.made, next_at=at, error="No.")

    def _save(self, voice_id: str) -> None:
        if self.chance.random() < 0.1:
            self.registry.voices.unsave(without=DEMO)
        self.registry.voices.saved(voice_id, self.made)

    def _absorb(self, voice_id: str) -> None:
        found = self.registry.voices.dossier(voice_id)
        if found:
            name, at = self._new("absorbed")
            voice = replace(found.voice, name=name, created_at=at, revision=10**6 + self.made)
            with suppress(BadManifest):  # others write of it again and again
                self.registry.voices.absorb(replace(found, voice=voice))

    def _speak(self, voice_id: str) -> None:
        job_id, at = self._new("speech")
        self.registry.jobs.order(
            a_job(voice_id, id=job_id, order_key=job_id, created_at=at, kind=JobKind.SPEECH)
        )

    def _roll_back(self, voice_id: str) -> None:
        """Changed, and then not after all."""
        table = schema.voices
        with self.registry.database.engine.connect() as connection, connection.begin() as begun:
            connection.execute(
                table.update().where(table.c.id == voice_id).values(name="never was")
            )
            begun.rollback()

    def _jobs_of(self, voice_id: str) -> list[Job]:
        found = self.registry.voices.dossier(voice_id)
        return list(found.jobs) if found else []


def main() -> None:
    address, name, count = sys.argv[1:]
    registry = Registry(address)
    scribbler = Scribbler(registry, name)
    for _ in range(int(count)):
        scribbler.change()
    registry.close()


if __name__ == "__main__":
    main()
