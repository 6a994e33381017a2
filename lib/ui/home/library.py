"""The library on Home: tiles of voices, found by search and filters, each to be heard."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.roles import Permission
from lib.studio.core.context import Context
from lib.studio.library import samples
from lib.studio.library.listing import Entry
from lib.studio.library.together import Together, once
from lib.ui import words
from lib.ui.access.front import may
from lib.ui.shared import filters, now_playing, voices

PLACE = "home"
FIRST = 12
"""Tiles that are there at first: most of what the page costs to draw."""
MORE = 24
"""Tiles that each press of "Show more" adds."""
SHOWN = "home_shown"
TILE_HEIGHT = 240
"""Pixels of each tile: enough for two lines of badges and two of a description."""

TAGS = 28
"""Characters of all tags together, on a tile."""


def draw(context: Context, entries: Sequence[Entry]) -> None:
    """Favourites first, then the newest; archived voices are left out."""
    present = once(entries, _present)
    now_playing.draw(context, present)
    found = filters.draw(present, PLACE)
    if not found:
        st.write("No voices match.")
        st.button("Show all voices", key="home_clear", on_click=filters.clear, args=(PLACE,))
        return
    shown = found[: st.session_state.get(SHOWN, FIRST)]
    heard = samples.samples(context, [item.dossier for item in shown])
    with st.grid(3, min_column_width=240, row_height=TILE_HEIGHT, key="home_library") as grid:
        for item in shown:
            with grid.cell():
                _tile(context, item, is_heard=item.voice.id in heard)
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(found) > len(shown):
            st.button("Show more", key="home_more", on_click=_show_more)
        st.caption(_count_words(len(shown), len(found), len(present)))


def _present(entries: Sequence[Entry]) -> Together[Entry]:
    """All that are not archived, in their order on this page."""
    present = (item for item in entries if not item.is_archived)
    newest = sorted(present, key=lambda item: item.voice.created_at, reverse=True)
    return Together(sorted(newest, key=lambda item: not item.voice.favourite))


def _tile(context: Context, item: Entry, *, is_heard: bool) -> None:
    """One voice: who it is, how it stands, its sound, and the way to speak with it."""
    voice = item.voice
    with st.container(border=True, height="stretch", gap="xsmall", key=f"tile_{voice.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
            now_playing.button(voice, is_heard=is_heard)
            with st.container(width="stretch"):
                voices.name_link(voice)
            voices.star(context, item)
        st.markdown(voices.badges(item))
        if voice.description:
            st.caption(words.plain(voice.description))
        st.space("stretch")
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            if item.can_speak and may(context, Permission.SPEAK):
                voices.link(voice, "playground", "Generate", ":material/graphic_eq:")
            if voice.tags:
                tags = words.short(", ".join(voice.tags), TAGS)
                st.caption(words.plain(tags), width="stretch", text_alignment="right")


def _count_words(shown: int, found: int, present: int) -> str:
    of_all = "" if found == present else f" of {present:,}"
    if shown == found:
        return f"{found:,}{of_all} {'voice' if present == 1 else 'voices'}"
    return f"{shown:,} of {found:,} voices"


def _show_more() -> None:
    st.session_state[SHOWN] = st.session_state.get(SHOWN, FIRST) + MORE
