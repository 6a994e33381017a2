"""What kinds of deeds are noted in the record of who did what."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What kind of deed a line of the record tells of.

    A word of another version reads as `OTHER`. So does whatever stands there in a bucket, where
    strangers may write.
    """

    OTHER = ""
    """What the app did by itself, such as each move of an order; and what has no kind."""
    ORDERED = "ordered"
    DECIDED = "decided"
    """A person decided what becomes of an order: withdrawn, sent after all, joined again."""
    DELETED = "deleted"
    """A take."""
    NAMED = "named"
    """A take: its name, its star."""
    ERASED = "erased"
    """A voice, for good: that somebody asked for it, cancelled it, or that it is gone."""
    SHARED = "shared"
    """A take, by a link: that somebody shared it, that it was ended, that its copy is gone."""
    SCRIPT = "script"
    """A script: made, duplicated, renamed, deleted."""
    CHANGED = "changed"
    """A voice: its name, tags, policy, date, whether it is archived, what took its place."""
    ADOPTED = "adopted"
    CONSENT = "consent"
    """Who speaks and agrees was recorded, or somebody withdrew."""
    LISTENED = "listened"
    ACCOUNT = "account"
    """Whose a key is, and how an account is called."""
    STORAGE = "storage"
    """What was given up in a storage, or set aside there."""
    CHECKED = "checked"
    """A check, or a list of a service, that somebody asked for."""
    TESTED = "tested"
    """A test message."""
    EXPORTED = "exported"
    IMPORTED = "imported"
    DOWNLOADED = "downloaded"
    """Files of a voice, or an export that lay ready."""
    SIGNED_IN = "signed_in"
    REFUSED = "refused"
    """Tries to sign in, or to become an admin, that were refused."""
    SIGNED_OUT = "signed_out"
    ELEVATED = "elevated"
    """Somebody became an admin for a while."""

    @classmethod
    def _missing_(cls, value: object) -> EventKind:
        return cls.OTHER
