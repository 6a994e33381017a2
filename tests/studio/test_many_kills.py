"""Teams whose keepers are killed again and again, at drawn moments of every kind of work: on both
databases and both vaults, with a disk that stays or is lost with the container.

The short form kills a few times. The long one kills 300 times and prints what came of it:
`python -m pytest -m slow -rP -n 2 tests/studio/test_many_kills.py`.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import cycle, pairwise, product
from pathlib import Path

import pytest
from sqlalchemy import update

from lib import manifest
from lib.demo import Charge
from lib.keeper import rereading
from lib.models import Health, Job, JobKind, JobState, KeepPolicy
from lib.registry import schema
from lib.studio import designing, orders, speaking, vaulting, ways_on
from lib.studio.workshop import Workshop
from tests.parts.clock import SettableClock
from tests.parts.postgres import PostgresServer
from tests.parts.radosgw import S3Server
from tests.studio.kyma import KYMA_KEY, kyma_shop, words
from tests.studio.nursery import KILLED, Keeper, Nursery, nursery
from tests.studio.service import PretendService
from tests.studio.story import HOUR, MINUTE, Story, clone_request, dossier, health, text_order

SEED = int(os.environ.get("KILL_SEED", "1"))
AFTER_ALL_LEASES = 10 * MINUTE
MOMENTS = {
    "clone": 24,
    "design": 24,
    "speech": 30,
    "activation": 30,
    "mirror": 20,
    "manifest": 10,
}
"""Kinds of work, and up to which moment of it a keeper is killed."""
OF_A_START = 12
"""The same for a keeper that is killed while it starts again."""
LONG = 38
"""Kills of each of the eight teams: 304 in all."""
TAKEN = (JobState.WAITING, JobState.UNKNOWN, JobState.DONE)


@dataclass(frozen=True)
class Place:
    """Where a team keeps its things, and whether its disk outlives a container."""

    database: str
    vault: str
    disk: str

    def __str__(self) -> str:
        return f"{self.database}, {self.vault}, disk {self.disk}"


PLACES = [
    Place(*parts) for parts in product(("sqlite", "postgresql"), ("folder", "s3"), ("kept", "lost"))
]
SHORT = [Place("sqlite", "s3", "lost"), Place("postgresql", "folder", "kept")]


@dataclass
class Team:
    """One team, its luck, and what its keepers came to."""

    place: Place
    story: Story
    keepers: Nursery
    luck: random.Random
    workshop: Workshop = field(init=False)
    kills: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    speaker: str = ""
    seeds: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def open(self) -> Workshop:
        """A new container, which has read nothing yet."""
        workshop = kyma_shop(self.story)
        workshop.reading.finished = False
        return workshop

    def begins(self) -> None:
        self.workshop = kyma_shop(self.story)
        self.speaker = self.story.kept(self.workshop, seed=next(self.seeds))

    def is_killed(self, kind: str) -> None:
        """Something is ordered, its keeper dies over it, and a new container goes on."""
        before = len(self.story.service.demo.charges())
        voice_id = self._order(self.workshop, kind)
        self.workshop.close()
        if self._dies(kind, self.luck.randint(1, MOMENTS[kind])):
            self.kills[kind] += 1
            self._loses_its_disk()
            if self.luck.random() < 0.25 and self._dies("", self.luck.randint(1, OF_A_START)):
                self.kills["start"] += 1
                self._loses_its_disk()
        self.workshop = self.open()
        with self.workshop.registry.database.write() as connection:
            # They end by the database's clock, which is not ours to turn.
            connection.execute(update(schema.leases).values(until=datetime(2000, 1, 1, tzinfo=UTC)))
        self.story.clock.advance(AFTER_ALL_LEASES)
        self.story.live(self.workshop, 40 * MINUTE)
        self._judge(self.workshop, kind, voice_id, self.story.service.demo.charges()[before:])

    def _order(self, workshop: Workshop, kind: str) -> str:
        """Let there be work of this kind; returns the id of the voice that it is about."""
        seed = next(self.seeds)
        if kind == "design":
            order = words(name=f"Calm {seed}", description=f"A calm narrator, the {seed}th.")
            return designing.design(workshop, order).voice_id
        if kind == "speech":
            text = text_order(self.speaker, f"Good morning, number {seed}.")
            return speaking.order(workshop, text).voice_id
        if kind == "activation":
            voice_id = self.story.made(workshop, seed=seed, keep_policy=KeepPolicy.ASK)
            workshop.registry.voices.change(voice_id, keep_policy=KeepPolicy.AT_ONCE)
            return voice_id
        if kind == "manifest":
            workshop.registry.voices.change(self.speaker, name=f"Grace, the {seed}th")
            return self.speaker
        request = clone_request(
            "qwen" if kind == "mirror" else "minimax", seed, keep_policy=KeepPolicy.ASK
        )
        return orders.clone(workshop, request).voice_id

    def _dies(self, kind: str, moment: int) -> bool:
        """A keeper works on what is due; whether the moment of its death came."""
        settings = self.story.opened[-1].settings
        self.keepers.start(
            Keeper(
                settings=dict(settings.values),
                data_folder=str(settings.data_folder),
                now=self.story.clock.now().isoformat(),
                kind=kind,
                moment=moment,
            )
        )
        return self.keepers.end() == KILLED

    def _loses_its_disk(self) -> None:
        if self.place.disk == "lost":
            shutil.rmtree(self.story.folder / "data")

    def _judge(self, workshop: Workshop, kind: str, voice_id: str, charges: list[Charge]) -> None:
        """What was paid has to be known, and to have been paid once."""
        found = workshop.registry.voices.dossier(voice_id)
        paid_kind = {"clone": "clone", "mirror": "clone", "design": "design"}.get(kind, "speech")
        if kind == "manifest":
            self.ends["manifest"] += 1
            return
        known = "" if found is None else found.voice.provider_voice_id
        paid = [
            charge
            for charge in charges
            if charge.kind == paid_kind and (paid_kind != "speech" or charge.voice_id == known)
        ]
        jobs = [job for job in self._jobs(workshop, kind, voice_id) if job.state in TAKEN]
        told = f"{kind} of {voice_id} ({self.place}, kill {self.kills.total()})"
        self.ends[self._end(kind, found is not None, paid, jobs)] += 1
        if kind == "activation":
            early = any(
                a.state is not JobState.UNKNOWN or b.created_at < (a.finished_at or b.created_at)
                for a, b in pairwise(jobs)
            )
            if len(paid) > 2 or early:
                self.wrong.append(f"{told}: paid {len(paid)} times")
        elif len(paid) > 1:
            self.wrong.append(f"{told}: paid {len(paid)} times")
        if len(paid) > len(jobs):
            self.wrong.append(f"{told}: paid {len(paid)} times, known {len(jobs)}")
        for job in jobs:
            if job.state is JobState.UNKNOWN and kind != "activation":
                assert ways_on.of(workshop, job, found.voice if found else None), told

    def _end(self, kind: str, known: bool, paid: list[Charge], jobs: list[Job]) -> str:
        if not paid:
            return "not sent"
        return "done" if jobs and jobs[-1].state is JobState.DONE else "unknown"

    def _jobs(self, workshop: Workshop, kind: str, voice_id: str) -> list[Job]:
        wanted = {"mirror": JobKind.CLONE}.get(kind) or JobKind(kind)
        found = workshop.registry.voices.dossier(voice_id)
        jobs = list(found.jobs) if found else []
        if kind == "speech":
            latest = workshop.registry.jobs.latest(services=["nanogpt"], limit=1)
            jobs = [job for job in latest if job.kind is JobKind.SPEECH]
        return sorted((job for job in jobs if job.kind is wanted), key=lambda job: job.created_at)

    def ends_well(self) -> None:
        """Each copy is whole, each manifest can be read, and all is there again from the vault."""
        workshop = self.workshop
        self.story.live(workshop, HOUR)
        again = rereading.read_all(workshop)
        assert (again.bad, again.unread) == ((), ())
        voices = [entry.voice.id for entry in workshop.registry.voices.dossiers()]
        for voice_id in voices:
            made = dossier(workshop, voice_id)
            if made.voice.kind == "qwen" and any(job.state is JobState.DONE for job in made.jobs):
                assert health(workshop, voice_id) is Health.SAFE
        for key in workshop.live_vault.keys("voices/"):
            if key.endswith("/voice.json"):
                manifest.read_dossier(workshop.live_vault.get(key, max_bytes=10_000_000))
        rebuilt = self.story.new_container()
        vaulting.reconcile(rebuilt)
        assert rebuilt.reading.passed_over == 0
        assert {one.voice.id for one in rebuilt.registry.voices.dossiers()} == set(voices)


@pytest.fixture(scope="module")
def keepers() -> Iterator[Nursery]:
    with nursery() as opened:
        yield opened


def a_team(
    place: Place, folder: Path, keepers: Nursery, request: pytest.FixtureRequest, stack: ExitStack
) -> Team:
    clock = SettableClock()
    service = PretendService(folder / "service.db", clock, pace=0.0, balance=Decimal(10_000))
    service.speaks_by_ticket()
    stack.enter_context(service.open())
    database = f"sqlite:///{folder / 'data' / 'voicekeep.db'}"
    if place.database == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        database = postgres.new_database()
    story = Story(clock, service, folder, database)
    story.settings = {"KYMA_API_KEY": KYMA_KEY, "KYMA_BASE_URL": f"{service.origin}/v1"}
    if place.vault == "s3":
        s3: S3Server = request.getfixturevalue("s3_server")
        story.settings |= s3.settings(s3.new_bucket())
    team = Team(place, story, keepers, random.Random(f"{SEED} {place}"))
    stack.callback(lambda: [workshop.close() for workshop in story.opened])
    return team


@pytest.mark.parametrize(
    ("place", "kills"),
    [
        *(pytest.param(place, 4, id=f"{place}") for place in SHORT),
        *(
            pytest.param(place, LONG, id=f"long {place}", marks=pytest.mark.slow)
            for place in PLACES
        ),
    ],
)
def test_whatever_is_killed_nothing_paid_is_forgotten_and_nothing_is_paid_twice(
    place: Place, kills: int, keepers: Nursery, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with ExitStack() as stack:
        team = a_team(place, tmp_path, keepers, request, stack)
        team.begins()
        kinds = list(MOMENTS)
        team.luck.shuffle(kinds)
        for kind in cycle(kinds):
            if team.kills.total() >= kills:
                break
            team.is_killed(kind)
        counts = ", ".join(f"{kind} {team.kills[kind]}" for kind in (*MOMENTS, "start"))
        print(f"KILLS seed {SEED}; {place}: {team.kills.total()} ({counts})")
        print(f"ENDS {dict(team.ends)}; wrong: {team.wrong}")
        team.ends_well()
    assert team.wrong == []
