"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from enum import StrEnum

from lib.models import ErrorKind, Money
from lib.services import KYMA, MEGABYTE, SERVICES
from lib.services.kyma import MAX_TEXT

_CLONE = SERVICES[KYMA].clones[0]
_DESIGN = SERVICES[KYMA].designs[0]
_LENGTH = f"{_CLONE.min_seconds:g} seconds to {_CLONE.max_seconds / 60:g} minutes"
_SIZE = f"{_CLONE.max_bytes / MEGABYTE:g} MB"
_FORMATS = "MP3, WAV and M4A"


class Thing(StrEnum):
    """What a request is about, or is sent to."""

    ACCOUNT = "account"
    DESCRIPTION = "description"
    FILE = "file"
    JOB = "job"
    LIMITS = "limits"
    MODEL = "model"
    MODELS = "models"
    PRICES = "prices"
    QUESTION = "question"
    RECORDING = "recording"
    TEXT = "text"
    VOICE = "voice"
    VOICES = "voices"
    WAY_OF_CLONING = "way_of_cloning"
    WAY_OF_MAKING_VOICES = "way_of_making_voices"


THINGS = {
    Thing.ACCOUNT: "account",
    Thing.DESCRIPTION: "description",
    Thing.FILE: "file",
    Thing.JOB: "job",
    Thing.LIMITS: "list of limits",
    Thing.MODEL: "model",
    Thing.MODELS: "list of models",
    Thing.PRICES: "list of prices",
    Thing.QUESTION: "question",
    Thing.RECORDING: "recording",
    Thing.TEXT: "text",
    Thing.VOICE: "voice",
    Thing.VOICES: "list of voices",
    Thing.WAY_OF_CLONING: "way of cloning",
    Thing.WAY_OF_MAKING_VOICES: "way of making voices",
}
"""As they stand behind "this" and "the"."""


class Charge(StrEnum):
    """What is known of the money that a failed request cost."""

    FREE = "free"
    NOT_SENT = "not_sent"
    NONE = "none"
    MAYBE = "maybe"


CHARGES = {
    Charge.FREE: "Asking costs nothing.",
    Charge.NOT_SENT: "Nothing was sent and nothing was charged.",
    Charge.NONE: "Nothing was charged.",
    Charge.MAYBE: "It may have been charged.",
}


class Reason(StrEnum):
    """Why something is not sent, or was not done."""

    # An order is not sent.
    MAKES_NO_SUCH_VOICES = "makes_no_such_voices"
    SPEAKS_NO_SUCH_VOICES = "speaks_no_such_voices"
    NOT_ONE_RECORDING = "not_one_recording"
    EMPTY_RECORDING = "empty_recording"
    NO_LINK = "no_link"
    ACCURACY_OUT_OF_RANGE = "accuracy_out_of_range"
    NO_TEXT = "no_text"
    NO_SPEECH_MODEL = "no_speech_model"
    NO_VOICE_ID = "no_voice_id"
    NO_VOICE_FILE_LINK = "no_voice_file_link"
    SPEED_OUT_OF_RANGE = "speed_out_of_range"
    NO_TRANSCRIPTS = "no_transcripts"
    NO_TRANSCRIPT_MODEL = "no_transcript_model"
    KYMA_MAKES_NO_SUCH_VOICES = "kyma_makes_no_such_voices"
    KYMA_SPEAKS_NO_SUCH_VOICES = "kyma_speaks_no_such_voices"
    NO_CLONE_MODEL = "no_clone_model"
    NO_DESIGN_MODEL = "no_design_model"
    LINK_TO_KYMA = "link_to_kyma"
    NO_DESCRIPTION = "no_description"
    UNKNOWN_GENDER = "unknown_gender"
    UNKNOWN_AGE = "unknown_age"
    JOB_OF_OTHERS = "job_of_others"
    # Kyma refused it, or gave no usable answer.
    NO_CLONES_WITH_MODEL = "no_clones_with_model"
    NO_DESIGNS_WITH_MODEL = "no_designs_with_model"
    MODEL_NOT_OFFERED = "model_not_offered"
    RECORDING_TOO_SHORT = "recording_too_short"
    RECORDING_TOO_LONG = "recording_too_long"
    RECORDING_UNREADABLE = "recording_unreadable"
    RECORDING_TOO_LARGE = "recording_too_large"
    RECORDING_OF_OTHER_KIND = "recording_of_other_kind"
    DESCRIPTION_TOO_LONG = "description_too_long"
    TEXT_TOO_LONG = "text_too_long"
    NO_VOICE_NAMED = "no_voice_named"
    NOT_OWNED = "not_owned"
    NOT_REGISTERED = "not_registered"
    SUPPLIER_MADE_NO_VOICE = "supplier_made_no_voice"
    SUPPLIER_DID_NOT_SPEAK = "supplier_did_not_speak"
    NO_MORE_ORDERS = "no_more_orders"
    ID_LOST = "id_lost"
    # The IDs saved at NanoGPT cannot be reached.
    COOKIE_IS_NONE = "cookie_is_none"
    SESSION_REFUSED = "session_refused"
    SAVED_IDS_UNREACHABLE = "saved_ids_unreachable"
    SAVED_IDS_UNANSWERED = "saved_ids_unanswered"
    SAVED_IDS_BUSY = "saved_ids_busy"
    SAVED_IDS_MOVED = "saved_ids_moved"
    ID_NOT_SAVED = "id_not_saved"
    SAVED_IDS_IN_TROUBLE = "saved_ids_in_trouble"
    # The monitor was not pinged.
    PING_URL_IS_NONE = "ping_url_is_none"
    MONITOR_UNREACHABLE = "monitor_unreachable"
    MONITOR_UNANSWERED = "monitor_unanswered"
    MONITOR_MOVED = "monitor_moved"
    PING_REFUSED = "ping_refused"


SENTENCES = {
    Reason.MAKES_NO_SUCH_VOICES: "This service does not make voices of this kind.",
    Reason.SPEAKS_NO_SUCH_VOICES: "This service does not work with voices of this kind.",
    Reason.NOT_ONE_RECORDING: "A voice is made from one recording: either a file or a link.",
    Reason.EMPTY_RECORDING: "The recording is empty.",
    Reason.NO_LINK: "The link to the recording is not a web address.",
    Reason.ACCURACY_OUT_OF_RANGE: "The accuracy has to lie between 0 and 1.",
    Reason.NO_TEXT: "There is no text to speak.",
    Reason.NO_SPEECH_MODEL: "No model was chosen to speak the text.",
    Reason.NO_VOICE_ID: "The voice has no ID to speak with.",
    Reason.NO_VOICE_FILE_LINK: (
        "The voice file has no web address that the service could fetch it from."
    ),
    Reason.SPEED_OUT_OF_RANGE: "The speed has to lie between 0.1 and 5.",
    Reason.NO_TRANSCRIPTS: "This service cannot transcribe recordings.",
    Reason.NO_TRANSCRIPT_MODEL: "No model was chosen to transcribe the recording.",
    Reason.KYMA_MAKES_NO_SUCH_VOICES: "Kyma does not make voices of this kind.",
    Reason.KYMA_SPEAKS_NO_SUCH_VOICES: "Kyma does not work with voices of this kind.",
    Reason.NO_CLONE_MODEL: "No model was chosen to clone with.",
    Reason.NO_DESIGN_MODEL: "No model was chosen to make the voice with.",
    Reason.LINK_TO_KYMA: "Kyma accepts the recording itself, not a link to it.",
    Reason.NO_DESCRIPTION: "There is no description to make a voice from.",
    Reason.UNKNOWN_GENDER: "Kyma does not know this gender of a voice.",
    Reason.UNKNOWN_AGE: "Kyma does not know this age of a voice.",
    Reason.JOB_OF_OTHERS: "This kind of job is not made here.",
    Reason.NO_CLONES_WITH_MODEL: "Kyma does not clone voices with the model that was asked for.",
    Reason.NO_DESIGNS_WITH_MODEL: (
        "Kyma does not make voices from words with the model asked for."
    ),
    Reason.MODEL_NOT_OFFERED: "Kyma does not offer the model that was asked for.",
    Reason.RECORDING_TOO_SHORT: (f"The recording is too short: Kyma accepts {_LENGTH} of speech."),
    Reason.RECORDING_TOO_LONG: f"The recording is too long: Kyma accepts {_LENGTH} of speech.",
    Reason.RECORDING_UNREADABLE: (
        f"Kyma cannot read the recording: it accepts intact {_FORMATS}, {_LENGTH}."
    ),
    Reason.RECORDING_TOO_LARGE: f"The recording is larger than the {_SIZE} that Kyma accepts.",
    Reason.RECORDING_OF_OTHER_KIND: (
        f"The recording is of a kind that Kyma does not accept: it accepts {_FORMATS}."
    ),
    Reason.DESCRIPTION_TOO_LONG: (
        f"The description is longer than the {_DESIGN.description_max:,} characters Kyma accepts."
    ),
    Reason.TEXT_TOO_LONG: (
        f"The text is longer than the {MAX_TEXT:,} characters Kyma accepts at a time."
    ),
    Reason.NO_VOICE_NAMED: "The order named no voice.",
    Reason.NOT_OWNED: (
        "This voice belongs to another Kyma account than the key in use. It is not lost."
    ),
    Reason.NOT_REGISTERED: "Kyma could not register the new voice for this account.",
    Reason.SUPPLIER_MADE_NO_VOICE: "The supplier behind Kyma could not make the voice.",
    Reason.SUPPLIER_DID_NOT_SPEAK: (
        "The supplier behind Kyma could not generate this. That may pass, or the voice may be "
        "gone: one failure does not tell which."
    ),
    Reason.NO_MORE_ORDERS: (
        "Kyma accepts no more orders from this key for now. It does not say until when, perhaps "
        "until midnight UTC."
    ),
    Reason.ID_LOST: "If the voice was made, its ID was lost with the answer.",
    Reason.COOKIE_IS_NONE: (
        "NANOGPT_SESSION_COOKIE is not a cookie. Paste it as a browser sends it: name=value."
    ),
    Reason.SESSION_REFUSED: (
        "NanoGPT does not accept this session, or it has ended. Sign in there with a browser, and "
        "paste the new cookie."
    ),
    Reason.SAVED_IDS_UNREACHABLE: "NanoGPT cannot be reached. Nothing was sent.",
    Reason.SAVED_IDS_UNANSWERED: "NanoGPT gave no usable answer.",
    Reason.SAVED_IDS_BUSY: "NanoGPT asks for a short pause. Ask again in a minute.",
    Reason.SAVED_IDS_MOVED: "NanoGPT no longer has a list of saved voice IDs at its address.",
    Reason.ID_NOT_SAVED: "NanoGPT did not accept this voice ID.",
    Reason.SAVED_IDS_IN_TROUBLE: "NanoGPT has a problem of its own right now.",
    Reason.PING_URL_IS_NONE: (
        "KEEPER_PING_URL is not a web address. Paste the one the monitor shows."
    ),
    Reason.MONITOR_UNREACHABLE: "The monitor at KEEPER_PING_URL cannot be reached.",
    Reason.MONITOR_UNANSWERED: "The monitor at KEEPER_PING_URL gave no usable answer.",
    Reason.MONITOR_MOVED: "KEEPER_PING_URL redirects to another address. Paste that one instead.",
    Reason.PING_REFUSED: (
        "The monitor does not accept KEEPER_PING_URL. Compare it with the monitor's page."
    ),
}


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def joined(*sentences: str) -> str:
    """One text of these sentences; empty ones are left out."""
    return " ".join(filter(None, sentences))


# --- an order is not sent ---------------------------------------------------------------------


def too_large_without_link(most: int) -> str:
    """A recording has more than these bytes, which can be sent by its link alone."""
    return f"A recording over {most // MEGABYTE} MB has to be sent as a link, or made smaller."


def too_large(most: int) -> str:
    """A recording has more than these bytes."""
    return f"A recording over {most // MEGABYTE} MB has to be made smaller first."


def odd_voice_id(rule: str) -> str:
    """A voice ID is none by the service's rule, which is a sentence."""
    return f"The voice ID does not have the form that the service accepts. {rule}"


def preview_text_too_long(most: int) -> str:
    """A preview text is longer than a service accepts, in characters."""
    return f"The preview text is longer than {most} characters."


def description_too_long(most: int) -> str:
    """A description is longer than a service accepts, in characters."""
    return f"The description is longer than {most:,} characters."


def text_too_long(most: int) -> str:
    """A text is longer than a model at Kyma speaks, in characters."""
    return f"The text is longer than the {most:,} characters that Kyma accepts at a time."


def nothing_pending(title: str) -> str:
    """A service that has no tickets is asked for one."""
    return f"{title} answers at once; nothing is pending."


# --- a service refused it ---------------------------------------------------------------------


def refused(kind: ErrorKind, title: str, subject: Thing, target: Thing) -> str:
    """What happened, as far as the kind of a refusal tells."""
    return {
        ErrorKind.INPUT: f"{title} refused the request.",
        ErrorKind.KEY: f"The {title} key was not accepted.",
        ErrorKind.PERMISSION: f"This {title} key is not allowed to do that.",
        ErrorKind.NOT_FOUND: f"{title} does not know this {THINGS[target]}.",
        ErrorKind.BUSY: f"{title} asks for a short pause.",
        ErrorKind.LIMIT: (
            f"The daily limit of this {title} key is reached; it resets at 00:00 UTC."
        ),
        ErrorKind.EXISTS: f"{title} already has a voice with this ID.",
        ErrorKind.UNREACHABLE: f"{title} could not be reached.",
        ErrorKind.TROUBLE: f"{title} has a problem of its own right now.",
        ErrorKind.UNKNOWN_OUTCOME: f"The request was sent, but {title} gave no usable answer.",
        ErrorKind.CONTENT_POLICY: (
            f"The content rules of {title} do not allow this {THINGS[subject]}."
        ),
    }[kind]


def balance_too_low(title: str, needed: Money | None) -> str:
    """The account cannot pay for it; what it needs, where that is known."""
    needs = "" if needed is None else f" (it needs {needed})"
    return f"Your {title} balance is too low{needs}."


def already_there(title: str, subject: Thing) -> str:
    """The service has the same already."""
    return f"{title} already has this {THINGS[subject]}, or is working on it."


def too_much(title: str, subject: Thing) -> str:
    """A request is larger than the service accepts."""
    return f"This {THINGS[subject]} is more than {title} accepts in one request."


def model_cannot(title: str) -> str:
    """The service does not do this with the model."""
    return f"{title} cannot do this with the chosen model."


def check_order(subject: Thing) -> str:
    """What to do about an order that was refused as it is."""
    return f"Check the {THINGS[subject]} and the options you chose."


def allow_it(title: str) -> str:
    """What to do about a key that may not do this."""
    return f"Allow it for this key at {title}, or use another key."


def change(subject: Thing) -> str:
    """What to do about a breach of the service's content rules."""
    return f"Change the {THINGS[subject]}."


def says(title: str, message: str) -> str:
    """The service's own words, which have no stop."""
    return f"{title} says: “{message}”."


# --- a run failed -----------------------------------------------------------------------------


def not_finished(title: str) -> str:
    """A run ended badly."""
    return f"{title} could not finish this."


def was_refunded(amount: Money) -> str:
    """So much came back."""
    return f"{amount} was refunded."
