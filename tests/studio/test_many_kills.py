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
from lib.keeper import verification
from lib.models import Health, Job, JobKind, JobState, KeepPolicy
from lib.registry import schema
from lib.services import KYMA, NANOGPT
from lib.studio.core.context import Context
from lib.studio.jobs import recovery
from lib.studio.orders import cloning, designing, speaking, transcribing
from lib.studio.orders.transcribing import TranscriptRequest
from lib.studio.storage import manifests
from tests.parts.charges import Charge, charges_of
from tests.parts.clock import SettableClock
from tests.parts.persons import ADA
from tests.parts.postgres import PostgresServer
from tests.parts.radosgw import S3Server
from tests.studio.kyma import KYMA_KEY, kyma_shop, words
from tests.studio.nursery import KILLED, Keeper, Nursery, nursery
from tests.studio.service import PretendService
from tests.studio.story import (
    HOUR,
    MINUTE,
    Story,
    clone_request,
    dossier,
    health,
    recording,
    text_order,
)

SEED = int(os.environ.get("KILL_SEED", "1"))
AFTER_ALL_LEASES = 10 * MINUTE
MOMENTS = {
    "clone": 24,
    "design": 24,
    "speech": 30,
    "activation": 30,
    "mirror": 20,
    "manifest": 10,
    "transcript": 24,
}
"""Kinds of work, and up to which moment of it a keeper is killed."""
CHARGED = {"clone": "clone", "mirror": "clone", "design": "design", "transcript": "transcript"}
"""As what the service charges them; all else is speech."""
AGAIN = 0.25
"""How often the next keeper is killed as well."""
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
SHORT = [Place("sqlite", "s3", "kept"), Place("postgresql", "folder", "lost")]


@dataclass(frozen=True)
class Ordered:
    """What a keeper is killed over. `spoken_by`: the voice at the service, for what is spoken.
    `text`: what is spoken, or which recording is transcribed.
    """

    kind: str
    voice_id: str
    spoken_by: str = ""
    text: str = ""


@dataclass
class Team:
    """One team, its luck, and what its keepers came to."""

    place: Place
    story: Story
    keepers: Nursery
    luck: random.Random
    context: Context = field(init=False)
    kills: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    speaker: str = ""
    seeds: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def open(self) -> Context:
        """A new container, which has read nothing yet."""
        context = kyma_shop(self.story)
        context.runtime.reconciliation.finished = False
        return context

    def begins(self) -> None:
        self.context = kyma_shop(self.story)
        self.speaker = self.story.kept(self.context, seed=next(self.seeds))

    def is_killed(self, kind: str) -> None:
        """Something is ordered, its keeper dies over it, and a new container goes on."""
        before = len(charges_of(self.story.service.demo))
        ordered = self._order(kind)
        self.context.close()
        if self._dies(kind, self.luck.randint(1, MOMENTS[kind])):
            self.kills[kind] += 1
            self._loses_its_disk()
            if self.luck.random() < AGAIN and self._dies("", self.luck.randint(1, OF_A_START)):
                self.kills["start"] += 1
                self._loses_its_disk()
        self.context = self.open()
        with self.context.registry.database.write() as connection:
            # They end by the database's clock, which is not ours to turn.
            connection.execute(update(schema.leases).values(until=datetime(2000, 1, 1, tzinfo=UTC)))
        self.story.clock.advance(AFTER_ALL_LEASES)
        self.story.live(self.context, 40 * MINUTE)
        self._judge(ordered, charges_of(self.story.service.demo)[before:])

    def _order(self, kind: str) -> Ordered:
        """Let there be work of this kind."""
        seed, context = next(self.seeds), self.context
        if kind == "design":
            order = words(name=f"Calm {seed}", description=f"A calm narrator, the {seed}th.")
            return Ordered(kind, designing.design(context, order).voice_id)
        if kind == "transcript":
            spoken = TranscriptRequest(NANOGPT, recording(seed), 12.0, ADA)
            job = transcribing.transcribe(context, spoken)
            return Ordered(kind, job.voice_id, text=str(job.request["recording"]))
        if kind == "speech":
            text = f"Good morning, number {seed}."
            speaking.order(context, text_order(self.speaker, text))
            return Ordered(kind, self.speaker, self._named(self.speaker), text)
        if kind == "activation":
            voice_id = self.story.made(context, seed=seed, keep_policy=KeepPolicy.ASK)
            context.registry.voices.change(voice_id, keep_policy=KeepPolicy.AT_ONCE)
            return Ordered(kind, voice_id, self._named(voice_id))
        if kind == "manifest":
            context.registry.voices.change(self.speaker, name=f"Grace, the {seed}th")
            return Ordered(kind, self.speaker)
        request = clone_request(
            "qwen" if kind == "mirror" else "minimax", seed, keep_policy=KeepPolicy.ASK
        )
        return Ordered(kind, cloning.clone(context, request).voice_id)

    def _named(self, voice_id: str) -> str:
        """What the service calls this voice."""
        return dossier(self.context, voice_id).voice.provider_voice_id

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
        disk = self.story.folder / "data"
        if self.place.disk == "lost" and disk.exists():
            shutil.rmtree(disk)

    def _judge(self, ordered: Ordered, charges: list[Charge]) -> None:
        """What was paid has to be known, and to have been paid once."""
        if ordered.kind == "manifest":
            return  # each is read in the end
        paid = [
            charge
            for charge in charges
            if charge.kind == CHARGED.get(ordered.kind, "speech")
            and ordered.spoken_by in ("", charge.voice_id)
        ]
        jobs = self._sent(ordered)
        end = jobs[-1].state.value if jobs else "paid and forgotten" if paid else "not sent"
        self.ends[end] += 1
        told = f"{ordered} (kill {self.kills.total()}): paid {len(paid)} times"
        if len(paid) > len(jobs):
            self.wrong.append(f"{told}, known {len(jobs)} times")
        elif len(paid) > 1 and not (ordered.kind == "activation" and _waited_between(jobs)):
            self.wrong.append(told)
        voice = self.context.registry.voices.get(ordered.voice_id)
        for job in jobs:
            if job.state is JobState.UNKNOWN and job.kind is not JobKind.ACTIVATION:
                assert recovery.options_for(self.context, job, voice), told

    def _sent(self, ordered: Ordered) -> list[Job]:
        """What is known to have been sent for this order, oldest first."""
        wanted = JobKind("clone" if ordered.kind == "mirror" else ordered.kind)
        known = self.context.registry.jobs.latest(services=[KYMA, NANOGPT], limit=10_000)
        return sorted(
            (
                job
                for job in known
                if (job.voice_id, job.kind) == (ordered.voice_id, wanted)
                and job.state in TAKEN
                and ordered.text in ("", job.request.get("text"), job.request.get("recording"))
            ),
            key=lambda job: job.created_at,
        )

    def ends_well(self) -> None:
        """Each copy is whole, each manifest can be read, and all is there again from the vault."""
        context = self.context
        self.story.live(context, HOUR)
        again = verification.verify_all(context)
        assert (again.bad, again.unread) == ((), ())
        voices = [entry.voice.id for entry in context.registry.voices.dossiers()]
        for voice_id in voices:
            made = dossier(context, voice_id)
            if made.voice.kind == "qwen" and any(job.state is JobState.DONE for job in made.jobs):
                assert health(context, voice_id) is Health.SAFE
        for key in context.live_vault.keys("voices/"):
            if key.endswith("/voice.json"):
                manifest.read_dossier(context.live_vault.get(key, max_bytes=10_000_000))
        rebuilt = self.story.new_container()
        manifests.reconcile(rebuilt)
        assert rebuilt.runtime.reconciliation.passed_over == 0
        assert {one.voice.id for one in rebuilt.registry.voices.dossiers()} == set(voices)


def _waited_between(attempts: list[Job]) -> bool:
    """Whether each attempt to keep a voice waited until nobody knew of the one before."""
    return all(
        earlier.state is JobState.UNKNOWN
        and earlier.finished_at is not None
        and later.created_at >= earlier.finished_at + 15 * MINUTE
        for earlier, later in pairwise(attempts)
    )


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
    stack.callback(lambda: [context.close() for context in story.opened])
    return team


@pytest.mark.parametrize(
    ("place", "kills"),
    [
        # shorter: the named points of test_killed.py
        *(pytest.param(place, 4, id=f"{place}", marks=pytest.mark.slow) for place in SHORT),
        *(
            pytest.param(place, LONG, id=f"long {place}", marks=pytest.mark.long)
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
