"""The formats of files that hold sound: what each is called, and what it goes by."""

from __future__ import annotations

from dataclasses import dataclass


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
