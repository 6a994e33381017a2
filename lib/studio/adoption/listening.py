"""The listening test of adopted voices, and their date.

That a service answers to an ID does not show that it is the right voice: a person has to listen.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from lib.event_kinds import EventKind
from lib.models import EvidenceKind, Heard, Source, Voice
from lib.registry import EvidenceChanges
from lib.roles import Permission, Person
from lib.studio.adoption.moments import FURTHEST_EAST
from lib.studio.adoption.wording import (
    Deed,
    Reason,
    another_voice_heard,
    deed,
    said_date,
    sentence,
)
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.library import listing


class BadDate(Exception):
    """A date on which a voice cannot have been made; `str()` is a sentence."""


def record_verdict(
    context: Context, voice_id: str, evidence_id: str, *, is_the_voice: bool, person: Person
) -> bool:
    """Record what a person heard in a test call: this voice, or another one.

    Only the former keeps the evidence. Returns False, and changes nothing, if this test call does
    not wait any more. Raises `NotPermitted`.
    """
    person.require(Permission.KEEP)
    dossier = context.registry.voices.dossier(voice_id)
    test = listing.entry(context, dossier).unheard if dossier else None
    if dossier is None or test is None or test.id != evidence_id:
        return False
    now, who = context.now(dossier.voice.service), recorded_as(person)
    verdict = Heard.YES if is_the_voice else Heard.NO
    fields = EvidenceChanges(heard=verdict, heard_by=who, heard_at=now)
    if is_the_voice:
        context.registry.voices.change_evidence(test, **fields)
    else:
        why = another_voice_heard(who)
        # If one use was another voice, so were all: the same ID spoke in each.
        for item in dossier.valid_evidence(EvidenceKind.ACTIVATION):
            changes = EvidenceChanges(**fields, withdrawn_at=now, withdrawn_why=why)
            context.registry.voices.change_evidence(item, **changes)
    done = Deed.HEARD_IT if is_the_voice else Deed.HEARD_ANOTHER
    record.note(context, person, EventKind.LISTENED, deed(done), dossier.voice)
    context.wake()
    return True


def set_creation_date(
    context: Context, voice: Voice, made: date | datetime | None, person: Person
) -> None:
    """Record when an adopted voice was made; None if that is not known after all.

    Raises `NotPermitted`, and `BadDate` for a date that cannot be, and for a voice that was made
    here.
    """
    person.require(Permission.KEEP)
    if voice.source is not Source.ADOPTED:
        raise BadDate(sentence(Reason.DATE_KNOWN))
    start = clock_start(made, context.now(voice.service)) if made else None
    if start != voice.clock_start:
        context.registry.voices.change(voice.id, clock_start=start)
        event = said_date(day_of(start)) if start else deed(Deed.DATE_REMOVED)
        record.note(context, person, EventKind.CHANGED, event, voice)
        context.wake()


def day_of(start: datetime) -> date:
    """The day that a person gave, from the moment that `clock_start` made of it."""
    there = start.astimezone(FURTHEST_EAST)
    return there.date() if there.time() == time() else start.date()


def clock_start(made: date | datetime, now: datetime) -> datetime:
    """The earliest moment that a date may mean anywhere on earth, which is the safe side.

    Raises `BadDate` if it lies in the future or before the year 2000.
    """
    if made.year < 2000:
        raise BadDate(sentence(Reason.DATE_TOO_EARLY))
    if isinstance(made, datetime):
        start = made
    else:
        start = datetime.combine(made, time(), FURTHEST_EAST).astimezone(UTC)
    if start > now:
        raise BadDate(sentence(Reason.DATE_IN_FUTURE))
    return start
