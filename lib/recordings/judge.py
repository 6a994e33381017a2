"""Which service takes a recording, and in one plain sentence why not. The rules are pure.

`python -m lib.recordings.judge FILE...` says it for files: one line per file and kind of voice.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lib.recordings.inspect import MAX_BYTES, Recording, UnreadableRecording, inspect
from lib.recordings.kinds import FORMATS
from lib.services import MEGABYTE, SERVICES, CloneOffer

_USUAL_CODECS = {
    "mp3": ("mp3",),
    "wav": ("pcm_",),
    "m4a": ("aac", "alac"),
    "ogg": ("opus", "vorbis"),
    "aac": ("aac",),
}
"""What the services mean by a format. Telephone PCM (mu-law, A-law) is PCM; ADPCM is not."""


class Fit(StrEnum):
    """Whether one service takes a recording."""

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
        return self.fit is Fit.ACCEPT


def judge(recording: Recording, offer: CloneOffer, size: int, *, by_link: bool = True) -> Verdict:
    """Hold a recording of `size` bytes against what the service documents.

    The first thing that is wrong is named; what converting or cutting cannot mend comes first.
    """
    if fault := _wrong_length(recording, offer):
        return Verdict(Fit.REFUSE, fault)
    most = offer.max_bytes if by_link else min(offer.max_bytes, offer.direct_bytes)
    if recording.format not in offer.formats or _wrong_codec(recording) or size > most:
        return Verdict(
            Fit.CONVERT,
            f"This is {FORMATS[recording.format].title}. It will be converted for {_who(offer)}; "
            "your original is kept.",
            _warnings(recording),
        )
    return Verdict(Fit.ACCEPT, f"{_who(offer)} can take this recording.", _warnings(recording))


def judge_bytes(data: bytes, offers: Iterable[CloneOffer]) -> dict[tuple[str, str], Verdict]:
    """Decode once, judge for each offer. Keys are (service, kind)."""
    keyed = {(offer.service, offer.kind): offer for offer in offers}
    try:
        recording = inspect(data)
    except UnreadableRecording as unreadable:
        return dict.fromkeys(keyed, Verdict(Fit.REFUSE, str(unreadable)))
    return {key: judge(recording, offer, len(data)) for key, offer in keyed.items()}


def _wrong_format(recording: Recording, offer: CloneOffer) -> str:
    if recording.format in offer.formats:
        return ""
    remedy = "Save its sound alone as one of these." if recording.has_video else "Convert it first."
    return (
        f"This is {FORMATS[recording.format].title}. {_who(offer)} takes "
        f"{_listed(FORMATS[name].title.split()[1] for name in offer.formats)}. {remedy}"
    )


def _wrong_length(recording: Recording, offer: CloneOffer) -> str:
    if recording.seconds < offer.min_seconds:
        return (
            f"This recording is {_short(recording.seconds, offer.min_seconds)} long. "
            f"{_who(offer)} needs at least {_counted(offer.min_seconds)}."
        )
    if recording.seconds > offer.max_seconds:
        return (
            f"This recording is {_minutes(math.ceil(recording.seconds))} long. {_who(offer)} "
            f"takes at most {_minutes(math.floor(offer.max_seconds))}. Cut it to its best part."
        )
    return ""


def _wrong_codec(recording: Recording) -> str:
    usual = _USUAL_CODECS.get(recording.format)
    if usual is None or recording.codec.startswith(usual):
        return ""
    return (
        f"The sound inside {FORMATS[recording.format].title.replace('a', 'this', 1)} is stored in "
        f"an unusual way ({recording.codec.replace('_', ' ').upper()}). Convert it to MP3 first."
    )


def _wrong_size(size: int, offer: CloneOffer) -> str:
    if size <= offer.max_bytes:
        return ""
    megabytes = math.ceil(size / MEGABYTE * 10) / 10
    return (
        f"This file has {megabytes:.1f} MB. {_who(offer)} takes at most "
        f"{offer.max_bytes / MEGABYTE:g} MB. Convert it to MP3 or cut it."
    )


def _warnings(recording: Recording) -> tuple[str, ...]:
    warnings = []
    if recording.silent:
        warnings.append("There is nothing to hear in this recording. Play it before you use it.")
    if recording.truncated:
        warnings.append("Part of this file is missing or damaged. Play it before you use it.")
    return tuple(warnings)


def _who(offer: CloneOffer) -> str:
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


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge files for every real service. 0: each is taken by one at least; otherwise 1."""
    parser = argparse.ArgumentParser(prog="python -m lib.recordings.judge", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    offers = [o for service in SERVICES.values() if not service.is_demo for o in service.clones]
    results = [_report(path, offers) for path in parser.parse_args(arguments).files]
    return 0 if all(results) else 1


def _report(path: Path, offers: Sequence[CloneOffer]) -> bool:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as exc:
        print(f"{path}: cannot be opened: {exc.strerror}")
        return False
    verdicts = judge_bytes(data, offers)
    for (service, kind), verdict in verdicts.items():
        word = "accepted" if verdict.accepted else "refused"
        sentences = " ".join([verdict.reason, *verdict.warnings])
        print(f"{path}: {service} {kind}: {word}: {sentences}")
    return any(verdict.accepted for verdict in verdicts.values())


if __name__ == "__main__":
    sys.exit(main())
