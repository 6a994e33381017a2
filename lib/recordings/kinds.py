"""What kind of file this is, by its first bytes alone, and what each kind is called.

The decoder is always told the kind: one left to guess follows playlists inside an "audio file"
to the network and the disk.
"""

from __future__ import annotations

from dataclasses import dataclass


class UnreadableRecording(Exception):
    """No sound can be had from these bytes. `str()` is a sentence that says why, for a person."""


@dataclass(frozen=True)
class Format:
    """A file format: what it is called, and the media type and extension it goes by."""

    article: str
    name: str
    media_type: str
    extension: str

    @property
    def title(self) -> str:
        """With its article: "an MP3 file"."""
        return f"{self.article} {self.name}"


FORMATS = {
    "mp3": Format("an", "MP3 file", "audio/mpeg", "mp3"),
    "mp2": Format("an", "MPEG audio file older than MP3", "audio/mpeg", "mp2"),
    "wav": Format("a", "WAV file", "audio/wav", "wav"),
    "m4a": Format("an", "M4A file", "audio/mp4", "m4a"),
    "ogg": Format("an", "Ogg file", "audio/ogg", "ogg"),
    "aac": Format("an", "AAC file", "audio/aac", "aac"),
    "flac": Format("a", "FLAC file", "audio/flac", "flac"),
    "webm": Format("a", "WebM file", "audio/webm", "webm"),
    "amr": Format("an", "AMR file", "audio/amr", "amr"),
    "aiff": Format("an", "AIFF file", "audio/aiff", "aiff"),
    "caf": Format("a", "CAF file", "audio/x-caf", "caf"),
    "3gp": Format("a", "3GP file", "audio/3gpp", "3gp"),
    "mov": Format("a", "QuickTime file", "video/quicktime", "mov"),
    "mp4-video": Format("a", "video (MP4)", "video/mp4", "mp4"),
    "mov-video": Format("a", "video (QuickTime)", "video/quicktime", "mov"),
    "3gp-video": Format("a", "video (3GP)", "video/3gpp", "3gp"),
    "webm-video": Format("a", "video (WebM)", "video/webm", "webm"),
    "ogg-video": Format("a", "video (Ogg)", "video/ogg", "ogv"),
}

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
MAX_ZEROS = 65_536
"""How many zeros may stand before the first frame of MPEG audio: as far as libav looks for one."""
_DISGUISES = (
    (
        (b"#extm3u", b"ffconcat", b"[playlist]"),
        "This is a playlist, not a recording. Choose the sound file itself.",
    ),
    (
        (b"<!doctype html", b"<html"),
        "This is a web page, not a recording. Choose the sound file itself.",
    ),
    (
        (b"version https://git-lfs",),
        "This is a placeholder that Git LFS left, not the recording. Fetch the real file first.",
    ),
    ((b"%pdf",), "This is a PDF document, not a recording."),
    ((b"pk\x03\x04",), "This is a packed archive. Unpack it and choose the recording inside."),
)
"""What files of other kinds begin with, in lower case, and the sentence for each kind."""


def sniff(data: bytes) -> str:
    """The container by its magic bytes: mp3, aac, wav, m4a, ogg, webm, flac, amr, aiff or caf.

    The codec and pictures inside may still make another format of it: see `format_of`.
    Raises UnreadableRecording where the bytes are no container known here.
    """
    if not data:
        raise UnreadableRecording("This file is empty. Choose another one.")
    start = sound_start(data)
    kind = _container(data[start : start + 12])
    if kind is None and start:
        kind = "mp3"  # padding after the tag: the demuxer looks for the first frame
    kind = kind or _behind_zeros(data)
    if kind is None:
        raise UnreadableRecording(_what_it_is_instead(data))
    return kind


def demuxer_of(container: str) -> str:
    """What libav calls the reader of this container."""
    return _DEMUXERS.get(container, container)


def format_of(container: str, codec: str, *, has_video: bool, data: bytes) -> str:
    """The format, a key of `FORMATS`, once it is known what the container holds."""
    if container == "mp3" and codec != "mp3":
        return "mp2"
    if container == "m4a":
        brand = data[8:10] if data[4:8] == b"ftyp" else b"qt"
        container = {b"3g": "3gp", b"qt": "mov"}.get(brand, "mp4" if has_video else "m4a")
    video = f"{container}-video"
    return video if has_video and video in FORMATS else container


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


def _what_it_is_instead(data: bytes) -> str:
    head = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for beginnings, sentence in _DISGUISES:
        if head.startswith(beginnings):
            return sentence
    if _is_text(data[:512]):
        return "This file holds text, not sound. Choose the recording itself."
    return (
        "This is no sound file of a kind known here, or its beginning is damaged. "
        "Save the recording again as MP3, M4A or WAV."
    )


def _is_text(head: bytes) -> bool:
    text = head.decode("utf-8", errors="ignore")
    whole = len(text.encode()) > len(head) - 4  # the last character may be cut
    return whole and all(letter.isprintable() or letter in "\r\n\t" for letter in text)
