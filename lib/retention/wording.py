"""The sentences for the reasons of this room: the one place where they are words."""

from __future__ import annotations

from lib.retention.reasons import Reason, Why

SENTENCES = {
    Reason.SAID: "{said}",
    Reason.MAYBE_MADE: "We don't know yet if this voice was made.",
    Reason.BEING_MADE: "The voice is still being made.",
    Reason.NO_EXPIRY: "The service sets no expiry for this voice.",
    Reason.GONE: "The service said twice that it no longer exists.",
    Reason.DENIED_LATELY: "It was kept, but the service could not find it lately.",
    Reason.USED: "It was used to generate speech.",
    Reason.BACKED_UP: "Your backup of the voice file was read back and compared.",
    Reason.UNHEARD: "A voice answered to its ID. Nobody has confirmed yet that it is this one.",
    Reason.NOT_FOUND: "The service did not find it. Compare its ID with the one you have.",
    Reason.OTHER_VOICE: "A different voice answered to this ID.",
    Reason.AGE_UNKNOWN: "We don't know when this voice was made.",
    Reason.SOUND_AWAITED: (
        "It was used, but the audio has not arrived. Voicekeep keeps asking for it."
    ),
    Reason.SOUND_LOST: "It was used, but the audio can no longer be fetched.",
    Reason.NOT_USED: "It has not been used to generate speech yet.",
    Reason.ON_DISK_ONLY: "The only copy is on this server's disk, which may not last.",
    Reason.IN_PREVIOUS_STORAGE: ("The backup of the voice file is still in your previous storage."),
    Reason.NOT_BACKED_UP: "The voice file is not backed up yet.",
    Reason.IN_USE: "It is being used right now.",
    Reason.LOST: "It is lost. Its files stay here.",
    Reason.OTHER_ACCOUNT: "It was made with another account than the current key.",
    Reason.ACCOUNT_ASKED: (
        "Answer in Settings whether the new key belongs to the account that made it."
    ),
    Reason.TO_HEAR: "Listen to its test call, and confirm whether it is this voice.",
    Reason.TO_COMPARE: "A different voice answered to this ID. Compare it with the one you have.",
    Reason.TO_TRY: "A test call confirms that it works, and keeps it.",
    Reason.EXPIRED: "It may still work. One test call will tell.",
    Reason.TO_KEEP: "It will be lost unless you keep it.",
    Reason.TRIES_FAILED: "{tries} attempts to keep it failed.",
    Reason.DENIED: "The service could not find it. One test call will tell if it still works.",
}


def reason_words(why: Why | None) -> str:
    """How people read it; "" for no reason."""
    return SENTENCES[why.reason].format(tries=why.tries, said=why.said) if why else ""
