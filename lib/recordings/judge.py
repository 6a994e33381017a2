"""Which service takes a recording as it is, which after converting, and in one plain sentence why.

The rules are pure. Converting is done by another module; what is judged here is whether it helps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from lib.recordings.inspect import Recording
from lib.recordings.kinds import FORMATS
from lib.services import MEGABYTE, CloneOffer

_USUAL_CODECS = {
    "mp3": ("mp3",),
    "wav": ("pcm_",),
    "m4a": ("aac", "alac"),
    "ogg": ("opus", "vorbis"),
    "aac": ("aac",),
}
"""What the services mean by a format. Telephone PCM (mu-law, A-law) is PCM; ADPCM is not."""
_CODEC_TITLES = {
    "aac": "AAC",
    "adpcm_ima_qt": "ADPCM",
    "adpcm_ima_wav": "ADPCM",
    "adpcm_ms": "ADPCM",
    "alac": "Apple Lossless",
    "amr_nb": "AMR",
    "amr_wb": "AMR",
    "flac": "FLAC",
    "gsm_ms": "GSM",
    "mp1": "MPEG",
    "mp2": "MPEG",
    "mp3": "MP3",
    "opus": "Opus",
    "vorbis": "Vorbis",
}
"""What people call a coding, where it is none that is usual in its file."""


class Fit(StrEnum):
    """What one service can do with a recording.

    `ACCEPT`: it takes it as it is. `CONVERT`: the app can make it fit. `REFUSE`: only another
    recording, or a part of this one, helps.
    """

    ACCEPT = "accept"
    CONVERT = "convert"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Verdict:
    """Whether one service takes a recording. `reason` is a sentence, `warnings` are for thought."""

    fit: Fit
    reason: str
    warnings: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it can be sent as it is."""
        return self.fit is Fit.ACCEPT


def judge(recording: Recording, offer: CloneOffer, size: int, *, by_link: bool = True) -> Verdict:
    """Hold a recording of `size` bytes against what the service documents.

    `by_link`: whether the service can fetch it from an address; if not, it is sent directly, which
    only `offer.direct_bytes` can be. What converting cannot mend is named first.
    """
    if fault := _wrong_length(recording, offer):
        return Verdict(Fit.REFUSE, fault)
    warnings = _warnings(recording)
    need = _wrong_format(recording, offer) or _too_large(size, offer, by_link=by_link)
    if need:
        return Verdict(Fit.CONVERT, need, warnings)
    return Verdict(Fit.ACCEPT, f"{maker(offer)} can take this recording.", warnings)


def _wrong_length(recording: Recording, offer: CloneOffer) -> str:
    if recording.seconds < offer.min_seconds:
        return (
            f"This recording is {_short(recording.seconds, offer.min_seconds)} long. "
            f"{maker(offer)} needs at least {_counted(offer.min_seconds)}."
        )
    if recording.seconds > offer.max_seconds:
        return (
            f"This recording is {_minutes(math.ceil(recording.seconds))} long. {maker(offer)} "
            f"takes at most {_minutes(math.floor(offer.max_seconds))}. Cut it to its best part."
        )
    return ""


def _wrong_format(recording: Recording, offer: CloneOffer) -> str:
    """The sentence for a file, or a coding inside it, that this service does not take."""
    form, who = FORMATS[recording.format], maker(offer)
    if recording.has_video:
        return (
            f"This is {form.title}. Its sound will be made into a file that {who} takes; your "
            "original is kept."
        )
    if recording.format not in offer.formats:
        return (
            f"This is {form.title}. It will be made into a file that {who} takes; your original "
            "is kept."
        )
    if recording.codec.startswith(_USUAL_CODECS.get(recording.format, "")):
        return ""
    inside = _CODEC_TITLES.get(recording.codec, "an unusual kind of")
    return (
        f"This {form.name} holds {inside} sound. It will be made into a file that {who} takes; "
        "your original is kept."
    )


def _too_large(size: int, offer: CloneOffer, *, by_link: bool) -> str:
    """The sentence for too many bytes. What is short enough gets small enough by converting."""
    megabytes = f"{math.ceil(size / MEGABYTE * 10) / 10:.1f} MB"
    if size > offer.max_bytes:
        return (
            f"This file has {megabytes}, and {maker(offer)} takes at most "
            f"{offer.max_bytes / MEGABYTE:g} MB. It will be made smaller; your original is kept."
        )
    if size > offer.direct_bytes and not by_link:
        return (
            f"This file has {megabytes}, and without a bucket at most "
            f"{offer.direct_bytes / MEGABYTE:g} MB can be sent to {maker(offer)}. It will be made "
            "smaller; your original is kept."
        )
    return ""


def _warnings(recording: Recording) -> tuple[str, ...]:
    warnings = []
    if recording.silent:
        warnings.append("There is nothing to hear in this recording. Play it before you use it.")
    if recording.truncated:
        warnings.append("Part of this file is missing or damaged. Play it before you use it.")
    return tuple(warnings)


def maker(offer: CloneOffer) -> str:
    """What the service is called in a sentence about its offer."""
    return offer.title.removesuffix(" voice")


def _counted(number: float, word: str = "second") -> str:
    return f"{number:g} {word}" if number == 1 else f"{number:g} {word}s"


def _short(seconds: float, least: float) -> str:
    """Rounded to tenths, but never up to what is needed: 9.96 s must not read "10 seconds"."""
    if seconds < 0.1:
        return "less than 0.1 seconds"
    tenths = min(round(seconds * 10), math.ceil(least * 10) - 1)
    return _counted(tenths / 10)


def _minutes(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    parts = [_counted(minutes, "minute")] if minutes else []
    return " ".join([*parts, _counted(rest)] if rest or not parts else parts)
