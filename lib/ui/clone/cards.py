"""The services side by side: what each gives and costs, and whether it takes the recording."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.pricing import clone_price
from lib.recordings.judge import Fit, Verdict
from lib.services import DEMO, SERVICES, CloneOffer
from lib.ui import words
from lib.ui.shared import fields

FITS = {
    Fit.ACCEPT: ":green[:material/check_circle: Takes it]",
    Fit.CONVERT: ":green[:material/published_with_changes: Takes it after converting]",
    Fit.REFUSE: ":red[:material/block: Needs another recording or part]",
}


def title_of(offer: CloneOffer) -> str:
    """The offer and the service that sells it."""
    return f"{offer.title} · {SERVICES[offer.service].title}"


def choose(found: Sequence[CloneOffer], verdicts: Sequence[Verdict]) -> CloneOffer | None:
    """The cards, and the one control that chooses. `verdicts` of the offers; none: no recording."""
    columns = [column for _ in found[::2] for column in st.columns(2)]
    for number, (column, offer) in enumerate(zip(columns, found, strict=False)):
        with column.container(border=True, height="stretch"):
            demo = offer.service == DEMO
            st.markdown(f"**{title_of(offer)}**")
            st.markdown(f":green-badge[{words.price(clone_price(offer), demo=demo)}]")
            st.markdown(offer.gives)
            st.caption(offer.kept_by)
            if verdicts:
                draw_verdict(verdicts[number])
    by_name = {title_of(offer): offer for offer in found}
    return by_name.get(fields.one_of("Service", list(by_name), key="clone_service"))


def draw_verdict(verdict: Verdict) -> None:
    """Whether it is taken, and what that means."""
    st.markdown(FITS[verdict.fit])
    if verdict.fit is not Fit.ACCEPT:
        st.caption(words.plain(verdict.reason))
