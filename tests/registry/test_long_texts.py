"""Long texts in the registry: ordered whole or not at all, and woken by their parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from lib.event_kinds import EventKind
from lib.models import (
    Dossier,
    EvidenceKind,
    Inquiry,
    Job,
    JobKind,
    JobState,
    LongText,
    Money,
    TextState,
)
from lib.registry import Outcome, Registry, schema
from lib.registry.events import Wanted
from lib.registry.schema import columns_of
from lib.registry.takes import WantedTakes
from lib.services import DEMO, NANOGPT
from tests.parts.clock import START
from tests.parts.sending import send
from tests.registry.records import a_job, a_long_text, a_take, a_voice, everything, evidence_of

MINUTE = timedelta(minutes=1)


def a_text(parts: int = 3, **fields: Any) -> tuple[LongText, list[Job]]:
    text = a_long_text("voice-1", parts=parts, next_check_at=START + MINUTE, **fields)
    made = [
        a_job("voice-1", id=f"{text.id}-{n:03d}", kind=JobKind.SPEECH, long_text_id=text.id,
              part=n, request={"text": f"Part {n}."})
        for n in range(1, parts + 1)
    ]  # fmt: skip
    return text, made


def the(registry: Registry, job: Job) -> Job:
    found = registry.jobs.get(job.id)
    assert found is not None
    return found


def the_text(registry: Registry, text: LongText) -> LongText:
    found = registry.long_texts.get(text.id)
    assert found is not None
    return found


def spoken(registry: Registry, part: Job) -> None:
    send(registry, part.id, START)
    registry.jobs.finish(
        part.id, now=START, outcome=Outcome({}, Money(5), take=a_take(part, text="Part."))
    )


def end(registry: Registry, text: LongText, state: TextState) -> None:
    if state is TextState.DONE:
        assert registry.long_texts.finish(a_take(text), now=START)
    else:
        assert registry.long_texts.fail(text.id, now=START, error="No.")


def test_a_text_is_committed_with_all_its_parts_in_their_order(registry: Registry) -> None:
    whole, parts = a_text(12)
    registry.long_texts.order((whole, parts))
    assert the_text(registry, whole) == whole
    assert registry.jobs.get(whole.id) is None
    assert [job.id for job in registry.long_texts.parts(whole.id)] == [job.id for job in parts]


def test_a_sound_that_is_joined_again_keeps_its_name_and_star(registry: Registry) -> None:
    whole, parts = a_text()
    registry.long_texts.order((whole, parts))
    for part in parts:
        spoken(registry, part)
    end(registry, whole, TextState.DONE)
    registry.takes.change(whole.id, name="Chapter one", favourite=True)
    assert registry.long_texts.resume(whole.id, person="Ada", now=START)
    anew = a_take(whole, seconds=9.0)
    assert registry.long_texts.finish(anew, now=START)
    assert registry.takes.get(whole.id) == replace(anew, name="Chapter one", favourite=True)


def test_the_same_text_is_ordered_once_and_half_of_it_never(registry: Registry) -> None:
    whole, parts = a_text(order_key="the same")
    registry.long_texts.order((whole, parts))
    before = everything(registry)
    other, its_parts = a_text(order_key="the same")
    assert [job.id for job in registry.long_texts.order((other, its_parts))] == [whole.id]
    assert everything(registry) == before


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.UNKNOWN])
def test_a_part_that_ends_makes_its_whole_due(registry: Registry, state: JobState) -> None:
    whole, parts = a_text()
    registry.long_texts.order((whole, parts))
    send(registry, parts[0].id, START)
    inquiry = Inquiry.GIVEN_UP if state is JobState.UNKNOWN else Inquiry.NONE
    moved = {"state": state, "inquiry": inquiry}
    registry.jobs.move(parts[0].id, (JobState.SUBMITTING,), START, "", "test", **moved)
    assert the_text(registry, whole).next_check_at == START
    assert the_text(registry, whole).state is TextState.WAITING


def test_what_is_noted_of_a_part_later_wakes_nobody(registry: Registry) -> None:
    whole, parts = a_text()
    registry.long_texts.order((whole, parts))
    spoken(registry, parts[0])
    registry.long_texts.fail(whole.id, now=START, error="Over.")
    registry.jobs.note(parts[0].id, now=START, what="refunded", refunded=Money(5))
    assert the_text(registry, whole).state is TextState.FAILED


@pytest.mark.parametrize("ended", [TextState.FAILED, TextState.DONE])
def test_a_part_that_is_spoken_brings_its_whole_back_to_life(
    registry: Registry, ended: TextState
) -> None:
    whole, parts = a_text(order_key="the text")
    registry.long_texts.order((whole, parts))
    end(registry, whole, ended)
    revision = the_text(registry, whole).revision
    # The same text was ordered anew meanwhile: the key of the first must not stand in its way.
    registry.long_texts.order(a_text(order_key="the text"))
    spoken(registry, parts[1])
    found = the_text(registry, whole)
    assert (found.state, found.next_check_at, found.error) == (TextState.WAITING, START, "")
    assert found.revision > revision


def test_a_failed_part_does_not_bring_its_whole_back(registry: Registry) -> None:
    whole, parts = a_text()
    registry.long_texts.order((whole, parts))
    registry.long_texts.fail(whole.id, now=START, error="Over.")
    registry.jobs.fail(parts[0].id, now=START, error="No.")
    assert the_text(registry, whole).state is TextState.FAILED


def test_a_whole_that_is_joined_again_has_its_newest_sound(registry: Registry) -> None:
    whole, parts = a_text()
    registry.long_texts.order((whole, parts))
    for text in ("First.", "Second."):
        assert registry.long_texts.finish(a_take(whole, text=text), now=START)
        assert registry.long_texts.resume(whole.id, person="Ada", now=START)
    found = registry.takes.get(whole.id)
    assert found is not None
    assert found.text == "Second."


def test_unfinished_texts_are_the_newest_that_are_not_joined(registry: Registry) -> None:
    old, done = a_text(created_at=START), a_text(created_at=START + MINUTE)
    new, demo = a_text(created_at=START + 2 * MINUTE), a_text(service=DEMO)
    for text in (old, done, new, demo):
        registry.long_texts.order(text)
    end(registry, done[0], TextState.DONE)
    end(registry, new[0], TextState.FAILED)
    found = registry.long_texts.unfinished(services=[NANOGPT], limit=9)
    assert [job.id for job in found] == [new[0].id, old[0].id]
    assert registry.long_texts.unfinished(services=[NANOGPT], limit=1)[0].id == new[0].id


def test_the_parts_of_a_long_text_let_everything_else_go_first(registry: Registry) -> None:
    whole, parts = a_text(12)
    registry.long_texts.order((whole, parts))
    short = a_job("voice-1", kind=JobKind.SPEECH, created_at=START + MINUTE)
    clone = a_job("voice-1", created_at=START + MINUTE)
    for job in (short, clone):
        registry.jobs.order(job)
    due = [job.id for job in registry.jobs.due([NANOGPT], START + 2 * MINUTE, 99)]
    assert set(due[:2]) == {short.id, clone.id}
    of_parts = {part.id for part in parts}
    assert [job_id for job_id in due if job_id in of_parts] == [part.id for part in parts]


# Lists of takes


@pytest.fixture
def takes(registry: Registry) -> list[str]:
    """Three takes of two voices, and a long text with its parts; the newest last."""
    ann, zoe = a_voice(id="voice-1", name="Ann Über"), a_voice(id="voice-2", name="Zoe")
    for voice in (ann, zoe):
        registry.voices.absorb(Dossier(voice))
    said = [("voice-1", "Good Morning"), ("voice-2", "ÜBER 100% sure_thing"), ("voice-2", "Bye")]
    ids = []
    for number, (voice_id, text) in enumerate(said):
        job = a_job(voice_id, kind=JobKind.SPEECH, state=JobState.DONE)
        take = a_take(job, text=text, created_at=START + number * MINUTE)
        registry.jobs.order(job)
        with registry.database.write() as connection:
            connection.execute(insert(schema.takes).values(columns_of(take)))
        ids.append(job.id)
    whole, parts = a_text()
    registry.long_texts.order((whole, parts))
    for part in parts:
        spoken(registry, part)
    registry.long_texts.finish(a_take(whole, text="Part."), now=START)
    return [*ids, whole.id]


def found(registry: Registry, search: str, **more: int) -> list[str]:
    limit = more.pop("limit", 9)
    services, wanted = [NANOGPT], WantedTakes(search)
    found = registry.takes.latest(wanted, services=services, limit=limit, **more)
    if not more and limit == 9:
        assert registry.takes.count(wanted, services=services, most=99) == len(found)
    return [take.id for take in found]


def test_parts_are_listed_with_their_whole_only(registry: Registry, takes: list[str]) -> None:
    assert set(found(registry, "")) == set(takes)


@pytest.mark.parametrize(
    ("search", "which"),
    [
        ("morning", [0]),
        ("GOOD morn", [0]),
        ("über", [0, 1, 3]),
        ("zoe", [1, 2]),
        ("zoe bye", [2]),
        ("ann bye", []),
        ("100%", [1]),
        ("0%s", []),
        ("sure_", [1]),
        ("o_d", []),
        ("'; DROP", []),
    ],
)
def test_takes_are_found_by_text_and_voice(
    registry: Registry, takes: list[str], search: str, which: list[int]
) -> None:
    assert set(found(registry, search)) == {takes[number] for number in which}


def test_takes_come_a_page_at_a_time(registry: Registry, takes: list[str]) -> None:
    everything_ = found(registry, "")
    assert found(registry, "", limit=2) == everything_[:2]
    assert found(registry, "", limit=2, skip=2) == everything_[2:]


# Forgetting


def test_forgetting_takes_the_text_and_keeps_the_money(registry: Registry) -> None:
    voice = a_voice()
    registry.voices.absorb(Dossier(voice))
    job = a_job(voice, kind=JobKind.SPEECH, request={"text": "Secret", "model": "m"})
    registry.jobs.order(job)
    use = evidence_of(
        voice, EvidenceKind.ACTIVATION, job_id=job.id, key="takes/x/audio.wav", summary="Secret"
    )
    outcome = Outcome({"audio_url": "https://signed"}, Money(7), evidence=use,
                      take=a_take(job, vault="v", key="takes/x/audio.wav"))  # fmt: skip
    send(registry, job.id, START)
    registry.jobs.finish(job.id, now=START, outcome=outcome)
    before = registry.voices.get(voice.id)
    assert registry.takes.forget([job.id], person="Ada", now=START)

    gone = the(registry, job)
    assert registry.takes.get(job.id) is None
    assert gone.request == {"model": "m"}
    assert gone.result == {"deleted": {"vault": "v", "key": "takes/x/audio.wav"}}
    assert gone.cost == Money(7)
    assert registry.takes.unsaved(9) == [job.id]
    dossier = registry.voices.dossier(voice.id)
    assert dossier is not None
    assert before is not None
    assert (dossier.evidence[0].key, dossier.evidence[0].summary) == ("", "")
    assert dossier.voice.revision > before.revision
    assert "Secret" not in str(everything(registry))
    (deed,) = registry.events.find(Wanted(kinds=[EventKind.DELETED]), limit=9)
    assert (deed.line.person, deed.line.job_id, deed.amount) == ("Ada", job.id, None)


def test_nothing_is_forgotten_while_one_of_the_orders_is_open(registry: Registry) -> None:
    whole, parts = a_text()
    registry.long_texts.order((whole, parts))
    spoken(registry, parts[0])
    before = everything(registry)
    ids = [job.id for job in (whole, *parts)]
    assert not registry.takes.forget(ids, person="Ada", now=START)
    assert everything(registry) == before
