"""Files that claim much more than they hold: refused before anything is reserved for it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from lib.recordings import mp4_tables
from lib.recordings.inspect import inspect
from lib.recordings.kinds import sniff
from lib.recordings.problems import UnreadableRecording
from tests.parts.boxes import box, full, numbers, replaced
from tests.parts.reading import Reader
from tests.parts.tones import encoded, film, wav

MOST_MEMORY = 150 * 1024 * 1024
"""Bytes beside those of the file."""
MEGABYTE = 1_000_000
FOR_EVER = 0xFFFF_FFFF

M4A = encoded("ipod", "aac", seconds=1)
FRAGMENTS = encoded("mp4", "aac", options={"movflags": "empty_moov+frag_keyframe"})
PLAIN = encoded("mov", "pcm_s16be", seconds=1)
SPLIT = encoded("mp4", "aac", seconds=3, options={"movflags": "frag_every_frame+default_base_moof"})


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with Reader(tmp_path_factory.mktemp("reader")) as running:
        yield running


def claiming(samples: int, *, edits: int = 1) -> bytes:
    """An M4A of some kilobytes whose tables agree that it holds this many samples."""
    data = replaced(M4A, b"stsz", full(b"stsz", numbers(9, samples)))
    data = replaced(data, b"stsc", full(b"stsc", numbers(1, 1, samples, 1)))
    data = replaced(data, b"stts", full(b"stts", numbers(1, samples, 1024)))
    shown = numbers(FOR_EVER, 0, 0x10000) * edits
    return replaced(data, b"elst", full(b"elst", numbers(edits), shown))


def plain(samples: int, *, more: bytes = b"", handler: bytes = b"soun") -> bytes:
    """Uncompressed sound of this many samples, in one chunk."""
    data = replaced(PLAIN, b"stsc", full(b"stsc", numbers(1, 1, samples, 1)))
    data = replaced(data, b"stts", full(b"stts", numbers(1, samples, 1)) + more)
    data = replaced(data, b"stsz", full(b"stsz", numbers(2, samples)))
    return data.replace(b"mhlrsoun", b"mhlr" + handler)


def table(kind: bytes, *values: int, data: bytes = M4A) -> bytes:
    """An M4A with one more table."""
    stts = full(b"stts", numbers(1, 40, 1024))
    return replaced(data, b"stts", stts + full(kind, numbers(*values)))


def run_of(samples: int) -> bytes:
    return replaced(FRAGMENTS, b"trun", full(b"trun", numbers(samples, 100), flags=1))


def pictures(size: int, count: int = 1) -> bytes:
    """An M4A with covers."""
    cover = box(b"covr", box(b"data", numbers(13, 0), bytes(size)))
    handler = full(b"hdlr", numbers(0), b"mdirappl", bytes(9))
    meta = full(b"meta", handler, box(b"ilst", *[cover] * count))
    return replaced(M4A, b"udta", box(b"udta", meta))


def chapters(samples: int) -> bytes:
    """The sound said to be its own chapters: each sample is read as a title."""
    trak = replaced(claiming(samples), b"edts", box(b"tref", box(b"chap", numbers(1))))
    return replaced(trak, b"stsz", full(b"stsz", numbers(9_000, samples)))


def indexed(*, off_by: int = 0) -> bytes:
    """A fragment for each packet, and before them an index; `off_by`: how wrong its lengths are."""
    starts = [at for at in range(len(SPLIT)) if SPLIT[at + 4 : at + 8] == b"moof"]
    lengths = [after - at for at, after in pairwise(starts)]
    rows = [value for length in lengths for value in (length + off_by, 1024, 0x9000_0000)]
    index = full(b"sidx", numbers(1, 48_000, 0, 0, len(lengths), *rows))
    return SPLIT[: starts[0]] + index + SPLIT[starts[0] :]


HIDDEN = full(b"stsz", numbers(9, 20 * MEGABYTE))
CLAIMS: dict[str, Callable[[], bytes]] = {
    "20 million samples": lambda: claiming(20 * MEGABYTE),
    "2 million samples": lambda: claiming(2 * MEGABYTE),
    "the largest number of samples": lambda: claiming(FOR_EVER),
    "samples without their sizes": lambda: replaced(
        M4A, b"stsz", full(b"stsz", numbers(0, 20 * MEGABYTE))
    ),
    "small sizes that are not there": lambda: replaced(
        M4A, b"stsz", full(b"stz2", numbers(8, 20 * MEGABYTE))
    ),
    "half a million samples shown a thousand times": lambda: claiming(500_000, edits=1000),
    "edits that are not there": lambda: replaced(M4A, b"elst", full(b"elst", numbers(FOR_EVER))),
    "20 million samples in a fragment": lambda: run_of(20 * MEGABYTE),
    "plain samples without end": lambda: plain(FOR_EVER),
    "plain samples with times of their own": lambda: plain(
        20 * MEGABYTE, more=full(b"ctts", numbers(1, 20 * MEGABYTE, 5))
    ),
    "plain samples of a film": lambda: plain(20 * MEGABYTE, handler=b"vide"),
    "times that are not there": lambda: table(b"ctts", FOR_EVER),
    "durations that are not there": lambda: replaced(
        M4A, b"stts", full(b"stts", numbers(100 * MEGABYTE))
    ),
    "times for 400 million samples": lambda: table(b"ctts", 1, 400 * MEGABYTE, 5),
    "chunks that are not there": lambda: replaced(
        M4A, b"stco", full(b"stco", numbers(100 * MEGABYTE))
    ),
    "wide chunks that are not there": lambda: replaced(
        M4A, b"stco", full(b"co64", numbers(100 * MEGABYTE))
    ),
    "runs of chunks that are not there": lambda: replaced(
        M4A, b"stsc", full(b"stsc", numbers(100 * MEGABYTE))
    ),
    "key frames that are not there": lambda: table(b"stss", 200 * MEGABYTE),
    "partial key frames that are not there": lambda: table(b"stps", 200 * MEGABYTE),
    "groups that are not there": lambda: table(b"sbgp", 0x73796E63, 200 * MEGABYTE),
    "groups of very many samples": lambda: table(b"sbgp", 0x73796E63, 1, 200 * MEGABYTE, 1),
    "descriptions that are not there": lambda: table(b"sgpd", 0x73796E63, 200 * MEGABYTE),
    "keys of encryption without end": lambda: table(b"senc", 20 * MEGABYTE),
    "sizes of encryption without end": lambda: table(b"saiz", 0x00FF_FFFF, 0xFF00_0000),
    "a compressed header": lambda: replaced(M4A, b"udta", box(b"cmov", bytes(40))),
    "still pictures": lambda: replaced(M4A, b"udta", full(b"iinf", numbers(FOR_EVER))),
    "names that are not there": lambda: replaced(
        M4A, b"udta", box(b"udta", full(b"meta", full(b"hdlr", numbers(0), b"mdta", bytes(13)),
        full(b"keys", numbers(200 * MEGABYTE)))),
    ),
    "a table hidden in a description": lambda: M4A.replace(b"esds", b"wave" + bytes(4) + b"stsz"),
    "a table in a header called free": lambda: claiming(20 * MEGABYTE).replace(b"moov", b"free"),
    "a table outside of every track": lambda: M4A + HIDDEN,
    "a fragment inside of a header": lambda: replaced(M4A, b"udta", box(b"moof", bytes(8))),
    "a thousand tracks": lambda: replaced(M4A, b"udta", box(b"trak") * 1000),
    "boxes without end": lambda: M4A + box(b"skip") * MEGABYTE,
    "boxes in boxes without end": lambda: M4A + b"".join(
        numbers(8 * (40 - depth)) + b"udta" for depth in range(40)
    ),
    "titles without end": lambda: chapters(100_000),
    "an index that leads into the sound": lambda: indexed(off_by=5),
}  # fmt: skip
"""Each of them has some kilobytes, but the last of boxes, and would take up to gigabytes."""


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_is_refused_before_memory_is_reserved(reader: Reader, name: str) -> None:
    data = CLAIMS[name]()
    with pytest.raises(mp4_tables.Absurd):
        mp4_tables.check(data)
    assert reader.read(data, listening=False) < 20 * MEGABYTE


def test_what_is_refused_is_called_damaged() -> None:
    with pytest.raises(UnreadableRecording, match="damaged, incomplete or of an unusual kind"):
        inspect(claiming(20 * MEGABYTE))


@pytest.mark.slow
@pytest.mark.parametrize(
    "made",
    [
        lambda: claiming(1_600_000),
        lambda: run_of(3_200_000),
        lambda: plain(250 * MEGABYTE),
        lambda: pictures(20 * MEGABYTE),
    ],
    ids=["samples", "a fragment", "plain samples", "a picture"],
)
def test_the_most_that_is_not_refused_stays_small(
    reader: Reader, made: Callable[[], bytes]
) -> None:
    mp4_tables.check(made())
    assert reader.read(made()) < MOST_MEMORY


def test_the_longest_healthy_tables_are_not_refused() -> None:
    """An hour of Opus in packets of 2.5 ms, and an hour of plain sound in stereo."""
    sizes = full(b"stsz", numbers(0, 1_440_000), numbers(40) * 1_440_000)
    mp4_tables.check(replaced(claiming(1_440_000), b"stsz", sizes))
    mp4_tables.check(plain(3600 * 48_000))


def test_healthy_files_are_not_refused(samples: Path) -> None:
    files = [*samples.iterdir(), *(samples.parent / "cases" / "audio").iterdir()]
    made = [M4A, FRAGMENTS, indexed(), PLAIN, film(), film("mov"), film("3gp"), film(apart=True)]
    checked = 0
    for data in [*(file.read_bytes() for file in files), *made]:
        try:
            kind = sniff(data)
        except UnreadableRecording:
            continue
        if kind == "m4a":
            mp4_tables.check(data)
            checked += 1
    assert checked > len(made) + 10


def test_sizes_of_64_bits_and_a_last_box_without_a_size_are_understood() -> None:
    for data in (M4A, claiming(20 * MEGABYTE)):
        at = data.index(b"moov") - 4
        body = data[at + 8 :]
        wide = data[:at] + numbers(1) + b"moov" + struct.pack(">Q", len(body) + 16) + body
        open_ended = data[:at] + numbers(0) + data[at + 4 :]
        for changed in (wide, open_ended):
            if data is M4A:
                mp4_tables.check(changed)
            else:
                with pytest.raises(mp4_tables.Absurd):
                    mp4_tables.check(changed)


def test_a_fragment_for_each_packet_with_an_index_is_read() -> None:
    assert inspect(indexed()).seconds == pytest.approx(3, abs=0.1)


def flac_pictures(size: int, count: int) -> bytes:
    whole = encoded("flac", "flac", seconds=1)
    picture = numbers(3, 9) + b"image/png" + numbers(0, 64, 64, 24, 0, size) + bytes(size)
    block = b"\x06" + len(picture).to_bytes(3, "big") + picture
    return whole[:42] + block * count + whole[42:]


def tag(size: int) -> bytes:
    """An ID3 tag with a cover."""
    body = b"\0image/png\0\3\0" + bytes(size)
    frame = b"APIC" + sevens(len(body)) + b"\0\0" + body
    return b"ID3\4\0\0" + sevens(len(frame)) + frame


def sevens(value: int) -> bytes:
    return bytes(value >> shift & 0x7F for shift in (21, 14, 7, 0))


def wav_picture(size: int) -> bytes:
    return wav(1) + b"id3 " + struct.pack("<I", len(tag(size))) + tag(size)


def element(number: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes.fromhex(number) + struct.pack(">Q", 1 << 56 | len(body)) + body


def webm(*added: bytes) -> bytes:
    """A WebM with elements before all others."""
    whole = encoded("webm", "libopus", seconds=1)
    at = whole.index(bytes.fromhex("18538067")) + 4
    return whole[:at] + b"\x01" + b"\xff" * 7 + b"".join(added) + whole[at + 8 :]


def attachment(size: int) -> bytes:
    name, kind = element("466e", b"a.png"), element("4660", b"image/png")
    data = element("465c", bytes(size))
    return webm(element("1941a469", element("61a7", name, kind, element("46ae", b"\1"), data)))


EXTRAS: dict[str, Callable[[int], bytes]] = {
    "flac": lambda size: flac_pictures(size // 6, 6),
    "mp3": lambda size: tag(size) + encoded("mp3", "libmp3lame", seconds=1),
    "wav": wav_picture,
    "m4a": pictures,
    "webm": attachment,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", EXTRAS)
def test_large_pictures_are_refused_and_smaller_ones_take_little(reader: Reader, kind: str) -> None:
    large, small = EXTRAS[kind](90 * MEGABYTE), EXTRAS[kind](15 * MEGABYTE)
    with pytest.raises(UnreadableRecording, match="Save the audio without them"):
        inspect(large)
    assert reader.read(large) < MOST_MEMORY // 3
    assert inspect(small).seconds == pytest.approx(1, abs=0.1)
    assert reader.read(small) < MOST_MEMORY


@pytest.mark.slow
@pytest.mark.parametrize(
    "records",
    [
        element("1254c367", element("7373", b"\x67\xc8\x80" * 4 * MEGABYTE)),
        element("1c53bb6b", b"\xbb\x80" * 6 * MEGABYTE),
        element("1043a770", element("45b9", b"\xb6\x80" * 6 * MEGABYTE)),
        element("1941a469", b"\x61\xa7\x80" * 4 * MEGABYTE),
    ],
    ids=["tags", "cues", "chapters", "attachments"],
)
def test_very_many_small_records_of_a_webm_stay_small(reader: Reader, records: bytes) -> None:
    assert reader.read(webm(records)) < MOST_MEMORY


@pytest.mark.slow
def test_one_packet_as_large_as_the_file_is_not_copied(reader: Reader) -> None:
    samples = replaced(M4A, b"stsz", full(b"stsz", numbers(200 * MEGABYTE, 40)))
    block = element("a3", b"\x81\0\0\x80", bytes(150 * MEGABYTE))
    blocks = encoded("webm", "libopus", seconds=1) + element(
        "1f43b675", element("e7", b"\1"), block
    )
    for data in (samples + bytes(200 * MEGABYTE), blocks):
        assert reader.read(data) < MOST_MEMORY
