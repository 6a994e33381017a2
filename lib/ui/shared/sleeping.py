"""That a sleeping app keeps nothing: said where the keeping of a voice is left for later."""

from __future__ import annotations

import streamlit as st

from lib import keeper
from lib.services import DEMO
from lib.studio.core.context import Context

UNHEARD = "No keeper outside this app has run in the last 2 days."
SLEEPS = (
    "On Community Cloud this app sleeps after 12 hours without visitors, and a sleeping app keeps "
    f"nothing. {UNHEARD}"
)
CLOSED = (
    "Voices are kept only while this app runs, and no keeper outside it has run in the last 2 days."
)
WAY_ON = "Settings shows how to run one."


def risk(context: Context) -> str:
    """Why what is left for later may not happen; "" where a keeper outside the app was heard of,
    and where there are no voices but the demo's.
    """
    if not context.settings.live_services or keeper.signs(context).outside_at:
        return ""
    return CLOSED if context.loopback else SLEEPS


def warn(context: Context, *services: str) -> None:
    """Say it at a choice that leaves the keeping of voices of these services for later.

    Says nothing for the demo's voices alone, nor where a keeper outside the app was heard of.
    """
    if set(services) - {DEMO} and (wording := risk(context)):
        st.caption(f":material/bedtime: {wording} {WAY_ON}")
