"""What needs a person's attention, in few groups: what can still be saved comes first. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.models import ErrorKind, Health
from lib.retention import Reach, Urgency
from lib.services import COPY, USE
from lib.studio.library.bulk import BulkAction
from lib.studio.library.listing import Entry
from lib.studio.library.together import Together

FOLD_FROM = 3
"""From so many voices that need the same, they are one group."""


@dataclass(frozen=True)
class AttentionGroup:
    """One voice, or many that are equally urgent and need the same.

    `action`: what can be ordered for them now; None where a person has to listen, mend something or
    wait. `blocked_by`: the kind of problem that holds up their next step, if any.
    """

    urgency: Urgency
    action: BulkAction | None
    blocked_by: ErrorKind | None
    entries: Together[Entry]

    @property
    def first(self) -> Entry:
        """The most urgent of them."""
        return self.entries[0]

    @property
    def is_folded(self) -> bool:
        return len(self.entries) >= FOLD_FROM

    @property
    def key(self) -> str:
        """A key that stays the same for the same group, and may be part of a widget's key."""
        parts = (self.urgency.name, self.action or "none", self.blocked_by or "free")
        return "_".join(parts).lower() + ("_demo" if self.first.is_demo else "")


def attention_groups(entries: Iterable[Entry]) -> list[AttentionGroup]:
    """The groups of these voices, each at the place of its most urgent voice."""
    groups: dict[tuple[Urgency, BulkAction | None, ErrorKind | None, bool], list[Entry]] = {}
    for item in sorted(entries, key=lambda item: (item.rank, item.voice.name.lower())):
        alike = (item.rank[0], action_for(item), item.step.blocked_by, item.is_demo)
        groups.setdefault(alike, []).append(item)
    found: list[AttentionGroup] = []
    for (urgency, action, blocked_by, _), items in groups.items():
        parts = [items] if len(items) >= FOLD_FROM else [[item] for item in items]
        found += [AttentionGroup(urgency, action, blocked_by, Together(part)) for part in parts]
    return sorted(found, key=lambda line: line.first.rank)


def needing(entries: Iterable[Entry]) -> list[AttentionGroup]:
    """What needs somebody; the demo's voices only where no live one does."""
    found = [item for item in entries if item.needs_somebody]
    return attention_groups([item for item in found if not item.is_demo] or found)


def needing_and_moving(entries: Iterable[Entry]) -> list[AttentionGroup]:
    """What needs somebody, what is under way, and the voices whose time nobody knows."""
    needs: list[Entry] = []
    under_way: list[Entry] = []
    unknown: list[Entry] = []
    for item in entries:
        if item.needs_somebody:
            needs.append(item)
        elif item.is_archived:
            continue
        elif item.is_in_progress:
            under_way.append(item)
        elif item.standing.health is Health.UNKNOWN:
            unknown.append(item)
    return [group for items in (needs, under_way, unknown) for group in attention_groups(items)]


def are_moving(entries: Iterable[Entry]) -> bool:
    """Whether one of them will read otherwise in a moment."""
    return any(item.is_in_progress for item in entries)


def action_for(item: Entry) -> BulkAction | None:
    """The action that would save this voice and can be ordered right now, if there is one."""
    if item.unheard or item.is_archived or item.standing.health in (Health.SAFE, Health.LOST):
        return None
    if item.rule.stopped_by == USE:
        under_way = any(job.is_open for job in item.dossier.activations)
        return None if under_way or item.terms.reach is Reach.OTHER else BulkAction.KEEP
    return BulkAction.BACK_UP if item.rule.stopped_by == COPY and item.voice.embedding_url else None
