"""Takes, which are kept speech: found, named, marked with a star, deleted, and converted to WAV or
MP3.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from lib.event_kinds import EventKind
from lib.models import JobKind, JobState, Take, Voice
from lib.recordings.joining import join
from lib.recordings.problems import UnreadableRecording
from lib.recordings.writing import Form
from lib.registry.changes import TakeChanges
from lib.registry.takes import ALL_TAKES, WantedTakes
from lib.roles import Permission, Person
from lib.services import SpeechModel
from lib.studio.core import record
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.typed_text import MAX_NAME, one_line
from lib.studio.library.reasons import Deed, Reason
from lib.studio.library.wording import deed, sentence, take_named
from lib.studio.orders import confirming
from lib.studio.orders.confirming import OrderRefused
from lib.studio.storage.manifests import save_now

MAX_BYTES = 50_000_000
BEING_SPOKEN = (JobState.SUBMITTING, JobState.WAITING)
LATELY = 500
"""Orders of all people: what is older was not lately."""
LONGEST_WAV = 1_800.0
"""Seconds: a longer one would be hundreds of megabytes, all of them in memory."""


class NoSound(Exception):
    """A take cannot be converted to this form; `str()` is a sentence."""


def rename(context: Context, take: Take, name: str, person: Person) -> None:
    """Call a take something; "" for no name of its own. Raises `NotPermitted`."""
    person.require(Permission.SPEAK)
    wanted = one_line(name, MAX_NAME)
    if wanted != take.name:
        event = take_named(wanted) if wanted else deed(Deed.TAKE_NAME_REMOVED)
        _change(context, take, person, event, name=wanted)


def set_favourite(context: Context, take: Take, person: Person, *, favourite: bool) -> None:
    """Mark a take with the team's star, or take it away. Raises `NotPermitted`."""
    person.require(Permission.SPEAK)
    if favourite != take.favourite:
        event = deed(Deed.FAVOURITE_TAKE if favourite else Deed.NO_FAVOURITE_TAKE)
        _change(context, take, person, event, favourite=favourite)


def _change(
    context: Context, take: Take, person: Person, event: str, **changes: Unpack[TakeChanges]
) -> None:
    if context.registry.takes.change(take.id, **changes):
        voice = context.registry.voices.get(take.voice_id)
        record.note(context, person, EventKind.NAMED, event, voice)
        context.wake()


def delete(context: Context, take_id: str, person: Person) -> None:
    """Delete the sound and the text of a take; of a long text, those of all its parts.

    What it cost stays on record. Raises `NotPermitted`, and `OrderRefused` while a part is being
    spoken.
    """
    person.require(Permission.SPEAK)
    if voice_id := _delete(context, take_id, person):
        save_now(context, "voices", voice_id)
        context.wake()


@dataclass(frozen=True)
class Deleted:
    """How many of several takes are deleted; `refused`: those that are not, as something of each
    is being spoken.
    """

    count: int
    refused: tuple[Take, ...]


def delete_all(
    context: Context,
    takes: Sequence[Take],
    person: Person,
    *,
    report: Callable[[int], None] = lambda _: None,
) -> Deleted:
    """The same for several at once: one that cannot be deleted stops none of the others.

    `report` is called with the number of each before its turn. Raises `NotPermitted`.
    """
    person.require(Permission.SPEAK)
    refused, voice_ids = [], set()
    try:
        for number, take in enumerate(takes, 1):
            report(number)
            try:
                voice_ids.add(_delete(context, take.id, person))
            except OrderRefused:
                refused.append(take)
    finally:  # whoever leaves the page ends it halfway
        for voice_id in filter(None, voice_ids):
            save_now(context, "voices", voice_id)
        context.wake()
    return Deleted(len(takes) - len(refused), tuple(refused))


def _delete(context: Context, take_id: str, person: Person) -> str:
    """The take, without telling the story of its voice, whose id is returned; "" for no take."""
    registry = context.registry
    text, job = registry.long_texts.get(take_id), registry.jobs.get(take_id)
    order = text or (job if job and job.kind is JobKind.SPEECH else None)
    if order is None:
        return ""
    parts = registry.long_texts.parts(take_id) if text else []
    if any(part.state in BEING_SPOKEN for part in parts):
        raise OrderRefused(sentence(Reason.BEING_SPOKEN))
    for part in parts:
        if part.state in (JobState.CONFIRMED, JobState.UNKNOWN):
            confirming.withdraw(context, part, person)
    now = context.now(order.service)
    if text:
        registry.long_texts.fail(take_id, now=now, error=sentence(Reason.DELETED))
    ids = [take_id, *(part.id for part in parts)]
    if not registry.takes.forget(ids, person=recorded_as(person), now=now):
        raise OrderRefused(sentence(Reason.BEING_SPOKEN))
    for gone in ids:  # told to the vault at once: a container that ends now must not undo it
        save_now(context, "takes", gone)
    return order.voice_id


def latest(
    context: Context, limit: int, wanted: WantedTakes = ALL_TAKES, *, skip: int = 0
) -> list[Take]:
    """The newest takes of the services that are shown, newest first; parts of a whole left out."""
    services = context.settings.visible
    return context.registry.takes.latest(wanted, services=services, limit=limit, skip=skip)


def some(context: Context, ids: Collection[str]) -> list[Take]:
    """Those of these takes that are still there, of the services that are shown; newest first."""
    return context.registry.takes.some(ids, services=context.settings.visible)


def survey(
    context: Context, wanted: WantedTakes, *, most: int, most_voices: int
) -> tuple[int, list[str]]:
    """How many takes `latest` goes through, counted up to `most`; and the ids of `most_voices`
    voices that have takes at all.
    """
    services = context.settings.visible
    takes = context.registry.takes
    return takes.survey(wanted, services=services, most=most, most_voices=most_voices)


def newest(context: Context, voice: Voice) -> Take | None:
    """The newest take of this voice whose sound is in its storage."""
    vaults = {context.vault(voice.service).name}
    return next(iter(context.registry.takes.newest_of([voice.id], vaults=vaults)), None)


def voices_lately(context: Context, person: Person) -> list[str]:
    """The ids of the voices that this person spoke with lately, the last one first. Raises
    `NotPermitted`.
    """
    person.require(Permission.SPEAK)
    return context.registry.takes.spoken_with(recorded_as(person), among=LATELY)


def count(context: Context, wanted: WantedTakes = ALL_TAKES, *, most: int) -> int:
    """How many takes `latest` goes through; counted up to `most`."""
    services = context.settings.visible
    return context.registry.takes.count(wanted, services=services, most=most)


def spoken_in_parts(context: Context, shown: Collection[Take]) -> set[str]:
    """The IDs of those of these takes that were joined from parts which are still known."""
    return set(context.registry.long_texts.sums([take.id for take in shown]))


def earlier(
    context: Context, voice: Voice, text: str, model: SpeechModel, settings: dict[str, Any]
) -> Take | None:
    """The newest take of exactly this whose sound is here, so that nobody pays for it again."""
    if not text:
        return None
    return context.registry.takes.same(
        voice_id=voice.id, text=text, model=model.id, settings=settings
    )


def converted(context: Context, take: Take, service: str, form: Form) -> bytes:
    """The bytes of a take as this kind of file; the stored bytes themselves where they are that.

    `service`: with which its voice speaks, which decides on the vault. Raises `NoSound` where it
    is too long for a WAV or cannot be decoded, and `VaultError`.
    """
    if form is Form.WAV and take.seconds > LONGEST_WAV:
        raise NoSound(sentence(Reason.TOO_LONG_FOR_WAV))
    data = context.vault(service).get(take.key, max_bytes=MAX_BYTES)
    if take.key.endswith(f".{form}"):
        return data
    target = io.BytesIO()
    try:
        join([data], target, form)
    except UnreadableRecording as problem:
        raise NoSound(str(problem)) from None
    return target.getvalue()
