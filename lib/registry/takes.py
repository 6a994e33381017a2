"""Takes: speech that was generated and kept, with the jobs and the long texts that made them.

Transcripts lie beside them: each is an order that has a story of its own, and no sound.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Unpack

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from lib.event_kinds import EventKind
from lib.json_reading import JsonObject
from lib.manifest import BadManifest, TakeStory
from lib.models import OWN_STORY, Heard, Job, JobKind, JobState, LongText, Source, Take, TextState
from lib.registry import schema, scripts
from lib.registry.changes import TakeChanges
from lib.registry.database import Database, in_portions
from lib.registry.manifests import Manifests
from lib.registry.schema import columns_of, first_of, records_of
from lib.registry.searching import each_name, says, words_of
from lib.registry.voices import bump, fits, settled
from lib.registry.wording import Deed, Reason, deed, sentence

_IS_SPEECH = schema.jobs.c.kind == JobKind.SPEECH
_ORDERS: tuple[tuple[Table, ColumnElement[bool]], ...] = (
    (schema.long_texts, true()),
    (schema.jobs, schema.jobs.c.kind.in_(OWN_STORY)),
)
"""Where the orders of takes are told of: a take has the id of a speech job or of a long text."""
_COUNTED = ("model", "settings")
"""What of an order tells of its price."""


@dataclass(frozen=True)
class WantedTakes:
    """What somebody looks for: "" and False let everything through.

    `search`: words that all occur in the text, in the name of the take or in that of its voice.
    `script_id`: takes of lines of this script.
    """

    search: str = ""
    voice_id: str = ""
    script_id: str = ""
    favourites: bool = False


ALL_TAKES = WantedTakes()


class Takes(Manifests):
    """Finds takes and commits what changes about them."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, *_ORDERS)

    def get(self, take_id: str) -> Take | None:
        """The take with this id, which is that of its order, or None."""
        found = self._find(schema.takes.c.id == take_id, limit=1)
        return found[0] if found else None

    def latest(
        self, wanted: WantedTakes = ALL_TAKES, *, services: Collection[str], limit: int,
        skip: int = 0,
    ) -> list[Take]:  # fmt: skip
        """The newest takes of voices of these services, newest first, without the parts of long
        texts.
        """
        return self._find(*_shown(services, wanted), limit=limit, skip=skip)

    def some(self, ids: Collection[str], *, services: Collection[str]) -> list[Take]:
        """Those of these takes that are there, of voices of these services; the newest first."""
        return self._find(*_shown(services, ALL_TAKES), schema.takes.c.id.in_(ids), limit=len(ids))

    def count(
        self, wanted: WantedTakes = ALL_TAKES, *, services: Collection[str], most: int
    ) -> int:
        """How many takes `latest` goes through; counted up to `most`."""
        with self._database.read() as connection:
            return _count(connection, _shown(services, wanted), most)

    def survey(
        self, wanted: WantedTakes, *, services: Collection[str], most: int, most_voices: int
    ) -> tuple[int, list[str]]:
        """The same, and the ids of `most_voices` voices that have takes, whatever is wanted."""
        takes, voices = schema.takes.c, schema.voices.c
        its_voice = select(func.count()).where(
            voices.id == takes.voice_id, voices.service.in_(services)
        )
        # Counted: PostgreSQL would join all takes to say "some".
        is_of_services = its_voice.correlate(schema.takes).scalar_subquery() > 0
        speaking = each_name(takes.voice_id, is_of_services).limit(most_voices)
        with self._database.read() as connection:
            found = _count(connection, _shown(services, wanted), most)
            return found, list(connection.scalars(speaking))

    def change(self, take_id: str, **changes: Unpack[TakeChanges]) -> bool:
        """Change what people say about a take; its manifest becomes due. False where it is gone."""
        takes = schema.takes
        with self._database.write() as connection:
            its = update(takes).where(takes.c.id == take_id)
            is_there = bool(connection.execute(its.values(**changes)).rowcount)
            if is_there:
                _bump(connection, [take_id])
        return is_there

    def newest_of(self, voice_ids: Collection[str], *, vaults: Collection[str]) -> list[Take]:
        """Of each of these voices the newest take whose sound lies in one of these vaults, if it
        has one; without the parts of long texts.
        """
        takes = schema.takes.c
        age = func.row_number().over(
            partition_by=takes.voice_id, order_by=(takes.created_at.desc(), takes.id)
        )
        heard = takes.voice_id.in_(voice_ids), takes.vault.in_(vaults), takes.key != ""
        ranked = select(takes.id, age.label("age")).where(*heard, _stands_alone())
        newest = ranked.subquery()
        return self._find(
            takes.id.in_(select(newest.c.id).where(newest.c.age == 1)), limit=len(voice_ids)
        )

    def spoken_with(self, person: str, *, among: int) -> list[str]:
        """The ids of the voices that this person ordered speech with, the last one first; of the
        newest `among` orders of all people.
        """
        jobs = schema.jobs.c
        columns = (jobs.voice_id, jobs.person, jobs.kind, jobs.created_at)
        newest = select(*columns).order_by(jobs.created_at.desc()).limit(among).subquery().c
        theirs = select(newest.voice_id).where(
            newest.person == person, newest.kind == JobKind.SPEECH
        )
        last_first = func.max(newest.created_at).desc()
        chosen = theirs.group_by(newest.voice_id).order_by(last_first, newest.voice_id)
        with self._database.read() as connection:
            return list(connection.scalars(chosen))

    def same(self, *, voice_id: str, text: str, model: str, settings: JsonObject) -> Take | None:
        """The newest take of exactly this whose sound is here, so that nobody pays for it again."""
        table = schema.takes.c
        of_text = (table.voice_id == voice_id, table.model == model, table.text == text)
        found = self._find(*of_text, table.key != "", limit=50)
        return next((take for take in found if take.settings == settings), None)

    def story(self, order_id: str) -> TakeStory | None:
        """A speech job or a long text, and the take it brought, if it did; or a transcript."""
        with self._database.read() as connection:
            order = _order(connection, order_id)
            chosen = select(schema.takes).where(schema.takes.c.id == order_id)
            take = first_of(Take, connection, chosen)
            line = scripts.line_of(connection, order_id)
        if order is None or (isinstance(order, Job) and order.kind not in OWN_STORY):
            return None
        return TakeStory(order, take, line)

    def elsewhere(self, vault: str, *, without: str, limit: int) -> list[Take]:
        """Takes whose sound lies in another vault, those of one service left out.

        In any order, so that some that cannot be had never keep out the others.
        """
        chosen = select(schema.takes).where(*_elsewhere(vault, without))
        with self._database.read() as connection:
            return records_of(Take, connection, chosen.order_by(func.random()).limit(limit))

    def leave_behind(self, vault: str, *, without: str) -> int:
        """The sounds of takes in other vaults are given up; returns how many."""
        takes = schema.takes
        with self._database.write() as connection:
            chosen = select(takes.c.id).where(*_elsewhere(vault, without))
            ids = list(connection.scalars(chosen))
            for some in in_portions(ids):
                connection.execute(update(takes).where(takes.c.id.in_(some)).values(key=""))
                _bump(connection, some)
        return len(ids)

    def count_elsewhere(self, vault: str, *, without: str) -> int:
        """How many takes lie in another vault, those of one service left out."""
        chosen = select(func.count()).select_from(schema.takes)
        with self._database.read() as connection:
            return connection.scalar(chosen.where(*_elsewhere(vault, without))) or 0

    def moved(self, take_id: str, vault: str) -> None:
        """The sound lies in that vault now, under the same key; its manifest becomes due."""
        takes = schema.takes
        with self._database.write() as connection:
            connection.execute(update(takes).where(takes.c.id == take_id).values(vault=vault))
            _bump(connection, [take_id])

    def count_of(self, voice_id: str) -> int:
        """How many sounds were spoken with this voice and are kept, parts of long texts too."""
        takes = schema.takes.c
        chosen = select(func.count()).select_from(schema.takes).where(takes.voice_id == voice_id)
        with self._database.read() as connection:
            return connection.scalar(chosen) or 0

    def orders_of(self, voice_id: str) -> list[str]:
        """The orders of what was spoken with this voice, or is to be: what has a text or a sound.

        Long texts come first; their parts are not among them, unless the text is gone.
        """
        jobs, texts, takes = schema.jobs.c, schema.long_texts.c, schema.takes.c
        whole = select(texts.id).where(texts.voice_id == voice_id, texts.text != "")
        kept = select(takes.id).where(takes.voice_id == voice_id)
        is_told = or_(jobs.id.in_(kept), jobs.request["text"].as_string().is_not(None))
        single = select(jobs.id).where(
            jobs.voice_id == voice_id, _IS_SPEECH, is_told, jobs.long_text_id.not_in(whole)
        )
        with self._database.read() as connection:
            return [*connection.scalars(whole), *connection.scalars(single)]

    def forgotten_of(self, voice_id: str) -> list[str]:
        """The orders of takes of this voice that were deleted."""
        jobs, texts = schema.jobs.c, schema.long_texts.c
        whole = select(texts.id).where(texts.voice_id == voice_id, texts.text == "")
        single = select(jobs.id).where(jobs.voice_id == voice_id, _IS_SPEECH)
        with self._database.read() as connection:
            return [*connection.scalars(whole), *connection.scalars(single)]

    def strip(self, voice_id: str) -> None:
        """Of what was spoken with this voice and deleted, forget by which id a service knows the
        voice as well. Their stories become due.
        """
        jobs = schema.jobs
        chosen = select(jobs.c.id, jobs.c.request).where(jobs.c.voice_id == voice_id, _IS_SPEECH)
        with self._database.write() as connection:
            for row in connection.execute(chosen).all():
                kept = {name: row.request[name] for name in _COUNTED if name in row.request}
                if kept != row.request:
                    its = update(jobs).where(jobs.c.id == row.id)
                    again = {"request": kept, "revision": jobs.c.revision + 1}
                    connection.execute(its.values(**again))

    def forget(self, ids: Collection[str], *, person: str, now: datetime) -> bool:
        """Delete takes of these orders, with their texts; what was paid stays in your spending.

        Evidence of a use stays as well, without its sound. Their stories become due: the vault
        learns of it then. False, and nothing is deleted, where one of the orders is not over.
        """
        jobs, texts, seen = schema.jobs, schema.long_texts, schema.evidence
        with self._database.write() as connection:
            found = _with_sounds(connection, jobs, ids, _IS_SPEECH)
            long_texts = _with_sounds(connection, texts, ids)
            over = (JobState.DONE, JobState.FAILED, TextState.DONE, TextState.FAILED)
            if any(row.state not in over for row in (*found, *long_texts)):
                return False
            for row in found:
                asked = {name: value for name, value in row.request.items() if name != "text"}
                place = {"vault": row.place or "", "key": row.sound or ""}
                connection.execute(
                    update(jobs)
                    .where(jobs.c.id == row.id)
                    .values(
                        request=asked,
                        result={"deleted": place},
                        revision=jobs.c.revision + 1,
                    )
                )
                of_it = update(seen).where(seen.c.job_id == row.id)
                uses = connection.execute(of_it.values(summary=""))
                # The sample of a voice that cannot be made again lies elsewhere, and stays.
                connection.execute(
                    of_it.where(seen.c.key == (row.sound or "")).values(
                        vault="", key="", read_back_at=None
                    )
                )
                if uses.rowcount:
                    _withdraw_unheard(connection, row.id, row.voice_id, now)
                    bump(connection, row.voice_id)
            for row in long_texts:
                place = {"vault": row.place or "", "key": row.sound or ""}
                gone = {"text": "", "deleted": place, "revision": texts.c.revision + 1}
                connection.execute(update(texts).where(texts.c.id == row.id).values(**gone))
            deleted = [*long_texts, *found]
            gone_ids = [row.id for row in deleted]
            connection.execute(delete(schema.takes).where(schema.takes.c.id.in_(gone_ids)))
            scripts.unlink(connection, gone_ids)
            for row in deleted[:1]:
                event = {"at": now, "person": person, "what": deed(Deed.TAKE_DELETED)}
                event |= {"job_id": row.id, "voice_id": row.voice_id, "kind": EventKind.DELETED}
                connection.execute(insert(schema.events).values(event))
        return True

    def absorb(self, story: TakeStory) -> bool:
        """Take a story from a manifest, if it is newer than ours; True if it was taken.

        Raises `BadManifest`.
        """
        order = settled(story.order) if isinstance(story.order, Job) else story.order
        home = schema.long_texts if isinstance(order, LongText) else schema.jobs
        with fits(), self._database.write() as connection:
            ours = _order(connection, order.id)
            if ours and not are_same(ours, order):
                raise BadManifest(sentence(Reason.OTHER_ORDER))
            if ours and ours.revision >= order.revision:
                return False
            connection.execute(delete(home).where(home.c.id == order.id))
            connection.execute(delete(schema.takes).where(schema.takes.c.id == order.id))
            row = columns_of(order) | {"saved_revision": order.revision}
            connection.execute(insert(home).values(row))
            scripts.unlink(connection, [order.id])
            if story.take:
                connection.execute(insert(schema.takes).values(columns_of(story.take)))
            if story.line:
                connection.execute(insert(schema.script_orders).values(columns_of(story.line)))
        return True

    def _find(self, *conditions: ColumnElement[bool], limit: int, skip: int = 0) -> list[Take]:
        chosen = (
            select(schema.takes)
            .where(*conditions)
            .order_by(schema.takes.c.created_at.desc(), schema.takes.c.id)
            .limit(limit)
            .offset(skip)
        )
        with self._database.read() as connection:
            return records_of(Take, connection, chosen)


def _shown(services: Collection[str], wanted: WantedTakes) -> tuple[ColumnElement[bool], ...]:
    """Takes that stand for themselves; a part of a long text is shown with that."""
    takes, voices = schema.takes, schema.voices
    conditions = [
        or_(
            says(takes.c.text, word),
            says(takes.c.name, word),
            takes.c.voice_id.in_(select(voices.c.id).where(says(voices.c.name, word))),
        )
        for word in words_of(wanted.search)
    ]
    if wanted.voice_id:
        conditions.append(takes.c.voice_id == wanted.voice_id)
    if wanted.script_id:
        conditions.append(takes.c.id.in_(scripts.orders_of(wanted.script_id)))
    if wanted.favourites:
        conditions.append(schema.IS_FAVOURITE)
    return (_is_of(services), _stands_alone(), *conditions)


def _count(connection: Connection, shown: Sequence[ColumnElement[bool]], most: int) -> int:
    takes = schema.takes.c
    newest = select(takes.id).where(*shown).order_by(takes.created_at.desc())
    counted = newest.limit(most).subquery()  # along the index, as the page itself
    return connection.scalar(select(func.count()).select_from(counted)) or 0


def _is_of(services: Collection[str]) -> ColumnElement[bool]:
    """Asked of one take after the other, so that a page of them is found by its time alone."""
    voices = schema.voices.c
    return exists().where(voices.id == schema.takes.c.voice_id, voices.service.in_(services))


def _stands_alone() -> ColumnElement[bool]:
    """A take that is no part of a long text which is still known."""
    takes, jobs, texts = schema.takes.c, schema.jobs.c, schema.long_texts.c
    its_text = select(func.count()).where(jobs.id == takes.id, jobs.long_text_id == texts.id)
    # Counted: PostgreSQL would join all orders to say "none", whatever the limit.
    return its_text.correlate(schema.takes).scalar_subquery() == 0


def are_same(ours: Job | LongText, theirs: Job | LongText) -> bool:
    """Whether two orders with one id are the same one, perhaps told further."""
    if isinstance(ours, Job) and isinstance(theirs, Job) and ours.kind is not theirs.kind:
        return False
    return type(ours) is type(theirs) and ours.voice_id == theirs.voice_id


def _order(connection: Connection, order_id: str) -> Job | LongText | None:
    """The job or the long text with this id."""
    jobs, texts = schema.jobs, schema.long_texts
    job = first_of(Job, connection, select(jobs).where(jobs.c.id == order_id))
    return job or first_of(LongText, connection, select(texts).where(texts.c.id == order_id))


def _with_sounds(
    connection: Connection, table: Table, ids: Collection[str], *conditions: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    """These orders, each with the `place` and the key of its `sound`, where it has one."""
    takes = schema.takes
    chosen = select(table, takes.c.key.label("sound"), takes.c.vault.label("place"))
    chosen = chosen.outerjoin(takes, takes.c.id == table.c.id)
    return connection.execute(chosen.where(table.c.id.in_(ids), *conditions)).all()


def _bump(connection: Connection, ids: Sequence[str]) -> None:
    """The records of these takes changed: their manifests become due."""
    for table, _ in _ORDERS:
        its = update(table).where(table.c.id.in_(ids))
        connection.execute(its.values(revision=table.c.revision + 1))


def _elsewhere(vault: str, without: str) -> tuple[ColumnElement[bool], ...]:
    takes, voices = schema.takes.c, schema.voices.c
    is_of_others = exists().where(voices.id == takes.voice_id, voices.service != without)
    # Both sides of the index: hardly any take lies there, once all have moved.
    return (or_(takes.vault < vault, takes.vault > vault), takes.key != "", is_of_others)


def _withdraw_unheard(connection: Connection, job_id: str, voice_id: str, now: datetime) -> None:
    """A use of an adopted voice that nobody listened to proves nothing without its sound."""
    seen, voices = schema.evidence, schema.voices
    source = connection.scalar(select(voices.c.source).where(voices.c.id == voice_id))
    known = connection.scalar(
        select(func.count()).where(seen.c.voice_id == voice_id, seen.c.heard == Heard.YES)
    )
    if source is Source.ADOPTED and not known:
        connection.execute(
            update(seen)
            .where(seen.c.job_id == job_id, seen.c.withdrawn_at.is_(None))
            .values(withdrawn_at=now, withdrawn_why=sentence(Reason.DELETED_UNHEARD))
        )
