"""What a person's ear is asked for: an adopted ID answers, but is it the voice?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from lib.models import Dossier, Evidence, EvidenceKind, Heard, Source, Voice
from lib.retention import unheard_use
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.core.typed_text import one_line

FURTHEST_EAST = timedelta(hours=14)
"""There a day begins so much earlier than in UTC."""
NOT_IT = (
    "The ID may be mistyped or belong to somebody else, or the voice is gone and the service spoke "
    "with another one in its place."
)
"""What it may mean that another voice spoke."""


class BadDate(Exception):
    """A date that cannot be when a voice was made; `str()` is a sentence."""


def waiting(context: Context, dossier: Dossier) -> Evidence | None:
    """The test call that somebody should listen to, as far as its sound is here."""
    if dossier.voice.archived_at:
        return None
    now = context.now(dossier.voice.service)
    return unheard_use(dossier, standpoint_of(context).terms(dossier.voice), now)


def record_verdict(
    context: Context, voice_id: str, evidence_id: str, *, is_the_voice: bool, person: str
) -> bool:
    """Somebody has listened. False where the question is not open any more."""
    dossier = context.registry.voices.dossier(voice_id)
    test = waiting(context, dossier) if dossier else None
    if dossier is None or test is None or test.id != evidence_id:
        return False
    now, person = context.now(dossier.voice.service), one_line(person)
    verdict = Heard.YES if is_the_voice else Heard.NO
    fields = {"heard": verdict, "heard_by": person, "heard_at": now}
    if is_the_voice:
        context.registry.voices.change_evidence(test, **fields)
    else:
        why = f"{person} listened: it is another voice."
        for item in dossier.standing_evidence(EvidenceKind.ACTIVATION):
            context.registry.voices.change_evidence(
                item, **fields, withdrawn_at=now, withdrawn_why=why
            )
    event = "listened and said: this is the voice" if is_the_voice else "listened: another voice"
    context.registry.events.add(person, event, voice_id, now)
    context.wake()
    return True


def set_creation_date(
    context: Context, voice: Voice, made: date | datetime | None, person: str
) -> None:
    """Somebody knows when an adopted voice was made. Raises `BadDate`."""
    if voice.source is not Source.ADOPTED:
        raise BadDate("When this voice was made is known.")
    start = clock_start(made, context.now(voice.service)) if made else None
    if start != voice.clock_start:
        context.registry.voices.change(voice.id, clock_start=start)
        event = f"said that it was made on {day_of(start)}" if start else "took its date away"
        context.registry.events.add(one_line(person), event, voice.id, context.now(voice.service))
        context.wake()


def day_of(start: datetime) -> date:
    """The day that somebody gave, by the moment that was taken for it."""
    there = start + FURTHEST_EAST
    return there.date() if there.time() == time() else start.date()


def clock_start(made: date | datetime, now: datetime) -> datetime:
    """The earliest moment that this may mean, which is the safe side. Raises `BadDate`."""
    if isinstance(made, datetime):
        start = made
    else:
        start = datetime.combine(made, time(), UTC) - FURTHEST_EAST
    if start > now:
        raise BadDate("Its date lies in the future.")
    if start.year < 2000:
        raise BadDate("Its date is too long ago for a voice.")
    return start
