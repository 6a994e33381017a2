"""The checklist of a newcomer on Home: it goes away when all is done, or when somebody hides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from lib.roles import Permission
from lib.studio.core.context import Context
from lib.studio.library import first_steps
from lib.studio.library.first_steps import FirstStep, FirstSteps
from lib.studio.library.listing import Entry
from lib.ui.access.front import may, page_file, person
from lib.ui.shared import voices


@dataclass(frozen=True)
class Wording:
    """What a step is called, what it is about, and the page that it is taken on."""

    title: str
    about: str
    page: str


STEPS: Mapping[FirstStep, Wording] = {
    FirstStep.SPEAK: Wording(
        "Generate speech",
        "Type a sentence in the Playground, and hear any voice say it.",
        "playground",
    ),
    FirstStep.OWN: Wording(
        "Clone your own voice", "10 seconds of speech will do. You see the price first.", "clone"
    ),
    FirstStep.HEAR: Wording("Try your voice", "Hear it say a sentence of yours.", "playground"),
    FirstStep.SAFE: Wording("Keep it", "Its page says how long it is safe, and why.", "voice"),
}
OF_OWN = (FirstStep.HEAR, FirstStep.SAFE)
"""Steps that begin with a voice of one's own."""
DONE = ":green[:material/check_circle:]"
TODO = ":material/radio_button_unchecked:"


def draw(context: Context, entries: Sequence[Entry]) -> None:
    """For those who may take all of the steps, while one is left."""
    if not may(context, Permission.CLONE):
        return
    found = first_steps.find(context, entries)
    if found is None:
        return
    with st.container(border=True, key="first_steps"):
        with st.container(horizontal=True, vertical_alignment="center"):
            how_far = f"{sum(found.done.values())} of {len(found.done)}"
            st.markdown(f"**First steps** :gray-badge[{how_far}]", width="stretch")
            if st.button(
                "Hide",
                key="first_steps_hide",
                type="tertiary",
                help="Hides this list for everyone on your team.",
            ):
                first_steps.hide(context, person(context))
                st.rerun()
        with st.container(horizontal=True, gap="small"):
            for step in found.done:
                _draw(found, step)
        upcoming = next(step for step, is_done in found.done.items() if not is_done)
        st.caption(STEPS[upcoming].about)


def _draw(found: FirstSteps, step: FirstStep) -> None:
    """The way there, marked once it was gone; off while it begins with what is not there yet."""
    query = {}
    if found.own and step in OF_OWN:
        query = voices.query_of(found.own.voice, STEPS[step].page)
    st.page_link(
        page_file(STEPS[step].page),
        label=f"{DONE if found.done[step] else TODO} {STEPS[step].title}",
        disabled=step in OF_OWN and not found.own,
        query_params=query,
        width="content",
    )
