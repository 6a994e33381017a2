"""Orders as people follow them: one with all that belongs to it, or a list of the newest.

A long text is one order here, with its parts; they are not listed by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from lib import pricing
from lib.event_kinds import EventKind
from lib.models import Dossier, Job, JobKind, LongText, Take, Voice
from lib.registry.long_texts import PartsSum
from lib.registry.orders import OrderRow, Standing, WantedOrders
from lib.roles import Person
from lib.studio.core.context import Context
from lib.studio.core.money import Sum
from lib.studio.core.people import recorded_as
from lib.studio.jobs import long_texts
from lib.studio.jobs.long_texts import Reading
from lib.studio.jobs.wording import Deed, deed
from lib.studio.orders.confirming import TO_ORDER

STANDING_STILL = 5
MOVING = 3
"""Orders that are told of one by one, so that nobody has to look for them."""
MOST_IN_FILE = 50_000
MOST_PEOPLE = 200


@dataclass(frozen=True)
class Followed:
    """One order as it stands, with its voice, as far as that is still here.

    `dossier`: the story of the voice, for all orders but speech. `take`: the sound of a speech,
    once it is there. `text`: how the parts of a long text stand, where it is one.
    """

    order: Job | LongText
    voice: Voice | None = None
    dossier: Dossier | None = None
    take: Take | None = None
    text: Reading | None = None

    @property
    def job(self) -> Job | None:
        """The order where it is sent as it is; None for a long text."""
        return self.order if isinstance(self.order, Job) else None


@dataclass(frozen=True)
class Line:
    """One order in a list; `parts` counts those of a long text, and what they cost."""

    order: Job | LongText
    voice: Voice | None = None
    parts: PartsSum = field(default_factory=PartsSum)


@dataclass(frozen=True)
class Board:
    """What the page of all orders shows, read at one moment: of those that were asked for, the
    newest rows, their number and their money, and those that stand still. `moving`: those that are
    under way, wherever those stand that were asked for.

    `reserved`: what is not charged yet; `unclear`: what may have been charged.
    """

    rows: list[OrderRow]
    count: int
    charged: Sum
    refunded: Sum
    reserved: Sum
    unclear: Sum
    standing_still: list[Line]
    still_count: int
    moving: list[Line]
    moving_count: int


def find(context: Context, order_id: str) -> Followed | None:
    """One order of the services that are shown; None where there is no such order."""
    registry = context.registry
    order = registry.jobs.get(order_id) or registry.long_texts.get(order_id)
    if order is None or order.service not in context.settings.visible:
        return None
    if isinstance(order, LongText):
        text = long_texts.find(context, order)
        return Followed(order, registry.voices.get(order.voice_id), take=text.take, text=text)
    if order.kind is JobKind.SPEECH:
        voice = registry.voices.get(order.voice_id)
        return Followed(order, voice, take=registry.takes.get(order_id))
    dossier = registry.voices.dossier(order.voice_id)
    return Followed(order, dossier.voice if dossier else None, dossier)


def find_all(context: Context, job_ids: Sequence[str]) -> list[Followed | None]:
    """As `find`, for orders that are to make voices; four queries however many there are."""
    registry, services = context.registry, context.settings.visible
    jobs = {job.id: job for job in registry.jobs.of_ids(job_ids) if job.service in services}
    dossiers = registry.voices.dossiers(ids={job.voice_id for job in jobs.values()})
    stories = {dossier.voice.id: dossier for dossier in dossiers}

    def followed(job: Job) -> Followed:
        story = stories.get(job.voice_id)
        return Followed(job, story.voice if story else None, story)

    return [followed(jobs[id_]) if id_ in jobs else None for id_ in job_ids]


def board(context: Context, wanted: WantedOrders, *, limit: int) -> Board:
    """The orders of the services that are shown, `limit` of them at most, and what stands still
    or moves among them; so many queries however many orders there are.
    """
    orders, times = context.registry.orders, _times(context)
    to_decide = replace(wanted, standings=(*wanted.standings, Standing.TO_DECIDE))
    still, still_count = _newest(context, to_decide, STANDING_STILL)
    under_way = replace(wanted, standings=(Standing.UNDER_WAY,))
    moving, moving_count = _newest(context, under_way, MOVING)
    lines = {line.order.id: line for line in _lines(context, [*still, *moving])}
    totals = orders.totals(times, wanted)
    return Board(
        rows=orders.find(times, wanted, limit=limit),
        count=sum(total.count for total in totals.values()),
        charged=Sum.of((service, total.charged) for service, total in totals.items()),
        refunded=Sum.of((service, total.refunded) for service, total in totals.items()),
        reserved=Sum.of((service, total.reserved) for service, total in totals.items()),
        unclear=Sum.of((service, total.unclear) for service, total in totals.items()),
        standing_still=[lines[row.id] for row in still if row.id in lines],
        still_count=still_count,
        moving=[lines[row.id] for row in moving if row.id in lines],
        moving_count=moving_count,
    )


def each(context: Context, wanted: WantedOrders) -> Iterator[OrderRow]:
    """The newest of these orders, as many as one file holds, without having all in memory."""
    return context.registry.orders.each(_times(context), wanted, limit=MOST_IN_FILE)


def people(context: Context) -> list[str]:
    """Whoever ordered something: the first 200 by name."""
    return context.registry.orders.people(_times(context), MOST_PEOPLE)


def months(context: Context) -> list[date]:
    """The first days of all months from the first order to the last, the newest first."""
    span = context.registry.orders.span(_times(context))
    if span is None:
        return []
    return pricing.months(*span)


def unfinished(context: Context, limit: int) -> list[LongText]:
    """The newest long texts that are not joined yet, so many at most."""
    return context.registry.long_texts.unfinished(services=context.settings.visible, limit=limit)


def _times(context: Context) -> dict[str, datetime]:
    """The services whose orders are shown, each with its time."""
    return {service: context.now(service) for service in context.settings.visible}


def _newest(context: Context, wanted: WantedOrders, limit: int) -> tuple[list[OrderRow], int]:
    """The newest of these orders, and how many there are; counted where that is not seen."""
    orders, times = context.registry.orders, _times(context)
    rows = orders.find(times, wanted, limit=limit + 1)
    number = orders.count(times, wanted) if len(rows) > limit else len(rows)
    return rows[:limit], number


def _lines(context: Context, rows: Sequence[OrderRow]) -> list[Line]:
    """The whole records of a few rows, with their voices and parts."""
    registry = context.registry
    texts = [row.id for row in rows if row.parts]
    jobs = [row.id for row in rows if not row.parts]
    orders: list[Job | LongText] = []
    orders += registry.jobs.some(jobs) if jobs else []
    orders += registry.long_texts.some(texts) if texts else []
    stories = registry.library.dossiers() if orders else {}
    known = (stories.get(order.voice_id) for order in orders)
    voices = {story.voice.id: story.voice for story in known if story}
    sums = registry.long_texts.sums(texts)
    return [
        Line(order, voices.get(order.voice_id), sums.get(order.id, PartsSum())) for order in orders
    ]


def sum_of_parts(context: Context, text: LongText) -> PartsSum:
    """How the parts of a long text stand, and what they cost together."""
    return context.registry.long_texts.sums([text.id]).get(text.id, PartsSum())


def check_now(context: Context, job: Job, person: Person) -> None:
    """A person wants the service asked about this order now; the keeper does it.

    Raises `NotPermitted`.
    """
    person.require(TO_ORDER[job.kind])
    now = context.now(job.service)
    context.registry.jobs.check_now(job.id, now)
    context.registry.events.add(
        recorded_as(person),
        deed(Deed.ASKED),
        job.voice_id,
        now,
        kind=EventKind.CHECKED,
        job_id=job.id,
    )
    context.wake()
