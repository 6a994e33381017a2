"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from enum import StrEnum

from lib import units
from lib.models import Role


class Reason(StrEnum):
    """Why a copy counts no more, or a story is not taken, as data."""

    BAD_COPY = "bad_copy"
    GIVEN_UP = "given_up"
    FOREIGN = "foreign"


class Deed(StrEnum):
    """What somebody did, as data."""

    LEFT_FILES = "left_files"


SENTENCES = {
    Reason.BAD_COPY: "The backup was missing or changed when it was checked.",
    Reason.GIVEN_UP: "It was left in your previous storage.",
    Reason.FOREIGN: "It is the record of something else.",
}
DEEDS = {
    Deed.LEFT_FILES: "left files behind",
}
NAMES: dict[str, str] = {
    Role.REFERENCE: "the recording",
    Role.ORIGINAL: "the original recording",
    Role.EMBEDDING: "the voice file",
    Role.PREVIEW: "the first sound",
    Role.ACTIVATION: "the audio of its use",
    Role.STATEMENT: "the statement of consent",
}
"""What a file of a voice is called, by its role."""
UNNAMED = {"voices": "A voice", "takes": "A take", "scripts": "A script"}
"""What a story without a name is called, by the folder of its manifest."""


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def deed(done: Deed) -> str:
    """How the record says it."""
    return DEEDS[done]


def downloaded(role: str) -> str:
    """Somebody took a file of a voice away."""
    return f"downloaded {NAMES.get(role, 'a file of it')}"


def set_aside(record_id: str) -> str:
    """Somebody set a story aside."""
    return f"set aside {record_id}, which cannot be read"


def left_behind(vault: str) -> str:
    """A file lies in a vault of before that does not give it out."""
    return (
        f"A file of this voice is in your previous storage ({vault}), "
        "and cannot be read from there."
    )


def takes_left_behind(count: int) -> str:
    """The sounds of takes lie in a vault of before that does not give them out."""
    takes = units.count(count, "take is", "takes are")
    return f"{takes} in your previous storage, and cannot be read from there."


def not_read_back(why: str) -> str:
    """A manifest would not be readable, so it was not written."""
    return f"Its record could not be read back, so it was not written. {why}"


def not_written(name: str, why: str) -> str:
    """The vault did not take the manifest of a story."""
    return f"{name}: {why}"
