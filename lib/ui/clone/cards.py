"""The services side by side: what each gives and costs, whether it takes the recording, the choice.

They are one group of radio buttons that `lib/ui/style.css` draws as cards: it is read, and chosen
from by keyboard, as such a group is.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.pricing import clone_price
from lib.recordings.judge import Fit, Verdict
from lib.recordings.wording import reason_words
from lib.services import DEMO, SERVICES, CloneOffer
from lib.ui import words

FITS = {
    Fit.ACCEPT: ":green[:material/check_circle: Accepted]",
    Fit.CONVERT: ":green[:material/published_with_changes: Accepted after conversion]",
    Fit.REFUSE: ":red[:material/block: Needs another recording or part]",
}


def title_of(offer: CloneOffer) -> str:
    """The offer and the service that sells it."""
    return f"{offer.title} · {SERVICES[offer.service].title}"


def choose(found: Sequence[CloneOffer], told: Sequence[str]) -> CloneOffer:
    """The cards, and the one that is chosen.

    `told`: for each offer what it says of what was brought, as Markdown; none: nothing was.
    """
    by_title = {title_of(offer): offer for offer in found}
    chosen = st.radio(
        "Service",
        list(by_title),
        format_func=lambda title: _head(title, by_title[title]),
        captions=[
            "\n\n".join([f"{offer.gives} {offer.kept_by}", *told[number : number + 1]])
            for number, offer in enumerate(found)
        ],
        key="clone_service",
        width="stretch",
        label_visibility="collapsed",
        persist_state="session",
    )
    return by_title.get(chosen, found[0])


def _head(title: str, offer: CloneOffer) -> str:
    price = words.price(clone_price(offer), demo=offer.service == DEMO)
    return f"**{title}** :green-badge[{price}]"


def told_of(verdict: Verdict) -> str:
    """Whether an offer takes a recording, and what that means."""
    if verdict.fit is Fit.ACCEPT:
        return FITS[verdict.fit]
    return f"{FITS[verdict.fit]}  \n{words.plain(reason_words(verdict.why))}"


def told_of_several(verdicts: Sequence[Verdict]) -> str:
    """How many of several recordings an offer takes."""
    taken, count = sum(verdict.fit is not Fit.REFUSE for verdict in verdicts), len(verdicts)
    if taken == count:
        return f":green[:material/check_circle: Accepts all {count}]"
    if taken:
        return f":orange[:material/rule: Accepts {taken} of {count}]"
    return ":red[:material/block: Accepts none of these]"
