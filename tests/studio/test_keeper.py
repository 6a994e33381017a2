"""The keeper's pass and its thread: one bad voice stops nothing, two keepers do things once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from lib import keeper
from lib.keeper import KeeperThread, Summary, passes, pause_after
from lib.keeper import thread as keeper_thread
from lib.models import Dossier, Health, Job, JobState, Voice
from lib.registry import DatabaseUnavailable
from lib.studio import files, follow, keep, money, orders, vaulting
from lib.studio.workshop import Workshop
from lib.vault.base import VaultError, VaultTrouble
from tests.parts.processes import held_open
from tests.studio.service import Holds, refuses, says, together
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Story,
    clone_request,
    dossier,
    fresh,
    health,
    state,
)


@pytest.fixture
def no_keepers() -> Iterator[None]:
    """No thread of a keeper outlives its test."""
    yield
    for thread in threading.enumerate():
        if isinstance(thread, KeeperThread):
            thread.stop()
            thread.join(20)


def test_a_pass_without_work_says_so_and_leaves_a_heartbeat(
    story: Story, workshop: Workshop
) -> None:
    summary = keeper.one_pass(workshop)

    assert summary.all_done
    assert summary.next_due is None
    assert (summary.checked, summary.sent, summary.polled) == (0, 0, 0)
    note = workshop.registry.notes.all()[keeper.HEARTBEAT]
    assert note.at == story.clock.now()
    assert note.body["failed"] == []


def test_a_pass_counts_what_it_did(story: Story, workshop: Workshop) -> None:
    orders.clone(workshop, clone_request())
    orders.clone(workshop, clone_request("qwen", seed=2))
    first = keeper.one_pass(workshop)
    story.clock.advance(5 * SECOND)
    second = keeper.one_pass(workshop)

    assert (first.sent, first.polled) == (2, 0)
    assert first.next_due is not None
    assert second.checked == 2
    assert (second.sent, second.polled, second.activated, second.mirrored) == (1, 3, 1, 2)
    assert second.all_done


@pytest.mark.parametrize("breaks", ["follow", "mirror", "manifest", "vault"])
def test_one_bad_voice_never_stops_the_rest(
    story: Story, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    bad = orders.clone(workshop, clone_request("qwen", seed=9, name="Bad"))
    good = [orders.clone(workshop, clone_request("qwen", seed=seed)) for seed in (1, 2, 3)]
    keeper.one_pass(workshop)
    _break(monkeypatch, breaks, bad)
    story.clock.advance(5 * SECOND)
    summaries = [keeper.one_pass(workshop), keeper.one_pass(workshop)]

    assert [health(workshop, job.voice_id) for job in good] == [Health.SAFE] * 3
    (told,) = {line for summary in summaries for line in summary.failed}
    assert "Bad" in told or bad.id in told
    assert "secret" not in told


def _break(monkeypatch: pytest.MonkeyPatch, what: str, bad: Job) -> None:
    """One step meets a defect, or trouble, for one voice only."""
    followed, mirrored, saved = follow.follow, files.bring, vaulting.save_voice

    def bad_follow(workshop: Workshop, job: Job) -> str:
        if job.id == bad.id:
            raise RuntimeError("a secret of ours")
        return followed(workshop, job)

    def bad_mirror(workshop: Workshop, found: Dossier) -> bool:
        if found.voice.id == bad.voice_id:
            raise RuntimeError("a secret of ours")
        return mirrored(workshop, found)

    def bad_save(workshop: Workshop, found: Dossier) -> None:
        if found.voice.id == bad.voice_id:
            raise VaultError(VaultTrouble.BUSY, "The storage is busy.")
        saved(workshop, found)

    def bad_files(workshop: Workshop, found: Dossier) -> bool:
        if found.voice.id == bad.voice_id:
            raise VaultError(VaultTrouble.REFUSED, "The storage refuses.")
        return mirrored(workshop, found)

    if what == "follow":
        monkeypatch.setattr(follow, "follow", bad_follow)
    elif what == "manifest":
        monkeypatch.setattr(vaulting, "save_voice", bad_save)
    else:
        monkeypatch.setattr(files, "bring", bad_mirror if what == "mirror" else bad_files)


def test_checks_that_meet_a_defect_do_not_end_a_pass(
    story: Story, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(workshop: Workshop) -> int:
        raise RuntimeError("a defect")

    monkeypatch.setattr("lib.studio.checks.answer_asked", broken)
    summary = keeper.one_pass(workshop)

    assert not summary.all_done
    assert keeper.HEARTBEAT in workshop.registry.notes.all()


STILL_WORKING = says({"status": "processing"}, X_Poll_After="40")


def test_polls_keep_the_pause_that_the_service_asks_for_whoever_polls(
    story: Story, workshop: Workshop
) -> None:
    other = story.workshop("other")
    story.service.always("clone_status", STILL_WORKING)
    orders.clone(workshop, clone_request())
    keeper.one_pass(workshop)
    for _ in range(24):
        story.clock.advance(5 * SECOND)
        keeper.one_pass(workshop)
        keeper.one_pass(other)

    assert story.service.count("clone_status") in (3, 4)


def test_keepers_that_find_the_same_job_due_at_the_same_moment_ask_once(
    story: Story, workshop: Workshop
) -> None:
    story.service.always("clone_status", STILL_WORKING)
    job = orders.clone(workshop, clone_request())
    keeper.one_pass(workshop)
    story.clock.advance(10 * SECOND)
    found = fresh(workshop, job)
    turns = iter([workshop, story.workshop("other")] * 3)
    together(lambda: follow.follow(next(turns), found), times=6)

    assert story.service.count("clone_status") == 1


def test_without_a_named_pause_polls_become_rarer(story: Story, workshop: Workshop) -> None:
    story.service.always("clone_status", says({"status": "processing"}))
    job = orders.clone(workshop, clone_request())
    story.live(workshop, 10 * MINUTE)
    early = story.service.count("clone_status")
    story.live(workshop, HOUR)
    late = story.service.count("clone_status") - early

    assert 20 <= early <= 50
    assert 55 <= late <= 65
    assert state(workshop, job) is JobState.WAITING


def test_a_paid_job_is_asked_about_for_days_and_through_any_trouble(
    story: Story, workshop: Workshop
) -> None:
    story.service.always("clone_status", refuses(500))
    job = orders.clone(workshop, clone_request())
    for _ in range(4):
        story.live(workshop, HOUR)
        story.clock.advance(DAY)
    assert state(workshop, job) is JobState.UNKNOWN  # a person may choose another way meanwhile

    story.service.always("clone_status", None)
    story.live(workshop, 2 * HOUR)
    assert state(workshop, job) is JobState.DONE


def summary(minutes: float | None, *, sent: int = 0) -> tuple[Summary, datetime]:
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    due = None if minutes is None else (now + timedelta(minutes=minutes)).isoformat()
    return Summary(sent=sent, next_due=due), now


@pytest.mark.parametrize(
    ("minutes", "sent", "seconds"),
    [
        (None, 1, 15 * 60),
        (5, 0, 5 * 60),
        (600, 0, 15 * 60),
        (-5, 1, 0.2),
        (0, 1, 0.2),
        (-5, 0, 60),
        (0, 0, 60),
    ],
)
def test_the_pause_after_a_pass(minutes: float | None, sent: int, seconds: float) -> None:
    assert pause_after(*summary(minutes, sent=sent)).total_seconds() == seconds


def test_an_order_that_waits_for_a_person_keeps_no_keeper_awake(
    story: Story, workshop: Workshop
) -> None:
    orders.clone(workshop, clone_request())
    story.clock.advance(HOUR)

    assert keeper.one_pass(workshop).next_due is None


def test_a_voice_that_cannot_be_kept_is_told_and_keeps_no_keeper_busy(
    story: Story, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.to_be_kept(workshop)

    def no_model(_workshop: Workshop, _voice: Voice) -> None:
        raise keep.CannotKeep("No model is known that this voice could speak with.")

    monkeypatch.setattr(keep, "activation_model", no_model)
    done = keeper.one_pass(workshop)

    assert done.failed == ["Grace 1: No model is known that this voice could speak with."]
    assert pause_after(done, story.clock.now()) == passes.AFTER_NOTHING


@pytest.mark.usefixtures("no_keepers")
def test_an_order_wakes_the_sleeping_keeper(story: Story, workshop: Workshop) -> None:
    held = Holds()
    story.service.next("clone", held)
    thread = keeper.start(workshop)
    _wait_for_a_pass(workshop)
    job = orders.clone(workshop, clone_request())
    assert held.arrived.wait(10)
    held.released.set()
    workshop.close()
    thread.join(10)

    assert not thread.is_alive()
    assert held_open(story.folder) == []
    assert state(story.workshop(), job) is JobState.WAITING


def _wait_for_a_pass(workshop: Workshop) -> None:
    """Until the heartbeat is there."""
    moment = threading.Event()
    for _ in range(1_000):
        if keeper.HEARTBEAT in workshop.registry.notes.all():
            return
        moment.wait(0.01)
    raise AssertionError("the keeper made no pass")


@pytest.mark.usefixtures("no_keepers")
def test_what_is_ordered_while_a_service_takes_its_time_is_sent_at_once(
    story: Story, workshop: Workshop
) -> None:
    slow, quick = Holds(), Holds()
    story.service.next("clone", slow)
    keeper.start(workshop)
    _wait_for_a_pass(workshop)
    orders.clone(workshop, clone_request())
    assert slow.arrived.wait(10)
    story.service.next("clone", quick)
    orders.clone(workshop, clone_request(seed=2))
    assert quick.arrived.wait(10)
    slow.released.set()
    quick.released.set()


@pytest.mark.usefixtures("no_keepers")
def test_a_new_keeper_ends_the_older_ones_of_its_name(story: Story, workshop: Workshop) -> None:
    older = [keeper.start(workshop), keeper.start(story.workshop("other"))]
    newest = keeper.start(workshop)
    for thread in older:
        thread.join(10)

    assert [thread.is_alive() for thread in older] == [False, False]
    assert newest.is_alive()
    assert newest.daemon
    named = [thread for thread in threading.enumerate() if thread.name == keeper.THREAD_NAME]
    assert named == [newest]


@pytest.mark.usefixtures("no_keepers")
def test_a_stop_that_comes_right_before_a_pass_is_not_lost(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = KeeperThread(workshop)
    clear = thread._woken.clear

    def stop_comes_first() -> None:
        thread.stop()
        clear()

    monkeypatch.setattr(thread._woken, "clear", stop_comes_first)
    thread.start()
    thread.join(10)

    assert not thread.is_alive()


@pytest.mark.usefixtures("no_keepers")
def test_a_keeper_whose_database_fails_goes_on(
    story: Story, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[int] = []
    twice = threading.Event()
    one_pass = keeper.one_pass

    def failing(workshop: Workshop) -> Summary:
        passes.append(1)
        if len(passes) == 1:
            raise DatabaseUnavailable("The database cannot be reached right now.")
        if len(passes) == 2:
            raise RuntimeError("a defect")
        twice.set()
        return one_pass(workshop)

    monkeypatch.setattr(keeper_thread, "one_pass", failing)
    monkeypatch.setattr(keeper_thread, "AFTER_TROUBLE", timedelta(seconds=0.01))
    keeper.start(workshop)

    assert twice.wait(10)


def test_in_the_demo_everything_works_without_a_socket(story: Story) -> None:
    demo = story.workshop("demo", NANOGPT_API_KEY="", VAULT_URL="", DEMO="1")
    request = clone_request(service="demo")
    keeper.one_pass(demo)  # puts up the exhibition
    job = orders.clone(demo, request)
    for _ in range(4):
        keeper.one_pass(demo)
        story.clock.advance(3 * SECOND)

    found = dossier(demo, job.voice_id)
    assert fresh(demo, job).state is JobState.DONE
    assert len(found.activations) == 1
    assert demo.demo is not None
    assert [charge.kind for charge in demo.demo.charges()] == ["clone", "speech"]
    assert money.month_spent(demo).micros == 0
    assert story.service.seen == []


def test_a_vault_that_is_broken_at_the_start_does_not_stop_the_keeping(
    story: Story, workshop: Workshop
) -> None:
    voice_id = story.to_be_kept(workshop)
    waiting = orders.clone(workshop, clone_request(seed=2))
    story.vault_breaks()
    restarted = story.workshop(read=False)
    summary = keeper.one_pass(restarted)

    assert not restarted.reading.finished
    assert [line for line in summary.blocked if "vault cannot be read" in line]
    assert health(restarted, voice_id) is Health.SAFE
    assert state(restarted, waiting) is JobState.CONFIRMED
    assert story.service.count("clone") == 1

    story.vault_is_mended()
    story.live(restarted, MINUTE)
    assert state(restarted, waiting) is JobState.DONE


def test_nothing_that_another_container_may_have_sent_is_sent_before_the_vault_was_read(
    story: Story, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot_list(workshop: Workshop) -> int:
        raise VaultError(VaultTrouble.BUSY, "The storage is busy.")

    job = orders.clone(workshop, clone_request())
    with monkeypatch.context() as patch:
        patch.setattr(vaulting, "reconcile", cannot_list)
        restarted = story.workshop(read=False)
        story.live(restarted, MINUTE)
    assert state(restarted, job) is JobState.CONFIRMED
    assert story.service.count("clone") == 0

    story.live(restarted, MINUTE)
    assert state(restarted, job) is JobState.DONE
