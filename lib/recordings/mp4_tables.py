"""The tables of an MP4, MOV or 3GP, looked at before libav is: how much memory it would reserve.

libav believes what the tables of these files claim, and reserves some 40 bytes for each sample
of which a number in the header says that it is there. The boxes are walked here the way libav
does (libavformat/mov.c, `mov_read_default` and its table of boxes; layouts of ISO/IEC 14496-12 and
the QuickTime File Format Specification), but nothing behind a claim is read: no sound, no picture.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MAX_INDEX_BYTES = 120_000_000
"""What libav may reserve for one file. The longest healthy one, an hour of Opus in packets of
2.5 ms (1.44 million) with an edit list, takes 115 MB."""
MAX_EXTRAS_BYTES = 24_000_000
"""Pictures and texts together, which libav copies as well."""
MAX_BOXES = 500_000
"""An hour of film and sound in fragments of a tenth of a second has 400 thousand."""
MAX_DEPTH = 12
"""libav gives up at 10."""
MAX_TRACKS = 64
MAX_KEYS = 10_000
MAX_DESCRIPTION_BYTES = 1_000_000
"""Of `stsd` and what else holds boxes behind a header of its own."""

_ENTRY = 36
"""Bytes of a sample in libav's index: `AVIndexEntry` and its times."""
_SIZE = 8
"""Bytes of a sample's size while the table is read."""
_FRAGMENT, _TRACK_OF_FRAGMENT = 40, 96
"""Bytes of a fragment in libav's list of them, and of each track in it."""
_ENCRYPTED, _CHAPTER = 160, 200
_FEWEST_TOGETHER = 160
"""Uncompressed samples of one entry of the index, at least: 1024, or 160 of GSM."""

_CONTAINERS = frozenset(
    b"moov hoov trak mdia minf stbl dinf edts udta mvex moof traf tref sinf schi ilst meta".split()
)
_HEADED = frozenset((b"stsd", b"wave", b"st3d", b"sv3d", b"jp2h", b"dref", b"HMMT"))
"""What holds boxes, or small records, behind a header: small in every healthy file."""
_REFUSED = frozenset((b"cmov", b"iinf", b"iloc", b"iprp", b"iref", b"moof"))
"""A compressed header, the tables of still pictures, and a fragment inside of something."""
_SKIPPED = frozenset((b"mdat", b"free", b"skip", b"wide"))
_HIDDEN = tuple(
    b"stsz stz2 stts ctts stsc stco co64 stss stps sbgp sgpd sdtp elst trun moof".split()
)
"""What has no business inside a description of the coding."""
_RECORDS = {b"stts": 8, b"ctts": 8, b"stsc": 12, b"stco": 4, b"co64": 8, b"stss": 4, b"stps": 4}
"""Bytes of a record of each plain table: version and flags, their number, the records."""
_NO_SOUND = frozenset((b"vide", b"subp", b"clcp", b"sbtl", b"text"))


class Absurd(Exception):
    """The tables claim what no healthy file does."""


class TooManyExtras(Exception):
    """The pictures and texts are larger than `MAX_EXTRAS_BYTES`."""


class _Box(NamedTuple):
    """One box: what it holds lies from `begin` to `end`. `at`: where its header begins."""

    kind: bytes
    at: int
    begin: int
    end: int
    depth: int


@dataclass
class _Track:
    """What the tables of a track claim together."""

    number: int = 0
    samples: int = 0
    sizes: int = 0
    first: int = 0
    chunks: int = 0
    most_in_chunk: int = 0
    edits: int = 0
    rates: list[tuple[int, int]] = field(default_factory=list)
    is_reordered: bool = False
    handlers: set[bytes] = field(default_factory=set)

    def cost(self) -> int:
        """Bytes that its index takes."""
        entries = self.samples
        # Uncompressed sound has a place for each sample, but libav takes many of them together.
        is_plain = b"soun" in self.handlers and not self.handlers & _NO_SOUND
        if is_plain and self.rates == [(1, 1)] and not self.is_reordered:
            entries = self.chunks * (1 + self.most_in_chunk // _FEWEST_TOGETHER)
        return _ENTRY * entries * (1 + self.edits)


def check(data: bytes) -> None:
    """Look at all tables. Raises `Absurd` or `TooManyExtras`; returns for what is no such file."""
    _Tables(data).check()


class _Tables:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._tracks = [_Track()]
        self._bytes = 0
        self._extras = 0
        self._fragments = 0
        self._chapters: set[int] = set()
        self._starts = array("q")
        self._targets: list[npt.NDArray[np.float64]] = []
        self._readers: dict[bytes, Callable[[_Box], None]] = {
            b"stsz": self._sizes, b"stz2": self._sizes, b"stts": self._stts, b"ctts": self._ctts,
            b"stsc": self._stsc, b"stco": self._chunks, b"co64": self._chunks,
            b"stss": self._plain, b"stps": self._plain, b"sdtp": self._sdtp, b"elst": self._elst,
            b"sbgp": self._sbgp, b"sgpd": self._sgpd, b"trun": self._trun, b"senc": self._senc,
            b"saiz": self._saiz, b"saio": self._saio, b"sidx": self._sidx, b"keys": self._keys,
            b"hdlr": self._hdlr, b"tkhd": self._tkhd, b"chap": self._chap,
        }  # fmt: skip

    def check(self) -> None:
        for number, box in enumerate(self._boxes()):
            if number > MAX_BOXES or box.depth > MAX_DEPTH:
                raise Absurd
            self._look(box)
            if self._bytes > MAX_INDEX_BYTES or len(self._tracks) - 1 > MAX_TRACKS:
                raise Absurd
            if self._extras > MAX_EXTRAS_BYTES:
                raise TooManyExtras
        self._add_up()

    def _boxes(self) -> Iterator[_Box]:
        """Every box that libav would look into, in its order: that of the file."""
        waiting = [self._children(0, len(self._data), 0)]
        while waiting:
            box = next(waiting[-1], None)
            if box is None:
                waiting.pop()
                continue
            yield box
            begin = self._inside(box)
            if begin is not None:
                waiting.append(self._children(begin, box.end, box.depth + 1))

    def _children(self, begin: int, end: int, depth: int) -> Iterator[_Box]:
        at = begin
        while at <= end - 8:
            size, kind = self._number(at, 4), self._data[at + 4 : at + 8]
            inside = at + 8
            if size == 1 and inside + 8 <= end:
                size, inside = self._number(inside, 8), inside + 8
            elif size == 0:
                size = end - at
            if size < inside - at or size >> 63:
                return
            stop = min(at + size, end)
            yield _Box(kind, at, inside, stop, depth)
            at = stop

    def _inside(self, box: _Box) -> int | None:
        """Where the boxes inside of this one begin; None where there are none."""
        if box.kind == b"free":  # libav looks into one where there is no other header
            behind = self._data[box.begin + 4 : box.begin + 8]
            return box.begin if behind in (b"mvhd", b"cmov") else None
        if box.kind not in _CONTAINERS:
            return None
        if box.kind != b"meta":
            return box.begin
        # With version and flags, or without: libav looks for the first box.
        at = self._data.find(b"hdlr", box.begin, box.end)
        while at >= 0 and (at - box.begin) % 4:
            at = self._data.find(b"hdlr", at + 1, box.end)
        return max(at - 4, box.begin) if at >= 0 else None

    def _look(self, box: _Box) -> None:
        kind = box.kind
        if box.depth == 0:
            self._starts.append(box.at)
        if kind in _SKIPPED:
            return
        if kind in self._readers:
            self._readers[kind](box)
        elif kind == b"trak":
            self._tracks.append(_Track())
        elif kind == b"moof" and box.depth == 0:
            self._fragments += 1
        elif kind in _REFUSED:
            raise Absurd
        elif kind in _HEADED:
            self._headed(box)
        elif kind not in _CONTAINERS:
            self._extras += box.end - box.begin

    def _headed(self, box: _Box) -> None:
        body = self._data[box.begin : min(box.end, box.begin + MAX_DESCRIPTION_BYTES + 1)]
        if len(body) > MAX_DESCRIPTION_BYTES or any(kind in body for kind in _HIDDEN):
            raise Absurd
        self._bytes += 16 * len(body)

    def _add_up(self) -> None:
        tracks = len(self._tracks)
        total = self._bytes + sum(track.cost() for track in self._tracks)
        total += self._fragments * (_FRAGMENT + tracks * _TRACK_OF_FRAGMENT)
        for track in self._tracks:
            if track.number in self._chapters:  # each title is read, and kept in two forms
                is_film = b"vide" in track.handlers
                total += track.first if is_film else _CHAPTER * track.samples + 2 * track.sizes
        if total > MAX_INDEX_BYTES:
            raise Absurd
        # libav reads on where an index of fragments sends it, be it amidst the sound.
        for targets in self._targets:
            inside = targets[targets < len(self._data)]
            if not np.isin(inside, self._starts).all():
                raise Absurd

    def _records(self, box: _Box, at: int, length: int, count: int) -> npt.NDArray[np.uint8]:
        """The records of a table, a row each. Raises `Absurd` where the box is too small."""
        if at + count * length > box.end:
            raise Absurd
        return np.frombuffer(self._data, np.uint8, count * length, at).reshape(count, length)

    def _table(self, box: _Box) -> npt.NDArray[np.uint32]:
        """A plain table: a row of numbers of 32 bits for each record."""
        count, length = self._number(box.begin + 4, 4), _RECORDS[box.kind]
        rows = self._records(box, box.begin + 8, length, count)
        self._bytes += rows.size
        return rows.view(">u4")

    def _number(self, at: int, length: int) -> int:
        return int.from_bytes(self._data[at : at + length], "big")

    @property
    def _track(self) -> _Track:
        """libav gives a table to the track that began last, wherever the table stands."""
        return self._tracks[-1]

    def _sizes(self, box: _Box) -> None:
        track = self._track
        size, width = self._number(box.begin + 4, 4), 32
        if box.kind == b"stz2":
            size, width = 0, self._number(box.begin + 7, 1)
        count = self._number(box.begin + 8, 4)
        track.samples = max(track.samples, count)
        if size:
            track.sizes += size * count
            track.first = max(track.first, size)
            return
        if width not in (4, 8, 16, 32):
            return
        rows = self._records(box, box.begin + 12, 1, (count * width + 7) // 8)
        self._bytes += count * _SIZE
        if width == 32 and count:
            sizes = rows.reshape(-1).view(">u4")
            track.sizes += int(sizes.sum(dtype=np.uint64))
            track.first = max(track.first, int(sizes[0]))
        else:
            track.sizes += count << min(width, 16)

    def _stts(self, box: _Box) -> None:
        rows = self._table(box)
        self._track.rates += [(len(rows), int(rows[0][1]) if len(rows) else 0)]

    def _ctts(self, box: _Box) -> None:
        rows = self._table(box)
        self._track.is_reordered |= bool(len(rows))
        self._bytes += 4 * int(rows[:, 0].sum(dtype=np.uint64))

    def _stsc(self, box: _Box) -> None:
        rows = self._table(box)
        most = int(np.max(rows[:, 1])) if len(rows) else 0
        self._track.most_in_chunk = max(self._track.most_in_chunk, most)

    def _chunks(self, box: _Box) -> None:
        self._track.chunks = max(self._track.chunks, len(self._table(box)))

    def _plain(self, box: _Box) -> None:
        self._table(box)

    def _sdtp(self, box: _Box) -> None:
        self._bytes += box.end - box.begin

    def _elst(self, box: _Box) -> None:
        version, count = self._number(box.begin, 1), self._number(box.begin + 4, 4)
        length = 20 if version == 1 else 12
        rows = self._records(box, box.begin + 8, length, count)
        times = rows[:, length // 2 - 2 : length - 4]
        # An edit that shows nothing has the time -1.
        self._track.edits += int((times != 0xFF).any(axis=1).sum())
        self._bytes += 2 * rows.size

    def _sbgp(self, box: _Box) -> None:
        version, kind = self._number(box.begin, 1), self._data[box.begin + 4 : box.begin + 8]
        if kind not in (b"rap ", b"sync"):
            return  # libav looks at these alone
        at = box.begin + (12 if version == 1 else 8)
        rows = self._records(box, at + 4, 8, self._number(at, 4))
        self._bytes += rows.size + 4 * int(rows.view(">u4")[:, 0].sum(dtype=np.uint64))

    def _sgpd(self, box: _Box) -> None:
        version, kind = self._number(box.begin, 1), self._data[box.begin + 4 : box.begin + 8]
        at = box.begin + 8 + 4 * min(version, 2)
        if kind == b"sync":
            self._records(box, at + 4, 1, self._number(at, 4))

    def _trun(self, box: _Box) -> None:
        flags, count = self._number(box.begin + 1, 3), self._number(box.begin + 4, 4)
        length = 4 * sum(bool(flags & flag) for flag in (0x100, 0x200, 0x400, 0x800))
        at = box.begin + 8 + 4 * bool(flags & 0x1) + 4 * bool(flags & 0x4)
        if length:
            self._records(box, at, length, count)
        self._bytes += _ENTRY * count

    def _senc(self, box: _Box) -> None:
        self._bytes += _ENCRYPTED * self._number(box.begin + 4, 4)

    def _saiz(self, box: _Box) -> None:
        at = box.begin + (12 if self._number(box.begin + 1, 3) & 1 else 4)
        self._bytes += self._number(at + 1, 4)

    def _saio(self, box: _Box) -> None:
        at = box.begin + (12 if self._number(box.begin + 1, 3) & 1 else 4)
        length = 8 if self._number(box.begin, 1) else 4
        self._records(box, at + 4, length, self._number(at, 4))

    def _sidx(self, box: _Box) -> None:
        version = self._number(box.begin, 1)
        wide = 8 if version else 4
        at = box.begin + 12 + 2 * wide
        count = self._number(at + 2, 2)
        rows = self._records(box, at + 4, 12, count)
        lengths = (rows.view(">u4")[:, 0] & 0x7FFF_FFFF).astype(np.float64)
        first = box.end + self._number(at - wide, wide)
        self._targets.append(first + np.cumsum(np.insert(lengths, 0, 0.0))[:-1])
        self._fragments += count

    def _keys(self, box: _Box) -> None:
        count = self._number(box.begin + 4, 4)
        if count > MAX_KEYS:
            raise Absurd
        at = box.begin + 8
        for _ in range(count):
            size = self._number(at, 4)
            if size < 8 or at + size > box.end:
                raise Absurd
            at += size

    def _hdlr(self, box: _Box) -> None:
        self._track.handlers.add(self._data[box.begin + 8 : box.begin + 12])

    def _tkhd(self, box: _Box) -> None:
        at = box.begin + (20 if self._number(box.begin, 1) == 1 else 12)
        self._track.number = self._number(at, 4)

    def _chap(self, box: _Box) -> None:
        rows = np.frombuffer(self._data, ">u4", min(box.end - box.begin, 4096) // 4, box.begin)
        self._chapters.update(rows.tolist())
