"""Somebody wants a voice erased, or all voices of a person; and may think better of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from lib.consent import is_same_person
from lib.event_kinds import EventKind
from lib.json_reading import JsonObject, object_of, whole
from lib.models import Dossier, JobKind, JobState, Role, Voice
from lib.registry.erasures import Erasure
from lib.roles import Permission, Person
from lib.services import DEMO
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.typed_text import one_line
from lib.studio.erasure.wording import Deed, Reason, being_made, deed, sentence
from lib.studio.storage import migration
from lib.studio.transfer import delivery

WAITS = timedelta(hours=24)
"""From the wish to the deed, so that nobody erases a voice by mistake or in anger."""
BEING_MADE = (JobState.SUBMITTING, JobState.WAITING)
STORED = frozenset(Role) - {Role.ACTIVATION}
"""What a use said is a take, where it was kept."""
MAKES = frozenset({JobKind.CLONE, JobKind.DESIGN})


class NotErased(Exception):
    """Nothing is going to be erased; `str()` says why."""


@dataclass(frozen=True)
class Plan:
    """What erasing a voice takes away, and what stays out of reach.

    `files`: how many there are of each role. `takes`: sounds that were spoken with it, parts of
    long texts counted as well. `shares`: links to them. `exports`: prepared exports of the whole
    library, all of which go. `old_storage`: how many storages of before are looked through as
    well. `at_service`: whether a service has, or may have, a copy of its own. `in_bucket`: whether
    the storage is a bucket, which may keep old versions.
    """

    files: Mapping[Role, int]
    takes: int
    shares: int
    exports: bool
    old_storage: int
    at_service: bool
    in_bucket: bool

    def receipt(self) -> JsonObject:
        """The counts, fit to be stored."""
        files = {str(role): count for role, count in self.files.items()}
        return {"files": files, "takes": self.takes}


@dataclass(frozen=True)
class Receipt:
    """What went when a voice was erased: `files` by role, and `takes`."""

    files: Mapping[Role, int]
    takes: int


def receipt_of(erasure: Erasure) -> Receipt:
    """What went, as it was noted; a stranger may have written it."""
    counts = object_of(erasure.receipt.get("files"))
    files = {role: whole(counts.get(role)) for role in Role if whole(counts.get(role))}
    return Receipt(files, whole(erasure.receipt.get("takes")))


def of_voice(context: Context, voice_id: str) -> Erasure | None:
    """The erasure that this voice waits for, or that took it; one query."""
    return context.registry.erasures.get(voice_id)


def waiting(context: Context) -> list[tuple[Erasure, Voice | None]]:
    """What is not erased yet, each with its voice while that is still here; two queries."""
    found = context.registry.erasures.open(context.settings.visible)
    known = (
        {
            item.voice.id: item.voice
            for item in context.registry.voices.dossiers(ids=[each.voice_id for each in found])
        }
        if found
        else {}
    )
    return [(each, known.get(each.voice_id)) for each in found]


def receipts(context: Context, limit: int) -> list[Erasure]:
    """What was erased, the newest first."""
    return context.registry.erasures.finished(context.settings.visible, limit=limit)


def plan(context: Context, dossier: Dossier) -> Plan:
    """What would go with this voice. A few queries, no network."""
    voice = dossier.voice
    copies = {(item.key, item.role) for item in dossier.evidence if item.key}
    vault = context.vault(voice.service)
    storages = migration.names(context) if voice.service != DEMO else set()
    return Plan(
        files=Counter(Role(role) for _, role in copies if role in STORED),
        takes=context.registry.takes.count_of(voice.id),
        shares=context.registry.shares.count_of(voice.id),
        exports=voice.service != DEMO and delivery.state(context).prepared is not None,
        old_storage=len(storages - {vault.name}),
        at_service=voice.service != DEMO and bool(voice.provider_voice_id or voice.embedding_url),
        in_bucket=vault.name.startswith("s3://"),
    )


def to_be_kept(context: Context) -> list[Dossier]:
    """The voices that nobody wants erased yet, of the services that are shown."""
    going = {each.voice_id for each in context.registry.erasures.open(context.settings.visible)}
    known = context.registry.library.dossiers()
    visible = context.settings.visible
    return [
        dossier
        for voice_id, dossier in known.items()
        if voice_id not in going and dossier.voice.service in visible
    ]


def of_person(dossiers: Sequence[Dossier], name: str) -> list[Dossier]:
    """The voices in whose recordings this person speaks, as it was said when they were cloned."""
    return [
        dossier
        for dossier in dossiers
        if dossier.voice.consent and is_same_name(name, dossier.voice.consent.speaker)
    ]


def is_same_name(typed: str, name: str) -> bool:
    """Whether somebody typed this name, however its signs are put together."""
    wanted = one_line(typed)
    return bool(wanted) and is_same_person(wanted, one_line(name))


def ask(
    context: Context, dossiers: Sequence[Dossier], person: Person, *, at_once: bool = False
) -> None:
    """A person wants these voices erased, in a day or `at_once`; all of them or none.

    Raises `NotPermitted`, and `NotErased` while one of them is being made.
    """
    person.require(Permission.ERASE)
    for dossier in dossiers:
        if any(job.state in BEING_MADE and job.kind in MAKES for job in dossier.jobs):
            raise NotErased(being_made(dossier.voice.name))
    for dossier in dossiers:
        voice = dossier.voice
        now = context.now(voice.service)
        due_at = now if at_once else now + WAITS
        wish = Erasure(voice.id, voice.service, now, recorded_as(person), due_at)
        if context.registry.erasures.ask(wish):
            done = Deed.ASKED_AT_ONCE if at_once else Deed.ASKED
            record.note(context, person, EventKind.ERASED, deed(done), voice)
        elif at_once and context.registry.erasures.hasten(voice.id, now):
            record.note(context, person, EventKind.ERASED, deed(Deed.HASTENED), voice)
    context.wake()


def cancel(context: Context, erasure: Erasure, person: Person) -> None:
    """A person wants to keep this voice after all. Raises `NotPermitted`, and `NotErased` where
    erasing it has begun.
    """
    person.require(Permission.ERASE)
    if not context.registry.erasures.cancel(erasure.voice_id):
        raise NotErased(sentence(Reason.BEGUN))
    voice = context.registry.voices.get(erasure.voice_id)
    record.note(context, person, EventKind.ERASED, deed(Deed.CANCELLED), voice)
