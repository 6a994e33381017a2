"""What is heard in a recording is what is in it, and a part is measured as if it were cut out."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import astuple
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lib.recordings import hearing
from lib.recordings.decoding import opened
from lib.recordings.inspect import inspect
from lib.recordings.listening import (
    EDGE,
    MOST_SLICES,
    Listening,
    Measure,
    best_part,
    listen,
    measure,
    trimmed,
)
from lib.recordings.problems import UnreadableRecording
from lib.recordings.spans import Span
from tests.parts.sounds import (
    RATE,
    Sound,
    encoded,
    low_passed,
    noise,
    silence,
    speech,
    tone,
    wav,
)

OTHER = bytes([7]) + bytes([50] * 31)
MOST_TIMES = 30
"""Listening to an MP3, in times of decoding it to nothing: the model alone is 5 to 7."""
MOST_MEGABYTES = 150


def heard(sound: Sound) -> Measure:
    return measure(listen(wav(sound)))


def power(sound: Sound) -> float:
    return float((sound * sound).mean())


@cache
def clear() -> Sound:
    return speech(20)


@cache
def noisy_half() -> Listening:
    """Forty clean seconds behind forty noisy ones."""
    sound = speech(80)
    sound[: 40 * RATE] += noise(40, -40)
    return listen(wav(sound))


# Speech


@pytest.mark.parametrize(
    "sound",
    [silence(5), noise(5, -30), noise(5, -60), tone(5, 440), tone(5, 3_000, 0.5)],
    ids=["silence", "loud noise", "room noise", "a tone", "a high tone"],
)
def test_what_nobody_says_is_no_speech(sound: Sound) -> None:
    found = listen(wav(sound))
    assert found.speech == ()
    numbers = measure(found)
    assert numbers.speech_seconds == 0
    assert (numbers.speech_db, numbers.noise_distance_db, numbers.bandwidth_hz) == (None,) * 3
    assert (numbers.lead, numbers.tail) == (5, 5)
    assert best_part(found) == trimmed(found) == found.whole


def test_speech_is_found_where_it_is_and_nowhere_else() -> None:
    found = listen(wav(np.concatenate((silence(3), speech(6)[RATE // 2 :], silence(2)))))
    assert found.speech[0].start == pytest.approx(3, abs=0.15)
    assert found.speech[-1].end <= 8.7
    edges = [edge for span in found.speech for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    numbers = measure(found)
    assert 4 < numbers.speech_seconds < 5.5
    assert numbers.lead == pytest.approx(found.speech[0].start)
    assert numbers.tail == pytest.approx(found.seconds - found.speech[-1].end)


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [("mp3", "libmp3lame", 44_100), ("ogg", "libopus", 48_000), ("flac", "flac", 16_000)],
)
def test_the_same_is_heard_in_every_format(container: str, codec: str, rate: int) -> None:
    original = heard(clear())
    data = encoded(clear(), container, codec, rate=rate)
    found = measure(listen(data))
    assert found.seconds == pytest.approx(inspect(data).seconds)
    assert found.speech_seconds == pytest.approx(original.speech_seconds, abs=0.3)
    assert found.speech_db == pytest.approx(original.speech_db, abs=0.6)
    assert found.loudness_lufs == pytest.approx(original.loudness_lufs, abs=0.6)


# Level, noise, rumble


def test_loudness_is_that_of_the_standard() -> None:
    # ITU-R BS.1770-5, annex 1: 997 Hz at full scale in one channel has -3.01 LKFS.
    assert heard(tone(5, 997, 0.1)).loudness_lufs == pytest.approx(-23.01, abs=0.1)
    assert heard(silence(5)).loudness_lufs is None


def test_pauses_do_not_make_a_recording_quieter() -> None:
    long_pause = np.concatenate((tone(5, 997, 0.1), silence(10), tone(5, 997, 0.1)))
    assert heard(long_pause).loudness_lufs == pytest.approx(-23.0, abs=0.3)


@pytest.mark.parametrize("lower", [6.0, 12.0, 24.0])
def test_the_level_is_that_of_the_speech(lower: float) -> None:
    loud = heard(clear())
    low = heard(clear() * 10 ** (-lower / 20))
    assert loud.speech_db is not None
    assert loud.loudness_lufs is not None
    assert low.speech_db == pytest.approx(loud.speech_db - lower, abs=0.3)
    assert low.loudness_lufs == pytest.approx(loud.loudness_lufs - lower, abs=0.3)
    padded = heard(np.concatenate((silence(8), clear())))
    assert padded.speech_db == pytest.approx(loud.speech_db, abs=0.3)


@pytest.mark.parametrize("distance", [12.0, 20.0, 30.0])
def test_the_noise_is_as_far_off_as_it_was_put(distance: float) -> None:
    level = heard(clear()).speech_db
    assert level is not None
    hiss = noise(20, level - distance)
    # What is above 8 kHz is not heard at 16 kHz.
    expected = distance - 10 * np.log10(power(low_passed(hiss, 8_000)) / power(hiss))
    assert heard(clear() + hiss).noise_distance_db == pytest.approx(expected, abs=1.5)


def test_rumble_is_told_from_the_voice() -> None:
    usual, deep = heard(clear()), heard(clear() + tone(20, 35, 0.1))
    assert usual.speech_db is not None
    expected = usual.speech_db - 10 * np.log10(power(tone(20, 35, 0.1)))
    assert deep.rumble_distance_db == pytest.approx(expected, abs=1.5)
    assert deep.speech_db == pytest.approx(usual.speech_db, abs=0.3)
    assert deep.noise_distance_db is not None
    assert deep.noise_distance_db < 15


# Clipping, bandwidth


def test_clipped_samples_are_counted_and_their_places_told() -> None:
    sound = clear().copy()
    sound[5 * RATE : 7 * RATE] *= 8
    found = listen(wav(sound))
    share = float((np.abs(np.clip(sound, -1, 1)) >= hearing.FULL).mean())
    assert share > 0.001
    assert measure(found).clipped_share == pytest.approx(share, rel=0.01)
    assert found.clipped
    assert all(4.9 <= span.start < span.end <= 7.1 for span in found.clipped)
    assert measure(found, Span(8, 20)).clipped_share == 0
    assert listen(wav(clear())).clipped == ()


@pytest.mark.parametrize("hertz", [3_400, 6_000])
@pytest.mark.parametrize("hiss", [-90.0, -60.0])
def test_the_bandwidth_is_that_of_the_voice(hertz: int, hiss: float) -> None:
    found = heard(low_passed(clear(), hertz) + noise(20, hiss)).bandwidth_hz
    assert found is not None
    assert hertz - 1_500 <= found <= hertz + 500
    whole = heard(clear()).bandwidth_hz
    assert whole is not None
    assert whole >= 9_000


# Channels


def test_channels_are_compared() -> None:
    one = speech(20)
    other = np.roll(speech(20, speaker=OTHER), RATE)
    assert heard(one).channel_correlation is None
    same = heard(np.stack((one, one)))
    assert same.channel_correlation == pytest.approx(1, abs=0.001)
    assert same.channel_speech == (0, 0)
    two = heard(np.stack((one, other)))
    assert two.channel_correlation == pytest.approx(0, abs=0.2)
    assert two.channel_speech is not None
    assert min(two.channel_speech) > 1


def test_one_channel_is_heard_alone() -> None:
    data = wav(np.stack((speech(4.0), noise(4.0, -60.0))))
    left, right = (measure(listen(data, channel)) for channel in (0, 1))
    assert left.speech_seconds > 1
    assert right.speech_seconds == 0
    assert right.channel_correlation is None
    mono = wav(speech(4.0))
    assert measure(listen(mono, 1)) == measure(listen(mono))


def test_a_channel_turned_over_does_not_silence_the_voice() -> None:
    usual, cancelling = heard(clear()), heard(np.stack((clear(), -clear())))
    assert cancelling.channel_correlation == pytest.approx(-1, abs=0.001)
    assert cancelling.speech_seconds == pytest.approx(usual.speech_seconds, abs=0.2)
    assert cancelling.speech_db == pytest.approx(usual.speech_db, abs=0.2)


# Parts


@pytest.mark.parametrize(("start", "end"), [(0.0, 12.0), (7.3, 19.0), (21.7, 33.4), (5.0, 45.0)])
def test_a_part_is_measured_as_if_it_were_cut_out(start: float, end: float) -> None:
    sound = np.stack((speech(50), speech(50) * 0.5)) + noise(50, -50)
    sound[:, 30 * RATE :] *= 3
    part = measure(listen(wav(sound)), Span(start, end))
    cut = heard(sound[:, round(start * RATE) : round(end * RATE)])
    tolerances = {
        "seconds": 0.001, "speech_seconds": 0.4, "loudness_lufs": 0.3, "speech_db": 0.3,
        "noise_distance_db": 1.0, "rumble_distance_db": 1.0, "clipped_share": 2e-4,
        "bandwidth_hz": 500, "channel_correlation": 0.01, "lead": 0.15, "tail": 0.15,
    }  # fmt: skip
    for name, tolerance in tolerances.items():
        assert getattr(part, name) == pytest.approx(getattr(cut, name), abs=tolerance), name


@settings(deadline=None, max_examples=60)
@given(st.floats(-5, 90), st.floats(-5, 90))
@example(0, 0)
@example(79.999, 80)
@example(90, 85)
def test_any_part_can_be_measured(start: float, end: float) -> None:
    found = measure(noisy_half(), Span(start, end))
    assert 0 <= found.speech_seconds <= found.seconds <= 80
    assert 0 <= found.speech_share <= 1
    assert found.lead <= found.seconds
    assert found.tail <= found.seconds
    assert all(np.isfinite(n) for n in astuple(found) if isinstance(n, float))
    kept = trimmed(noisy_half(), Span(start, end))
    assert 0 <= kept.start <= kept.end <= 80


def test_trimming_leaves_a_breath_at_both_ends() -> None:
    found = listen(wav(np.concatenate((silence(3), speech(6), silence(2)))))
    part = trimmed(found)
    assert part.start == pytest.approx(found.speech[0].start - EDGE)
    assert part.end == pytest.approx(found.speech[-1].end + EDGE)
    assert trimmed(found, part) == part


def test_the_best_part_is_clean_and_lies_between_pauses() -> None:
    found = noisy_half()
    part = best_part(found)
    assert part.start >= 39.5
    assert 22 <= part.seconds <= 30
    for edge in (part.start, part.end):
        assert not any(span.start < edge < span.end for span in found.speech)
    assert measure(found, part).lead <= EDGE + 0.1


def test_the_best_part_has_speech_rather_than_pauses() -> None:
    sound = np.concatenate((speech(10), silence(30), speech(40), silence(30), speech(5)))
    part = best_part(listen(wav(sound)))
    assert 40 <= part.start < part.end <= 80.3


def test_a_short_recording_is_the_best_part_of_itself() -> None:
    found = listen(wav(np.concatenate((silence(3), speech(12), silence(2)))))
    assert best_part(found) == trimmed(found)


def test_speech_without_a_pause_is_cut_where_the_length_ends() -> None:
    found = listen(wav(speech(20)))
    longest = max(span.seconds for span in found.speech)
    assert best_part(found, longest / 2).seconds == pytest.approx(longest / 2)


# The picture


@pytest.mark.parametrize("seconds", [0.02, 1.0, 9.0, 60.0])
def test_the_envelope_has_equal_slices_and_all_peaks(seconds: float) -> None:
    sound = tone(seconds, 300, 0.2)
    place = int(len(sound) * 0.7)
    sound[place] = 0.9
    slices = listen(wav(sound)).envelope
    assert len(slices) <= MOST_SLICES
    loudest = int(np.argmax(slices))
    assert slices[loudest] == pytest.approx(0.9, abs=0.001)
    if seconds >= 1:
        assert loudest / len(slices) == pytest.approx(0.7, abs=0.03)


# What is no recording


@pytest.mark.parametrize("name", ["mp3-inside.m4a", "loops-old-parsers.wav", "cover-art-2s.mp3"])
@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_broken_bytes_are_unreadable_or_heard(
    samples: Path, name: str, data: st.DataObject
) -> None:
    broken = bytearray((samples / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(broken)))
    try:
        found = listen(bytes(broken[:end]))
    except UnreadableRecording:
        return
    assert 0 <= measure(found).speech_seconds <= found.seconds


def test_samples_that_are_no_numbers_are_silence() -> None:
    samples = np.zeros(RATE * 2, "<f4")
    samples[5:1_000] = np.nan
    samples[2_000] = np.inf
    data = bytearray(wav(np.zeros(RATE * 2)))
    data[20:22] = (3).to_bytes(2, "little")  # IEEE float
    data[28:36] = b"".join(n.to_bytes(s, "little") for n, s in ((RATE * 4, 4), (4, 2), (32, 2)))
    data[44:] = samples.tobytes()
    data[40:44] = len(samples.tobytes()).to_bytes(4, "little")
    found = listen(bytes(data))
    assert found.seconds == 2
    assert max(found.envelope) == 1
    assert measure(found).clipped_share == pytest.approx(1 / len(samples))


def test_longer_than_an_hour_is_not_heard_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "MAX_SECONDS", 3.0)
    with pytest.raises(UnreadableRecording):
        listen(wav(silence(6)))


def test_a_file_that_changes_its_rate_is_heard_whole() -> None:
    parts = [encoded(speech(4), "adts", "aac", rate=rate) for rate in (22_050, 44_100, 16_000)]
    found = listen(b"".join(parts))
    assert found.seconds == pytest.approx(12, abs=0.3)
    assert found.speech[-1].end > 11


def test_what_was_heard_before_changes_nothing() -> None:
    recording = wav(clear())
    first = listen(recording)
    listen(wav(silence(3)))
    again = listen(recording)
    assert again.heard.speech.tolist() == first.heard.speech.tolist()


# What it costs


@pytest.fixture(scope="module")
def five_minutes() -> bytes:
    return encoded(speech(30), "mp3", "libmp3lame", rate=44_100) * 10


@pytest.mark.slow
def test_listening_takes_a_bounded_multiple_of_decoding(five_minutes: bytes) -> None:
    listen(wav(silence(0.1)))  # libraries are loaded once
    begun = time.process_time()
    with opened(five_minutes, "mp3") as decoding:
        for _ in decoding.frames():
            pass
    decoded = time.process_time()
    found = listen(five_minutes)
    assert time.process_time() - decoded < MOST_TIMES * (decoded - begun)
    begun = time.process_time()
    measure(found)
    assert time.process_time() - begun < decoded


@pytest.mark.slow
def test_listening_takes_little_memory(five_minutes: bytes) -> None:
    program = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "import av, numpy\n"
        "from lib.recordings.listening import best_part, listen\n"
        "def used():\n"
        "    status = Path('/proc/self/status').read_text()\n"
        "    return int(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1]) / 1024\n"
        "data = sys.stdin.buffer.read()\n"
        "before = used()\n"
        "best_part(listen(data))\n"
        "print(used() - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=five_minutes, capture_output=True, check=True
    )
    assert 0 < float(done.stdout) < MOST_MEGABYTES
