"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a voice is not erased yet, or is not kept any more, as data."""

    UNDER_WAY = "under_way"
    STILL_THERE = "still_there"
    BEGUN = "begun"


class Deed(StrEnum):
    """What somebody did, for the record."""

    ASKED = "asked"
    ASKED_AT_ONCE = "asked_at_once"
    HASTENED = "hastened"
    CANCELLED = "cancelled"
    ERASED = "erased"


SENTENCES = {
    Reason.UNDER_WAY: "An order for it is still in progress. It is erased after that.",
    Reason.STILL_THERE: "The storage still lists files of it after they were deleted.",
    Reason.BEGUN: "Too late: it is already being erased.",
}
DEEDS = {
    Deed.ASKED: "asked to erase this voice",
    Deed.ASKED_AT_ONCE: "asked to erase this voice at once",
    Deed.HASTENED: "had it erased at once",
    Deed.CANCELLED: "cancelled the erasure",
    Deed.ERASED: "erased this voice, as it was asked",
}


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def deed(done: Deed) -> str:
    """How the record says it."""
    return DEEDS[done]


def being_made(name: str) -> str:
    """The voice of this name cannot be erased while a service makes it."""
    return f"{name} is being made right now. Erase it after that. Nothing was changed."


def not_erased_yet(why: str) -> str:
    """What the keeper tells of a voice that it could not erase."""
    return f"A voice is not erased yet: {why}"
