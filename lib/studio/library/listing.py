"""The voices as people see them: each with its health, its next step and its prices.

All voices are judged once for a whole process. A judgement is kept until the voice changes, what it
stands on changes, or the moment comes at which it would be another by itself.
"""

from __future__ import annotations

import gc
import logging
import math
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from itertools import pairwise
from operator import attrgetter

from lib.consent import ConsentState
from lib.models import (
    Dossier,
    Evidence,
    EvidenceKind,
    Health,
    JobState,
    Money,
    Role,
    Source,
    Voice,
    VoiceKind,
)
from lib.pricing import keeping_price
from lib.registry.database import Database
from lib.registry.library import CACHED_FOR
from lib.retention import (
    TIME_RUNS,
    Rank,
    Standing,
    Step,
    StepKind,
    Terms,
    Urgency,
    distance,
    judge,
    reads_alike_until,
    refusal_of,
    steps,
    told_step,
    unheard_use,
    urgency_of,
)
from lib.services import COPY, DEMO, KIND_TITLES, SERVICES, Retention
from lib.studio.core import consents
from lib.studio.core.catalogue import activation_model, speech_models
from lib.studio.core.context import Context
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.core.typed_text import searchable
from lib.studio.library.reasons import Reason
from lib.studio.library.together import Together
from lib.studio.library.wording import no_model, sentence

log = logging.getLogger("voicekeep.listing")

NOTHING = Money()
SHARED_FOR = 1.0
"""Seconds that one look at all voices serves all tabs."""
WILL_DO_FOR = 3.0
"""Seconds that it serves them while one of them looks again."""
_OF_NOW = frozenset({"rank", "place"})
"""What is told of a voice at one moment only."""
_place = attrgetter("place")
_NO_STEP = Step(StepKind.NOTHING)


@dataclass(frozen=True)
class Entry:
    """One voice of the library, judged at the moment `now`.

    `use_price` is that of one use that keeps it, zero if no model is known. `life` and `files` are
    what the keeper does next, `step` is the one of them that people are told. What is told here
    stays as it is before the moment `until`, but for what is told of `now` itself.
    """

    dossier: Dossier
    standing: Standing
    step: Step
    now: datetime
    terms: Terms
    has_model: bool = True
    use_price: Money = NOTHING
    life: Step = _NO_STEP
    files: Step = _NO_STEP
    until: datetime | None = field(default=None, compare=False)

    def at(self, now: datetime) -> Entry:
        """The same judgement, told at another moment before `until`, with all that was worked out
        from it.
        """
        later = object.__new__(Entry)
        later.__dict__.update(self.__dict__, now=now)
        for name in _OF_NOW & later.__dict__.keys():
            del later.__dict__[name]
        return later

    def holds_at(self, now: datetime) -> bool:
        """Whether the judgement is still the same then."""
        return self.now <= now and (self.until is None or now < self.until)

    @cached_property
    def rank(self) -> Rank:
        """Its place among all voices, the same on every page and in every message."""
        return self.urgency, distance(self.standing, self.now)

    @cached_property
    def place(self) -> tuple[bool, Rank, str]:
        """Its place in lists: archived ones come last."""
        return self.is_archived, self.rank, self.voice.name.lower()

    @cached_property
    def urgency(self) -> Urgency:
        return urgency_of(self.dossier, self.terms, self.standing, self.now)

    @cached_property
    def never_made(self) -> bool:
        """A clone that failed never became a voice; the Jobs page shows it."""
        making = self.dossier.making
        return making is not None and making.state is JobState.FAILED

    @property
    def rule(self) -> Retention:
        return self.terms.rule

    @cached_property
    def is_archived(self) -> bool:
        return self.voice.archived_at is not None

    @cached_property
    def next_at(self) -> datetime | None:
        """When the keeper does the first of its next steps."""
        return min((step.at for step in (self.life, self.files) if step.at), default=None)

    @cached_property
    def may_be_held_up(self) -> bool:
        """Whether a step or an order of it waits, and something may hold that up."""
        ordered = any(job.state is JobState.CONFIRMED for job in self.dossier.jobs)
        return ordered or self.life.blocked or self.files.blocked

    @cached_property
    def is_at_stake(self) -> bool:
        """Whether its time runs or ran out, or something holds it up."""
        at_stake = (*TIME_RUNS, Health.PROBABLY_LOST, Health.LOST)
        return self.standing.health in at_stake or self.step.blocked

    @cached_property
    def has_copy(self) -> bool:
        """Whether any of its files is in the current storage."""
        copies = self.dossier.valid_evidence(EvidenceKind.COPY)
        return any(copy.vault == self.terms.vault for copy in copies)

    @cached_property
    def is_in_progress(self) -> bool:
        """Whether something is under way that will change the voice, so that pages look again."""
        if self.standing.health is Health.BEING_MADE:
            return True
        if any(job.is_open for job in self.dossier.activations):
            return True
        at_rest = self.step.kind in (StepKind.ASK, StepKind.NOTHING)
        return not at_rest and self.step.at is not None and self.step.at <= self.now

    @cached_property
    def voice(self) -> Voice:
        return self.dossier.voice

    @cached_property
    def wording(self) -> str:
        """What a person may remember of it and search for, in lower case."""
        voice = self.voice
        told = (voice.name, voice.description, *voice.tags, voice.language, voice.owner, voice.kind)
        return searchable(" ".join((*told, voice.provider_voice_id, voice.id)))

    @cached_property
    def is_demo(self) -> bool:
        return self.voice.service == DEMO

    @cached_property
    def can_speak(self) -> bool:
        """Whether it can be spoken with: made, not known to be lost, and with a model."""
        is_there = self.standing.health not in (Health.BEING_MADE, Health.LOST)
        return is_there and not self.why_mute

    @cached_property
    def why_mute(self) -> str:
        """A sentence on why an existing voice cannot be spoken with from here, or ""."""
        if not self.has_model:
            title, kind = SERVICES[self.voice.service].title, KIND_TITLES[self.voice.kind]
            return no_model(title, kind)
        if self.rule.stopped_by == COPY and not self._has_address:
            return sentence(Reason.NO_ADDRESS)
        return consents.why_silent(self.voice, self.now)

    @cached_property
    def consent_state(self) -> ConsentState:
        """How it stands with the consent of whoever speaks."""
        return self.voice.consent_state(self.now)

    @property
    def _has_address(self) -> bool:
        """Whether a service could fetch the voice's file."""
        copied = self.dossier.copy(Role.EMBEDDING, self.terms.vault) is not None
        own = copied and self.terms.vault.startswith("s3://")
        return own or bool(self.voice.embedding_url)

    @cached_property
    def is_denied(self) -> bool:
        """Whether it was adopted, and the service does not know it or refused its test call."""
        adopted = self.voice.source is Source.ADOPTED and self.standing.evidence is None
        not_found = bool(self.dossier.valid_evidence(EvidenceKind.NOT_FOUND))
        return adopted and (not_found or refusal_of(self.dossier) is not None)

    @cached_property
    def unheard(self) -> Evidence | None:
        """The test call of an adopted voice that waits for somebody to listen to it, if any."""
        return None if self.is_archived else unheard_use(self.dossier, self.terms, self.now)

    @cached_property
    def needs_somebody(self) -> bool:
        """Whether a person has to act: the voice is in danger and nothing happens by itself, or not
        before something is mended; or a test call waits to be listened to.
        """
        if self.is_archived:
            return False
        if self.unheard or self.is_denied:
            return True
        return (self.step.at is None or self.step.blocked) and self.standing.health in (
            Health.PROBABLY_LOST,
            Health.AT_RISK,
            Health.DUE_SOON,
        )


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Thousands of new records at once would have Python search all of memory for what can go,
    which takes longer than to make them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_Offers = Mapping[tuple[str, VoiceKind], tuple[bool, Money]]
"""By service and kind of voice: whether a model speaks it, and the price of a use that keeps it."""


@dataclass(frozen=True)
class Judged:
    """All voices of the services that are shown, those that never were made as well: each judged at
    `moments` (by service; `now` by the real clock), or before, if it still reads the same.

    `unjudged`: those whose records are so odd that judging them fails. `turns`: by service, when
    the first judgement has to be made anew.
    """

    by_id: Mapping[str, Entry]
    unjudged: tuple[Dossier, ...]
    turns: Mapping[str, datetime]
    dossiers: Mapping[str, Dossier]
    basis: tuple[object, ...]
    now: datetime
    moments: Mapping[str, datetime]

    def holds_at(self, moments: Mapping[str, datetime]) -> bool:
        """Whether all judgements still read the same then."""
        is_past = any(moments[service] < moment for service, moment in self.moments.items())
        return not is_past and _is_before(moments, self.turns)

    def at(self, now: datetime, moments: Mapping[str, datetime]) -> Judged:
        """The same at another moment at which it holds, with all that was worked out of it."""
        later = object.__new__(Judged)
        later.__dict__.update(self.__dict__, now=now, moments=moments)
        return later

    @cached_property
    def due(self) -> tuple[Entry, ...]:
        """Those with a step whose time has come."""
        return tuple(
            item
            for item in self.by_id.values()
            if item.next_at and item.next_at <= self.moments[item.voice.service]
        )

    @cached_property
    def held_up(self) -> tuple[Entry, ...]:
        """Those that wait for something, which may be held up."""
        return tuple(item for item in self.by_id.values() if item.may_be_held_up)

    @cached_property
    def at_stake(self) -> tuple[Entry, ...]:
        """Those that exist, and that people may have to be warned of."""
        found = self.by_id.values()
        return tuple(item for item in found if item.is_at_stake and not item.never_made)

    @cached_property
    def next_at(self) -> Mapping[str, datetime]:
        """By service, when the first step is due."""
        return _first((item.voice.service, item.next_at) for item in self.by_id.values())


@dataclass(frozen=True)
class Shelf:
    """What pages see: `entries`, as they are told at `moments` (`now`, by the real clock), in their
    order, which is the same until `moves`, by service.

    It is from `judged` and from what the process was `opened` with; `write` is its last one before,
    `at` the time by its own clock.
    """

    entries: Together[Entry]
    moves: Mapping[str, datetime]
    judged: Judged
    now: datetime
    moments: Mapping[str, datetime]
    opened: tuple[object, ...]
    write: int
    at: float

    def age(self, context: Context, write: int) -> float:
        """In seconds; infinite where this process, or what it was opened with, changed since."""
        opened = zip(self.opened, _opened(context), strict=True)
        if self.write < write or any(before is not now for before, now in opened):
            return math.inf
        return max(time.monotonic() - self.at, self.away_from(context.clock.now()))

    def away_from(self, now: datetime) -> float:
        """Seconds between then and now."""
        return abs((now - self.now).total_seconds())


def entries(context: Context) -> Together[Entry]:
    """All voices that exist or are being made: what can still be saved first, archived ones last.

    Makes no query if nothing was written for a moment. A voice whose records cannot be judged is
    left out and logged; the keeper warns of it.
    """
    return _shelf(context).entries


def names(context: Context) -> set[str]:
    """What the voices are called that are here or being made."""
    return {item.voice.name for item in _shelf(context).entries}


def find(context: Context, voice_id: str) -> Entry | None:
    """One voice of the services that are shown; None where there is no such voice."""
    shelf = _shelf(context)
    for dossier in shelf.judged.unjudged:
        if dossier.voice.id == voice_id:
            return entry(context, dossier)
    found = shelf.judged.by_id.get(voice_id)
    return found.at(shelf.moments[found.voice.service]) if found else None


def entry(context: Context, dossier: Dossier) -> Entry:
    """One voice, judged now; two queries at most."""
    service = dossier.voice.service
    offers = _offers(context, [service])
    return _judge(dossier, standpoint_of(context), offers, context.now(service))


def at_stake(context: Context) -> list[Entry]:
    """Those of `entries` that people may have to be warned of, as they are now."""
    found = judged(context)
    return [item.at(found.moments[item.voice.service]) for item in found.at_stake]


def judged(context: Context, *, max_age: float = 0.0) -> Judged:
    """All voices as they are judged now. `max_age`: of what others wrote, in seconds."""
    found: Judged = context.runtime.judged.get(
        is_fresh=lambda _: False,
        will_do=lambda _: False,
        renew=lambda last: _judged_again(context, last, max_age),
    )
    return found


def _shelf(context: Context) -> Shelf:
    """All voices as they are told now, or were a second ago.

    What this process wrote is always in it, what others wrote after two seconds.
    """
    write = Database.last_write
    found: Shelf = context.runtime.shelf.get(
        is_fresh=lambda last: last.age(context, write) < SHARED_FOR,
        will_do=lambda last: last.age(context, write) < WILL_DO_FOR,
        renew=partial(_filled, context),
    )
    return found


@_no_search_for_garbage()
def _filled(context: Context, last: Shelf | None) -> Shelf:
    """What was told before, as far as it holds, and what changed since."""
    write, at = Database.last_write, time.monotonic()
    new = judged(context, max_age=CACHED_FOR)
    now, moments, opened = new.now, new.moments, _opened(context)
    told: dict[str, Entry] = {}
    if last and last.judged.basis == new.basis:
        is_same = last.judged.by_id is new.by_id
        is_now = last.away_from(now) < SHARED_FOR and last.judged.holds_at(moments)
        if is_same and is_now:
            return replace(last, judged=new, opened=opened, write=write, at=at)
        if is_same and _is_before(moments, last.moves):
            later = [item.at(moments[item.dossier.voice.service]) for item in last.entries]
            shown = Together(later, told_before=last.entries)
            return Shelf(shown, last.moves, new, now, moments, opened, write, at)
        if is_now:  # what changed is told as of the same moment as all the rest
            now, moments = last.now, last.moments
            told = {item.dossier.voice.id: item for item in last.entries}
    changed = {
        voice_id: item.at(moments[item.dossier.voice.service])
        for voice_id, item in new.by_id.items()
        if not item.never_made
        and (voice_id not in told or told[voice_id].standing is not item.standing)
    }
    # In the order of before, which is almost that of now.
    order = dict.fromkeys(item.dossier.voice.id for item in last.entries) if last else {}
    order |= dict.fromkeys(changed)
    found = (
        changed.get(voice_id) or told[voice_id]
        for voice_id in order
        if voice_id in new.by_id and not new.by_id[voice_id].never_made
    )
    shown = Together(sorted(found, key=_place))
    return Shelf(shown, _moves(shown), new, now, moments, opened, write, at)


def _moves(entries: Sequence[Entry]) -> dict[str, datetime]:
    """When the order changes by itself: when one whose time ran out comes to be as far from its
    deadline as the next one, which has time left. Whatever else moves a voice changes what is
    judged of it. Two that live by different clocks may change places at any time.
    """
    clocks = {item.dossier.voice.service == DEMO for item in entries}
    return _first(
        (one.dossier.voice.service, _moves_at(one, other))
        for one, other in pairwise(entries)
        if (end := one.standing.deadline) and (end <= one.now or len(clocks) > 1)
    )


def _moves_at(one: Entry, other: Entry) -> datetime | None:
    """When `other` goes before `one` by itself, if ever."""
    first, second = one.standing.deadline, other.standing.deadline
    alike = one.urgency is other.urgency and one.is_archived == other.is_archived
    if not alike or first is None or second is None:
        return None
    if one.is_demo is not other.is_demo:
        return one.now
    return first + (second - first) / 2 if first <= one.now < second else None


def _is_before(moments: Mapping[str, datetime], ends: Mapping[str, datetime]) -> bool:
    """Whether none of these ends has come yet, each by the clock of its service."""
    return all(moments[service] < end for service, end in ends.items())


def _opened(context: Context) -> tuple[object, ...]:
    """What a standpoint and offers come from, besides the database."""
    vaults = (context.live_vault, context.demo_vault, context.loopback)
    return (context.registry, context.settings, *vaults, context.runtime.listed)


def _offers(context: Context, services: Collection[str]) -> _Offers:
    found = {}
    for service in services:
        for kind in VoiceKind:
            model = activation_model(context, service, kind)
            price = keeping_price(model) if model else NOTHING
            found[service, kind] = (bool(speech_models(context, service, kind)), price)
    return found


@_no_search_for_garbage()
def _judged_again(context: Context, last: Judged | None, max_age: float) -> Judged:
    """What was judged before and still holds is taken from there."""
    dossiers = context.registry.library.dossiers(max_age=max_age)
    standpoint = standpoint_of(context)
    offers = _offers(context, context.settings.visible)
    basis = (standpoint.basis, offers)
    now = context.clock.now()
    moments = {service: context.now(service) for service in context.settings.visible}
    known = last if last and last.basis == basis else None
    if known and known.dossiers is dossiers and known.holds_at(moments):
        return known.at(now, moments)
    before = known.by_id if known else {}
    all_hold = known is not None and known.holds_at(moments)
    logged = {item.voice.id for item in known.unjudged} if known else set()
    by_id: dict[str, Entry] = {}
    unjudged: list[Dossier] = []
    for voice_id, dossier in dossiers.items():
        moment, item = moments.get(dossier.voice.service), before.get(voice_id)
        if moment is None:
            continue
        is_same = item is not None and item.dossier is dossier
        if item is None or not is_same or not (all_hold or item.holds_at(moment)):
            is_logged = voice_id in logged
            item = _judged_or_none(dossier, standpoint, offers, moment, is_logged=is_logged)
        if item:
            by_id[voice_id] = item
        else:
            unjudged.append(dossier)
    return Judged(
        by_id,
        tuple(unjudged),
        turns=_first((item.voice.service, item.until) for item in by_id.values()),
        dossiers=dossiers,
        basis=basis,
        now=now,
        moments=moments,
    )


def _first(moments: Iterable[tuple[str, datetime | None]]) -> dict[str, datetime]:
    """The first moment of each service, where there is one."""
    found: dict[str, datetime] = {}
    for service, moment in moments:
        if moment and (service not in found or moment < found[service]):
            found[service] = moment
    return found


def _judged_or_none(
    dossier: Dossier, standpoint: Standpoint, offers: _Offers, now: datetime, *, is_logged: bool
) -> Entry | None:
    """One voice, or None if its records are so odd that judging them fails."""
    try:
        item = _judge(dossier, standpoint, offers, now)
        _place(item)  # all that may fail is worked out here
    except Exception:  # one odd record must not hide all other voices
        if not is_logged:
            log.exception("The voice %s cannot be judged", dossier.voice.id)
        return None
    return item


def _judge(dossier: Dossier, standpoint: Standpoint, offers: _Offers, now: datetime) -> Entry:
    voice = dossier.voice
    terms = standpoint.terms(voice)
    both = steps(dossier, terms, now)
    has_model, use_price = offers[voice.service, voice.kind]
    return Entry(
        dossier,
        judge(dossier, terms, now),
        told_step(*both),
        now,
        terms,
        has_model,
        use_price,
        *both,
        _until(reads_alike_until(dossier, terms, both, now), voice, now),
    )


def _until(until: datetime | None, voice: Voice, now: datetime) -> datetime | None:
    """Until when a judgement holds: no longer than the consent that it tells of."""
    end = voice.consent and voice.consent.until
    return min(filter(None, (until, end)), default=None) if end and now < end else until
