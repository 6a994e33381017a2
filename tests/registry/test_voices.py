"""Dossiers: loaded in few queries, every change due to be saved, manifests taken with care."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import event, insert

from lib import storable
from lib.consent import Consent, Relation
from lib.event_kinds import EventKind
from lib.manifest import BadManifest, read_dossier, write_checked
from lib.models import (
    Dossier,
    ErrorKind,
    EvidenceKind,
    JobKind,
    JobState,
    Money,
)
from lib.registry import Registry, schema
from lib.registry.schema import columns_of
from lib.registry.takes import WantedTakes
from lib.services import DEMO, NANOGPT
from tests.parts.clock import START
from tests.registry.records import a_copy, a_job, a_take, a_voice, everything, evidence_of

MINUTE = timedelta(minutes=1)
TOKYO = timezone(timedelta(hours=9))


def add(registry: Registry, *dossiers: Dossier) -> None:
    """Bring dossiers into the registry at once."""
    given = {item.voice.consent.id: item.voice.consent for item in dossiers if item.voice.consent}
    parts = {
        schema.consents: list(given.values()),
        schema.voices: [item.voice for item in dossiers],
        schema.jobs: [job for item in dossiers for job in item.jobs],
        schema.evidence: [seen for item in dossiers for seen in item.evidence],
    }
    with registry.database.write() as connection:
        for table, records in parts.items():
            if records:
                connection.execute(insert(table), [columns_of(record) for record in records])


def a_dossier(**fields: Any) -> Dossier:
    voice = a_voice(**fields)
    jobs = (
        a_job(voice, state=JobState.DONE, service=voice.service),
        a_job(voice, kind=JobKind.ACTIVATION, created_at=START + MINUTE, service=voice.service),
    )
    return Dossier(voice, jobs, (a_copy(voice), a_copy(voice, at=START + MINUTE)))


def found(registry: Registry, voice_id: str) -> Dossier:
    dossier = registry.voices.dossier(voice_id)
    assert dossier is not None
    return dossier


def test_a_dossier_comes_back_as_it_was(registry: Registry) -> None:
    consent = Consent(
        "Ann", "Bob", START, "consent-ann", Relation.AGREED, "The harbour book",
        START + MINUTE, START + 2 * MINUTE, "Cy",
    )  # fmt: skip
    dossier = a_dossier(tags=("a", "b"), consent=consent, id_made_here=True, name="Änn 🎙")
    add(registry, dossier)
    assert found(registry, dossier.voice.id) == dossier
    assert registry.voices.get(dossier.voice.id) == dossier.voice
    assert registry.voices.dossier("voice-none") is None
    assert registry.voices.get("voice-none") is None


def test_speech_belongs_to_takes(registry: Registry) -> None:
    dossier = a_dossier()
    add(registry, dossier)
    registry.jobs.order(a_job(dossier.voice, kind=JobKind.SPEECH))
    assert found(registry, dossier.voice.id) == dossier


def test_dossiers_are_newest_first_and_of_the_named_services(registry: Registry) -> None:
    old, new = a_dossier(), a_dossier(created_at=START + MINUTE)
    demo = a_dossier(service=DEMO, created_at=START + 2 * MINUTE)
    add(registry, old, new, demo)
    assert registry.voices.dossiers() == [demo, new, old]
    assert registry.voices.dossiers(services=[NANOGPT]) == [new, old]
    assert registry.voices.dossiers(services=[]) == []
    assert registry.voices.dossiers(ids=[old.voice.id, "voice-none"]) == [old]
    assert registry.voices.dossiers(services=[DEMO], ids=[old.voice.id]) == []


def test_more_voices_need_no_more_queries(registry: Registry) -> None:
    statements: list[str] = []

    @event.listens_for(registry.database.engine, "before_cursor_execute")
    def note(_c: Any, _k: Any, statement: str, _p: Any, _x: Any, _many: bool) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    counts = []
    for more in (10, 290):
        add(registry, *(a_dossier() for _ in range(more)))
        statements.clear()
        dossiers = registry.voices.dossiers(services=[NANOGPT])
        counts.append((len(dossiers), len(statements)))
    assert counts == [(10, 3), (300, 3)]


def moments(record: Any) -> list[datetime]:
    values = (getattr(record, field.name) for field in dataclasses.fields(record))
    return [value for value in values if isinstance(value, datetime)]


def test_times_come_back_as_utc(registry: Registry) -> None:
    told = (START + timedelta(microseconds=123_456)).astimezone(TOKYO)
    voice = a_voice(
        created_at=told, clock_start=told, archived_at=told, copy_next_at=told,
        consent=Consent("Ann", "Bob", told, "consent-ann", until=told, withdrawn_at=told),
    )  # fmt: skip
    job = a_job(
        voice, created_at=told, send_before=told, submitted_at=told, finished_at=told,
        next_check_at=told, lease_until=told,
    )  # fmt: skip
    seen = a_copy(voice, at=told, read_back_at=told, withdrawn_at=told)
    add(registry, Dossier(voice, (job,), (seen,)))
    dossier = found(registry, voice.id)
    consent = dossier.voice.consent
    assert consent is not None
    records = (dossier.voice, consent, *dossier.jobs, *dossier.evidence)
    seen_times = [moment for record in records for moment in moments(record)]
    assert len(seen_times) == 16
    for moment in seen_times:
        assert moment == told
        assert moment.tzinfo is UTC


def test_every_change_of_the_story_is_due_to_be_saved(registry: Registry) -> None:
    dossier = a_dossier()
    other = a_dossier()
    add(registry, dossier, other)
    voice = dossier.voice
    registry.voices.saved(other.voice.id, 1)
    proof = evidence_of(voice, EvidenceKind.ACTIVATION)
    changes = (
        lambda: registry.voices.change(voice.id, name="Other", tags=("x",)),
        lambda: registry.voices.add_evidence(proof),
        lambda: registry.voices.change_evidence(proof, withdrawn_at=START, withdrawn_why="Back."),
        lambda: registry.jobs.order(a_job(voice, kind=JobKind.DESIGN)),
    )
    for number, change in enumerate(changes, start=1):
        registry.voices.saved(voice.id, number)
        assert registry.voices.unsaved(9) == []
        change()
        assert registry.voices.unsaved(9) == [voice.id]
        assert registry.voices.revisions() == {voice.id: number + 1, other.voice.id: 1}
    after = found(registry, voice.id)
    assert (after.voice.name, after.voice.tags) == ("Other", ("x",))
    assert after.valid_evidence(EvidenceKind.ACTIVATION) == ()


def test_the_keepers_own_notes_are_no_part_of_the_story(registry: Registry) -> None:
    dossier = a_dossier()
    add(registry, dossier)
    registry.voices.saved(dossier.voice.id, 1)
    full = {"error": "Full.", "kind": ErrorKind.STORAGE}
    registry.voices.files_later(dossier.voice.id, tries=2, next_at=START, **full)
    assert registry.voices.unsaved(9) == []
    voice = found(registry, dossier.voice.id).voice
    assert (voice.copy_tries, voice.copy_next_at) == (2, START)
    assert (voice.copy_error, voice.copy_error_kind) == ("Full.", "storage")


def test_a_change_while_its_manifest_is_written_stays_due(registry: Registry) -> None:
    dossier = a_dossier()
    add(registry, dossier)
    registry.voices.change(dossier.voice.id, name="While it was written")
    registry.voices.saved(dossier.voice.id, dossier.voice.revision)
    assert registry.voices.unsaved(9) == [dossier.voice.id]


def test_an_older_save_takes_nothing_back(registry: Registry) -> None:
    dossier = a_dossier(revision=5)
    add(registry, dossier)
    registry.voices.saved(dossier.voice.id, 5)
    registry.voices.saved(dossier.voice.id, 3)
    assert found(registry, dossier.voice.id).voice.saved_revision == 5


def test_what_is_unsaved_is_told_oldest_first_and_bounded(registry: Registry) -> None:
    dossiers = [a_dossier(created_at=START + number * MINUTE) for number in (2, 0, 1)]
    add(registry, *dossiers)
    ids = [dossiers[number].voice.id for number in (1, 2, 0)]
    assert registry.voices.unsaved(9) == ids
    assert registry.voices.unsaved(2) == ids[:2]


def test_a_manifest_of_a_voice_that_is_not_here_is_taken(registry: Registry) -> None:
    voice = a_voice(revision=7)
    done = a_job(voice, state=JobState.DONE, charged=Money.usd(1))
    dossier = Dossier(voice, (done,), (a_copy(voice),))
    assert registry.voices.absorb(dossier)
    saved = replace(voice, saved_revision=7)
    assert found(registry, voice.id) == replace(dossier, voice=saved)
    assert registry.voices.unsaved(9) == []


@pytest.mark.parametrize(("revision", "taken"), [(4, False), (5, False), (6, True)])
def test_the_newer_story_wins_and_of_equal_ones_ours(
    registry: Registry, revision: int, taken: bool
) -> None:
    ours = a_dossier(revision=5)
    other = a_dossier()
    add(registry, ours, other)
    speech = a_job(ours.voice, kind=JobKind.SPEECH)
    registry.jobs.order(speech)
    before = everything(registry)
    theirs = Dossier(
        replace(ours.voice, name="Theirs", revision=revision),
        (replace(ours.jobs[0], charged=Money.usd(1)),),
        (ours.evidence[0],),
    )
    assert registry.voices.absorb(theirs) is taken
    if not taken:
        assert everything(registry) == before
        return
    after = found(registry, ours.voice.id)
    assert after.voice == replace(theirs.voice, saved_revision=revision)
    assert (after.jobs, after.evidence) == (theirs.jobs, theirs.evidence)
    assert found(registry, other.voice.id) == other
    assert registry.jobs.get(speech.id) == speech


def test_what_was_being_sent_is_unknown_after_a_rebuild(registry: Registry) -> None:
    voice = a_voice()
    sending = a_job(voice, state=JobState.SUBMITTING, submitted_at=START + MINUTE)
    registry.voices.absorb(Dossier(voice, (sending,)))
    (job,) = found(registry, voice.id).jobs
    assert (job.state, job.finished_at) == (JobState.UNKNOWN, START + MINUTE)
    assert registry.jobs.due([NANOGPT], START + 99 * MINUTE, 9) == []


def test_what_was_confirmed_is_not_sent_by_itself_after_a_rebuild(registry: Registry) -> None:
    voice = a_voice()
    later = START + 60 * MINUTE
    confirmed = a_job(voice, state=JobState.CONFIRMED, send_before=later)
    registry.voices.absorb(Dossier(voice, (confirmed,)))
    assert registry.jobs.due([NANOGPT], START + MINUTE, 9) == []
    assert registry.jobs.renew(confirmed.id, person="Ann", now=START, send_before=later)
    assert len(registry.jobs.due([NANOGPT], START + MINUTE, 9)) == 1


def test_an_activation_that_was_only_confirmed_keeps_no_other_out_after_a_rebuild(
    registry: Registry,
) -> None:
    voice = a_voice()
    made = a_job(voice, state=JobState.DONE)
    confirmed = a_job(voice, kind=JobKind.ACTIVATION, created_at=START + MINUTE)
    registry.voices.absorb(Dossier(voice, (made, confirmed)))
    (job,) = found(registry, voice.id).activations
    assert (job.state, job.finished_at) == (JobState.UNKNOWN, START + MINUTE)
    registry.jobs.order(a_job(voice, kind=JobKind.ACTIVATION))


def test_what_was_waiting_is_followed_after_a_rebuild(registry: Registry) -> None:
    voice = a_voice()
    waiting = a_job(
        voice, state=JobState.WAITING, next_check_at=START, lease_until=None, ticket={"run_id": "r"}
    )
    registry.voices.absorb(Dossier(voice, (waiting,)))
    assert registry.jobs.due([NANOGPT], START, 9) == [waiting]


def contradictions(known: Dossier) -> dict[str, Dossier]:
    voice = a_voice()
    return {
        "another's order": Dossier(voice, (replace(known.jobs[0], voice_id=voice.id),)),
        "another's evidence": Dossier(voice, (), (replace(known.evidence[0], voice_id=voice.id),)),
        "two open uses": Dossier(
            voice,
            tuple(a_job(voice, kind=JobKind.ACTIVATION, state=JobState.WAITING) for _ in range(2)),
        ),
        "an order that is open already": Dossier(
            voice, (a_job(voice, order_key=known.jobs[1].order_key),)
        ),
    }


@pytest.mark.parametrize("case", contradictions(a_dossier()))
def test_a_manifest_that_contradicts_the_registry_is_refused(registry: Registry, case: str) -> None:
    known = a_dossier()
    add(registry, known)
    before = everything(registry)
    with pytest.raises(BadManifest, match="does not fit what is in the database"):
        registry.voices.absorb(contradictions(known)[case])
    assert everything(registry) == before


def test_a_line_that_is_too_long_is_cut_alike_on_both_databases(registry: Registry) -> None:
    voice = a_voice(name="a" * 300)
    assert registry.voices.absorb(Dossier(voice))
    kept = registry.voices.get(voice.id)
    assert kept is not None
    assert kept.name == "a" * 255


ODD_TEXTS = ["a\0b", "half \ud83d", "می\u200cخواهم", "👩\u200d🚀", "\0", "é" * 400]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_whatever_is_typed_or_answered_is_stored_and_its_story_can_be_read(
    registry: Registry, text: str
) -> None:
    voice = a_voice(
        name=text, transcript=text, tags=(text,), consent=Consent(text, text, START, use=text)
    )
    job = a_job(voice, person=text, request={"preview_text": text, text: [text]})
    registry.jobs.order(job, voice, [a_copy(voice, summary=text)])
    registry.jobs.submit(
        job.id, "me", now=START, until=START + MINUTE, account="nanogpt-1", balance=Money(-1)
    )
    registry.jobs.accepted(
        job.id,
        now=START,
        submitted_at=START,
        next_at=START,
        ticket={"run_id": text, "echo": {"x": text}},
        result={"url": text, "n": float("inf")},
        charged=Money(1),
        request_id=text,
    )
    registry.jobs.later(job, next_at=START, answer=text)
    registry.jobs.fail(job.id, now=START, error=text, error_kind=ErrorKind.INPUT, person=text)
    registry.events.add(text, text, voice.id, START, kind=EventKind.CHANGED)
    registry.notes.write("seen", {"sentence": text}, START)

    found = registry.voices.dossier(voice.id)
    assert found is not None
    assert found.jobs[0].error == storable.text(text)
    assert found.jobs[0].ticket["run_id"] == storable.text(text)
    back = read_dossier(write_checked(found))
    assert back.voice.name == found.voice.name
    assert back.jobs[0].request == found.jobs[0].request
    assert registry.events.of_voice(voice.id)[0].what == storable.text(text)


@pytest.mark.parametrize("odd", ["\0", "a\0b", "\ud800", "x" * 5_000])
def test_odd_texts_of_an_address_or_a_search_find_nothing(registry: Registry, odd: str) -> None:
    voice = a_voice()
    registry.jobs.order(a_job(voice), voice)
    assert registry.voices.dossier(odd) is None
    assert registry.jobs.get(odd) is None
    assert registry.takes.story(odd) is None
    assert registry.unreadable.get(odd) is None
    wanted = WantedTakes(odd)
    assert registry.takes.count(wanted, services=[voice.service], most=9) == 0
    assert registry.takes.latest(wanted, services=[voice.service], limit=1) == []


def test_takes_of_voices_stay_where_a_voice_is_replaced(registry: Registry) -> None:
    dossier = a_dossier()
    add(registry, dossier)
    speech = a_job(dossier.voice, kind=JobKind.SPEECH, state=JobState.DONE)
    take = a_take(speech)
    registry.jobs.order(speech)
    with registry.database.write() as connection:
        connection.execute(insert(schema.takes).values(columns_of(take)))
    registry.voices.absorb(replace(dossier, voice=replace(dossier.voice, revision=9)))
    assert registry.takes.get(speech.id) == take
