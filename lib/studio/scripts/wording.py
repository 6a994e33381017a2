"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from lib import units
from lib.scripts import NARRATOR
from lib.studio.core.typed_text import one_line
from lib.studio.orders import wording as orders

SHOWN = 3
"""Examples in a sentence."""
LONGEST_SHOWN = 40


class Reason(StrEnum):
    """Why something is refused, or a line is not spoken."""

    VOICE_GONE = "voice_gone"
    EXPIRED = "expired"
    BEING_MADE = "being_made"
    OTHER_MODEL = "other_model"
    NO_NAME = "no_name"
    NO_LINE = "no_line"
    NO_TAKE = "no_take"
    NO_SPEAKER = "no_speaker"
    NOTHING_SPOKEN = "nothing_spoken"
    TOO_LONG_FOR_WAV = "too_long_for_wav"
    NO_SOUND = "no_sound"
    NOTHING_TO_GENERATE = "nothing_to_generate"
    NO_TEXT = "no_text"
    NO_VOICE = "no_voice"
    WORKING = "working"
    NOTHING_READ = "nothing_read"
    NO_SCRIPT = "no_script"
    NOT_SENT = "not_sent"
    NOT_SPOKEN = "not_spoken"
    NOT_KNOWN = "not_known"


class Deed(StrEnum):
    """What is written into the record of who did what."""

    EXPORTED_AS_SOUND = "exported_as_sound"
    EXPORTED_AS_FILES = "exported_as_files"


SENTENCES = {
    Reason.VOICE_GONE: orders.sentence(orders.Reason.VOICE_GONE),
    Reason.EXPIRED: "This voice has expired. Clone it again, or choose another one.",
    Reason.BEING_MADE: "This voice is still being made.",
    Reason.OTHER_MODEL: "This voice cannot speak with that model. Choose another model.",
    Reason.NO_NAME: "Give the script a name.",
    Reason.NO_LINE: "This line is no longer in the script.",
    Reason.NO_TAKE: "This take does not belong to this line.",
    Reason.NO_SPEAKER: "This name is no longer in the script.",
    Reason.NOTHING_SPOKEN: (
        "No line of this script has been generated yet. Generate its lines first."
    ),
    Reason.TOO_LONG_FOR_WAV: "This script is too long for a WAV. Save it as an MP3.",
    Reason.NO_SOUND: "It has no sound.",
    Reason.NOTHING_TO_GENERATE: "There is nothing to generate in this script.",
    Reason.NO_TEXT: "It has no text.",
    Reason.NO_VOICE: "Its speaker has no voice yet. Choose one.",
    Reason.WORKING: "It is being generated right now.",
    Reason.NOTHING_READ: "There are no lines to speak in this.",
    Reason.NO_SCRIPT: (
        "A script cannot be read from this file. Copy its text and paste it, or save it as plain "
        "text, CSV or Excel (.xlsx)."
    ),
    Reason.NOT_SENT: "It wasn't sent in time. Nothing was spent.",
    Reason.NOT_SPOKEN: "It could not be generated.",
    Reason.NOT_KNOWN: "We don't know if it went through. Jobs shows what you can do.",
}
DEEDS = {
    Deed.EXPORTED_AS_SOUND: "downloaded a script as one audio file",
    Deed.EXPORTED_AS_FILES: "downloaded a script as numbered files",
}


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def deed(done: Deed) -> str:
    """How the record says it."""
    return DEEDS[done]


def made(name: str) -> str:
    """Somebody made a script."""
    return f"made the script “{name}”"


def duplicated(name: str) -> str:
    """Somebody made a script of another one."""
    return f"duplicated a script as “{name}”"


def renamed(before: str, name: str) -> str:
    """Somebody gave a script another name."""
    return f"renamed the script “{before}” to “{name}”"


def deleted(name: str) -> str:
    """Somebody deleted a script."""
    return f"deleted the script “{name}”"


def copy_of(name: str) -> str:
    """What the duplicate of a script is called."""
    return f"Copy of {name}"


def name_too_long(most: int) -> str:
    """The name of a script has more characters than these."""
    return f"The name is too long: {most} characters at most."


def speed_out_of_range(slowest: float, fastest: float) -> str:
    """Nobody speaks as slowly, or as fast."""
    return f"The speed is to be between {slowest} and {fastest}."


def pause_out_of_range(most: float) -> str:
    """A pause is not as long as any may be, in seconds."""
    return f"A pause is between 0 and {most:g} seconds long."


def not_generated(number: int, why: str) -> str:
    """A line cannot be generated, for the reason that `why` tells."""
    return f"Line {number:,}: {why} Nothing was spent."


def not_exported(number: int, why: str) -> str:
    """The sound of a line cannot be exported, for the reason that `why` tells."""
    return f"Line {number:,}: {why}"


def too_large(size: int, most: int) -> str:
    """The sounds of a script have more bytes than one file may."""
    return (
        f"The audio of this script is {units.size(size)} in all, and one file holds "
        f"{units.size(most)}. Export it as one audio file."
    )


def too_long(characters: int, rows: int) -> str:
    """A text has more than is read of one."""
    return (
        f"This text is too long: {characters:,} characters in {rows:,} rows at most are read at a "
        "time."
    )


def one_sheet(name: str) -> str:
    """A workbook has several sheets."""
    return f"Only the sheet “{name}” was read."


def nameless_lines(number: int) -> str:
    """Lines of a text name nobody."""
    return (
        f"{units.count(number, 'line has', 'lines have')} no name: spoken by the speaker before, "
        f"or by “{NARRATOR}”."
    )


def nameless_rows(number: int) -> str:
    """The same of a table."""
    return (
        f"{units.count(number, 'row has', 'rows have')} no name: spoken by the speaker before, "
        f"or by “{NARRATOR}”."
    )


def left_out(texts: Sequence[str]) -> str:
    """Lines that nobody speaks."""
    return f"Left out because it names no speaker: {_examples(texts)}."


def notes_left_out(texts: Sequence[str]) -> str:
    """What stands beside names."""
    return f"Left out next to a name: {_examples(texts)}."


def silent(names: Sequence[str]) -> str:
    """Names beside which nothing stands to be said."""
    return f"Left out because there is no text: {_examples(names)}."


def directions(number: int, texts: Sequence[str]) -> str:
    """In so many lines there is something that may not be meant to be spoken."""
    return (
        f"{units.count(number, 'line has', 'lines have')} directions in brackets, such as "
        f"{_examples(texts)}. They will be spoken as written."
    )


def unread_columns(names: Sequence[str]) -> str:
    """Columns of a table that are none of a script."""
    return f"Columns that were not read: {_examples(names)}."


def names_cut(most: int, names: Sequence[str]) -> str:
    """Names with more characters than these."""
    return f"Names cut to {most} characters: {_examples(names)}."


def unread_pauses(most: float, texts: Sequence[str]) -> str:
    """Pauses that are none, or longer than any may be, in seconds."""
    return f"Pauses that were not read (0 to {most:g} seconds): {_examples(texts)}."


def _examples(texts: Sequence[str]) -> str:
    """ "“a”, “b”, “c” and 4 more", each once."""
    known = [one_line(text) for text in dict.fromkeys(texts)]
    shown = [
        f"“{text[:LONGEST_SHOWN].rstrip()}…”" if len(text) > LONGEST_SHOWN else f"“{text}”"
        for text in known[:SHOWN]
    ]
    more = f" and {len(known) - SHOWN:,} more" if len(known) > SHOWN else ""
    return f"{', '.join(shown)}{more}"
