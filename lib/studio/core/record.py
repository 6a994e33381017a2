"""The activity record, as use cases write it."""

from __future__ import annotations

from lib.event_kinds import EventKind
from lib.models import Voice
from lib.roles import Person
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as


def note(
    context: Context, person: Person, kind: EventKind, what: str, voice: Voice | None = None
) -> None:
    """Note that a person did this now; `what` in plain words, `voice` where it is about one."""
    now = context.now(voice.service) if voice else context.clock.now()
    voice_id = voice.id if voice else ""
    context.registry.events.add(recorded_as(person), what, voice_id, now, kind=kind)
