"""The files of a voice: which are wanted, where from, and when they are read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from lib.models import Dossier, ErrorKind, Evidence, EvidenceKind, JobState, Role, VoiceKind
from lib.retention import Step, StepKind, Terms, as_said, elsewhere, held, steps, wanted
from lib.services.minimax import MINIMAX_RETENTION
from lib.services.qwen import QWEN_RETENTION
from tests.parts.clock import START
from tests.registry.records import VAULT, a_copy, a_job, a_voice, evidence_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OLD = "file:///old"
TERMS = Terms(MINIMAX_RETENTION, VAULT, vault_counts=True)
VOICE = a_voice()
MADE = a_job(VOICE, state=JobState.DONE, finished_at=START)


def copy(role: Role, vault: str = VAULT, **fields: Any) -> Evidence:
    plain = {"sha256": role.value, "key": f"voices/voice-1/{role}/{role}.bin"}
    return a_copy(VOICE, role=role, vault=vault, **(plain | fields))


def sound(vault: str = VAULT, **fields: Any) -> Evidence:
    """A real use whose sound is in that vault."""
    plain = {"role": Role.ACTIVATION, "key": "voices/voice-1/activation/a.mp3", "sha256": "a"}
    return evidence_of(VOICE, EvidenceKind.ACTIVATION, vault=vault, **(plain | fields))


def voice(*seen: Evidence, **fields: Any) -> Dossier:
    return Dossier(replace(VOICE, **fields), (MADE,), (sound(), *seen))


def files(dossier: Dossier, now: datetime = START + HOUR, terms: Terms = TERMS) -> Step:
    return steps(dossier, terms, now)[1]


def test_every_file_in_the_vault_is_held_the_one_read_longest_ago_first() -> None:
    late = copy(Role.REFERENCE, read_back_at=START + DAY)
    early = copy(Role.PREVIEW, read_back_at=START + HOUR)
    withdrawn = copy(Role.EMBEDDING, withdrawn_at=START)
    spooled = sound(vault="", key="")
    strange = replace(copy(Role.PREVIEW), role="poster")
    dossier = Dossier(VOICE, (MADE,), (late, early, withdrawn, spooled, strange))
    assert held(dossier, VAULT) == (early, late)


def test_all_files_are_read_again_thirty_days_after_the_oldest_reading() -> None:
    late = sound(read_back_at=START + 20 * DAY)
    early = copy(Role.REFERENCE, read_back_at=START + 10 * DAY)
    dossier = Dossier(VOICE, (MADE,), (late, early))
    assert files(dossier) == Step(StepKind.VERIFY, START + 40 * DAY)


@pytest.mark.parametrize("role", [Role.REFERENCE, Role.PREVIEW, Role.EMBEDDING])
def test_what_lies_in_the_storage_of_before_moves(role: Role) -> None:
    old = copy(role, OLD)
    assert [want.copies for want in elsewhere(voice(old), VAULT)] == [(old,)]
    assert files(voice(old)).kind is StepKind.MOVE
    assert elsewhere(voice(old, copy(role)), VAULT) == ()


def test_the_sound_of_a_use_moves_with_its_use() -> None:
    dossier = Dossier(VOICE, (MADE,), (sound(OLD), sound(VAULT)))
    (want,) = elsewhere(dossier, VAULT)
    assert (want.role, len(want.copies)) == (Role.ACTIVATION, 1)


def test_a_file_in_two_old_places_is_wanted_once_and_the_newest_is_asked_first() -> None:
    first, second = copy(Role.REFERENCE, OLD), copy(Role.REFERENCE, "file:///x", at=START + DAY)
    (want,) = elsewhere(voice(first, second), VAULT)
    assert want.copies == (second, first)


def test_of_an_archived_voice_what_is_here_is_read_and_moved_but_nothing_is_fetched() -> None:
    archived = {"archived_at": START, "embedding_url": "https://files.example/v"}
    nothing = Dossier(replace(VOICE, **archived), (MADE,), ())
    assert files(nothing) == Step(StepKind.NOTHING)
    assert files(voice(copy(Role.REFERENCE), **archived)).kind is StepKind.VERIFY
    assert files(voice(copy(Role.REFERENCE, OLD), **archived)).kind is StepKind.MOVE


@pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.DONE])
def test_the_recording_of_what_was_not_made_moves_too(state: JobState) -> None:
    order = replace(MADE, state=state)
    assert files(Dossier(VOICE, (order,), (copy(Role.REFERENCE),))) == Step(StepKind.NOTHING)
    assert files(Dossier(VOICE, (order,), (copy(Role.REFERENCE, OLD),))).kind is StepKind.MOVE


def test_a_preview_is_fetched_for_a_week() -> None:
    made = replace(MADE, result={"preview_url": "https://files.example/p.mp3"})
    dossier = Dossier(VOICE, (made,), ())
    assert files(dossier) == Step(StepKind.MIRROR, START)
    assert files(dossier, START + 8 * DAY) == Step(StepKind.NOTHING)
    failing = replace(dossier, voice=replace(VOICE, copy_error="Gone.", copy_next_at=START + DAY))
    assert files(failing) == Step(StepKind.MIRROR, START + DAY, as_said("Gone."))


def test_a_moving_file_may_also_come_from_the_service_that_still_has_it() -> None:
    url = "https://files.example/voice.safetensors"
    qwen = Dossier(
        replace(VOICE, kind=VoiceKind.QWEN, embedding_url=url),
        (MADE,),
        (copy(Role.EMBEDDING, OLD),),
    )
    terms = Terms(QWEN_RETENTION, VAULT, vault_counts=True)
    (want,) = wanted(qwen, terms, START)
    assert (want.role, want.url, len(want.copies)) == (Role.EMBEDDING, url, 1)


def test_what_cannot_be_brought_does_not_keep_what_is_here_from_being_read() -> None:
    stuck = voice(
        copy(Role.REFERENCE, OLD),
        copy(Role.PREVIEW),
        copy_error="The old storage cannot be read.",
        copy_error_kind=ErrorKind.STORAGE,
        copy_next_at=START + 31 * DAY + HOUR,
    )
    assert files(stuck, START + 29 * DAY).kind is StepKind.MOVE
    found = files(stuck, START + 31 * DAY)
    assert (found.kind, found.at) == (StepKind.VERIFY, START + 30 * DAY)
