"""What recordings are, how good they are, and which service takes them: `python -m lib.recordings`.

With `--json` one line per file, each an object: `file`, `kind` (a key of `formats.FORMATS`),
`seconds`, `speech_seconds`, `loudness_lufs`, `verdict` (how good it is as a reference) and
`services`, where each has its `verdict` (accept, convert or refuse) and `reason`. What cannot be
told is null. It is judged for a service that can fetch it from an address.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.json_reading import JsonObject
from lib.recordings.formats import FORMATS
from lib.recordings.inspect import MAX_BYTES, Recording, inspect
from lib.recordings.judge import Fit, Verdict, judge
from lib.recordings.listening import listen, measure
from lib.recordings.measures import Measure
from lib.recordings.problems import UnreadableRecording
from lib.recordings.quality import Quality, assess, worst
from lib.recordings.reasons import Reason, Why
from lib.recordings.wording import GRADE_WORDS, advice, reason_words
from lib.services import SERVICES, CloneOffer


def _named(offers: Iterable[CloneOffer]) -> dict[str, CloneOffer]:
    """Each offer by a short name: its kind of voice, or its service where that kind is named."""
    named: dict[str, CloneOffer] = {}
    for offer in offers:
        names = (offer.kind, offer.service, f"{offer.service} {offer.kind}")
        named[next(name for name in names if name not in named)] = offer
    return named


OFFERS = _named(
    offer for service in SERVICES.values() if not service.is_demo for offer in service.clones
)
"""The real ones by what each is called here: `minimax`, `qwen`, `kyma`."""


@dataclass(frozen=True)
class Report:
    """What is said about one file. `fault`: why it cannot be read, or "" if it can."""

    file: str
    verdicts: Mapping[str, Verdict]
    recording: Recording | None = None
    measure: Measure | None = None
    fault: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether at least one service takes it, as it is or converted."""
        return any(verdict.fit is not Fit.REFUSE for verdict in self.verdicts.values())

    @property
    def quality(self) -> Quality | None:
        return assess(self.measure) if self.measure else None

    def as_json(self) -> JsonObject:
        """As the docstring of this module says."""
        recording, measured, quality = self.recording, self.measure, self.quality
        loudness = measured.loudness_lufs if measured else None
        return {
            "file": self.file,
            "kind": recording.format if recording else None,
            "seconds": round(recording.seconds, 3) if recording else None,
            "speech_seconds": round(measured.speech_seconds, 2) if measured else None,
            "loudness_lufs": None if loudness is None else round(loudness, 1),
            "verdict": GRADE_WORDS[quality.grade] if quality else None,
            "services": {
                name: {"verdict": str(verdict.fit), "reason": reason_words(verdict.why)}
                for name, verdict in self.verdicts.items()
            },
        }

    def as_text(self) -> str:
        """The same for people, and what there is to think about."""
        if self.recording is None:
            return f"{self.file}: {self.fault}"
        facts = [FORMATS[self.recording.format].name, f"{self.recording.seconds:.1f} s"]
        lines = [f"{self.file}: {', '.join(facts)}"]
        if self.measure and self.quality:
            speech = f"{self.measure.speech_seconds:.1f} s of speech"
            if self.measure.loudness_lufs is not None:
                speech += f", {self.measure.loudness_lufs:.1f} LUFS"
            word = GRADE_WORDS[self.quality.grade]
            lines.append(f"  {word} ({speech}). {advice(worst(self.quality), self.measure)}")
        for name, verdict in self.verdicts.items():
            offer = OFFERS[name]
            who = f"{offer.title} · {SERVICES[offer.service].title}"
            lines.append(f"  {who}: {verdict.fit}: {reason_words(verdict.why)}")
        warnings = [why for verdict in self.verdicts.values() for why in verdict.warnings]
        lines += [f"  {reason_words(why)}" for why in dict.fromkeys(warnings)]
        return "\n".join(lines)


def report(path: Path) -> Report:
    """Read a file, listen to it, and judge it for each service. Raises nothing for a bad file."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        recording = inspect(data)
    except OSError as problem:
        return _unreadable(path, f"This file cannot be opened: {problem.strerror}.")
    except UnreadableRecording as problem:
        return _unreadable(path, str(problem))
    verdicts = {name: judge(recording, offer, len(data)) for name, offer in OFFERS.items()}
    try:
        measured = measure(listen(data))
    except UnreadableRecording:
        measured = None
    return Report(str(path), verdicts, recording, measured)


def _unreadable(path: Path, fault: str) -> Report:
    refused = dict.fromkeys(OFFERS, Verdict(Fit.REFUSE, Why(Reason.SAID, said=fault)))
    return Report(str(path), refused, fault=fault)


def main(arguments: Sequence[str] | None = None) -> int:
    """0: each file is taken by one service at least, as it is or converted; otherwise 1."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.recordings",
        description="Tells what recordings are, how good they are, and which service accepts them.",
        epilog="Ends with 0 if at least one service accepts each file, otherwise with 1.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each file")
    given = parser.parse_args(arguments)
    all_taken = True
    for path in given.files:
        found = report(path)
        print(json.dumps(found.as_json()) if given.json else found.as_text(), flush=True)
        all_taken &= found.is_taken
    return 0 if all_taken else 1


if __name__ == "__main__":
    sys.exit(main())
