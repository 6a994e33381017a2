"""A name for a new voice, from what its recording is called."""

from __future__ import annotations

from datetime import date

import pytest

from lib.studio.core.typed_text import MAX_NAME
from lib.ui.access.names import AT_THIS_MACHINE, VISITOR
from lib.ui.clone.naming import LONGEST, suggested, words_of

DAY = date(2026, 11, 29)
OF_THE_DAY = "Voice of 29 November"


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("jane-doe.wav", "Jane Doe"),
        ("JANE_DOE.WAV", "Jane Doe"),
        ("Jane McDonald_final_v2.mp3", "Jane McDonald"),
        ("jane2.wav", "Jane"),
        ("O'Brien (take 3).flac", "O'Brien"),
        ("jfk-11s-16k-mono.wav", "JFK"),
        ("sonnet-53s-stereo-cbr.mp3", "Sonnet"),
        ("night_train.final.v3.wav", "Night Train"),
        ("Voice of the desert.mp3", "The Desert"),
        ("podcast%20intro.mp3", "Podcast Intro"),
        ("C:\\Users\\me\\Kaffee.wav", "Kaffee"),
        ("Neue Aufnahme Großmutter.m4a", "Großmutter"),
        ("enregistrement vocal Élodie.m4a", "Élodie"),
        ("Запись голоса Ивана.ogg", "Ивана"),
        ("أحمد 2.mp3", "أحمد"),
        ("आवाज़ दादी.mp3", "दादी"),
        ("録音_田中さん_01.wav", "田中さん"),
        ("할머니.m4a", "할머니"),
        ("คุณยาย.mp3", "คุณยาย"),
        ("می\u200cخواهم.mp3", "می\u200cخواهم"),
        ("April reading.wav", "April Reading"),
        ("*bold*_[link].wav", "Bold Link"),
    ],
)
def test_the_words_that_a_person_chose_are_the_name(file_name: str, name: str) -> None:
    assert words_of(file_name) == name
    assert suggested(file_name, "Grace Hopper", DAY, ()) == name


@pytest.mark.parametrize(
    "file_name",
    [
        "REC_0423 final v2.mp3",
        "WhatsApp Ptt 2024-05-01 at 10.11.12.ogg",
        "PTT-20240501-WA0003.opus",
        "AUD-20240501-WA0003.m4a",
        "audio_2024-05-01_10-11-12.ogg",
        "Recording (3).m4a",
        "New Recording 12.m4a",
        "voice-note.webm",
        "My recording.wav",
        "Screen Recording 2024-05-01 at 10.11.12 AM.mov",
        "Recording 29 Nov 2026.m4a",
        "Aufnahme 12.m4a",
        "Opname 4.m4a",
        "Nagranie 2.m4a",
        "新录音 3.m4a",
        "녹음 001.m4a",
        "تسجيل جديد.m4a",
        "रिकॉर्डिंग 1.mp3",
        "550e8400-e29b-41d4-a716-446655440000.m4a",
        "a1b2c3d4e5.mp3",
        "12345.wav",
        "IMG_2231.mp4",
        "the.wav",
        "🎤.wav",
        "..",
        "",
    ],
)
def test_what_a_recorder_calls_a_file_names_nobody(file_name: str) -> None:
    assert words_of(file_name) == ""
    assert suggested(file_name, "Grace Hopper", DAY, ()) == "Grace Hopper"
    assert suggested(file_name, "", DAY, ()) == OF_THE_DAY


@pytest.mark.parametrize("speaker", [VISITOR, AT_THIS_MACHINE, "ada@example.org", "  "])
def test_who_has_no_name_gives_none(speaker: str) -> None:
    assert suggested("Recording.m4a", speaker, DAY, ()) == OF_THE_DAY


def test_no_voice_gets_the_name_of_another() -> None:
    assert suggested("jane.wav", "", DAY, {"Jane"}) == "Jane 2"
    assert suggested("jane.wav", "", DAY, {" JANE ", "jane 2", "Bob"}) == "Jane 3"
    assert suggested("1.wav", "", DAY, {OF_THE_DAY}) == f"{OF_THE_DAY} 2"


@pytest.mark.parametrize(
    "file_name", ["Mrs Dalloway reads the quite long introduction of one.wav", "x" * 300 + ".wav"]
)
def test_a_name_is_short_and_ends_with_a_word(file_name: str) -> None:
    name = suggested(file_name, "", DAY, ())
    assert 1 < len(name) <= LONGEST <= MAX_NAME
    assert file_name.lower().startswith(name.lower())
    assert not name.endswith((" ", "quit", "lon"))
