"""The one player of a page full of voices: a button beside each voice chooses what it plays."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.models import Evidence, Role, Take, Voice
from lib.studio.core.context import Context
from lib.studio.library import samples
from lib.studio.library.listing import Entry
from lib.studio.library.samples import Sample
from lib.ui import words
from lib.ui.shared import voices
from lib.ui.shared.icon_button import icon_button
from lib.ui.shared.player import play_copy, play_take

PLAYING = "now_playing"
"""The id of the voice that was chosen to be heard."""
_CHOSEN = "now_playing_chosen"
"""Set where somebody has just chosen it, until the player is drawn."""
EXCERPT = 32
"""Characters of what a take says."""


def button(voice: Voice, *, is_heard: bool) -> None:
    """Play this voice, or stop it. Once for a voice on a page.

    `is_heard`: it has a sample (see `samples`); without one there is nothing to press.
    """
    name = words.plain(voice.name.strip())
    if st.session_state.get(PLAYING) == voice.id:
        label, icon, chosen = f"Stop {name}", ":material/stop_circle:", ""
    else:
        label, icon, chosen = f"Play {name}", ":material/play_circle:", voice.id
    icon_button(
        label,
        icon,
        key=f"play_{voice.id}",
        disabled=not is_heard,
        help=None if is_heard else "Nothing to play yet.",
        on_click=_choose,
        args=(chosen,),
    )


def draw(context: Context, items: Iterable[Entry]) -> None:
    """The player, at the foot of the window, while one of these voices is chosen.

    It has to be drawn before the buttons: coming back to a page, nothing is chosen any more.
    """
    chosen = st.session_state.get(PLAYING, "")
    is_new = st.session_state.pop(_CHOSEN, False)
    if not is_new and f"icon_{_close_key()}" not in st.session_state:
        chosen = ""  # the player was not here a moment ago: somebody was on another page
    item = next((item for item in items if item.voice.id == chosen), None) if chosen else None
    sample = samples.sample(context, item.dossier) if item else None
    if item is None or sample is None:
        st.session_state.pop(PLAYING, None)
        return
    with st.bottom.container(
        border=True, horizontal=True, vertical_alignment="center", key="now_playing"
    ):
        _draw(context, item.voice, sample)


def _draw(context: Context, voice: Voice, sample: Sample) -> None:
    with st.container(width=260, gap=None):
        voices.name_link(voice)
        st.caption(words.plain(_what(sample)))
    with st.container(width="stretch"):
        play(context, voice, sample, autoplay=True)
    icon_button(
        "Close the player", ":material/close:", key=_close_key(), on_click=_choose, args=("",)
    )


def play(context: Context, voice: Voice, sample: Sample, *, autoplay: bool = False) -> None:
    """The player of what stands for this voice, by itself."""
    if isinstance(sample, Take):
        play_take(context, sample, voice.service, autoplay=autoplay)
    else:
        alt = f"The voice {voice.name}"
        play_copy(context, voice.service, sample, alt=alt, autoplay=autoplay)


def _close_key() -> str:
    """Of the player on this page: the session knows it as long as the player is drawn."""
    run = get_script_run_ctx()
    return f"now_playing_close_{run.page_script_hash if run else ''}"


def _what(sample: Sample) -> str:
    if isinstance(sample, Take):
        return f"“{words.short(sample.text, EXCERPT)}”"
    return copy_words(sample)


def copy_words(sample: Evidence) -> str:
    """Which of its sounds stands for a voice, where that is no take."""
    return "Preview" if sample.role == Role.PREVIEW else "Its first use"


def _choose(voice_id: str) -> None:
    st.session_state[PLAYING] = voice_id
    st.session_state[_CHOSEN] = bool(voice_id)
