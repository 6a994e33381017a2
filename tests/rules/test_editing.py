"""What somebody brought is made into what a service takes, with one encoding step at most."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import wave
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from lib.recordings import editing, rewrapping
from lib.recordings.decoding import opened
from lib.recordings.editing import (
    Made,
    fit,
    make,
    playable,
    preview,
)
from lib.recordings.edits import Edit
from lib.recordings.inspect import inspect
from lib.recordings.judge import Fit, judge
from lib.recordings.kinds import sniff
from lib.recordings.loudness import CEILING, SPEECH_LUFS, Loudness, loudness
from lib.recordings.problems import CannotBeMade, UnreadableRecording
from lib.recordings.reasons import How, Reason, Why
from lib.recordings.samples import FADE, decoded
from lib.recordings.spans import Span
from lib.recordings.wording import sent_words
from lib.services import SERVICES, CloneOffer

OFFERS = {
    "minimax": SERVICES["nanogpt"].clones[0],
    "qwen": SERVICES["nanogpt"].clones[1],
    "kyma": SERVICES["kyma"].clones[0],
}
MINIMAX, QWEN = OFFERS["minimax"], OFFERS["qwen"]
NOTHING = Edit()

AS_IS, REWRAPPED, ENCODED, NO = How.AS_IS, How.REWRAPPED, How.ENCODED, None
MADE = {
    # name: what becomes of it for MiniMax (NanoGPT's and Kyma's), and for Qwen
    "jfk-11s-16k-mono.wav": ("wav", AS_IS, "wav", AS_IS),
    "jfk-11s-vbr.mp3": ("mp3", AS_IS, "mp3", AS_IS),
    "jfk-11s-44k-aac.m4a": ("m4a", AS_IS, "m4a", AS_IS),
    "jfk-11s-adts.aac": ("m4a", REWRAPPED, "aac", AS_IS),
    "sonnet-53s-stereo-cbr.mp3": ("mp3", AS_IS, "mp3", AS_IS),
    "librispeech-14s-vorbis.ogg": ("wav", ENCODED, "ogg", AS_IS),
    "fleurs-en-11s-opus.ogg": ("wav", ENCODED, "ogg", AS_IS),
    "read-26s-16k-24bit.wav": ("wav", AS_IS, "wav", AS_IS),
    "noisy-exactly-10s-48k.wav": ("wav", AS_IS, "wav", AS_IS),
    "jfk-11s-opus.webm": ("wav", ENCODED, "ogg", REWRAPPED),
    "jfk-11s-8k.amr": ("wav", ENCODED, "wav", ENCODED),
    "adpcm-12s-44k.wav": ("wav", ENCODED, "wav", ENCODED),
    "mls-15s.opus": ("wav", ENCODED, "ogg", AS_IS),
    "librispeech-12s.flac": ("wav", REWRAPPED, "wav", REWRAPPED),
    "adts-cut-mid-frame.aac": ("wav", ENCODED, "aac", AS_IS),
    "video-h264-aac-7s.mp4": ("", NO, "m4a", REWRAPPED),
    "ljspeech-boundary-10s.mp3": ("", NO, "mp3", AS_IS),
    "derived-apollo11-357s.mp3": ("", NO, "", NO),
    "ljspeech-1s9.wav": ("", NO, "", NO),
    "newmemo.qta": ("m4a", REWRAPPED, "m4a", REWRAPPED),
    "opus-in-mp4.m4a": ("wav", ENCODED, "ogg", REWRAPPED),
    "pocket-tts-2e9.wav": ("wav", REWRAPPED, "wav", REWRAPPED),
    "elevenlabs-7fffffff.wav": ("wav", REWRAPPED, "wav", REWRAPPED),
    "zeros-before.mp3": ("mp3", REWRAPPED, "mp3", REWRAPPED),
}
"""Real files, and what people's devices and services really write."""


@pytest.fixture(scope="session")
def bytes_of(samples: Path, cases: Path) -> Any:
    def read(name: str) -> bytes:
        path = samples / name
        return (path if path.is_file() else cases / "audio" / name).read_bytes()

    return read


def wav(samples: npt.NDArray[np.floating[Any]], rate: int = 48_000) -> bytes:
    """A WAV of numbers from -1 to 1: one row per moment, one column per channel."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32_767).astype("<i2").tobytes())
    return out.getvalue()


def tone(seconds: float, hertz: float = 440, level: float = 0.2, rate: int = 48_000) -> Any:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate) * level


def sound_of(data: bytes, channels: int = 1) -> Any:
    """All samples of a file, from -1 to 1."""
    rate = inspect(data).sample_rate
    return np.concatenate(list(decoded(data, rate, channels))) / 32_768


def frames_of(data: bytes) -> Any:
    """All samples exactly as the decoder gives them."""
    with opened(data, sniff(data)) as decoding:
        return np.concatenate([frame.to_ndarray() for frame in decoding.frames()], axis=1)


def made_or_refused(data: bytes, offer: CloneOffer, *, by_link: bool = True) -> Made | None:
    try:
        return make(data, NOTHING, offer, by_link=by_link)
    except CannotBeMade:
        return None


@pytest.mark.parametrize("by_link", [False, True])
@pytest.mark.parametrize("name", MADE)
def test_what_was_brought_becomes_what_each_service_takes(
    name: str, by_link: bool, bytes_of: Any
) -> None:
    data = bytes_of(name)
    for title, offer in OFFERS.items():
        form, how = MADE[name][2:] if title == "qwen" else MADE[name][:2]
        made = made_or_refused(data, offer, by_link=by_link)
        assert (made.recording.format if made else "") == form, title
        assert (made and made.how) is how, title
        if made is None:
            continue
        assert judge(made.recording, offer, len(made.data)).accepted, title
        assert len(made.data) <= (offer.max_bytes if by_link else offer.direct_bytes), title
        assert made.recording == inspect(made.data)
        assert made.recording.seconds == pytest.approx(inspect(data).seconds, abs=0.02)
        assert (made.data == data) is (how is AS_IS)


def test_a_part_of_a_video_is_made_into_sound_alone_and_said_to_be(bytes_of: Any) -> None:
    video = bytes_of("video-h264-aac-7s.mp4")
    recording, cut = inspect(video), Edit(part=Span(1, 5))
    verdict = fit(recording, len(video), cut, QWEN)
    assert verdict.fit is Fit.CONVERT
    assert verdict.why == Why(Reason.MADE_OF_PART)
    made = make(video, cut, QWEN)
    assert not made.recording.has_video
    assert made.recording.seconds == pytest.approx(4, abs=0.05)


@pytest.mark.slow
def test_a_long_recording_becomes_the_best_mp3_that_fits(bytes_of: Any) -> None:
    data = bytes_of("tts-260s-opus.ogg")
    made = make(data, NOTHING, MINIMAX, by_link=False)
    assert (made.how, made.recording.format) == (How.ENCODED, "mp3")
    assert made.recording.seconds == pytest.approx(inspect(data).seconds, abs=0.001)
    assert len(made.data) * 8 / made.recording.seconds == pytest.approx(64_000, rel=0.01)


@pytest.mark.parametrize(
    ("name", "formats"),
    [
        ("newmemo.qta", ("m4a",)),
        ("jfk-11s-adts.aac", ("m4a",)),
        ("jfk-11s-44k-aac.m4a", ("m4a",)),  # whose padding is told in a tag alone
        ("video-h264-aac-7s.mp4", ("m4a",)),
        ("jfk-11s-opus.webm", ("ogg",)),
        ("mp3-inside.wav", ("mp3",)),
        ("cover-art-2s.mp3", ("mp3",)),
        ("librispeech-12s.flac", ("wav",)),
        ("read-26s-16k-24bit.wav", ("wav",)),
        ("rf64.wav", ("wav",)),
        ("elevenlabs-7fffffff.wav", ("wav",)),
        ("zeros-before.mp3", ("mp3",)),
    ],
)
def test_a_file_wrapped_anew_decodes_to_the_very_same_samples(
    name: str, formats: tuple[str, ...], bytes_of: Any
) -> None:
    data = bytes_of(name)
    made = rewrapping.rewrapped(data, inspect(data), formats, 10_000_000)
    assert made is not None
    assert made.recording.format in formats
    assert np.array_equal(frames_of(made.data), frames_of(data))


def test_opus_in_mp4_begins_where_it_is_meant_to(bytes_of: Any) -> None:
    """Its start is told in samples of 16 kHz, which libav takes for samples of 48 kHz."""
    data = bytes_of("opus-in-mp4.m4a")
    made = rewrapping.rewrapped(data, inspect(data), ("ogg",), 10_000_000)
    assert made is not None
    sound = frames_of(made.data)
    assert made.recording.seconds == 14.0
    late, whole = 208, frames_of(data)  # two thirds of 312
    common = min(whole.shape[1] - late, sound.shape[1])
    assert common > 13.98 * 48_000
    assert np.array_equal(sound[:, :common], whole[:, late : late + common])


def test_what_loses_sound_when_it_is_wrapped_anew_is_encoded(
    bytes_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytes_of("newmemo.qta")
    trimmed = rewrapping._trimmed

    def short(source: Any) -> Any:
        yield from list(trimmed(source))[:-5]

    monkeypatch.setattr(rewrapping, "_trimmed", short)
    made = make(data, NOTHING, MINIMAX)
    assert made.how is How.ENCODED
    assert made.recording.seconds == pytest.approx(inspect(data).seconds, abs=0.001)


def test_an_mp3_whose_end_only_its_container_tells_is_not_wrapped_anew(bytes_of: Any) -> None:
    data = bytes_of("mp3-inside.m4a")
    assert rewrapping.rewrapped(data, inspect(data), ("mp3",), 10_000_000) is None


def test_a_wav_that_does_not_say_where_it_ends_is_put_right(bytes_of: Any) -> None:
    for name in ("pocket-tts-2e9.wav", "elevenlabs-7fffffff.wav"):
        made = make(bytes_of(name), NOTHING, MINIMAX)
        with wave.open(io.BytesIO(made.data)) as file:
            assert file.getnframes() / file.getframerate() == 14.0


def test_a_sound_that_gets_too_large_when_wrapped_anew_is_encoded() -> None:
    large = wav(np.tile(tone(40.0)[:, None], 2))
    made = make(large, NOTHING, MINIMAX, by_link=False)
    assert (made.how, made.recording.format) == (How.ENCODED, "mp3")
    assert len(made.data) < MINIMAX.direct_bytes
    assert make(large, NOTHING, MINIMAX).how is How.AS_IS
    assert rewrapping.rewrapped(large, inspect(large), ("wav",), 3_000_000) is None


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("jfk-11s-16k-mono.wav", "wav"),
        ("jfk-11s-vbr.mp3", "wav"),  # short enough to lose nothing
        ("tts-260s-opus.ogg", "wav"),
        ("sonnet-53s-stereo-cbr.mp3", "wav"),
    ],
)
def test_a_cut_is_exactly_as_long_as_was_chosen(name: str, form: str, bytes_of: Any) -> None:
    edit = Edit(part=Span(0.7, 10.7))
    made = make(bytes_of(name), edit, MINIMAX)
    assert made.how is How.ENCODED
    assert made.recording.seconds == 10.0
    assert made.recording.format == form


def test_a_cut_of_an_mp3_is_exact_too() -> None:
    long = wav(tone(100.0, rate=44_100), 44_100)
    made = make(long, Edit(part=Span(3.3, 63.3)), MINIMAX)
    assert made.recording.format == "mp3"
    assert made.recording.seconds == 60.0


def test_a_cut_of_a_wav_is_its_own_samples_softly_begun_and_ended(bytes_of: Any) -> None:
    data = bytes_of("harvard-36s-8k.wav")
    rate, edge = 8_000, round(FADE * 8_000)
    cut = sound_of(make(data, Edit(part=Span(3.0, 13.0)), MINIMAX).data)
    whole = sound_of(data)[3 * rate : 13 * rate]
    assert np.array_equal(cut[edge:-edge], whole[edge:-edge])
    assert cut[0] == 0
    assert np.abs(cut[:edge]).sum() < np.abs(whole[:edge]).sum()


def test_a_part_that_is_all_of_it_changes_nothing(bytes_of: Any) -> None:
    data = bytes_of("jfk-11s-16k-mono.wav")
    edit = Edit(part=Span(0.004, 11.5), mono=True, channel=1)  # of a mono recording
    made = make(data, edit, MINIMAX)
    assert (made.how, made.data) == (How.AS_IS, data)


def test_a_wrong_length_is_told_before_anything_is_made(
    bytes_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytes_of("derived-apollo11-357s.mp3")
    monkeypatch.setattr(editing, "decoded", None)
    for edit, words in (
        (NOTHING, "5 minutes 57 seconds"),
        (Edit(part=Span(0, 9.5)), "part is too short"),
        (Edit(part=Span(0, 301)), "part is too long"),
        (Edit(part=Span(400, 420)), "beyond the end"),
    ):
        with pytest.raises(CannotBeMade, match=words):
            make(data, edit, MINIMAX)


def test_speech_is_brought_to_one_loudness_without_clipping(bytes_of: Any) -> None:
    level = Edit(level=True)
    for name in ("jfk-11s-16k-mono.wav", "librispeech-12s.flac", "phone-21s-11k-stereo.wav"):
        data = bytes_of(name)
        for scale in (1.0, 0.1):
            quiet = wav(sound_of(data) * scale, inspect(data).sample_rate)
            made = make(quiet, level, MINIMAX)
            found = measured(made.data)
            assert made.how is How.ENCODED
            assert found.lufs is not None
            at_peak = found.peak == pytest.approx(10 ** (CEILING / 20), abs=0.001)
            assert at_peak or found.lufs == pytest.approx(SPEECH_LUFS, abs=0.2), (name, scale)
            assert found.peak <= 10 ** (CEILING / 20) + 1 / 32_768


def measured(data: bytes) -> Loudness:
    found = inspect(data)
    return loudness(
        decoded(data, found.sample_rate, found.channels), found.sample_rate, found.channels
    )


def test_silence_is_not_made_louder() -> None:
    made = make(wav(np.zeros(48_000 * 11)), Edit(level=True), MINIMAX)
    assert made.recording.peak == 0.0
    assert Loudness(None, 0.0).gain_to(SPEECH_LUFS) == 0.0


def test_rumble_goes_and_speech_stays(bytes_of: Any) -> None:
    data = bytes_of("noisy-exactly-10s-48k.wav")
    before, after = sound_of(data), sound_of(make(data, Edit(rumble=True), MINIMAX).data)
    assert len(after) == len(before)
    assert energy(after, 0, 60) < energy(before, 0, 60) / 10**1.2
    assert energy(after, 150, 8_000) == pytest.approx(energy(before, 150, 8_000), rel=0.05)


def energy(sound: Any, low: float, high: float, rate: int = 48_000) -> float:
    spectrum = np.abs(np.fft.rfft(sound[:, 0])) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / rate)
    return float(spectrum[(hertz >= low) & (hertz < high)].sum())


def test_one_channel_or_the_mean_of_both_can_be_chosen() -> None:
    left, right = tone(11.0, 300), tone(11.0, 700, 0.4)
    data = wav(np.stack([left, right], axis=1))
    for edit, expected in (
        (Edit(channel=0), left),
        (Edit(channel=1), right),
        (Edit(mono=True), (left + right) / 2),
        (Edit(mono=True, channel=1), right),
    ):
        made = make(data, edit, MINIMAX)
        assert (made.how, made.recording.channels) == (How.ENCODED, 1)
        assert np.abs(sound_of(made.data)[:, 0] - expected).max() < 0.001


def test_stereo_that_would_suffer_becomes_mono() -> None:
    stereo = wav(np.tile(tone(40.0, rate=16_000)[:, None], 2), 16_000)
    tight = replace(MINIMAX, direct_bytes=400_000)
    small = make(stereo, Edit(level=True), tight, by_link=False)
    assert (small.recording.format, small.recording.channels) == ("mp3", 1)
    assert make(stereo, Edit(level=True), tight).recording.channels == 2


@pytest.mark.parametrize(
    ("name", "formats"),
    [
        ("newmemo.qta", ("m4a",)),
        ("jfk-11s-opus.webm", ("ogg",)),
        ("librispeech-12s.flac", ("wav",)),
        ("jfk-11s-vbr.mp3", ("mp3",)),
    ],
)
def test_the_same_choice_makes_the_same_bytes(
    name: str, formats: tuple[str, ...], bytes_of: Any
) -> None:
    """An order is known again by what it sends."""
    data, edit = bytes_of(name), Edit(part=Span(0.5, 10.9), level=True, rumble=True)
    wrapped = [rewrapping.rewrapped(data, inspect(data), formats, 10**7) for _ in range(2)]
    assert wrapped[0] == wrapped[1]
    for asked in (MINIMAX, replace(MINIMAX, formats=("mp3",))):
        assert make(data, edit, asked).data == make(data, edit, asked).data
    assert preview(data, edit) == preview(data, edit)


def test_no_file_says_when_or_by_which_version_it_was_written(bytes_of: Any) -> None:
    for offer in (MINIMAX, QWEN, replace(MINIMAX, formats=("mp3",))):
        for name in ("newmemo.qta", "jfk-11s-opus.webm"):
            assert not re.search(rb"Lavf\d", make(bytes_of(name), NOTHING, offer).data)


def test_a_preview_is_small_and_every_browser_plays_it(bytes_of: Any) -> None:
    for name in ("newmemo.qta", "jfk-11s-opus.webm", "phone-21s-11k-stereo.wav"):
        data = bytes_of(name)
        for edit in (NOTHING, Edit(part=Span(1, 6), level=True, rumble=True), Edit(channel=0)):
            heard = inspect(preview(data, edit))
            assert playable(heard)
            assert (heard.format, heard.channels) == ("mp3", 1)
            expected = edit.part.seconds if edit.part else inspect(data).seconds
            assert heard.seconds == pytest.approx(expected, abs=0.02)


def test_what_browsers_play_themselves_is_told_apart(bytes_of: Any) -> None:
    plays = {
        name: playable(inspect(bytes_of(name)))
        for name in MADE
        if not name.endswith((".ogg", ".opus"))
    }
    assert [name for name, is_played in plays.items() if not is_played] == [
        "jfk-11s-opus.webm",
        "jfk-11s-8k.amr",
        "adpcm-12s-44k.wav",
        "video-h264-aac-7s.mp4",
        "newmemo.qta",
        "opus-in-mp4.m4a",
    ]


def test_what_was_done_is_told_in_a_line(bytes_of: Any) -> None:
    told = [
        sent_words(made.how, made.recording.format, len(made.data))
        for name, offer in (
            ("jfk-11s-opus.webm", replace(MINIMAX, formats=("mp3",))),
            ("newmemo.qta", MINIMAX),
            ("jfk-11s-vbr.mp3", MINIMAX),
        )
        for made in [make(bytes_of(name), NOTHING, offer)]
    ]
    assert told == [
        "Converted to an MP3 file, 177 kB. Your original is kept.",
        "Saved as an M4A file without any loss, 125 kB. Your original is kept.",
        "Sent unchanged, 76 kB.",
    ]


@pytest.mark.parametrize(
    "name", ["newmemo.qta", "jfk-11s-opus.webm", "jfk-11s-adts.aac", "librispeech-12s.flac"]
)
def test_broken_bytes_are_refused_or_made_and_nothing_else(name: str, bytes_of: Any) -> None:
    chance = np.random.default_rng(13)
    data = np.frombuffer(bytes_of(name), np.uint8)
    for edit in (NOTHING, Edit(part=Span(1, 12), level=True, rumble=True)):
        for _ in range(4):
            broken = data.copy()
            places = chance.integers(0, len(broken), 40)
            broken[places] = chance.integers(0, 256, 40)
            with suppress(UnreadableRecording, CannotBeMade):
                made = make(broken.tobytes(), edit, QWEN)
                assert judge(made.recording, QWEN, len(made.data)).accepted


def test_what_is_no_sound_is_neither_made_nor_played() -> None:
    for data in (b"", b"no sound at all", wav(tone(1.0))[:44]):
        with pytest.raises(UnreadableRecording):
            make(data, NOTHING, QWEN)
        with pytest.raises(UnreadableRecording):
            preview(data, NOTHING)


MEASURED = """
import sys
from lib.recordings.editing import make, preview
from lib.recordings.edits import Edit
from lib.recordings.problems import CannotBeMade
from lib.recordings.spans import Span
from lib.services import SERVICES

def most():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))

offer = SERVICES["nanogpt"].clones[0]
with open(sys.argv[1], "rb") as file:
    data = file.read()
part = Edit(part=Span(3_250, 3_550), level=True, rumble=True)
make(data[:89_208], Edit(level=True, rumble=True, part=Span(1, 12)), offer)
before = most()
made = make(data, part, offer)
assert made.recording.seconds == 300.0, made
try:
    make(data, Edit(), offer)
except CannotBeMade:
    print(most() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is told by /proc")
def test_five_minutes_of_an_hour_are_made_in_little_memory(tmp_path: Path, bytes_of: Any) -> None:
    """In less than half of what the samples of the hour would take."""
    file = tmp_path / "hour.mp3"
    file.write_bytes(bytes_of("apollo11-89s-8k-8kbps.mp3") * 40)
    samples = 40 * 89 * 8_000 * 2
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MEASURED, str(file)],
        cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert int(made.stdout) * 1024 < samples / 2
