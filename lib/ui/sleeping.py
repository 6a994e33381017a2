"""That a sleeping app keeps nothing: said where the keeping of a voice is left for later."""

from __future__ import annotations

import streamlit as st

from lib import keeper
from lib.services import DEMO
from lib.studio.workshop import Workshop

SLEEPS = (
    "On Community Cloud this app sleeps after 12 hours without visitors, and a sleeping app keeps "
    "nothing. No keeper outside this app has been heard of in the last 2 days."
)
CLOSED = (
    "Voices are kept only while this app runs, and no keeper outside it has been heard of in the "
    "last 2 days."
)
WAY_ON = "Settings shows how to run one."


def risk(workshop: Workshop) -> str:
    """Why what is left for later may not happen; "" where a keeper outside the app was heard of,
    and where there are no voices but the demo's.
    """
    if not workshop.settings.live_services:
        return ""
    if keeper.heard_at(workshop.registry.notes.all(), workshop.clock.now()):
        return ""
    return CLOSED if workshop.loopback else SLEEPS


def warn(workshop: Workshop, *services: str) -> None:
    """Say it at a choice that leaves the keeping of voices of these services for later."""
    if set(services) - {DEMO} and (told := risk(workshop)):
        st.caption(f":material/bedtime: {told} {WAY_ON}")
