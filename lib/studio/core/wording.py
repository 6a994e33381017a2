"""The sentences for the reasons of this room: the one place where they are words."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from lib import units
from lib.models import Money
from lib.studio.core.reasons import Called, Deed, Priced, Reason, Refusal

SENTENCES = {
    Reason.NO_ROOM: (
        "There is no room for another recording on this server right now. Try again in an hour, or "
        "add a smaller file. Nothing was spent."
    ),
    Reason.EMPTY: "This file is empty. Choose another one.",
    Reason.DISK: "The recording could not be saved on this server's disk. Nothing was spent.",
    Reason.GONE: (
        "This recording no longer exists: recordings that are not cloned are deleted after a day. "
        "Add it again. Nothing was spent."
    ),
    Reason.TOO_MUCH_NOTED: (
        "That is more than can be noted for one recording. Nothing was changed."
    ),
    Reason.OTHER_ACCOUNT: "It was used by another account's key.",
    Reason.NO_CONSENT: (
        "Consent is not recorded for this voice. Record it first on its page, under “About”: who "
        "speaks, and that they agree."
    ),
    Reason.CONSENT_OVER: "If they agree again, record that on the voice's page, under “About”.",
    Reason.NO_NAME: "Give the voice a name.",
}
REFUSED = {
    Refusal.DOOR: "entered a wrong passphrase",
    Refusal.ADMIN: "entered a wrong passphrase to become an admin",
    Refusal.NOT_LISTED: "was refused: the address is on no list of this app",
}
"""Why somebody was refused, as the record tells it."""
DEEDS = {
    Deed.BALANCE_LOOKED_UP: "balance looked up",
    Deed.SIGNED_IN: "signed in",
    Deed.SIGNED_OUT: "signed out",
    Deed.BECAME_ADMIN: "became an admin for a while",
    Deed.OTHERS_NOT_LISTED: "were refused: further addresses that are on no list of this app",
}
CALLED = {
    Called.BUDGET: "this month's budget",
    Called.KEEPING_LIMIT: "this month's limit for keeping",
    Called.RECORDING: "Recording",
    Called.NOT_THE_KEEPER: "Somebody else",
}


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def deed(done: Deed) -> str:
    """How the record says it."""
    return DEEDS[done]


def called(thing: Called) -> str:
    """What people call it."""
    return CALLED[thing]


def times(what: str, count: int, within: timedelta) -> str:
    """Something that was noted happened more than once."""
    return f"{what}, {count:,} times within {units.span(within)}"


def not_connected(title: str) -> str:
    """There is no key for a service; "" for one that is not known."""
    return f"There is no key for {title or 'this service'} here."


def name_too_long(most: int) -> str:
    """A name has more characters than these."""
    return f"The name is too long: {most} characters at most."


def too_many_drafts(files: int, megabytes: int) -> str:
    """Somebody's waiting recordings are as many, or as large, as one person's may be."""
    return (
        f"Your waiting recordings have reached the limit of {files} files and {megabytes} MB "
        "at most. Clone or remove one of them, then add this one again. Nothing was spent."
    )


def too_large(megabytes: int) -> str:
    """A recording is larger than that."""
    return f"This file is over {megabytes} MB. Cut it, or save it as an MP3."


def same_account(label: str) -> str:
    """Somebody said whose a new key is: that of an account which is known."""
    return f"said that the new key belongs to “{label}”"


def another_account(label: str) -> str:
    """Somebody said whose a new key is: that of an account which is new as well."""
    return f"said that the new key belongs to another account, “{label}”"


def asked_again(label: str) -> str:
    """Somebody opened the question anew whose a key is."""
    return f"asked again about the key of “{label}”"


def account_renamed(before: str, label: str) -> str:
    """Somebody gave an account another name."""
    return f"renamed the account “{before}” to “{label}”"


def account_of_key(title: str, key: str) -> str:
    """What an account is called that is known by the beginning of its key's fingerprint alone."""
    return f"{title} (key {key}…)"


def added_by(label: str) -> str:
    """How an adopted voice came here, as a part of a sentence."""
    return f"added with a key of the account “{label}”"


def made_by(label: str) -> str:
    """How any other voice came here, as a part of a sentence."""
    return f"made by the account “{label}”"


def came_here(how: str) -> str:
    """How a voice came here."""
    return f"It was {how}."


def came_from_elsewhere(how: str) -> str:
    """The same of a voice whose maker is not known."""
    return f"It was {how}. It is unknown which account made it."


def key_of_another(how: str) -> str:
    """A voice may not be spoken with: the key is another account's."""
    return (
        f"This voice was {how}, but the key in use belongs to another account. Nothing was spent."
    )


def key_is_new(how: str) -> str:
    """A voice may not be spoken with: nobody said yet whose the key is."""
    return (
        f"This voice was {how}, but the key in use is new. Answer in Settings first whether it "
        "belongs to the same account. Nothing was spent."
    )


def withdrawn(speaker: str, day: date | None) -> str:
    """A consent was withdrawn, without the full stop."""
    return f"{speaker or 'The speaker'} withdrew consent on {_day(day)}"


def ended(speaker: str, day: date | None) -> str:
    """A consent ended by itself, without the full stop."""
    whose = f"The consent of {speaker}" if speaker else "The speaker's consent"
    return f"{whose} ended on {_day(day)}"


def silent(over: str) -> str:
    """Nothing new is spoken with a voice, as its consent is `over`."""
    return f"{over}, so no new speech can be generated with this voice."


def silent_until_again(over: str) -> str:
    """The same with what to do."""
    return f"{silent(over)} {SENTENCES[Reason.CONSENT_OVER]}"


def not_cloned(over: str) -> str:
    """Nothing is cloned from a recording, as the consent to that is `over`."""
    return f"{over}, so the recording cannot be cloned. {SENTENCES[Reason.CONSENT_OVER]}"


def over_balance(price: Money, title: str, balance: Money) -> str:
    """An order costs more than a service's balance."""
    return (
        f"This costs {price}, and the balance at {title} was {balance} when last seen. Top it up, "
        "then check it in Settings."
    )


def own_budget() -> str:
    """What the budget of whoever reads it is called."""
    return "your budget for this month"


def budget_of(person: str) -> str:
    """What the budget of somebody else is called."""
    return f"{person or 'one person'}'s budget for this month"


def over_budget(priced: Priced, price: str, left: str, budget: str) -> str:
    """Orders of this price do not fit into a budget, of which so much is left."""
    costs = {
        Priced.ONE: f"This costs {price}",
        Priced.SEVERAL: f"These cost {price} together",
        Priced.TEST_CALLS: f"The test calls cost {price}",
    }
    return f"{costs[priced]}, and {left} of {budget} is left."


def used_up(limit: str, spent: str) -> str:
    """What became of a budget."""
    return f"Of {limit}, {spent} is spent."


def used_up_and_reserved(limit: str, spent: str, reserved: str) -> str:
    """The same where orders that are not paid yet count in it."""
    return f"Of {limit}, {spent} is spent, {reserved} is reserved."


def resets(day: datetime) -> str:
    """When a budget begins anew."""
    return f"It resets on {day.day} {day:%B} (UTC)."


def _day(day: date | None) -> str:
    return units.day(day) if day else "an unknown day"
