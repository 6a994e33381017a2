"""The last step before a paid click: who agrees, what it costs, and the order itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from lib.models import Job, Money
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.core.records import DatabaseUnavailable
from lib.studio.orders.cloning import AskFirst, OrderRefused
from lib.ui import words
from lib.ui.shared import budget
from lib.ui.shared.live import person

SEEN_AFTER = 1.0
"""Seconds that a button has to stand as it is before a press counts as one on what it shows: a
press lasts some tenths, and its beginning ends the typing that changes the price.
"""


@dataclass(frozen=True)
class _Shown:
    """What a paid button says since when (monotonic seconds); what had been `seen` before that."""

    price: Money
    what: object
    since: float
    seen: tuple[Money, object]

    def seen_by(self, moment: float) -> tuple[Money, object]:
        return (self.price, self.what) if moment - self.since >= SEEN_AFTER else self.seen


@dataclass(frozen=True)
class Consent:
    """How one form asks for consent. `form` begins the keys of its controls.

    `own` and `other` are the answers to `question`; `name` asks for the other person's.
    """

    form: str
    question: str
    own: str
    other: str
    name: str
    agreement: str
    is_mostly_other: bool = False


def ask_name() -> None:
    """Who acts: asked once in a session, for all forms."""
    st.text_input(
        "Your name",
        key="person_name",
        placeholder="Stored with the voice, so that the team knows whom to ask",
        persist_state="session",
    )


def ask_consent(context: Context, consent: Consent) -> tuple[bool, str]:
    """Whether it is given, and who speaks."""
    ask_name()
    who = st.radio(
        consent.question,
        [consent.own, consent.other],
        index=int(consent.is_mostly_other),
        key=f"{consent.form}_who",
        horizontal=True,
        persist_state="session",
    )
    speaker = person(context)
    if who == consent.other:
        key = f"{consent.form}_speaker"
        speaker = st.text_input(consent.name, key=key, persist_state="session") or ""
    return st.checkbox(consent.agreement, key=f"{consent.form}_consent"), speaker


def tell_total(context: Context, service: str, total: Money) -> None:
    """The sum, the balance with its age, the budget."""
    price = words.price(total, demo=service == DEMO)
    facts = [f"**Total: {price}**", *budget.facts(context, service)]
    st.markdown(" · ".join(facts).replace("$", r"\$"))


def asked_first(question: str, about: object) -> tuple[str, int]:
    """What was asked about just this order, and how often that was ordered; ("", 0) for nothing.

    `question` is the key that it is kept under while the form is open.
    """
    asked_about, sentence, another = st.session_state.get(question, (None, "", 0))
    return (sentence, another) if about is not None and asked_about == about else ("", 0)


def paid_button(
    label: str,
    *,
    key: str,
    price: Money,
    icon: str,
    what: object = None,
    primary: bool = True,
    disabled: bool = False,
) -> bool:
    """A button with a price on it: True for a press on what it showed.

    Somebody may still be typing at the press, or a colleague was faster: where it would cost more
    now than the button said, or be about other things (`what`), nothing is ordered.
    """
    drawn, agreed = f"{key}_drawn", f"{key}_agreed"
    pressed = st.button(
        label,
        key=key,
        type="primary" if primary else "secondary",
        icon=icon,
        disabled=disabled,
        on_click=_note_press,  # at the start of the page run, however long that takes
        args=(drawn, agreed),
    )
    shown, now = st.session_state.get(drawn), time.monotonic()
    if shown is None or (shown.price.shown, shown.what) != (price.shown, what):
        seen = shown.seen_by(now) if shown else (price, what)
        st.session_state[drawn] = _Shown(price, what, now, seen)
    if not pressed:
        return False
    at_most, about = st.session_state.pop(agreed, (price, what))
    if about == what and price.shown <= at_most.shown:
        return True
    st.warning(
        "This has changed since the button was drawn. Nothing was ordered: look at it again, and "
        "press once more.",
        icon=":material/pan_tool:",
    )
    return False


def _note_press(drawn: str, agreed: str) -> None:
    """What somebody saw who has just pressed."""
    if shown := st.session_state.get(drawn):
        st.session_state[agreed] = shown.seen_by(time.monotonic())


def commit(order: Callable[[], Job], question: str, about: object) -> None:
    """Commit the order and show it; a refusal or a question leaves the form as it is."""
    try:
        job = order()
    except OrderRefused as refusal:
        st.error(words.plain(str(refusal)), icon=":material/block:")
    except AskFirst as asked:
        st.session_state[question] = (about, str(asked), asked.another)
        st.rerun()
    except DatabaseUnavailable as problem:
        st.error(f"{problem} Nothing was spent. Try again in a moment.")
    else:
        st.session_state.pop(question, None)
        st.query_params["job"] = job.id
        st.rerun()
