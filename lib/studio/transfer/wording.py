"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from lib.studio.storage.wording import NAMES


class Reason(StrEnum):
    """Why an export, something in it or an import is refused, or lacks something, as data."""

    # Of an export as a whole
    TAMPERED = "tampered"
    SUMS_DAMAGED = "sums_damaged"
    UNKNOWN_FORMAT = "unknown_format"
    NO_ZIP = "no_zip"
    MANY_ENTRIES = "many_entries"
    MORE_FAULTS = "more_faults"
    STILL_READING = "still_reading"
    DISK_FULL = "disk_full"
    # Of a file that is to be exported
    MISPLACED = "misplaced"
    NOT_CONNECTED = "not_connected"
    SILENT = "silent"
    DAMAGED = "damaged"
    # Of what is to be imported
    UNEXPECTED = "unexpected"
    CHANGED = "changed"
    STORAGE_SILENT = "storage_silent"
    CHANGED_HERE = "changed_here"
    OTHER_ORDER = "other_order"
    NO_VOICE = "no_voice"
    NO_SOUND = "no_sound"
    UNKNOWN_SERVICE = "unknown_service"
    OF_DEMO = "of_demo"
    INTO_DEMO = "into_demo"
    OTHER_VOICE = "other_voice"
    OWN_ORDERS = "own_orders"
    NOT_EXPORTED = "not_exported"
    SAME_COPY = "same_copy"


class Oddity(StrEnum):
    """Why an entry of a ZIP is none that Voicekeep writes, as data."""

    LOCKED = "locked"
    NO_FILE = "no_file"
    PACKED_OTHERWISE = "packed_otherwise"
    STRANGE_NAME = "strange_name"
    TWICE = "twice"


class Deed(StrEnum):
    """What somebody did, as data."""

    ASKED_FOR_EXPORT = "asked_for_export"
    DOWNLOADED_EXPORT = "downloaded_export"
    DOWNLOADED_VOICE = "downloaded_voice"


SENTENCES = {
    Reason.TAMPERED: "This file claims to hold more than it does. It was tampered with.",
    Reason.SUMS_DAMAGED: "The list of checksums in this file is damaged.",
    Reason.UNKNOWN_FORMAT: "This export has a format that this version cannot read.",
    Reason.NO_ZIP: "This is not a ZIP file, or a part of it is missing.",
    Reason.MANY_ENTRIES: "This file lists more contents than an export may have.",
    Reason.MORE_FAULTS: "There is more of this kind.",
    Reason.STILL_READING: "Your storage is still being read. Try again in a moment.",
    Reason.DISK_FULL: "There is no room for it on this server's disk.",
    Reason.MISPLACED: "It is not where files of this voice belong.",
    Reason.NOT_CONNECTED: "It is in a storage that is not connected.",
    Reason.SILENT: "Its storage does not answer.",
    Reason.DAMAGED: "It is damaged.",
    Reason.UNEXPECTED: "Something unexpected happened. See the log.",
    Reason.CHANGED: "It has changed since the export: its checksum differs.",
    Reason.STORAGE_SILENT: "Your storage does not answer. Try the same file again later.",
    Reason.CHANGED_HERE: "It was changed here at the same moment. Import it again.",
    Reason.OTHER_ORDER: "Another order has its ID here.",
    Reason.NO_VOICE: "Its voice is not here, and was not imported.",
    Reason.NO_SOUND: "Its audio was not in the export.",
    Reason.UNKNOWN_SERVICE: "It was made with a service that this version does not know.",
    Reason.OF_DEMO: "It is a voice of the demo, and this library holds real ones.",
    Reason.INTO_DEMO: "It is a real voice, and this library is the demo. Connect a service first.",
    Reason.OTHER_VOICE: "Another voice has its ID here.",
    Reason.OWN_ORDERS: "It has orders of its own here, which would be lost.",
    Reason.NOT_EXPORTED: "The file was not in the export.",
    Reason.SAME_COPY: "The same copy was imported into the storage in use.",
}
DEEDS = {
    Deed.ASKED_FOR_EXPORT: "asked for an export of the library",
    Deed.DOWNLOADED_EXPORT: "downloaded the export of the library",
    Deed.DOWNLOADED_VOICE: "downloaded all of its files",
}
ODDITIES = {
    Oddity.LOCKED: "is locked with a password",
    Oddity.NO_FILE: "is no ordinary file",
    Oddity.PACKED_OTHERWISE: "is packed in a way that Voicekeep does not read",
    Oddity.STRANGE_NAME: "has a name that no file of an export has",
    Oddity.TWICE: "is in it twice",
}
"""What is said of such an entry, after its name."""


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def deed(done: Deed) -> str:
    """How the record says it."""
    return DEEDS[done]


def odd_entry(name: str, oddity: Oddity) -> str:
    """An entry is passed over."""
    return f"{name} {ODDITIES[oddity]}."


def needed_entry_is_odd(name: str, oddity: Oddity) -> str:
    """An entry without which no export is read cannot be read itself."""
    return f"{name} {ODDITIES[oddity]}. Unpack the file, and pack it again as an ordinary ZIP file."


def sums_missing(sums: str) -> str:
    """The list of checksums is not there. `sums`: its name."""
    return (
        f"{sums}, the list of checksums, is missing. The export was interrupted, or "
        "this list was left out when it was packed again."
    )


def index_unreadable(index: str) -> str:
    """What an export says of itself is of no form that is known. `index`: its name."""
    return f"{index} is not readable."


def index_left_out(index: str, sums: str) -> str:
    """It is an export, but what says so is not there."""
    return (
        f"{index} is missing. It belongs beside the folders of an export, with "
        f"{sums}: pack both together with them."
    )


def no_export(index: str) -> str:
    """It is a ZIP of something else."""
    return f"{index} is missing. This is not an export from Voicekeep."


def zip_inside(name: str) -> str:
    """It is a ZIP of a ZIP."""
    return (
        f"This ZIP file holds another one, {name}. Unpack it, and choose the one that was inside."
    )


def many_exports(folders: Sequence[str]) -> str:
    """Several exports were packed together, each in a folder."""
    told = " and ".join(folders)
    return f"This file holds more than one export: {told}. Pack each of them separately."


def entry_too_large(name: str) -> str:
    """An entry unpacks to more than is read."""
    return f"{name} holds more than an export may."


def entry_damaged(name: str) -> str:
    """An entry cannot be unpacked."""
    return f"{name} is damaged."


def entry_not_listed(name: str) -> str:
    """An entry has no checksum."""
    return f"{name} is not in the list of checksums."


def entry_changed(name: str) -> str:
    """An entry has another checksum than the one that is listed."""
    return f"{name} has changed since the export: its checksum differs."


def manifest_unusable(name: str, why: str) -> str:
    """A manifest in an export cannot be trusted."""
    return f"{name} cannot be used. {why}"


def other_file(name: str, manifest: str) -> str:
    """A file is there, but it is another one than its manifest tells of."""
    return f"{name} is not the file that {manifest} lists."


def file_missing(name: str, manifest: str) -> str:
    """A file is not there that a manifest tells of."""
    return f"{name} is missing, though {manifest} lists it."


def other_count(folder: str, told: int, listed: int) -> str:
    """An export has not as many voices, takes or scripts as it says itself."""
    return f"It claims to hold {told} {folder}, and lists {listed}."


def not_exported(voice: str, role: str, why: str) -> str:
    """A file of a voice could not be exported. `role`: "" for the sound of a take."""
    what = NAMES.get(role, "the audio of a take")
    return f"{voice}: {what} is not in this export. {why}"


def comes_without(roles: Sequence[str]) -> str:
    """A voice is imported without some of its files, of these roles."""
    names = ", ".join(NAMES.get(role, "a file") for role in roles)
    return f"Comes without {names}: not in the export."


def storage_refused(why: str) -> str:
    """The vault did not take the files of something that is imported."""
    return f"Your storage did not accept its files, so it was left out. {why}"


def erased(at: datetime) -> str:
    """What was erased is not imported again."""
    return f"Its voice was erased on {at:%-d %B %Y}."


def imported(count: int) -> str:
    """Somebody imported so many voices, takes and scripts."""
    return f"imported {count:,} records from a file"
