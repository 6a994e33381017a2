"""Voices and takes whose story cannot be read: what is known of each, and the ways on."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.manifest import Fault
from lib.models import Role
from lib.roles import Permission
from lib.services import SERVICES
from lib.studio.alerts.unreadable_stories import title
from lib.studio.core.context import Context
from lib.studio.core.records import Unreadable, VaultError
from lib.studio.storage import unreadable
from lib.ui import words
from lib.ui.access.front import may, page_file, person

SHOWN = 10
WHY = {
    Fault.DAMAGED: "Its record is damaged or incomplete.",
    Fault.ODD: "Its record holds something that this version of Voicekeep does not understand.",
    Fault.NEWER: "A newer version of Voicekeep wrote its record.",
    Fault.TOO_LARGE: "Its record is larger than a record can be.",
    Fault.FOREIGN: "The record in its folder belongs to something else.",
    Fault.MISSING: "Its files are there, but its record is gone.",
    Fault.TROUBLE: "Your storage did not return its record. Voicekeep will ask again.",
}
ONLY_A_RECORDING = (
    "Its recording is there, but its record is gone. It may be left over from an order that was "
    "never sent and cost nothing. Then set it aside."
)
FILES = {
    Role.REFERENCE: "recording",
    Role.ORIGINAL: "original recording",
    Role.EMBEDDING: "voice file",
    Role.PREVIEW: "preview",
    Role.ACTIVATION: "audio of a use",
    Role.STATEMENT: "statement of consent",
}


def draw(context: Context) -> None:
    """Draw the stories that cannot be read: those that wait for somebody with the ways on, below
    them those that were set aside. Draws nothing where there are none.
    """
    found = unreadable.listed(context)
    waiting = [item for item in found if not item.is_aside]
    aside = [item for item in found if item.is_aside]
    if waiting:
        with st.container(border=True, key="unreadable"):
            st.markdown(f":material/warning: **{title(waiting)}**")
            one = len(waiting) == 1
            what = "this until its record is" if one else "these until their records are"
            st.write(f"Voicekeep cannot keep {what} back. Nothing was deleted.")
            if may(context, Permission.ADOPT):
                _recovery_options(waiting)
            for item in waiting[:SHOWN]:
                _one(context, item)
            if len(waiting) > SHOWN:
                st.caption(f"And {len(waiting) - SHOWN:,} more. Set some aside to see them.")
    if aside:
        with st.expander(f"Set aside: {title(aside)}", icon=":material/inventory_2:"):
            for item in aside[:SHOWN]:
                st.markdown(_heading(item))
                who = words.plain(item.aside_by)
                st.caption(f"{_facts(item)} Set aside by {who}.")
            if len(aside) > SHOWN:
                st.caption(f"And {len(aside) - SHOWN:,} more.")


def _recovery_options(waiting: Sequence[Unreadable]) -> None:
    faults = {item.fault for item in waiting}
    ways = ["Import an export of your library in Settings."]
    if any(item.is_voice for item in waiting):
        ways.append("Or add the voice again by its ID, then set the old one aside.")
    if faults & {Fault.NEWER, Fault.ODD}:
        ways.append("Or install the newer version of Voicekeep that wrote it.")
    st.caption(" ".join(ways))
    with st.container(horizontal=True):
        st.page_link(page_file("settings"), label="Import an export")
        st.page_link(page_file("clone"), label="Add a voice again")


def _one(context: Context, item: Unreadable) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container():
            st.markdown(_heading(item))
            st.caption(f"{_why(item)} {_facts(item)}")
        pressed = may(context, Permission.SETTINGS) and st.button(
            "Set aside",
            key=f"set_aside_{item.id}",
            help="Its files stay and it stays listed, but checks and warnings no longer wait for "
            "it.",
        )
    if pressed:
        try:
            unreadable.set_aside(context, item.key, person(context))
        except VaultError as problem:
            st.error(words.plain(f"It could not be set aside. {problem}"))
        else:
            st.rerun()


def _why(item: Unreadable) -> str:
    if item.fault is Fault.MISSING and item.files and item.files.keys() <= unreadable.BROUGHT:
        return ONLY_A_RECORDING
    return WHY[item.fault]


def _heading(item: Unreadable) -> str:
    what = item.what.capitalize()
    name = item.told.get("name", "")
    return f"**{words.plain(name) if name else what}** `{item.id}`"


def _facts(item: Unreadable) -> str:
    """Its ID at the service and its files, as far as they are known."""
    facts = []
    if wording := item.told.get("provider_voice_id"):
        service = SERVICES.get(item.told.get("service", ""))
        where = f" at {service.title}" if service else ""
        facts.append(f"Its ID{where}: {words.plain(wording)}.")
    kinds = [
        name if count == 1 else f"{count:,} × {name}"
        for role, name in FILES.items()
        if (count := item.files.get(role, 0))
    ]
    if item.first_at and item.last_at:
        first, last = f"{item.first_at:%d %b %Y}", f"{item.last_at:%d %b %Y}"
        when = f"of {first}" if first == last else f"of {first} to {last}"
        facts.append(f"Files: {', '.join(kinds) or 'sound'}, {when}.")
    return " ".join(facts)
