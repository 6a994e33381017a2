"""What the demo says can be written down, is as long as its text, and has a voice."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest
from numpy.typing import NDArray

from lib.demo.embedding import embedding, speaker
from lib.demo.speech import LANGUAGES, MAX_CHARACTERS, speak
from tests.demo.caller import seconds

SAMPLE_RATE = 22_050
SENTENCE = "The old harbour was quiet when the last boat came home. "
ANNA, BERT = (speaker(embedding(name)) for name in (b"Anna", b"Bert"))


def samples_of(wav: bytes) -> NDArray[np.float64]:
    with wave.open(io.BytesIO(wav)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float64)


def spectrum(wav: bytes) -> NDArray[np.float64]:
    """The mean power over frames of 1024 samples, of sum 1."""
    samples = samples_of(wav)
    frames = samples[: len(samples) // 1024 * 1024].reshape(-1, 1024) * np.hanning(1024)
    power: NDArray[np.float64] = (np.abs(np.fft.rfft(frames)) ** 2).mean(axis=0)
    return power / power.sum()


def pitch(wav: bytes) -> float:
    """The median fundamental of voiced frames in Hz, by autocorrelation."""
    samples, found = samples_of(wav), []
    shortest, longest = SAMPLE_RATE // 400, SAMPLE_RATE // 60
    for start in range(0, len(samples) - 1024, 1024):
        frame = samples[start : start + 1024] - samples[start : start + 1024].mean()
        similar = np.correlate(frame, frame, "full")[1023:]
        period = shortest + int(np.argmax(similar[shortest:longest]))
        if similar[0] > 1e9 and similar[period] > similar[0] / 2:
            found.append(SAMPLE_RATE / period)
    return float(np.median(found))


def test_it_is_a_mono_wav_of_16_bits_at_22050_hz() -> None:
    with wave.open(io.BytesIO(speak("Hello.", ANNA))) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 22_050)


def test_the_length_follows_the_text() -> None:
    one, two, eight = (seconds(speak(SENTENCE * times, ANNA)) for times in (1, 2, 8))

    assert 2 < one < 6
    assert one < two < eight
    assert eight / one == pytest.approx(8, rel=0.2)


def test_speed_is_honoured() -> None:
    slow, plain, fast = (
        seconds(speak(SENTENCE * 2, ANNA, speed=speed)) for speed in (0.5, 1.0, 2.0)
    )

    assert slow > 1.6 * plain
    assert fast < plain / 1.6


def test_the_same_voice_says_the_same_text_in_the_same_bytes() -> None:
    assert speak(SENTENCE, ANNA) == speak(SENTENCE, ANNA)


def test_two_voices_differ_in_pitch_and_spectrum() -> None:
    anna, bert = speak(SENTENCE, ANNA), speak(SENTENCE, BERT)

    assert abs(np.log2(pitch(anna) / pitch(bert))) > 1 / 6, "at least two semitones apart"
    assert np.abs(spectrum(anna) - spectrum(bert)).sum() > 0.3


def test_many_recordings_give_many_voices() -> None:
    voices = {speak("Hello.", speaker(embedding(bytes([number])))) for number in range(12)}

    assert len(voices) == 12


def test_it_is_speech_and_no_tone() -> None:
    wav = speak(SENTENCE * 2, BERT)
    strongest_first = np.sort(spectrum(wav))[::-1]
    bins_of_most_energy = int(np.searchsorted(np.cumsum(strongest_first), 0.9))
    samples = samples_of(wav)
    loudness = np.sqrt((samples[: len(samples) // 512 * 512].reshape(-1, 512) ** 2).mean(axis=1))

    assert strongest_first[0] < 0.25
    assert bins_of_most_energy > 15
    assert loudness.std() > loudness.mean() / 3, "syllables and pauses come and go"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_label_can_be_spoken(language: str) -> None:
    assert seconds(speak("Berlin, Madrid, Roma.", ANNA, language=language)) > 1


def test_languages_sound_different() -> None:
    as_english, as_french = (
        speak("Place des nations", ANNA, language=label) for label in ("English", "French")
    )

    assert as_english != as_french


@pytest.mark.parametrize(
    ("text", "label"),
    [("Привет, мир", "Russian"), ("你好，世界", "Chinese"), ("안녕하세요", "Korean")],
)
def test_without_a_label_the_script_tells_the_language(text: str, label: str) -> None:
    assert speak(text, ANNA, language="Auto") == speak(text, ANNA, language=label)


@pytest.mark.parametrize("text", ["...", "", "\0", "🙂"])
def test_a_text_without_words_is_a_short_silence(text: str) -> None:
    assert 0.2 < seconds(speak(text, ANNA)) < 2


def test_marks_and_markup_are_only_text() -> None:
    assert seconds(speak("[[h@loU]] <break time='60s'/> & done", ANNA)) < 30


def test_a_text_over_the_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="10000"):
        speak("x" * (MAX_CHARACTERS + 1), ANNA)
