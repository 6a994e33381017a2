"""How good a recording is: each real one gets the word a listener would give it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lib.recordings.listening import listen, measure
from lib.recordings.measures import Measure
from lib.recordings.problems import UnreadableRecording
from lib.recordings.quality import LIMITS, Grade, Limit, assess, worst
from lib.recordings.reasons import Finding
from lib.recordings.wording import ADVICE, advice, numbers
from tests.parts.length import mostly_slow
from tests.parts.sounds import RATE, Sound, low_passed, noise, silence, speech, tone, wav

GOOD, USABLE, POOR, NONE = Grade
F = Finding

SAMPLES: dict[str, tuple[int, Grade, tuple[Finding, ...]]] = {
    # Good recordings
    "jfk-11s-16k-mono.wav": (68, GOOD, ()),
    "jfk-11s-vbr.mp3": (67, GOOD, ()),
    "jfk-11s-44k-aac.m4a": (68, GOOD, ()),
    "jfk-11s-adts.aac": (68, GOOD, ()),
    "sonnet-53s-stereo-cbr.mp3": (80, GOOD, (F.LONG_TAIL,)),
    "librispeech-14s-vorbis.ogg": (82, GOOD, ()),
    "fleurs-en-11s-opus.ogg": (86, POOR, (F.INAUDIBLE,)),
    "harvard-36s-8k.wav": (66, USABLE, (F.TELEPHONE, F.LONG_LEAD)),
    "apollo11-13s-24k.wav": (46, POOR, (F.VERY_NOISY,)),
    "apollo11-89s-8k-8kbps.mp3": (45, USABLE, (F.TELEPHONE, F.LONG, F.LONG_TAIL)),
    "read-26s-16k-24bit.wav": (72, POOR, (F.VERY_NOISY, F.QUIET, F.RUMBLE, F.LONG_LEAD)),
    "noisy-exactly-10s-48k.wav": (63, USABLE, (F.RUMBLE, F.NOISY, F.LONG_LEAD)),
    "phone-21s-11k-stereo.wav": (47, GOOD, ()),
    "tts-260s-opus.ogg": (94, GOOD, (F.LONG,)),
    "music-12s-320k.mp3": (0, NONE, (F.NO_SPEECH,)),
    # Readable, but outside the rules or open
    "jfk-11s-opus.webm": (68, GOOD, ()),
    "jfk-11s-8k.amr": (67, USABLE, (F.TELEPHONE,)),
    "ljspeech-1s9.wav": (98, USABLE, (F.LITTLE_SPEECH,)),
    "ljspeech-boundary-10s.mp3": (94, USABLE, (F.SHORT,)),
    "common-voice-ja-6s5.mp3": (68, USABLE, (F.LITTLE_SPEECH,)),
    "format-test-9s66.m4a": (67, USABLE, (F.SHORT, F.LONG_LEAD)),
    "format-test-9s66-m4a-named.aac": (67, USABLE, (F.SHORT, F.LONG_LEAD)),
    "silence-8s.wav": (0, NONE, (F.NO_SPEECH,)),
    "adpcm-12s-44k.wav": (0, NONE, (F.NO_SPEECH,)),
    "mls-15s.opus": (95, GOOD, ()),
    "librispeech-12s.flac": (80, GOOD, ()),
    "mp3-inside.wav": (0, NONE, (F.NO_SPEECH,)),
    "mp3-inside.m4a": (0, NONE, (F.NO_SPEECH,)),
    "mulaw-2s.wav": (56, USABLE, (F.LITTLE_SPEECH,)),
    "rf64.wav": (0, NONE, (F.NO_SPEECH,)),
    "cover-art-2s.mp3": (95, USABLE, (F.LITTLE_SPEECH,)),
    "video-h264-aac-7s.mp4": (0, NONE, (F.NO_SPEECH,)),
    "adts-cut-mid-frame.aac": (1, NONE, (F.NO_SPEECH,)),
    "loops-old-parsers.wav": (59, NONE, (F.NO_SPEECH,)),
    "derived-apollo11-357s.mp3": (44, USABLE, (F.TELEPHONE, F.LONG, F.LONG_TAIL)),
    # Headers that lie
    "header-says-222s-8kb.mp3": (0, NONE, (F.NO_SPEECH,)),
    "header-says-1887s-4kb.mp3": (0, NONE, (F.NO_SPEECH,)),
    "absurd-sample-rate.wav": (0, NONE, (F.NO_SPEECH,)),
}
"""Share of speech in per cent as the list of the samples has it (Silero 6 by another library);
the rest is what somebody who listens would say."""

CLEAN = Measure(
    seconds=26.0,
    speech_seconds=21.0,
    loudness_lufs=-23.4,
    speech_db=-22.0,
    noise_distance_db=28.0,
    rumble_distance_db=40.0,
    clipped_share=0.0,
    bandwidth_hz=11_000.0,
    channel_correlation=None,
    channel_speech=None,
    lead=0.3,
    tail=0.4,
)
"""Nothing is wrong with it."""

JUST = {
    F.NO_SPEECH: ({"speech_seconds": 0.99}, {"speech_seconds": 1.0}),
    F.LITTLE_SPEECH: ({"speech_seconds": 4.99}, {"speech_seconds": 5.0}),
    F.MOSTLY_PAUSES: ({"speech_seconds": 10.39}, {"speech_seconds": 10.41}),
    F.INAUDIBLE: ({"speech_db": -50.1}, {"speech_db": -50.0}),
    F.QUIET: ({"speech_db": -35.1}, {"speech_db": -35.0}),
    F.VERY_NOISY: ({"noise_distance_db": 9.9}, {"noise_distance_db": 10.0}),
    F.NOISY: ({"noise_distance_db": 19.9}, {"noise_distance_db": 20.0}),
    F.RUMBLE: ({"rumble_distance_db": 5.9}, {"rumble_distance_db": 6.0}),
    F.CLIPPED: ({"clipped_share": 1.1e-4}, {"clipped_share": 1e-4}),
    F.TELEPHONE: ({"bandwidth_hz": 4_999.0}, {"bandwidth_hz": 5_000.0}),
    F.TWO_SPEAKERS: (
        {"channel_correlation": 0.49, "channel_speech": (8.0, 1.0)},
        {"channel_correlation": 0.5, "channel_speech": (8.0, 1.0)},
    ),
    F.CHANNELS_CANCEL: ({"channel_correlation": -0.51}, {"channel_correlation": -0.5}),
    F.LONG_LEAD: ({"lead": 1.01}, {"lead": 1.0}),
    F.LONG_TAIL: ({"tail": 1.01}, {"tail": 1.0}),
    F.SHORT: ({"seconds": 9.99, "speech_seconds": 8.0}, {"seconds": 10.0, "speech_seconds": 8.0}),
    F.LONG: ({"seconds": 60.1, "speech_seconds": 50.0}, {"seconds": 60.0, "speech_seconds": 50.0}),
}
"""For each finding: what is just enough for it, and what is just not."""


def changed(change: dict[str, object]) -> Measure:
    return replace(CLEAN, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    mostly_slow(
        SAMPLES,
        *(set(SAMPLES) - {"tts-260s-opus.ogg", "derived-apollo11-357s.mp3"}),
    ),
)
def test_a_real_recording_gets_the_word_that_a_listener_would_give_it(
    samples: Path, name: str
) -> None:
    share, grade, findings = SAMPLES[name]
    found = measure(listen((samples / name).read_bytes()))
    assert found.speech_share * 100 == pytest.approx(share, abs=1.5)
    quality = assess(found)
    assert (quality.grade, quality.findings) == (grade, findings)


def test_every_sample_is_listed_or_unreadable(samples: Path) -> None:
    sounds = {file for file in samples.iterdir() if file.suffix not in (".md", ".safetensors")}
    for file in sounds - {samples / name for name in SAMPLES} - {samples / "sha256sums.txt"}:
        with pytest.raises(UnreadableRecording):
            listen(file.read_bytes())


def test_a_clean_recording_is_good() -> None:
    quality = assess(CLEAN)
    assert (quality.grade, quality.findings) == (GOOD, ())


@pytest.mark.parametrize("finding", Finding)
def test_a_finding_begins_at_its_limit(finding: Finding) -> None:
    enough, too_little = JUST[finding]
    assert finding in assess(changed(enough)).findings
    assert finding not in assess(changed(too_little)).findings


def test_the_limits_are_in_the_order_of_the_findings_and_say_where_they_come_from() -> None:
    assert [limit.finding for limit in LIMITS] == list(Finding)
    assert all(limit.evidence for limit in LIMITS)
    grades = [list(Grade).index(limit.grade) for limit in LIMITS]
    assert grades == sorted(grades, reverse=True)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.finding)
def test_what_cannot_be_measured_is_no_finding(limit: Limit) -> None:
    nothing = replace(
        CLEAN, loudness_lufs=None, speech_db=None, noise_distance_db=None,
        rumble_distance_db=None, bandwidth_hz=None,
    )  # fmt: skip
    assert not limit.reached(nothing)


def test_what_is_wrong_is_said_once_and_the_worst_first() -> None:
    quality = assess(changed({"speech_db": -60.0, "noise_distance_db": 3.0, "lead": 4.0}))
    assert quality.grade == POOR
    assert quality.findings == (F.INAUDIBLE, F.VERY_NOISY, F.LONG_LEAD)


def test_without_speech_nothing_else_counts() -> None:
    quality = assess(changed({"speech_seconds": 0.0, "clipped_share": 0.5, "lead": 26.0}))
    assert (quality.grade, quality.findings) == (NONE, (F.NO_SPEECH,))


def test_two_sounds_are_two_people_only_where_both_speak() -> None:
    one_speaks = changed({"channel_correlation": 0.0, "channel_speech": (15.0, 0.2)})
    assert assess(one_speaks).findings == ()


# From the sound to the word


def spoiled(name: str) -> Sound:
    clear = speech(24)
    other = speech(12, speaker=bytes([7]) + bytes([50] * 31))
    return {
        "clear": clear,
        "quiet": clear * 0.2,
        "inaudible": clear * 0.03,
        "some noise": clear + noise(24, -42),
        "much noise": clear + noise(24, -33),
        "rumble": clear + tone(24, 40, 0.15),
        "clipped": clear * 5,
        "telephone": low_passed(clear, 3_400),
        "telephone with hiss": low_passed(clear, 3_400) + noise(24, -60),
        "two people": np.stack(
            (np.append(clear[: 12 * RATE], silence(12)), np.append(silence(12), other))
        ),
        "one person in stereo": np.stack((clear, clear * 0.7)),
        "one silent channel": np.stack((clear, clear * 0)),
        "turned over": np.stack((clear, -clear)),
        "late": np.concatenate((silence(2), clear)),
        "early end": np.concatenate((clear, silence(2))),
        "pauses": np.concatenate((clear[: 8 * RATE], silence(14), clear[: 2 * RATE])),
        "short": clear[: 8 * RATE],
        "little": clear[: 4 * RATE],
        "long": np.tile(clear, 3),
        "a tone": tone(12, 440),
        "a room": noise(12, -55),
        "nothing": silence(12),
    }[name]


@pytest.mark.parametrize(
    ("name", "grade", "findings"),
    [
        ("clear", GOOD, ()),
        ("quiet", USABLE, (F.QUIET,)),
        ("inaudible", POOR, (F.INAUDIBLE,)),
        ("some noise", USABLE, (F.NOISY,)),
        ("much noise", POOR, (F.VERY_NOISY,)),
        ("rumble", POOR, (F.VERY_NOISY, F.RUMBLE)),
        ("clipped", USABLE, (F.CLIPPED,)),
        ("telephone", USABLE, (F.TELEPHONE,)),
        ("telephone with hiss", USABLE, (F.TELEPHONE,)),
        ("two people", POOR, (F.TWO_SPEAKERS,)),
        ("one person in stereo", GOOD, ()),
        ("one silent channel", GOOD, ()),
        ("turned over", POOR, (F.CHANNELS_CANCEL,)),
        ("late", GOOD, (F.LONG_LEAD,)),
        ("early end", GOOD, (F.LONG_TAIL,)),
        ("pauses", USABLE, (F.MOSTLY_PAUSES,)),
        ("short", USABLE, (F.SHORT,)),
        ("little", USABLE, (F.LITTLE_SPEECH,)),
        ("long", GOOD, (F.LONG,)),
        ("a tone", NONE, (F.NO_SPEECH,)),
        ("a room", NONE, (F.NO_SPEECH,)),
        ("nothing", NONE, (F.NO_SPEECH,)),
    ],
)
def test_what_was_done_to_a_voice_is_found(
    name: str, grade: Grade, findings: tuple[Finding, ...]
) -> None:
    quality = assess(measure(listen(wav(spoiled(name)))))
    assert (quality.grade, quality.findings) == (grade, findings)


# Words for people


def test_every_finding_has_its_own_advice() -> None:
    assert ADVICE.keys() == set(Finding)
    said = {finding: advice(finding, changed(enough)) for finding, (enough, _) in JUST.items()}
    assert len(set(said.values())) == len(Finding)
    for sentence in [*said.values(), advice(None, CLEAN)]:
        assert sentence[0].isupper() or sentence[0].isdigit()
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert len(sentence) <= 110


def test_the_advice_is_about_the_worst() -> None:
    found = changed({"lead": 2.5, "speech_db": -40.0})
    about = worst(assess(found))
    assert advice(about, found) == "Speak closer to the microphone or raise the level here."
    found = changed({"lead": 2.5})
    about = worst(assess(found))
    assert advice(about, found) == "Cut off the 2.5 seconds before the first word."


def test_what_helps_against_noise_is_tried_before_another_recording() -> None:
    found = changed({"noise_distance_db": 4.0, "rumble_distance_db": 1.0})
    deep = changed({"rumble_distance_db": 1.0})
    assert assess(found).grade == POOR
    assert worst(assess(found)) is worst(assess(deep)) is Finding.RUMBLE


def test_the_numbers_are_in_words_for_people() -> None:
    assert numbers(CLEAN) == [
        ("Speech", "21 of 26 seconds"),
        ("Loudness", "−23 LUFS"),
        ("Speech level", "−22 dB"),
        ("Background noise", "28 dB below speech"),
        ("Distorted", "nothing"),
        ("Sound up to", "11 kHz"),
        ("Before the first word", "0.3 seconds"),
        ("After the last word", "0.4 seconds"),
    ]
    silent = measure(listen(wav(silence(3))))
    assert dict(numbers(silent)) == {"Speech": "none in 3 seconds", "Distorted": "nothing"}
