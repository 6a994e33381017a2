"""NanoGPT's saved voice IDs on the Settings page."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib.roles import Permission
from lib.services import NANOGPT, SERVICES
from lib.studio.adoption import saved_ids
from lib.studio.adoption.lists import MAX_LINES
from lib.studio.adoption.saved_ids import SavedIdsStatus
from lib.studio.core.context import Context
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.adoption import service_lists
from lib.ui.shared import looks
from lib.ui.shared.live import watch

PASTE = f'{saved_ids.COOKIE} = "name=value; name=value"\n'
TITLE = SERVICES[NANOGPT].title
NAME = f"**Voice IDs saved at {TITLE}**"


def draw(context: Context) -> None:
    """The list of NanoGPT's own web app: what it has, what is missing on either side."""
    if not saved_ids.is_connected(context):
        if NANOGPT in context.settings.live_services:
            _not_connected()
        return
    watch(
        lambda: saved_ids.status(context),
        lambda status: _draw(context, status),
        is_in_progress=lambda status: status.is_awaited,
        key="settings_saved_ids",
    )


def _not_connected() -> None:
    label = f"{NAME} :gray-badge[:material/link_off: Not connected]"
    with st.expander(label, key="saved_ids"):
        st.write(
            f"{TITLE}'s website keeps a list of voice IDs for your account. An API key cannot read "
            f"it: {TITLE} shows it only to a signed-in browser."
        )
        st.write(
            f"Sign in at {TITLE}, copy the cookie that the browser sends (developer tools, "
            "Network, any request, Cookie), paste it into the secrets and restart the app. It "
            f"works like a password: it is sent only to {TITLE}, and never shown."
        )
        st.code(PASTE, language="toml")


def _look(context: Context) -> None:
    saved_ids.request(context, saved_ids.READ, person(context))


def _draw(context: Context, status: SavedIdsStatus) -> None:
    able = may(context, Permission.ADOPT)
    with st.container(border=True, key="saved_ids"):
        looks.head(
            f"{NAME} {looks.badge(status.last_read)}",
            partial(_look, context) if able else None,
            key="saved_ids_look",
            label="Check now",
            is_asked=status.last_read.asked_at is not None,
            disabled=status.is_awaited,
        )
        looks.show(status.last_read)
        if status.last_save.at:
            said = str(status.last_save.body.get("sentence", ""))
            st.write(words.plain(f"Saving yours: {said}"))
        origin = context.settings.origins.get(saved_ids.COOKIE, "")
        when = looks.when(context, status.last_read)
        st.caption(f"{saved_ids.COOKIE} was set in {origin}. {when}")
        if status.is_read and able:
            _differences(context, status)


def _differences(context: Context, status: SavedIdsStatus) -> None:
    """What is missing here, and what is missing there."""
    with st.container(horizontal=True):
        if status.missing_here:
            lines = saved_ids.as_list(status.missing_here)
            service_lists.adopt_missing(lines, len(status.missing_here), key="saved_ids_adopt")
        if status.missing_there and st.button(
            "Saving…"
            if status.last_save.asked_at
            else f"Save yours there ({len(status.missing_there):,})",
            key="saved_ids_save",
            icon=":material/cloud_upload:",
            disabled=status.is_awaited,
            help=f"Adds the IDs of your voices to the list at {TITLE}. This costs nothing.",
        ):
            saved_ids.request(context, saved_ids.SAVE, person(context))
            st.rerun()
    if len(status.missing_here) > MAX_LINES:
        st.caption(f"{MAX_LINES} voices can be added at a time. Come back here for the others.")
    if not status.missing_here and not status.missing_there:
        st.caption("Both lists are the same.")
