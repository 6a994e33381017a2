"""From a recording to an order: what is refused, what is asked, and that nothing is lost."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from lib.models import JobKind, JobState, Role
from lib.services import DEMO
from lib.studio.core.typed_text import name_fault
from lib.studio.orders import wording
from lib.ui.access.names import VISITOR
from lib.ui.clone import reasons
from lib.ui.clone.bringing import CONSENT
from lib.ui.clone.reasons import Reason
from tests.pages.clone_form import agree, bring, confirm, fill_in, is_off, on_the_cards, why_off
from tests.pages.house import House, bound_to, go, read, said, shown, texts
from tests.parts.speech import spoken
from tests.sentences import BRING_FIRST, BROKEN_PAGE, EMPTY_FILE, NOTHING_STORED, ORDERED_BEFORE

pytestmark = pytest.mark.usefixtures("no_showcase")

QWEN = "Qwen voice · Demo"
SPEECHLESS = "clone_no_speech"


def paid(house: House) -> list[str]:
    """The kinds of the paid requests that reached the demo."""
    demo = house.context.demo
    assert demo
    kinds = [request["kind"] for request in demo.requests() if request["method"] == "POST"]
    return [kind for kind in kinds if kind in ("clone", "speech")]


def test_a_recording_becomes_a_voice_and_its_first_sound(house: House) -> None:
    visitor = fill_in(bring(house.open("clone"), spoken()))
    assert "WAV, 12.0 s, 22.05 kHz mono" in shown(visitor)
    assert not house.jobs()
    confirm(visitor)
    job = house.jobs()[0]
    assert visitor.query_params == {"job": job.id}
    assert (job.kind, job.state, job.service, job.person) == (
        JobKind.CLONE,
        JobState.CONFIRMED,
        DEMO,
        VISITOR,
    )
    assert paid(house) == []
    house.until(lambda: "Its first sound:" in shown(visitor.run()))
    assert paid(house)[:1] == ["clone"]
    assert paid(house).count("clone") == 1
    assert visitor.get("audio")


def test_a_voice_archived_before_its_first_use_has_no_sound_to_wait_for(house: House) -> None:
    visitor = fill_in(bring(house.open("clone"), spoken()))
    confirm(visitor)
    job = house.jobs()[0]
    house.context.registry.voices.change(job.voice_id, archived_at=house.clock.now())
    house.until(lambda: "The voice is ready." in said(visitor.run()))
    assert "Fetching its first sound" not in "\n".join(texts(visitor.caption))


def test_the_price_is_said_before_and_the_form_names_the_file(house: House) -> None:
    visitor = bring(house.open("clone"), spoken())
    assert visitor.text_input(key="clone_name").value == "Jane Doe"
    assert r"**Total: \$1.01 play money**" in shown(visitor).replace("\\\\", "\\")
    assert visitor.button(key="clone_confirm").label == "Clone this voice ($1.01 play money)"
    visitor.radio(key="clone_service").set_value(QWEN).run()
    assert visitor.button(key="clone_confirm").label == "Clone this voice ($0.25 play money)"


@pytest.mark.parametrize(
    ("sample", "sentence"),
    [
        ("one-byte.m4a", "This is not a known kind of audio file"),
        ("git-lfs-pointer.wav", "This is a Git LFS placeholder"),
        ("raw-pcm-no-header.wav", "This is not a known kind of audio file"),
        ("header-only-44-bytes.wav", "This file has a header but no sound"),
        ("no-data-chunk.wav", "its sound cannot be read"),
        ("header-says-167s-no-data.m4a", "This file has a header but no sound"),
        ("id3-tag-no-audio.mp3", "This is not a known kind of audio file"),
        ("encrypted-8s.mp4", "This file is copy-protected"),
        ("sample-rate-zero.wav", "its sound cannot be read"),
        ("ljspeech-1s9.wav", "MiniMax needs at least 10 seconds."),
        ("common-voice-ja-6s5.mp3", "MiniMax needs at least 10 seconds."),
        ("video-h264-aac-7s.mp4", "MiniMax needs at least 10 seconds."),
        ("derived-apollo11-357s.mp3", "MiniMax accepts at most 5 minutes."),
        ("qwen3-tts-preset-speakers.safetensors", "This is not a known kind of audio file"),
    ],
)
def test_what_is_no_recording_for_a_clone_turns_the_paid_button_off_and_says_why(
    house: House, samples: Path, sample: str, sentence: str
) -> None:
    visitor = fill_in(bring(house.open("clone"), (samples / sample).read_bytes(), sample))
    assert not visitor.exception
    assert BROKEN_PAGE not in said(visitor)
    assert sentence in why_off(visitor)
    assert is_off(visitor)
    assert not house.jobs()
    assert visitor.text_input(key="clone_name").value == "Jane"


def test_an_empty_file_is_refused_and_does_not_stay(house: House) -> None:
    visitor = bring(house.open("clone"), b"", "empty.mp3")
    assert EMPTY_FILE in said(visitor)
    assert is_off(visitor)
    assert not house.context.drafts.sweep()
    assert visitor.file_uploader(key=visitor.file_uploader[0].key)
    agree(bring(visitor, spoken()))
    assert EMPTY_FILE not in said(visitor)
    assert not is_off(visitor)


@pytest.mark.parametrize(
    ("sample", "sentence"),
    [
        ("jfk-11s-opus.webm", "This is a WebM file."),
        ("jfk-11s-8k.amr", "This is an AMR file."),
        ("librispeech-12s.flac", "This is a FLAC file."),
        ("adpcm-12s-44k.wav", "This WAV file holds ADPCM sound."),
    ],
)
def test_what_a_service_does_not_take_is_made_into_what_it_takes(
    house: House, samples: Path, sample: str, sentence: str
) -> None:
    brought = (samples / sample).read_bytes()
    visitor = fill_in(bring(house.open("clone"), brought, sample))
    assert sentence in on_the_cards(visitor)
    assert "Accepted after conversion" in on_the_cards(visitor)
    told = read("\n".join(texts(visitor.caption)))
    assert ". Your original is kept." in told
    if SPEECHLESS in [box.key for box in visitor.checkbox]:
        visitor.checkbox(key=SPEECHLESS).check().run()
    confirm(visitor)
    (job,) = house.jobs()
    found = house.context.registry.voices.dossier(job.voice_id)
    assert found
    kept = {copy.role: copy for copy in found.evidence}
    assert kept[Role.ORIGINAL].sha256 == sha256(brought).hexdigest() == job.request["original"]
    assert kept[Role.REFERENCE].sha256 == job.request["recording"] != job.request["original"]


def test_the_button_says_what_is_missing_first_and_is_on_once_nothing_is(house: House) -> None:
    visitor = house.open("clone")
    assert is_off(visitor)
    assert BRING_FIRST in why_off(visitor)
    bring(visitor, spoken())
    assert BRING_FIRST not in why_off(visitor)
    assert visitor.radio(key="clone_who").value is None
    assert reasons.SENTENCES[Reason.NOBODY] in why_off(visitor)
    visitor.text_input(key="clone_name").set_value("").run()
    assert name_fault("") in why_off(visitor)
    visitor.text_input(key="clone_name").set_value("Grace").run()
    visitor.radio(key="clone_who").set_value(CONSENT.other).run()
    assert reasons.SENTENCES[Reason.NO_SPEAKER] in why_off(visitor)
    visitor.text_input(key="clone_speaker").set_value("Grace Hopper").run()
    assert reasons.SENTENCES[Reason.NO_CONSENT] in why_off(visitor)
    assert is_off(visitor)
    visitor.checkbox(key="clone_consent").check().run()
    assert not is_off(visitor)
    confirm(visitor)
    voice = house.context.registry.voices.get(house.jobs()[0].voice_id)
    assert voice
    assert voice.consent
    assert (voice.consent.speaker, voice.consent.attested_by) == ("Grace Hopper", VISITOR)


@pytest.mark.parametrize("voice_id", ["1Jane2345", "Jane", "Jane Doe 1", "Jane-Doe-12", "J" * 65])
def test_a_voice_id_against_the_rule_is_refused_with_the_rule(house: House, voice_id: str) -> None:
    visitor = fill_in(bring(house.open("clone"), spoken()))
    visitor.text_input(key="clone_voice_id").set_value(voice_id).run()
    assert "Start with a letter" in said(visitor)
    assert is_off(visitor)
    assert visitor.text_input(key="clone_voice_id").value == voice_id


def test_a_double_click_and_a_second_tab_make_one_order(house: House) -> None:
    first = fill_in(bring(house.open("clone"), spoken()))
    second = fill_in(bring(house.enter("clone"), spoken()))
    confirm(first)
    confirm(second)
    assert len(house.jobs()) == 1
    assert first.query_params == second.query_params
    house.until(lambda: house.jobs()[-1].state is JobState.DONE)
    assert paid(house).count("clone") == 1


def test_the_same_recording_within_a_day_is_asked_about_first(house: House) -> None:
    recording = spoken()
    confirm(fill_in(bring(house.open("clone"), recording)))
    house.until(lambda: house.jobs()[-1].state is JobState.DONE)
    visitor = fill_in(bring(house.enter("clone"), recording), name="Jane again")
    confirm(visitor)
    assert ORDERED_BEFORE in said(visitor)
    assert len([job for job in house.jobs() if job.kind is JobKind.CLONE]) == 1
    assert visitor.text_input(key="clone_name").value == "Jane again"
    button = visitor.button(key="clone_confirm")
    assert button.label.startswith("Clone it again")
    button.click().run()
    assert len([job for job in house.jobs() if job.kind is JobKind.CLONE]) == 2
    assert visitor.query_params["job"] == house.jobs()[0].id


def test_the_question_is_not_carried_over_to_another_recording(house: House) -> None:
    recording = spoken()
    confirm(fill_in(bring(house.open("clone"), recording)))
    visitor = confirm(fill_in(bring(house.enter("clone"), recording), name="Jane again"))
    assert visitor.button(key="clone_confirm").label.startswith("Clone it again")
    bring(visitor, spoken(seed=180))
    assert visitor.button(key="clone_confirm").label.startswith("Clone this voice")


def test_an_order_is_left_with_an_empty_form_for_the_next(house: House) -> None:
    visitor = fill_in(bring(house.open("clone"), spoken()))
    visitor.text_input(key="clone_voice_id").set_value("JaneDoe12345").run()
    visitor.text_area(key="clone_preview_text").set_value("Good morning").run()
    confirm(visitor)
    visitor.button(key="clone_again").click().run()
    assert visitor.query_params == {}
    assert not visitor.exception
    assert not visitor.text_input(key="clone_name").value
    assert not visitor.text_input(key="clone_voice_id").value
    assert not visitor.text_area(key="clone_preview_text").value
    assert visitor.checkbox(key="clone_consent").value is False


@pytest.mark.usefixtures("live_key")
def test_where_nothing_lasts_no_clone_is_paid_and_nothing_typed_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEKEEP_SECRETS", "[team]\ntrust_host = true")
    with bound_to("0.0.0.0"):
        visitor = bring(house.open("clone"), spoken())
        fill_in(visitor, name="Jane", service="MiniMax voice · NanoGPT")
        visitor.text_input(key="clone_voice_id").set_value("JaneDoe12345").run()
        assert is_off(visitor)
        assert read(wording.sentence(wording.Reason.NO_BUCKET)) in why_off(visitor)
        assert visitor.text_input(key="clone_name").value == "Jane"
        assert visitor.text_input(key="clone_voice_id").value == "JaneDoe12345"
        assert visitor.checkbox(key="clone_consent").value is True
        fill_in(visitor, service="Qwen voice · NanoGPT")
        visitor.text_area(key="clone_transcript").set_value("Ask not what your country").run()
        assert is_off(visitor)
        assert visitor.text_area(key="clone_transcript").value == "Ask not what your country"
        assert visitor.text_input(key="clone_name").value == "Jane"
    assert not house.jobs()
    assert not house.look().sent


def test_what_was_typed_survives_a_look_at_settings(house: House) -> None:
    visitor = fill_in(house.open("clone"), service=QWEN)
    visitor.text_area(key="clone_transcript").set_value("Ask not").run()
    go(visitor, "settings")
    go(visitor, "clone")
    visitor.radio(key="clone_service").set_value(QWEN).run()
    assert visitor.text_area(key="clone_transcript").value == "Ask not"
    assert visitor.text_input(key="clone_name").value == "Jane"


def test_a_link_to_this_computer_is_refused_with_a_sentence(house: House) -> None:
    visitor = house.open("clone")
    for address in ("http://127.0.0.1:22/a.wav", "file:///etc/passwd", "no address", "http://["):
        visitor.text_input(key="clone_link").set_value(address).run()
        visitor.button(key="clone_fetch").click().run()
        assert not visitor.exception
        assert NOTHING_STORED in said(visitor), address
    assert not house.jobs()
