"""What counts as the length: edit lists of MP4, sizes that a WAV states, zeros before an MP3."""

from __future__ import annotations

import struct

import pytest

from lib.recordings.inspect import inspect
from lib.recordings.judge import Fit, judge
from lib.recordings.problems import UnreadableRecording
from lib.recordings.wav_sizes import with_right_sizes
from lib.services import SERVICES
from tests.parts.tones import encoded, film, wav

MINIMAX, QWEN = SERVICES["nanogpt"].clones
MP4 = [("ipod", "aac"), ("mp4", "aac"), ("mov", "aac"), ("3gp", "aac"), ("mp4", "libopus")]
PLACEHOLDERS = {
    "largest": 0xFFFF_FFFF,
    "largest with a sign": 0x7FFF_FFFF,
    "largest without its header": 0x7FFF_FFFF - 36,
    "in whole pages": 0x7FFF_F000,
    "two billion": 2_000_000_000,
    "a billion samples of 16 bits": 1_000_000_000,
    "a power of two": 0x4000_0000,
    "none": 0,
}


def with_elst(data: bytes, *edits: tuple[int, int]) -> bytes:
    """An M4A of libav with this edit list: milliseconds and first sample (-1: nothing) of each."""
    made = bytearray(data)
    at = data.index(b"elst")
    entries = b"".join(struct.pack(">IiI", length, start, 0x1_0000) for length, start in edits)
    made[at + 8 : at + 24] = struct.pack(">I", len(edits)) + entries
    for box in (b"elst", b"edts", b"trak", b"moov"):
        size = data.index(box) - 4
        larger = int.from_bytes(data[size : size + 4], "big") + 12 * (len(edits) - 1)
        made[size : size + 4] = larger.to_bytes(4, "big")
    return bytes(made)


def stated(riff_size: int, data_size: int, seconds: float = 12.0) -> bytes:
    """A WAV that says that it has these sizes."""
    whole = wav(seconds)
    sizes = struct.pack("<I", riff_size & 0xFFFF_FFFF), struct.pack("<I", data_size)
    return whole[:4] + sizes[0] + whole[8:40] + sizes[1] + whole[44:]


@pytest.mark.parametrize(("container", "codec"), MP4)
@pytest.mark.parametrize("seconds", [9.99, 10.0])
def test_padding_of_the_encoder_makes_no_recording_longer(
    container: str, codec: str, seconds: float
) -> None:
    found = inspect(encoded(container, codec, seconds=seconds))
    assert found.seconds == pytest.approx(seconds, abs=0.0001)
    assert (judge(found, MINIMAX, 1000).fit is Fit.REFUSE) is (seconds < 10)
    assert not found.truncated


@pytest.mark.parametrize(("container", "codec"), [("ipod", "aac"), ("mp3", "libmp3lame")])
def test_five_minutes_to_the_sample_are_not_too_long(container: str, codec: str) -> None:
    found = inspect(encoded(container, codec, seconds=300, rate=16_000))
    assert found.seconds == 300
    assert judge(found, MINIMAX, 1000).fit is Fit.ACCEPT


@pytest.mark.parametrize(
    ("edits", "seconds"),
    [
        ([(9_990, 1024)], 9.99),
        ([(5_000, 50_001)], 5.0),
        ([(500, -1), (5_000, 1024)], 5.0),
        ([(2_000, 1024), (1_500, 200_000)], 3.5),
    ],
    ids=["the end", "both ends", "a pause before", "two pieces"],
)
def test_what_an_edit_list_leaves_out_is_not_there(
    edits: list[tuple[int, int]], seconds: float
) -> None:
    whole = encoded("ipod", "aac", seconds=10.5, rate=44_100)
    assert inspect(whole).seconds == pytest.approx(10.5, abs=0.0001)
    assert inspect(with_elst(whole, *edits)).seconds == pytest.approx(seconds, abs=0.03)
    assert not inspect(with_elst(whole, *edits)).truncated


def test_an_edit_list_that_says_more_than_there_is_makes_nothing_longer() -> None:
    whole = encoded("ipod", "aac", seconds=4, rate=44_100)
    assert inspect(with_elst(whole, (60_000, 1024))).seconds == pytest.approx(4, abs=0.03)


@pytest.mark.parametrize("apart", [False, True], ids=["interleaved", "pictures first"])
@pytest.mark.parametrize(
    ("container", "picture", "sound", "form"),
    [
        ("mp4", "mpeg4", "aac", "mp4-video"),
        ("mov", "mpeg4", "aac", "mov-video"),
        ("3gp", "mpeg4", "aac", "3gp-video"),
        ("webm", "libvpx", "libopus", "webm-video"),
    ],
)
def test_a_healthy_film_is_not_called_damaged(
    container: str, picture: str, sound: str, form: str, *, apart: bool
) -> None:
    found = inspect(film(container, seconds=60, picture=picture, sound=sound, apart=apart))
    assert (found.format, found.truncated) == (form, False)
    assert found.seconds == pytest.approx(60, abs=0.07)
    assert judge(found, MINIMAX, 1000).fit is Fit.CONVERT


@pytest.mark.parametrize("first", [b"wide", b"mdat", b"moov", b"free"])
def test_quicktime_without_a_type_is_known(first: bytes) -> None:
    data = encoded("mov", "aac", seconds=3, rate=44_100)
    kept = [box for box in boxes(data) if box[4:8] not in (b"ftyp", b"wide")]
    kept = kept[::-1] if first == b"moov" else kept
    begin = b"\0\0\0\x08" + first if first in (b"wide", b"free") else b""
    place = (begin + b"".join(kept)).index(b"mdat")
    old = begin + b"".join(moved(box, data.index(b"mdat") - place) for box in kept)
    assert old[4:8] == first
    found = inspect(old)
    assert (found.format, found.codec) == ("mov", "aac")
    assert found.seconds == pytest.approx(3, abs=0.0001)


def boxes(data: bytes) -> list[bytes]:
    """The outermost boxes of an MP4."""
    found = []
    while data:
        size = int.from_bytes(data[:4], "big")
        found.append(data[:size])
        data = data[size:]
    return found


def moved(box: bytes, shift: int) -> bytes:
    """A box whose chunks lie so many bytes before where they lay."""
    if box[4:8] != b"moov":
        return box
    made = bytearray(box)
    at = box.index(b"stco") + 8
    for number in range(int.from_bytes(box[at : at + 4], "big")):
        place = at + 4 + 4 * number
        offset = int.from_bytes(box[place : place + 4], "big") - shift
        made[place : place + 4] = offset.to_bytes(4, "big")
    return bytes(made)


@pytest.mark.parametrize("zeros", [1, 1500, 60_000])
@pytest.mark.parametrize(("container", "codec"), [("mp3", "libmp3lame"), ("adts", "aac")])
def test_zeros_before_the_first_frame_are_skipped(zeros: int, container: str, codec: str) -> None:
    options = {"id3v2_version": "0"} if container == "mp3" else {}
    sound = encoded(container, codec, seconds=3, options=options)
    found = inspect(bytes(zeros) + sound)
    assert found.seconds == pytest.approx(inspect(sound).seconds, abs=0.001)
    assert not found.truncated


@pytest.mark.parametrize(
    "behind", [b"", b"\xff\xff\xff\xff" * 99, b"\0\1\0\2" * 99, b"\xff\xfb"], ids=len
)
def test_zeros_before_anything_else_are_no_sound(behind: bytes) -> None:
    with pytest.raises(UnreadableRecording, match="not a known kind of audio file"):
        inspect(bytes(1500) + behind)


def test_more_zeros_than_the_bound_are_not_skipped() -> None:
    sound = encoded("mp3", "libmp3lame", options={"id3v2_version": "0"})
    with pytest.raises(UnreadableRecording, match="not a known kind of audio file"):
        inspect(bytes(70_000) + sound)


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_wav_whose_sizes_are_placeholders_has_nothing_missing(name: str) -> None:
    size = PLACEHOLDERS[name]
    for data in (stated(size, size), stated(size + 36, size), stated(len(wav(12)) - 8, size)):
        found = inspect(data)
        assert found.seconds == pytest.approx(12, abs=0.0001)
        assert judge(found, QWEN, len(data)).warnings == ()


@pytest.mark.parametrize("size", [400_000, 3_000_000, 60_000_000, 1_234_567_890])
def test_a_wav_that_was_cut_off_is_told_of(size: int) -> None:
    found = inspect(stated(size + 36, size))
    assert found.truncated
    assert found.seconds == pytest.approx(12, abs=0.0001)


def test_a_chunk_behind_the_sound_that_is_missing_costs_no_sound() -> None:
    assert not inspect(stated(12 * 32_000 + 500, 12 * 32_000)).truncated


@pytest.mark.parametrize("size", [*PLACEHOLDERS.values(), 400_000])
def test_the_sizes_are_put_right_and_nothing_else(size: int) -> None:
    for data in (stated(size, size), stated(size + 36, size), stated(size, len(wav(12)) - 44)):
        assert with_right_sizes(data) == wav(12)


def test_what_is_right_stays_as_it_is() -> None:
    whole = wav(1)
    listed = whole + b"LIST\x04\0\0\0INFO"
    counted = listed[:4] + struct.pack("<I", len(listed) - 8) + listed[8:]
    for data in (whole, counted, b"", b"RIFF", whole[:43], encoded("flac", "flac"), b"RF64" * 9):
        assert with_right_sizes(data) is data


def test_a_chunk_before_the_sound_and_one_behind_it_stay() -> None:
    whole = wav(1)
    listed = whole[:36] + b"LIST\x05\0\0\0INFO!\0" + whole[36:] + b"id3 \x02\0\0\0ab"
    unsized = listed[:4] + b"\xff\xff\xff\xff" + listed[8:]
    mended = with_right_sizes(unsized)
    assert mended == listed[:4] + struct.pack("<I", len(listed) - 8) + listed[8:]


def test_the_sizes_of_64_bits_are_put_right() -> None:
    body = wav(1)[36:]
    head = b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<IQQQI", 28, 0, 0, 0, 0) + wav(1)[12:36]
    data = head + b"data\xff\xff\xff\xff" + body[8:]
    mended = with_right_sizes(data)
    assert len(mended) == len(data)
    assert struct.unpack("<QQQ", mended[20:44]) == (len(data) - 8, 32_000, 16_000)
    assert mended[:20] + mended[44:] == data[:20] + data[44:]
    assert with_right_sizes(mended) is mended
    assert inspect(mended).seconds == 1


def test_endless_chunks_end() -> None:
    data = b"RIFF\xff\xff\xff\xffWAVE" + b"LIST\0\0\0\0" * 100_000
    assert with_right_sizes(data) is data
