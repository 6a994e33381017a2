"""The keeper's pass and its thread: one bad voice stops nothing, two keepers do things once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from lib import keeper, manifest
from lib.backoff import Backoff
from lib.keeper import Summary, passes, sleep_after
from lib.keeper import thread as keeper_thread
from lib.keeper.signs import HEARTBEAT
from lib.keeper.thread import THREAD_NAME, KeeperThread
from lib.models import Dossier, Health, Job, JobState, Voice
from lib.registry import DatabaseUnavailable
from lib.studio.core import catalogue, money
from lib.studio.core.context import Context
from lib.studio.jobs import polling
from lib.studio.orders import activation, cloning
from lib.studio.storage import files, manifests
from lib.vault.base import VaultError, VaultTrouble
from tests.parts.charges import charges_of
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


def test_a_pass_without_work_says_so_and_leaves_a_heartbeat(story: Story, context: Context) -> None:
    summary = keeper.one_pass(context)

    assert summary.all_done
    assert summary.next_due is None
    assert (summary.checked, summary.sent, summary.polled) == (0, 0, 0)
    note = context.registry.notes.all()[HEARTBEAT]
    assert note.at == story.clock.now()
    assert note.body["failed"] == []


def test_a_pass_counts_what_it_did(story: Story, context: Context) -> None:
    cloning.clone(context, clone_request())
    cloning.clone(context, clone_request("qwen", seed=2))
    first = keeper.one_pass(context)
    story.clock.advance(5 * SECOND)
    second = keeper.one_pass(context)

    assert (first.sent, first.polled) == (2, 0)
    assert first.next_due is not None
    assert second.checked == 2
    assert (second.sent, second.polled, second.activated, second.mirrored) == (1, 3, 1, 2)
    assert second.all_done


@pytest.mark.parametrize("breaks", ["poll", "mirror", "manifest", "vault"])
def test_one_bad_voice_never_stops_the_rest(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    bad = cloning.clone(context, clone_request("qwen", seed=9, name="Bad"))
    good = [cloning.clone(context, clone_request("qwen", seed=seed)) for seed in (1, 2, 3)]
    keeper.one_pass(context)
    _break(monkeypatch, breaks, bad)
    story.clock.advance(5 * SECOND)
    summaries = [keeper.one_pass(context), keeper.one_pass(context)]

    assert [health(context, job.voice_id) for job in good] == [Health.SAFE] * 3
    (told,) = {line for summary in summaries for line in summary.failed}
    assert "Bad" in told or bad.id in told
    assert "secret" not in told


def _break(monkeypatch: pytest.MonkeyPatch, what: str, bad: Job) -> None:
    """One step meets a defect, or trouble, for one voice only."""
    followed, mirrored, saved = polling.poll, files.bring, manifests.save

    def bad_poll(context: Context, job: Job) -> str:
        if job.id == bad.id:
            raise RuntimeError("a secret of ours")
        return followed(context, job)

    def bad_mirror(context: Context, found: Dossier) -> bool:
        if found.voice.id == bad.voice_id:
            raise RuntimeError("a secret of ours")
        return mirrored(context, found)

    def bad_save(context: Context, found: manifest.Story) -> None:
        if manifest.head(found).id == bad.voice_id:
            raise VaultError(VaultTrouble.BUSY, "The storage is busy.")
        saved(context, found)

    def bad_files(context: Context, found: Dossier) -> bool:
        if found.voice.id == bad.voice_id:
            raise VaultError(VaultTrouble.REFUSED, "The storage refuses.")
        return mirrored(context, found)

    if what == "poll":
        monkeypatch.setattr(polling, "poll", bad_poll)
    elif what == "manifest":
        monkeypatch.setattr(manifests, "save", bad_save)
    else:
        monkeypatch.setattr(files, "bring", bad_mirror if what == "mirror" else bad_files)


def test_checks_that_meet_a_defect_do_not_end_a_pass(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(context: Context) -> int:
        raise RuntimeError("a defect")

    monkeypatch.setattr("lib.studio.alerts.checks.process_requests", broken)
    summary = keeper.one_pass(context)

    assert not summary.all_done
    assert HEARTBEAT in context.registry.notes.all()


STILL_WORKING = says({"status": "processing"}, X_Poll_After="40")


def test_polls_keep_the_pause_that_the_service_asks_for_whoever_polls(
    story: Story, context: Context
) -> None:
    other = story.context("other")
    story.service.always("clone_status", STILL_WORKING)
    cloning.clone(context, clone_request())
    keeper.one_pass(context)
    for _ in range(24):
        story.clock.advance(5 * SECOND)
        keeper.one_pass(context)
        keeper.one_pass(other)

    assert story.service.count("clone_status") in (3, 4)


def test_keepers_that_find_the_same_job_due_at_the_same_moment_ask_once(
    story: Story, context: Context
) -> None:
    story.service.always("clone_status", STILL_WORKING)
    job = cloning.clone(context, clone_request())
    keeper.one_pass(context)
    story.clock.advance(10 * SECOND)
    found = fresh(context, job)
    turns = iter([context, story.context("other")] * 3)
    together(lambda: polling.poll(next(turns), found), times=6)

    assert story.service.count("clone_status") == 1


def test_without_a_named_pause_polls_become_rarer(story: Story, context: Context) -> None:
    story.service.always("clone_status", says({"status": "processing"}))
    job = cloning.clone(context, clone_request())
    story.live(context, 10 * MINUTE)
    early = story.service.count("clone_status")
    story.live(context, HOUR)
    late = story.service.count("clone_status") - early

    assert 20 <= early <= 50
    assert 55 <= late <= 65
    assert state(context, job) is JobState.WAITING


def test_a_paid_job_is_asked_about_for_days_and_through_any_trouble(
    story: Story, context: Context
) -> None:
    story.service.always("clone_status", refuses(500))
    job = cloning.clone(context, clone_request())
    for _ in range(4):
        story.live(context, HOUR)
        story.clock.advance(DAY)
    assert state(context, job) is JobState.UNKNOWN  # a person may choose another way meanwhile

    story.service.always("clone_status", None)
    story.live(context, 2 * HOUR)
    assert state(context, job) is JobState.DONE


NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "seconds"), [(None, 15 * 60), (5, 5 * 60), (600, 15 * 60), (-5, 0.2), (0, 0.2)]
)
def test_the_pause_after_a_pass(minutes: float | None, seconds: float) -> None:
    due = None if minutes is None else (NOW + timedelta(minutes=minutes)).isoformat()
    assert sleep_after(Summary(next_due=due), NOW).total_seconds() == seconds


@pytest.mark.parametrize(
    ("due", "moved", "expected"),
    [
        ([], False, None),
        ([5], False, 5),
        ([-5], False, 1),
        ([-2], False, 1),
        ([-2], True, 0),
        ([-1], False, -1),
        ([0, 5], False, 0),
        ([-5, 0.5], False, 0.5),
        ([-5, 7], False, 1),
    ],
)
def test_when_there_is_work_after_a_pass_of_two_minutes(
    due: list[float], moved: bool, expected: float | None
) -> None:
    moments = [NOW + timedelta(minutes=minutes) for minutes in due]
    work = passes.Outlook(moments, []).next_work(NOW - 2 * MINUTE, NOW, moved=moved)
    assert work == (None if expected is None else NOW + timedelta(minutes=expected))


def test_an_order_that_falls_due_during_a_pass_is_polled_right_after_it(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloning.clone(context, clone_request())
    keeper.one_pass(context)
    another = story.new_container()

    def slowly(_context: Context) -> None:
        story.clock.advance(2 * MINUTE)

    with monkeypatch.context() as patch:
        patch.setattr(catalogue, "ask_services", slowly)
        heard: list[Summary] = []
        pause = KeeperThread(another, heard.append)._pass()

    assert heard[0].polled == 0
    assert pause == passes.SHORTEST_SLEEP
    assert keeper.one_pass(another).polled > 0


def test_an_order_that_waits_for_a_person_keeps_no_keeper_awake(
    story: Story, context: Context
) -> None:
    cloning.clone(context, clone_request())
    story.clock.advance(HOUR)

    assert keeper.one_pass(context).next_due is None


def test_a_voice_that_cannot_be_kept_is_told_and_keeps_no_keeper_busy(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.to_be_kept(context)

    def no_model(_context: Context, _voice: Voice) -> None:
        raise activation.OrderRefused("No model here works with this voice.")

    monkeypatch.setattr(activation, "activation_model", no_model)
    done = keeper.one_pass(context)

    assert done.failed == ["Grace 1: No model here works with this voice."]
    assert sleep_after(done, story.clock.now()) == passes.AFTER_NOTHING


@pytest.mark.usefixtures("no_keepers")
def test_an_order_wakes_the_sleeping_keeper(story: Story, context: Context) -> None:
    held = Holds()
    story.service.next("clone", held)
    thread = keeper.start(context)
    _wait_for_a_pass(context)
    job = cloning.clone(context, clone_request())
    assert held.arrived.wait(10)
    held.released.set()
    context.close()
    thread.join(10)

    assert not thread.is_alive()
    assert held_open(story.folder) == []
    assert state(story.context(), job) is JobState.WAITING


def _wait_for_a_pass(context: Context) -> None:
    """Until the heartbeat is there."""
    moment = threading.Event()
    for _ in range(1_000):
        if HEARTBEAT in context.registry.notes.all():
            return
        moment.wait(0.01)
    raise AssertionError("the keeper made no pass")


@pytest.mark.usefixtures("no_keepers")
def test_what_is_ordered_while_a_service_takes_its_time_is_sent_at_once(
    story: Story, context: Context
) -> None:
    slow, quick = Holds(), Holds()
    story.service.next("clone", slow)
    keeper.start(context)
    _wait_for_a_pass(context)
    cloning.clone(context, clone_request())
    assert slow.arrived.wait(10)
    story.service.next("clone", quick)
    cloning.clone(context, clone_request(seed=2))
    assert quick.arrived.wait(10)
    slow.released.set()
    quick.released.set()


@pytest.mark.usefixtures("no_keepers")
def test_a_new_keeper_ends_the_older_ones_of_its_name(story: Story, context: Context) -> None:
    older = [keeper.start(context), keeper.start(story.context("other"))]
    newest = keeper.start(context)
    for thread in older:
        thread.join(10)

    assert [thread.is_alive() for thread in older] == [False, False]
    assert newest.is_alive()
    assert newest.daemon
    named = [thread for thread in threading.enumerate() if thread.name == THREAD_NAME]
    assert named == [newest]


@pytest.mark.usefixtures("no_keepers")
def test_a_stop_that_comes_right_before_a_pass_is_not_lost(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = KeeperThread(context)
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
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[int] = []
    twice = threading.Event()
    one_pass = keeper.one_pass

    def failing(context: Context) -> Summary:
        passes.append(1)
        if len(passes) == 1:
            raise DatabaseUnavailable("The database cannot be reached right now.")
        if len(passes) == 2:
            raise RuntimeError("a defect")
        twice.set()
        return one_pass(context)

    monkeypatch.setattr(keeper_thread, "one_pass", failing)
    monkeypatch.setattr(keeper_thread, "AFTER_TROUBLE", Backoff((timedelta(seconds=0.01),)))
    keeper.start(context)

    assert twice.wait(10)


def test_in_the_demo_everything_works_without_a_socket(story: Story) -> None:
    demo = story.context("demo", NANOGPT_API_KEY="", VAULT_URL="", DEMO="1")
    request = clone_request(service="demo")
    keeper.one_pass(demo)  # puts up the exhibition
    job = cloning.clone(demo, request)
    for _ in range(4):
        keeper.one_pass(demo)
        story.clock.advance(3 * SECOND)

    found = dossier(demo, job.voice_id)
    assert fresh(demo, job).state is JobState.DONE
    assert len(found.activations) == 1
    assert demo.demo is not None
    assert [charge.kind for charge in charges_of(demo.demo)] == ["clone", "speech"]
    assert money.month_spent(demo).micros == 0
    assert story.service.seen == []


def test_a_vault_that_is_broken_at_the_start_does_not_stop_the_keeping(
    story: Story, context: Context
) -> None:
    voice_id = story.to_be_kept(context)
    waiting = cloning.clone(context, clone_request(seed=2))
    story.vault_breaks()
    restarted = story.context(read=False)
    summary = keeper.one_pass(restarted)

    assert not restarted.runtime.reconciliation.finished
    assert [line for line in summary.blocked if "storage cannot be read" in line]
    assert health(restarted, voice_id) is Health.SAFE
    assert state(restarted, waiting) is JobState.CONFIRMED
    assert story.service.count("clone") == 1

    story.vault_is_mended()
    story.live(restarted, MINUTE)
    assert state(restarted, waiting) is JobState.DONE


def test_nothing_that_another_container_may_have_sent_is_sent_before_the_vault_was_read(
    story: Story, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot_list(context: Context) -> int:
        raise VaultError(VaultTrouble.BUSY, "The storage is busy.")

    job = cloning.clone(context, clone_request())
    with monkeypatch.context() as patch:
        patch.setattr(manifests, "reconcile", cannot_list)
        restarted = story.context(read=False)
        story.live(restarted, MINUTE)
    assert state(restarted, job) is JobState.CONFIRMED
    assert story.service.count("clone") == 0

    story.live(restarted, MINUTE)
    assert state(restarted, job) is JobState.DONE
