"""Orders as people follow them: one with all that belongs to it, or a list of the newest.

A long text is one order here, with its parts; they are not listed by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.event_kinds import EventKind
from lib.models import Dossier, Job, JobKind, LongText, Take, Voice
from lib.registry.long_texts import PartsSum
from lib.roles import Person
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.jobs import long_texts
from lib.studio.jobs.long_texts import Reading
from lib.studio.orders.confirming import TO_ORDER

NEWEST = 200
"""Orders that a list is chosen from."""


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


def latest(context: Context) -> list[Job | LongText]:
    """The newest orders of the services that are shown; the parts of long texts left out."""
    registry, services = context.registry, context.settings.visible
    orders: list[Job | LongText] = []
    orders += registry.jobs.latest(services=services, limit=NEWEST, parts=False)
    orders += registry.long_texts.latest(services=services, limit=NEWEST)
    return sorted(orders, key=lambda order: order.created_at, reverse=True)[:NEWEST]


def unfinished(context: Context, limit: int) -> list[LongText]:
    """The newest long texts that are not joined yet, so many at most."""
    return context.registry.long_texts.unfinished(services=context.settings.visible, limit=limit)


def lines(context: Context, orders: Sequence[Job | LongText]) -> list[Line]:
    """These orders with their voices and parts; a few queries however many there are."""
    found = context.registry.voices.dossiers(ids={order.voice_id for order in orders})
    voices = {item.voice.id: item.voice for item in found}
    texts = [order.id for order in orders if isinstance(order, LongText)]
    sums = context.registry.long_texts.sums(texts)
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
        "asked how this order is",
        job.voice_id,
        now,
        kind=EventKind.CHECKED,
        job_id=job.id,
    )
    context.wake()
