"""Sounds are put together whole, without clicks, and made WAV or MP3."""

from __future__ import annotations

import io
import tracemalloc
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from lib.recordings import decoding
from lib.recordings.inspect import inspect
from lib.recordings.joining import PAUSE, PAUSES, join
from lib.recordings.problems import UnreadableRecording
from lib.recordings.samples import FADE
from lib.recordings.writing import BIT_RATES, Form, bit_rate_for
from lib.splitting import Seam

RATE = 24_000


def tone(seconds: float = 1.0, rate: int = RATE, channels: int = 1, level: float = 0.5) -> bytes:
    """A tone that begins and ends in the middle of a wave: put together as it is, it clicks."""
    t = np.arange(round(seconds * rate)) / rate
    samples = (np.cos(2 * np.pi * 220 * t) * level * 32_767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(samples, channels).tobytes())
    return out.getvalue()


def joined(parts: Any, form: Form = Form.WAV, **more: Any) -> tuple[bytes, float]:
    target = io.BytesIO()
    seconds = join(parts, target, form, **more).seconds
    return target.getvalue(), seconds


def samples_of(data: bytes) -> Any:
    with wave.open(io.BytesIO(data)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_768


@pytest.mark.parametrize("form", Form)
def test_nothing_is_lost_and_a_pause_is_between(form: Form) -> None:
    data, seconds = joined([tone(1.0), tone(0.7), tone(0.3)], form)
    assert seconds == pytest.approx(2.0 + 2 * PAUSE, abs=0.001)
    found = inspect(data)
    assert found.format == form
    assert found.seconds == pytest.approx(seconds, abs=0.01)
    assert not found.truncated


def test_the_seams_do_not_click() -> None:
    sound = samples_of(joined([tone(), tone()])[0])
    steps = np.abs(np.diff(sound))
    wave_step = 2 * np.pi * 220 / RATE * 0.5
    assert steps.max() <= wave_step * 1.05
    assert abs(sound[0]) < 0.01
    assert abs(sound[-1]) < 0.01
    raw = np.concatenate([samples_of(tone()), np.zeros(10), samples_of(tone())])
    assert np.abs(np.diff(raw)).max() > 0.3  # so it would sound without care


def test_the_level_and_the_rest_are_untouched() -> None:
    sound = samples_of(joined([tone(), tone()])[0])
    edge = round(FADE * RATE)
    original = samples_of(tone())
    assert np.array_equal(sound[edge : RATE - edge], original[edge : RATE - edge])
    middle = sound[RATE : RATE + round(PAUSE * RATE)]
    assert not middle.any()


@pytest.mark.parametrize("seconds", [0.001, 0.004, 0.010, 0.017])
def test_a_sound_shorter_than_its_fades_stays_as_long_as_it_is(seconds: float) -> None:
    sound = samples_of(joined([tone(seconds)])[0])
    assert len(sound) == round(seconds * RATE)


def test_the_best_rate_and_the_most_channels_of_the_parts_win() -> None:
    data, seconds = joined([tone(1.0), tone(1.0, 44_100, 2), tone(1.0, 8_000)])
    found = inspect(data)
    assert (found.sample_rate, found.channels) == (44_100, 2)
    assert seconds == pytest.approx(3.0 + 2 * PAUSE, abs=0.02)


def test_a_mono_part_beside_a_stereo_one_stays_as_loud_as_it_is() -> None:
    sound = samples_of(joined([tone(level=0.5), tone(channels=2, level=0.5)])[0])
    mono, stereo = sound[: 2 * RATE], sound[-2 * RATE :]
    assert np.abs(mono).max() == pytest.approx(np.abs(stereo).max(), abs=0.001)
    assert np.array_equal(mono[::2], mono[1::2])


def test_stereo_stays_stereo_in_both_forms() -> None:
    for form in Form:
        found = inspect(joined([tone(1.0, 44_100, 2)], form)[0])
        assert (found.channels, found.sample_rate) == (2, 44_100)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_an_mp3_can_be_made_of_any_usual_rate(rate: int) -> None:
    found = inspect(joined([tone(1.0, rate)], Form.MP3)[0])
    assert found.sample_rate == rate
    assert found.seconds == pytest.approx(1.0, abs=0.01)


def test_a_rate_that_no_mp3_has_becomes_the_next_higher_one() -> None:
    assert inspect(joined([tone(1.0, 40_000)], Form.MP3)[0]).sample_rate == 44_100


def test_real_recordings_of_all_kinds_come_together(samples: Path) -> None:
    names = ("jfk-11s-16k-mono.wav", "common-voice-ja-6s5.mp3", "jfk-11s-44k-aac.m4a",
             "fleurs-en-11s-opus.ogg")  # fmt: skip
    parts = [(samples / name).read_bytes() for name in names]
    data, seconds = joined(parts, Form.MP3)
    apart = sum(inspect(part).seconds for part in parts)
    assert seconds == pytest.approx(apart + 3 * PAUSE, abs=0.05)
    assert inspect(data).peak > 0.3


def spoken(lead: float, tail: float, level: float = 0.5) -> bytes:
    """Half a second of sound, with a silence before and after it that is not quite one."""
    length = lead + 0.5 + tail
    whole = samples_of(tone(length, level=level))
    t = np.arange(len(whole)) / RATE
    whole[(t < lead) | (t >= lead + 0.5)] *= 0.001
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((whole * 32_768).astype("<i2").tobytes())
    return out.getvalue()


def pauses_in(data: bytes) -> list[float]:
    """Seconds of each silence between sounds."""
    loud = np.flatnonzero(np.abs(samples_of(data)) > 0.05)
    gaps = np.diff(loud) / RATE
    return [round(float(gap), 2) for gap in gaps if gap > 0.03]


@pytest.mark.parametrize(("lead", "tail"), [(0.4, 0.5), (0.0, 0.0), (0.02, 0.6), (0.6, 0.01)])
def test_inside_a_sentence_the_pause_is_what_speech_has(lead: float, tail: float) -> None:
    seams = (Seam.SENTENCE, Seam.CLAUSE, Seam.WORD)
    data, seconds = joined([spoken(lead, tail)] * 4, seams=seams)
    expected = [lead + tail + PAUSE, PAUSES[Seam.CLAUSE], PAUSES[Seam.WORD]]
    assert pauses_in(data) == pytest.approx(expected, abs=0.021)
    assert seconds == inspect(data).seconds
    assert seconds == pytest.approx(lead + 4 * 0.5 + sum(expected) + tail, abs=0.03)


def test_a_silent_part_inside_a_sentence_stays_as_long_as_it_is() -> None:
    parts = [spoken(0.1, 0.1), tone(0.5, level=0.0), spoken(0.1, 0.1)]
    _, seconds = joined(parts, seams=(Seam.WORD, Seam.WORD))
    assert seconds == pytest.approx(0.1 + 0.5 + 0.08 + 0.5 + 0.08 + 0.5 + 0.1, abs=0.03)


def test_loudness_is_evened_out_where_that_is_wanted() -> None:
    parts = [tone(1.0, level=level) for level in (0.05, 0.2, 0.8)]
    as_they_are, evened = (samples_of(joined(parts, even=even)[0]) for even in (False, True))
    step = round((1.0 + PAUSE) * RATE)
    for sound, expected in ((as_they_are, [0.05, 0.2, 0.8]), (evened, [0.2, 0.2, 0.2])):
        peaks = [np.abs(sound[at : at + RATE]).max() for at in (0, step, 2 * step)]
        assert peaks == pytest.approx(expected, abs=0.005)


def test_evening_out_never_clips() -> None:
    """A soft part with one loud moment gets only as loud as that moment allows."""
    soft = samples_of(tone(1.0, level=0.02))
    soft[RATE // 2] = 0.7
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((soft * 32_767).astype("<i2").tobytes())
    parts = [tone(level=0.6), out.getvalue(), tone(level=0.6)]
    sound = samples_of(joined(parts, even=True)[0])
    assert np.abs(sound).max() == pytest.approx(10 ** (-1 / 20), abs=0.002)


def test_no_more_than_a_part_is_in_memory_at_a_time(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        with (tmp_path / "joined").open("w+b") as file:
            tracemalloc.start()
            join((tone(40.0) for _ in range(count)), file, Form.WAV)
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return most

    assert peak(8) < 1.2 * peak(2)


@pytest.mark.parametrize("form", Form)
def test_what_is_no_sound_is_refused(form: Form) -> None:
    with pytest.raises(UnreadableRecording):
        joined([tone(), b"no sound at all"], form)
    with pytest.raises(UnreadableRecording):
        joined([tone()[:44]], form)
    with pytest.raises(ValueError, match="nothing to join"):
        joined([], form)


def test_a_frame_with_too_many_channels_is_never_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking at one may end the process: nobody but `decoding` decodes, and it looks first."""
    monkeypatch.setattr(decoding, "MAX_CHANNELS", 1)
    many = tone(channels=2)
    with pytest.raises(UnreadableRecording, match="more than 1 channels"):
        joined([many])
    with decoding_of(many) as frames:
        assert list(frames) == []


def decoding_of(data: bytes) -> Any:
    """Frames of a file whose header was believed: only the frames themselves say what they are."""

    class Opened:
        def __enter__(self) -> Iterator[Any]:
            source = decoding.BoundedFile(data)
            self.file = av.open(source, mode="r", format="wav")
            return decoding.Decoding(self.file, source).frames()

        def __exit__(self, *_: object) -> None:
            self.file.close()

    return Opened()


def test_only_one_place_decodes() -> None:
    room = Path(__file__).resolve().parents[2] / "lib"
    decoders = [
        path.name
        for path in room.rglob("*.py")
        if ".decode()" in (text := path.read_text("utf-8")) and "import av" in text
    ]
    assert decoders == ["decoding.py"]


def test_a_long_sound_gets_the_best_rate_that_fits() -> None:
    assert bit_rate_for(60, 40_000_000) == BIT_RATES[0]
    assert bit_rate_for(4_000, 40_000_000) == 64_000
    assert bit_rate_for(1_000_000, 40_000_000) == BIT_RATES[-1]
