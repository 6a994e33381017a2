"""Why the core refuses something, and what it writes into the record, as data."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why something is refused, or does not count."""

    NO_ROOM = "no_room"
    """The disk takes no more recordings of anybody."""
    EMPTY = "empty"
    DISK = "disk"
    GONE = "gone"
    """A recording that waited is not there any more."""
    TOO_MUCH_NOTED = "too_much_noted"
    OTHER_ACCOUNT = "other_account"
    """A use that is withdrawn as evidence: another account's key was used."""
    NO_CONSENT = "no_consent"
    CONSENT_OVER = "consent_over"
    """What to do where a consent does not hold any more."""
    NO_NAME = "no_name"


class Refusal(StrEnum):
    """Why somebody was refused at a door."""

    DOOR = "door"
    """A wrong passphrase at the door."""
    ADMIN = "admin"
    """A wrong passphrase of somebody who is in and wanted to become an admin."""
    NOT_LISTED = "not_listed"
    """A sign-in service vouches for an address that is on no list of this app."""


class Deed(StrEnum):
    """What is written into a record of what was done."""

    BALANCE_LOOKED_UP = "balance_looked_up"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    BECAME_ADMIN = "became_admin"
    OTHERS_NOT_LISTED = "others_not_listed"
    """As `Refusal.NOT_LISTED`, of addresses that are not told apart."""


class Called(StrEnum):
    """What has no name of its own and is called something."""

    BUDGET = "budget"
    KEEPING_LIMIT = "keeping_limit"
    RECORDING = "recording"
    """A file without a name."""
    NOT_THE_KEEPER = "not_the_keeper"
    """Whoever bears the keeper's name and is not the keeper."""


class Priced(StrEnum):
    """What it is that a price is asked for."""

    ONE = "one"
    SEVERAL = "several"
    TEST_CALLS = "test_calls"
