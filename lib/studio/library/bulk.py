"""What people do with many voices at once: keep, back up, check, archive, change how they are kept.

A plan comes first: what each costs, which are skipped, and why. It is pure, and is shown before it
is executed. Nothing is sent here: orders are committed, and the keeper sends them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from lib.models import EvidenceKind, Health, KeepPolicy, Money
from lib.registry import DatabaseUnavailable
from lib.retention import (
    TIME_RUNS,
    Reach,
    number_of,
    paid_attempts,
)
from lib.roles import Permission, Person
from lib.services import ACTIVATION_ATTEMPTS, COPY, USE
from lib.studio.core.context import Context
from lib.studio.core.money import Sum
from lib.studio.library.editing import PolicyChange, archive, change_policy
from lib.studio.library.listing import Entry
from lib.studio.library.reasons import Skip
from lib.studio.library.wording import about
from lib.studio.orders import activation
from lib.studio.orders.confirming import OrderRefused

MONTH_DAYS = 30
NOTHING = Money()
REFRESH_CHOICES = (0, 6, 30)
"""Days between two uses of a kept voice: off, the strict reading, a check that it still speaks."""


class BulkAction(StrEnum):
    """What can be done with many voices at once."""

    KEEP = "keep"
    BACK_UP = "back_up"
    CHECK = "check"
    POLICY = "policy"
    ARCHIVE = "archive"


@dataclass(frozen=True)
class BulkItem:
    """One voice of a plan: the price of one use, of all its tries at most, and of a month."""

    item: Entry
    price: Money = NOTHING
    at_most: Money = NOTHING
    monthly: Money = NOTHING


@dataclass(frozen=True)
class Skipped:
    """A chosen voice that the plan skips."""

    item: Entry
    reason: Skip


@dataclass(frozen=True)
class BulkPlan:
    """What would be done, before anything is."""

    action: BulkAction
    items: tuple[BulkItem, ...]
    skipped: tuple[Skipped, ...]
    change: PolicyChange = field(default_factory=PolicyChange)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(part.item.voice.id for part in self.items)

    def limited_to(self, ids: Collection[str]) -> BulkPlan:
        """The plan for these voices only, so that it never grows after somebody agreed to it."""
        return replace(self, items=tuple(s for s in self.items if s.item.voice.id in ids))

    @property
    def price(self) -> Sum:
        """The sum for one use of each voice; the demo's play money has a sum of its own."""
        return Sum.of((part.item.voice.service, part.price) for part in self.items)

    @property
    def at_most(self) -> Sum:
        """The sum, should each voice need all of its tries."""
        return Sum.of((part.item.voice.service, part.at_most) for part in self.items)

    @property
    def monthly(self) -> Sum:
        """What using them again costs each month."""
        return Sum.of((part.item.voice.service, part.monthly) for part in self.items)


@dataclass(frozen=True)
class BulkResult:
    """What was done with many voices: the ids of these, and a sentence for each that refused."""

    done: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """An action that was started for many voices. `started`: when, by the clock of each service."""

    action: BulkAction
    ids: frozenset[str]
    started: Mapping[str, datetime]


@dataclass(frozen=True)
class Progress:
    """How far a batch is: the number of voices done, still in progress, and in all."""

    done: int
    in_progress: int
    total: int


def plan(
    entries: Sequence[Entry],
    action: BulkAction,
    *,
    services: Collection[str],
    change: PolicyChange | None = None,
) -> BulkPlan:
    """Which voices take part, at what cost, and which are skipped. Pure.

    `services`: those with a key here. `change`: for `BulkAction.POLICY`, what is to change.
    """
    change = change or PolicyChange()
    items: list[BulkItem] = []
    skipped: list[Skipped] = []
    for item in entries:
        if reason := _why_not(action, item, services):
            skipped.append(Skipped(item, reason))
        else:
            items.append(_item(action, item, change))
    return BulkPlan(action, tuple(items), tuple(skipped), change)


def execute(
    context: Context,
    bulk_plan: BulkPlan,
    *,
    person: Person,
    report: Callable[[int], None] = lambda _: None,
) -> BulkResult:
    """Do a plan's action for each of its voices; one that refuses never stops the rest.

    `report` is called after each voice with the number of voices that are done or refused. Raises
    `NotPermitted`, and `DatabaseUnavailable` if nothing at all could be done.
    """
    person.require(Permission.KEEP)

    def files_later(item: Entry) -> None:
        activation.ask_for_files(context, item.voice.id, person)

    actions: dict[BulkAction, Callable[[BulkItem], None]] = {
        BulkAction.KEEP: lambda part: _keep(context, part.item, person),
        BulkAction.BACK_UP: lambda part: files_later(part.item),
        BulkAction.CHECK: lambda part: files_later(part.item),
        BulkAction.POLICY: lambda part: change_policy(
            context, part.item.voice, bulk_plan.change, person
        ),
        BulkAction.ARCHIVE: lambda part: archive(context, part.item.voice, person),
    }
    done: list[str] = []
    refused: list[str] = []
    for number, part in enumerate(bulk_plan.items, start=1):
        try:
            actions[bulk_plan.action](part)
        except OrderRefused as problem:
            refused.append(about(part.item.voice.name, str(problem)))
        except DatabaseUnavailable as problem:
            if not done:
                raise
            refused.append(about(part.item.voice.name, str(problem)))
        else:
            done.append(part.item.voice.id)
        report(number)
    return BulkResult(tuple(done), tuple(refused))


def progress(batch: Batch, entries: Sequence[Entry]) -> Progress:
    """How far a batch is, read from the present state of its voices. Pure."""
    mine = [item for item in entries if item.voice.id in batch.ids]
    done = [item for item in mine if _reached(batch, item)]
    in_progress = [item for item in mine if item.is_in_progress and item not in done]
    return Progress(len(done), len(in_progress), len(mine))


def monthly_price(each: Money, days: int) -> Money:
    """What it costs at most to use a voice every so many days, in a month of 30 days. Pure."""
    return each * math.ceil(MONTH_DAYS / days) if days else Money()


def tries_left(item: Entry) -> int:
    """How many paid tries to keep this voice may follow without a person: 1 to 5. Pure."""
    deadline = item.standing.deadline
    # Once its time is over, each further try is a new question to a person.
    if deadline is None or item.now >= deadline or item.standing.health is Health.PROBABLY_LOST:
        return 1
    return max(ACTIVATION_ATTEMPTS - number_of(paid_attempts(item.dossier)), 1)


def _item(action: BulkAction, item: Entry, change: PolicyChange) -> BulkItem:
    each = item.use_price if item.rule.stopped_by == USE else Money()
    if action is BulkAction.KEEP:
        return BulkItem(item, each, each * tries_left(item))
    if action is not BulkAction.POLICY:
        return BulkItem(item)
    monthly = monthly_price(each, change.refresh_days or 0)
    is_used = change.keep_policy not in (None, KeepPolicy.ASK)
    if is_used and item.standing.health in TIME_RUNS:  # a voice that is kept, or late, is not
        return BulkItem(item, each, each * tries_left(item), monthly)
    return BulkItem(item, monthly=monthly)


def _why_not(action: BulkAction, item: Entry, services: Collection[str]) -> Skip | None:
    if item.voice.archived_at and action is not BulkAction.CHECK:
        return Skip.ARCHIVED
    if action is BulkAction.ARCHIVE:
        return None
    if item.standing.health is Health.BEING_MADE:
        return Skip.BEING_MADE
    if action is BulkAction.KEEP:
        return _why_not_keep(item, services)
    if action is BulkAction.BACK_UP:
        return _why_not_back_up(item, services)
    if action is BulkAction.CHECK and not item.has_copy:
        return Skip.NO_BACKUP
    if action is BulkAction.POLICY and item.rule.stopped_by != USE:
        return Skip.KEPT_UNUSED
    return None


def _why_not_keep(item: Entry, services: Collection[str]) -> Skip | None:
    if item.rule.stopped_by != USE:
        return Skip.NEEDS_NO_USE
    if item.standing.health is Health.SAFE:
        return Skip.KEPT
    if item.standing.health is Health.LOST:
        return Skip.LOST
    if any(job.is_open for job in item.dossier.activations):
        return Skip.BEING_KEPT
    if item.unheard:
        return Skip.UNHEARD
    if item.terms.reach is Reach.OTHER:
        return Skip.OTHER_ACCOUNT
    if item.voice.service not in services:
        return Skip.NO_KEY
    if not item.use_price.micros:
        return Skip.NO_MODEL
    return None


def _why_not_back_up(item: Entry, services: Collection[str]) -> Skip | None:
    if item.rule.stopped_by != COPY:
        return Skip.NO_FILE
    if item.standing.health is Health.SAFE:
        return Skip.BACKED_UP
    if item.standing.health is Health.LOST or not item.voice.embedding_url:
        return Skip.FILE_GONE
    if item.voice.service not in services:
        return Skip.NO_KEY
    return None


def _keep(context: Context, item: Entry, person: Person) -> None:
    """Order one use. The person agreed to all tries, so the next ones follow by themselves, also
    for a voice whose policy asks each time.
    """
    activation.order_activation(context, item.dossier, person=person)
    if item.voice.keep_policy is KeepPolicy.ASK and tries_left(item) > 1:
        change_policy(context, item.voice, PolicyChange(KeepPolicy.AT_ONCE), person)


def _reached(batch: Batch, item: Entry) -> bool:
    if batch.action in (BulkAction.POLICY, BulkAction.ARCHIVE):
        return True
    if batch.action is not BulkAction.CHECK:
        return item.standing.health is Health.SAFE
    started = batch.started.get(item.voice.service)
    copies = item.dossier.valid_evidence(EvidenceKind.COPY)
    return started is not None and any(
        copy.read_back_at is not None and copy.read_back_at >= started for copy in copies
    )
