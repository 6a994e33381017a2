"""Why things of the library are left as they are, and what is noted of them, as data."""

from __future__ import annotations

from enum import StrEnum


class Skip(StrEnum):
    """Why a plan for many voices leaves one out."""

    ARCHIVED = "archived"
    BEING_MADE = "being_made"
    NO_BACKUP = "no_backup"
    KEPT_UNUSED = "kept_unused"
    NEEDS_NO_USE = "needs_no_use"
    KEPT = "kept"
    LOST = "lost"
    BEING_KEPT = "being_kept"
    UNHEARD = "unheard"
    OTHER_ACCOUNT = "other_account"
    NO_KEY = "no_key"
    NO_MODEL = "no_model"
    NO_FILE = "no_file"
    BACKED_UP = "backed_up"
    FILE_GONE = "file_gone"


class Reason(StrEnum):
    """Why something else is refused, or did not come about."""

    NO_ADDRESS = "no_address"
    """No service could fetch a voice's file."""
    NOTHING_TO_SHARE = "nothing_to_share"
    NO_BUCKET = "no_bucket"
    STILL_THERE = "still_there"
    """The copy of a shared take was deleted, and is listed all the same."""
    IN_PREVIOUS_STORAGE = "in_previous_storage"
    BEING_SPOKEN = "being_spoken"
    DELETED = "deleted"
    """Why a long text was never completed."""
    TOO_LONG_FOR_WAV = "too_long_for_wav"
    UNREADABLE = "unreadable"
    """The audio of a take, which a file of several lacks."""


class Deed(StrEnum):
    """What is written into the record of who did what."""

    DESCRIBED = "described"
    DESCRIPTION_REMOVED = "description_removed"
    LANGUAGE_REMOVED = "language_removed"
    OWNER_REMOVED = "owner_removed"
    TAGS_REMOVED = "tags_removed"
    FAVOURITE = "favourite"
    NO_FAVOURITE = "no_favourite"
    ARCHIVED = "archived"
    RESTORED = "restored"
    NOT_USED_AGAIN = "not_used_again"
    TAKE_NAME_REMOVED = "take_name_removed"
    FAVOURITE_TAKE = "favourite_take"
    NO_FAVOURITE_TAKE = "no_favourite_take"
    LINK_ENDED = "link_ended"
    COPY_DELETED = "copy_deleted"
    COPY_LEFT = "copy_left"


class Called(StrEnum):
    """Who has no name and is called something."""

    UNKNOWN_VISITOR = "unknown_visitor"
    """Whose tries to sign in were refused."""
    SYNTHETIC = "synthetic"
    """Who speaks in the demo's sample voices."""
