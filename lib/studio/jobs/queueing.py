"""The queue before a service that runs only so many things at once for a key.

A queued order stays `confirmed`, says so, and does not become too old to be sent while the queue
moves. Orders that keep a voice go first. A slot is a lease in the database, so that one whose
process died becomes free by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lib.models import ErrorKind, Job, JobKind, JobState
from lib.services import SERVICES
from lib.studio.core.catalogue import at_once
from lib.studio.core.context import Context
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.jobs import wording
from lib.studio.orders.confirming import SEND_WITHIN

CHECK_EVERY = timedelta(seconds=2)
SLOWEST_CHECK = timedelta(seconds=10)
"""Orders further back in the queue are looked at less often, up to this."""
MAX_QUEUED = 200
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Slot:
    """One of the slots that a key has at a service. Its name is empty where there is no limit."""

    name: str = ""


@contextmanager
def acquire_slot(
    context: Context, standpoint: Standpoint, job: Job, length: timedelta
) -> Iterator[Slot | None]:
    """Hold a slot for this order, for `length` at most, if it is next and one is free.

    Yields the slot; or None, after the order was put back into the queue with a text that says how
    many go first.
    """
    slots = at_once(context, standpoint, job.service)
    if not slots:
        yield Slot()
        return
    if (ahead := _orders_ahead(context, job)) >= slots:
        _stay_queued(context, job, slots, ahead)
        yield None
        return
    current = standpoint.in_use.get(job.service)
    account = current.id if current else job.account
    for number in range(slots):
        slot = Slot(f"line:{account}" + (f":{number}" if number else ""))
        with hold_slot(context, job, slot, length) as ours:
            if ours:
                yield slot
                return
    _stay_queued(context, job, slots, 0)
    yield None


@contextmanager
def hold_slot(context: Context, job: Job, slot: Slot, length: timedelta) -> Iterator[bool]:
    """Hold this slot for `length` from now on. Yields False if another order holds it meanwhile."""
    if not slot.name:
        yield True
        return
    with context.registry.leases.hold(slot.name, job.id, length) as ours:
        yield ours


def split_among_workers(context: Context, jobs: Sequence[Job]) -> list[list[Job]]:
    """The due orders in batches, each of which one worker does one after the other.

    Queued orders of a service share as many batches as it has slots; every other order is a batch
    of its own.
    """
    standpoint = standpoint_of(context)
    queues: defaultdict[str, list[Job]] = defaultdict(list)
    alone: list[list[Job]] = []
    for job in jobs:
        if job.state is JobState.CONFIRMED and at_once(context, standpoint, job.service):
            queues[job.service].append(job)
        else:
            alone.append([job])
    shared: list[list[Job]] = []
    for service, waiting in queues.items():
        slots = at_once(context, standpoint, service)
        shared += [_by_priority(waiting)[number::slots] for number in range(slots)]
    return [*filter(None, shared), *alone]


def _by_priority(jobs: Sequence[Job]) -> list[Job]:
    """Uses that keep voices first, in the registry's order (soonest loss first), then the oldest
    order. Parts of long texts come last, so that nobody waits behind all of them.
    """
    return sorted(jobs, key=_rank)


def _rank(job: Job) -> tuple[int, datetime, str]:
    if job.kind is JobKind.ACTIVATION:
        return 0, _FIRST, ""
    return 2 if job.long_text_id else 1, job.created_at, job.id


def note_progress(context: Context, standpoint: Standpoint, job: Job) -> None:
    """An order was sent, so the queue moves: those behind it get their full time to be
    sent again.
    """
    slots = at_once(context, standpoint, job.service)
    if not slots:
        return
    now = context.now(job.service)
    context.registry.jobs.extend_queued(
        job.service,
        now=now,
        send_before=now + context.service_time(job.service, SEND_WITHIN),
        answer=wording.queue_moves(SERVICES[job.service].title, slots),
    )


def _orders_ahead(context: Context, job: Job) -> int:
    """How many queued orders go before this one, without those that a worker has leased already."""
    now = context.now(job.service)
    found = context.registry.jobs.due([job.service], now + SLOWEST_CHECK, MAX_QUEUED)
    waiting = [
        other.id
        for other in _by_priority([other for other in found if other.state is JobState.CONFIRMED])
        if other.id == job.id or other.lease_until is None or other.lease_until <= now
    ]
    return waiting.index(job.id) if job.id in waiting else 0


def _stay_queued(context: Context, job: Job, slots: int, ahead: int) -> None:
    title = SERVICES[job.service].title
    if ahead:
        answer = wording.others_first(title, slots, ahead)
    else:
        answer = wording.slots_taken(title, slots)
    context.registry.jobs.later(
        job,
        next_at=context.now(job.service) + min(CHECK_EVERY * (ahead + 1), SLOWEST_CHECK),
        answer=answer,
        kind=ErrorKind.QUEUE,
        in_trouble=False,
    )
