"""So much at once, where a service says so: whose turn it is, and who waits in line.

An order in line stays confirmed, says so, and does not grow too old while the line moves. What
keeps a voice goes first. A place is a lease: one that was never given back ends by itself.
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
from lib.studio.orders.confirming import SEND_WITHIN

LOOK = timedelta(seconds=2)
SLOWEST_LOOK = timedelta(seconds=10)
"""Who stands further behind looks less often."""
MOST = 200
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """One of the places that a key has at a service; without a name, where nobody has to wait."""

    name: str = ""


@contextmanager
def turn(context: Context, job: Job, length: timedelta) -> Iterator[Place | None]:
    """A place inside, for so long at most, if it is the turn of this order; else it waits."""
    places = at_once(context, job.service)
    if not places:
        yield Place()
        return
    if (ahead := _ahead(context, job)) >= places:
        _wait(context, job, places, ahead)
        yield None
        return
    current = context.account_in_use(job.service)
    account = current.id if current else job.account
    for number in range(places):
        place = Place(f"line:{account}" + (f":{number}" if number else ""))
        with stay(context, job, place, length) as ours:
            if ours:
                yield place
                return
    _wait(context, job, places, 0)
    yield None


@contextmanager
def stay(context: Context, job: Job, place: Place, length: timedelta) -> Iterator[bool]:
    """That place, from now on for so long; False if another order has it meanwhile."""
    if not place.name:
        yield True
        return
    with context.registry.leases.hold(place.name, job.id, length) as ours:
        yield ours


def strands(context: Context, jobs: Sequence[Job]) -> list[list[Job]]:
    """Orders for workers: one worker for each place in a line; all else stands alone."""
    lines: defaultdict[str, list[Job]] = defaultdict(list)
    alone: list[list[Job]] = []
    for job in jobs:
        if job.state is JobState.CONFIRMED and at_once(context, job.service):
            lines[job.service].append(job)
        else:
            alone.append([job])
    shared: list[list[Job]] = []
    for service, waiting in lines.items():
        places = at_once(context, service)
        shared += [_in_order(waiting)[number::places] for number in range(places)]
    return [*filter(None, shared), *alone]


def _in_order(jobs: Sequence[Job]) -> list[Job]:
    """What keeps voices as the registry sorts it (soonest loss first), then the oldest order; the
    parts of long texts last, so that nobody waits behind all of them.
    """
    return sorted(jobs, key=_rank)


def _rank(job: Job) -> tuple[int, datetime, str]:
    if job.kind is JobKind.ACTIVATION:
        return 0, _FIRST, ""
    return 2 if job.long_text_id else 1, job.created_at, job.id


def moves(context: Context, job: Job) -> None:
    """This order was sent: the time that those in line have to be sent in began anew."""
    places = at_once(context, job.service)
    if not places:
        return
    now = context.now(job.service)
    context.registry.jobs.line_moves(
        job.service,
        now=now,
        send_before=now + context.told(job.service, SEND_WITHIN),
        answer=_told(job.service, places, "the line moves"),
    )


def _told(service: str, places: int, who: str) -> str:
    things = "one thing" if places == 1 else f"{places} things"
    title = SERVICES[service].title
    return f"In line: {title} does {things} at a time, and {who}. Nothing was sent yet."


def _ahead(context: Context, job: Job) -> int:
    """How many orders in line go before this one; those that somebody works on do not count."""
    now = context.now(job.service)
    found = context.registry.jobs.due([job.service], now + SLOWEST_LOOK, MOST)
    waiting = [
        other.id
        for other in _in_order([other for other in found if other.state is JobState.CONFIRMED])
        if other.id == job.id or other.lease_until is None or other.lease_until <= now
    ]
    return waiting.index(job.id) if job.id in waiting else 0


def _wait(context: Context, job: Job, places: int, ahead: int) -> None:
    who = "another order is at it" if places == 1 else "all of that is under way"
    if ahead:
        who = f"{ahead} {'goes' if ahead == 1 else 'go'} first"
    context.registry.jobs.later(
        job,
        next_at=context.now(job.service) + min(LOOK * (ahead + 1), SLOWEST_LOOK),
        answer=_told(job.service, places, who),
        kind=ErrorKind.QUEUE,
        in_trouble=False,
    )
