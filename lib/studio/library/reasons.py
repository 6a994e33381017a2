"""Why things of the library are left as they are, as data."""

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
