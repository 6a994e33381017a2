"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from enum import StrEnum

from lib import units


class Reason(StrEnum):
    """What the keeper reports, refuses or records, as data."""

    NO_KEY = "no_key"
    ONLY_DEMO = "only_demo"
    NO_DATABASE = "no_database"
    PASS_ENDED_EARLY = "pass_ended_early"  # noqa: S105 - a pass of the keeper
    PINGED = "pinged"
    PING_DEFECT = "ping_defect"
    NO_VOICES = "no_voices"
    NOTHING_TO_EXPORT = "nothing_to_export"
    EXPORT_TO_SCREEN = "export_to_screen"
    EXPORTED = "exported"
    BAD_COPY = "bad_copy"
    COPY_IN_USE = "copy_in_use"
    SOME_FILE = "some_file"


SENTENCES = {
    Reason.NO_KEY: "No key of a service is among the other settings, so nothing is done.",
    Reason.ONLY_DEMO: (
        "There is nothing to look after but the demo: no service key, no database and no "
        "bucket is set. Use --demo to run it anyway."
    ),
    Reason.NO_DATABASE: "Set DATABASE_URL, the app's own: one bucket has one database.",
    Reason.PASS_ENDED_EARLY: "A pass ended early. See the log.",
    Reason.PINGED: "The monitor was pinged after the last good check.",
    Reason.PING_DEFECT: "The monitor was not pinged, because something unexpected happened.",
    Reason.NO_VOICES: "There are no voices yet.",
    Reason.NOTHING_TO_EXPORT: "There is nothing to export: this database holds no voices.",
    Reason.EXPORT_TO_SCREEN: ("An export cannot be shown on a screen. Name a file, or use a pipe."),
    Reason.EXPORTED: "exported the library at the command line",
    Reason.BAD_COPY: (
        "It was missing or changed. The next pass fetches it again from wherever it still is."
    ),
    Reason.COPY_IN_USE: "Another keeper is busy with the files of this voice.",
    Reason.SOME_FILE: "a file",
}


class Work(StrEnum):
    """What a pass does, where it says which of it failed."""

    RECORDS = "records"
    NEW_STORAGE = "new_storage"
    ACCOUNTS = "accounts"
    ERASING = "erasing"
    SHARING = "sharing"
    OLD_EXPORTS = "old_exports"
    LATE_ANSWER = "late_answer"
    DRAFTS = "drafts"
    SIGN_INS = "sign_ins"
    RECORDINGS = "recordings"
    SOUND = "sound"
    TAKE = "take"
    ACTIVITY = "activity"
    MODELS = "models"
    CHARGES = "charges"
    CHECKS = "checks"
    LISTS = "lists"
    SAVED_IDS = "saved_ids"
    WARNINGS = "warnings"
    SHARED = "shared"
    DEMO_VOICES = "demo_voices"


WORKS = {
    Work.RECORDS: "The records",
    Work.NEW_STORAGE: "The new storage",
    Work.ACCOUNTS: "The accounts",
    Work.ERASING: "Erasing",
    Work.SHARING: "Sharing",
    Work.OLD_EXPORTS: "Old exports",
    Work.LATE_ANSWER: "A late answer",
    Work.DRAFTS: "The recordings that were not ordered",
    Work.SIGN_INS: "The sign-ins",
    Work.RECORDINGS: "The recordings",
    Work.SOUND: "A sound",
    Work.TAKE: "A take",
    Work.ACTIVITY: "The activity record",
    Work.MODELS: "The list of models",
    Work.CHARGES: "What services charged",
    Work.CHECKS: "The checks",
    Work.LISTS: "The lists of voices",
    Work.SAVED_IDS: "The saved IDs",
    Work.WARNINGS: "The warnings",
    Work.SHARED: "What is shared",
    Work.DEMO_VOICES: "The demo's voices",
}


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def called(work: Work) -> str:
    """What people call it."""
    return WORKS[work]


def order(job_id: str) -> str:
    """What people call the work at one order."""
    return f"Order {job_id}"


def defect(what: str) -> str:
    """This failed by a defect, whose text may hold a secret."""
    return f"{what}: something unexpected happened. See the log."


def unjudged(name: str) -> str:
    """Nobody knows how this voice stands, by a defect."""
    return f"{name}: its state cannot be worked out. See the log."


def storage_unreadable(why: str) -> str:
    """The vault did not answer, or not as it should."""
    return f"Your storage cannot be read: {why}"


def no_key(count: int, service: str) -> str:
    """So many voices cannot be used without a key for this service."""
    wait = units.count(count, "voice waits", "voices wait")
    return f"{wait} to be kept: there is no key for {service} here."


def did(
    *,
    checked: int,
    sent: int,
    polled: int,
    activated: int,
    refreshed: int,
    mirrored: int,
    verified: int,
    notified: int,
) -> str:
    """What a pass did, in the numbers of its summary."""
    return (
        f"{units.count(checked, 'voice')} looked at, {units.count(sent, 'order')} sent, "
        f"{polled:,} asked about, {activated:,} kept, {refreshed:,} used again, "
        f"{mirrored:,} backed up, {units.count(verified, 'backup')} checked, "
        f"{units.count(notified, 'warning')} sent."
    )


def loaded(taken: int, total: int) -> str:
    """What a rebuild took into the database."""
    return f"Loaded: {taken:,} of {units.count(total, 'record')}."


def would_be_loaded(taken: int, total: int) -> str:
    """What a rebuild would take into the database."""
    return f"Would be loaded: {taken:,} of {units.count(total, 'record')}."


def unread_records(count: int) -> str:
    """What a rebuild left out."""
    return f"{count} could not be read; the log says which."


def would_be_checked(copies: int, voices: int) -> str:
    """What a verification would read."""
    return f"{_copies(copies)} of {units.count(voices, 'voice')} would be checked."


def _copies(number: int) -> str:
    return units.count(number, "copy", "copies")


def copies_checked(*, copies: int, good: int, bad: int, unread: int) -> str:
    """What a verification found."""
    return (
        f"{_copies(copies)}: {good:,} good, {bad:,} missing or damaged, "
        f"{unread:,} could not be read."
    )


def exported(*, voices: int, takes: int, files: int, size: int) -> str:
    """What an export holds, and its size in bytes."""
    return (
        f"{units.count(voices, 'voice')}, {units.count(takes, 'take')} and "
        f"{units.count(files, 'file')} exported, {size:,} bytes."
    )


def imported(kind: str, *, new: int, newer: int, here: int, refused: int) -> str:
    """What an import took of one kind, named in the plural."""
    return (
        f"{kind.capitalize()}: {new:,} new and {newer:,} newer imported, {here:,} here already, "
        f"{refused:,} refused."
    )


def would_be_imported(kind: str, *, new: int, newer: int, here: int, refused: int) -> str:
    """What an import would take of one kind, named in the plural."""
    return (
        f"{kind.capitalize()}: {new:,} new and {newer:,} newer would be imported, {here:,} here "
        f"already, {refused:,} would be refused."
    )


def export_intact(*, voices: int, takes: int, scripts: int, files: int) -> str:
    """An export is as it was written."""
    return f"{_held(voices, takes, scripts, files)}, all intact."


def export_not_intact(*, voices: int, takes: int, scripts: int, files: int) -> str:
    """Something in an export is not as it was written, or is not there."""
    return f"{_held(voices, takes, scripts, files)}, not all intact."


def _held(voices: int, takes: int, scripts: int, files: int) -> str:
    """What an export says that it holds."""
    return (
        f"{units.count(voices, 'voice')}, {units.count(takes, 'take')}, "
        f"{units.count(scripts, 'script')} and {units.count(files, 'file')}"
    )


def file_absent(name: str) -> str:
    """A file that an export should hold."""
    return f"{name} was exported, but is not in this file."


def file_ignored(name: str) -> str:
    """A file in an export that was never exported."""
    return f"{name} was ignored: an operating system added it."


def voices_done(count: int, total: int) -> str:
    """How far an export is."""
    return f"{count:,} of {total:,} voices"


def voices_and_takes_done(count: int, total: int) -> str:
    """How far an import is."""
    return f"{count:,} of {total:,} voices and takes"


def unusable_file(why: str) -> str:
    """The system refused a file or a folder."""
    return f"A file or folder cannot be used: {why}."
