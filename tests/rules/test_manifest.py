"""Manifests give back every field that they should, and nothing hostile gets in."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from itertools import count
from typing import Any, TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib import manifest
from lib.manifest import BadManifest, TakeStory, read_dossier, read_take, write
from lib.models import (
    OWN_STORY,
    Dossier,
    Evidence,
    EvidenceKind,
    Inquiry,
    Job,
    JobKind,
    JobState,
    LongText,
    Money,
    Take,
    TextState,
    Voice,
)
from tests.parts.clock import START
from tests.registry.records import a_job, a_take, a_voice, evidence_of

_T = TypeVar("_T")

LOCAL = {
    Voice: {"saved_revision", "copy_tries", "copy_next_at", "copy_error", "copy_error_kind"},
    Job: {"saved_revision", "lease_owner", "lease_until"},
    LongText: {"saved_revision", "lease_owner", "lease_until"},
    Evidence: set(),
    Take: set(),
}
"""Fields about one registry's own work, as the design has them."""
IDS = {"id": "own", "voice_id": "voice-7", "replaced_by": "voice-8", "job_id": "job-9"}


def filled(kind: type[_T], /, **fixed: Any) -> _T:
    """A record whose every field has a value of its own, other than the default."""
    numbers = count(1)
    hints = typing.get_type_hints(kind)
    values = {
        field.name: _unlike(field, hints[field.name], next(numbers))
        for field in dataclasses.fields(typing.cast(Any, kind))
    }
    return kind(**(values | {name: IDS[name] for name in values if name in IDS} | fixed))


def _unlike(field: dataclasses.Field[Any], hint: Any, number: int) -> Any:
    value = _some(hint, number)
    if value != field.default:
        return value
    return _some(hint, number + 1)


def _some(hint: Any, number: int) -> Any:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(item for item in typing.get_args(hint) if item is not type(None))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)[number % len(hint)]
    if dataclasses.is_dataclass(hint) and hint is not Money:
        return filled(typing.cast(type, hint))
    if typing.get_origin(hint) is dict:
        return {"number": number, "text": "ü", "flag": True, "list": [1.5, None, {"deep": []}]}
    some: dict[Any, Any] = {
        str: f"text {number} äß日本🎙\n\"'",
        int: number + 1,
        float: number + 0.25,
        bool: True,
        datetime: START + timedelta(days=number, microseconds=number),
        Money: Money(number),
        tuple[str, ...]: ("one", f"two {number}"),
    }
    return some[hint]


def at_home(record: Any) -> Any:
    """The record with its local fields as they are before any work on it."""
    defaults = {
        field.name: field.default
        for field in dataclasses.fields(record)
        if field.name in LOCAL[type(record)]
    }
    return dataclasses.replace(record, **defaults)


VOICE = filled(Voice, id="voice-7")
JOBS = tuple(
    filled(Job, id=f"job-{number}", kind=kind, state=state)
    for number, (kind, state) in enumerate(
        (kind, state) for kind in JobKind if kind not in OWN_STORY for state in JobState
    )
)
SEEN = tuple(filled(Evidence, id=f"seen-{kind.value}", kind=kind) for kind in EvidenceKind)
FULL = Dossier(VOICE, JOBS, SEEN)
SPEECH = filled(Job, id="take-1", kind=JobKind.SPEECH, long_text_id="take-9", part=2)
STORY = TakeStory(SPEECH, filled(Take, id="take-1"))


@pytest.mark.parametrize("kind", [Voice, Job, LongText, Evidence, Take])
def test_the_filled_records_leave_no_field_at_its_default(kind: type) -> None:
    record = filled(kind)
    for field in dataclasses.fields(kind):
        assert getattr(record, field.name) != field.default, field.name
        if field.default_factory is not dataclasses.MISSING:
            assert getattr(record, field.name) != field.default_factory(), field.name


def test_a_dossier_comes_back_with_every_field_but_the_local_ones() -> None:
    back = read_dossier(write(FULL))
    assert back.voice == at_home(VOICE)
    assert back.jobs == tuple(map(at_home, JOBS))
    assert back.evidence == SEEN


def test_a_take_comes_back_with_every_field_but_the_local_ones() -> None:
    assert read_take(write(STORY)) == TakeStory(at_home(SPEECH), STORY.take)


def test_a_long_text_comes_back_with_every_field_but_the_local_ones() -> None:
    text = filled(LongText, id="take-1")
    story = TakeStory(text, STORY.take)
    assert read_take(write(story)) == TakeStory(at_home(text), STORY.take)


WRITTEN = dataclasses.replace(
    filled(Job, id="job-1", kind=JobKind.TRANSCRIPT), voice_id="", long_text_id="", part=0
)


def test_a_transcript_comes_back_without_voice_and_sound() -> None:
    assert read_take(write(TakeStory(WRITTEN))) == TakeStory(at_home(WRITTEN))


@pytest.mark.parametrize(
    "changes",
    [
        {"voice_id": "voice-7"},
        {"long_text_id": "take-9"},
        {"id": "../a"},
        {"kind": JobKind.SPEECH},
        {"kind": JobKind.CLONE},
    ],
    ids=str,
)
def test_a_transcript_that_cannot_be_one_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadManifest):
        read_take(write(TakeStory(dataclasses.replace(WRITTEN, **changes))))


def test_a_transcript_with_a_sound_is_refused() -> None:
    take = dataclasses.replace(filled(Take, id=WRITTEN.id), voice_id="")
    with pytest.raises(BadManifest):
        read_take(write(TakeStory(WRITTEN, take)))


def as_before(job: Job, **changes: Any) -> bytes:
    """The manifest of a take, as the version before long texts were records of their own wrote it:
    each order told which `reading` it belonged to.
    """
    body = json.loads(write(TakeStory(job)))
    for name in ("long_text_id", "part"):
        del body["job"][name]
    body["job"] |= {"reading": ""} | changes
    return json.dumps(body).encode()


ASKED = {"model": "m", "settings": {"speed": 1.2}, "speed": 1.2, "parts": 2}


def a_text_of_before(state: JobState = JobState.WAITING, **request: Any) -> Job:
    return a_job(
        "voice-1",
        id="text-1",
        kind=JobKind.SPEECH,
        state=state,
        person="Ada",
        request=ASKED | request,
        estimate=Money(),
        next_check_at=START,
        attempts=2,
        last_answer="Not yet.",
        revision=5,
    )


@pytest.mark.parametrize("state", TextState)
def test_a_long_text_of_before_is_read_as_one(state: TextState) -> None:
    job = a_text_of_before(JobState(state), text="All of it.")
    story = read_take(as_before(job, reading="text-1"))
    assert story == TakeStory(
        LongText(
            id="text-1", voice_id="voice-1", state=state, order_key=job.order_key,
            service=job.service, created_at=START, person="Ada", text="All of it.", model="m",
            settings={"speed": 1.2}, parts=2, next_check_at=START, attempts=2,
            last_answer="Not yet.", revision=5,
        )
    )  # fmt: skip


def test_a_long_text_of_before_that_was_deleted_stays_deleted() -> None:
    place = {"vault": "v", "key": "takes/text-1/audio.mp3"}
    job = dataclasses.replace(a_text_of_before(JobState.DONE), result={"deleted": place})
    story = read_take(as_before(job))
    assert isinstance(story.order, LongText)
    assert (story.order.text, story.order.deleted) == ("", place)


@pytest.mark.parametrize("reading", ["text-1", ""])
def test_a_part_of_before_belongs_to_its_text_whether_it_was_deleted_or_not(reading: str) -> None:
    text = {"text": "Part 2."} if reading else {}
    job = dataclasses.replace(a_text_of_before(part=2, **text), id="0123456789abcdef-002")
    story = read_take(as_before(job, reading=reading))
    assert isinstance(story.order, Job)
    assert (story.order.long_text_id, story.order.part) == (reading or "0123456789abcdef", 2)
    assert (
        story.order.request == {name: ASKED[name] for name in ("model", "settings", "speed")} | text
    )


@pytest.mark.parametrize(
    "odd",
    [{"text": 7}, {"parts": "many"}, {"settings": []}, {"model": None}],
    ids=lambda odd: next(iter(odd)),
)
def test_an_odd_long_text_of_before_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(BadManifest):
        read_take(as_before(a_text_of_before(**odd), reading="text-1"))


def test_an_odd_part_of_before_is_refused() -> None:
    with pytest.raises(BadManifest):
        read_take(as_before(a_text_of_before(part="one; DROP TABLE jobs"), reading="text-2"))


def test_records_with_nothing_but_what_they_need_come_back() -> None:
    voice = a_voice()
    bare = Dossier(voice, (a_job(voice),), (evidence_of(voice, EvidenceKind.COPY),))
    assert read_dossier(write(bare)) == bare
    speech = a_job("voice-1", kind=JobKind.SPEECH)
    assert read_take(write(TakeStory(speech))) == TakeStory(speech)
    both = TakeStory(speech, a_take(speech))
    assert read_take(write(both)) == both


def test_local_fields_are_neither_written_nor_read() -> None:
    names = set().union(*LOCAL.values())
    assert names == manifest._STAYS_HERE
    body = json.loads(write(FULL))
    assert not names & (set(body["voice"]) | set(body["jobs"][0]) | set(body["evidence"][0]))
    body["voice"] |= {"saved_revision": 99, "copy_error": "no", "copy_next_at": 1}
    assert read_dossier(json.dumps(body).encode()).voice == at_home(VOICE)


def test_times_of_any_zone_are_written_as_utc() -> None:
    east = START.astimezone(timezone(timedelta(hours=9)))
    voice = a_voice(created_at=east)
    assert json.loads(write(Dossier(voice)))["voice"]["created_at"] == START.isoformat()
    assert read_dossier(write(Dossier(voice))).voice.created_at.tzinfo is UTC


def test_the_same_story_is_written_as_the_same_bytes() -> None:
    assert write(FULL) == write(read_dossier(write(FULL)))


def test_half_a_character_from_a_service_does_not_stop_the_writing() -> None:
    voice = a_voice()
    broken = a_job(voice, result={"text": "a\ud83d"})
    back = read_dossier(write(Dossier(voice, (broken,))))
    assert back.jobs[0].result == {"text": "a?"}


def test_what_a_later_version_adds_is_passed_over() -> None:
    body = json.loads(write(FULL))
    body["voice"]["colour"] = "blue"
    body["weather"] = {"sun": 1}
    assert read_dossier(json.dumps(body).encode()) == read_dossier(write(FULL))


@pytest.mark.parametrize(
    ("state", "answer", "kind", "read_as"),
    [
        (JobState.CONFIRMED, "In line: Kyma does one thing at a time.", None, "queue"),
        (JobState.CONFIRMED, "In line: Kyma does one thing at a time.", "", "queue"),
        (JobState.CONFIRMED, "The vault is full.", None, "trouble"),
        (JobState.CONFIRMED, "The vault is full.", "storage", "storage"),
        (JobState.CONFIRMED, "", None, ""),
        (JobState.WAITING, "The service took the order.", None, ""),
        (
            JobState.WAITING, "The sound is on the disk of another keeper, which brings it home.",
            None, "other_disk",
        ),
    ],
)  # fmt: skip
def test_the_answer_of_an_earlier_version_gets_its_reason(
    state: JobState, answer: str, kind: str | None, read_as: str
) -> None:
    voice = a_voice()
    body = json.loads(write(Dossier(voice, (a_job(voice, state=state, last_answer=answer),))))
    del body["jobs"][0]["error_tells_cost"], body["jobs"][0]["answer_kind"]
    if kind is not None:
        body["jobs"][0]["answer_kind"] = kind
    assert read_dossier(json.dumps(body).encode()).jobs[0].answer_kind == read_as


@pytest.mark.parametrize(
    ("left", "inquiry"),
    [
        ({"ticket": {"run_id": "run-1"}, "next_check_at": START}, Inquiry.ASKING),
        ({"result": {"audio_url": "x"}, "next_check_at": START}, Inquiry.ASKING),
        ({"next_check_at": START, "balance_after": Money(7)}, Inquiry.COMPARING),
        ({"balance_after": Money(7)}, Inquiry.COMPARED),
        ({"ticket": {"run_id": "run-1"}, "balance_after": Money(7)}, Inquiry.GIVEN_UP),
        ({}, Inquiry.GIVEN_UP),
    ],
)  # fmt: skip
def test_an_unknown_outcome_of_an_earlier_version_says_what_is_done_about_it(
    left: dict[str, Any], inquiry: Inquiry
) -> None:
    voice = a_voice()
    jobs = (a_job(voice, state=JobState.UNKNOWN, **left), a_job(voice, state=JobState.WAITING))
    body = json.loads(write(Dossier(voice, jobs)))
    for job in body["jobs"]:
        del job["inquiry"]
    read = read_dossier(json.dumps(body).encode()).jobs
    assert [job.inquiry for job in read] == [inquiry, Inquiry.NONE]


@pytest.mark.parametrize(
    ("error", "tells"),
    [
        ("Withdrawn before it was sent. Nothing was spent.", True),
        ("Kyma could not be reached. Nothing was sent and nothing was charged.", True),
        ("The recording of this order is not in the vault.", False),
    ],
)
def test_the_error_of_an_earlier_version_is_asked_once_what_it_tells(
    error: str, tells: bool
) -> None:
    voice = a_voice()
    body = json.loads(write(Dossier(voice, (a_job(voice, state=JobState.FAILED, error=error),))))
    assert read_dossier(json.dumps(body).encode()).jobs[0].error_tells_cost is False
    del body["jobs"][0]["error_tells_cost"]
    assert read_dossier(json.dumps(body).encode()).jobs[0].error_tells_cost is tells


def test_a_use_that_an_earlier_version_withdrew_gets_its_reason() -> None:
    voice = a_voice()
    said = ("It was used by another account's key.", "The service took this speech back.")
    seen = [evidence_of(voice, EvidenceKind.ACTIVATION, withdrawn_why=why) for why in said]
    body = json.loads(write(Dossier(voice, (), tuple(seen))))
    assert [item.withdrawn_kind for item in read_dossier(json.dumps(body).encode()).evidence] == [
        "", "",
    ]  # fmt: skip
    for item in body["evidence"]:
        del item["withdrawn_kind"]
    found = read_dossier(json.dumps(body).encode()).evidence
    assert [item.withdrawn_kind for item in found] == ["other_account", ""]


def test_what_an_earlier_version_lacks_has_its_default() -> None:
    body = json.loads(write(FULL))
    del body["voice"]["tags"], body["voice"]["consent"], body["jobs"]
    back = read_dossier(json.dumps(body).encode())
    assert (back.voice.tags, back.voice.consent, back.jobs) == ((), None, ())


Change = Callable[[dict[str, Any]], object]


def put(path: str, value: Any) -> Change:
    """Sets what lies under a dotted path of a manifest."""

    def change(body: dict[str, Any]) -> None:
        *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
        place: Any = body
        for part in way:
            place = place[part]
        place[last] = value

    return change


def drop(path: str) -> Change:
    def change(body: dict[str, Any]) -> None:
        place: Any = body
        *way, last = path.split(".")
        for part in way:
            place = place[part]
        del place[last]

    return change


def nested(levels: int) -> Any:
    deep: Any = 1
    for _ in range(levels):
        deep = [deep]
    return deep


HOSTILE: dict[str, Change] = {
    "no format": drop("format"),
    "another format": put("format", 2),
    "a format as text": put("format", "1"),
    "no voice": drop("voice"),
    "a voice that is a list": put("voice", []),
    "a voice that is nothing": put("voice", None),
    "no id": drop("voice.id"),
    "a number for a name": put("voice.name", 7),
    "a list for a name": put("voice.name", ["a"]),
    "nothing for a name": put("voice.name", None),
    "a text for a flag": put("voice.id_made_here", "yes"),
    "a number for a flag": put("voice.id_made_here", 1),
    "a flag for a number": put("voice.revision", True),
    "a fraction for a number": put("voice.revision", 1.5),
    "a text for tags": put("voice.tags", "tags"),
    "numbers for tags": put("voice.tags", [1]),
    "an unknown kind": put("voice.kind", "parrot"),
    "an unhashable kind": put("voice.kind", {}),
    "a list for consent": put("voice.consent", []),
    "an empty consent": put("voice.consent", {}),
    "a text for money": put("jobs.0.estimate", "1"),
    "a fraction for money": put("jobs.0.estimate", 0.5),
    "too much money": put("jobs.0.estimate", 10**16),
    "a list for a ticket": put("jobs.0.ticket", []),
    "jobs that are a record": put("jobs", {}),
    "jobs that are texts": put("jobs", ["a"]),
    "a huge text": put("voice.description", "a" * 100_001),
    "a huge tag": put("voice.tags", ["a" * 100_001]),
    "a revision beyond the database": put("voice.revision", 2**31),
    "a revision far beyond": put("voice.revision", 10**400),
    "a text with a NUL": put("voice.name", "a\0b"),
    "half a character": put("voice.name", "a\ud800"),
    "half a character in a result": put("jobs.0.result", {"a": ["\udfff"]}),
    "a name with a NUL in a result": put("jobs.0.result", {"a\0": 1}),
    "no number in a ticket": put("jobs.0.ticket", {"n": float("nan")}),
    "an endless number in a request": put("jobs.0.request", {"n": [float("inf")]}),
    "a deep ticket": put("jobs.0.ticket", {"n": nested(30)}),
    "a time without its zone": put("voice.created_at", "2026-11-20T09:00:00"),
    "a time that is none": put("voice.created_at", "tomorrow"),
    "a time that is a number": put("voice.created_at", 1_790_000_000),
    "the last time of all": put("voice.clock_start", "9999-12-31T23:59:59+00:00"),
    "before the first time": put("voice.clock_start", "0001-01-01T00:00:00+14:00"),
    "a path for an id": put("voice.id", "../../etc/passwd"),
    "a path for the id of a job": put("jobs.0.id", "a/b"),
    "a path for the id of evidence": put("evidence.0.id", "..\\up"),
    "a path for a link": put("voice.replaced_by", "../voice"),
    "a path for the job of evidence": put("evidence.0.job_id", "/root"),
    "an id with a line's end": put("voice.id", "voice-7\n"),
    "an empty id": put("jobs.0.id", ""),
    "a foreign voice": put("voice.id", "voice-9"),
    "a foreign job": put("jobs.0.voice_id", "voice-9"),
    "foreign evidence": put("evidence.0.voice_id", "voice-9"),
    "an order of a take": put("jobs.0.kind", "speech"),
    "the same job twice": lambda body: body["jobs"].append(body["jobs"][0]),
    "the same evidence twice": lambda body: body["evidence"].append(body["evidence"][0]),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_voice_is_refused(case: str) -> None:
    body = json.loads(write(FULL))
    HOSTILE[case](body)
    with pytest.raises(BadManifest):
        read_dossier(json.dumps(body).encode())


HOSTILE_TAKES: dict[str, Change] = {
    "no job": drop("job"),
    "nothing for a job": put("job", None),
    "another take": put("take.id", "take-2"),
    "a take of another voice": put("take.voice_id", "voice-9"),
    "an order of a voice": put("job.kind", "activation"),
    "a path for an id": lambda body: (put("job.id", "../a")(body), put("take.id", "../a")(body)),
    "a path for the voice": lambda body: (
        put("job.voice_id", "a/b")(body), put("take.voice_id", "a/b")(body),
    ),
    "a length that is no number": put("take.seconds", float("nan")),
    "an endless length": put("take.seconds", float("inf")),
    "a length beyond all floats": put("take.seconds", 10**400),
    "a flag for a length": put("take.seconds", True),
    "settings without end": put("take.settings", {"a": nested(30)}),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE_TAKES)
def test_a_hostile_take_is_refused(case: str) -> None:
    body = json.loads(write(STORY))
    HOSTILE_TAKES[case](body)
    with pytest.raises(BadManifest):
        read_take(json.dumps(body).encode())


NO_MANIFESTS = [
    b"",
    b"\0",
    b"\xff\xfe",
    b"null",
    b"[]",
    b'"text"',
    b"7",
    b"{}",
    b"NaN",
    b'{"format": 1}',
    b'{"format": NaN}',
    b"{" * 1000,
    b"[" * 100_000,
    b'{"format": 1, "voice":' * 50_000,
    b'{"format": 1, "x": ' + b"9" * 5000 + b"}",
    b" " * (manifest.MAX_BYTES + 1),
    "{}".encode("utf-16"),
]


@pytest.mark.parametrize("data", NO_MANIFESTS, ids=range(len(NO_MANIFESTS)))
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    for read in (read_dossier, read_take):
        with pytest.raises(BadManifest):
            read(data)


def test_a_refusal_is_a_sentence_that_quotes_nothing() -> None:
    body = json.loads(write(FULL))
    body["voice"]["kind"] = body["voice"]["created_at"] = "https://signed.example/?token=1"
    with pytest.raises(BadManifest) as caught:
        read_dossier(json.dumps(body).encode())
    assert str(caught.value) == "It lacks a part, or holds one that does not fit."


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["done", "minimax", "voice-7", "2026-11-20T09:00:00+00:00", "../x", "\ud800"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to all values inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for name, item in inner:
        found.append((*way, name))
        if isinstance(item, (dict, list)):
            found += places(item, (*way, name))
    return found


SMALL = Dossier(VOICE, JOBS[:1], SEEN[:1])
BODIES = {read_dossier: write(SMALL), read_take: write(STORY)}
WAYS = {read: places(json.loads(data)) for read, data in BODIES.items()}


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(list(BODIES)), st.data())
def test_a_changed_manifest_is_read_in_full_or_refused(
    read: Callable[[bytes], Dossier | TakeStory], data: st.DataObject
) -> None:
    body = json.loads(BODIES[read])
    for way in data.draw(st.lists(st.sampled_from(WAYS[read]), min_size=1, max_size=3)):
        place: Any = body
        for part in way[:-1]:
            place = place[part] if _has(place, part) else {}
        if _has(place, way[-1]):
            place[way[-1]] = data.draw(json_values)
    try:
        story = read(json.dumps(body).encode())
    except BadManifest:
        return
    assert read(write(story)) == story


def _has(place: Any, part: Any) -> bool:
    if isinstance(place, dict):
        return part in place
    return isinstance(place, list) and isinstance(part, int) and part < len(place)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.integers(0, 3000), st.integers(0, 50))
@example(b"", 0, 0)
def test_damaged_bytes_are_read_in_full_or_refused(noise: bytes, at: int, cut: int) -> None:
    for read, data in BODIES.items():
        damaged = data[:at] + noise + data[at + cut :]
        try:
            story = read(damaged)
        except BadManifest:
            continue
        assert read(write(story)) == story


@pytest.mark.parametrize("days", [-1, 3_651, 2**31 - 3])
def test_a_use_in_so_many_days_that_nobody_can_have_meant_it_is_refused(days: int) -> None:
    with pytest.raises(BadManifest):
        read_dossier(
            write(
                dataclasses.replace(
                    SMALL, voice=dataclasses.replace(SMALL.voice, refresh_days=days)
                )
            )
        )


@pytest.mark.parametrize("name", ["charged", "refunded", "estimate", "balance_before"])
def test_money_below_nothing_is_refused(name: str) -> None:
    body = json.loads(write(SMALL))
    body["jobs"][0][name] = -1_000_000
    with pytest.raises(BadManifest):
        read_dossier(json.dumps(body).encode())
