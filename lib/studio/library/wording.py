"""The sentences for the reasons of this room: the one place where they are words."""

from __future__ import annotations

from collections.abc import Sequence

from lib import retention, units
from lib.models import KeepPolicy
from lib.studio.library.reasons import Called, Deed, Reason, Skip
from lib.studio.orders import wording as orders

SKIPPED = {
    Skip.ARCHIVED: "It is archived. Restore it first.",
    Skip.BEING_MADE: "It is still being made.",
    Skip.NO_BACKUP: "No file of it is in your storage.",
    Skip.KEPT_UNUSED: "It is kept without being used, so there is nothing to choose.",
    Skip.NEEDS_NO_USE: "It is kept by a backup of its file, or needs nothing.",
    Skip.KEPT: "It is kept already.",
    Skip.LOST: "It is lost. It can be cloned again from its recording.",
    Skip.BEING_KEPT: "It is being kept right now.",
    Skip.UNHEARD: "Its test call is done. Listen to it, and confirm whether it is this voice.",
    Skip.OTHER_ACCOUNT: retention.reason_words(retention.Why(retention.Reason.OTHER_ACCOUNT)),
    Skip.NO_KEY: "There is no key for its service here.",
    Skip.NO_MODEL: orders.sentence(orders.Reason.NO_MODEL),
    Skip.NO_FILE: "The service gives no file of it; its recording was stored when it was made.",
    Skip.BACKED_UP: "It is backed up already. “Check backups” checks it again.",
    Skip.FILE_GONE: "The service no longer has its file.",
}
"""Why a plan for many voices leaves one out."""
SENTENCES = {
    Reason.NO_ADDRESS: "No service can fetch its file: that takes a bucket, or a hosted address.",
    Reason.NOTHING_TO_SHARE: (
        "The audio of this take cannot be found, so there is nothing to share."
    ),
    Reason.NO_BUCKET: "This take is not in a bucket, so a link cannot open it without signing in.",
    Reason.STILL_THERE: "The storage still lists the copy after it was deleted.",
    Reason.IN_PREVIOUS_STORAGE: (
        "The copy is in your previous storage, which the current settings cannot open."
    ),
    Reason.BEING_SPOKEN: "A part of it is being generated right now. Delete it a little later.",
    Reason.DELETED: "It was deleted before it was complete.",
    Reason.TOO_LONG_FOR_WAV: "This take is too long for a WAV. Save it as an MP3.",
    Reason.UNREADABLE: "Its audio could not be read.",
}
DEEDS = {
    Deed.DESCRIBED: "changed its description",
    Deed.DESCRIPTION_REMOVED: "removed its description",
    Deed.LANGUAGE_REMOVED: "removed its language",
    Deed.OWNER_REMOVED: "removed its owner",
    Deed.TAGS_REMOVED: "removed its tags",
    Deed.FAVOURITE: "made it a favourite",
    Deed.NO_FAVOURITE: "removed it from favourites",
    Deed.ARCHIVED: "archived it",
    Deed.RESTORED: "restored it",
    Deed.NOT_USED_AGAIN: "chose not to use it again",
    Deed.TAKE_NAME_REMOVED: "removed the name of a take",
    Deed.FAVOURITE_TAKE: "made a take a favourite",
    Deed.NO_FAVOURITE_TAKE: "removed a take from favourites",
    Deed.LINK_ENDED: "ended the link to a take",
    Deed.COPY_DELETED: "deleted the copy of a shared take",
    Deed.COPY_LEFT: "left the copy of a shared take in the previous storage",
}
CALLED = {
    Called.UNKNOWN_VISITOR: "Unknown visitor",
    Called.SYNTHETIC: "A synthetic voice",
}
KEPT_WHEN = {
    KeepPolicy.AT_ONCE: "chose when it is kept: at once",
    KeepPolicy.BEFORE_DEADLINE: "chose when it is kept: before the deadline",
    KeepPolicy.ASK: "chose when it is kept: when somebody says so",
}
"""Somebody chose when a voice is kept."""


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def deed(done: Deed) -> str:
    """How the record says it."""
    return DEEDS[done]


def called(whom: Called) -> str:
    """What people call them."""
    return CALLED[whom]


def about(name: str, why: str) -> str:
    """One voice of many refused, for the reason that `why` tells."""
    return f"{name}: {why}"


def no_model(title: str, kind: str) -> str:
    """A service has nothing that speaks with voices of this kind."""
    return f"{title} lists no model for {kind} voices."


def renamed(before: str) -> str:
    """Somebody gave a voice another name."""
    return f"renamed it from “{before}”"


def language_changed(language: str) -> str:
    """Somebody said which language a voice speaks."""
    return f"changed its language to {language}"


def owner_changed(owner: str) -> str:
    """Somebody said who looks after a voice."""
    return f"changed its owner to {owner}"


def tags_changed(tags: Sequence[str]) -> str:
    """Somebody gave a voice these tags."""
    return f"changed its tags to {', '.join(tags)}"


def used_again(days: int) -> str:
    """Somebody chose how many days are between two uses of a voice."""
    return f"chose to use it again every {days} days"


def take_named(name: str) -> str:
    """Somebody gave a take a name."""
    return f"named a take “{name}”"


def take_shared(days: int) -> str:
    """Somebody shared a take for so many days."""
    return f"shared a take by a link for {units.count(days, 'day')}"


def link_out_of_range(most: int) -> str:
    """A link does not work for as many days."""
    return f"A link works for 1 to {most} days."


def not_shared(why: str) -> str:
    """The keeper could not carry out a link, for the reason that `why` tells."""
    return f"Sharing a take: {why}"


def takes_downloaded(count: int) -> str:
    """Somebody took takes along in one file."""
    return f"downloaded {units.count(count, 'take')} as one file"


def too_many_takes(most: int) -> str:
    """More takes were chosen than one file may hold."""
    return f"One file holds {most} takes at most. Choose fewer."


def takes_too_large(size: int, most: int) -> str:
    """The chosen takes have more bytes than one file may."""
    return (
        f"These takes are {units.size(size)} in all, and one file holds {units.size(most)}. Choose "
        "fewer."
    )
