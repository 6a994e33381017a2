"""The page of one voice, from its name to its proof."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lib.models import Voice
from lib.roles import Permission
from lib.studio.core.context import Context
from lib.studio.core.records import Erasure
from lib.studio.erasure import asking
from lib.studio.library import listing
from lib.studio.library.listing import Entry
from lib.studio.orders import recloning
from lib.studio.orders.recloning import Chance
from lib.studio.storage import event_log
from lib.ui import words
from lib.ui.access.front import may
from lib.ui.shared import voices
from lib.ui.voice import (
    about,
    again,
    consent,
    developers,
    downloads,
    erase,
    hearing,
    history,
    policy,
    proof,
    safety,
)
from lib.ui.voice.history import Deeds

DESCRIPTION = 200
"""Characters of a description beneath the name; all of it is under "About"."""


@dataclass(frozen=True)
class Story:
    """All that the page of one voice shows, read at one moment."""

    item: Entry
    deeds: Deeds
    chance: Chance
    heir: Voice | None
    parent: Voice | None
    erasure: Erasure | None
    is_in_progress: bool


def load(context: Context, voice_id: str) -> Story | None:
    """Read the story of a voice; None where there is no such voice to be shown."""
    item = listing.find(context, voice_id)
    if item is None:
        return None
    erasure = asking.of_voice(context, voice_id)
    is_due = erasure is not None and erasure.is_due(context.now(item.voice.service))
    return Story(
        item,
        Deeds(*event_log.of_voice(context, voice_id, limit=history.length(voice_id))),
        recloning.chance(context, item.dossier),
        recloning.heir(context, item.voice),
        recloning.parent(context, item.voice),
        erasure,
        is_in_progress=item.is_in_progress or is_due,
    )


def draw_top(context: Context, story: Story) -> None:
    """Who it is and how it stands: what may change while somebody looks."""
    item, voice = story.item, story.item.voice
    with st.container():  # what follows keeps its place, whatever this has to tell
        st.title(words.plain(voice.name.strip()), anchor=False)
        with st.container(gap="xxsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                badges = f"{voices.badges(item)} {consent.badge(item)}".strip()
                st.markdown(badges, width="content")
                voices.star(context, item)
            if voice.description:
                st.caption(words.plain(words.short(voice.description, DESCRIPTION)))
        erase.notice(context, story.erasure)
        safety.draw(context, item, story.chance, story.heir)
        _links(story)


def draw_rest(context: Context, story: Story) -> None:
    """Hear it, speak with it; then what is looked up now and then, a tab each."""
    item = story.item
    with st.container():  # the tabs keep their place, and so which one is open
        hearing.draw(context, item)
    about_tab, keeping_tab, files_tab, program_tab, proof_tab = st.tabs(
        ["About", "Keeping", "Files", "For developers", "Proof"]
    )
    with about_tab:
        about.draw(context, item)
        consent.draw(context, item)
    with keeping_tab:
        _keeping(context, story)
    with files_tab:
        downloads.draw(context, item)
    with program_tab:
        developers.draw(context, item)
    with proof_tab:
        proof.draw(context, item, story.deeds)


def _links(story: Story) -> None:
    """The voice it was made from, and the one that took its place."""
    for voice, wording in (
        (story.parent, "Made from the recording of"),
        (story.heir, "Cloned again as"),
    ):
        if voice:
            # No link: one to the page that it stands on changes the page and not the address.
            st.button(
                f"{wording} {words.plain(voice.name)}",
                key=f"voice_open_{voice.id}",
                icon=":material/link:",
                type="tertiary",
                on_click=st.query_params.from_dict,
                args=(voices.query_of(voice, "voice"),),
            )


def _keeping(context: Context, story: Story) -> None:
    """How it is kept, what can be made of its recording, and letting it go."""
    item = story.item
    if not may(context, Permission.KEEP):
        policy.show(item)
        return
    policy.draw(context, item)
    if item.standing.health not in again.GONE and may(context, Permission.CLONE):
        again.button(item, story.chance)
        again.question(context, item, story.chance, story.heir)
    policy.archive(context, item)
    erase.draw(context, item, story.erasure)
