"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from lib import units
from lib.models import Money
from lib.units import span

_MINUTE = timedelta(minutes=1)


class Reason(StrEnum):
    """What a check found, and what a message says, as data."""

    NO_BALANCE = "no_balance"
    DISK_MAY_VANISH = "disk_may_vanish"
    FILES_KEPT = "files_kept"
    NOTHING_SPOKEN = "nothing_spoken"
    NO_APP_URL = "no_app_url"
    TEST_TITLE = "test_title"
    TEST_BODY = "test_body"
    TITLE_WITHOUT_VOICES = "title_without_voices"
    ONCE_EACH = "once_each"
    FILES_STAY = "files_stay"
    ALL_ON_HOLD = "all_on_hold"
    GOES_ON_ONCE_FIXED = "goes_on_once_fixed"
    NOTHING_MORE = "nothing_more"
    NAMELESS = "nameless"


SENTENCES = {
    Reason.NO_BALANCE: "It answers, but reports no readable balance.",
    Reason.DISK_MAY_VANISH: "Files are written, but this disk may vanish. Connect a bucket.",
    Reason.FILES_KEPT: "A test file was written, read back, compared and removed.",
    Reason.NOTHING_SPOKEN: "No speech yet. Try a voice in the Playground.",
    Reason.NO_APP_URL: "APP_URL is not an address such as https://voices.example.org.",
    Reason.TEST_TITLE: "Voicekeep: a test message",
    Reason.TEST_BODY: "Warnings about your voices will come here. Nothing needs to be done.",
    Reason.TITLE_WITHOUT_VOICES: "Voicekeep needs attention",
    Reason.ONCE_EACH: (
        "You get each of these once, and only while it is still true. Times are UTC."
    ),
    Reason.FILES_STAY: "Its files stay in your storage, and you can clone it again from there.",
    Reason.ALL_ON_HOLD: "Voicekeep itself is on hold.",
    Reason.GOES_ON_ONCE_FIXED: "Voicekeep keeps trying, and goes on once this is fixed.",
    Reason.NOTHING_MORE: "Nothing else happens automatically.",
    Reason.NAMELESS: "A voice",
}


class Done(StrEnum):
    """What is written into the record of who did what."""

    TESTED_WARNINGS = "tested_warnings"
    CHECKED_DATABASE = "checked_database"
    CHECKED_STORAGE = "checked_storage"
    RAN_KEEPER = "ran_keeper"


DONE = {
    Done.TESTED_WARNINGS: "asked for a test message",
    Done.CHECKED_DATABASE: "asked for a check of the database",
    Done.CHECKED_STORAGE: "asked for a check of the storage",
    Done.RAN_KEEPER: "ran the keeper",
}


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def done(what: Done) -> str:
    """How the record of who did what says it."""
    return DONE[what]


def checked_service(service: str) -> str:
    """In the record: somebody asked for a check of this service."""
    return f"asked for a check of {service}"


# What a check found.


def play_money(balance: Money) -> str:
    """The demo answers."""
    return f"It answers. Its play money: {balance}."


def key_works(balance: Money) -> str:
    """A service accepts the key."""
    return f"The key works. Balance: {balance}."


def works_at(places: int) -> str:
    """A service takes so many orders at a time."""
    return f"It works at {'one order' if places == 1 else f'{places} orders'} at a time."


def holds_voices(count: int) -> str:
    """The database answers."""
    return f"It answers and holds {units.count(count, 'voice')}."


def warnings_go_to(kinds: Sequence[str]) -> str:
    """All channels for warnings can be used."""
    return f"Warnings go to {', '.join(kinds)}."


def speech_went_well(service: str) -> str:
    """How the latest speech went."""
    return f"The last speech, by {service}, went well."


def speech_failed(service: str, error: str) -> str:
    """How the latest speech went, and what the service or we said of it."""
    return f"The last speech, by {service}, did not work: {error}"


def test_reached(kinds: Sequence[str]) -> str:
    """The channels that took a test message, if any."""
    return f"The test message reached {', '.join(kinds) or 'nobody'}."


def warning_reached(kinds: Sequence[str]) -> str:
    """The channels that took a warning, if any."""
    return f"The last warning reached {', '.join(kinds) or 'nobody'}."


def not_delivered(why: str) -> str:
    """No channel takes warnings."""
    return f"Warnings cannot be delivered: {why}"


def storage_trouble(why: str) -> str:
    """What the storage said."""
    return f"Your storage: {why}"


# Warnings.


def voices_need_attention(count: int) -> str:
    """The title of a message."""
    return f"Voicekeep: {units.count(count, 'voice needs', 'voices need')} attention"


def more_at(count: int, address: str) -> str:
    """What a message has no room for is shown at this address."""
    return f"And {count:,} more: {address}"


def more_on_page(count: int) -> str:
    """What a message has no room for is shown in the app, whose address is not known."""
    return f"And {count:,} more on the Retention page."


def quoted(name: str) -> str:
    """The name of a voice within a sentence."""
    return f"“{name}”"


def listed(names: Sequence[str], more: int) -> str:
    """Some names, and how many more there are."""
    return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")


def voices_lost(count: int, names: str) -> str:
    """Many voices are lost."""
    return f"{count:,} voices are lost: {names}."


def voices_probably_lost(count: int, names: str) -> str:
    """Many voices are probably lost."""
    return f"{count:,} voices are probably lost: {names}."


def voices_not_kept(count: int, names: str) -> str:
    """Many voices can still be saved."""
    return f"{count:,} voices are not kept yet: {names}."


def wait_for_you(count: int) -> str:
    """So many of these voices need a person."""
    wait = units.count(count, "of them waits", "of them wait")
    return f"{wait} for you: nothing else happens automatically."


def lost(name: str, why: str) -> str:
    """A voice is lost, and how that is known."""
    return f"{name} is lost. {why}"


def probably_lost(name: str) -> str:
    """A voice is probably lost."""
    return f"{name} is probably lost."


def not_kept(name: str) -> str:
    """A voice can still be saved."""
    return f"{name} is not kept yet."


def expires(moment: str) -> str:
    """When a voice will be lost."""
    return f"It expires {moment}."


def first_expires(moment: str) -> str:
    """When the first of many voices will be lost."""
    return f"The first expires {moment}."


def expired(moment: str) -> str:
    """Since when a voice is probably lost."""
    return f"It expired {moment}."


def will_be_used(moment: str) -> str:
    """When a voice is used so that it is kept."""
    return f"It will be used once automatically {moment}."


def will_be_used_again(moment: str) -> str:
    """When a voice is used once more so that it stays."""
    return f"It will be used again automatically {moment}."


def will_be_backed_up(moment: str) -> str:
    """When the file of a voice is stored."""
    return f"It will be backed up automatically {moment}."


def will_be_tried_again(moment: str) -> str:
    """When anything else is done for a voice."""
    return f"It will be tried again automatically {moment}."


def on_hold(what: str) -> str:
    """What blocks a step, after the sentence about it."""
    return f"On hold: {what}"


def voices_on_hold(names: str) -> str:
    """The voices that something blocks."""
    return f"On hold: {names}."


def consent_ends(speaker: str, moment: str) -> str:
    """A consent will end soon."""
    return f"The consent of {speaker} ends {moment}."


def record_longer_time(voices: str) -> str:
    """What the end of a consent will mean for these voices, and what to do."""
    return (
        f"From then on, no new speech is generated with {voices}. If they agree to a longer "
        "time, record that on the voice's page."
    )


def consent_ended(speaker: str, voices: str) -> str:
    """A consent is over by its date."""
    return f"The consent of {speaker} has ended: no new speech is generated with {voices}."


def consent_withdrawn(speaker: str, voices: str) -> str:
    """A consent was withdrawn."""
    return f"The consent of {speaker} was withdrawn: no new speech is generated with {voices}."


def kept_until_archived(count: int) -> str:
    """What becomes of so many voices without consent."""
    they_are, them = ("It is", "it") if count == 1 else ("They are", "them")
    return f"{they_are} kept as before, until somebody archives {them}."


def moment(at: datetime | None, now: datetime) -> str:
    """ "on Sat 28 Nov 2026, 09:00 UTC (in 2 d 4 h)"."""
    if at is None:
        return "at an unknown time"
    there = at.astimezone(UTC)
    minutes = abs(at - now) // _MINUTE
    length = span(minutes * _MINUTE) if minutes else "under 1 min"
    left = f"in {length}" if at > now else f"{length} ago"
    return f"on {there:%a} {there.day} {there:%b %Y, %H:%M} UTC ({left})"


def due(at: datetime, now: datetime) -> str:
    """The moment of what is to come; what should be done by now is done "now"."""
    return "now" if at <= now else moment(at, now)


# The calendar.


def of_demo(name: str) -> str:
    """What the calendar calls a voice of the demo."""
    return f"Demo: {name}"


def last_moment(name: str) -> str:
    """The title of a deadline."""
    return f"{name}: last moment to keep this voice"


def still_not_kept(name: str) -> str:
    """What a calendar reminds of before a deadline."""
    return f"{name} is not kept yet"


# Records that cannot be read.


def counted(of: Mapping[str, int]) -> str:
    """ "2 voices, 1 take and 1 script": how many there are of each."""
    *others, last = (
        units.count(of[what], what) for what in ("voice", "take", "script") if of.get(what)
    )
    return " and ".join(filter(None, (", ".join(others), last)))


def unreadable_records(of: Mapping[str, int]) -> str:
    """ "2 voices and 1 take whose records cannot be read"."""
    records = "record" if sum(of.values()) == 1 else "records"
    return f"{counted(of)} whose {records} cannot be read"


def records_to_recover(of: Mapping[str, int], names: str) -> str:
    """Records that a person has to see to, and the ways on."""
    what, them = ("voice", "it") if sum(of.values()) == 1 else ("voices", "them")
    return (
        f"{unreadable_records(of)}: {names}. Nothing was deleted. Import an export, add the "
        f"{what} again, or set {them} aside on the Retention page."
    )


def records_not_returned(of: Mapping[str, int], names: str) -> str:
    """Records that the storage did not give out this time."""
    return (
        f"Your storage did not return the record of {counted(of)}: {names}. The keeper asks "
        "again in each pass."
    )
