"""The last step before something is done: what it costs, the yes, a refusal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import streamlit as st

from lib.models import Job, Money
from lib.roles import NotPermitted
from lib.scripts import ScriptRefused
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.core.records import DatabaseUnavailable
from lib.studio.orders.confirming import AskFirst, OrderRefused
from lib.ui import words
from lib.ui.access.uninterrupted import uninterrupted
from lib.ui.shared import budget

SEEN_AFTER = 1.0
"""Seconds that a button has to stand as it is before a press counts as one on what it shows: a
press lasts some tenths, and its beginning ends the typing that changes the price.
"""

TOLD_FOR = 30.0
"""Seconds that a part which is drawn anew by itself goes on saying why a press ordered nothing."""


@dataclass(frozen=True)
class _Shown:
    """What a paid button says since when (monotonic seconds); what had been `seen` before that;
    when a press on it was refused.
    """

    price: Money
    what: object
    since: float
    seen: tuple[Money, object]
    refused_at: float | None = None

    def seen_by(self, moment: float) -> tuple[Money, object]:
        return (self.price, self.what) if moment - self.since >= SEEN_AFTER else self.seen


def show_total(context: Context, service: str, total: Money) -> None:
    """Draw what an order costs, the balance last seen with its age, what the budget has left."""
    price = words.price(total, demo=service == DEMO)
    facts = [f"**Total: {price}**", *budget.facts(context, service)]
    st.markdown(" · ".join(facts).replace("$", r"\$"))


def asked_first(question: str, about: object) -> int:
    """Draw what was asked about just this order; returns how often that was ordered, or 0.

    `question` is the key that it is kept under while the form is open.
    """
    asked_about, sentence, another = st.session_state.get(question, (None, "", 0))
    if about is None or asked_about != about:
        return 0
    st.warning(words.plain(sentence))
    return int(another)


def paid_button(
    label: str,
    *,
    key: str,
    price: Money,
    icon: str,
    what: object = None,
    primary: bool = True,
    why_not: str = "",
) -> bool:
    """A button with a price on it: True for a press on what it showed. It is off where a sentence
    says `why_not`, which stands beside it.

    Somebody may still be typing at the press, or a colleague was faster: where it would cost more
    now than the button said, or be about other things (`what`), nothing is ordered.
    """
    drawn, agreed = f"{key}_drawn", f"{key}_agreed"
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            label,
            key=key,
            type="primary" if primary else "secondary",
            icon=icon,
            disabled=bool(why_not),
            on_click=_note_press,  # at the start of the page run, however long that takes
            args=(drawn, agreed),
        )
        if why_not:
            st.caption(words.plain(why_not), width="content")
    shown, now = st.session_state.get(drawn), time.monotonic()
    if shown is None or (shown.price.shown, shown.what) != (price.shown, what):
        # What a press that is under way right now means: the label before this one.
        seen = shown.seen_by(now) if shown else (price, what)
        shown = st.session_state[drawn] = _Shown(price, what, now, seen)
    if pressed and not why_not:
        at_most, about = st.session_state.pop(agreed, (price, what))
        if about == what and price.shown <= at_most.shown:
            st.session_state[drawn] = replace(shown, refused_at=None)
            return True
        shown = st.session_state[drawn] = replace(shown, refused_at=now)
    if shown.refused_at is not None and now - shown.refused_at < TOLD_FOR:
        st.warning(
            "Something changed since this button was drawn. Nothing was ordered. Check it, and "
            "press again.",
            icon=":material/pan_tool:",
        )
    return False


def _note_press(drawn: str, agreed: str) -> None:
    """What somebody saw who has just pressed."""
    with uninterrupted():
        if shown := st.session_state.get(drawn):
            st.session_state[agreed] = shown.seen_by(time.monotonic())


@contextmanager
def show_refusals(nothing: str = "Nothing was spent.") -> Iterator[None]:
    """What somebody confirmed is done in here; where it is refused, it is said why.

    `nothing`: what has not happened where the database does not answer.
    """
    try:
        yield
    except (OrderRefused, ScriptRefused) as refusal:
        st.error(words.plain(str(refusal)), icon=":material/block:")
    except NotPermitted as refusal:
        st.error(str(refusal), icon=":material/lock:")
    except DatabaseUnavailable as problem:
        st.error(f"{problem} {nothing} Try again in a moment.")


@contextmanager
def keep_refusals(kept: str, about: str) -> Iterator[None]:
    """The same on a part of a page that is drawn anew by itself: a refusal stays until the next
    try, and `draw_refusal` shows it. `kept`: where the session keeps it; `about`: of what it is.
    """
    st.session_state.pop(kept, None)
    with show_refusals():
        try:
            yield
        except (OrderRefused, ScriptRefused) as refusal:
            st.session_state[kept] = about, str(refusal)
            st.rerun()


def draw_refusal(kept: str, about: str) -> None:
    """Why this was refused the last time; see `keep_refusals`."""
    refused, sentence = st.session_state.get(kept, ("", ""))
    if refused == about and sentence:
        st.error(words.plain(sentence), icon=":material/block:")


@contextmanager
def asking_first(question: str, about: object) -> Iterator[None]:
    """The same for an order that may be asked about first: then the form shows the question.

    It is kept under the key `question`; see `asked_first`.
    """
    with show_refusals():
        try:
            yield
        except AskFirst as asked:
            st.session_state[question] = (about, str(asked), asked.another)
            st.rerun()


def commit(order: Callable[[], Job], question: str, about: object) -> None:
    """Commit the order and show it; a refusal or a question leaves the form as it is."""
    with asking_first(question, about):
        job = order()
        st.session_state.pop(question, None)
        st.query_params["job"] = job.id
        st.rerun()


def answer(
    asking: str,
    yes: str,
    no: str,
    *,
    keys: tuple[str, str],
    icon: str | None = None,
    primary: bool = True,
) -> bool:
    """The two answers to a question that stands open: True for a yes. Either one closes it.

    `asking`: where the session keeps that it is open. `keys`: of the two buttons.
    """
    with st.container(horizontal=True):
        is_sure = st.button(yes, key=keys[0], type="primary" if primary else "secondary", icon=icon)
        st.button(no, key=keys[1], type="tertiary", on_click=close, args=(asking,))
    if is_sure:
        close(asking)
    return is_sure


def close(asking: str) -> None:
    """The question that the session keeps under this key is over."""
    st.session_state.pop(asking, None)
