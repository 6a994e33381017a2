"""One pass of the keeper: everything that is due now, done once.

A pass is an ordinary function of the context. It may be killed anywhere, may run twice at once and
may not run for days, because what is due is computed from the records and the time each time.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from lib.keeper import wording
from lib.keeper.signs import HEARTBEAT, OUTSIDE
from lib.keeper.wording import Work, called
from lib.models import Dossier, Job, JobKind, JobState, LongText
from lib.registry import DatabaseUnavailable
from lib.retention import Rank, Step, StepKind, reason_words
from lib.services import DEMO, SERVICES
from lib.studio.adoption import saved_ids, service_lists
from lib.studio.alerts import checks, notifying
from lib.studio.core import accounts, catalogue, door_log, usage
from lib.studio.core.context import Context
from lib.studio.erasure import erasing
from lib.studio.jobs import collecting, long_texts, polling, queueing, sending
from lib.studio.library import listing, sharing, showcase
from lib.studio.library.listing import Entry
from lib.studio.orders import activation
from lib.studio.orders.confirming import OrderRefused
from lib.studio.storage import event_log, manifests, migration
from lib.studio.storage.in_memory import AT_ONCE
from lib.studio.transfer import delivery
from lib.vault.base import VaultError

log = logging.getLogger("voicekeep.keeper")

WORKERS = 4
BATCH_SECONDS = 20.0
"""Seconds after which a worker leaves the rest of its queue to the next round."""
JOBS_PER_ROUND = 200
STEPS_PER_PASS = 200
ROUNDS = 4
"""How often a pass looks at its orders again: the uses that voices ordered in this pass are sent,
and answers that came at once are collected, without waiting for the next pass."""
LONGEST_SLEEP = timedelta(minutes=15)
SHORTEST_SLEEP = timedelta(seconds=0.2)
AFTER_NOTHING = timedelta(minutes=1)
RECONCILE_EVERY = timedelta(days=1)
USES = frozenset({StepKind.ACTIVATE, StepKind.REFRESH})
KEEPER_STEPS = USES | {StepKind.MIRROR, StepKind.MOVE, StepKind.VERIFY}
"""Steps that the keeper does by itself; the other kinds wait for a person or for an order."""

_T = TypeVar("_T")


@dataclass
class Summary:
    """What one pass did.

    The numbers count voices (`checked`), orders (`sent`, `polled`), uses (`activated`,
    `refreshed`), files (`mirrored`, `verified`) and warnings (`notified`). `failed` and `blocked`
    hold one sentence for each thing that went wrong, or that waits for somebody. `next_due` is the
    moment, in ISO format and UTC, from which a next pass has something to do; None if nothing is
    planned.
    """

    checked: int = 0
    sent: int = 0
    polled: int = 0
    activated: int = 0
    mirrored: int = 0
    verified: int = 0
    refreshed: int = 0
    notified: int = 0
    failed: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    next_due: str | None = None
    duration_s: float = 0.0

    @property
    def did_something(self) -> bool:
        return bool(self.sent or self.polled or self.mirrored or self.verified)

    @property
    def all_done(self) -> bool:
        return not self.failed and not self.blocked


@dataclass(frozen=True)
class Outlook:
    """What comes after a pass: the moments, by the real clock, at which the next thing of each kind
    is due, and a sentence for each voice that is blocked.
    """

    moments: list[datetime]
    blocked: list[str]

    @property
    def next_due(self) -> datetime | None:
        return min(self.moments, default=None)

    def next_work(self, began: datetime, now: datetime, *, moved: bool) -> datetime | None:
        """From when a pass has something to do after one that began then; it `moved` something.

        What was due all the time although nothing was done is somebody else's work, or cannot be
        done: it is tried again later, and hides nothing that falls due sooner. What fell due during
        the pass may have been looked at before its time, and is none of that.
        """
        moments = [moment for moment in self.moments if moment > began]
        if len(moments) < len(self.moments):
            moments.append(now if moved else now + AFTER_NOTHING)
        return min(moments, default=None)


def one_pass(context: Context) -> Summary:
    """Do everything that is due, and return what was done.

    Each thing is done by itself: whatever fails is reported in the summary and stops nothing else.
    Raises `DatabaseUnavailable` where the database cannot be reached at all.
    """
    started, began = time.monotonic(), context.clock.now()
    summary = Summary()
    accounts.meet_keys(context)
    is_read = _vaults_are_read(context, summary)
    if is_read:
        _guarded(summary, called(Work.RECORDS), partial(manifests.look_again, context))
        _guarded(summary, called(Work.NEW_STORAGE), partial(migration.meet_vault, context))
        _guarded(summary, called(Work.ACCOUNTS), partial(accounts.keep_safe, context))
        summary.blocked += (
            _guarded(summary, called(Work.ERASING), partial(erasing.erase_due, context)) or []
        )
        summary.blocked += (
            _guarded(summary, called(Work.SHARING), partial(sharing.carry_out, context)) or []
        )
        _guarded(summary, called(Work.OLD_EXPORTS), partial(delivery.drop_old, context))
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="voicekeep-worker") as pool:
        _do_jobs(context, summary, pool)
        due = due_steps(context, summary)
        _do_steps(context, summary, pool, [pair for pair in due if pair[1].kind in USES])
        for _ in range(ROUNDS):
            if not _do_jobs(context, summary, pool):
                break
        for job_id in (*context.spool.answers(), *context.spool.waiting()):
            late = partial(polling.accept_late_answer, context, job_id)
            _guarded(summary, called(Work.LATE_ANSWER), late)
        if is_read:  # files may wait for a slow vault, and what was ordered must not
            files = [pair for pair in due if pair[1].kind not in USES]
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="voicekeep-files") as carriers:
                _do_steps(context, summary, carriers, files)
    _guarded(summary, called(Work.DRAFTS), context.drafts.sweep)
    _guarded(summary, called(Work.SIGN_INS), partial(door_log.write_down, context))
    _guarded(summary, called(Work.RECORDINGS), partial(collecting.drop_recordings, context))
    if is_read:
        for job_id in context.spool.waiting():
            _guarded(summary, called(Work.SOUND), partial(collecting.store_sound, context, job_id))
        _guarded(summary, called(Work.TAKE), partial(_move_takes, context, summary))
        summary.failed.extend(manifests.save_due(context))
        _guarded(summary, called(Work.ACTIVITY), partial(event_log.keep_safe, context))
    _guarded(summary, called(Work.MODELS), partial(catalogue.ask_services, context))
    _guarded(summary, called(Work.CHARGES), partial(usage.ask_services, context))
    _guarded(summary, called(Work.CHECKS), partial(checks.process_requests, context))
    _guarded(summary, called(Work.LISTS), partial(service_lists.process_requests, context))
    _guarded(summary, called(Work.SAVED_IDS), partial(saved_ids.process_requests, context))
    _guarded(summary, called(Work.WARNINGS), partial(_notify, context, summary))
    notes = context.registry.notes.all()
    summary.blocked += [block.why for block in notifying.blocks(context, notes)]
    ahead = outlook(context)
    summary.blocked += ahead.blocked
    next_due = ahead.next_work(began, context.clock.now(), moved=summary.did_something)
    summary.next_due = next_due.isoformat() if next_due else None
    summary.duration_s = round(time.monotonic() - started, 3)
    context.registry.notes.write(HEARTBEAT, asdict(summary), context.clock.now())
    if context.outside:
        context.registry.notes.write(OUTSIDE, {}, context.clock.now())
    return summary


def outlook(context: Context) -> Outlook:
    """When the next voice or order is due, and what blocks the voices. Writes and sends nothing."""
    moments: list[datetime] = []
    blocked: list[str] = []
    judged = listing.judged(context)
    if shared_until := context.registry.shares.next_due():
        moments.append(shared_until)
    for services, now in service_groups(context):
        jobs, texts = context.registry.jobs, context.registry.long_texts
        moments_here = [jobs.next_due(services, now), texts.next_due(services)]
        moments_here.append(context.registry.erasures.next_due(services))
        moments_here += [at for service, at in judged.next_at.items() if service in services]
        for item in judged.held_up:
            if item.voice.service in services:
                blocked += [f"{item.voice.name}: {reason}" for reason in _held_up(item, now)]
        speed = context.settings.demo_speed if DEMO in services else 1.0
        moments += [
            context.clock.now() + (moment - now) / speed for moment in moments_here if moment
        ]
    return Outlook(moments, blocked)


def _held_up(item: Entry, now: datetime) -> list[str]:
    """Why a voice's next steps, or an order that is still to be sent by itself, has to wait; a
    sentence for each kind of reason.
    """
    reasons = {
        step.blocked_by: reason_words(step.why)
        for step in (item.life, item.files)
        if step.blocked_by
    }
    orders = {
        job.answer_kind: job.last_answer
        for job in item.dossier.jobs
        if job.state is JobState.CONFIRMED
        and job.kind is not JobKind.ACTIVATION  # that one is the voice's step
        and job.answer_kind
        and job.attempts  # else it merely stands in line
        and not job.is_expired(now)
    }
    return list((orders | reasons).values())


def sleep_after(summary: Summary, now: datetime) -> timedelta:
    """How long the keeper may sleep after a pass: 0.2 s to 15 minutes. A new order wakes it."""
    if summary.next_due is None:
        return LONGEST_SLEEP
    left = datetime.fromisoformat(summary.next_due) - now
    return min(max(left, SHORTEST_SLEEP), LONGEST_SLEEP)


def service_groups(context: Context) -> list[tuple[tuple[str, ...], datetime]]:
    """The live services and the demo's, each group with its current time: the demo's clock may run
    faster than the real one.
    """
    live = tuple(service for service in context.settings.visible if service != DEMO)
    found = [(live, context.clock.now())]
    if context.settings.shows_demo:
        found.append(((DEMO,), context.demo_clock.now()))
    return found


def _vaults_are_read(context: Context, summary: Summary) -> bool:
    """Reconcile database and vault at the start and once a day; whether that was ever done.

    Before it was, an unread manifest may know more than the database. Until then the keeper only
    sends the uses that keep known voices, and polls what was sent.
    """
    seen, last = context.runtime.reconciliation, context.registry.notes.get("reconcile")
    is_recent = last and last.at and context.clock.now() - last.at < RECONCILE_EVERY
    if seen.finished and is_recent:
        return True
    context.registry.library.drop_old_notes()
    try:
        manifests.reconcile(context)
    except VaultError as problem:
        seen.trouble = str(problem)
        summary.blocked.append(wording.storage_unreadable(str(problem)))
    else:
        _guarded(summary, called(Work.SHARED), partial(sharing.meet_copies, context))
        _guarded(summary, called(Work.DEMO_VOICES), partial(showcase.install, context))
        seen.finished = True
    return seen.finished


def _do_jobs(context: Context, summary: Summary, pool: ThreadPoolExecutor) -> int:
    due: list[Job] = []
    texts: list[LongText] = []
    for services, now in service_groups(context):
        texts += context.registry.long_texts.due(services, now, JOBS_PER_ROUND)
        for service in services:  # apart, so that the line of one holds up none of another
            due += context.registry.jobs.due([service], now, JOBS_PER_ROUND)

    def handle(job: Job) -> str:
        if job.state is JobState.CONFIRMED:
            # An unread vault may know that another container sent it; keeping is worth that risk.
            may = context.runtime.reconciliation.finished or job.kind is JobKind.ACTIVATION
            return "sent" if may and sending.send(context, job) else ""
        return polling.poll(context, job)

    def handle_batch(batch: list[Job]) -> Counter[str]:
        began, counted = time.monotonic(), Counter[str]()
        for job in batch:
            if counted and time.monotonic() - began > BATCH_SECONDS:
                break  # the rest comes in the next round; other work must not wait for it
            counted[_guarded(summary, wording.order(job.id), partial(handle, job)) or ""] += 1
        return counted

    def look_at(text: LongText) -> Counter[str]:
        looked = _guarded(summary, wording.order(text.id), partial(long_texts.look, context, text))
        return Counter(["polled"] if looked else [])

    futures = [
        pool.submit(handle_batch, batch) for batch in queueing.split_among_workers(context, due)
    ]
    futures += [pool.submit(look_at, text) for text in texts]
    done = Counter[str]()
    for future in futures:
        done += future.result()
    summary.sent += done["sent"]
    summary.polled += done["polled"] + done["activated"] + done["refreshed"]
    summary.activated += done["activated"]
    summary.refreshed += done["refreshed"]
    return done.total() - done[""]


def due_steps(context: Context, summary: Summary) -> list[tuple[Dossier, Step]]:
    """All steps that are due, each with its voice: what can still be saved first, the soonest loss
    before the others.

    Notes in the summary how many voices were looked at. Uses through a service that has no key here
    are left out and reported as blocked.
    """
    judged = listing.judged(context)
    summary.checked += len(judged.by_id) + len(judged.unjudged)
    summary.failed += [wording.unjudged(dossier.voice.name) for dossier in judged.unjudged]
    due: list[tuple[Rank, datetime, Dossier, Step]] = []
    keyless: Counter[str] = Counter()
    for item in judged.due:
        now = judged.moments[item.voice.service]
        for step in (item.life, item.files):
            if step.at is None or step.at > now or step.kind not in KEEPER_STEPS:
                continue
            if step.kind in USES and item.voice.service not in context.providers:
                keyless[item.voice.service] += 1
            else:
                due.append((item.at(now).rank, step.at, item.dossier, step))
    summary.blocked += [
        wording.no_key(count, SERVICES[service].title) for service, count in keyless.items()
    ]
    due.sort(key=lambda item: (item[0], item[1], item[2].voice.id))
    return [(dossier, step) for _, _, dossier, step in due]


def _do_steps(
    context: Context,
    summary: Summary,
    pool: ThreadPoolExecutor,
    due: Sequence[tuple[Dossier, Step]],
) -> None:
    """A bounded number of steps; what is left is due in the next pass, which follows at once."""
    futures = [
        (dossier.voice.name, pool.submit(activation.do_step, context, dossier, step))
        for dossier, step in due[:STEPS_PER_PASS]
    ]
    done = Counter(_guarded(summary, name, future.result) for name, future in futures)
    summary.mirrored += done["mirrored"]
    summary.verified += done["verified"]


def _notify(context: Context, summary: Summary) -> None:
    """Warnings that reach nobody block the keeper as well."""
    result = notifying.notify(context)
    summary.notified = result.notified
    summary.blocked += result.blocked


def _move_takes(context: Context, summary: Summary) -> None:
    summary.blocked += migration.move_takes(context)


def _guarded(summary: Summary, what: str, work: Callable[[], _T]) -> _T | None:
    """The result of this work, or None if it failed, which the summary then says.

    Our own errors are sentences and are shown. Of a defect only that it happened is shown: its text
    may hold a key or an address.
    """
    try:
        return work()
    except (VaultError, DatabaseUnavailable, OrderRefused) as problem:
        summary.failed.append(f"{what}: {problem}")
    except Exception:
        log.exception("The keeper met a defect: %s", what)
        summary.failed.append(wording.defect(what))
    return None
