"""A keeper that is killed at any point forgets no paid run and pays for no clone twice."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from lib.demo import DemoService
from lib.models import Health, Job, JobState
from lib.services import NANOGPT
from lib.studio.core.context import Context
from lib.studio.orders import cloning, speaking, transcribing
from lib.studio.orders.transcribing import TranscriptRequest
from tests.conftest import ROOT
from tests.parts.charges import charges_of
from tests.parts.clock import SettableClock
from tests.parts.length import mostly_slow
from tests.parts.persons import ADA
from tests.parts.processes import start
from tests.studio.nursery import KILLED, Keeper, Nursery, nursery
from tests.studio.service import Holds, PretendService, loses_the_answer
from tests.studio.story import (
    MINUTE,
    Story,
    clone_request,
    dossier,
    fresh,
    health,
    recording,
    state,
    text_order,
)

AFTER_ALL_LEASES = 10 * MINUTE

# Where a keeper dies → how a person's order ends, and how often the service was asked to do it.
ENDS = {
    "reserve:before": (JobState.DONE, 1),
    "reserve:after": (JobState.DONE, 1),
    "submit:before": (JobState.DONE, 1),
    "submit:after": (JobState.UNKNOWN, 0),
    "accepted:before": (JobState.DONE, 1),
    "accepted:after": (JobState.DONE, 1),
    "lease:before": (JobState.DONE, 1),
    "lease:after": (JobState.DONE, 1),
    "answered:before": (JobState.DONE, 1),
    "answered:after": (JobState.DONE, 1),
    "finish:before": (JobState.DONE, 1),
    "finish:after": (JobState.DONE, 1),
}
PAID_POINTS = ("submit:before", "submit:after", "accepted:before", "accepted:after")
"""Around the moment at which money is spent: these always run."""


@pytest.fixture(scope="module")
def keepers() -> Iterator[Nursery]:
    with nursery() as opened:
        yield opened


@pytest.fixture
def service(tmp_path: Path, clock: SettableClock) -> Iterator[PretendService]:
    """Its runs end at once, and speech comes by ticket: its sound has to be asked for as well."""
    pretend = PretendService(tmp_path / "service.db", clock, pace=0.0, balance=Decimal(100))
    pretend.speaks_by_ticket()
    with pretend.open():
        yield pretend


def keeper_of(story: Story, context: Context, kind: str = "", dies: str = "") -> Keeper:
    """A keeper on the same disk at the same moment."""
    return Keeper(
        settings=dict(context.settings.values),
        data_folder=str(context.settings.data_folder),
        now=story.clock.now().isoformat(),
        kind=kind,
        dies=dies,
    )


def dies(story: Story, context: Context, keepers: Nursery, kind: str, point: str) -> None:
    """A keeper works on what is due and is killed at this point."""
    keepers.start(keeper_of(story, context, kind, point))
    assert keepers.end() == KILLED


def is_killed_waiting(
    story: Story, context: Context, keepers: Nursery, held: Holds, kind: str
) -> None:
    """A keeper is killed while a paid request waits for its answer, which is charged already."""
    story.service.next(kind, held)
    keeper = keepers.start(keeper_of(story, context))
    assert held.arrived.wait(20)
    os.kill(keeper, signal.SIGKILL)
    assert keepers.end() == KILLED
    held.released.set()


def restarts(story: Story, context: Context, how_long: timedelta = 40 * MINUTE) -> None:
    """The same disk, once all leases are over, with a new process."""
    context.close()
    story.clock.advance(AFTER_ALL_LEASES)
    story.live(story.context(), how_long)


def a_speech(story: Story, context: Context) -> Job:
    """A text ordered for a voice that is kept already."""
    voice_id = story.kept(context)
    return speaking.order(context, text_order(voice_id))


@pytest.mark.parametrize("point", mostly_slow(ENDS, *PAID_POINTS))
def test_a_clone_survives_the_death_of_its_keeper(
    story: Story, context: Context, keepers: Nursery, point: str
) -> None:
    job = cloning.clone(context, clone_request())
    dies(story, context, keepers, "clone", point)
    restarts(story, context)

    ends, paid = ENDS[point]
    assert state(story.opened[-1], job) is ends
    assert story.service.count("clone") == paid
    assert len(story.service.charges("clone")) == paid


@pytest.mark.parametrize("point", mostly_slow(ENDS, "submit:after", "finish:before"))
def test_a_speech_survives_the_death_of_its_keeper(
    story: Story, context: Context, keepers: Nursery, point: str
) -> None:
    job = a_speech(story, context)
    before = story.service.count("speech")
    dies(story, context, keepers, "speech", point)
    restarts(story, context)

    ends, paid = ENDS[point]
    restarted = story.opened[-1]
    assert state(restarted, job) is ends
    assert story.service.count("speech") == before + paid
    assert len(story.service.charges("speech")) == before + paid
    assert (restarted.registry.takes.get(job.id) is not None) == (ends is JobState.DONE)
    assert restarted.spool.waiting() == []


@pytest.mark.parametrize(
    "point",
    mostly_slow([point for point in ENDS if not point.startswith("answered")], *PAID_POINTS),
)
def test_a_transcript_survives_the_death_of_its_keeper(
    story: Story, on_both: Context, keepers: Nursery, point: str
) -> None:
    job = transcribing.transcribe(on_both, TranscriptRequest(NANOGPT, recording(), 12.0, ADA))
    dies(story, on_both, keepers, "transcript", point)
    restarts(story, on_both)

    ends, paid = ENDS[point]
    restarted = story.opened[-1]
    assert state(restarted, job) is ends
    assert story.service.count("transcript") == len(story.service.charges("transcript")) == paid
    assert bool(fresh(restarted, job).transcript) == (ends is JobState.DONE)
    kept = [job.id] if ends is JobState.UNKNOWN else []
    assert (list(restarted.spool.recordings()), restarted.spool.answers()) == (kept, [])


@pytest.mark.parametrize(
    "point",
    mostly_slow(
        ["order:before", "order:after", *ENDS], "order:after", "submit:after", "answered:before"
    ),
)
def test_a_voice_is_kept_although_its_keeper_died(
    story: Story, context: Context, keepers: Nursery, point: str
) -> None:
    voice_id = story.to_be_kept(context)
    dies(story, context, keepers, "activation", point)
    restarts(story, context)

    assert_kept(story, voice_id, most=2 if point == "submit:after" else 1)


def assert_kept(story: Story, voice_id: str, *, most: int) -> None:
    """Kept by at most so many attempts, each begun after the one before had ended."""
    restarted = story.opened[-1]
    attempts = dossier(restarted, voice_id).activations
    assert health(restarted, voice_id) is Health.SAFE
    assert [job.state for job in attempts[:-1]] == [JobState.UNKNOWN] * (len(attempts) - 1)
    assert attempts[-1].state is JobState.DONE
    assert len(attempts) <= most
    assert story.service.count("speech") <= most
    for earlier, later in pairwise(attempts):
        assert earlier.finished_at is not None
        assert later.created_at >= earlier.finished_at + 15 * MINUTE


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_stays_known_when_the_keeper_dies_over_it(
    story: Story, context: Context, keepers: Nursery, when: str
) -> None:
    job = cloning.clone(context, clone_request())
    story.service.next("clone", loses_the_answer)
    dies(story, context, keepers, "clone", f"mark_unknown:{when}")
    restarts(story, context)

    assert state(story.opened[-1], job) is JobState.UNKNOWN
    assert story.service.count("clone") == len(story.service.charges("clone")) == 1


def test_killed_while_it_waits_for_the_answer_to_a_clone(
    story: Story, context: Context, keepers: Nursery
) -> None:
    job = cloning.clone(context, clone_request())
    is_killed_waiting(story, context, keepers, Holds(), "clone")
    restarts(story, context)

    ended = fresh(story.opened[-1], job)
    assert ended.state is JobState.UNKNOWN
    assert ended.balance_before is not None
    assert ended.balance_after is not None
    assert ended.balance_before - ended.balance_after == ended.estimate
    assert story.service.count("clone") == len(story.service.charges("clone")) == 1


def test_killed_while_it_waits_for_the_answer_to_a_speech(
    story: Story, context: Context, keepers: Nursery
) -> None:
    job = a_speech(story, context)
    before = story.service.count("speech")
    is_killed_waiting(story, context, keepers, Holds(), "speech")
    restarts(story, context)

    assert state(story.opened[-1], job) is JobState.UNKNOWN
    assert story.service.count("speech") == before + 1


def test_killed_while_it_waits_for_a_transcript_it_is_told_and_not_sent_again(
    story: Story, on_both: Context, keepers: Nursery
) -> None:
    job = transcribing.transcribe(on_both, TranscriptRequest(NANOGPT, recording(), 12.0, ADA))
    is_killed_waiting(story, on_both, keepers, Holds(), "transcript")
    restarts(story, on_both)

    ended = fresh(story.opened[-1], job)
    assert ended.state is JobState.UNKNOWN
    assert ended.balance_before is not None
    assert ended.balance_after is not None
    assert ended.balance_before - ended.balance_after == ended.estimate
    assert story.service.count("transcript") == len(story.service.charges("transcript")) == 1


def test_killed_while_it_waits_for_the_answer_to_an_activation(
    story: Story, context: Context, keepers: Nursery
) -> None:
    voice_id = story.to_be_kept(context)
    is_killed_waiting(story, context, keepers, Holds(), "speech")
    restarts(story, context)

    assert_kept(story, voice_id, most=2)


def test_killed_twenty_minutes_ago_an_order_that_was_not_sent_asks_again(
    story: Story, context: Context, keepers: Nursery
) -> None:
    job = cloning.clone(context, clone_request())
    dies(story, context, keepers, "clone", "submit:before")
    story.clock.advance(20 * MINUTE)
    restarts(story, context)

    left = fresh(story.opened[-1], job)
    assert left.state is JobState.CONFIRMED
    assert left.send_before is not None
    assert left.send_before < story.clock.now()
    assert story.service.paid_requests == 0


def test_a_sound_that_reached_the_disk_is_not_lost_with_its_keeper(
    story: Story, context: Context, keepers: Nursery
) -> None:
    voice_id = story.to_be_kept(context)
    story.service.speaks_aloud()
    dies(story, context, keepers, "activation", "accepted:before")
    restarts(story, context)

    assert_kept(story, voice_id, most=1)
    assert len(story.service.charges("speech")) == 1


@pytest.mark.parametrize(
    "point", mostly_slow(["submit:before", "submit:after", "accepted:before"], "submit:after")
)
def test_a_service_in_a_process_of_its_own_charges_a_clone_once_at_most(
    story: Story, keepers: Nursery, point: str
) -> None:
    state_path = story.folder / "demo.db"
    options = ["--port", "0", "--pace", "0", "--state", state_path]
    command = [sys.executable, "-m", "lib.demo", *options]
    with start(command, log=story.folder / "demo.log", cwd=ROOT) as demo:
        story.settings["NANOGPT_BASE_URL"] = demo.ready() + "/api"
        context = story.context()
        job = cloning.clone(context, clone_request())
        dies(story, context, keepers, "clone", point)
        restarts(story, context)

    ends, paid = ENDS[point]
    charged = [charge.kind for charge in charges_of(DemoService(state_path, story.clock))]
    assert state(story.opened[-1], job) is ends
    assert charged.count("clone") == paid
