"""The box in the sidebar: who is in, in which role, and the way out."""

from __future__ import annotations

from typing import assert_never

import streamlit as st

from lib.roles import Person, TeamRole
from lib.settings import Door, Settings
from lib.studio.core import door_log
from lib.studio.core.context import Context
from lib.ui import words
from lib.ui.access import device, elevation, openid
from lib.ui.access.sign_ins import SignIn

ROLES = {TeamRole.VIEWER: "Viewer", TeamRole.MEMBER: "Member", TeamRole.ADMIN: "Admin"}


def draw(context: Context, settings: Settings, found: SignIn) -> None:
    """Who is in, for whoever is."""
    with st.sidebar, st.container(key="account", gap="xsmall"):
        st.markdown(f"**{words.plain(found.person.name or found.person.address)}**")
        st.caption(_standing(found.person, settings))
        with st.container(horizontal=True, gap="small"):
            if elevation.until(settings):
                st.button(
                    "Stop being admin", key="elevate_end", type="tertiary", on_click=elevation.end
                )
            leaves = _can_leave(settings.door) and st.button(
                "Sign out", key="sign_out", type="tertiary", icon=":material/logout:"
            )
        device.keep()
    if leaves:
        sign_out(context, settings, found.person)


def sign_out(context: Context, settings: Settings, person: Person) -> None:
    """End the sign-in of whoever is in, in all tabs that share it. The page run ends here.

    Raises `DatabaseUnavailable`; then nobody is signed out.
    """
    match settings.door:
        case Door.PASSPHRASE | Door.TRUSTED_HOST:
            device.end(context)
        case Door.SIGN_IN:
            openid.sign_out(context)
        case Door.EVERYBODY | Door.THIS_MACHINE | Door.SHUT:
            return
        case unknown:
            assert_never(unknown)
    door_log.note_sign_out(person, context.clock.now())
    if settings.door is Door.SIGN_IN:
        st.stop()  # another run could overtake the browser, which is on its way to the service
    st.rerun()


def _can_leave(door: Door) -> bool:
    return door in (Door.PASSPHRASE, Door.TRUSTED_HOST, Door.SIGN_IN)


def _standing(person: Person, settings: Settings) -> str:
    """The role, and the address where the name stands above it."""
    role = ROLES[person.role]
    if until := elevation.until(settings):
        there = until.astimezone(words.zone(st.context.timezone))
        role = f"{role} until {there:%H:%M}"
    address = person.address if person.name else ""
    return " · ".join(filter(None, (words.plain(address), role)))
