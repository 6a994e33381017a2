"""What signs an address stays out of the manifests, once nothing is to be fetched there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.manifest import TakeStory, read_dossier, write
from lib.models import Dossier, EvidenceKind, JobKind, JobState, Role, VoiceKind
from tests.registry.records import a_copy, a_job, a_voice, evidence_of

SIGNED = "https://files.example/voice.safetensors?id=1&X-Amz-Signature=SECRET"
PLAIN = "https://files.example/voice.safetensors?id=1"
VOICE = a_voice(kind=VoiceKind.QWEN, embedding_url=SIGNED)
RESULT = {"embedding_url": SIGNED, "preview_url": SIGNED, "audio_url": SIGNED, "seconds": 1.5}


def story(*seen: Any, state: JobState = JobState.DONE) -> Dossier:
    return Dossier(VOICE, (a_job(VOICE, state=state, result=RESULT),), seen)


def copied(role: Role) -> Any:
    return evidence_of(VOICE, EvidenceKind.COPY, role=role, vault="file:///v", key="voices/a/b/c")


def test_with_all_copies_nothing_signed_is_written() -> None:
    text = write(story(copied(Role.EMBEDDING), copied(Role.PREVIEW)))
    assert b"SECRET" not in text
    back = read_dossier(text)
    assert back.voice.embedding_url == PLAIN
    assert back.jobs[0].result["seconds"] == 1.5


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.SUBMITTING, JobState.UNKNOWN])
def test_what_is_still_to_be_fetched_keeps_its_address(state: JobState) -> None:
    assert read_dossier(write(story(state=state))).jobs[0].result == RESULT
    back = read_dossier(write(story()))
    assert back.voice.embedding_url == SIGNED
    assert back.jobs[0].result["preview_url"] == SIGNED
    assert back.jobs[0].result["audio_url"] == PLAIN


def test_a_withdrawn_copy_is_none() -> None:
    gone = a_copy(VOICE, withdrawn_at=VOICE.created_at)
    assert read_dossier(write(story(gone))).voice.embedding_url == SIGNED


def test_a_take_that_is_kept_needs_no_address_any_more() -> None:
    job = a_job(VOICE, kind=JobKind.SPEECH, state=JobState.DONE, result=RESULT)
    body = json.loads(write(TakeStory(job)))
    assert body["job"]["result"]["audio_url"] == PLAIN
