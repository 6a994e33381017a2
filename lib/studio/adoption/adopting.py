"""Voices that exist already: a plan of what would happen to each, then the adopting itself.

An ID that somebody brings proves nothing yet: its test call counts only when a person has listened
to it (`hearing.py`). Nothing is sent here: orders are committed, the keeper does them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from lib.addresses import identity
from lib.models import (
    Consent,
    Dossier,
    Evidence,
    EvidenceKind,
    JobState,
    KeepPolicy,
    Money,
    Purpose,
    Role,
    Source,
    Voice,
    new_id,
)
from lib.recordings.embedding import BadEmbedding, inspect_embedding
from lib.registry import DatabaseUnavailable, OverBudget
from lib.retention import deadline_of, purpose_of_use
from lib.services import ACTIVATION_ATTEMPTS, DEMO, KIND_TITLES, KINDS, USE
from lib.studio.adoption import listening
from lib.studio.adoption.ids import FILE_KIND, Way, fault_of, way_of
from lib.studio.adoption.listening import BadDate
from lib.studio.adoption.lists import Line
from lib.studio.core import money
from lib.studio.core.catalogue import speech_models
from lib.studio.core.context import Context
from lib.studio.core.money import Sum
from lib.studio.core.typed_text import MAX_NAME, one_line, several_lines
from lib.studio.orders import activation
from lib.studio.orders.cloning import MAX_TRANSCRIPT
from lib.studio.orders.confirming import OrderRefused, check_consent
from lib.studio.storage.manifests import copy_evidence
from lib.vault.base import VaultError, content_key, sha256_hex

MAX_DESCRIPTION = 500
MAX_LANGUAGE = 60
NOTHING = Money()
LEASE = "adopting"
LEASE_FOR = timedelta(minutes=15)
STOP_AFTER = timedelta(minutes=12)
"""Nothing is begun so near the end of the lease: whoever gets it next sees all that was added."""


class Fate(StrEnum):
    """What would happen to one voice of a list."""

    NEW = "new"
    HERE = "here"
    REFUSED = "refused"


@dataclass(frozen=True)
class Candidate:
    """One line, what it would become, and why. `price` is that of its test call."""

    line: Line
    fate: Fate
    why: str
    way: Way | None = None
    voice: Voice | None = field(default=None, repr=False)
    price: Money = NOTHING
    tries: int = 1
    data: bytes = field(default=b"", repr=False)
    contents: str = ""

    @property
    def shown_id(self) -> str:
        """The ID, or of an address no more than its host and file: who has it has the voice."""
        if "://" not in self.line.id:
            return self.line.id[:60]
        try:
            parts = urlsplit(self.line.id)
        except ValueError:
            return "an address"
        return f"{parts.hostname or 'an address'} … {parts.path.rsplit('/', 1)[-1][-40:]}"


@dataclass(frozen=True)
class Plan:
    """What would be done with a whole list, before anything is."""

    candidates: tuple[Candidate, ...]

    @property
    def new(self) -> tuple[Candidate, ...]:
        return tuple(item for item in self.candidates if item.fate is Fate.NEW)

    def count(self, fate: Fate) -> int:
        return sum(item.fate is fate for item in self.candidates)

    @property
    def calls(self) -> int:
        """How many test calls are made."""
        return sum(bool(item.price.micros) for item in self.new)

    @property
    def price(self) -> Sum:
        """The sum of all test calls."""
        return Sum.of((item.way.service, item.price) for item in self.new if item.way)

    @property
    def at_most(self) -> Sum:
        """The sum, should each voice need all of its tries."""
        return Sum.of((item.way.service, item.price * item.tries) for item in self.new if item.way)


@dataclass(frozen=True)
class Outcome:
    """What was carried out: the new voices, and a sentence for each that refused."""

    done: tuple[str, ...]
    refused: tuple[str, ...] = ()


def plan(
    context: Context, lines: Sequence[Line], default: Way, *, test: bool, lately: bool = False
) -> Plan:
    """What would happen to each voice. `default`: what a line is that does not say.

    `test`: a test call for each that is kept by use. `lately`: for a look, a reading of the
    library that other pages share will do.
    """
    here = _identities(_library(context, lately=lately))
    seen: dict[tuple[str, ...], int] = {}
    found: list[Candidate] = []
    for line in lines:
        item = _judged(context, line, default, test=test)
        if item.fate is Fate.NEW and item.way:
            identity = _identity(item.way.service, item.way.kind, line.id)
            if twin := here.get(identity):
                item = replace(item, fate=Fate.HERE, why=_already(twin), price=Money(), voice=twin)
            elif identity in seen:
                why = f"Line {seen[identity]} brings the same one."
                item = replace(item, fate=Fate.HERE, why=why, price=Money(), voice=None)
            else:
                seen[identity] = line.number
        found.append(item)
    return Plan(tuple(found))


def plan_file(
    context: Context, data: bytes, line: Line, service: str, *, lately: bool = False
) -> Plan:
    """What would happen to one voice file."""
    way = Way(service, FILE_KIND)
    try:
        contents = inspect_embedding(data)
    except BadEmbedding as problem:
        return Plan((Candidate(line, Fate.REFUSED, str(problem), way),))
    sha256 = sha256_hex(data)
    for dossier in _library(context, lately=lately):
        copies = dossier.standing_evidence(EvidenceKind.COPY, Role.EMBEDDING)
        if any(copy.sha256 == sha256 for copy in copies):
            return Plan((Candidate(line, Fate.HERE, _already(dossier.voice), way, dossier.voice),))
    try:
        # What names the line is a file of somebody's, and no address.
        voice = replace(_voice(context, line, way, test=False), embedding_url="")
    except (BadDate, OrderRefused) as problem:
        return Plan((Candidate(line, Fate.REFUSED, str(problem), way),))
    why = "Its file is stored, read back and compared."
    if not context.vault(service).name.startswith("s3://"):
        why += " To speak with it, connect a bucket: services fetch the file from an address."
    return Plan((Candidate(line, Fate.NEW, why, way, voice, data=data, contents=contents),))


def adopt(
    context: Context,
    make_plan: Callable[[], Plan],
    *,
    speaker: str,
    consent: bool,
    person: str,
    told: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Adopt what is new; one that refuses never stops the rest. `told` hears how many are over.

    The plan is made once more: what came in between is not adopted twice. Raises `OrderRefused`.
    """
    if not context.reading.finished:
        raise OrderRefused("Your vault is still being read. Try again in a moment.")
    speaker, person = one_line(speaker, MAX_NAME), one_line(person)
    check_consent(
        speaker=speaker,
        agreed=consent,
        person=person,
        who="Say who speaks: the name, or the names.",
        tick="Tick that everybody whose voice this is agrees to its use here.",
    )
    until = context.clock.now() + STOP_AFTER
    with context.registry.leases.hold(LEASE, new_id(), LEASE_FOR) as mine:
        if not mine:
            raise OrderRefused("Somebody is adopting voices right now. Try again in a moment.")
        new = make_plan().new
        if not new:
            raise OrderRefused("There is no voice here that could be adopted.")
        _check_ceiling(context, new)
        agreed = Consent(speaker, person, context.clock.now())
        done: list[str] = []
        refused: list[str] = []
        for number, item in enumerate(new, start=1):
            if context.clock.now() >= until:
                left = len(new) - number + 1
                refused.insert(0, f"This took too long: {left:,} are left. Bring the list again.")
                break
            try:
                done.append(_adopt(context, item, agreed, refused))
            except (VaultError, OrderRefused) as problem:
                refused.append(f"{item.voice.name if item.voice else ''}: {problem}")
            except DatabaseUnavailable as problem:
                if not done:
                    raise
                refused.append(f"{item.voice.name if item.voice else ''}: {problem}")
            told(number)
    context.wake()
    return Outcome(tuple(done), tuple(refused))


def _check_ceiling(context: Context, new: Sequence[Candidate]) -> None:
    """All test calls fit together, or nothing is adopted. Raises `OrderRefused`."""
    calls = [item.price for item in new if item.voice and _is_ceiled(context, item.voice)]
    left = money.budget_left(context, Purpose.TEST_CALL)
    price = Money.total(calls)
    if left is not None and price.micros and price > left:
        budget = money.budget_for(context, Purpose.TEST_CALL)
        told = money.over_budget(OverBudget(budget, price, left), "The test calls cost {}")
        raise OrderRefused(
            f"{told} Nothing was adopted or spent. Adopt fewer voices, or all without test calls."
        )


def _is_ceiled(context: Context, voice: Voice) -> bool:
    """Whether its test call only tells something: the use of one whose time runs may keep it."""
    if voice.service == DEMO:
        return False
    now = context.now(voice.service)
    return purpose_of_use(Dossier(voice), context.terms(voice), now) is Purpose.TEST_CALL


def _adopt(context: Context, item: Candidate, agreed: Consent, refused: list[str]) -> str:
    """One voice, and its test call if there is to be one; returns its id."""
    assert item.voice is not None  # noqa: S101 - a new one has its voice
    now = context.now(item.voice.service)
    consent = replace(agreed, attested_at=now)
    voice = replace(item.voice, created_at=now, owner=agreed.attested_by, consent=consent)
    seen: tuple[Evidence, ...] = ()
    if item.data:
        key = content_key(f"voices/{voice.id}/embedding", item.data, "safetensors")
        vault = context.vault(voice.service)
        stored = vault.put_verified(key, item.data, "application/octet-stream")
        seen = (copy_evidence(voice.id, Role.EMBEDDING, stored, item.contents, now),)
    context.registry.voices.add(voice, *seen)
    context.registry.events.add(agreed.attested_by, "adopted it", voice.id, now)
    if item.price.micros:
        try:
            activation.order_activation(context, Dossier(voice), person=agreed.attested_by)
        except OrderRefused as problem:
            refused.append(f"{voice.name} is adopted, but there is no test call. {problem}")
    return voice.id


def _judged(context: Context, line: Line, default: Way, *, test: bool) -> Candidate:
    """One line by itself, whatever else is here."""
    if line.fault:
        return Candidate(line, Fate.REFUSED, line.fault)
    way = way_of(context, line, default)
    if isinstance(way, str):
        return Candidate(line, Fate.REFUSED, way)
    if fault := fault_of(context, line.id, way):
        return Candidate(line, Fate.REFUSED, fault, way)
    try:
        voice = _voice(context, line, way, test=test)
    except (BadDate, OrderRefused) as problem:
        return Candidate(line, Fate.REFUSED, str(problem), way)
    price, tries, why = _outlook(context, voice, test=test)
    return Candidate(line, Fate.NEW, why, way, voice, price, tries)


def _voice(context: Context, line: Line, way: Way, *, test: bool) -> Voice:
    """The voice that this line would become. Raises `BadDate` and `OrderRefused`."""
    now = context.now(way.service)
    if len(line.transcript) > MAX_TRANSCRIPT:
        raise OrderRefused(f"Its transcript is too long: {MAX_TRANSCRIPT:,} characters at most.")
    is_address = KINDS[way.kind].is_file
    name = line.name or (f"{KIND_TITLES[way.kind]} voice {line.number}" if is_address else line.id)
    return Voice(
        id=new_id(),
        name=name[:MAX_NAME],
        kind=way.kind,
        source=Source.ADOPTED,
        service=way.service,
        account=context.account(way.service),
        created_at=now,
        provider_voice_id="" if is_address else line.id,
        embedding_url=line.id if is_address else "",
        description=line.description[:MAX_DESCRIPTION],
        transcript=several_lines(line.transcript),
        language=line.language[:MAX_LANGUAGE],
        tags=line.tags,
        keep_policy=KeepPolicy.AT_ONCE if test else KeepPolicy.ASK,
        clock_start=listening.clock_start(line.made, now) if line.made else None,
    )


def _outlook(context: Context, voice: Voice, *, test: bool) -> tuple[Money, int, str]:
    """The price of its test call, how many tries may follow, and what will happen, in words."""
    rule = context.terms(voice).rule
    if rule.stopped_by != USE:
        if KINDS[voice.kind].is_file:
            return Money(), 1, "Its file is copied to your storage and checked."
        speaks = bool(speech_models(context, voice.service, voice.kind))
        mute = "" if speaks else " No model is listed that speaks with it, so it is only kept."
        return Money(), 1, f"It has no end as far as is known.{mute}"
    now = context.now(voice.service)
    deadline = deadline_of(Dossier(voice), rule)
    if test:
        try:
            price = activation.price_of_keeping(context, voice)
        except OrderRefused as problem:
            return Money(), 1, str(problem)
        tries = ACTIVATION_ATTEMPTS if deadline and now < deadline else 1
        return price, tries, "It says one short sentence, and you say whether it is the voice."
    return Money(), 1, _untested(deadline, now)


def _untested(deadline: datetime | None, now: datetime) -> str:
    if deadline is None:
        return "Its time stays unknown until you give a date or make a test call."
    if deadline <= now:
        return "Its time is over: only a test call shows whether it is still there."
    return "Its time runs. Nothing keeps it before you do."


def _library(context: Context, *, lately: bool) -> Sequence[Dossier]:
    if lately:
        return context.registry.voices.dossiers_lately(context.settings.visible)
    return context.registry.voices.dossiers()


def _identities(dossiers: Sequence[Dossier]) -> dict[tuple[str, ...], Voice]:
    """All voices here by what the service calls them."""
    found: dict[tuple[str, ...], Voice] = {}
    for dossier in dossiers:
        voice, making = dossier.voice, dossier.making
        if making and making.state is JobState.FAILED:
            continue  # it never was a voice
        name = voice.provider_voice_id or voice.embedding_url
        if name:
            found[_identity(voice.service, voice.kind, name)] = voice
    return found


def _identity(service: str, kind: str, name: str) -> tuple[str, ...]:
    """An address is the same with another signature."""
    return (service, kind, identity(name) if "://" in name else name)


def _already(voice: Voice) -> str:
    archived = ", archived" if voice.archived_at else ""
    return f"Already here as “{voice.name}”{archived}."
