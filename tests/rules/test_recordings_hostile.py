"""Files made to deceive or to harm: no guess, no network, no crash, no endless work."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.recordings import decoding
from lib.recordings import inspect as inspecting
from lib.recordings.inspect import inspect
from lib.recordings.judge import Fit, judge
from lib.recordings.problems import UnreadableRecording
from lib.services import SERVICES
from tests.parts.tones import encoded, film, wav

OFFERS = SERVICES["nanogpt"].clones
PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{0}\n#EXT-X-ENDLIST\n",
    "hls after a byte order mark": "\ufeff#EXTM3U\n#EXTINF:10,\n{0}\n",
    "concat": "ffconcat version 1.0\nfile '{0}'\nduration 20\n",
    "pls": "[playlist]\nFile1={0}\n",
    "xspf": '<?xml version="1.0"?><playlist><location>{0}</location></playlist>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\na=control:{0}\n",
    "bare address": "{0}\n",
}


BEFORE = {
    "nothing": b"",
    "an ID3 tag": b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10),
    "zeros": bytes(1500),
    "zeros and a frame": bytes(1500) + b"\xff\xfb\x90\0",
    "an old QuickTime file": b"\0\0\0\x08wide",
    "a WAV": b"RIFF\xff\xff\xff\xffWAVE",
}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("form", PLAYLISTS)
def test_a_playlist_in_disguise_reaches_neither_network_nor_disk(
    form: str, before: str, listener: socket.socket, tmp_path: Path
) -> None:
    own = tmp_path / "own.wav"
    own.write_bytes(wav(20))
    for target in (f"http://127.0.0.1:{listener.getsockname()[1]}/a.mp3", own.as_uri(), str(own)):
        data = BEFORE[before] + PLAYLISTS[form].format(target).encode()
        with pytest.raises(UnreadableRecording):
            inspect(data)
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"#EXTM3U\nhttp://example.org/a.mp3", "This is a playlist"),
        (b"ffconcat version 1.0", "This is a playlist"),
        (b"\n <!DOCTYPE html><title>Sign in</title>", "This is a web page"),
        (b"%PDF-1.7", "This is a PDF document"),
        (b"PK\x03\x04rest", "This is an archive"),
        ("Grüße, keine Aufnahme".encode(), "This file contains text"),
        (b"\x00\x01\x02\x03", "This is not a known kind of audio file"),
    ],
)
def test_what_is_no_sound_is_called_by_its_name(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableRecording, match=said):
        inspect(data)


def test_a_recording_of_more_than_20_megabytes_is_made_smaller() -> None:
    data = wav(120, rate=48000, channels=2)
    verdicts = [judge(inspect(data), offer, len(data)) for offer in OFFERS]
    assert [verdict.fit for verdict in verdicts] == [Fit.CONVERT, Fit.CONVERT]
    assert all(verdict.why.has == len(data) for verdict in verdicts)


def test_nothing_beyond_the_byte_bound_is_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "MAX_BYTES", 1000)
    with pytest.raises(UnreadableRecording, match="too large"):
        inspect(wav(1))


def test_longer_than_the_bound_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "MAX_SECONDS", 60.0)
    with pytest.raises(UnreadableRecording, match="too long to read here"):
        inspect(wav(90, rate=8000))


def test_work_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_WORK_SECONDS", -1.0)
    with pytest.raises(UnreadableRecording, match="takes too long to read"):
        inspect(wav(1))


def test_reading_the_same_bytes_again_and_again_ends() -> None:
    file = decoding.BoundedFile(wav(1))

    def read_again() -> bytes:
        file.seek(0)
        return file.read()

    with pytest.raises(UnreadableRecording, match="takes too long to read"):
        all(iter(read_again, b""))


@pytest.mark.parametrize(
    ("container", "codec", "expected"),
    [
        ("mp3", "libmp3lame", "mp3"),
        ("mp2", "mp2", "mp2"),
        ("adts", "aac", "aac"),
        ("ipod", "aac", "m4a"),
        ("mov", "aac", "mov"),
        ("3gp", "aac", "m4a"),
        ("ogg", "libopus", "ogg"),
        ("flac", "flac", "flac"),
        ("webm", "libopus", "webm"),
        ("aiff", "pcm_s16be", "aiff"),
        ("caf", "pcm_s16le", "caf"),
    ],
)
def test_a_format_is_known_by_its_content(container: str, codec: str, expected: str) -> None:
    found = inspect(encoded(container, codec, seconds=2))
    assert found.format == expected
    assert found.seconds == pytest.approx(2, abs=0.1)
    assert found.peak > 0.5
    assert not found.silent


def test_sound_behind_a_tag_is_found_by_what_follows_the_tag() -> None:
    tag = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
    assert inspect(tag + encoded("flac", "flac")).format == "flac"
    assert inspect(tag + encoded("adts", "aac")).format == "aac"


def test_digital_silence_is_noticed() -> None:
    assert inspect(wav(2, level=0)).silent
    assert not inspect(wav(2, level=200)).silent


def test_samples_that_are_no_numbers_do_not_count_as_loud() -> None:
    samples = np.full(16000, np.nan, dtype="<f4").tobytes()
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, 16000, 64000, 4, 32)
    body = b"WAVE" + fmt + struct.pack("<4sI", b"data", len(samples)) + samples
    assert inspect(b"RIFF" + struct.pack("<I", len(body)) + body).silent


@pytest.mark.parametrize(
    "whole",
    [wav(4), encoded("flac", "flac", seconds=4), encoded("mp3", "libmp3lame", seconds=4)],
    ids=["wav", "flac", "mp3"],
)
def test_half_a_file_has_half_its_length_and_is_marked(whole: bytes) -> None:
    half = inspect(whole[: len(whole) // 2])
    assert 1.5 < half.seconds < 2.5
    assert half.truncated
    assert not inspect(whole).truncated


def test_a_streamed_wav_without_a_size_is_not_called_damaged() -> None:
    data = wav(4)
    streamed = b"RIFF\xff\xff\xff\xff" + data[8:40] + b"\xff\xff\xff\xff" + data[44:]
    assert inspect(streamed).seconds == 4
    assert not inspect(streamed).truncated


def test_more_channels_than_the_decoder_can_hand_over_are_refused() -> None:
    with pytest.raises(UnreadableRecording, match="more than 6 channels"):
        inspect(encoded("wav", "pcm_s16le", layout="7.1"))
    with pytest.raises(UnreadableRecording, match="more than 6 channels"):
        inspect(encoded("adts", "aac", layout="7.1"))


def test_frames_that_suddenly_claim_many_channels_are_damage_not_a_crash() -> None:
    mono, many = encoded("adts", "aac", seconds=4), encoded("adts", "aac", layout="7.1")
    found = inspect(mono + many)
    assert found.truncated
    assert found.seconds == pytest.approx(4, abs=0.1)


def test_an_m4a_with_a_film_is_a_video() -> None:
    found = inspect(film())
    assert (found.format, found.has_video) == ("mp4-video", True)


SEEDS = [
    wav(0.2),
    encoded("mp3", "libmp3lame", seconds=0.2),
    encoded("adts", "aac", seconds=0.2),
    encoded("ipod", "aac", seconds=0.2),
    encoded("ogg", "libopus", seconds=0.2),
    encoded("webm", "libopus", seconds=0.2),
    encoded("flac", "flac", seconds=0.2),
]
MAGIC = [b"RIFF\0\0\0\0WAVE", b"ID3\x04\0\0\0\0\0\0", b"\xff\xfb", b"\xff\xf1", b"OggS", b"fLaC"]
MAGIC += [b"\0\0\0\x20ftypM4A ", b"\x1aE\xdf\xa3", b"#!AMR\n", b"caff", b"FORM\0\0\0\0AIFF", b""]

bounded = settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def readable_or_refused(data: bytes) -> None:
    try:
        found = inspect(data)
    except UnreadableRecording:
        return
    assert found.seconds > 0
    assert 0 <= found.peak <= 1


@bounded
@given(magic=st.sampled_from(MAGIC), rest=st.binary(max_size=3000))
def test_random_bytes_are_refused_or_read_never_raised(magic: bytes, rest: bytes) -> None:
    readable_or_refused(magic + rest)


@bounded
@given(
    seed=st.sampled_from(SEEDS),
    keep=st.floats(0, 1),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=12),
)
def test_cut_and_scribbled_files_are_refused_or_read_never_raised(
    seed: bytes, keep: float, edits: list[tuple[float, bytes]]
) -> None:
    data = bytearray(seed[: int(len(seed) * keep)])
    for place, scribble in edits:
        start = int(place * max(len(data) - len(scribble), 0))
        data[start : start + len(scribble)] = scribble
    readable_or_refused(bytes(data))
