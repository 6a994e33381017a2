"""One voice: hear it, speak with it, what keeps it alive, and all that is known of it."""

from lib.ui.access.front import enter, name_tab, page_file, plain_failures

context = enter()

import streamlit as st

from lib.studio.erasure import asking
from lib.studio.library import listing
from lib.ui.shared import fields, finding
from lib.ui.shared.live import reading_the_vault, watch
from lib.ui.voice import erase, page
from lib.ui.voice.page import Story

NAMES = "voice_names"
"""What the picker calls each voice."""


def load() -> Story | None:
    """The voice in the address."""
    asked = st.query_params.get("id", "")
    return page.load(context, asked) if asked else None


def is_in_progress(found: Story | None) -> bool:
    return found is not None and found.is_in_progress


def draw(found: Story | None) -> None:
    if found is None:
        draw_picker()
        return
    name_tab(found.item.voice.name)
    st.session_state.pop(NAMES, None)  # nobody picks here right now: names may change
    page.draw_top(context, found)


def draw_why_not(voice_id: str) -> None:
    """Why the voice of the address is not here."""
    gone = asking.of_voice(context, voice_id)
    if gone and gone.started_at:
        erase.draw_gone(gone)
    else:
        st.info("This link leads to no voice. It may have been erased, or never existed.")


def draw_picker() -> None:
    """What stands here without a voice: which one to open."""
    name_tab("Voice")
    st.title("Voice", anchor=False)
    if st.query_params.get("id"):
        draw_why_not(st.query_params["id"])
    if entries := listing.entries(context):
        offered = finding.offered(entries, key="voice_search")
        titles = {voice_id: finding.label(item) for voice_id, item in offered.items()}
        named = fields.labels(NAMES, titles)
        chosen = st.selectbox(
            "Open a voice",
            list(offered),
            index=None,
            key="voice_pick",
            format_func=named.__getitem__,
            placeholder="Name of a voice",
        )
        if chosen:
            st.query_params["id"] = chosen
            st.rerun()
    else:
        st.write("No voices yet. Clone one, and it gets a page of its own.")
    st.page_link(page_file("home"), label="All voices", icon=":material/arrow_back:")


with plain_failures():
    if not context.runtime.reconciliation.finished:
        name_tab("Voice")
        st.title("Voice", anchor=False)
        if not reading_the_vault(context):
            st.rerun()
        st.stop()
    if story := watch(load, draw, is_in_progress=is_in_progress, key="voice"):
        page.draw_rest(context, story)
