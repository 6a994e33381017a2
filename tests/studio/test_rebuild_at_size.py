"""A large library is rebuilt from its bucket alone, and two containers that meet there finish one
clone together.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from lib import keeper
from lib.consent import Consent
from lib.manifest import TakeStory
from lib.models import (
    Dossier,
    ErrorKind,
    Evidence,
    EvidenceKind,
    Health,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    Money,
    Role,
    Source,
    VoiceKind,
)
from lib.services import NANOGPT
from lib.studio.core.context import Context
from lib.studio.orders import cloning
from lib.studio.storage import manifests
from lib.vault.base import sha256_hex
from tests.parts.clock import START
from tests.parts.radosgw import S3Server
from tests.registry.records import a_job, a_take, a_voice, evidence_of
from tests.studio.crowd import settle_in
from tests.studio.service import says
from tests.studio.story import (
    DAY,
    MINUTE,
    SECOND,
    Story,
    clone_request,
    dossier,
    fresh,
    health,
    state,
)

SIZES = [120, pytest.param(1_000, marks=pytest.mark.long)]
MANY = 10_000
WRITERS = 8
ENDED = (JobState.WAITING, JobState.UNKNOWN, JobState.DONE, JobState.FAILED)


@pytest.fixture
def context(story: Story, s3_server: S3Server) -> Context:
    """The team's app, with a bucket instead of a disk."""
    story.settings = s3_server.settings(s3_server.new_bucket())
    return story.context()


class Library:
    """Voices of all sorts with long stories: the same for the same seed."""

    def __init__(self, vault: str, seed: int = 3) -> None:
        self._random = random.Random(seed)
        self._vault = vault

    def dossier(self, number: int) -> Dossier:
        pick, at = self._random.choice, self._moment()
        kind = pick([VoiceKind.MINIMAX, VoiceKind.QWEN])
        voice = a_voice(
            id=f"voice-{number:04}",
            name=f"Grace “{number}” — Хоппер",
            kind=kind,
            source=pick([Source.CLONED, Source.ADOPTED]),
            account="nanogpt-abc",
            created_at=at,
            provider_voice_id=f"Grace{number:04}",
            id_made_here=pick([True, False]),
            embedding_url=f"https://files.example/{number}.safetensors",
            embedding_model="qwen-voice-clone",
            description="Warm,\nand slow.",
            transcript="One small step. " * 40,
            language="English",
            tags=("moon", f"n{number}"),
            owner="Ada",
            consent=Consent("Grace Hopper", "Ada", self._moment()),
            keep_policy=pick(list(KeepPolicy)),
            refresh_days=pick([0, 6, 30]),
            clock_start=at,
            archived_at=pick([None, self._moment()]),
            replaced_by=pick(["", "voice-0001"]),
            revision=self._random.randint(2, 90),
        )
        jobs = [
            self._job(voice.id, JobKind.CLONE, number, 0),
            *(self._job(voice.id, JobKind.ACTIVATION, number, n) for n in range(1, 4)),
        ]
        seen = [self._seen(voice.id, number, n) for n in range(4)]
        return Dossier(voice, tuple(jobs), tuple(seen))

    def take(self, number: int) -> TakeStory:
        job = self._job(f"voice-{number:04}", JobKind.SPEECH, number, 9)
        job = replace(job, state=JobState.DONE, revision=self._random.randint(2, 9))
        take = a_take(
            job,
            text=f"Text {number}. " * 20,
            settings={"speed": 1.25, "language": "German"},
            seconds=self._random.random() * 60,
            vault=self._vault,
            key=f"takes/{job.id}/audio.mp3",
            sha256=f"{number:064x}",
            size=number,
            mime="audio/mpeg",
        )
        return TakeStory(job, take)

    def _job(self, voice_id: str, kind: JobKind, number: int, n: int) -> Job:
        pick = self._random.choice
        ends = (JobState.DONE, JobState.FAILED, JobState.UNKNOWN)
        return a_job(
            voice_id,
            id=f"job-{number:04}-{n}",
            kind=kind,
            state=pick(ends if n else ENDED),
            order_key=f"{number:060x}{n}",
            created_at=self._moment(),
            person="Ada",
            request={
                "model": "Minimax-Speech-02-HD",
                "text": "Hello.",
                "again": pick([True, False]),
            },
            estimate=Money(self._random.randint(0, 10**6)),
            send_before=self._moment(),
            submitted_at=self._moment(),
            finished_at=pick([None, self._moment()]),
            next_check_at=pick([None, self._moment()]),
            attempts=self._random.randint(0, 9),
            ticket={"run_id": f"run-{number}", "cost": "0.0038", "echo": {"isApiRequest": True}},
            result={"finished": True, "preview_url": f"https://files.example/{number}.mp3"},
            last_answer="The service accepted the order.",
            error=pick(["", "No answer came."]),
            error_kind=pick(["", *ErrorKind]),
            request_id=f"req-{number}-{n}",
            charged=pick([None, Money(self._random.randint(0, 10**6))]),
            refunded=pick([None, Money(5)]),
            balance_before=pick([None, Money(10**8)]),
            balance_after=pick([None, Money(10**8 - 5)]),
            revision=self._random.randint(1, 9),
        )

    def _seen(self, voice_id: str, number: int, n: int) -> Evidence:
        pick, kind = self._random.choice, self._random.choice(list(EvidenceKind))
        return evidence_of(
            voice_id,
            kind,
            id=f"seen-{number:04}-{n}",
            at=self._moment(),
            role=pick(list(Role)),
            job_id=f"job-{number:04}-{n}",
            vault=self._vault,
            key=f"voices/{voice_id}/reference/{n}.wav",
            sha256=f"{number * 10 + n:064x}",
            size=number,
            summary="ref_spk_embedding BF16 [2048]",
            read_back_at=pick([None, self._moment()]),
            model="Minimax-Speech-02-HD",
            run_id=f"run-{n}",
            cost=pick([None, Money(3_800)]),
            withdrawn_at=pick([None, self._moment()]),
            withdrawn_why=pick(["", "The service took this speech back."]),
        )

    def _moment(self) -> datetime:
        return START - timedelta(microseconds=self._random.randint(0, 10**14))


def every_field(records: Iterable[object], *, but: set[str]) -> dict[str, dict[str, object]]:
    """All fields of all records, by id."""
    return {
        getattr(record, "id"): {  # noqa: B009 - voices, jobs, evidence and takes alike
            item.name: getattr(record, item.name)
            for item in fields(record)  # type: ignore[arg-type]
            if item.name not in but
        }
        for record in records
    }


OWN = {"saved_revision", "lease_owner", "lease_until", "copy_tries", "copy_next_at", "copy_error"}
"""What is about one registry's own work, and no part of a story."""


def all_records(context: Context) -> list[dict[str, dict[str, object]]]:
    """Voices, jobs, evidence and takes of a registry."""
    registry = context.registry
    dossiers = registry.voices.dossiers()
    return [
        every_field([found.voice for found in dossiers], but=OWN),
        every_field(registry.jobs.latest(services=[NANOGPT], limit=MANY), but=OWN),
        every_field([item for found in dossiers for item in found.evidence], but=OWN),
        every_field(registry.takes.latest(services=[NANOGPT], limit=MANY), but=OWN),
    ]


@pytest.mark.parametrize("voices", SIZES)
def test_many_voices_are_rebuilt_from_the_bucket_with_every_field_equal(
    story: Story, context: Context, voices: int
) -> None:
    library = Library(context.live_vault.name)
    dossiers = [library.dossier(number) for number in range(voices)]
    takes = [library.take(number) for number in range(voices)]
    settle_in(dossiers, context.registry, takes)
    begun = time.monotonic()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(partial(manifests.save, context), dossiers))
        list(pool.map(partial(manifests.save, context), takes))
    saved = time.monotonic() - begun
    before = all_records(context)
    assert [len(records) for records in before] == [voices, 5 * voices, 4 * voices, voices]
    context.close()
    for path in story.folder.glob("voicekeep.db*"):
        path.unlink()

    other = story.context("new", read=False)
    assert other.registry.voices.revisions() == {}
    begun = time.monotonic()
    assert manifests.reconcile(other) == 2 * voices
    rebuilt = time.monotonic() - begun
    print(f"\n{voices} voices and takes: saved in {saved:.1f} s, rebuilt in {rebuilt:.1f} s")

    assert (other.runtime.reconciliation.done, other.runtime.reconciliation.passed_over) == (
        2 * voices,
        0,
    )
    assert all_records(other) == before
    assert other.registry.voices.unsaved(1) == other.registry.takes.unsaved(1) == []


STILL_RUNNING = says({"status": "processing"}, X_Poll_After="1")


def finish_together(story: Story, *containers: Context) -> None:
    """Both look after what they know, one after the other and again, for a while."""
    for _ in range(6):
        for container in containers:
            keeper.one_pass(container)
        story.clock.advance(3 * SECOND)


@pytest.mark.parametrize("kind", ["minimax", "qwen"])
def test_two_containers_that_overlap_finish_one_clone_and_lose_nothing(
    story: Story, context: Context, kind: str
) -> None:
    story.service.always("clone_status", STILL_RUNNING)
    job = cloning.clone(context, clone_request(kind))
    keeper.one_pass(context)
    assert state(context, job) is JobState.WAITING
    newer = story.new_container("newer")
    keeper.one_pass(newer)
    assert state(newer, job) is JobState.WAITING

    story.service.always("clone_status", None)
    story.clock.advance(MINUTE)
    finish_together(story, context, newer)

    for container in (context, newer):
        assert state(container, job) is JobState.DONE
        assert health(container, job.voice_id) is Health.SAFE
        assert fresh(container, job).charged == Money.usd(orders_price(kind))
        evidence_is_readable(container, job.voice_id)
    assert story.service.count("clone") == len(story.service.charges("clone")) == 1

    next_one = story.new_container("next")
    story.live(next_one, MINUTE)
    assert health(next_one, job.voice_id) is Health.SAFE
    evidence_is_readable(next_one, job.voice_id)
    assert story.service.count("clone") == 1


def orders_price(kind: str) -> str:
    return {"minimax": "1", "qwen": "0.25"}[kind]


def evidence_is_readable(container: Context, voice_id: str) -> None:
    """Every file that the story names is in the bucket."""
    seen = [item for item in dossier(container, voice_id).evidence if item.withdrawn_at is None]
    assert EvidenceKind.COPY in {item.kind for item in seen}
    for item in seen:
        data = container.live_vault.get(item.key, max_bytes=10**7)
        assert sha256_hex(data) == item.sha256


def test_a_story_that_an_older_container_laid_over_ours_is_written_again(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    keeper.one_pass(context)
    newer = story.new_container("newer")
    keeper.one_pass(newer)
    for name in ("Grace", "Grace Hopper", "Grace Brewster Hopper"):
        newer.registry.voices.change(voice_id, name=name)
    keeper.one_pass(newer)
    context.registry.voices.change(voice_id, tags=("late",))
    keeper.one_pass(context)  # with an older story, whose number is lower
    assert newer.registry.voices.unsaved(1) == []

    story.clock.advance(DAY)
    keeper.one_pass(newer)  # which reads the vault once a day
    next_one = story.new_container("next")
    keeper.one_pass(next_one)
    assert dossier(next_one, voice_id).voice.name == "Grace Brewster Hopper"


def test_a_slow_writer_does_not_lay_an_older_story_over_a_newer_one(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    slow = dossier(context, voice_id)
    context.registry.voices.change(voice_id, name="Grace Hopper")
    manifests.save_due(context)
    manifests.save(context, slow)

    next_one = story.new_container("next")
    manifests.reconcile(next_one)
    assert dossier(next_one, voice_id).voice.name == "Grace Hopper"
