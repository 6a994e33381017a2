"""The sentences for the reasons of this room: the one place where they are words."""

from __future__ import annotations

from lib.retention import Reason, Why, reason_words
from lib.studio.library.reasons import Skip

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
    Skip.OTHER_ACCOUNT: reason_words(Why(Reason.OTHER_ACCOUNT)),
    Skip.NO_KEY: "There is no key for its service here.",
    Skip.NO_MODEL: "No model here works with this voice.",
    Skip.NO_FILE: "The service gives no file of it; its recording was stored when it was made.",
    Skip.BACKED_UP: "It is backed up already. “Check backups” checks it again.",
    Skip.FILE_GONE: "The service no longer has its file.",
}
"""Why a plan for many voices leaves one out."""
