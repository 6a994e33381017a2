"""What kind of file this is, by its first bytes alone.

The decoder is always told the kind: one left to guess follows playlists inside an "audio file"
to the network and the disk.
"""

from __future__ import annotations

from lib.recordings.formats import FORMATS
from lib.recordings.problems import UnreadableRecording
from lib.recordings.reasons import Reason, Why

_DEMUXERS = {"m4a": "mov", "webm": "matroska"}
_MAGIC = (
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"\x1aE\xdf\xa3", "webm"),
    (0, b"#!AMR", "amr"),
    (0, b"caff", "caf"),
    (4, b"ftyp", "m4a"),
    (8, b"WAVE", "wav"),
    (8, b"AIFF", "aiff"),
    (8, b"AIFC", "aiff"),
)
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""What a QuickTime file may begin with that does not say its type (QuickTime File Format
Specification, "Overview of the file format": `ftyp` is optional)."""
_ID3_HEADER_BYTES = 10
_LAST_AAC_RATE = 12
_QUICKTIME = b"hdlr\0\0\0\0mhlr"
"""How a track says what it is in QuickTime. In an MP4 zeros stand in the place of `mhlr`, whatever
brand the file bears (ISO/IEC 14496-12, 8.4.3)."""
MAX_ZEROS = 65_536
"""How many zeros may stand before the first frame of MPEG audio: as far as libav looks for one."""
_DISGUISES = (
    ((b"#extm3u", b"ffconcat", b"[playlist]"), Reason.PLAYLIST),
    ((b"<!doctype html", b"<html"), Reason.WEB_PAGE),
    ((b"version https://git-lfs",), Reason.PLACEHOLDER),
    ((b"%pdf",), Reason.PDF),
    ((b"pk\x03\x04",), Reason.ARCHIVE),
)
"""What files of other kinds begin with, in lower case, and what each is instead."""


def sniff(data: bytes) -> str:
    """The container by its magic bytes: mp3, aac, wav, m4a, ogg, webm, flac, amr, aiff or caf.

    The codec and pictures inside may still make another format of it: see `format_of`.
    Raises UnreadableRecording where the bytes are no container known here.
    """
    if not data:
        raise UnreadableRecording(Why(Reason.EMPTY))
    start = sound_start(data)
    kind = _container(data[start : start + 12])
    if kind is None and start:
        kind = "mp3"  # padding after the tag: the demuxer looks for the first frame
    kind = kind or _behind_zeros(data)
    if kind is None:
        raise UnreadableRecording(Why(_what_it_is_instead(data)))
    return kind


def demuxer_of(container: str) -> str:
    """What libav calls the reader of this container."""
    return _DEMUXERS.get(container, container)


def format_of(container: str, codec: str, *, has_video: bool, data: bytes) -> str:
    """The format, a key of `FORMATS`, once it is known what the container holds."""
    if container == "mp3" and codec != "mp3":
        return "mp2"
    if container == "m4a":
        container = _kind_of_mp4(codec, has_video=has_video, data=data)
    video = f"{container}-video"
    return video if has_video and video in FORMATS else container


def _kind_of_mp4(codec: str, *, has_video: bool, data: bytes) -> str:
    """mov, 3gp, mp4 or m4a, by what the file is made of and holds.

    Phones write plain AAC under the brands of 3GP, QuickTime and others; only of a film, which no
    service takes as it is, the brand may choose the name.
    """
    if _QUICKTIME in data:
        return "mov"
    if has_video:
        return "3gp" if data[8:10] == b"3g" else "mp4"
    return "3gp" if codec.startswith("amr") else "m4a"


def sound_start(data: bytes) -> int:
    """Where the sound begins: behind an ID3v2 tag (id3.org, ID3v2.4 structure), otherwise 0."""
    if data[:3] != b"ID3" or len(data) < _ID3_HEADER_BYTES or any(b > 127 for b in data[6:10]):
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte
    return _ID3_HEADER_BYTES + size


def _container(head: bytes) -> str | None:
    if head[8:12] == b"WAVE" and head[:4] not in (b"RIFF", b"RF64"):
        return None
    for offset, magic, kind in _MAGIC:
        if head.startswith(magic, offset):
            return kind
    if head[4:8] in _OLD_QUICKTIME and head[0] < 0x20:  # a size, and no text that says "free"
        return "m4a"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        # MPEG audio: the two layer bits are zero in AAC's frames only.
        return "mp3" if head[1] & 0x06 else "aac" if head[1] & 0xF0 == 0xF0 else None
    return None


def zeros_before(data: bytes) -> int:
    """How many zeros, `MAX_ZEROS` and one at most, a file begins with."""
    begin = data[: MAX_ZEROS + 1]
    return len(begin) - len(begin.lstrip(b"\0"))


def _behind_zeros(data: bytes) -> str | None:
    """MPEG audio that begins after some zeros: players skip them."""
    zeros = zeros_before(data)
    head = data[zeros : zeros + 4]
    is_frame = 0 < zeros <= MAX_ZEROS and len(head) == 4 and head[0] == 0xFF
    kind = _container(head) if is_frame else None
    # Raw samples often begin with zeros as well: frames have a bit rate and a sample rate.
    if kind == "mp3" and (head[2] >> 4 == 0xF or head[2] >> 2 & 0x3 == 0x3):
        return None
    if kind == "aac" and head[2] >> 2 & 0xF > _LAST_AAC_RATE:
        return None
    return kind


def _what_it_is_instead(data: bytes) -> Reason:
    head = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for beginnings, reason in _DISGUISES:
        if head.startswith(beginnings):
            return reason
    return Reason.TEXT if _is_text(data[:512]) else Reason.UNKNOWN_KIND


def _is_text(head: bytes) -> bool:
    text = head.decode("utf-8", errors="ignore")
    whole = len(text.encode()) > len(head) - 4  # the last character may be cut
    return whole and all(letter.isprintable() or letter in "\r\n\t" for letter in text)
