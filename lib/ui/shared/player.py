"""Sounds and files on a page: played and saved without the page run waiting for a network."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from typing import Any

import streamlit as st

from lib.models import Evidence, Take
from lib.studio.core.context import Context
from lib.studio.core.records import VaultError
from lib.studio.storage import files
from lib.ui.access.front import for_those_inside

LINK_SECONDS = 3600
LEFT_BEHIND = "Its audio was left behind in the old storage."


def play(
    context: Context,
    service: str,
    key: str,
    *,
    alt: str,
    media_type: str = "audio/wav",
    autoplay: bool = False,
) -> None:
    """A player for a file of this service's vault, or a sentence where it cannot be read.

    From a bucket the browser fetches by itself; from a folder we hand the bytes. `alt` tells those
    who cannot see the player what it plays.
    """
    try:
        data = _link(context.owner, service, key, context) or files.read(context, service, key)
    except VaultError as problem:
        st.warning(str(problem), icon=":material/volume_off:")
        return
    st.audio(data, format=media_type, alt=alt, autoplay=autoplay)


def save_button(label: str, data: Callable[[], bytes | str], **options: Any) -> None:
    """A download whose contents `data` makes only when somebody asks who is still in then.

    `options`: those of `st.download_button`.
    """
    options.setdefault("icon", ":material/download:")
    st.download_button(label, data=for_those_inside(data), on_click="ignore", **options)


@st.cache_data(ttl=LINK_SECONDS / 2, max_entries=256, show_spinner=False)
def _link(owner: str, service: str, key: str, _context: Context) -> str | None:
    """The same address for a while, so that a redraw does not restart the player.

    `owner`: of the context, so that one with another vault gets addresses of its own.
    """
    return files.address(_context, service, key, seconds=LINK_SECONDS)


def play_take(context: Context, take: Take, service: str, *, autoplay: bool = False) -> None:
    """A take's player, or why there is none. `service`: that of its voice."""
    if not take.key:
        st.caption(LEFT_BEHIND)
        return
    play(
        context,
        service,
        take.key,
        alt=f"Speech: {take.text[:200]}",
        media_type=take.mime or "audio/wav",
        autoplay=autoplay,
    )


def play_copy(
    context: Context, service: str, copy: Evidence, *, alt: str, autoplay: bool = False
) -> None:
    """The player of a stored recording, preview or proof of a voice at this service."""
    kind = mimetypes.guess_type(copy.key)[0] or "audio/wav"
    play(context, service, copy.key, alt=alt, media_type=kind, autoplay=autoplay)
