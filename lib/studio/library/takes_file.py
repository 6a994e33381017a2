"""Several takes as one ZIP: numbered sounds with names that say what they are, and a table of them.

The sounds are read one after the other, as they are stored, so that one of them is in memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from lib.event_kinds import EventKind
from lib.json_reading import number_of, text_of
from lib.models import Take, Voice
from lib.roles import Permission, Person
from lib.studio.core import record, spreadsheet
from lib.studio.core.catalogue import speech_model
from lib.studio.core.context import Context
from lib.studio.core.spreadsheet import Cell
from lib.studio.core.typed_text import file_stem, one_line
from lib.studio.library import wording
from lib.studio.library.reasons import Reason
from lib.studio.library.takes import MAX_BYTES
from lib.vault.base import VaultError, sha256_hex

MEDIA_TYPE = "application/zip"
MOST = 100
"""Takes in one file."""
MOST_BYTES = 100_000_000
"""Of all sounds in one file, which passes through this server's memory when somebody saves it."""
TABLE = "takes.csv"
LONGEST_VOICE, LONGEST_TEXT = 20, 36
"""Characters in the name of a file: no system takes more than 255 bytes, and some signs have 4."""
COLUMNS = (
    "File", "Name", "Voice", "Text", "Model", "Language", "Speed", "Seconds", "Generated (UTC)",
    "Favourite", "ID", "Note",
)  # fmt: skip


class TooMuch(Exception):
    """So many takes do not go into one file; `str()` is a sentence."""


@dataclass(frozen=True)
class Packed:
    """What went into a ZIP. `count`: sounds; `bytes`: its own size; `missing`: those takes whose
    sound could not be had.
    """

    count: int
    bytes: int
    missing: tuple[Take, ...]


def pack(
    context: Context,
    target: BinaryIO,
    takes: Sequence[Take],
    voices: Mapping[str, Voice],
    person: Person,
    *,
    report: Callable[[int], None] = lambda _: None,
) -> Packed:
    """Write these takes to `target`, the oldest first. `voices`: those that spoke them, by id.

    A sound that is not there is left out, and the table says so. `report` is called with the number
    of each take before it is read. Raises `NotPermitted`, `TooMuch`, OSError where the target
    refuses, and `VaultError` where the vault does not answer.
    """
    person.require(Permission.LISTEN)
    _check(takes)
    ordered = sorted(takes, key=lambda take: (take.created_at, take.id))
    digits = max(len(str(len(ordered))), 2)
    missing, rows, left = [], [], MOST_BYTES
    with zipfile.ZipFile(target, "w") as file:
        for number, take in enumerate(ordered, 1):
            report(number)
            voice = voices.get(take.voice_id)
            called = voice.name if voice else ""
            name = file_name(f"{number:0{digits}}", called, take.name or take.text, take.key)
            sound = sound_of(context, take, voice, most=left)
            if sound:
                left -= len(sound)
                file.writestr(name, sound)
            else:
                missing.append(take)
            rows.append(_row(context, take, voice, name if sound else ""))
        table = spreadsheet.table(COLUMNS, rows)
        file.writestr(TABLE, table, compress_type=zipfile.ZIP_DEFLATED)
    count = len(ordered) - len(missing)
    record.note(context, person, EventKind.DOWNLOADED, wording.takes_downloaded(count))
    return Packed(count, target.tell(), tuple(missing))


def _check(takes: Sequence[Take]) -> None:
    if len(takes) > MOST:
        raise TooMuch(wording.too_many_takes(MOST))
    size = sum(take.size for take in takes)
    if size > MOST_BYTES:
        raise TooMuch(wording.takes_too_large(size, MOST_BYTES))


def sound_of(
    context: Context, take: Take, voice: Voice | None, *, most: int = MAX_BYTES
) -> bytes | None:
    """The sound of a take as it was stored; None where there is none, another one, or one of more
    than `most` bytes. Raises `VaultError`.
    """
    if not take.key:
        return None
    vault = context.vault(voice.service if voice else "")
    try:
        data = vault.get(take.key, max_bytes=min(MAX_BYTES, most))
    except VaultError as problem:
        if problem.is_about_the_file:
            return None
        raise
    return data if take.sha256 in ("", sha256_hex(data)) else None


def file_name(number: str, speaker: str, said: str, key: str) -> str:
    """What the file of the sound at this key is called: its number tells it from all others."""
    who = one_line(file_stem(speaker, LONGEST_VOICE))
    what = one_line(file_stem(one_line(said), LONGEST_TEXT))
    ending = file_stem(PurePosixPath(key).suffix, 4)
    return ".".join(filter(None, (" - ".join(filter(None, (number, who, what))), ending)))


def _row(context: Context, take: Take, voice: Voice | None, name: str) -> Sequence[Cell]:
    model = speech_model(context, voice.service, take.model) if voice else None
    speed = number_of(take.settings.get("speed"), 1.0)
    return (
        name,
        take.name,
        voice.name if voice else "",
        take.text,
        model.title if model else take.model,
        text_of(take.settings.get("language")),
        f"{speed:g}",
        f"{take.seconds:.1f}",
        take.created_at,
        "yes" if take.favourite else "",
        take.id,
        "" if name else wording.sentence(Reason.UNREADABLE),
    )
