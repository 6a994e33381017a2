"""The first look: one voice in each state of health, and each behaves like it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from lib.demo import DemoService
from lib.demo.embedding import speaker
from lib.demo.showcase import EXHIBITS, Exhibit, embedding_for, preview, reference_recording
from lib.demo.speech import speak
from lib.models import Health, Source, VoiceKind, is_id
from lib.services import DEMO, SERVICES
from tests.demo.caller import Caller, seconds
from tests.parts.clock import SettableClock

BY_ID = {exhibit.id: exhibit for exhibit in EXHIBITS}


@pytest.fixture
def installed(demo: tuple[DemoService, Caller]) -> tuple[DemoService, Caller]:
    demo[0].install(EXHIBITS)
    return demo


def test_each_word_of_health_has_its_voice() -> None:
    assert {item.health for item in EXHIBITS} == set(Health) - {Health.BEING_MADE}
    assert [item.id for item in EXHIBITS] == [
        "demo-lost", "demo-probably-lost", "demo-at-risk", "demo-due-soon", "demo-unknown",
        "demo-waiting", "demo-safe", "demo-safe-copy", "demo-persistent",
    ]  # fmt: skip


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=BY_ID)
def test_an_exhibit_fits_the_records(exhibit: Exhibit) -> None:
    offer = SERVICES[DEMO].clone_offer(exhibit.kind)

    assert is_id(exhibit.id)
    assert VoiceKind(exhibit.kind)
    assert Source(exhibit.source)
    assert exhibit.name
    assert exhibit.description.endswith(".")
    if offer and offer.id_rule:
        assert offer.id_rule.fullmatch(exhibit.provider_voice_id)


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=BY_ID)
def test_a_reference_recording_is_long_enough_to_clone(exhibit: Exhibit) -> None:
    recording = reference_recording(exhibit)

    assert 10.5 < seconds(recording) < 30
    words = len(re.findall(r"\w+", exhibit.transcript))
    assert 1.5 < words / seconds(recording) < 4.5


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=BY_ID)
def test_a_preview_is_the_beginning_of_what_the_voice_says(exhibit: Exhibit) -> None:
    heard = preview(exhibit)

    assert 2 < seconds(heard) < 13
    said = re.match(r"[^.]+\. [^.]+\.", exhibit.transcript)
    assert said
    who = speaker(embedding_for(exhibit.seed))
    assert heard == speak(said[0], who, language=exhibit.language)


def test_no_two_exhibits_share_a_voice_or_a_text() -> None:
    assert len({embedding_for(item.seed) for item in EXHIBITS}) == len(EXHIBITS)
    assert len({item.transcript for item in EXHIBITS}) == len(EXHIBITS)


def test_what_lives_speaks_in_the_voice_of_its_recording(
    installed: tuple[DemoService, Caller],
) -> None:
    _, caller = installed
    for exhibit in EXHIBITS:
        if exhibit.kind != "minimax" or exhibit.health in ("lost", "probably_lost"):
            continue
        reply = caller.speak(exhibit.provider_voice_id, "Hello.")
        assert reply.status == 200
        expected = speak("Hello.", speaker(embedding_for(exhibit.seed)))
        assert caller.get(reply.json["audioUrl"]).body == expected


@pytest.mark.parametrize("name", ["demo-lost", "demo-probably-lost"])
def test_what_is_lost_is_not_found(installed: tuple[DemoService, Caller], name: str) -> None:
    refused = installed[1].speak(BY_ID[name].provider_voice_id)

    assert refused.status == 400
    assert "Voice not found" in refused.json["error"]["message"]


def test_the_qwen_exhibits_file_is_hosted(installed: tuple[DemoService, Caller]) -> None:
    service, caller = installed
    exhibit = BY_ID["demo-safe-copy"]

    assert caller.get(service.embedding_url(exhibit)).body == embedding_for(exhibit.seed)


def test_an_activated_exhibit_outlives_the_others(
    installed: tuple[DemoService, Caller], clock: SettableClock
) -> None:
    _, caller = installed
    clock.advance(timedelta(hours=10))

    assert caller.speak(BY_ID["demo-at-risk"].provider_voice_id).status == 400
    assert caller.speak(BY_ID["demo-safe"].provider_voice_id).status == 200


def test_putting_them_in_again_changes_nothing(
    installed: tuple[DemoService, Caller], clock: SettableClock
) -> None:
    service, caller = installed
    clock.advance(timedelta(hours=10))

    service.install(EXHIBITS)

    assert caller.speak(BY_ID["demo-at-risk"].provider_voice_id).status == 400
