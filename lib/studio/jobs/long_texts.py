"""Long texts: how their parts stand, and the one sound that is made of them. Nothing here is paid.

A long text waits while a part is under way. When all are spoken they are joined; where a part is
missing and nothing moves, it says so, and waits again once that part is spoken.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO

from lib.models import Job, JobState, LongText, Money, Take, TextState
from lib.recordings import joining
from lib.recordings.problems import UnreadableRecording
from lib.recordings.writing import Form, bit_rate_for
from lib.roles import Permission, Person
from lib.services import KINDS
from lib.splitting import expected_seconds, looks_cut, seams
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.jobs import wording
from lib.studio.jobs.collecting import RETRYING
from lib.studio.jobs.wording import Reason, sentence
from lib.studio.orders.speaking import PLANNED_SHARE, speed_of
from lib.studio.storage.migration import known_vault
from lib.vault.base import VaultError, VaultTrouble, sha256_hex

log = logging.getLogger("voicekeep.reading")

LOOK = timedelta(minutes=5)
"""The end of a part makes its long text due at once; this is for a look in between."""
TURN = timedelta(minutes=2)
"""One worker has so long to look at a long text, and to join it."""
MOST_BYTES = 40_000_000
"""Of a joined sound: a WAV up to here, else an MP3 that is as good as fits."""
MAX_PART_BYTES = 50_000_000


@dataclass(frozen=True)
class Part:
    """One part of a long text: the order that counts for it, and what was spoken."""

    number: int
    job: Job
    take: Take | None = None
    again: Job | None = None
    """A newer order for the same part that did not bring a sound (yet)."""

    @property
    def text(self) -> str:
        return self.job.text

    @property
    def latest(self) -> Job:
        """The order that was made last: the one to be sent again."""
        return self.again or self.job

    def is_in_progress(self, now: datetime) -> bool:
        """Whether something is under way for it."""
        return self.latest.is_in_progress(now)


@dataclass(frozen=True)
class Reading:
    """A long text as it stands."""

    long_text: LongText
    parts: tuple[Part, ...]
    orders: tuple[Job, ...]
    take: Take | None = None
    now: datetime = field(kw_only=True)

    @property
    def spoken(self) -> int:
        return sum(part.take is not None for part in self.parts)

    @property
    def missing(self) -> tuple[Part, ...]:
        """Parts without a sound that nothing moves any more: somebody has to ask for them."""
        return tuple(p for p in self.parts if p.take is None and not p.is_in_progress(self.now))

    @property
    def is_in_progress(self) -> bool:
        """Whether it goes on by itself."""
        joins = self.long_text.state is TextState.WAITING and self.spoken == len(self.parts)
        return joins or any(part.is_in_progress(self.now) for part in self.parts)

    @property
    def cost(self) -> Money:
        """Of all orders for its parts, as far as is known."""
        return Money.total(job.cost for job in self.orders)


def find(context: Context, text: LongText) -> Reading:
    """How a long text stands; two queries."""
    long_texts = context.registry.long_texts
    takes = long_texts.takes_of(text.id)
    return reading_of(text, long_texts.parts(text.id), takes, context.now(text.service))


def reading_of(
    text: LongText, orders: Sequence[Job], takes: Mapping[str, Take], now: datetime
) -> Reading:
    """The same of what was read already. `orders`: by part, and of each the oldest first. Pure."""
    of_part: dict[int, list[Job]] = {}
    for job in orders:
        of_part.setdefault(job.part, []).append(job)
    parts = tuple(_part(number, jobs, takes) for number, jobs in of_part.items())
    return Reading(text, parts, tuple(orders), takes.get(text.id), now=now)


def sounds_cut(take: Take, kind: str) -> bool:
    """Whether a take of a voice of this kind is too short for its text."""
    limit = KINDS[kind].sound_seconds
    is_joined = expected_seconds(take.text) > limit * PLANNED_SHARE
    return looks_cut(
        take.text, take.seconds, speed=speed_of(take), limit=0.0 if is_joined else limit
    )


def look(context: Context, text: LongText) -> bool:
    """Join the parts of a long text, if all are spoken; else wait, or say what is missing. False
    where another worker does.
    """
    now = context.now(text.service)
    until = now + context.service_time(text.service, TURN)
    if not context.registry.long_texts.lease(text.id, context.owner, now=now, until=until):
        return False
    reading = find(context, text)
    if any(part.is_in_progress(reading.now) for part in reading.parts):
        _wait(context, reading)
    elif reading.missing:
        missing = [part.number for part in reading.missing]
        _give_up(context, reading, wording.parts_missing(missing, len(reading.parts)))
    elif not reading.parts or len(reading.parts) != text.parts:
        _give_up(context, reading, sentence(Reason.ORDERS_GONE))
    else:
        _join(context, reading)
    return True


def join_again(context: Context, text: LongText, person: Person) -> None:
    """A person wants the parts joined that could not be: costs nothing. Raises `NotPermitted`."""
    person.require(Permission.SPEAK)
    now = context.now(text.service)
    context.registry.long_texts.resume(text.id, person=recorded_as(person), now=now)
    context.wake()


def _part(number: int, jobs: Sequence[Job], takes: Mapping[str, Take]) -> Part:
    """The latest order that was spoken counts, else the latest."""
    spoken = [job for job in jobs if job.state is JobState.DONE and job.id in takes]
    counts = spoken[-1] if spoken else jobs[-1]
    newest = jobs[-1]
    again = newest if newest.created_at > counts.created_at else None
    return Part(number, counts, takes.get(counts.id), again)


def _wait(context: Context, reading: Reading) -> None:
    text, now = reading.long_text, reading.now
    long_texts = context.registry.long_texts
    given_up = [
        job.send_before
        for job in reading.orders
        if job.state is JobState.CONFIRMED and job.send_before and job.send_before > now
    ]
    next_at = min((now + context.service_time(text.service, LOOK), *given_up))
    progress = wording.parts_ready(reading.spoken, len(reading.parts))
    long_texts.later(text.id, next_at=next_at, answer=progress, in_trouble=False)
    # The last part may have ended between the look and this line.
    if not any(part.is_in_progress(now) for part in find(context, text).parts):
        long_texts.check_now(text.id, now)


def _give_up(context: Context, reading: Reading, why: str) -> None:
    context.registry.long_texts.fail(reading.long_text.id, now=reading.now, error=why)


class CannotBeEvened(Exception):
    """A long text cannot be joined once more; `str()` is a sentence."""


class _PartLost(Exception):
    """A part that was spoken is not as it was stored; `str()` says it."""


def evened(context: Context, text_id: str, form: Form) -> bytes:
    """A long text joined once more, with each part as loud as the others; nothing is stored.

    Raises `CannotBeEvened`, and `VaultError`.
    """
    text = context.registry.long_texts.get(text_id)
    reading = find(context, text) if text else None
    if reading is None or reading.spoken < len(reading.parts) or not reading.parts:
        raise CannotBeEvened(sentence(Reason.PARTS_GONE))
    target = io.BytesIO()
    try:
        _write(context, reading, target, form, even=True)
    except (_PartLost, UnreadableRecording) as problem:
        raise CannotBeEvened(str(problem)) from None
    return target.getvalue()


def _write(
    context: Context, reading: Reading, target: BinaryIO, form: Form, *, even: bool = False
) -> float:
    """All parts as one file; returns its seconds. Raises `_PartLost`, `UnreadableRecording` and
    `VaultError`.
    """
    text = reading.long_text
    takes = [part.take for part in reading.parts if part.take]
    seconds = sum(take.seconds + joining.PAUSE for take in takes)
    joined = joining.join(
        (_sound(context, text.service, take, number) for number, take in enumerate(takes, 1)),
        target,
        form,
        bit_rate=bit_rate_for(seconds, MOST_BYTES),
        seams=seams(text.text, [part.text for part in reading.parts]),
        even=even,
    )
    return joined.seconds


def _join(context: Context, reading: Reading) -> None:
    """One sound of all parts, stored and read back. The parts stay as they are."""
    text, long_texts = reading.long_text, context.registry.long_texts
    takes = [part.take for part in reading.parts if part.take]
    is_small = sum(take.size for take in takes) <= MOST_BYTES
    form = Form.WAV if is_small and all(take.key.endswith(".wav") for take in takes) else Form.MP3
    try:
        with tempfile.TemporaryFile() as file:
            length = _write(context, reading, file, form)
            stored = context.vault(text.service).put_file(
                f"takes/{text.id}/audio.{form}", file, form.media_type
            )
    except VaultError as problem:
        pause = RETRYING.pause(text.attempts + 1)
        long_texts.later(
            text.id,
            next_at=reading.now + context.service_time(text.service, pause),
            answer=wording.not_joined_yet(str(problem)),
        )
        return
    except (_PartLost, UnreadableRecording) as problem:
        _give_up(context, reading, wording.not_joined(str(problem)))
        return
    now = context.now(text.service)
    take = Take(
        id=text.id,
        voice_id=text.voice_id,
        text=text.text,
        model=text.model,
        created_at=now,
        settings=text.settings,
        seconds=round(length, 3),
        vault=stored.vault,
        key=stored.key,
        sha256=stored.sha256,
        size=stored.size,
        mime=form.media_type,
    )
    if long_texts.finish(take, now=now):
        if _counted(find(context, text)) != _counted(reading):  # spoken anew meanwhile
            long_texts.resume(text.id, person="", now=now)
    elif context.registry.takes.get(text.id) is None:  # deleted meanwhile
        context.vault(text.service).delete(stored.key)


def _counted(reading: Reading) -> list[str]:
    """The orders whose sounds are joined."""
    return [part.job.id for part in reading.parts]


def _sound(context: Context, service: str, take: Take, number: int) -> bytes:
    """A part exactly as it was stored. Raises `_PartLost` and `VaultError`."""
    if not take.key:
        raise _PartLost(wording.part_left_behind(number))
    here = context.vault(service)
    vault = here if here.name == take.vault else known_vault(context, take.vault) or here
    try:
        data = vault.get(take.key, max_bytes=MAX_PART_BYTES)
    except VaultError as problem:
        if problem.trouble in (VaultTrouble.MISSING, VaultTrouble.TOO_LARGE):
            raise _PartLost(wording.part_not_stored(number)) from None
        raise
    if sha256_hex(data) != take.sha256:
        raise _PartLost(wording.part_changed(number))
    return data
