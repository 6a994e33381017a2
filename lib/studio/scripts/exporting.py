"""A script to take along: as one sound, or as numbered files with a table. Nothing is paid.

What is heard of each line now goes along. Sounds are read one after the other, and wait on the
disk: one of them is in memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from lib.event_kinds import EventKind
from lib.models import Take, Voice
from lib.recordings import joining
from lib.recordings.problems import UnreadableRecording
from lib.recordings.writing import Form, bit_rate_for
from lib.roles import Permission, Person
from lib.studio.core import record, spreadsheet
from lib.studio.core.catalogue import speech_model
from lib.studio.core.context import Context
from lib.studio.core.spreadsheet import Cell
from lib.studio.library.takes import LONGEST_WAV
from lib.studio.library.takes_file import MOST_BYTES, file_name, sound_of
from lib.studio.scripts import wording
from lib.studio.scripts.standing import LineStanding, Standing
from lib.studio.scripts.subtitles import Span, subtitles
from lib.studio.scripts.wording import Deed, Reason, deed, sentence

__all__ = ["CannotExport", "Exported", "Span", "files", "sound", "spans", "subtitles"]

TABLE = "script.csv"
COLUMNS = (
    "File", "Line", "Speaker", "Text", "Pause", "Voice", "Model", "Seconds", "Take ID", "Note",
)  # fmt: skip


@dataclass(frozen=True)
class Exported:
    """What became of a script. `count`: lines in it; `missing`: those that have no sound."""

    count: int
    bytes: int
    seconds: float = 0.0
    spans: tuple[Span, ...] = ()
    missing: tuple[LineStanding, ...] = ()


class CannotExport(Exception):
    """A script cannot be exported like this; `str()` is a sentence."""


def spans(standing: Standing) -> tuple[Span, ...]:
    """Where each line would be heard, told by the lengths of its takes; nothing is read."""
    found: list[Span] = []
    at = 0.0
    for one in standing.lines:
        if one.take:
            end = at + one.take.seconds
            found.append(Span(one.line.id, at, end, one.take.text))
            at = end + standing.script.pause_after(one.line)
    return tuple(found)


def sound(
    context: Context,
    standing: Standing,
    target: BinaryIO,
    form: Form,
    person: Person,
    *,
    even: bool = False,
    report: Callable[[int], None] = lambda _: None,
) -> Exported:
    """All lines as one sound, with a pause after each. `even`: each as loud as the others.

    `report` is called with the number of each line before it is read. Raises `NotPermitted`,
    `CannotExport`, OSError where the target refuses, and `VaultError`.
    """
    person.require(Permission.LISTEN)
    planned = spans(standing)
    seconds = planned[-1].end if planned else 0.0
    if form is Form.WAV and seconds > LONGEST_WAV:
        raise CannotExport(sentence(Reason.TOO_LONG_FOR_WAV))
    used: list[LineStanding] = []
    pauses: list[float] = []

    def parts() -> Iterator[bytes]:
        for one, _, data in _sounds(context, standing, report):
            if data:
                used.append(one)
                pauses.append(standing.script.pause_after(one.line))
                yield data

    if not planned:
        raise CannotExport(sentence(Reason.NOTHING_SPOKEN))
    try:
        joined = joining.join(
            parts(),
            target,
            form,
            bit_rate=bit_rate_for(seconds, MOST_BYTES),
            pauses=pauses,
            even=even,
        )
    except UnreadableRecording as problem:
        raise CannotExport(wording.not_exported(used[-1].number, str(problem))) from None
    except ValueError:  # no sound could be had
        if used:
            raise
        raise CannotExport(sentence(Reason.NOTHING_SPOKEN)) from None
    record.note(context, person, EventKind.DOWNLOADED, deed(Deed.EXPORTED_AS_SOUND))
    return Exported(
        len(used),
        target.tell(),
        joined.seconds,
        tuple(
            Span(one.line.id, start, end, one.take.text if one.take else "")
            for one, (start, end) in zip(used, joined.spans, strict=True)
        ),
        _missing(standing, used),
    )


def files(
    context: Context,
    standing: Standing,
    target: BinaryIO,
    person: Person,
    *,
    report: Callable[[int], None] = lambda _: None,
) -> Exported:
    """Numbered sounds as they are stored, and `script.csv`, as one ZIP. Raises as `sound` does."""
    person.require(Permission.LISTEN)
    takes = [one.take for one in standing.lines if one.take]
    if not takes:
        raise CannotExport(sentence(Reason.NOTHING_SPOKEN))
    if (size := sum(take.size for take in takes)) > MOST_BYTES:
        raise CannotExport(wording.too_large(size, MOST_BYTES))
    digits = max(len(str(len(standing.lines))), 2)
    used: list[LineStanding] = []
    rows: list[Sequence[Cell]] = []
    with zipfile.ZipFile(target, "w") as file:
        for one, voice, data in _sounds(context, standing, report):
            name = ""
            if data and one.take:
                number = f"{one.number:0{digits}}"
                name = file_name(number, one.line.speaker, one.line.text, one.take.key)
                file.writestr(name, data)
                used.append(one)
            rows.append(_row(context, standing, one, voice, name))
        table = spreadsheet.table(COLUMNS, rows)
        file.writestr(TABLE, table, compress_type=zipfile.ZIP_DEFLATED)
    record.note(context, person, EventKind.DOWNLOADED, deed(Deed.EXPORTED_AS_FILES))
    return Exported(len(used), target.tell(), missing=_missing(standing, used))


def _sounds(
    context: Context, standing: Standing, report: Callable[[int], None]
) -> Iterator[tuple[LineStanding, Voice | None, bytes | None]]:
    """Each line with the voice that spoke it, and its sound, where there is one."""
    dossiers = context.registry.library.dossiers()
    for one in standing.lines:
        report(one.number)
        dossier = dossiers.get(one.take.voice_id) if one.take else None
        voice = dossier.voice if dossier else None
        yield one, voice, sound_of(context, one.take, voice) if one.take else None


def _missing(standing: Standing, used: Sequence[LineStanding]) -> tuple[LineStanding, ...]:
    numbers = {one.number for one in used}
    return tuple(one for one in standing.lines if one.number not in numbers)


def _row(
    context: Context, standing: Standing, one: LineStanding, voice: Voice | None, name: str
) -> Sequence[Cell]:
    take, line = one.take, one.line
    return (
        name,
        one.number,
        line.speaker,
        take.text if take else line.text,
        f"{standing.script.pause_after(line):g}",
        voice.name if voice else "",
        _title(context, take, voice),
        f"{take.seconds:.1f}" if take else "",
        take.id if take else "",
        "" if name else sentence(Reason.NO_SOUND),
    )


def _title(context: Context, take: Take | None, voice: Voice | None) -> str:
    model = speech_model(context, voice.service, take.model) if take and voice else None
    return model.title if model else take.model if take else ""
