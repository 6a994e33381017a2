"""What stands against a recording or a voice file, and what is done about it, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a file cannot be read, taken or made, or is taken only after converting.

    `SAID`: as something else put it, in its own words.
    """

    SAID = "said"
    # It cannot be read.
    EMPTY = "empty"
    PLAYLIST = "playlist"
    WEB_PAGE = "web_page"
    PLACEHOLDER = "placeholder"
    PDF = "pdf"
    ARCHIVE = "archive"
    TEXT = "text"
    UNKNOWN_KIND = "unknown_kind"
    PROTECTED = "protected"
    DAMAGED = "damaged"
    NO_SOUND = "no_sound"
    HEADER_ONLY = "header_only"
    LARGE_EXTRAS = "large_extras"
    TOO_MUCH_WORK = "too_much_work"
    MANY_CHANNELS = "many_channels"
    TOO_LARGE_TO_READ = "too_large_to_read"
    TOO_LONG_TO_READ = "too_long_to_read"
    # What one service makes of it.
    ACCEPTED = "accepted"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    VIDEO = "video"
    OTHER_FORMAT = "other_format"
    OTHER_CODEC = "other_codec"
    TOO_LARGE = "too_large"
    TOO_LARGE_TO_SEND = "too_large_to_send"
    MADE_OF_PART = "made_of_part"
    PART_BEYOND_END = "part_beyond_end"
    PART_TOO_SHORT = "part_too_short"
    PART_TOO_LONG = "part_too_long"
    CANNOT_CONVERT = "cannot_convert"
    # For thought.
    SILENT = "silent"
    INCOMPLETE = "incomplete"
    # A voice file.
    NO_VOICE_FILE = "no_voice_file"
    VOICE_FILE_EMPTY = "voice_file_empty"
    VOICE_FILE_LARGE = "voice_file_large"
    VOICE_FILE_DAMAGED = "voice_file_damaged"
    VOICE_FILE_TWINS = "voice_file_twins"
    VOICE_FILE_HOLLOW = "voice_file_hollow"


@dataclass(frozen=True)
class Why:
    """A reason with its values, as far as it has any.

    `who` makes the voice, `has` is what the recording has and `bound` what it may have (seconds,
    bytes or channels), `form` a key of `formats.FORMATS`, `codec` libav's name.
    """

    reason: Reason
    who: str = ""
    has: float = 0.0
    bound: float = 0.0
    form: str = ""
    codec: str = ""
    said: str = ""


class Finding(StrEnum):
    """What is to be said about a recording, from the worst to the least."""

    NO_SPEECH = "no_speech"
    CHANNELS_CANCEL = "channels_cancel"
    TWO_SPEAKERS = "two_speakers"
    INAUDIBLE = "inaudible"
    VERY_NOISY = "very_noisy"
    LITTLE_SPEECH = "little_speech"
    CLIPPED = "clipped"
    QUIET = "quiet"
    RUMBLE = "rumble"
    NOISY = "noisy"
    TELEPHONE = "telephone"
    MOSTLY_PAUSES = "mostly_pauses"
    SHORT = "short"
    LONG = "long"
    LONG_LEAD = "long_lead"
    LONG_TAIL = "long_tail"


class How(StrEnum):
    """What was done to get the file that is sent."""

    AS_IS = "as-is"
    REWRAPPED = "rewrapped"
    ENCODED = "encoded"
