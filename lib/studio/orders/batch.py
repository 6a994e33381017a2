"""Several voices at once, as for the cast of a game: looked at together, then ordered one by one.

Nothing is ordered while one of them cannot be. Each is an order of its own: a second click, or a
second try after the app ended half way, makes and charges none twice. A cast may be a gigabyte of
sound: one recording is in memory at a time, made once to be looked at and once more to be ordered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from lib.models import Job, Money
from lib.roles import Permission, Person
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.orders import cloning, wording
from lib.studio.orders.cloning import Checked, CloneRequest
from lib.studio.orders.confirming import AskFirst, OrderRefused, check_money_for_all
from lib.studio.orders.wording import Reason, sentence
from lib.vault.base import sha256_hex

Wanted: TypeAlias = Callable[[], CloneRequest]
"""Makes a request with its recording, each time from what was brought. May raise `OrderRefused`."""

MOST = 24
"""Voices that are ordered with one confirmation."""


@dataclass(frozen=True)
class Outcome:
    """What became of one of several orders.

    `job`: it is ordered. `why_not`: the sentence that says why it is not; where that is a question,
    `another` is what its request needs to be ordered all the same. With neither it could be
    ordered, and is not, because another one cannot.
    """

    job: Job | None = None
    why_not: str = ""
    another: int = 0


def clone_all(context: Context, wanted: Sequence[Wanted], person: Person) -> tuple[Outcome, ...]:
    """Order all of these, or none where one cannot be ordered; an outcome for each, in their order.

    It is `person` who orders them. Looked at before anything is stored or ordered: each by itself,
    whether two are the same, and whether all of them together can be paid. What goes wrong after
    that, as a vault that is full, stops no other. Raises `NotPermitted`, and `OrderRefused` for
    what concerns all.
    """
    person.require(Permission.CLONE)
    if len(wanted) > MOST:
        raise OrderRefused(wording.too_many(MOST))
    standpoint = standpoint_of(context)
    looked = _without_doubles([_looked_at(context, standpoint, want, person) for want in wanted])
    if any(isinstance(found, Outcome) and found.why_not for found in looked):
        return tuple(found if isinstance(found, Outcome) else Outcome() for found in looked)
    check_money_for_all(context, standpoint, _prices(looked), recorded_as(person))
    return tuple(
        found if isinstance(found, Outcome) else _ordered(context, standpoint, found, want)
        for found, want in zip(looked, wanted, strict=True)
    )


def _looked_at(
    context: Context, standpoint: Standpoint, want: Wanted, person: Person
) -> Checked | Outcome:
    """One that can be ordered, without its recording, or what is said of it: it is ordered already,
    or cannot be.
    """
    try:
        checked = cloning.check(context, standpoint, replace(want(), person=person))
        twin = cloning.known(context, checked)
    except AskFirst as question:
        return Outcome(why_not=str(question), another=question.another)
    except OrderRefused as problem:
        return Outcome(why_not=str(problem))
    if twin:
        return Outcome(twin)
    return replace(checked, request=replace(checked.request, recording=b""))


def _without_doubles(looked: Sequence[Checked | Outcome]) -> list[Checked | Outcome]:
    """The later ones of two that are the same are refused."""
    seen: set[tuple[str, ...]] = set()
    found: list[Checked | Outcome] = []
    for item in looked:
        if isinstance(item, Checked):
            request = item.request
            same = ("recording", request.service, request.kind, item.sha256)
            same_id = ("id", request.service, request.voice_id)
            if same in seen:
                item = Outcome(why_not=sentence(Reason.RECORDING_TWICE))
            elif request.voice_id and same_id in seen:
                item = Outcome(why_not=sentence(Reason.ID_TWICE))
            seen |= {same, same_id}
        found.append(item)
    return found


def _prices(looked: Sequence[Checked | Outcome]) -> dict[str, Money]:
    """What is still to be paid to each service."""
    total: Counter[str] = Counter()
    for item in looked:
        if isinstance(item, Checked):
            total[item.request.service] += item.price.micros
    return {service: Money(micros) for service, micros in total.items()}


def _ordered(context: Context, standpoint: Standpoint, checked: Checked, want: Wanted) -> Outcome:
    try:
        recording = want().recording
        if sha256_hex(recording) != checked.sha256:
            return Outcome(why_not=sentence(Reason.NOT_AS_CHECKED))
        checked = replace(checked, request=replace(checked.request, recording=recording))
        return Outcome(cloning.make(context, standpoint, checked))
    except OrderRefused as problem:
        return Outcome(why_not=str(problem))
