"""The words of this room: the sentences for its reasons, findings and numbers, in one place."""

from __future__ import annotations

import math

from lib import units
from lib.recordings.formats import FORMATS
from lib.recordings.measures import Measure
from lib.recordings.quality import Grade
from lib.recordings.reasons import Finding, How, Reason, Why
from lib.services import MEGABYTE

_CODEC_TITLES = {
    "aac": "AAC",
    "adpcm_ima_qt": "ADPCM",
    "adpcm_ima_wav": "ADPCM",
    "adpcm_ms": "ADPCM",
    "alac": "Apple Lossless",
    "amr_nb": "AMR",
    "amr_wb": "AMR",
    "flac": "FLAC",
    "gsm_ms": "GSM",
    "mp1": "MPEG",
    "mp2": "MPEG",
    "mp3": "MP3",
    "opus": "Opus",
    "vorbis": "Vorbis",
}
"""What people call a coding, where it is none that is usual in its file."""
SENTENCES = {
    Reason.SAID: "{said}",
    Reason.EMPTY: "This file is empty. Choose another one.",
    Reason.PLAYLIST: "This is a playlist, not a recording. Choose the audio file itself.",
    Reason.WEB_PAGE: "This is a web page, not a recording. Choose the audio file itself.",
    Reason.PLACEHOLDER: (
        "This is a Git LFS placeholder, not the recording. Fetch the real file first."
    ),
    Reason.PDF: "This is a PDF document, not a recording.",
    Reason.ARCHIVE: "This is an archive. Unpack it and choose the recording inside.",
    Reason.TEXT: "This file contains text, not sound. Choose the recording itself.",
    Reason.UNKNOWN_KIND: (
        "This is not a known kind of audio file, or its beginning is damaged. Save the recording "
        "again as MP3, M4A or WAV."
    ),
    Reason.PROTECTED: (
        "This file is copy-protected, so it cannot be read. Choose a recording without protection."
    ),
    Reason.DAMAGED: (
        "This looks like {kind}, but it is damaged, incomplete or of an unusual kind, and its "
        "sound cannot be read. Save it again as MP3, M4A or WAV."
    ),
    Reason.NO_SOUND: "There is no sound in this file. Choose another one.",
    Reason.HEADER_ONLY: (
        "This file has a header but no sound. It may be damaged, or an incomplete download. "
        "Download it again."
    ),
    Reason.LARGE_EXTRAS: (
        "This file contains pictures or texts beside its sound, such as covers, and they are too "
        "large (over {megabytes} MB). Save the audio without them."
    ),
    Reason.TOO_MUCH_WORK: (
        "This file takes too long to read, and may be damaged. Save it again as MP3 or WAV."
    ),
    Reason.MANY_CHANNELS: (
        "This recording has more than {bound} channels. Save it in mono or stereo."
    ),
    Reason.TOO_LARGE_TO_READ: "This file is too large to read here. Cut it first.",
    Reason.TOO_LONG_TO_READ: (
        "This recording is too long to read here (over {minutes} minutes). Cut it first."
    ),
    Reason.ACCEPTED: "{who} accepts this recording.",
    Reason.TOO_SHORT: "This recording is {short} long. {who} needs at least {least}.",
    Reason.TOO_LONG: (
        "This recording is {long} long. {who} accepts at most {most}. Cut it to its best part."
    ),
    Reason.VIDEO: (
        "This is {kind}. Its sound will be converted to a file that {who} accepts. Your original "
        "is kept."
    ),
    Reason.OTHER_FORMAT: (
        "This is {kind}. It will be converted to a file that {who} accepts. Your original is kept."
    ),
    Reason.OTHER_CODEC: (
        "This {name} holds {codec} sound. It will be converted to a file that {who} accepts. Your "
        "original is kept."
    ),
    Reason.TOO_LARGE: (
        "This file has {size} MB, and {who} accepts at most {megabytes} MB. It will be made "
        "smaller. Your original is kept."
    ),
    Reason.TOO_LARGE_TO_SEND: (
        "This file has {size} MB, and without a bucket at most {megabytes} MB can be sent to "
        "{who}. It will be made smaller. Your original is kept."
    ),
    Reason.MADE_OF_PART: "The part you use becomes a file of its own. Your original is kept.",
    Reason.PART_BEYOND_END: ("The chosen part is beyond the end of this recording. Choose again."),
    Reason.PART_TOO_SHORT: ("The chosen part is too short. {who} needs at least {bound} seconds."),
    Reason.PART_TOO_LONG: ("The chosen part is too long. {who} accepts at most {minutes} minutes."),
    Reason.CANNOT_CONVERT: (
        "This recording cannot be converted to a file that {who} accepts. Nothing was sent. "
        "Choose another one."
    ),
    Reason.SILENT: "This recording is silent. Play it before you use it.",
    Reason.INCOMPLETE: "Part of this file is missing or damaged. Play it before you use it.",
    Reason.NO_VOICE_FILE: "This is not a voice file, or its beginning is damaged.",
    Reason.VOICE_FILE_EMPTY: "This voice file is empty.",
    Reason.VOICE_FILE_LARGE: "This voice file is larger than {megabytes} MB.",
    Reason.VOICE_FILE_DAMAGED: (
        "This voice file is damaged: its list of contents does not fit its contents."
    ),
    Reason.VOICE_FILE_TWINS: "This voice file is damaged: it names the same thing twice.",
    Reason.VOICE_FILE_HOLLOW: "This voice file contains no voice: it has no numbers.",
}
ADVICE = {
    Finding.NO_SPEECH: "No speech is heard. Choose another recording or another part.",
    Finding.CHANNELS_CANCEL: "The two channels cancel each other out. Use only one of them.",
    Finding.TWO_SPEAKERS: "Each channel has a different person. Use only one channel.",
    Finding.INAUDIBLE: (
        "The voice is too quiet to hear. Raise the level here, or record again closer to the "
        "microphone."
    ),
    Finding.VERY_NOISY: (
        "The noise is nearly as loud as the voice. Record again in a quieter place."
    ),
    Finding.LITTLE_SPEECH: "There is only {speech} of speech. Record at least 10 seconds.",
    Finding.CLIPPED: (
        "The loudest moments are distorted. Choose a part without them, or record again at a lower "
        "level."
    ),
    Finding.QUIET: "Speak closer to the microphone or raise the level here.",
    Finding.RUMBLE: "There is a deep rumble under the voice. Remove it here.",
    Finding.NOISY: "There is some noise behind the voice. A quieter room gives a cleaner clone.",
    Finding.TELEPHONE: (
        "This sounds like a telephone. Use a recording made with a microphone if you have one."
    ),
    Finding.MOSTLY_PAUSES: "Most of this is pauses. Choose a part with more speech.",
    Finding.SHORT: "10 to 60 seconds work best. Use a longer part or recording.",
    Finding.LONG: "10 to 60 seconds work best. Use only the best 30 seconds.",
    Finding.LONG_LEAD: "Cut off the {lead} before the first word.",
    Finding.LONG_TAIL: "Cut off the {tail} after the last word.",
}
GRADE_WORDS = {
    Grade.GOOD: "Good",
    Grade.USABLE: "Usable",
    Grade.POOR: "Poor",
    Grade.NO_SPEECH: "No speech",
}
_NOTHING_TO_DO = "The voice is clear and loud enough. Use it as it is."
_SENT = {
    How.AS_IS: "Sent unchanged, {size}.",
    How.REWRAPPED: "Saved as {kind} without any loss, {size}. Your original is kept.",
    How.ENCODED: "Converted to {kind}, {size}. Your original is kept.",
}


def reason_words(why: Why) -> str:
    """The sentence for a reason."""
    form = FORMATS.get(why.form)
    return SENTENCES[why.reason].format(
        said=why.said,
        who=why.who,
        kind=form.title if form else "",
        name=form.name if form else "",
        codec=_CODEC_TITLES.get(why.codec, "an unusual kind of"),
        bound=f"{why.bound:g}",
        minutes=f"{why.bound / 60:g}",
        size=f"{math.ceil(why.has / MEGABYTE * 10) / 10:.1f}",
        megabytes=f"{why.bound / MEGABYTE:g}",
        short=_short(why.has, why.bound),
        least=units.count(why.bound, "second"),
        long=_minutes(math.ceil(why.has)),
        most=_minutes(math.floor(why.bound)),
    )


def sent_words(how: How, form: str, size: int) -> str:
    """What was done to get the file that is sent."""
    return _SENT[how].format(kind=FORMATS[form].title, size=units.size(size))


def advice(about: Finding | None, measure: Measure) -> str:
    """The one thing to do about what is worth saying first; None: nothing is."""
    if about is None:
        return _NOTHING_TO_DO
    return ADVICE[about].format(
        speech=_seconds(measure.speech_seconds),
        lead=_seconds(measure.lead),
        tail=_seconds(measure.tail),
    )


def numbers(measure: Measure) -> list[tuple[str, str]]:
    """What was measured, as label and value, for people."""
    spoken = f"{measure.speech_seconds:.0f} of" if measure.speech_seconds >= 0.5 else "none in"
    shown = [("Speech", f"{spoken} {_seconds(measure.seconds)}")]
    if measure.loudness_lufs is not None:
        shown.append(("Loudness", f"{_signed(measure.loudness_lufs)} LUFS"))
    if measure.speech_db is not None:
        shown.append(("Speech level", f"{_signed(measure.speech_db)} dB"))
    if measure.noise_distance_db is not None:
        shown.append(("Background noise", f"{measure.noise_distance_db:.0f} dB below speech"))
    shown.append(("Distorted", _share(measure.clipped_share)))
    if measure.bandwidth_hz is not None:
        shown.append(("Sound up to", f"{measure.bandwidth_hz / 1000:.3g} kHz"))
    if measure.lead + measure.tail < measure.seconds:
        shown.append(("Before the first word", _seconds(measure.lead)))
        shown.append(("After the last word", _seconds(measure.tail)))
    return shown


def _seconds(seconds: float) -> str:
    text = f"{seconds:.0f}" if seconds >= 9.95 else f"{seconds:.1f}".removesuffix(".0")
    return f"{text} second" if text == "1" else f"{text} seconds"


def _signed(decibels: float) -> str:
    return f"{decibels:.0f}".replace("-", "\N{MINUS SIGN}")


def _share(share: float) -> str:
    if share == 0:
        return "nothing"
    return f"{share:.2%}" if share >= 1e-4 else "under 0.01%"


def _short(seconds: float, least: float) -> str:
    """Rounded to tenths, but never up to what is needed: 9.96 s must not read "10 seconds"."""
    if seconds < 0.1:
        return "less than 0.1 seconds"
    tenths = min(round(seconds * 10), math.ceil(least * 10) - 1)
    return units.count(tenths / 10, "second")


def _minutes(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    parts = [units.count(minutes, "minute")] if minutes else []
    return " ".join([*parts, units.count(rest, "second")] if rest or not parts else parts)
