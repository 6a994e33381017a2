"""A voice's dossier, a take or a script as JSON and back: a registry can be rebuilt from them.

Manifests come from a bucket, so reading one trusts nothing: every value is checked against the
type of its field, ids against their form. Pure.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from lib import earlier_manifests, json_reading, storable, summing
from lib.addresses import unsigned
from lib.models import (
    MAX_REFRESH_DAYS,
    OWN_STORY,
    Dossier,
    Evidence,
    EvidenceKind,
    Job,
    JobKind,
    JobState,
    LongText,
    Money,
    Role,
    Take,
    Voice,
    is_id,
)
from lib.scripts import LineOrder, Script, is_within_limits

FORMAT = 1
MAX_BYTES = 2_000_000
MAX_COUNT = 2**31 - 2
"""What fits into a column of the registry, with room for the next revision."""
MAX_MICROS = 10**15
YEARS = range(2000, 2200)
"""Deadlines are computed from these times; they must not run out of the calendar."""

_STAYS_HERE = frozenset(
    {
        "saved_revision",
        "lease_owner",
        "lease_until",
        "copy_tries",
        "copy_next_at",
        "copy_error",
        "copy_error_kind",
    }
)
"""Fields about one registry's own work: no part of a voice's story."""

GLANCED_AT = 4_000_000
_FIELD = {
    name: re.compile(rf'"{name}": ?"((?:[^"\\]|\\.){{1,200}})"')
    for name in ("name", "provider_voice_id", "service")
}

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_T = TypeVar("_T")


ROUNDS = (summing.KEPT, 30, 10, 3)
"""How many of the latest uses are told one by one: fewer where the story is too large."""


class Fault(StrEnum):
    """Why a story cannot be read; it decides what is done about it."""

    DAMAGED = "damaged"
    """It is no manifest, or the end of it is missing."""
    ODD = "odd"
    """It holds something that does not fit, or that this version does not know."""
    NEWER = "newer"
    """A later version of Voicekeep wrote it, in a form of its own."""
    TOO_LARGE = "too_large"
    FOREIGN = "foreign"
    """It is the record of something else."""
    MISSING = "missing"
    """There are files, and no story of them."""
    TROUBLE = "trouble"
    """The vault did not give it out."""


class Reason(StrEnum):
    """Why a manifest cannot be trusted, as data."""

    WRONG_PLACE = "wrong_place"
    OTHER_FOLDER = "other_folder"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    UNKNOWN_FORMAT = "unknown_format"
    MISFIT = "misfit"
    STRANGE_ID = "strange_id"
    TWICE = "twice"
    SEVERAL_VOICES = "several_voices"
    SELDOM_USED = "seldom_used"
    ORDER_OF_TAKE = "order_of_take"
    ORDER_OF_VOICE = "order_of_voice"
    OTHER_TAKE = "other_take"
    OTHER_LINE = "other_line"
    TRANSCRIPT_OF_VOICE = "transcript_of_voice"
    LONG_SCRIPT = "long_script"


SENTENCES = {
    Reason.WRONG_PLACE: "It is in the wrong place.",
    Reason.OTHER_FOLDER: "It is in the folder of something else.",
    Reason.UNREADABLE: "It is not readable.",
    Reason.TOO_LARGE: "It is too large.",
    Reason.UNKNOWN_FORMAT: "It has a format that this version does not know.",
    Reason.MISFIT: "It lacks a part, or holds one that does not fit.",
    Reason.STRANGE_ID: "It has an ID that Voicekeep would not give.",
    Reason.TWICE: "It holds the same thing twice.",
    Reason.SEVERAL_VOICES: "It mixes several voices.",
    Reason.SELDOM_USED: "It asks for a use in so many days that nobody can have meant it.",
    Reason.ORDER_OF_TAKE: "It holds an order that belongs to a take.",
    Reason.ORDER_OF_VOICE: "It holds an order that belongs to a voice.",
    Reason.OTHER_TAKE: "Its take and its order do not belong together.",
    Reason.OTHER_LINE: "Its order and its line do not belong together.",
    Reason.TRANSCRIPT_OF_VOICE: "It is a transcript, and of a voice.",
    Reason.LONG_SCRIPT: "It holds more than fits into a script.",
}
"""The one place where they are words."""


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


class BadManifest(Exception):
    """A manifest that cannot be trusted; `str()` is a sentence that says why."""

    def __init__(self, sentence: str, fault: Fault = Fault.ODD) -> None:
        super().__init__(sentence)
        self.fault = fault


@dataclass(frozen=True)
class TakeStory:
    """A take with the order that brings it, a speech job or a long text; before the speech has
    come, or its parts are joined, there is no take yet. A transcript brings none. `line`: which
    line of a script it speaks, if it speaks one.
    """

    order: Job | LongText
    take: Take | None = None
    line: LineOrder | None = None


Story: TypeAlias = Dossier | TakeStory | Script
"""What one manifest tells: all of a voice, of a take or a transcript, or of a script."""
FILES = {"voices": "voice.json", "takes": "take.json", "scripts": "script.json"}
"""The folders of a vault and of an export, and what manifests are called in each."""


def head(story: Story) -> Voice | Job | LongText | Script:
    """The record that carries the id, the service and the revisions of a story."""
    if isinstance(story, Script):
        return story
    return story.voice if isinstance(story, Dossier) else story.order


def folder_of(story: Story) -> str:
    """In which of `FILES` its manifest lies."""
    if isinstance(story, Script):
        return "scripts"
    return "voices" if isinstance(story, Dossier) else "takes"


def story_key(folder: str, record_id: str) -> str:
    """Where the manifest of this record lies: `folder` is one of `FILES`."""
    return f"{folder}/{record_id}/{FILES[folder]}"


def key_of(story: Story) -> str:
    """Where the manifest of this story lies in a vault and in an export."""
    return story_key(folder_of(story), head(story).id)


def read(place: str, data: bytes) -> Story:
    """The manifest that was found at this key. Raises `BadManifest`, also where it is the story of
    something else than the record whose folder it lies in.
    """
    folder, _, rest = place.partition("/")
    if not rest.endswith(f"/{FILES[folder]}"):
        raise BadManifest(sentence(Reason.WRONG_PLACE))
    readers: dict[str, Callable[[bytes], Story]] = {
        "voices": read_dossier,
        "takes": read_take,
        "scripts": read_script,
    }
    story = readers[folder](data)
    if key_of(story) != place:
        raise BadManifest(sentence(Reason.OTHER_FOLDER), Fault.FOREIGN)
    return story


def write(story: Story) -> bytes:
    """The manifest of a voice, a take or a script, as UTF-8 JSON.

    What signs an address is a secret: it goes in only while something is still to be fetched there.
    Old uses are summed up, and what could not be read back is left out.
    """
    unsigned_story = _unsigned(story)
    if not isinstance(unsigned_story, Dossier):
        return _bytes(unsigned_story)
    data = b""
    for kept in ROUNDS:
        data = _bytes(summing.summed_up(unsigned_story, kept))
        if len(data) <= MAX_BYTES:
            break
    return data


def write_checked(story: Story) -> bytes:
    """As `write`, read back: what counts as written can be read. Raises `BadManifest`."""
    data = write(story)
    read(key_of(story), data)
    return data


def _bytes(story: Story) -> bytes:
    body: json_reading.JsonObject = {"format": FORMAT}
    if isinstance(story, Dossier):
        body |= json_reading.object_of(_plain(story))
    elif isinstance(story, Script):
        body |= {"script": _plain(story)}
    else:
        kind = "long_text" if isinstance(story.order, LongText) else "job"
        body |= {kind: _plain(story.order), "take": _plain(story.take)}
        if story.line:
            body |= {"line": _plain(story.line)}
    # The voice comes first: of a file that was cut, its name and ID can still be told.
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _unsigned(story: Story) -> Story:
    if isinstance(story, Script):
        return story
    if isinstance(story, TakeStory):
        if isinstance(story.order, LongText):
            return story
        return dataclasses.replace(story, order=_fetched(story.order, frozenset({"audio_url"})))
    voice = story.voice
    held = {item.role for item in story.valid_evidence(EvidenceKind.COPY)}
    names = {"audio_url"} | {f"{role}_url" for role in held}
    if Role.EMBEDDING in held:
        url = unsigned(voice.embedding_url)
        voice = dataclasses.replace(voice, embedding_url=url)
    jobs = tuple(_fetched(job, frozenset(names)) for job in story.jobs)
    return dataclasses.replace(story, voice=voice, jobs=jobs)


def _fetched(job: Job, names: frozenset[str]) -> Job:
    """A finished order without what signed these addresses of its results."""
    if job.state not in (JobState.DONE, JobState.FAILED):
        return job
    result = {
        name: unsigned(value) if name in names and isinstance(value, str) else value
        for name, value in job.result.items()
    }
    return dataclasses.replace(job, result=result)


def glance(data: bytes) -> dict[str, str]:
    """What can be told of a voice whose story cannot be read: its name, its ID, its service.

    Of a stranger's words only short printable ones are taken.
    """
    text = data[:GLANCED_AT].decode(errors="replace")
    found = {name: _FIELD[name].search(text) for name in _FIELD}
    stored = {name: _unescaped(match[1]) for name, match in found.items() if match}
    return {name: value for name, value in stored.items() if storable.is_seen(value) and value}


def _unescaped(raw: str) -> str:
    try:
        return storable.text(str(json.loads(f'"{raw}"')), 200)
    except ValueError:
        return ""


def read_dossier(data: bytes) -> Dossier:
    """A voice's manifest as a dossier. Raises `BadManifest`."""
    dossier = _told(Dossier, _body(data))
    others: tuple[Job | Evidence, ...] = (*dossier.jobs, *dossier.evidence)
    if any(item.voice_id != dossier.voice.id for item in others):
        raise BadManifest(sentence(Reason.SEVERAL_VOICES), Fault.FOREIGN)
    if dossier.voice.refresh_days > MAX_REFRESH_DAYS:
        raise BadManifest(sentence(Reason.SELDOM_USED))
    if any(job.kind in OWN_STORY for job in dossier.jobs):
        raise BadManifest(sentence(Reason.ORDER_OF_TAKE))
    for items in (dossier.jobs, dossier.evidence):
        if len({item.id for item in items}) != len(items):
            raise BadManifest(sentence(Reason.TWICE))
    given = dossier.voice.consent.id if dossier.voice.consent else ""
    links = (dossier.voice.replaced_by, given, *(item.job_id for item in dossier.evidence))
    _check_ids(dossier.voice.id, *(item.id for item in others), *filter(None, links))
    return dossier


def read_take(data: bytes) -> TakeStory:
    """A take's manifest, which tells of its job or of its long text. Raises `BadManifest`."""
    body = earlier_manifests.take(_body(data))
    order: Job | LongText
    if "long_text" in body:
        order = _told(LongText, body["long_text"])
    else:
        order = _told(Job, body.get("job"))
    take = None if body.get("take") is None else _told(Take, body["take"])
    if isinstance(order, Job) and order.kind not in OWN_STORY:
        raise BadManifest(sentence(Reason.ORDER_OF_VOICE))
    if take and (take.id, take.voice_id) != (order.id, order.voice_id):
        raise BadManifest(sentence(Reason.OTHER_TAKE))
    if isinstance(order, Job) and order.kind is JobKind.TRANSCRIPT:
        if order.voice_id or order.long_text_id or take:
            raise BadManifest(sentence(Reason.TRANSCRIPT_OF_VOICE))
        _check_ids(order.id)
        return TakeStory(order)
    part_of = order.long_text_id if isinstance(order, Job) else ""
    _check_ids(order.id, order.voice_id, *filter(None, [part_of]))
    line = None if body.get("line") is None else _told(LineOrder, body["line"])
    if line:
        _check_ids(line.script_id, line.line_id)
        if line.order_id != order.id:
            raise BadManifest(sentence(Reason.OTHER_LINE))
    return TakeStory(order, take, line)


def read_script(data: bytes) -> Script:
    """A script's manifest. Raises `BadManifest`."""
    script = _told(Script, _body(data).get("script"))
    voices = (speaker.voice_id for speaker in script.speakers)
    takes = (line.take_id for line in script.lines)
    ids = [line.id for line in script.lines]
    _check_ids(script.id, *ids, *filter(None, (*voices, *takes)))
    if len(set(ids)) != len(ids):
        raise BadManifest(sentence(Reason.TWICE))
    if not is_within_limits(script):
        raise BadManifest(sentence(Reason.LONG_SCRIPT))
    return script


def _check_ids(*ids: str) -> None:
    if not all(is_id(item) for item in ids):
        raise BadManifest(sentence(Reason.STRANGE_ID))


def _body(data: bytes) -> json_reading.JsonObject:
    """A manifest of a form that this version knows, whatever it tells of. Raises `BadManifest`."""
    if len(data) > MAX_BYTES:
        raise BadManifest(sentence(Reason.TOO_LARGE), Fault.TOO_LARGE)
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise BadManifest(sentence(Reason.UNREADABLE), Fault.DAMAGED) from None
    form = body.get("format") if isinstance(body, dict) else None
    if form != FORMAT:
        fault = Fault.NEWER if type(form) is int and form > FORMAT else Fault.DAMAGED
        raise BadManifest(sentence(Reason.UNKNOWN_FORMAT), fault)
    return json_reading.object_of(body)


def _told(kind: type[_T], body: object) -> _T:
    """What a manifest tells of, each value checked. Raises `BadManifest`."""
    try:
        return _record(kind, body)
    except (TypeError, ValueError, OverflowError):
        # Their words may quote what a stranger wrote.
        raise BadManifest(sentence(Reason.MISFIT)) from None


def _plain(value: object) -> object:
    if isinstance(value, Money):
        return value.micros
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if dataclasses.is_dataclass(value):
        return {
            field.name: _plain(_sane(field.default, getattr(value, field.name)))
            for field in dataclasses.fields(value)
            if field.name not in _STAYS_HERE
        }
    if isinstance(value, str):
        return storable.text(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return storable.json_value(value)


def _sane(default: object, value: object) -> object:
    """What a service told of money may be nonsense, or a debt: that is no amount to keep."""
    if isinstance(value, Money) and not 0 <= value.micros <= MAX_MICROS:
        return default
    return value


@cache
def _hints(kind: type) -> dict[str, object]:
    return typing.get_type_hints(kind)


def _record(kind: type[_T], body: object) -> _T:
    stored = _checked(body, dict)
    if kind is Job:
        stored = earlier_manifests.order(stored)
    elif kind is Evidence:
        stored = earlier_manifests.evidence(stored)
    record = typing.cast("type[DataclassInstance]", kind)
    hints = _hints(record)
    known = {
        field.name: _value(hints[field.name], stored[field.name])
        for field in dataclasses.fields(record)
        if field.name in stored and field.name not in _STAYS_HERE
    }
    return kind(**known)


def _value(hint: object, raw: object) -> object:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        inner = next(item for item in typing.get_args(hint) if item is not type(None))
        return None if raw is None else _value(inner, raw)
    if origin is tuple:
        return tuple(_value(typing.get_args(hint)[0], item) for item in _checked(raw, list))
    if origin is dict:
        found = _checked(raw, dict)
        # What storing would change is refused, so that a story is the same wherever it is read.
        if storable.json_value(found) != found:
            raise ValueError("something that no database can hold as it is")
        return found
    assert isinstance(hint, type)  # noqa: S101 - every other field of a record is of a class
    if dataclasses.is_dataclass(hint) and hint is not Money:
        return _record(hint, raw)
    return _single(hint, raw)


def _single(hint: type, raw: object) -> object:
    if hint is Money:
        return Money(_bounded(_checked(raw, int), MAX_MICROS))
    if hint is datetime:
        moment = datetime.fromisoformat(_checked(raw, str))
        if moment.tzinfo is None or moment.year not in YEARS:
            raise ValueError("a time without its zone, or far away")
        return moment.astimezone(UTC)
    if issubclass(hint, Enum):
        return hint(_checked(raw, str))
    if hint is float:
        number = float(raw if isinstance(raw, float) else _checked(raw, int))
        if not math.isfinite(number):
            raise ValueError("not a number")
        return number
    if hint is int:
        return _bounded(_checked(raw, int), MAX_COUNT)
    return _checked(raw, hint)


def _checked(raw: object, kind: type[_T]) -> _T:
    if not isinstance(raw, kind) or (isinstance(raw, bool) and kind is not bool):
        raise TypeError("a value of another type than expected")
    if isinstance(raw, str) and storable.text(raw) != raw:
        raise ValueError("a text that no database can hold as it is")
    return raw


def _bounded(number: int, most: int) -> int:
    if not 0 <= number <= most:
        raise ValueError("a number that is too large, or below nothing")
    return number
