"""Takes: found again instead of paid again, and rebuilt from their manifests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from lib.manifest import BadManifest, TakeStory
from lib.models import Dossier, Job, JobKind, JobState, Take, Voice
from lib.registry import Registry, schema
from lib.registry.schema import columns_of
from lib.registry.takes import WantedTakes
from lib.services import DEMO, NANOGPT
from tests.parts.clock import START
from tests.registry.records import a_job, a_take, a_voice, everything

MINUTE = timedelta(minutes=1)


def speech(voice: Voice | str = "voice-1", **fields: Any) -> Job:
    return a_job(voice, **({"kind": JobKind.SPEECH, "state": JobState.DONE} | fields))


def add(registry: Registry, voice: Voice | str = "voice-1", **fields: Any) -> Take:
    job = speech(voice)
    take = a_take(job, **({"key": f"takes/{job.id}/audio.wav"} | fields))
    registry.jobs.order(job)
    with registry.database.write() as connection:
        connection.execute(insert(schema.takes).values(columns_of(take)))
    return take


WANTED: dict[str, Any] = {
    "voice_id": "voice-1",
    "text": "Hello.",
    "model": "Minimax-Speech-02-HD",
    "settings": {"speed": 1.0, "language": "English"},
}


def test_the_newest_of_the_same_takes_is_offered(registry: Registry) -> None:
    add(registry, settings=WANTED["settings"])
    newest = add(registry, settings=WANTED["settings"], created_at=START + MINUTE)
    add(registry, settings={}, created_at=START + 2 * MINUTE)
    assert registry.takes.same(**WANTED) == newest


@pytest.mark.parametrize(
    "other",
    [
        {"voice_id": "voice-2"},
        {"text": "hello."},
        {"text": "Hello. "},
        {"model": "Minimax-Speech-02-Turbo"},
        {"settings": {"speed": 1.1, "language": "English"}},
        {"settings": {"speed": 1.0}},
        {"settings": {"speed": 1.0, "language": "English", "pitch": 2}},
    ],
)
def test_another_take_is_not_the_same(registry: Registry, other: dict[str, Any]) -> None:
    add(registry, settings=WANTED["settings"])
    assert registry.takes.same(**(WANTED | other)) is None


def test_a_take_without_its_sound_is_not_offered(registry: Registry) -> None:
    heard = add(registry, settings=WANTED["settings"])
    add(registry, settings=WANTED["settings"], created_at=START + MINUTE, key="")
    assert registry.takes.same(**WANTED) == heard


def test_the_order_of_settings_does_not_matter(registry: Registry) -> None:
    take = add(registry, settings={"language": "English", "speed": 1.0})
    assert registry.takes.same(**WANTED) == take


def test_the_latest_takes_are_of_the_named_services(registry: Registry) -> None:
    voices = {service: a_voice(service=service) for service in (NANOGPT, DEMO)}
    for voice in voices.values():
        registry.voices.absorb(Dossier(voice))
    old = add(registry, voices[NANOGPT])
    new = add(registry, voices[NANOGPT], created_at=START + MINUTE)
    demo = add(registry, voices[DEMO])
    assert registry.takes.latest(services=[NANOGPT], limit=9) == [new, old]
    assert registry.takes.latest(services=[NANOGPT], limit=1) == [new]
    assert registry.takes.latest(services=[DEMO], limit=9) == [demo]
    assert registry.takes.latest(services=[], limit=9) == []


def test_takes_are_found_by_name_voice_and_star(registry: Registry) -> None:
    ann, zoe = a_voice(name="Ann"), a_voice(name="Zoe")
    for voice in (ann, zoe):
        registry.voices.absorb(Dossier(voice))
    opening = add(registry, ann, name="Opening titles")
    starred = add(registry, ann, favourite=True, created_at=START + MINUTE)
    other = add(registry, zoe, favourite=True, created_at=START + 2 * MINUTE)

    def found(**wanted: Any) -> list[Take]:
        asked = WantedTakes(**wanted)
        takes = registry.takes.latest(asked, services=[NANOGPT], limit=9)
        assert registry.takes.count(asked, services=[NANOGPT], most=9) == len(takes)
        return takes

    assert found(search="TITLES ann") == [opening]
    assert found(voice_id=ann.id) == [starred, opening]
    assert found(favourites=True) == [other, starred]
    assert found(favourites=True, voice_id=ann.id) == [starred]
    assert found(favourites=True, voice_id=ann.id, search="titles") == []


def test_which_voices_have_takes_is_known(registry: Registry) -> None:
    voices = {service: a_voice(service=service) for service in (NANOGPT, DEMO)}
    for voice in (*voices.values(), a_voice()):
        registry.voices.absorb(Dossier(voice))
    for voice in voices.values():
        add(registry, voice)
        add(registry, voice)
    both = sorted(voice.id for voice in voices.values())

    def survey(*services: str, most_voices: int = 9) -> tuple[int, list[str]]:
        nothing = WantedTakes("not a word of it")
        takes = registry.takes
        assert takes.survey(nothing, services=services, most=9, most_voices=9)[0] == 0
        return takes.survey(WantedTakes(), services=services, most=3, most_voices=most_voices)

    assert survey(NANOGPT) == (2, [voices[NANOGPT].id])
    assert survey(NANOGPT, DEMO) == (3, both)
    assert survey(NANOGPT, DEMO, most_voices=1) == (3, both[:1])


def test_some_takes_are_found_by_their_ids(registry: Registry) -> None:
    voice = a_voice()
    registry.voices.absorb(Dossier(voice))
    old, _, new = (add(registry, voice, created_at=START + n * MINUTE) for n in range(3))
    ids = [old.id, new.id, "job-none"]
    assert registry.takes.some(ids, services=[NANOGPT]) == [new, old]
    assert registry.takes.some(ids, services=[DEMO]) == []


def test_what_people_say_about_a_take_is_told_to_the_vault(registry: Registry) -> None:
    take = add(registry)
    registry.takes.saved(take.id, 1)
    assert registry.takes.unsaved(9) == []
    assert registry.takes.change(take.id, name="Opening", favourite=True)
    assert registry.takes.get(take.id) == replace(take, name="Opening", favourite=True)
    assert registry.takes.unsaved(9) == [take.id]
    assert not registry.takes.change("job-none", name="Opening")


def test_a_story_is_a_job_and_what_it_brought(registry: Registry) -> None:
    take = add(registry)
    story = registry.takes.story(take.id)
    assert story is not None
    assert (story.order.id, story.take) == (take.id, take)
    empty = speech(state=JobState.WAITING)
    registry.jobs.order(empty)
    assert registry.takes.story(empty.id) == TakeStory(empty)
    assert registry.takes.story("job-none") is None
    assert registry.takes.get("job-none") is None


def test_a_story_that_changed_is_due_to_be_saved(registry: Registry) -> None:
    first, second = speech(), speech(created_at=START + MINUTE)
    for job in (second, first):
        registry.jobs.order(job)
    registry.jobs.order(a_job("voice-1"))
    assert registry.takes.unsaved(9) == [first.id, second.id]
    assert registry.takes.unsaved(1) == [first.id]
    registry.takes.saved(first.id, 1)
    registry.takes.saved(first.id, 0)
    assert registry.takes.unsaved(9) == [second.id]
    registry.jobs.note(first.id, now=START, what="seen")
    assert registry.takes.unsaved(9) == [first.id, second.id]


def test_a_story_that_is_not_here_is_taken(registry: Registry) -> None:
    job = speech(revision=3)
    story = TakeStory(job, a_take(job))
    assert registry.takes.absorb(story)
    assert registry.takes.story(job.id) == replace(story, order=replace(job, saved_revision=3))
    assert registry.takes.unsaved(9) == []


@pytest.mark.parametrize(("revision", "taken"), [(1, False), (2, False), (3, True)])
def test_the_newer_story_wins_and_of_equal_ones_ours(
    registry: Registry, revision: int, taken: bool
) -> None:
    job = speech(revision=2)
    registry.takes.absorb(TakeStory(job, a_take(job)))
    before = everything(registry)
    theirs = replace(job, revision=revision)
    assert registry.takes.absorb(TakeStory(theirs, a_take(job, text="Theirs."))) is taken
    if taken:
        found = registry.takes.get(job.id)
        assert found is not None
        assert found.text == "Theirs."
    else:
        assert everything(registry) == before


@pytest.mark.parametrize(
    ("state", "after"),
    [(JobState.SUBMITTING, JobState.UNKNOWN), (JobState.CONFIRMED, JobState.CONFIRMED)],
)
def test_nothing_is_sent_by_itself_after_a_rebuild(
    registry: Registry, state: JobState, after: JobState
) -> None:
    job = speech(state=state, submitted_at=START, send_before=START + 60 * MINUTE)
    registry.takes.absorb(TakeStory(job))
    found = registry.jobs.get(job.id)
    assert found is not None
    assert found.state is after
    assert registry.jobs.due([NANOGPT], START + MINUTE, 9) == []


def test_a_story_that_contradicts_the_registry_is_refused(registry: Registry) -> None:
    known = speech(state=JobState.WAITING)
    registry.jobs.order(known)
    before = everything(registry)
    with pytest.raises(BadManifest):
        registry.takes.absorb(TakeStory(speech(state=JobState.WAITING, order_key=known.order_key)))
    assert everything(registry) == before


def test_a_story_with_the_id_of_a_paid_clone_never_takes_its_place(registry: Registry) -> None:
    clone = a_job("voice-1", state=JobState.WAITING)
    registry.jobs.order(clone)
    before = everything(registry)
    with pytest.raises(BadManifest, match="an order that it does not list"):
        registry.takes.absorb(TakeStory(speech(id=clone.id, revision=99)))
    assert everything(registry) == before
