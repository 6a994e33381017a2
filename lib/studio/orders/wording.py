"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from lib.services import MEGABYTE


class Reason(StrEnum):
    """Why something is not ordered, or an order was given up, as data."""

    STORAGE_BEING_READ = "storage_being_read"
    NO_BUCKET = "no_bucket"
    NO_ATTESTER = "no_attester"
    HAS_CHANGED = "has_changed"
    NOTHING_SPENT = "nothing_spent"
    GIVEN_UP = "given_up"
    WITHDRAWN = "withdrawn"
    NOT_CONNECTED = "not_connected"
    NO_SPEAKER = "no_speaker"
    CLONING_NOT_AGREED = "cloning_not_agreed"
    NO_SPEECH = "no_speech"
    CANNOT_CLONE = "cannot_clone"
    RECORDING_TWICE = "recording_twice"
    ID_TWICE = "id_twice"
    NOT_AS_CHECKED = "not_as_checked"
    NO_CLONE_OFFER = "no_clone_offer"
    DESIGNED = "designed"
    BEING_MADE = "being_made"
    NO_COPY = "no_copy"
    CLONED_ALREADY = "cloned_already"
    NOT_AS_STORED = "not_as_stored"
    NOT_AS_BROUGHT = "not_as_brought"
    MANY_EDITS = "many_edits"
    NO_STATEMENT = "no_statement"
    OVER_ALREADY = "over_already"
    NEEDS_NO_CONSENT = "needs_no_consent"
    NOT_AGREED = "not_agreed"
    NO_CONSENT = "no_consent"
    CANNOT_DESIGN = "cannot_design"
    NO_DESCRIPTION = "no_description"
    NOBODY_ORDERS = "nobody_orders"
    OTHER_GENDER = "other_gender"
    OTHER_AGE = "other_age"
    VOICE_GONE = "voice_gone"
    OTHER_MODEL = "other_model"
    NO_TEXT = "no_text"
    BEING_SPOKEN = "being_spoken"
    SENT_AGAIN = "sent_again"
    NO_MODEL = "no_model"
    KEPT = "kept"
    UNHEARD = "unheard"
    NOT_ORDERED = "not_ordered"
    CANNOT_TRANSCRIBE = "cannot_transcribe"
    NO_RECORDING = "no_recording"
    DISK_FAILED = "disk_failed"


class Deed(StrEnum):
    """What somebody did, as data, for the record of who did what."""

    CLONED_AGAIN = "cloned_again"
    MADE_AGAIN = "made_again"
    BACKUP_ASKED = "backup_asked"


SENTENCES = {
    Reason.STORAGE_BEING_READ: "Your storage is still being read. Try again in a moment.",
    Reason.NO_BUCKET: (
        "Files on this server do not survive a restart. Connect a bucket first: paste VAULT_URL "
        "and the bucket's keys into the secrets (Settings shows the lines). Nothing was sent."
    ),
    Reason.NO_ATTESTER: "Say who you are.",
    Reason.HAS_CHANGED: "This order has changed in the meantime.",
    Reason.NOTHING_SPENT: "Nothing was ordered, and nothing was spent.",
    Reason.GIVEN_UP: "Cancelled. We don't know if it was made and charged.",
    Reason.WITHDRAWN: "Withdrawn before it was sent. Nothing was spent.",
    Reason.NOT_CONNECTED: "This service is not connected here. Choose another one.",
    Reason.NO_SPEAKER: "Say who speaks in the recording.",
    Reason.CLONING_NOT_AGREED: "Tick that the person in the recording agrees to be cloned.",
    Reason.NO_SPEECH: (
        "No speech was heard in this recording, so it would not make a usable voice. Add another "
        "one, or tick that you want to clone it anyway. Nothing was spent."
    ),
    Reason.CANNOT_CLONE: "That model cannot clone. Choose one of the list.",
    Reason.RECORDING_TWICE: (
        "The same recording is in the list twice. Take one of them out, or change what is used."
    ),
    Reason.ID_TWICE: (
        "Another one in the list has the same voice ID. Each voice needs an ID of its own."
    ),
    Reason.NOT_AS_CHECKED: (
        "The recording has changed since it was checked. Order this one again. Nothing was spent "
        "on it."
    ),
    Reason.NO_CLONE_OFFER: "No known service makes voices of this kind.",
    Reason.DESIGNED: (
        "It was made from words, which never make the same voice twice. Its description and audio "
        "stay here."
    ),
    Reason.BEING_MADE: "The order that makes it is not finished. See Jobs.",
    Reason.NO_COPY: "Your storage has no intact copy of its recording.",
    Reason.CLONED_ALREADY: "It was cloned again already.",
    Reason.NOT_AS_STORED: (
        "The recording has changed since it was stored, so it is not used. Nothing was spent. "
        "Clone the voice from another copy of the recording."
    ),
    Reason.NOT_AS_BROUGHT: "The file you added has changed. Add it again. Nothing was spent.",
    Reason.MANY_EDITS: "This recording has more edits than can be noted for it.",
    Reason.NO_STATEMENT: (
        "This file cannot be stored as a statement. Add an audio file, a PDF, or a PNG or JPEG "
        "picture."
    ),
    Reason.OVER_ALREADY: "This consent would have ended already. Choose a later day, or none.",
    Reason.NEEDS_NO_CONSENT: "This voice was made from words. It needs nobody's consent.",
    Reason.NOT_AGREED: "Tick that the person in the recording agrees.",
    Reason.NO_CONSENT: (
        "There is no record of who speaks in this voice's recording. Record that first."
    ),
    Reason.CANNOT_DESIGN: "This service cannot make voices from words here. Choose another one.",
    Reason.NO_DESCRIPTION: "Describe the voice: who speaks, how it sounds, what it is for.",
    Reason.NOBODY_ORDERS: "Say who orders this voice.",
    Reason.OTHER_GENDER: "Choose one of the offered genders, or leave it open.",
    Reason.OTHER_AGE: "Choose one of the offered ages, or leave it open.",
    Reason.VOICE_GONE: "This voice no longer exists. Choose another one.",
    Reason.OTHER_MODEL: "This voice does not work with that model. Choose another one.",
    Reason.NO_TEXT: "Write what the voice should say.",
    Reason.BEING_SPOKEN: "This part is being generated right now.",
    Reason.SENT_AGAIN: "We don't know if it went through. It was sent again.",
    Reason.NO_MODEL: "No model here works with this voice.",
    Reason.KEPT: "This voice was used already, and is kept.",
    Reason.UNHEARD: (
        "A test call is already done. Listen to it first, and confirm whether it is this voice."
    ),
    Reason.NOT_ORDERED: "Nothing was ordered.",
    Reason.CANNOT_TRANSCRIBE: (
        "This service cannot transcribe recordings here. Choose another one."
    ),
    Reason.NO_RECORDING: "Add a recording first.",
    Reason.DISK_FAILED: (
        "The recording could not be saved on this server's disk. Nothing was sent, and nothing "
        "was spent."
    ),
}
DEEDS = {
    Deed.CLONED_AGAIN: "cloned it again from its recording",
    Deed.MADE_AGAIN: "made it from the recording of an earlier voice",
    Deed.BACKUP_ASKED: "asked for its backup",
}


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def deed(done: Deed) -> str:
    """How people read it after a name."""
    return DEEDS[done]


def over_budget(why: str, outcome: str) -> str:
    """A budget does not reach; `outcome`: the sentence about what became of the order, or ""."""
    return f"{why} {outcome}".rstrip()


def nothing_spent(why: str) -> str:
    """What keeps a voice from being used or cloned, before anything was paid."""
    return f"{why} Nothing was spent."


def ordered_lately(service: str) -> str:
    """A recording was ordered before: whether it is to be cloned once more."""
    return (
        f"This recording was ordered at {service} within the last day. Another clone is charged "
        "again."
    )


def bad_voice_id(rule: str) -> str:
    """A typed voice ID breaks the rule of the service, which is a sentence of its own."""
    return f"This voice ID is not valid. {rule}"


def preview_too_long(most: int) -> str:
    """The text to be spoken with a clone is longer than the service accepts, in characters."""
    return f"The preview text is too long: {most} characters at most."


def transcript_too_long(most: int) -> str:
    """The transcript is longer than it may be, in characters."""
    return f"The transcript is too long: {most:,} characters at most."


def recording_not_stored(why: str) -> str:
    """The storage did not take the recording."""
    return f"{why} The recording was not stored, and nothing was spent."


def too_many(most: int) -> str:
    """More voices than are ordered with one confirmation."""
    return f"That is more than {most} voices at once. Order some of them, then the others."


def no_key(service: str) -> str:
    """The service of a voice is not connected."""
    return f"There is no key for {service} here."


def recording_unread(why: str) -> str:
    """The storage did not give the recording of a voice."""
    return f"Its recording cannot be read. {why} Nothing was spent."


def original_not_stored(why: str) -> str:
    """The storage did not take what the recording was made from."""
    return f"{why} Your file was not stored, and nothing was spent."


def original_unread(why: str) -> str:
    """The storage did not give what the recording was made from."""
    return f"The original file cannot be read. {why} Nothing was spent."


def statement_too_large(most: int) -> str:
    """The file of a statement is larger than it may be, in bytes."""
    return f"The statement is too large: {most // MEGABYTE} MB at most."


def statement_not_stored(why: str) -> str:
    """The storage did not take the statement."""
    return f"{why} The statement was not stored, and nothing was spent."


def statement_unread(speaker: str, why: str) -> str:
    """The storage did not give the statement of this person."""
    return f"The statement of {speaker} cannot be read. {why} Nothing was spent."


def consent_recorded(speaker: str) -> str:
    """A deed: the consent of this person was recorded."""
    return f"recorded the consent of {speaker}"


def consent_withdrawn(speaker: str) -> str:
    """A deed: this person's withdrawal was noted."""
    return f"noted that {speaker} withdrew consent"


def designed_lately(service: str) -> str:
    """The same words were ordered before: whether there is to be one more voice from them."""
    return (
        f"A voice from these words was ordered at {service} within the last day. Another one is "
        "charged again, and will sound different."
    )


def description_too_long(has: int, most: int) -> str:
    """The description of a voice is longer than the service accepts, in characters."""
    return f"The description has {has:,} characters. It may have {most:,} at most."


def preview_text_too_long(has: int, most: int) -> str:
    """The text to be spoken with a voice from words is too long, in characters."""
    return f"The preview text has {has:,} characters. It may have {most:,} at most."


def in_line(place: int, why: str) -> str:
    """The line of a script that cannot be ordered, counted from 1."""
    return f"Line {place:,}: {why}"


def text_too_long(has: int, most: int) -> str:
    """A text is longer than one order may be, in characters."""
    return f"This text has {has:,} characters. The limit is {most:,} at a time."


def part_too_large(most: int) -> str:
    """What is used of a recording is larger than the service accepts, in bytes."""
    return (
        f"This part is over {most / MEGABYTE:.0f} MB, more than can be transcribed at a time. "
        "Choose a shorter part. Nothing was sent, and nothing was spent."
    )


def recording_not_sent(why: str) -> str:
    """A recording cannot be read, so its words are not asked for."""
    return f"{why} Nothing was sent, and nothing was spent."


def other_format(has: str, accepted: Sequence[str]) -> str:
    """A recording is in a format that the service does not transcribe."""
    kinds = ", ".join(name.upper() for name in accepted)
    return (
        f"{has.upper()} cannot be transcribed. These can: {kinds}. Nothing was sent, and nothing "
        "was spent."
    )


def longer_than_priced(priced: float, has: float) -> str:
    """A recording is longer than what the price was shown for, in seconds."""
    return (
        f"The price was for {priced:.0f} seconds, and this recording has {has:.0f}. Nothing was "
        "sent, and nothing was spent."
    )
