"""Orders as people follow them: found, counted and summed, whatever they are for.

A long text is one order here; the orders of its parts are not listed, and what they cost is its
cost. The newest come first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    Table,
    and_,
    asc,
    case,
    desc,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from lib.models import OPEN_STATES, ErrorKind, JobKind, JobState, Money, TextState
from lib.registry import schema
from lib.registry.database import Database
from lib.registry.job_queries import COST, LONGEST_WINDOW, amounts
from lib.registry.long_texts import PartsSum, sums_of
from lib.registry.searching import each_name, says, words_of
from lib.services import KINDS

EXCERPT = 300
"""Characters of a text, as far as a list tells it."""
AT_ONCE = 1_000
"""Rows that are in memory together, however many are read."""

Times = Mapping[str, datetime]
"""The services whose orders are meant, each with its time: the demo's runs faster."""


class Standing(StrEnum):
    """Where an order stands, as people ask for it."""

    UNDER_WAY = "under_way"
    TO_DECIDE = "to_decide"
    """It stands still, and a person has ways on: its outcome is not known, it was not sent in
    time, or what it paid for and did not get may be there all the same.
    """
    UNKNOWN = "unknown"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class WantedOrders:
    """Which orders are wanted; a field that is empty lets all through.

    `standings`: all of them hold. `since` and `before`: the first moment at which it was ordered,
    and the first one that is too late. `search`: words that all occur in the name of its voice, in
    what is to be spoken, or in one of its numbers.
    """

    kinds: Collection[JobKind] = ()
    people: Collection[str] = ()
    standings: Collection[Standing] = ()
    since: datetime | None = None
    before: datetime | None = None
    search: str = ""


@dataclass(frozen=True)
class OrderRow:
    """One order as a list tells it.

    `voice`: the name of its voice, "" where that is gone or there is none. `text`: the beginning
    of what is to be spoken. `parts`: of a long text; 0 for anything else. `uses`: how many old uses
    of a voice it sums up, as that was noted. `cost`: what was charged and not refunded, with
    what is still to be charged as far as is known.
    """

    id: str
    kind: JobKind
    service: str
    voice_id: str
    voice: str
    person: str
    state: JobState
    created_at: datetime
    send_before: datetime | None
    submitted_at: datetime | None
    finished_at: datetime | None
    cost: Money
    charged: Money
    refunded: Money
    parts: int
    text: str
    run_id: str
    request_id: str
    uses: str

    def is_expired(self, now: datetime) -> bool:
        """The same as `Job.is_expired`."""
        is_late = self.send_before is not None and self.send_before <= now
        return is_late and self.state is JobState.CONFIRMED


@dataclass(frozen=True)
class Totals:
    """How many orders of one service there are, and their money.

    `reserved`: what those that are not charged yet will cost, as far as they will be sent.
    `unclear`: what may have been charged for those whose outcome nobody knows.
    """

    count: int = 0
    charged: Money = field(default_factory=Money)
    refunded: Money = field(default_factory=Money)
    reserved: Money = field(default_factory=Money)
    unclear: Money = field(default_factory=Money)


class Orders:
    """Reads orders, and changes nothing. `times`: the services whose orders are meant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, times: Times, wanted: WantedOrders, *, limit: int) -> list[OrderRow]:
        """The newest of these orders, newest first."""
        return list(self.each(times, wanted, limit=limit))

    def each(self, times: Times, wanted: WantedOrders, *, limit: int) -> Iterator[OrderRow]:
        """The same one by one, so that not all of them are in memory together."""
        # Which ones these are is known by index; all else is looked up for them alone.
        both = union_all(
            _newest(schema.jobs, _is_job(times, wanted), limit),
            _newest(schema.long_texts, _is_text(times, wanted), limit),
        )
        newest = both.order_by(desc("created_at"), "id").limit(limit).cte("newest")
        jobs = _rows_of_jobs(times).join(newest, newest.c.id == schema.jobs.c.id)
        texts = _rows_of_texts().join(newest, newest.c.id == schema.long_texts.c.id)
        whole = union_all(jobs, texts).order_by(desc("created_at"), "id")
        with self._database.read() as connection:
            found = connection.execute(whole, execution_options={"yield_per": AT_ONCE})
            for some in found.partitions():
                yield from _rows(connection, some)

    def count(self, times: Times, wanted: WantedOrders) -> int:
        """How many orders these are."""
        numbers = (
            select(func.count()).select_from(table).where(*conditions).scalar_subquery()
            for table, conditions in (
                (schema.jobs, _is_job(times, wanted)),
                (schema.long_texts, _is_text(times, wanted)),
            )
        )
        with self._database.read() as connection:
            return sum(connection.execute(select(*numbers)).one())

    def totals(self, times: Times, wanted: WantedOrders) -> dict[str, Totals]:
        """What these orders are together, by service."""
        jobs, texts = schema.jobs.c, schema.long_texts.c
        are_texts = _is_text(times, wanted)
        whole = and_(*_is_job(times, wanted))
        of_texts = jobs.long_text_id.in_(select(texts.id).where(*are_texts))
        sums = map(func.sum, amounts(is_expired(times)))
        paid = select(
            jobs.service,
            func.count(case((jobs.long_text_id == "", 1))),
            *map(_micros, sums),
        )
        counted = select(texts.service, func.count()).where(*are_texts).group_by(texts.service)
        with self._database.read() as connection:
            rows = connection.execute(paid.where(or_(whole, of_texts)).group_by(jobs.service)).all()
            long_ones = connection.execute(counted).all()
        found = {
            service: Totals(number, *(Money(int(amount or 0)) for amount in known))
            for service, number, *known in rows
        }
        for service, number in long_ones:
            known = found.get(service, Totals())
            found[service] = replace(known, count=known.count + number)
        return found

    def people(self, times: Times, limit: int) -> list[str]:
        """Whoever ordered something, by name."""
        names: set[str] = set()
        with self._database.read() as connection:
            for table in (schema.jobs, schema.long_texts):
                is_meant = table.c.service.in_(list(times))
                names.update(connection.scalars(each_name(table.c.person, is_meant).limit(limit)))
        return sorted(names)[:limit]

    def span(self, times: Times) -> tuple[datetime, datetime] | None:
        """When the first and the last order was made; None where there is none."""
        ends = (
            _end(table, times, order)
            for order in (asc, desc)
            for table in (schema.jobs, schema.long_texts)
        )
        with self._database.read() as connection:
            *firsts, last, last_text = connection.execute(select(*ends)).one()
        first = min(filter(None, firsts), default=None)
        last = max(filter(None, (last, last_text)), default=None)
        return (first, last) if first and last else None


def _newest(table: Table, conditions: list[ColumnElement[bool]], limit: int) -> Select[Any]:
    """Ids and times of the newest of one table."""
    names = (table.c.id.label("id"), table.c.created_at.label("created_at"))
    newest = select(*names).where(*conditions).order_by(table.c.created_at.desc(), table.c.id)
    return select(newest.limit(limit).subquery())


def _end(
    table: Table, times: Times, order: Callable[[ColumnElement[Any]], ColumnElement[Any]]
) -> ScalarSelect[Any]:
    """When the first order in this order was made."""
    moment = select(table.c.created_at).where(table.c.service.in_(list(times)))
    return moment.order_by(order(table.c.created_at)).limit(1).scalar_subquery()


# Both tables in the same columns


def _rows_of_jobs(times: Times) -> Select[Any]:
    jobs, voices = schema.jobs, schema.voices
    is_charged = jobs.c.charged.is_not(None)
    return select(
        jobs.c.id.label("id"),  # SQLite sorts by names that are given
        jobs.c.kind,
        jobs.c.service,
        jobs.c.voice_id,
        func.coalesce(voices.c.name, "").label("voice"),
        jobs.c.person,
        jobs.c.state,
        jobs.c.created_at.label("created_at"),
        jobs.c.send_before,
        jobs.c.submitted_at,
        jobs.c.finished_at,
        _micros(case((is_expired(times), 0), else_=COST)).label("cost"),
        _micros(jobs.c.charged).label("charged"),
        _micros(case((is_charged, jobs.c.refunded))).label("refunded"),
        literal(0).label("parts"),
        func.substr(_said(jobs.c.request["text"]), 1, EXCERPT).label("text"),
        _said(jobs.c.ticket["run_id"]).label("run_id"),
        jobs.c.request_id,
        _said(jobs.c.request["summed"]).label("uses"),
    ).outerjoin_from(jobs, voices, voices.c.id == jobs.c.voice_id)


def _rows_of_texts() -> Select[Any]:
    texts, voices = schema.long_texts, schema.voices
    return select(
        texts.c.id,
        literal(JobKind.SPEECH, schema.jobs.c.kind.type),
        texts.c.service,
        texts.c.voice_id,
        func.coalesce(voices.c.name, ""),
        texts.c.person,
        texts.c.state,
        texts.c.created_at,
        null(),
        null(),
        texts.c.finished_at,
        literal(0),
        literal(0),
        literal(0),
        texts.c.parts,
        func.substr(texts.c.text, 1, EXCERPT),
        literal(""),
        literal(""),
        literal(""),
    ).outerjoin_from(texts, voices, voices.c.id == texts.c.voice_id)


def _rows(connection: Connection, some: Sequence[Row[Any]]) -> list[OrderRow]:
    """The rows of a portion; long texts with what their parts cost together."""
    sums = sums_of(connection, [row.id for row in some if row.parts])
    return [_row(row, sums.get(row.id)) for row in some]


def _row(found: Row[Any], parts: PartsSum | None) -> OrderRow:
    fields = found._asdict()
    if parts is None:
        fields |= {name: Money(fields[name] or 0) for name in ("cost", "charged", "refunded")}
    else:
        fields |= {"cost": parts.cost, "charged": parts.charged, "refunded": parts.refunded}
    # JSON of strangers: SQLite gives numbers where they are some.
    fields |= {name: str(fields[name]) for name in ("text", "run_id", "uses")}
    return OrderRow(**fields)


def _micros(amount: ColumnElement[Any]) -> ColumnElement[int]:
    return type_coerce(amount, BigInteger)


def _said(value: ColumnElement[Any]) -> ColumnElement[str]:
    """A text within JSON; "" where there is none."""
    return func.coalesce(value.as_string(), "")


# What is wanted, as conditions


def _is_job(times: Times, wanted: WantedOrders) -> list[ColumnElement[bool]]:
    jobs = schema.jobs.c
    # Not by the index of long texts, in which most orders are alike: by that of times or states.
    conditions = [func.length(jobs.long_text_id) == 0, *_is_of(schema.jobs, times, wanted)]
    if wanted.kinds:
        conditions.append(jobs.kind.in_(wanted.kinds))
    stand = {
        Standing.UNDER_WAY: lambda: and_(jobs.state.in_(OPEN_STATES), ~is_expired(times)),
        Standing.TO_DECIDE: lambda: _is_to_decide(times),
        Standing.UNKNOWN: lambda: jobs.state == JobState.UNKNOWN,
        Standing.DONE: lambda: jobs.state == JobState.DONE,
        Standing.FAILED: lambda: jobs.state == JobState.FAILED,
    }
    conditions += [stand[standing]() for standing in wanted.standings]
    for word in words_of(wanted.search):
        said = and_(jobs.kind == JobKind.SPEECH, says(_said(jobs.request["text"]), word))
        conditions.append(or_(_is_voice(jobs.voice_id, word), _has_number(word), said))
    return conditions


def _is_text(times: Times, wanted: WantedOrders) -> list[ColumnElement[bool]]:
    texts, parts = schema.long_texts.c, schema.jobs.c
    conditions = _is_of(schema.long_texts, times, wanted)
    if wanted.kinds and JobKind.SPEECH not in wanted.kinds:
        conditions.append(false())
    is_failed = texts.state == TextState.FAILED
    stand = {
        Standing.UNDER_WAY: texts.state == TextState.WAITING,
        Standing.TO_DECIDE: and_(is_failed, texts.text != "", _is_recent(schema.long_texts, times)),
        Standing.UNKNOWN: false(),
        Standing.DONE: texts.state == TextState.DONE,
        Standing.FAILED: is_failed,
    }
    conditions += [stand[standing] for standing in wanted.standings]
    for word in words_of(wanted.search):
        of_part = select(parts.long_text_id).where(parts.long_text_id != "", _has_number(word))
        has_number = or_(texts.id.contains(word.lower(), autoescape=True), texts.id.in_(of_part))
        conditions.append(or_(_is_voice(texts.voice_id, word), has_number, says(texts.text, word)))
    return conditions


def _is_of(table: Table, times: Times, wanted: WantedOrders) -> list[ColumnElement[bool]]:
    """What is asked of either table alike."""
    conditions: list[ColumnElement[bool]] = [table.c.service.in_(list(times))]
    if wanted.people:
        conditions.append(table.c.person.in_(wanted.people))
    if wanted.since:
        conditions.append(table.c.created_at >= wanted.since)
    if wanted.before:
        conditions.append(table.c.created_at < wanted.before)
    return conditions


def _is_voice(voice_id: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Whether this word occurs in the name of the voice."""
    voices = schema.voices.alias().c
    return voice_id.in_(select(voices.id).where(says(voices.name, word)))


def _has_number(word: str) -> ColumnElement[bool]:
    """Whether this occurs in one of the numbers by which an order is known, here or elsewhere."""
    jobs = schema.jobs.c
    numbers = (jobs.id, jobs.request_id, _said(jobs.ticket["run_id"]))
    return or_(*(func.lower(number).contains(word.lower(), autoescape=True) for number in numbers))


def is_expired(times: Times) -> ColumnElement[bool]:
    """The same as `Job.is_expired`; never NULL, so that it can be turned around."""
    jobs = schema.jobs.c
    is_late = (and_(jobs.service == name, jobs.send_before <= now) for name, now in times.items())
    return and_(
        jobs.state == JobState.CONFIRMED, jobs.send_before.is_not(None), or_(false(), *is_late)
    )


def _is_to_decide(times: Times) -> ColumnElement[bool]:
    """An order that stands still, with ways on; a use of a voice is tried again by itself.

    A clone that failed after it was charged may have made its voice all the same: until that has
    been tried, or the voice's time is over.
    """
    jobs, voices, later = schema.jobs, schema.voices.alias(), schema.jobs.alias()
    its_voice = exists().where(
        voices.c.id == jobs.c.voice_id,
        voices.c.id_made_here,
        voices.c.kind.in_([kind for kind, facts in KINDS.items() if not facts.is_file]),
        voices.c.provider_voice_id == _said(jobs.c.request["voice_id"]),
    )
    was_tried = exists().where(
        later.c.voice_id == jobs.c.voice_id,
        later.c.kind == JobKind.ACTIVATION,
        later.c.created_at >= jobs.c.finished_at,
    )
    may_be_there = and_(
        jobs.c.state == JobState.FAILED,
        jobs.c.kind == JobKind.CLONE,
        jobs.c.error_kind != ErrorKind.UNKNOWN_OUTCOME,
        _micros(COST) > 0,
        _is_recent(jobs, times),
        its_voice,
        ~was_tried,
    )
    stands_still = or_(jobs.c.state == JobState.UNKNOWN, is_expired(times), may_be_there)
    states = (JobState.CONFIRMED, JobState.UNKNOWN, JobState.FAILED)  # known by index
    return and_(jobs.c.state.in_(states), jobs.c.kind != JobKind.ACTIVATION, stands_still)


def _is_recent(table: Table, times: Times) -> ColumnElement[bool]:
    """Ended so lately that what it brought may still be there."""
    ended = (
        and_(table.c.service == name, table.c.finished_at >= now - LONGEST_WINDOW)
        for name, now in times.items()
    )
    return or_(false(), *ended)
