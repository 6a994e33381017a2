"""Broken files of every kind, read in a process of their own: it lives, and stays small."""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest
from av.audio.stream import AudioStream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.recordings.decoding import Decoding
from lib.recordings.formats import FORMATS
from lib.recordings.inspect import inspect
from lib.recordings.kinds import demuxer_of, sniff
from lib.recordings.problems import UnreadableRecording
from tests.bench.lines import quickest
from tests.parts.reading import Reader
from tests.parts.tones import encoded, film, wav

MOST_MEMORY = 150 * 1024 * 1024
"""Bytes beside those of the file."""
SEEDS = {
    "wav": wav(0.2),
    "wav of ADPCM": encoded("wav", "adpcm_ms", seconds=0.2),
    "wav of 24 bits": encoded("wav", "pcm_s24le", seconds=0.2, layout="stereo"),
    "rf64": encoded("wav", "pcm_s16le", seconds=0.2, options={"rf64": "always"}),
    "mp3": encoded("mp3", "libmp3lame", seconds=0.2),
    "mp2": encoded("mp2", "mp2", seconds=0.2),
    "aac": encoded("adts", "aac", seconds=0.2),
    "m4a": encoded("ipod", "aac", seconds=0.2),
    "m4a of ALAC": encoded("ipod", "alac", seconds=0.2),
    "m4a of Opus": encoded("mp4", "libopus", seconds=0.2),
    "fragments": encoded("mp4", "aac", options={"movflags": "empty_moov+frag_keyframe"}),
    "mov": encoded("mov", "pcm_s16be", seconds=0.2),
    "3gp": encoded("3gp", "aac", seconds=0.2),
    "mp4-video": film(seconds=0.5),
    "mov-video": film("mov", seconds=0.5),
    "3gp-video": film("3gp", seconds=0.5),
    "webm-video": film("webm", seconds=0.5, picture="libvpx", sound="libopus"),
    "ogg": encoded("ogg", "libopus", seconds=0.2),
    "webm": encoded("webm", "libopus", seconds=0.2),
    "flac": encoded("flac", "flac", seconds=0.2),
    "aiff": encoded("aiff", "pcm_s16be", seconds=0.2),
    "caf": encoded("caf", "pcm_s16le", seconds=0.2),
    "zeros before": bytes(99) + encoded("adts", "aac", seconds=0.2),
}
MAGIC = [
    b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0", b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0",
    b"ID3\x04\0\0\0\0\0\0", b"\xff\xfb\x90\0", b"\xff\xf1\x50\x80", b"OggS\0\2", b"fLaC\0\0\0\x22",
    b"\0\0\0\x20ftypM4A ", b"\0\0\0\x14ftypqt  ", b"\0\0\0\x18ftyp3gp4", b"\0\0\0\x08wide",
    b"\0\0\0\x08moov", b"\x1aE\xdf\xa3\x01", b"#!AMR\n", b"#!AMR-WB\n", b"caff\0\1\0\0desc",
    b"FORM\0\0\0\0AIFFCOMM", b"FORM\0\0\0\0AIFCCOMM", bytes(64) + b"\xff\xfb\x90\0",
]  # fmt: skip

broken = st.tuples(
    st.sampled_from(sorted(SEEDS)),
    st.floats(0, 1),
    st.lists(
        st.tuples(st.floats(0, 1), st.booleans(), st.binary(min_size=1, max_size=8)), max_size=12
    ),
)


TABLES = [
    b"stsz", b"stz2", b"stts", b"ctts", b"stsc", b"stco", b"co64", b"stss", b"stsd", b"elst",
    b"trun", b"tfhd", b"sidx", b"sbgp", b"sgpd", b"meta", b"hdlr", b"mdhd", b"dref", b"moov",
]  # fmt: skip
counts = st.one_of(st.integers(0, 0xFFFF_FFFF), st.integers(0, 24).map(lambda shift: 1 << shift))
claimed = st.tuples(
    st.sampled_from([name for name in sorted(SEEDS) if demuxer_of(sniff(SEEDS[name])) == "mov"]),
    st.lists(st.tuples(st.sampled_from(TABLES), st.integers(-1, 5), counts), max_size=6),
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with Reader(tmp_path_factory.mktemp("reader")) as running:
        yield running


def bounded(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


def scribbled(seed: str, keep: float, edits: list[tuple[float, bool, bytes]]) -> bytes:
    """A good file, cut and written over; half of the edits fall into its header or its end."""
    whole = SEEDS[seed]
    data = bytearray(whole[: int(len(whole) * min(keep * 2, 1.0))])
    for place, in_header, scribble in edits:
        length = min(len(data), 400) if in_header else len(data)
        start = int(place * max(length - len(scribble), 0))
        data[start : start + len(scribble)] = scribble
    return bytes(data)


def claiming(seed: str, edits: list[tuple[bytes, int, int]]) -> bytes:
    """A good file with other numbers in its tables: at a place counted from their name on."""
    data = bytearray(SEEDS[seed])
    for kind, place, number in edits:
        at = data.find(kind)
        if at >= 0:
            start = at + 4 + 4 * place if place >= 0 else at - 4  # the size stands before the name
            data[start : start + 4] = number.to_bytes(4, "big")
    return bytes(data)


def test_each_kind_that_can_be_written_here_is_broken() -> None:
    found = {inspect(data).format for data in SEEDS.values()}
    assert found >= FORMATS.keys() - {"amr", "3gp", "ogg-video"}


@bounded(60)
@given(made=broken)
def test_broken_files_harm_nobody(
    reader: Reader, made: tuple[str, float, list[tuple[float, bool, bytes]]]
) -> None:
    assert reader.read(scribbled(*made)) < MOST_MEMORY
    assert list(reader.folder.iterdir()) == []


@pytest.mark.long
@bounded(600)
@given(made=broken)
def test_very_many_broken_files_harm_nobody(
    reader: Reader, made: tuple[str, float, list[tuple[float, bool, bytes]]]
) -> None:
    assert reader.read(scribbled(*made)) < MOST_MEMORY
    assert list(reader.folder.iterdir()) == []


@bounded(60)
@given(made=claimed)
def test_tables_that_claim_anything_harm_nobody(
    reader: Reader, made: tuple[str, list[tuple[bytes, int, int]]]
) -> None:
    assert reader.read(claiming(*made)) < MOST_MEMORY


@pytest.mark.slow
@bounded(200)
@given(made=claimed)
def test_very_many_tables_that_claim_anything_harm_nobody(
    reader: Reader, made: tuple[str, list[tuple[bytes, int, int]]]
) -> None:
    assert reader.read(claiming(*made)) < MOST_MEMORY


@bounded(60)
@given(magic=st.sampled_from(MAGIC), rest=st.binary(max_size=3000))
def test_what_only_begins_like_a_sound_harms_nobody(
    reader: Reader, magic: bytes, rest: bytes
) -> None:
    assert reader.read(magic + rest) < MOST_MEMORY
    assert list(reader.folder.iterdir()) == []


def test_broken_phone_recordings_harm_nobody(reader: Reader, samples: Path) -> None:
    whole = (samples / "jfk-11s-8k.amr").read_bytes()
    for step in range(1, 40):
        data = bytearray(whole[: 6 + 397 * step])
        data[6::step] = bytes([step * 6]) * len(data[6::step])
        assert reader.read(bytes(data)) < MOST_MEMORY


@pytest.mark.parametrize("frame", [b"\x7c", b"\xfc", b"\x7c\xfc\x74"], ids=bytes.hex)
def test_millions_of_broken_packets_are_not_all_tried(
    frame: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0
    packets = Decoding.packets

    def counted(self: Decoding) -> Iterator[av.Packet[AudioStream]]:
        nonlocal read
        for packet in packets(self):
            read += 1
            yield packet

    monkeypatch.setattr(Decoding, "packets", counted)
    with pytest.raises(UnreadableRecording, match="damaged"):
        inspect(b"#!AMR\n" + frame * 1_000_000)
    assert read < 10_000


def large_wav(seconds: int, rate: int, channels: int) -> bytes:
    size = seconds * rate * channels * 2
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * channels * 2, channels * 2, 16)
    head = b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " + form + b"data"
    return head + struct.pack("<I", size) + bytes(size)


def large_film() -> bytes:
    """A film of 200 MB whose pictures are most of it."""
    return film(seconds=5) + struct.pack(">I4s", 199_000_000, b"free") + bytes(198_999_992)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "listening"),
    [
        (lambda: large_wav(1_040, 48_000, 2), False),
        (lambda: large_wav(300, 48_000, 2), True),
        (large_film, True),
    ],
    ids=["200 MB of WAV", "five minutes of WAV", "200 MB of film"],
)
def test_a_large_file_is_not_copied(
    reader: Reader, made: Callable[[], bytes], *, listening: bool
) -> None:
    assert reader.read(made(), listening=listening) < MOST_MEMORY


@pytest.mark.slow
@pytest.mark.parametrize("container", ["mp3", "flac", "ipod"])
def test_the_verdict_takes_little_longer_than_decoding(container: str) -> None:
    codec = {"mp3": "libmp3lame", "flac": "flac", "ipod": "aac"}[container]
    data = encoded(container, codec, seconds=120, rate=44_100)
    took = quickest(
        {
            "judging": lambda: seconds_of_cpu(lambda: inspect(data)),
            "decoding": lambda: seconds_of_cpu(lambda: decode(data)),
        },
        rounds=5,
        seconds=1,
    )
    assert took["judging"] < 1.5 * took["decoding"]


def decode(data: bytes) -> None:
    """To nothing, with PyAV alone."""
    with av.open(io.BytesIO(data), format=demuxer_of(sniff(data))) as file:
        for _ in file.decode(audio=0):
            pass


def seconds_of_cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun
