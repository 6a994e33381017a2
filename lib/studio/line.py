"""One at a time, where a service says so: whose turn it is, and who waits in line.

An order in line stays confirmed, and says so. What keeps a voice goes first. A turn is a lease:
one that was never given back ends by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from lib.models import Job, JobKind, JobState
from lib.services import SERVICES
from lib.studio.workshop import Workshop

LOOK = timedelta(seconds=2)
SLOWEST_LOOK = timedelta(seconds=10)
"""Who stands further behind looks less often."""
MOST = 200
_FIRST = datetime.min.replace(tzinfo=UTC)


def takes_turns(service: str) -> bool:
    """Whether this service does one thing at a time for a key."""
    known = SERVICES.get(service)
    return known is not None and known.at_once > 0


@contextmanager
def turn(workshop: Workshop, job: Job, length: timedelta) -> Iterator[bool]:
    """True inside if it is the turn of this order, for so long at most; else it waits in line."""
    if not takes_turns(job.service):
        yield True
        return
    if ahead := _ahead(workshop, job):
        _wait(workshop, job, ahead)
        yield False
        return
    with stay(workshop, job, length) as mine:
        if not mine:
            _wait(workshop, job, 0)
        yield mine


@contextmanager
def stay(workshop: Workshop, job: Job, length: timedelta) -> Iterator[bool]:
    """The turn that this order has, from now on for so long; False if it ran out meanwhile."""
    if not takes_turns(job.service):
        yield True
        return
    current = workshop.account_in_use(job.service)
    name = f"line:{current.id if current else job.account}"
    with workshop.registry.leases.hold(name, job.id, length) as mine:
        yield mine


def strands(jobs: Sequence[Job]) -> list[list[Job]]:
    """Orders for workers: what takes turns is one worker's, in its order; all else stands alone."""
    lines: defaultdict[str, list[Job]] = defaultdict(list)
    alone: list[list[Job]] = []
    for job in jobs:
        if job.state is JobState.CONFIRMED and takes_turns(job.service):
            lines[job.service].append(job)
        else:
            alone.append([job])
    return [*map(_in_order, lines.values()), *alone]


def _in_order(jobs: Sequence[Job]) -> list[Job]:
    """What keeps voices as the registry sorts it (soonest loss first), then the oldest order."""
    return sorted(jobs, key=_rank)


def _rank(job: Job) -> tuple[datetime, str]:
    return (_FIRST, "") if job.kind is JobKind.ACTIVATION else (job.created_at, job.id)


def _ahead(workshop: Workshop, job: Job) -> int:
    """How many orders in line go before this one; those that somebody works on do not count."""
    now = workshop.now(job.service)
    found = workshop.registry.jobs.due([job.service], now + SLOWEST_LOOK, MOST)
    waiting = [
        other.id
        for other in _in_order([other for other in found if other.state is JobState.CONFIRMED])
        if other.id == job.id or other.lease_until is None or other.lease_until <= now
    ]
    return waiting.index(job.id) if job.id in waiting else 0


def _wait(workshop: Workshop, job: Job, ahead: int) -> None:
    title = SERVICES[job.service].title
    who = f"{ahead} {'goes' if ahead == 1 else 'go'} first" if ahead else "another order is at it"
    workshop.registry.jobs.later(
        job.id,
        next_at=workshop.now(job.service) + min(LOOK * (ahead + 1), SLOWEST_LOOK),
        answer=f"In line: {title} does one thing at a time, and {who}. Nothing was sent yet.",
        in_trouble=False,
    )
