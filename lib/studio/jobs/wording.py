"""The sentences of this room: the one place where they are words."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from lib.models import Money
from lib.providers import wording as providers
from lib.studio.orders import wording as orders


class Reason(StrEnum):
    """Why an order waits, fails or is refused, or how it stands, as data."""

    VOICE_GONE = "voice_gone"
    ORDERED_VOICE_GONE = "ordered_voice_gone"
    OTHER_VOICE_ID = "other_voice_id"
    MADE_BY_ANOTHER = "made_by_another"
    ARCHIVED = "archived"
    UNHEARD = "unheard"
    KEPT_MEANWHILE = "kept_meanwhile"
    EXPIRED = "expired"
    KEPT_BY_HAND = "kept_by_hand"
    BEING_TESTED = "being_tested"
    KEY_CHANGED = "key_changed"
    KEY_IN_QUESTION = "key_in_question"
    LIMIT_REACHED = "limit_reached"
    TURN_ENDED = "turn_ended"
    NO_DESIGN = "no_design"
    NO_TRANSCRIPTS = "no_transcripts"
    NO_REFERENCE = "no_reference"
    NEEDS_BUCKET = "needs_bucket"
    INCOMPLETE = "incomplete"
    RECORDING_ELSEWHERE = "recording_elsewhere"
    RECORDING_GONE = "recording_gone"
    NOT_UNDERSTOOD = "not_understood"
    NEVER_ANSWERED = "never_answered"
    STILL_WORKING = "still_working"
    NOT_FINISHED = "not_finished"
    STILL_CHARGED = "still_charged"
    SPEECH_TAKEN_BACK = "speech_taken_back"
    SENT_AGAIN = "sent_again"
    SOUND_LOST = "sound_lost"
    SOUND_ELSEWHERE = "sound_elsewhere"
    NO_ADDRESS = "no_address"
    NO_SOUND_AT_ADDRESS = "no_sound_at_address"
    NO_SOUND_IN_ANSWER = "no_sound_in_answer"
    PARTS_GONE = "parts_gone"
    ORDERS_GONE = "orders_gone"


SENTENCES = {
    Reason.VOICE_GONE: "This voice no longer exists.",
    Reason.ORDERED_VOICE_GONE: "The voice of this order no longer exists.",
    Reason.OTHER_VOICE_ID: "This voice has another ID by now, so this proves nothing.",
    Reason.MADE_BY_ANOTHER: "Another order has made this voice in the meantime.",
    Reason.ARCHIVED: "The voice was archived before this was sent.",
    Reason.UNHEARD: "A test call is waiting for somebody to listen to it.",
    Reason.KEPT_MEANWHILE: "Another use has kept the voice in the meantime.",
    Reason.EXPIRED: "The voice expired before this could be sent.",
    Reason.KEPT_BY_HAND: "The voice is now kept by hand.",
    Reason.BEING_TESTED: "A test call of this voice is running. Wait for its result.",
    Reason.KEY_CHANGED: (
        "This was ordered while another key was in use. Nothing was sent and nothing was spent: "
        "order it again."
    ),
    Reason.KEY_IN_QUESTION: (
        "This was ordered while another key was in use. Answer in Settings whether the new key "
        "belongs to the same account. Nothing was spent."
    ),
    Reason.LIMIT_REACHED: (
        "This month's limit for keeping is reached. The voice is used again next month, or when "
        "the limit is raised. Nothing was sent."
    ),
    Reason.TURN_ENDED: "Its turn in the queue ended before it could be sent.",
    Reason.NO_DESIGN: "This service cannot make voices from words.",
    Reason.NO_TRANSCRIPTS: providers.sentence(providers.Reason.NO_TRANSCRIPTS),
    Reason.NO_REFERENCE: "The recording of this order is not in your storage.",
    Reason.NEEDS_BUCKET: "A recording of this size can only be sent from a bucket.",
    Reason.INCOMPLETE: "This order does not say what to generate, or with which model.",
    Reason.RECORDING_ELSEWHERE: (
        "The recording is on the disk of the server that took the order. Nothing was sent."
    ),
    Reason.RECORDING_GONE: (
        "The recording of this order no longer exists. Cancel it, and transcribe the recording "
        "again where you clone a voice. Nothing was sent."
    ),
    Reason.NOT_UNDERSTOOD: "The answer could not be understood.",
    Reason.NEVER_ANSWERED: "The service never answered.",
    Reason.STILL_WORKING: "The service is still working on it.",
    Reason.NOT_FINISHED: "The service did not finish it.",
    Reason.STILL_CHARGED: "Checked again: it is still charged.",
    Reason.SPEECH_TAKEN_BACK: "The service took this speech back.",
    Reason.SENT_AGAIN: orders.sentence(orders.Reason.SENT_AGAIN),
    Reason.SOUND_LOST: "The audio was lost with the disk it was on.",
    Reason.SOUND_ELSEWHERE: "The audio is on another keeper's disk. That keeper will store it.",
    Reason.NO_ADDRESS: "The service finished it, but does not say where the audio is.",
    Reason.NO_SOUND_AT_ADDRESS: "The address of the audio returned something else.",
    Reason.NO_SOUND_IN_ANSWER: "What the service sent back is not audio.",
    Reason.PARTS_GONE: "The parts of this text no longer exist.",
    Reason.ORDERS_GONE: "Orders of some parts no longer exist. Generate it again.",
}


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


class Deed(StrEnum):
    """What the record of who did what says of an order."""

    ANSWER_FOUND = "answer_found"
    REFUNDED = "refunded"
    TAKEN_BACK = "taken_back"
    ASKED = "asked"


DEEDS = {
    Deed.ANSWER_FOUND: "its answer was found",
    Deed.REFUNDED: "refunded by the service",
    Deed.TAKEN_BACK: "taken back by the service",
    Deed.ASKED: "asked how this order is",
}


def deed(done: Deed) -> str:
    """How the record says it."""
    return DEEDS[done]


class Button(StrEnum):
    """What stands on a button for an order that does not go on by itself, or in its help."""

    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    AS_ORDERED = "as_ordered"
    IS_FREE = "is_free"
    MAY_PAY_TWICE = "may_pay_twice"
    MAY_BE_CHARGED = "may_be_charged"
    SPEAKING_KEEPS = "speaking_keeps"


_BUTTONS = {
    Button.WITHDRAW: "Withdraw it",
    Button.CANCEL: "Cancel",
    Button.AS_ORDERED: "The order as it was.",
    Button.IS_FREE: "Costs nothing.",
    Button.MAY_PAY_TWICE: "If the first one did go through, you pay for both.",
    Button.MAY_BE_CHARGED: "It may still have been charged.",
    Button.SPEAKING_KEEPS: "If it speaks, the clone exists, and this keeps it.",
}


def button(words: Button) -> str:
    """How people read it."""
    return _BUTTONS[words]


def send_now(price: str) -> str:
    """The button that sends a confirmed order."""
    return f"Send it now ({price})"


def send_again(price: str) -> str:
    """The button that orders the same once more."""
    return f"Send it again ({price})"


def try_voice(price: str) -> str:
    """The button for a test call."""
    return f"Try the voice ({price})"


def play_money(price: Money) -> str:
    """A price at the demo."""
    return f"{price} play money"


def order_stays(why: str) -> str:
    """An order is not replaced by a new one, for this reason."""
    return f"{why} The order stays as it is."


def not_sent(why: str) -> str:
    """An order is not sent, for this reason."""
    return f"{why} Nothing was sent."


def not_sent_yet(why: str) -> str:
    """An order is not sent for now, for this reason."""
    return f"{why} Nothing was sent yet."


def nothing_spent(why: str) -> str:
    """An order is never sent, for this reason, and costs nothing."""
    return f"{why} Nothing was sent, and nothing was spent."


def balance_too_low(balance: Money, price: Money) -> str:
    """The balance at a service does not cover an order."""
    return f"The balance is {balance}, and this needs {price}. Nothing was sent."


def key_paused(service: str) -> str:
    """A service limited the rate of the key."""
    return f"{service} asked this key to slow down, so its orders wait. Nothing was sent yet."


def queue_moves(service: str, slots: int) -> str:
    """An order before this one was sent."""
    return _queued(service, slots, "the queue is moving")


def others_first(service: str, slots: int, ahead: int) -> str:
    """So many queued orders go before this one."""
    return _queued(service, slots, f"{ahead} {'goes' if ahead == 1 else 'go'} first")


def slots_taken(service: str, slots: int) -> str:
    """This order is next, but no slot is free."""
    taken = "another order is in progress" if slots == 1 else "all of them are in progress"
    return _queued(service, slots, taken)


def _queued(service: str, slots: int, why: str) -> str:
    things = "one order" if slots == 1 else f"{slots} orders"
    return f"Queued: {service} works on {things} at a time, and {why}. Nothing was sent yet."


def probably_cost(why: str, charged: Money) -> str:
    """A paid order failed, for this reason."""
    return f"{why} This probably cost {charged}."


def voice_found(error: str, made: str, *, by_id: bool) -> str:
    """An order that failed with this error made a voice, known by its ID or its address."""
    by = "ID" if by_id else "address"
    return (
        f"{error} Its answer was found later: the voice was made, and can be added by its {by}, "
        f"{made}"
    )


def sound_not_fetched(why: str) -> str:
    """A sound is fetched no more, for this reason."""
    return f"The audio could not be fetched. {why}"


def sound_not_fetched_yet(why: str) -> str:
    """A run ended well, but its sound cannot be fetched for now, for this reason."""
    return f"The service finished it, but its audio cannot be fetched. {why}"


def sound_not_stored_yet(why: str) -> str:
    """A sound waits on this disk for the vault, for this reason."""
    return f"The audio has arrived, but is not in your storage yet: {why}"


def parts_ready(ready: int, parts: int) -> str:
    """How far a long text is."""
    return f"{ready} of {parts} parts are ready."


def parts_missing(missing: Sequence[int], parts: int) -> str:
    """Parts of a long text, by their numbers, have no sound, and nothing is under way for them."""
    they = "Part" if len(missing) == 1 else "Parts"
    are = "is" if len(missing) == 1 else "are"
    return (
        f"{they} {_numbers(missing)} of {parts} {are} missing; the others are saved. "
        "Send the missing ones again in the Playground. You pay only for those."
    )


def _numbers(numbers: Sequence[int]) -> str:
    """ "3", "3 and 5", "3, 5, 8 and 12 more"."""
    shown = [str(number) for number in numbers[:5]]
    if len(numbers) > len(shown):
        return f"{', '.join(shown)} and {len(numbers) - len(shown)} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def not_joined(why: str) -> str:
    """The parts of a long text cannot be joined, for this reason."""
    return f"The parts are ready, but cannot be joined. {why}"


def not_joined_yet(why: str) -> str:
    """The parts of a long text cannot be joined for now, for this reason."""
    return f"All parts are ready, but cannot be joined yet: {why}"


def part_left_behind(number: int) -> str:
    """The sound of a part was not moved with the storage."""
    return f"The audio of part {number} was left behind in the old storage."


def part_not_stored(number: int) -> str:
    """The vault does not have the sound of a part."""
    return f"The audio of part {number} is not in your storage."


def part_changed(number: int) -> str:
    """The sound of a part is not the one that was stored."""
    return f"The audio of part {number} has changed since it was stored."
