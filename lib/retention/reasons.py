"""Why a voice stands as it does and what its next step waits for, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why. `SAID`: as an order or a file was answered, in the words kept with it."""

    SAID = "said"
    MAYBE_MADE = "maybe_made"
    BEING_MADE = "being_made"
    NO_EXPIRY = "no_expiry"
    GONE = "gone"
    DENIED_LATELY = "denied_lately"
    USED = "used"
    BACKED_UP = "backed_up"
    UNHEARD = "unheard"
    NOT_FOUND = "not_found"
    OTHER_VOICE = "other_voice"
    AGE_UNKNOWN = "age_unknown"
    SOUND_AWAITED = "sound_awaited"
    SOUND_LOST = "sound_lost"
    NOT_USED = "not_used"
    ON_DISK_ONLY = "on_disk_only"
    IN_PREVIOUS_STORAGE = "in_previous_storage"
    NOT_BACKED_UP = "not_backed_up"
    IN_USE = "in_use"
    LOST = "lost"
    OTHER_ACCOUNT = "other_account"
    ACCOUNT_ASKED = "account_asked"
    TO_HEAR = "to_hear"
    TO_COMPARE = "to_compare"
    TO_TRY = "to_try"
    EXPIRED = "expired"
    TO_KEEP = "to_keep"
    TRIES_FAILED = "tries_failed"
    DENIED = "denied"


@dataclass(frozen=True)
class Why:
    """A reason with its values: how many `tries` failed, or what was `said`."""

    reason: Reason
    tries: int = 0
    said: str = ""


def as_said(text: str) -> Why | None:
    """The reason that an order or a file was answered with; None where it was not."""
    return Why(Reason.SAID, said=text) if text else None
