"""Being an admin for a while, where people sign in with one passphrase for all.

Nobody there is known by an address, so what only an admin may do asks for the admins' passphrase,
or for the team's once more where there is no other.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from lib.clock import SystemClock
from lib.roles import Person, TeamRole
from lib.settings import Door, Settings, fingerprint
from lib.studio.core import door_log
from lib.studio.core.reasons import Refusal
from lib.team import Team
from lib.ui.access import passphrases

ELEVATED = "access_elevated"
"""Holds the fingerprint of the passphrase that was entered, and until when it counts."""
ELEVATED_FOR = timedelta(minutes=15)


def role(settings: Settings) -> TeamRole:
    """The role of somebody who is not known by an address: a member, for a while an admin.

    Where there is no passphrase at all, everybody who is in is an admin.
    """
    team = settings.team
    if team.admin_passphrase_fault:
        return TeamRole.MEMBER
    wanted = _passphrase(team)
    return TeamRole.ADMIN if not wanted or _is_elevated(wanted) else TeamRole.MEMBER


def draw(settings: Settings, person: Person, deed: str) -> None:
    """Draw the way to become an admin, for somebody who is none.

    `deed`: what only an admin can do here, after "can".
    """
    if person.role is TeamRole.ADMIN:
        return
    if settings.door is Door.SIGN_IN:
        st.info(f"Only an admin of your team can {deed}.", icon=":material/lock:")
        return
    if settings.team.admin_passphrase_fault:
        st.info(
            f"Only an admin can {deed}, and the admin passphrase in the settings does not work. "
            "Whoever runs this app can fix it: `admin_passphrase` under `[team]`.",
            icon=":material/lock:",
        )
        return
    wanted = _passphrase(settings.team)
    label = "Admin passphrase" if settings.team.admin_passphrase else "Passphrase again"
    with st.form("elevate", border=True, width=480):
        st.write(f"Only an admin can {deed}. Enter the passphrase to continue.")
        typed = st.text_input(
            label, type="password", key="elevate_passphrase", autocomplete="current-password"
        )
        entered = st.form_submit_button("Continue as admin", key="elevate_go")
        if entered and passphrases.is_right(typed, wanted, Refusal.ADMIN, who=person.label):
            now = SystemClock().now()
            st.session_state[ELEVATED] = (fingerprint(wanted), now + ELEVATED_FOR)
            door_log.note_elevation(person, now)
            st.rerun()


def has_passphrase(settings: Settings) -> bool:
    """Whether there is one that only admins know, or that makes somebody an admin for a while."""
    if settings.door is Door.SIGN_IN:
        return bool(settings.team.admin_passphrase)
    return bool(_passphrase(settings.team))


def is_entered(settings: Settings, typed: str, person: Person) -> bool:
    """Whether an admin has entered that passphrase once more, for what cannot be undone.

    Draws why not where it was another one.
    """
    return passphrases.is_right(typed, _passphrase(settings.team), Refusal.ADMIN, who=person.label)


def until(settings: Settings) -> datetime | None:
    """Until when somebody is an admin who is so for a while; None: for no such while."""
    if settings.door is Door.SIGN_IN or not _is_elevated(_passphrase(settings.team)):
        return None
    ends: datetime = st.session_state[ELEVATED][1]
    return ends


def end() -> None:
    """Be a member again."""
    st.session_state.pop(ELEVATED, None)


def _passphrase(team: Team) -> str:
    return team.admin_passphrase or team.passphrase


def _is_elevated(wanted: str) -> bool:
    entered, until = st.session_state.get(ELEVATED, ("", None))
    return entered == fingerprint(wanted) and until is not None and SystemClock().now() < until
