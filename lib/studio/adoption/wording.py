"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from lib import units


class Reason(StrEnum):
    """Why a list, a line or a file is refused, and what becomes of a voice, as data."""

    LIST_TOO_LONG = "list_too_long"
    FILE_TOO_LARGE = "file_too_large"
    NO_TEXT = "no_text"
    WORKBOOK_DAMAGED = "workbook_damaged"
    WORKBOOK_EMPTY = "workbook_empty"
    WORKBOOK_LOCKED = "workbook_locked"
    WORKBOOK_OLD = "workbook_old"
    WORKBOOK_TOO_LARGE = "workbook_too_large"
    NO_WORKBOOK = "no_workbook"
    CELL_TOO_LONG = "cell_too_long"
    NO_ID = "no_id"
    DATE_UNREADABLE = "date_unreadable"
    DATE_UNCLEAR = "date_unclear"
    DATE_TOO_EARLY = "date_too_early"
    DATE_IN_FUTURE = "date_in_future"
    DATE_KNOWN = "date_known"
    NO_KEY = "no_key"
    ADDRESS_TOO_LONG = "address_too_long"
    ADDRESS_WITH_PASSWORD = "address_with_password"  # noqa: S105 - the reason, no password
    ADDRESS_NOT_HTTPS = "address_not_https"
    NO_SPEAKER = "no_speaker"
    NO_CONSENT = "no_consent"
    ADDED_BY_ANOTHER = "added_by_another"
    NONE_TO_ADD = "none_to_add"
    PRICES_CHANGED = "prices_changed"
    CALLS_OVER_BUDGET = "calls_over_budget"
    FILE_STORED = "file_stored"
    FILE_STORED_ON_DISK = "file_stored_on_disk"
    FILE_BACKED_UP = "file_backed_up"
    NO_EXPIRY = "no_expiry"
    ONLY_KEPT = "only_kept"
    TEST_CALL = "test_call"
    DEADLINE_UNKNOWN = "deadline_unknown"
    EXPIRED = "expired"
    WILL_EXPIRE = "will_expire"
    ANOTHER_VOICE = "another_voice"
    ALL_SAVED = "all_saved"
    NOT_LISTED = "not_listed"


class Deed(StrEnum):
    """What somebody did, for the record."""

    ADDED = "added"
    HEARD_IT = "heard_it"
    HEARD_ANOTHER = "heard_another"
    DATE_REMOVED = "date_removed"
    IDS_SAVED = "ids_saved"
    IDS_READ = "ids_read"


SENTENCES = {
    Reason.LIST_TOO_LONG: "There are too many lines. Split them, and add one part after the other.",
    Reason.FILE_TOO_LARGE: "This file is too large. Split it, and add one part after the other.",
    Reason.NO_TEXT: "This file holds no text. Save the list as CSV or .xlsx, and add that.",
    Reason.WORKBOOK_DAMAGED: (
        "This Excel file cannot be read. Open it in Excel, save it again, or save it as CSV."
    ),
    Reason.WORKBOOK_EMPTY: "This Excel file is empty.",
    Reason.WORKBOOK_LOCKED: "This Excel file has a password. Save it without one, and add that.",
    Reason.WORKBOOK_OLD: (
        "This is an Excel file of the old kind (.xls). Save it as .xlsx or as CSV."
    ),
    Reason.WORKBOOK_TOO_LARGE: (
        "This Excel file is too large. Save the sheet with the voices as CSV."
    ),
    Reason.NO_WORKBOOK: (
        "This is neither a list nor an Excel file. Save the list as CSV or as .xlsx."
    ),
    Reason.CELL_TOO_LONG: "It is too long for a voice ID.",
    Reason.NO_ID: "There is no ID in this line.",
    Reason.DATE_UNREADABLE: "Its date cannot be read. Write it as 2026-11-20.",
    Reason.DATE_UNCLEAR: "Its date can be read in two ways. Say which one it is.",
    Reason.DATE_TOO_EARLY: "Its date is too long ago for a voice.",
    Reason.DATE_IN_FUTURE: "Its date is in the future.",
    Reason.DATE_KNOWN: "It is already known when this voice was made.",
    Reason.NO_KEY: "There is no key for this service here. Settings shows what to paste.",
    Reason.ADDRESS_TOO_LONG: "This address is too long.",
    Reason.ADDRESS_WITH_PASSWORD: "This address contains a name or a password. Remove them.",
    Reason.ADDRESS_NOT_HTTPS: "The address has to begin with https.",
    Reason.NO_SPEAKER: "Say who speaks: the name, or the names.",
    Reason.NO_CONSENT: "Tick that everybody whose voice this is agrees to its use here.",
    Reason.ADDED_BY_ANOTHER: "Somebody is adding voices right now. Try again in a moment.",
    Reason.NONE_TO_ADD: "None of these voices can be added.",
    Reason.PRICES_CHANGED: "Prices have changed. Nothing was added or spent. Check the list again.",
    Reason.CALLS_OVER_BUDGET: (
        "Nothing was added or spent. Add fewer voices, or all without test calls."
    ),
    Reason.FILE_STORED: "Its file is stored and checked.",
    Reason.FILE_STORED_ON_DISK: (
        "Its file is stored and checked. To generate speech with it, connect a bucket: services "
        "fetch the file from there."
    ),
    Reason.FILE_BACKED_UP: "Its file is backed up.",
    Reason.NO_EXPIRY: "It has no known expiry.",
    Reason.ONLY_KEPT: "It has no known expiry. No model works with it, so it is only kept.",
    Reason.TEST_CALL: "It speaks one short sentence, and you confirm whether it is the voice.",
    Reason.DEADLINE_UNKNOWN: (
        "Its deadline is unknown until you enter a date or make a test call."
    ),
    Reason.EXPIRED: "It has expired. Only a test call can tell if it is still there.",
    Reason.WILL_EXPIRE: "It will expire unless you keep it.",
    Reason.ANOTHER_VOICE: (
        "The ID may be mistyped or belong to somebody else, or the voice is gone and the service "
        "spoke with another one in its place."
    ),
    Reason.ALL_SAVED: "All of yours were saved there already.",
    Reason.NOT_LISTED: "NanoGPT took the others, but its list does not show them.",
}
DEEDS = {
    Deed.ADDED: "added it",
    Deed.HEARD_IT: "listened and said: this is the voice",
    Deed.HEARD_ANOTHER: "listened: another voice",
    Deed.DATE_REMOVED: "removed its date",
    Deed.IDS_SAVED: "had the voice IDs saved at NanoGPT",
    Deed.IDS_READ: "had the saved voice IDs read",
}
AN_ADDRESS = "an address"
"""An address whose host cannot be shown."""


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def deed(done: Deed) -> str:
    """How the record says it."""
    return DEEDS[done]


def too_many_lines(lines: int, most: int) -> str:
    """A list has more lines than are added at a time."""
    return f"This list has {lines:,} lines. Add {most} at a time."


def too_many_columns(columns: int, most: int) -> str:
    """A list has more columns than are read."""
    return f"This list has {columns:,} columns. Add {most} at most."


def unknown_kind(known: Sequence[str]) -> str:
    """A line names a kind that is none of these."""
    *others, last = known
    return f"Its kind is unknown. Write {', '.join(others)} or {last}."


def no_key(service: str) -> str:
    """A service of this title has no key here."""
    return f"There is no key for {service} here. Settings shows what to paste."


def not_added_there(kind: str, service: str) -> str:
    """A service takes no existing voices of this kind."""
    return f"{kind} voices cannot be added at {service}."


def needs_id(kind: str) -> str:
    """An address stands where voices of this kind have an ID."""
    return f"This is an address. {kind} voices have an ID."


def id_of_another(service: str) -> str:
    """An ID is one of another service, whose title this is."""
    return f"This is an ID of {service}. Write {service} in its line, or choose it above."


def needs_address(kind: str) -> str:
    """Something else stands where voices of this kind have an address."""
    return f"A {kind} voice is added by the web address of its voice file."


def transcript_too_long(most: int) -> str:
    """A transcript is longer than it may be, in characters."""
    return f"Its transcript is too long: {most:,} characters at most."


def same_in_list(line: int) -> str:
    """An earlier line of the list has the same voice."""
    return f"Line {line} has the same voice."


def already_here(name: str) -> str:
    """The library has this voice, under this name."""
    return f"Already here as “{name}”."


def archived_here(name: str) -> str:
    """The library has this voice in its archive, under this name."""
    return f"Already here as “{name}”, archived."


def unnamed(kind: str, line: int) -> str:
    """The name of a voice that was given none, and has no ID."""
    return f"{kind} voice {line}"


def shown_address(host: str, file: str) -> str:
    """What is shown of an address."""
    return f"{host} … {file}"


def took_too_long(left: int) -> str:
    """Adding voices was stopped before the last ones."""
    return f"This took too long: {left:,} are left. Add the list again."


def not_added(name: str, why: str) -> str:
    """One voice of a list was refused."""
    return f"{name}: {why}"


def added_untested(name: str, why: str) -> str:
    """A voice was added, and its test call refused."""
    return f"{name} was added, but without a test call. {why}"


def another_voice_heard(who: str) -> str:
    """Why a test call does not count: somebody listened to it."""
    return f"{who} listened: it is another voice."


def said_date(made: date) -> str:
    """For the record: somebody said on which day a voice was made."""
    return f"said that it was made on {made}"


def had_list_read(service: str) -> str:
    """For the record: somebody requested the list of a service, whose title this is."""
    return f"had the list of {service} read"


def listed(service: str, voices: int, ours: int) -> str:
    """What was read in a service's list."""
    return f"{service} lists {units.count(voices, 'voice')}, {ours:,} of them cloned or designed."


def ids_saved(count: int) -> str:
    """How many IDs NanoGPT's list of saved ones has."""
    return f"{count} saved at NanoGPT."


def some_saved(saved: int, missing: int, why: str) -> str:
    """How many of the missing IDs were saved there, and why no more, "" where all were."""
    return f"{saved} of {missing} saved there.{f' {why}' if why else ''}"


def none_saved(why: str) -> str:
    """Saving IDs there ended in an error."""
    return f"{why} Nothing more was saved."
