"""The first five minutes: what a newcomer has done here already, told by what there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lib.models import Health
from lib.roles import Permission, Person
from lib.studio.core.context import Context
from lib.studio.library import showcase
from lib.studio.library.listing import Entry
from lib.studio.library.together import fact

HIDDEN = "first_steps_hidden"
"""The note that somebody put them away."""
NEWCOMERS_HAVE = 3
"""Voices of their own, at most: a library with more has left its first minutes behind."""


class FirstStep(StrEnum):
    """What a newcomer does, in this order."""

    SPEAK = "speak"
    """Have one of the demo's voices say something."""
    OWN = "own"
    HEAR = "hear"
    """Have a voice of one's own say something."""
    SAFE = "safe"


@dataclass(frozen=True)
class FirstSteps:
    """Which steps there are, and whether each is done. `own`: the newest voice of one's own that
    is there.
    """

    done: Mapping[FirstStep, bool]
    own: Entry | None = None


def find(context: Context, entries: Sequence[Entry]) -> FirstSteps | None:
    """How far a newcomer is; None for a library that is none's, and where all is done or hidden.

    Makes two queries at most.
    """
    if fact(entries, _own_count) > NEWCOMERS_HAVE or context.registry.notes.get(HIDDEN):
        return None
    vaults = {context.live_vault.name, context.demo_vault.name}
    ids = [item.voice.id for item in entries]
    takes = context.registry.takes.newest_of(ids, vaults=vaults)
    return judge(entries, {take.voice_id for take in takes})


def judge(entries: Sequence[Entry], speakers: Collection[str]) -> FirstSteps | None:
    """The same by what there is. `speakers`: the ids of voices with a take."""
    own = [item for item in _own(entries) if item.standing.health is not Health.BEING_MADE]
    done = {
        FirstStep.OWN: bool(own),
        FirstStep.HEAR: any(item.voice.id in speakers for item in own),
        FirstStep.SAFE: any(
            item.standing.health in (Health.SAFE, Health.PERSISTENT) for item in own
        ),
    }
    if any(showcase.is_sample(item.voice) for item in entries):
        done = {FirstStep.SPEAK: bool(speakers), **done}
    newest = max(own, key=lambda item: item.voice.created_at, default=None)
    return None if all(done.values()) else FirstSteps(done, newest)


def hide(context: Context, person: Person) -> None:
    """Put them away for this library. Raises `NotPermitted`."""
    person.require(Permission.CLONE)
    context.registry.notes.write(HIDDEN, {}, context.clock.now())


def _own_count(entries: Sequence[Entry]) -> int:
    return len(_own(entries))


def _own(entries: Sequence[Entry]) -> list[Entry]:
    """All but the demo's samples."""
    return [item for item in entries if not showcase.is_sample(item.voice)]
