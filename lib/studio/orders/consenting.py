"""Who speaks, asked once for each person: their record of consent, made, used again, withdrawn.

One name is one person. A record that holds is used for the next voice of that person. Records of
the demo and of real services do not know of each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from lib.consent import Consent, ConsentState, Relation, is_same_person, state_of
from lib.event_kinds import EventKind
from lib.models import Source, Voice, new_id
from lib.roles import Permission, Person
from lib.services import DEMO
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.typed_text import MAX_NAME, one_line
from lib.studio.orders import statements, wording
from lib.studio.orders.confirming import OrderRefused, check_consent
from lib.studio.orders.wording import Reason, sentence

MAX_USE = 300


@dataclass(frozen=True)
class ConsentTerms:
    """What somebody says about the consent of whoever speaks.

    `use`: what the voice may be used for, "" for anything that the team makes. `until`: the last
    day on which that holds, None for no end. `statement`: a file that shows it, if there is one.
    """

    relation: Relation = Relation.AGREED
    use: str = ""
    until: date | None = None
    statement: bytes = field(default=b"", repr=False)


NO_LIMITS = ConsentTerms()
"""Somebody agreed, to anything that the team makes, without an end."""


def record_of(context: Context, service: str, speaker: str) -> Consent | None:
    """The record of a person: one that holds, or else the newest; None for whoever has none.

    Makes no query if nothing was written for a moment.
    """
    now, speaker = context.now(service), one_line(speaker, MAX_NAME)
    given = [
        voice.consent
        for voice in _voices(context, service)
        if voice.consent and is_same_person(voice.consent.speaker, speaker)
    ]

    def told(consent: Consent) -> tuple[bool, datetime]:
        return state_of(consent, now) is ConsentState.RECORDED, consent.attested_at

    return max(given, key=told, default=None) if speaker else None


def check_terms(terms: ConsentTerms, now: datetime) -> None:
    """Raises `OrderRefused` where no record could be made of these terms."""
    if terms.until and terms.until < now.date():
        raise OrderRefused(sentence(Reason.OVER_ALREADY))
    if terms.statement:
        statements.kind_of(terms.statement)


def agreed(
    context: Context, service: str, speaker: str, terms: ConsentTerms, person: Person
) -> Consent:
    """The record of this person where one holds; else a new one, as `person` attests it."""
    now, known = context.now(service), record_of(context, service, speaker)
    if known and state_of(known, now) is ConsentState.RECORDED:
        return known
    return _new(speaker, terms, person, now)


def sharing(context: Context, voice: Voice, speaker: str) -> list[Voice]:
    """The voices that a new record of this person, made for this voice, holds for: it, and of the
    person's others those of the same record and those for which nothing is recorded.
    """
    now, given = context.now(voice.service), voice.consent
    return [
        other
        for other in _voices(context, voice.service)
        if other.id == voice.id
        or (
            other.consent
            and is_same_person(other.consent.speaker, speaker)
            and (
                other.consent_state(now) is ConsentState.NOT_RECORDED
                or (given is not None and given.id == other.consent.id)
            )
        )
    ]


def record_for(
    context: Context,
    voice: Voice,
    *,
    speaker: str,
    is_given: bool,
    terms: ConsentTerms,
    person: Person,
) -> Consent:
    """Record consent for a voice that is here, and for all that share it. Where nothing is recorded
    for the voice, a record of the person that holds is used; else there is a new one.

    Raises `NotPermitted` and `OrderRefused`.
    """
    person.require(Permission.KEEP)
    now, speaker = context.now(voice.service), one_line(speaker, MAX_NAME)
    if voice.source is Source.DESIGNED:
        raise OrderRefused(sentence(Reason.NEEDS_NO_CONSENT))
    check_consent(
        speaker=speaker,
        agreed=is_given,
        person=recorded_as(person),
        who=sentence(Reason.NO_SPEAKER),
        tick=sentence(Reason.NOT_AGREED),
    )
    check_terms(terms, now)
    if voice.consent_state(now) is ConsentState.NOT_RECORDED:
        consent = agreed(context, voice.service, speaker, terms, person)
    else:
        consent = _new(speaker, terms, person, now)
    seen = (
        [statements.store(context, voice.service, voice.id, terms.statement, now)]
        if terms.statement
        else []
    )
    shared = sharing(context, voice, speaker)
    context.registry.consents.give([other.id for other in shared], consent, *seen)
    what = wording.consent_recorded(speaker)
    for other in shared:
        record.note(context, person, EventKind.CONSENT, what, other)
    context.wake()
    return consent


def withdraw(context: Context, voice: Voice, person: Person) -> list[Voice]:
    """Whoever speaks takes their consent back: nothing new is spoken with any of their voices, and
    all of them are kept as before. Returns these voices. Raises `NotPermitted` and `OrderRefused`.
    """
    person.require(Permission.KEEP)
    if voice.consent is None:
        raise OrderRefused(sentence(Reason.NO_CONSENT))
    speaker = voice.consent.speaker
    theirs = under_consent(context, voice)
    ids = {other.consent.id for other in theirs if other.consent}
    context.registry.consents.withdraw(ids, at=context.clock.now(), by=recorded_as(person))
    what = wording.consent_withdrawn(speaker)
    for other in theirs:
        record.note(context, person, EventKind.CONSENT, what, other)
    context.wake()
    return theirs


def under_consent(context: Context, voice: Voice) -> list[Voice]:
    """All voices of whoever speaks in this one's recording, but those withdrawn before."""
    if voice.consent is None:
        return []
    speaker = voice.consent.speaker
    return [
        other
        for other in _voices(context, voice.service)
        if other.consent
        and not other.consent.withdrawn_at
        and is_same_person(other.consent.speaker, speaker)
    ]


def _new(speaker: str, terms: ConsentTerms, person: Person, now: datetime) -> Consent:
    until = None
    if terms.until:
        until = datetime.combine(terms.until, time(tzinfo=UTC)) + timedelta(days=1)
    return Consent(
        one_line(speaker, MAX_NAME),
        recorded_as(person),
        now,
        id=new_id(),
        relation=terms.relation,
        use=one_line(terms.use, MAX_USE),
        until=until,
    )


def _voices(context: Context, service: str) -> Iterator[Voice]:
    """All voices on the same side: those of the demo, or those of real services."""
    for dossier in context.registry.library.dossiers().values():
        if (dossier.voice.service == DEMO) == (service == DEMO):
            yield dossier.voice
