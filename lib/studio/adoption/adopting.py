"""Adopts voices that exist already: first a plan of what would happen to each, then the adoption.

An ID that somebody brings proves nothing yet: its test call counts only when a person has listened
to it (`listening.py`). Nothing is sent here: orders are committed, and the keeper sends them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from lib.addresses import identity
from lib.consent import Consent
from lib.event_kinds import EventKind
from lib.models import (
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
from lib.recordings.embedding import inspect_embedding
from lib.recordings.problems import BadEmbedding
from lib.registry import DatabaseUnavailable
from lib.retention import deadline_of, purpose_of_use, rule_of
from lib.roles import Permission, Person
from lib.services import ACTIVATION_ATTEMPTS, DEMO, KIND_TITLES, KINDS, USE
from lib.studio.adoption import listening
from lib.studio.adoption.ids import FILE_KIND, VoiceType, detect_type, find_fault
from lib.studio.adoption.listening import BadDate
from lib.studio.adoption.lists import Line
from lib.studio.adoption.wording import (
    AN_ADDRESS,
    Deed,
    Reason,
    added_untested,
    already_here,
    archived_here,
    deed,
    not_added,
    same_in_list,
    sentence,
    shown_address,
    took_too_long,
    transcript_too_long,
    unnamed,
)
from lib.studio.core import money
from lib.studio.core.catalogue import speech_models
from lib.studio.core.context import Context
from lib.studio.core.money import Sum
from lib.studio.core.people import recorded_as
from lib.studio.core.reasons import Priced
from lib.studio.core.standpoint import Standpoint, standpoint_of
from lib.studio.core.typed_text import (
    MAX_DESCRIPTION,
    MAX_LANGUAGE,
    MAX_NAME,
    one_line,
    several_lines,
)
from lib.studio.library.bulk import BulkResult
from lib.studio.orders import activation, consenting, statements
from lib.studio.orders.cloning import MAX_TRANSCRIPT
from lib.studio.orders.confirming import (
    OrderRefused,
    check_consent,
    check_reconciled,
    within_budget,
)
from lib.studio.orders.consenting import NO_LIMITS, ConsentTerms
from lib.studio.storage.manifests import copy_evidence
from lib.vault.base import VaultError, content_key, sha256_hex

NOTHING = Money()
LEASE = "adopting"
LEASE_FOR = timedelta(minutes=15)
STOP_AFTER = timedelta(minutes=12)
"""Nothing is begun so near the end of the lease: whoever gets it next sees all that was added."""


class Verdict(StrEnum):
    """What would happen to one voice of a list."""

    NEW = "new"
    HERE = "here"
    REFUSED = "refused"


@dataclass(frozen=True)
class Candidate:
    """One line of a list, what would become of it, and why, as a sentence.

    `price` is that of one test call, `at_most` that of all its tries. `data` and `contents`: the
    bytes of a voice file, and what is in it.
    """

    line: Line
    verdict: Verdict
    why: str
    voice_type: VoiceType | None = None
    voice: Voice | None = field(default=None, repr=False)
    price: Money = NOTHING
    at_most: Money = NOTHING
    data: bytes = field(default=b"", repr=False)
    contents: str = ""

    @property
    def is_demo(self) -> bool:
        return self.voice_type is not None and self.voice_type.service == DEMO

    @property
    def identity(self) -> tuple[str, ...]:
        """What the service calls it; () where it is not known which service that is."""
        known = self.voice_type
        return _identity(known.service, known.kind, self.line.id) if known else ()

    @property
    def shown_id(self) -> str:
        """The ID; of an address only its host and file, because whoever has it has the voice."""
        if "://" not in self.line.id:
            return self.line.id[:60]
        try:
            parts = urlsplit(self.line.id)
        except ValueError:
            return AN_ADDRESS
        return shown_address(parts.hostname or AN_ADDRESS, parts.path.rsplit("/", 1)[-1][-40:])


@dataclass(frozen=True)
class AdoptionPlan:
    """What would be done with a whole list, before anything is."""

    candidates: tuple[Candidate, ...]

    @property
    def new(self) -> tuple[Candidate, ...]:
        return tuple(item for item in self.candidates if item.verdict is Verdict.NEW)

    def count(self, verdict: Verdict) -> int:
        return sum(item.verdict is verdict for item in self.candidates)

    @property
    def calls(self) -> int:
        """How many test calls are made."""
        return sum(bool(item.price.micros) for item in self.new)

    @property
    def price(self) -> Sum:
        """The sum of all test calls."""
        return Sum.of((item.voice.service, item.price) for item in self.new if item.voice)

    @property
    def at_most(self) -> Sum:
        """The sum, should each voice need all of its tries."""
        return Sum.of((item.voice.service, item.at_most) for item in self.new if item.voice)

    @property
    def identities(self) -> tuple[tuple[str, ...], ...]:
        """What the services call the voices that are new."""
        return tuple(item.identity for item in self.new)

    def within(self, shown: AdoptionPlan) -> AdoptionPlan:
        """What of this plan was shown as new. Raises `OrderRefused` if that costs more by now."""
        agreed = {item.identity: item for item in shown.new}
        found = tuple(item for item in self.new if item.identity in agreed)
        for item in found:
            before = agreed[item.identity]
            if item.price > before.price or item.at_most > before.at_most:
                raise OrderRefused(sentence(Reason.PRICES_CHANGED))
        return AdoptionPlan(found)


def plan(
    context: Context, lines: Sequence[Line], default: VoiceType, *, test: bool, cached: bool = False
) -> AdoptionPlan:
    """What would happen to each voice of a list. Writes and sends nothing.

    `default`: the type of a voice whose line does not say it. `test`: make a test call for each
    voice that is kept by use. `cached`: compare with the library as other pages read it within the
    last moments, which is enough to show a plan.
    """
    here, standpoint = _identities(_library(context, cached=cached)), standpoint_of(context)
    seen: dict[tuple[str, ...], int] = {}
    found: list[Candidate] = []
    for line in lines:
        item = _candidate(context, standpoint, line, default, test=test)
        if item.verdict is Verdict.NEW and item.voice_type:
            identity = item.identity
            why = same_in_list(seen[identity]) if identity in seen else ""
            if existing := here.get(identity):
                why = _already_here(existing)
            if why:
                item = replace(item, verdict=Verdict.HERE, why=why, price=NOTHING, voice=existing)
            seen.setdefault(identity, line.number)
        found.append(item)
    return AdoptionPlan(tuple(found))


def plan_file(
    context: Context, data: bytes, line: Line, service: str, *, cached: bool = False
) -> AdoptionPlan:
    """What would happen to one uploaded voice file, as a plan of one candidate."""
    library = _library(context, cached=cached)
    return AdoptionPlan((_file_candidate(context, data, line, service, library),))


def _file_candidate(
    context: Context, data: bytes, line: Line, service: str, library: Sequence[Dossier]
) -> Candidate:
    voice_type = VoiceType(service, FILE_KIND)
    try:
        contents = inspect_embedding(data)
    except BadEmbedding as problem:
        return Candidate(line, Verdict.REFUSED, str(problem), voice_type)
    sha256 = sha256_hex(data)
    for dossier in library:
        copies = dossier.valid_evidence(EvidenceKind.COPY, Role.EMBEDDING)
        if any(copy.sha256 == sha256 for copy in copies):
            why = _already_here(dossier.voice)
            return Candidate(line, Verdict.HERE, why, voice_type, dossier.voice)
    try:
        # What names the line is a file of somebody's, and no address.
        voice = _voice(context, standpoint_of(context), line, voice_type, test=False)
        voice = replace(voice, embedding_url="")
    except (BadDate, OrderRefused) as problem:
        return Candidate(line, Verdict.REFUSED, str(problem), voice_type)
    in_bucket = context.vault(service).name.startswith("s3://")
    why = sentence(Reason.FILE_STORED if in_bucket else Reason.FILE_STORED_ON_DISK)
    return Candidate(line, Verdict.NEW, why, voice_type, voice, data=data, contents=contents)


def adopt(
    context: Context,
    make_plan: Callable[[], AdoptionPlan],
    *,
    speaker: str,
    consent: bool,
    person: Person,
    terms: ConsentTerms = NO_LIMITS,
    report: Callable[[int], None] = lambda _: None,
) -> BulkResult:
    """Adopt the new voices of a plan; one that refuses never stops the rest.

    `make_plan` is called once more under a lease, so that nothing is adopted twice. `consent`:
    whether the person attests it, for all of them together, and `terms` what was agreed to.
    `report` is called after each voice with the number of voices that are done. Raises
    `NotPermitted`, `OrderRefused`, and `DatabaseUnavailable` if nothing could be done.
    """
    person.require(Permission.ADOPT)
    check_reconciled(context)
    speaker = one_line(speaker, MAX_NAME)
    check_consent(
        speaker=speaker,
        agreed=consent,
        person=recorded_as(person),
        who=sentence(Reason.NO_SPEAKER),
        tick=sentence(Reason.NO_CONSENT),
    )
    consenting.check_terms(terms, context.clock.now())
    until = context.clock.now() + STOP_AFTER
    with context.registry.leases.hold(LEASE, new_id(), LEASE_FOR) as mine:
        if not mine:
            raise OrderRefused(sentence(Reason.ADDED_BY_ANOTHER))
        new = make_plan().new
        if not new:
            raise OrderRefused(sentence(Reason.NONE_TO_ADD))
        _check_ceiling(context, new, recorded_as(person))
        sides = {item.is_demo: item.voice.service for item in new if item.voice}
        given = {
            is_demo: consenting.agreed(context, service, speaker, terms, person)
            for is_demo, service in sides.items()
        }
        done: list[str] = []
        refused: list[str] = []
        for number, item in enumerate(new, start=1):
            if context.clock.now() >= until:
                refused.insert(0, took_too_long(len(new) - number + 1))
                break
            try:
                done.append(_adopt(context, item, given[item.is_demo], terms, person, refused))
            except (VaultError, OrderRefused) as problem:
                refused.append(not_added(item.voice.name if item.voice else "", str(problem)))
            except DatabaseUnavailable as problem:
                if not done:
                    raise
                refused.append(not_added(item.voice.name if item.voice else "", str(problem)))
            report(number)
    context.wake()
    return BulkResult(tuple(done), tuple(refused))


def _check_ceiling(context: Context, new: Sequence[Candidate], who: str) -> None:
    """Refuse the adoption unless all its test calls fit into the budgets. Raises `OrderRefused`."""
    standpoint = standpoint_of(context)
    calls = [
        item.price for item in new if item.voice and _is_ceiled(context, standpoint, item.voice)
    ]
    budget = money.budget_for(context, Purpose.TEST_CALL)
    if_over = sentence(Reason.CALLS_OVER_BUDGET)
    with within_budget(who, Priced.TEST_CALLS, if_over=if_over):
        context.registry.budgets.ask(budget, Money.total(calls), context.clock.now(), person=who)


def _is_ceiled(context: Context, standpoint: Standpoint, voice: Voice) -> bool:
    """Whether the budget for test calls limits its test call. The use of a voice that would be lost
    without it counts as keeping.
    """
    if voice.service == DEMO:
        return False
    now = context.now(voice.service)
    return purpose_of_use(Dossier(voice), standpoint.terms(voice), now) is Purpose.TEST_CALL


def _adopt(
    context: Context,
    item: Candidate,
    consent: Consent,
    terms: ConsentTerms,
    person: Person,
    refused: list[str],
) -> str:
    """Adopt one voice and order its test call, if there is to be one; returns the voice's id."""
    assert item.voice is not None  # noqa: S101 - a new one has its voice
    now = context.now(item.voice.service)
    who = recorded_as(person)
    voice = replace(item.voice, created_at=now, owner=who, consent=consent)
    seen: list[Evidence] = []
    if item.data:
        key = content_key(f"voices/{voice.id}/embedding", item.data, "safetensors")
        vault = context.vault(voice.service)
        stored = vault.put_verified(key, item.data, "application/octet-stream")
        seen.append(copy_evidence(voice.id, Role.EMBEDDING, stored, item.contents, now))
    if terms.statement:
        seen.append(statements.store(context, voice.service, voice.id, terms.statement, now))
    context.registry.voices.add(voice, *seen)
    what = deed(Deed.ADDED)
    context.registry.events.add(who, what, voice.id, now, kind=EventKind.ADOPTED)
    if item.price.micros:
        try:
            activation.order_activation(context, Dossier(voice), person=person)
        except OrderRefused as problem:
            refused.append(added_untested(voice.name, str(problem)))
    return voice.id


def _candidate(
    context: Context, standpoint: Standpoint, line: Line, default: VoiceType, *, test: bool
) -> Candidate:
    """What one line would become, apart from what is in the library."""
    if line.fault:
        return Candidate(line, Verdict.REFUSED, line.fault)
    voice_type = detect_type(context, line, default)
    if isinstance(voice_type, str):
        return Candidate(line, Verdict.REFUSED, voice_type)
    if fault := find_fault(context, line.id, voice_type):
        return Candidate(line, Verdict.REFUSED, fault, voice_type)
    try:
        voice = _voice(context, standpoint, line, voice_type, test=test)
    except (BadDate, OrderRefused) as problem:
        return Candidate(line, Verdict.REFUSED, str(problem), voice_type)
    price, at_most, why = _forecast(context, voice, test=test)
    return Candidate(line, Verdict.NEW, why, voice_type, voice, price, at_most)


def _voice(
    context: Context, standpoint: Standpoint, line: Line, voice_type: VoiceType, *, test: bool
) -> Voice:
    """The voice that this line would become. Raises `BadDate` and `OrderRefused`."""
    now = context.now(voice_type.service)
    if len(line.transcript) > MAX_TRANSCRIPT:
        raise OrderRefused(transcript_too_long(MAX_TRANSCRIPT))
    is_address = KINDS[voice_type.kind].is_file
    name = line.name or (
        unnamed(KIND_TITLES[voice_type.kind], line.number) if is_address else line.id
    )
    return Voice(
        id=new_id(),
        name=name[:MAX_NAME],
        kind=voice_type.kind,
        source=Source.ADOPTED,
        service=voice_type.service,
        account=standpoint.account(voice_type.service),
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


def _forecast(context: Context, voice: Voice, *, test: bool) -> tuple[Money, Money, str]:
    """The price of its test call, that of all its tries, and a sentence on what will happen."""
    rule = rule_of(voice)
    if rule.stopped_by != USE:
        if KINDS[voice.kind].is_file:
            return NOTHING, NOTHING, sentence(Reason.FILE_BACKED_UP)
        speaks = bool(speech_models(context, voice.service, voice.kind))
        return NOTHING, NOTHING, sentence(Reason.NO_EXPIRY if speaks else Reason.ONLY_KEPT)
    now = context.now(voice.service)
    deadline = deadline_of(Dossier(voice), rule)
    if test:
        try:
            price = activation.price_of_keeping(context, voice)
        except OrderRefused as problem:
            return NOTHING, NOTHING, str(problem)
        most = price * ACTIVATION_ATTEMPTS if deadline and now < deadline else price
        return price, most, sentence(Reason.TEST_CALL)
    return NOTHING, NOTHING, sentence(_forecast_untested(deadline, now))


def _forecast_untested(deadline: datetime | None, now: datetime) -> Reason:
    if deadline is None:
        return Reason.DEADLINE_UNKNOWN
    return Reason.EXPIRED if deadline <= now else Reason.WILL_EXPIRE


def _library(context: Context, *, cached: bool) -> Sequence[Dossier]:
    library = context.registry.library
    if cached:
        return library.of(context.settings.visible)
    return list(library.dossiers(max_age=0.0).values())


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


def _already_here(voice: Voice) -> str:
    return archived_here(voice.name) if voice.archived_at else already_here(voice.name)
