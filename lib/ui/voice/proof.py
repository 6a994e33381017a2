"""What anybody could check by hand: where a voice comes from, what was seen of it, what the service
says, and all that was done with it.
"""

from __future__ import annotations

import streamlit as st

from lib.studio.core.context import Context
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.shared import rules
from lib.ui.voice import evidence, history, origin
from lib.ui.voice.history import Deeds


def draw(context: Context, item: Entry, deeds: Deeds) -> None:
    """All of it, with addresses and sums."""
    st.caption(words.plain(" · ".join(origin.facts(context, item))))
    evidence.draw(context, item)
    st.subheader("The service's rule", anchor=False)
    rules.one(item.rule, context.clock.now().date())
    st.subheader("History", anchor=False)
    history.draw(item, deeds)
