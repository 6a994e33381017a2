"""One pass over all that is due: an ordinary function of the context.

It can be killed anywhere, run twice at once or not run for days: what is due is computed from the
state and the time.
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

from lib.keeper.signs import HEARTBEAT, OUTSIDE
from lib.models import Dossier, ErrorKind, Job, JobKind, JobState
from lib.registry import DatabaseUnavailable
from lib.retention import Rank, Step, StepKind, judge, rank_of, steps
from lib.services import DEMO, SERVICES
from lib.studio.adoption import saved_ids, service_lists
from lib.studio.alerts import checks, notifying
from lib.studio.core import accounts, catalogue
from lib.studio.core.context import Context
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.jobs import collecting, polling, queueing, sending
from lib.studio.library import showcase
from lib.studio.orders import activation
from lib.studio.storage import event_log, manifests, migration
from lib.vault.base import VaultError

log = logging.getLogger("voicekeep.keeper")

WORKERS = 4
BATCH_SECONDS = 20.0
"""Seconds that one worker sends orders of a service that takes one at a time."""
JOBS_PER_ROUND = 200
STEPS_PER_PASS = 200
ROUNDS = 4
"""A pass sends what voices just ordered and collects what was answered at once."""
LONGEST_SLEEP = timedelta(minutes=15)
SHORTEST_SLEEP = timedelta(seconds=0.2)
AFTER_NOTHING = timedelta(minutes=1)
RECONCILE_EVERY = timedelta(days=1)
USES = frozenset({StepKind.ACTIVATE, StepKind.REFRESH})
KEEPER_STEPS = USES | {StepKind.MIRROR, StepKind.MOVE, StepKind.VERIFY}
"""Steps that the keeper does; the others wait for somebody or something."""
UNJUDGED = "its story cannot be judged; the log has it."

_T = TypeVar("_T")


@dataclass
class Summary:
    """What one pass did. `failed` and `blocked` hold a sentence each; `next_due` is UTC ISO."""

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
    """What comes after a pass: when something wants doing (real clock), and what is held up."""

    next_due: datetime | None
    blocked: list[str]


def one_pass(context: Context) -> Summary:
    """Do all that is due, each thing alone: one that fails never stops the rest."""
    started = time.monotonic()
    summary = Summary()
    accounts.meet_keys(context)
    is_read = _vaults_are_read(context, summary)
    if is_read:
        _guarded(summary, "The stories", lambda: _done(manifests.look_again(context)))
        _guarded(summary, "The new storage", lambda: _done(migration.meet_vault(context)))
        _guarded(summary, "The accounts", lambda: _done(accounts.keep_safe(context)))
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="voicekeep-worker") as pool:
        _do_jobs(context, summary, pool)
        due = due_steps(context, summary)
        _do_steps(context, summary, pool, [pair for pair in due if pair[1].kind in USES])
        for _ in range(ROUNDS):
            if not _do_jobs(context, summary, pool):
                break
        for job_id in (*context.spool.answers(), *context.spool.waiting()):
            _guarded(summary, "A late answer", partial(_late_answer, context, job_id))
        if is_read:  # files may wait for a slow vault, and what was ordered must not
            files = [pair for pair in due if pair[1].kind not in USES]
            _do_steps(context, summary, pool, files)
    if is_read:
        for job_id in context.spool.waiting():
            _guarded(summary, "A sound", partial(_store_sound, context, job_id))
        _guarded(summary, "A take", partial(_move_takes, context, summary))
        summary.failed.extend(manifests.save_due(context).failed)
        _guarded(summary, "The record of who did what", lambda: _done(event_log.keep_safe(context)))
    _guarded(summary, "The list of models", lambda: _done(catalogue.ask_services(context)))
    _guarded(summary, "The checks", lambda: _done(checks.process_requests(context)))
    _guarded(summary, "The lists of voices", lambda: _done(service_lists.process_requests(context)))
    _guarded(summary, "The saved IDs", lambda: _done(saved_ids.process_requests(context)))
    _guarded(summary, "The warnings", partial(_notify, context, summary))
    notes = context.registry.notes.all()
    summary.blocked += [block.why for block in notifying.blocks(context, notes)]
    ahead = outlook(context)
    summary.blocked += ahead.blocked
    summary.next_due = ahead.next_due.isoformat() if ahead.next_due else None
    summary.duration_s = round(time.monotonic() - started, 3)
    context.registry.notes.write(HEARTBEAT, asdict(summary), context.clock.now())
    if context.outside:
        context.registry.notes.write(OUTSIDE, {}, context.clock.now())
    return summary


def outlook(context: Context) -> Outlook:
    """How things stand now: the next moment of all voices and orders, and what blocks them."""
    standpoint = standpoint_of(context)
    moments: list[datetime] = []
    blocked: list[str] = []
    for services, now in service_groups(context):
        moments_here = [context.registry.jobs.next_due(services, now)]
        for dossier in context.registry.voices.dossiers(services=services):
            life, files = _judged(standpoint, dossier, now) or (Step(StepKind.NOTHING),) * 2
            moments_here += [life.at, files.at]
            why = _held_up(dossier, life, files, now)
            blocked += [f"{dossier.voice.name}: {reason}" for reason in why]
        speed = context.settings.demo_speed if DEMO in services else 1.0
        moments += [
            context.clock.now() + (moment - now) / speed for moment in moments_here if moment
        ]
    return Outlook(min(moments, default=None), blocked)


def _judged(standpoint: Standpoint, dossier: Dossier, now: datetime) -> tuple[Step, Step] | None:
    """The next steps of one voice; None where its story is so odd that judging it fails."""
    try:
        return steps(dossier, standpoint.terms(dossier.voice), now)
    except Exception:
        log.exception("The voice %s cannot be judged", dossier.voice.id)
        return None


def _held_up(dossier: Dossier, life: Step, files: Step, now: datetime) -> list[str]:
    """Why a voice's next steps, or an order that is still to be sent by itself, has to wait; a
    sentence for each kind of reason.
    """
    reasons = {step.blocked_by: step.why for step in (life, files) if step.blocked_by}
    orders = {
        ErrorKind.of(job.answer_kind): job.last_answer
        for job in dossier.jobs
        if job.state is JobState.CONFIRMED
        and job.kind is not JobKind.ACTIVATION  # that one is the voice's step
        and job.last_answer
        and job.attempts  # else it merely stands in line
        and (job.send_before is None or job.send_before > now)
    }
    return list((orders | reasons).values())


def sleep_after(summary: Summary, now: datetime) -> timedelta:
    """How long after a pass the next one is worth it, unless something new comes up."""
    if summary.next_due is None:
        return LONGEST_SLEEP
    left = datetime.fromisoformat(summary.next_due) - now
    if left <= SHORTEST_SLEEP:
        # What stays due although nothing was done is somebody else's work, or cannot be done.
        return SHORTEST_SLEEP if summary.did_something else AFTER_NOTHING
    return min(left, LONGEST_SLEEP)


def service_groups(context: Context) -> list[tuple[tuple[str, ...], datetime]]:
    """Live services and the demo apart, each with its now: their clocks may differ."""
    live = tuple(service for service in context.settings.visible if service != DEMO)
    found = [(live, context.clock.now())]
    if context.settings.shows_demo:
        found.append(((DEMO,), context.demo_clock.now()))
    return found


def _vaults_are_read(context: Context, summary: Summary) -> bool:
    """Reconcile at start and once a day. Before the first one ended, voices that are known here
    are used to keep them, and what was sent is followed; nothing else is sent or written.
    """
    last = context.registry.notes.all().get("reconcile")
    now = context.clock.now()
    if (
        context.runtime.reconciliation.finished
        and last
        and last.at
        and now - last.at < RECONCILE_EVERY
    ):
        return True
    try:
        manifests.reconcile(context)
    except VaultError as problem:
        context.runtime.reconciliation.trouble = str(problem)
        summary.blocked.append(f"Your vault cannot be read: {problem}")
    else:
        _guarded(summary, "The demo's voices", lambda: _done(showcase.install(context)))
        context.runtime.reconciliation.finished = True
    return context.runtime.reconciliation.finished


def _may_send(context: Context, job: Job) -> bool:
    """An unread vault may know that another container has sent it; keeping is worth that risk."""
    return context.runtime.reconciliation.finished or job.kind is JobKind.ACTIVATION


def _do_jobs(context: Context, summary: Summary, pool: ThreadPoolExecutor) -> int:
    due: list[Job] = []
    for services, now in service_groups(context):
        for service in services:  # apart, so that the line of one holds up none of another
            due += context.registry.jobs.due([service], now, JOBS_PER_ROUND)

    def handle(job: Job) -> str:
        if job.state is JobState.CONFIRMED:
            may = _may_send(context, job)
            return "sent" if may and sending.send(context, job) else ""
        return polling.poll(context, job)

    def handle_batch(batch: list[Job]) -> Counter[str]:
        began, counted = time.monotonic(), Counter[str]()
        for job in batch:
            if counted and time.monotonic() - began > BATCH_SECONDS:
                break  # the rest comes in the next round; other work must not wait for it
            counted[_guarded(summary, f"Order {job.id}", partial(handle, job))] += 1
        return counted

    futures = [
        pool.submit(handle_batch, batch) for batch in queueing.split_among_workers(context, due)
    ]
    done = Counter[str]()
    for future in futures:
        done += future.result()
    summary.sent += done["sent"]
    summary.polled += done["polled"] + done["activated"] + done["refreshed"]
    summary.activated += done["activated"]
    summary.refreshed += done["refreshed"]
    return done.total() - done[""]


def due_steps(context: Context, summary: Summary) -> list[tuple[Dossier, Step]]:
    """All steps that are due: what can still be saved first, the soonest loss before the others.

    Uses through a service that has no key here are left out, and told as blocked.
    """
    standpoint = standpoint_of(context)
    due: list[tuple[Rank, datetime, Dossier, Step]] = []
    keyless: Counter[str] = Counter()
    for services, now in service_groups(context):
        for dossier in context.registry.voices.dossiers(services=services):
            summary.checked += 1
            judged = _judged(standpoint, dossier, now)
            if judged is None:
                summary.failed.append(f"{dossier.voice.name}: {UNJUDGED}")
                continue
            for step in judged:
                if step.kind not in KEEPER_STEPS or step.at is None or step.at > now:
                    continue
                if step.kind in USES and dossier.voice.service not in context.providers:
                    keyless[dossier.voice.service] += 1
                else:
                    due.append((_rank(standpoint, dossier, now), step.at, dossier, step))
    summary.blocked += [_no_key(service, count) for service, count in keyless.items()]
    due.sort(key=lambda item: (item[0], item[1], item[2].voice.id))
    return [(dossier, step) for _, _, dossier, step in due]


def _rank(standpoint: Standpoint, dossier: Dossier, now: datetime) -> Rank:
    terms = standpoint.terms(dossier.voice)
    return rank_of(dossier, terms, judge(dossier, terms, now), now)


def _no_key(service: str, count: int) -> str:
    title = SERVICES[service].title if service in SERVICES else "a service"
    voices = "1 voice waits" if count == 1 else f"{count:,} voices wait"
    return f"{voices} to be used: there is no key for {title} here."


def _do_steps(
    context: Context,
    summary: Summary,
    pool: ThreadPoolExecutor,
    due: Sequence[tuple[Dossier, Step]],
) -> None:
    """A bounded number of steps; what is left is due in the next pass, which follows at once."""
    done = _run_all(
        pool,
        summary,
        due[:STEPS_PER_PASS],
        lambda pair: activation.do_step(context, *pair),
        lambda pair: pair[0].voice.name,
    )
    summary.mirrored += done["mirrored"]
    summary.verified += done["verified"]


def _run_all(
    pool: ThreadPoolExecutor,
    summary: Summary,
    items: Sequence[_T],
    work: Callable[[_T], str],
    name: Callable[[_T], str],
) -> Counter[str]:
    """Do the work for all items over a few workers; counts the words it answers with."""
    futures = [(item, pool.submit(work, item)) for item in items]
    return Counter(_guarded(summary, name(item), future.result) for item, future in futures)


def _notify(context: Context, summary: Summary) -> str:
    """A keeper that cannot warn anybody is held up, too."""
    result = notifying.notify(context)
    summary.notified = result.notified
    summary.blocked += result.blocked
    return _done(result.notified)


def _late_answer(context: Context, job_id: str) -> str:
    return _done(polling.accept_late_answer(context, job_id))


def _store_sound(context: Context, job_id: str) -> str:
    return _done(collecting.store_sound(context, job_id))


def _move_takes(context: Context, summary: Summary) -> str:
    moved = migration.move_takes(context)
    summary.blocked += moved.blocked
    return _done(moved.count)


def _done(result: object) -> str:
    return "done" if result else ""


def _guarded(summary: Summary, what: str, work: Callable[[], str]) -> str:
    """Our own sentences are told; of anything else only that it happened."""
    try:
        return work()
    except (VaultError, DatabaseUnavailable, activation.CannotKeep) as problem:
        summary.failed.append(f"{what}: {problem}")
    except Exception:
        log.exception("The keeper met a defect: %s", what)
        summary.failed.append(f"{what}: something unexpected happened; the log has it.")
    return ""
