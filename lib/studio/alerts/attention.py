"""What needs somebody, in few lines: what can still be saved first, equal ones as one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.models import ErrorKind, Health
from lib.retention import Reach, Urgency
from lib.services import COPY, USE
from lib.studio.library.bulk import BulkAction
from lib.studio.library.listing import Entry

FOLD_FROM = 3
"""So many equal voices, and more, are one line."""


@dataclass(frozen=True)
class AttentionGroup:
    """One voice, or many that are equally urgent and need the same.

    `deed`: what can be ordered for them; None where somebody has to listen, mend or wait.
    """

    urgency: Urgency
    action: BulkAction | None
    blocked_by: ErrorKind | None
    entries: tuple[Entry, ...]

    @property
    def first(self) -> Entry:
        """The most urgent of them."""
        return self.entries[0]

    @property
    def is_folded(self) -> bool:
        return len(self.entries) >= FOLD_FROM

    @property
    def key(self) -> str:
        """The same for the same line from one look to the next; safe in a widget key."""
        parts = (self.urgency.name, self.action or "none", self.blocked_by or "free")
        return "_".join(parts).lower() + ("_demo" if self.first.is_demo else "")


def attention_groups(entries: Iterable[Entry]) -> list[AttentionGroup]:
    """The lines for these voices, each at the place of its most urgent voice."""
    groups: dict[tuple[object, ...], list[Entry]] = {}
    for item in sorted(entries, key=lambda item: (item.rank, item.voice.name.lower())):
        alike = (item.rank[0], action_for(item), item.step.blocked_by, item.is_demo)
        groups.setdefault(alike, []).append(item)
    found: list[AttentionGroup] = []
    for items in groups.values():
        whole = _group(items)
        found += [whole] if whole.is_folded else [_group([item]) for item in items]
    return sorted(found, key=lambda line: line.first.rank)


def action_for(item: Entry) -> BulkAction | None:
    """What would save this voice and can be ordered for it right now."""
    if item.unheard or item.is_archived or item.standing.health in (Health.SAFE, Health.LOST):
        return None
    if item.rule.stopped_by == USE:
        under_way = any(job.is_open for job in item.dossier.activations)
        return None if under_way or item.terms.reach is Reach.OTHER else BulkAction.KEEP
    return BulkAction.BACK_UP if item.rule.stopped_by == COPY and item.voice.embedding_url else None


def _group(items: list[Entry]) -> AttentionGroup:
    first = items[0]
    return AttentionGroup(first.rank[0], action_for(first), first.step.blocked_by, tuple(items))
