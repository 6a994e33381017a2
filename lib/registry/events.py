"""Who did what: people's deeds, for the story of a voice and for the record of the library."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from lib.event_kinds import EventKind
from lib.models import Money
from lib.registry import schema
from lib.registry.database import Database, in_portions
from lib.registry.job_queries import COST
from lib.registry.schema import columns_of, records_of
from lib.registry.searching import each_name, says, words_of


@dataclass(frozen=True)
class Line:
    """One line: when, who, and what in plain words; `uid` is its name in every database."""

    uid: str
    at: datetime
    person: str = ""
    what: str = ""
    voice_id: str = ""
    job_id: str = ""
    kind: EventKind = EventKind.OTHER


@dataclass(frozen=True)
class DeedSum:
    """How often something was done with a voice, and when last."""

    kind: EventKind
    count: int
    last_at: datetime


@dataclass(frozen=True)
class Deed:
    """A line with the name and the service of its voice, as far as that is here; of an order that
    is about no voice, with the service of the order.

    `amount`: what was ordered by it costs, as far as is known; None where nothing was.
    """

    line: Line
    voice: str = ""
    service: str = ""
    amount: Money | None = None


@dataclass(frozen=True)
class Wanted:
    """Which lines of what people did are wanted; a field that is empty lets all through.

    `voice`: words that all occur in the name of the line's voice. `since` and `before`: the first
    moment, and the first one that is too late. `without`: the service whose voices and orders are
    left out.
    """

    people: Collection[str] = ()
    kinds: Collection[EventKind] = ()
    voice: str = ""
    since: datetime | None = None
    before: datetime | None = None
    without: str = ""


_WHOLE = tuple(schema.events.c[field.name] for field in fields(Line))


class Events:
    """Lines are added and read, never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        person: str,
        what: str,
        voice_id: str,
        at: datetime,
        *,
        kind: EventKind,
        job_id: str = "",
    ) -> None:
        """Note that `person` did `what`, in plain words, with this voice, or with this order."""
        values = {"at": at, "person": person, "what": what, "kind": kind}
        values |= {"voice_id": voice_id, "job_id": job_id}
        with self._database.write() as connection:
            connection.execute(insert(schema.events).values(values))

    def add_lines(self, lines: Sequence[Line], *, saved_in: str = "") -> None:
        """Note lines that have a name already; those that are here stay as they are. `saved_in`:
        the object in the vault that tells of them, if one does.
        """
        add = self._database.insert(schema.events).on_conflict_do_nothing()
        with self._database.write() as connection:
            for line in lines:
                connection.execute(add.values(columns_of(line) | {"saved_in": saved_in}))

    # Reading

    def of_voice(self, voice_id: str, *, limit: int | None = None) -> list[Line]:
        """What people did with a voice, newest first; its orders tell their own story."""
        table = schema.events
        chosen = select(*_WHOLE).where(*_is_about(voice_id))
        chosen = chosen.order_by(table.c.at.desc(), table.c.id.desc())
        with self._database.read() as connection:
            return records_of(Line, connection, chosen.limit(limit))

    def sums_of_voice(self, voice_id: str) -> list[DeedSum]:
        """How often what was done, of all that `of_voice` goes through; the most frequent first."""
        table = schema.events.c
        often = func.count().label("often")
        chosen = select(table.kind, often, func.max(table.at)).where(*_is_about(voice_id))
        chosen = chosen.group_by(table.kind).order_by(often.desc(), table.kind)
        with self._database.read() as connection:
            return [DeedSum(*row) for row in connection.execute(chosen)]

    def find(self, wanted: Wanted, *, limit: int) -> list[Deed]:
        """What people did, newest first, with sign-ins that were refused; without what the app did
        by itself.
        """
        deeds = self._find(wanted, limit)
        ordered = {deed.line.job_id for deed in deeds if deed.line.kind is EventKind.ORDERED}
        amounts = self.amounts(ordered)
        return [
            replace(deed, amount=amounts.get(deed.line.job_id))
            if deed.line.kind is EventKind.ORDERED
            else deed
            for deed in deeds
        ]

    def _find(self, wanted: Wanted, limit: int) -> list[Deed]:
        table, voices, jobs = schema.events, schema.voices, schema.jobs
        service_of = func.coalesce(voices.c.service, jobs.c.service)
        whole = select(*_WHOLE, voices.c.name, service_of)
        whole = whole.outerjoin_from(table, voices, voices.c.id == table.c.voice_id)
        is_voiceless = and_(jobs.c.id == table.c.job_id, jobs.c.voice_id == "")
        whole = whole.outerjoin(jobs, is_voiceless)
        chosen = whole.where(*_is(wanted)).order_by(table.c.at.desc(), table.c.id.desc())
        with self._database.read() as connection:
            rows = connection.execute(chosen.limit(limit)).all()
        return [Deed(Line(*line), name or "", service or "") for *line, name, service in rows]

    def count(self, wanted: Wanted, *, most: int) -> int:
        """How many lines `find` goes through; counted up to `most`."""
        counted = select(schema.events.c.id).where(*_is(wanted)).limit(most).subquery()
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(counted)) or 0

    def people(self, limit: int) -> list[str]:
        """Whoever did something, by name."""
        with self._database.read() as connection:
            return list(connection.scalars(each_name(schema.events.c.person).limit(limit)))

    def amounts(self, order_ids: Collection[str]) -> Mapping[str, Money]:
        """What these orders cost as far as is known; a long text, all its parts."""
        jobs = schema.jobs
        found: dict[str, Money] = {}
        with self._database.read() as connection:
            for some in in_portions(sorted(order_ids)):
                for name in (jobs.c.id, jobs.c.long_text_id):
                    sums = select(name, type_coerce(func.sum(COST), BigInteger))
                    rows = connection.execute(sums.where(name.in_(some)).group_by(name))
                    found |= {order_id: Money(int(micros)) for order_id, micros in rows}
        return found

    # The vault's

    def unsaved(self, limit: int, *, without: str) -> list[Line]:
        """At most `limit` lines that the vault does not tell of, oldest first; those that are about
        voices or orders of the service `without` are left out.
        """
        table = schema.events
        chosen = select(*_WHOLE).where(table.c.saved_in == "", _is_of_others(without))
        with self._database.read() as connection:
            return records_of(Line, connection, chosen.order_by(table.c.id).limit(limit))

    def told_in(self, name: str) -> list[Line]:
        """The lines that this object of the vault tells of, oldest first."""
        table = schema.events
        chosen = select(*_WHOLE).where(table.c.saved_in == name).order_by(table.c.id)
        with self._database.read() as connection:
            return records_of(Line, connection, chosen)

    def saved(self, lines: Sequence[Line], name: str) -> None:
        """The object of this name in the vault tells of these lines from now on."""
        table = schema.events
        with self._database.write() as connection:
            for some in in_portions([line.uid for line in lines]):
                connection.execute(update(table).where(table.c.uid.in_(some)).values(saved_in=name))

    def unsave(self) -> None:
        """Every line is due to be told to the vault again."""
        with self._database.write() as connection:
            connection.execute(update(schema.events).values(saved_in=""))


def _is_about(voice_id: str) -> tuple[ColumnElement[bool], ...]:
    """A line about a voice and not about one of its orders."""
    return schema.events.c.voice_id == voice_id, schema.events.c.job_id == ""


def _is(wanted: Wanted) -> list[ColumnElement[bool]]:
    table, voices = schema.events.c, schema.voices.c
    conditions = [or_(table.person != "", table.kind == EventKind.REFUSED)]
    if wanted.people:
        conditions = [table.person.in_(wanted.people)]
    if wanted.kinds:
        conditions.append(table.kind.in_(wanted.kinds))
    if words := words_of(wanted.voice):
        named = (says(voices.name, word) for word in words)
        conditions.append(table.voice_id.in_(select(voices.id).where(*named)))
    if wanted.since:
        conditions.append(table.at >= wanted.since)
    if wanted.before:
        conditions.append(table.at < wanted.before)
    if wanted.without:
        conditions.append(_is_of_others(wanted.without))
    return conditions


def _is_of_others(service: str) -> ColumnElement[bool]:
    """A line that is not about a voice of this service, nor about an order there without one."""
    table, voices, jobs = schema.events.c, schema.voices.c, schema.jobs.c
    is_voiceless = and_(jobs.voice_id == "", jobs.service == service)
    return and_(
        table.voice_id.not_in(select(voices.id).where(voices.service == service)),
        table.job_id.not_in(select(jobs.id).where(is_voiceless)),
    )
