"""Every real recording gets the verdict it deserves, with the true reason."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lib.recordings.inspect import Recording, UnreadableRecording, inspect
from lib.recordings.judge import judge, judge_bytes, main
from lib.services import SERVICES

OFFERS = SERVICES["nanogpt"].clones
MINIMAX, QWEN = OFFERS

YES = "can take this recording."
SHORT = " long. {} needs at least "
LONG = "This recording is 5 minutes 57 seconds long. {} takes at most 5 minutes. Cut it"
FORMAT = ". Convert it first."
VIDEO = "This is a video (MP4)."
CODEC = "is stored in an unusual way"
EMPTY = "This file is empty."
UNKNOWN = "This is no sound file of a kind known here"
LFS = "Git LFS"
DAMAGED = "it is damaged, incomplete or of an unusual kind"
NO_SOUND = "There is no sound behind the header"
ENCRYPTED = "This file is encrypted"

VERDICTS = {
    # Good recordings
    "jfk-11s-16k-mono.wav": (YES, YES),
    "jfk-11s-vbr.mp3": (YES, YES),
    "jfk-11s-44k-aac.m4a": (YES, YES),
    "jfk-11s-adts.aac": (FORMAT, YES),
    "sonnet-53s-stereo-cbr.mp3": (YES, YES),
    "librispeech-14s-vorbis.ogg": (FORMAT, YES),
    "fleurs-en-11s-opus.ogg": (FORMAT, YES),
    "harvard-36s-8k.wav": (YES, YES),
    "apollo11-13s-24k.wav": (YES, YES),
    "apollo11-89s-8k-8kbps.mp3": (YES, YES),
    "read-26s-16k-24bit.wav": (YES, YES),
    "noisy-exactly-10s-48k.wav": (YES, YES),
    "phone-21s-11k-stereo.wav": (YES, YES),
    "tts-260s-opus.ogg": (FORMAT, YES),
    "music-12s-320k.mp3": (YES, YES),
    # Readable, but outside the rules or open
    "jfk-11s-opus.webm": (FORMAT, FORMAT),
    "jfk-11s-8k.amr": (FORMAT, FORMAT),
    "ljspeech-1s9.wav": (SHORT, SHORT),
    "ljspeech-boundary-10s.mp3": (SHORT, YES),  # decided: padding of the encoder is no speech
    "common-voice-ja-6s5.mp3": (SHORT, YES),
    "format-test-9s66.m4a": (SHORT, YES),
    "format-test-9s66-m4a-named.aac": (SHORT, YES),
    "silence-8s.wav": (SHORT, YES),
    "adpcm-12s-44k.wav": (CODEC, CODEC),  # decided: WAV means PCM
    "mls-15s.opus": (FORMAT, YES),  # decided: Ogg by content, whatever the name
    "librispeech-12s.flac": (FORMAT, FORMAT),
    "mp3-inside.wav": (SHORT, SHORT),
    "mp3-inside.m4a": (SHORT, SHORT),
    "mulaw-2s.wav": (SHORT, SHORT),
    "rf64.wav": (SHORT, SHORT),
    "cover-art-2s.mp3": (SHORT, SHORT),
    "video-h264-aac-7s.mp4": (VIDEO, VIDEO),
    "adts-cut-mid-frame.aac": (FORMAT, YES),  # decided: what can be heard counts, with a warning
    "loops-old-parsers.wav": (SHORT, SHORT),
    "derived-apollo11-357s.mp3": (LONG, LONG),
    # Corrupt, empty, or with a header that lies
    "raw-pcm-no-header.wav": (UNKNOWN, UNKNOWN),
    "encrypted-8s.mp4": (ENCRYPTED, ENCRYPTED),
    "empty-0-bytes.mp3": (EMPTY, EMPTY),
    "one-byte.m4a": (UNKNOWN, UNKNOWN),
    "id3-magic-only-3-bytes.mp3": (UNKNOWN, UNKNOWN),
    "id3-tag-no-audio.mp3": (UNKNOWN, UNKNOWN),
    "truncated-39-bytes.m4a": (DAMAGED, DAMAGED),
    "header-only-44-bytes.wav": (NO_SOUND, NO_SOUND),
    "header-says-167s-no-data.m4a": (NO_SOUND, NO_SOUND),
    "header-says-315s-no-data.m4a": (NO_SOUND, NO_SOUND),
    "header-says-222s-8kb.mp3": (SHORT, SHORT),
    "sample-rate-zero.wav": (DAMAGED, DAMAGED),
    "bad-crc.ogg": (DAMAGED, DAMAGED),
    "header-says-1887s-4kb.mp3": (SHORT, SHORT),
    "loops-old-parsers.m4a": (NO_SOUND, NO_SOUND),
    "no-data-chunk.wav": (DAMAGED, DAMAGED),
    "absurd-sample-rate.wav": (SHORT, SHORT),
    "22-bytes.wav": (DAMAGED, DAMAGED),
    "git-lfs-pointer.wav": (LFS, LFS),
    "fragment-init-says-3900s.mp4": (NO_SOUND, NO_SOUND),
}

FACTS = {
    "jfk-11s-16k-mono.wav": ("wav", "pcm_s16le", 16000, 1, 11.000),
    "jfk-11s-vbr.mp3": ("mp3", "mp3", 16000, 1, 11.000),
    "jfk-11s-44k-aac.m4a": ("m4a", "aac", 44100, 1, 11.005),
    "jfk-11s-adts.aac": ("aac", "aac", 16000, 1, 11.072),
    "sonnet-53s-stereo-cbr.mp3": ("mp3", "mp3", 44100, 2, 53.267),
    "librispeech-14s-vorbis.ogg": ("ogg", "vorbis", 22050, 1, 13.910),
    "fleurs-en-11s-opus.ogg": ("ogg", "opus", 48000, 1, 11.460),
    "apollo11-89s-8k-8kbps.mp3": ("mp3", "mp3", 8000, 1, 89.208),
    "read-26s-16k-24bit.wav": ("wav", "pcm_s24le", 16000, 1, 25.718),
    "tts-260s-opus.ogg": ("ogg", "opus", 48000, 1, 259.631),
    "jfk-11s-opus.webm": ("webm", "opus", 48000, 1, 11.000),
    "jfk-11s-8k.amr": ("amr", "amr_nb", 8000, 1, 11.000),
    "ljspeech-boundary-10s.mp3": ("mp3", "mp3", 22050, 1, 9.945),
    "format-test-9s66-m4a-named.aac": ("m4a", "aac", 44100, 1, 9.659),
    "mls-15s.opus": ("ogg", "opus", 48000, 1, 14.850),
    "librispeech-12s.flac": ("flac", "flac", 16000, 1, 11.660),
    "mp3-inside.wav": ("wav", "mp3", 44100, 1, 1.045),
    "mp3-inside.m4a": ("m4a", "mp3", 44100, 1, 1.045),
    "rf64.wav": ("wav", "pcm_s16le", 48000, 2, 0.050),
    "cover-art-2s.mp3": ("mp3", "mp3", 44100, 2, 2.534),
    "video-h264-aac-7s.mp4": ("mp4-video", "aac", 44100, 2, 7.036),
    "adts-cut-mid-frame.aac": ("aac", "aac", 16000, 1, 16.000),
    "header-says-222s-8kb.mp3": ("mp3", "mp3", 44100, 2, 0.444),
}

GOOD = Recording("mp3", "mp3", 44100, 1, 30.0, 0.5, False, False, "audio/mpeg", "mp3")


def test_every_recording_of_the_folder_has_its_row(samples: Path) -> None:
    kept = {path.name for path in samples.iterdir()} - {"README.md", "sha256sums.txt"}
    assert {name for name in kept if not name.endswith(".safetensors")} == set(VERDICTS)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", VERDICTS)
def test_each_service_says_yes_or_the_true_reason(samples: Path, name: str) -> None:
    verdicts = judge_bytes((samples / name).read_bytes(), OFFERS)

    for offer, expected, who in zip(OFFERS, VERDICTS[name], ("MiniMax", "Qwen"), strict=True):
        verdict = verdicts[offer.service, offer.kind]
        assert expected.format(who) in verdict.reason
        assert verdict.accepted is (expected == YES)


@pytest.mark.parametrize("name", FACTS)
def test_what_is_in_a_file_is_what_comes_out_of_the_decoder(samples: Path, name: str) -> None:
    found = inspect((samples / name).read_bytes())

    *facts, seconds = FACTS[name]
    assert [found.format, found.codec, found.sample_rate, found.channels] == facts
    assert found.seconds == pytest.approx(seconds, abs=0.001)


def test_ten_seconds_to_the_sample_are_ten_seconds(samples: Path) -> None:
    assert inspect((samples / "noisy-exactly-10s-48k.wav").read_bytes()).seconds == 10.0


def test_damage_and_lying_headers_are_marked_and_good_files_are_not(samples: Path) -> None:
    readable = {name for name in VERDICTS if _read(samples, name)}
    marked = {name for name in readable if inspect((samples / name).read_bytes()).truncated}
    assert marked == {
        "adts-cut-mid-frame.aac",
        "header-says-222s-8kb.mp3",
        "header-says-1887s-4kb.mp3",
    }


def _read(samples: Path, name: str) -> Recording | None:
    try:
        return inspect((samples / name).read_bytes())
    except UnreadableRecording:
        return None


def test_a_picture_on_the_cover_is_no_film(samples: Path) -> None:
    assert not inspect((samples / "cover-art-2s.mp3").read_bytes()).has_video
    assert inspect((samples / "video-h264-aac-7s.mp4").read_bytes()).has_video


def test_a_file_goes_by_the_type_and_extension_of_its_content(samples: Path) -> None:
    renamed = inspect((samples / "format-test-9s66-m4a-named.aac").read_bytes())
    assert (renamed.media_type, renamed.extension) == ("audio/mp4", "m4a")


def test_the_sentence_gives_length_and_need() -> None:
    short = replace(GOOD, seconds=1.8995)
    assert judge(short, MINIMAX, 1000).reason == (
        "This recording is 1.9 seconds long. MiniMax needs at least 10 seconds."
    )


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (9.9999, "is 9.9 seconds long"),
        (1.0, "is 1 second long"),
        (0.04, "is less than 0.1 seconds long"),
        (300.01, "is 5 minutes 1 second long"),
        (360.0, "is 6 minutes long"),
    ],
)
def test_a_refused_length_is_never_rounded_to_an_accepted_one(seconds: float, said: str) -> None:
    verdict = judge(replace(GOOD, seconds=seconds), MINIMAX, 1000)
    assert not verdict.accepted
    assert said in verdict.reason


@pytest.mark.parametrize("seconds", [10.0, 300.0])
def test_the_bounds_themselves_are_accepted(seconds: float) -> None:
    assert judge(replace(GOOD, seconds=seconds), MINIMAX, 20_000_000).accepted


def test_a_byte_too_many_is_refused_with_the_size() -> None:
    assert judge(GOOD, QWEN, 20_000_001).reason == (
        "This file has 20.1 MB. Qwen takes at most 20 MB. Convert it to MP3 or cut it."
    )


def test_the_codec_inside_decides_and_the_file_is_named() -> None:
    packed = replace(GOOD, format="wav", codec="adpcm_ms")
    assert judge(packed, QWEN, 1000).reason == (
        "The sound inside this WAV file is stored in an unusual way (ADPCM MS). "
        "Convert it to MP3 first."
    )
    assert judge(replace(packed, codec="pcm_mulaw"), QWEN, 1000).accepted


def test_silence_and_damage_are_accepted_with_a_warning_each() -> None:
    verdict = judge(replace(GOOD, peak=0.0, truncated=True), QWEN, 1000)
    assert verdict.accepted
    assert len(verdict.warnings) == 2
    assert "nothing to hear" in verdict.warnings[0]
    assert judge(GOOD, QWEN, 1000).warnings == ()


def test_the_command_line_says_it_per_file_and_kind(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = samples / "jfk-11s-adts.aac", samples / "empty-0-bytes.mp3"

    assert main([str(good)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{good}: nanogpt minimax: refused: This is an AAC file. MiniMax takes MP3, M4A and WAV. "
        "Convert it first.",
        f"{good}: nanogpt qwen: accepted: Qwen can take this recording.",
        f"{good}: kyma minimax: refused: This is an AAC file. MiniMax takes MP3, M4A and WAV. "
        "Convert it first.",
    ]
    assert main([str(good), str(bad)]) == 1
    assert main([str(samples / "not-there.wav")]) == 1
    assert "cannot be opened" in capsys.readouterr().out


def test_the_command_line_runs_as_a_module(samples: Path) -> None:
    command = [sys.executable, "-m", "lib.recordings.judge", str(samples / "one-byte.m4a")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout.count(UNKNOWN) == 3
    assert done.stderr == ""
