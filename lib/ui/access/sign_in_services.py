"""The closed door where people sign in at a service: a button for each, and why one is not in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import streamlit as st

from lib.clock import SystemClock
from lib.settings import Settings
from lib.sign_in import SignInService
from lib.studio.core import door_log, reasons
from lib.ui import words
from lib.ui.access import openid, way_back
from lib.ui.access.claims import Refusal, Refused
from lib.ui.access.openid import Obstacle, Trouble
from lib.ui.access.sign_ins import SignIn

WARNED_BEFORE = timedelta(minutes=5)
NOTED = "sign_in_refusal_noted"
"""That the record has this session's refusal: each run of its page is not another one."""
WIDTH = 260
"""Pixels of a button."""
AGAIN = {
    Refusal.EXPIRED: "Your sign-in has expired. Sign in again to continue.",
    Refusal.ANOTHER_SET_UP: "The sign-in settings have changed. Sign in again to continue.",
}
OBSTACLES = {
    Obstacle.HEADERS: (
        "This app is closed: its server believes whatever visitors claim to be. If you run it, "
        "remove `server.trustedUserHeaders` from the configuration of Streamlit and restart it."
    ),
    Obstacle.NOT_READ: (
        "The sign-in settings changed a moment ago. Reload the page in a few seconds. If this "
        "message stays, whoever runs this app has to restart it: Streamlit reads `[auth]` from "
        "other files than this app, or cannot read it."
    ),
}
TROUBLES: Mapping[Trouble, str] = {
    Trouble.OUT_OF_REACH: "{service} does not answer right now. Your account is fine: try again in "
    "a moment.",
    Trouble.SET_UP: "Signing in with {service} is not set up correctly. Tell whoever runs "
    "this app: its log says what is wrong.",
}
CAME_BACK = (
    "Sign-in did not complete. Try again. If it happens again, tell whoever runs this app: its log "
    "says why."
)


def draw(settings: Settings, *, is_ended: bool) -> None:
    """`is_ended`: whether somebody signed out of this session's sign-in, in whichever tab."""
    auth = settings.auth
    if auth is None:
        return
    if blocked := openid.obstacle(auth):
        st.error(OBSTACLES[blocked])
        return
    found = openid.judged(settings)
    if isinstance(found, Refused) and found.refusal in (Refusal.UNLISTED, Refusal.UNVERIFIED):
        _refuse(found)
        way_back.keep(is_told=True)
        return
    st.write(_reason(found, is_ended=is_ended))
    note = st.container()
    with st.container(width=WIDTH):
        met = [(service, _offer(service)) for service in auth.services]
    for service, trouble in met:
        if trouble:
            note.error(TROUBLES[trouble].format(service=_named(service)))
    if way_back.keep(is_told=found is not None or any(trouble for _, trouble in met)):
        note.warning(CAME_BACK)


def warn_of_end(until: datetime) -> None:
    """For those who are in: what they have begun would be lost when their sign-in ends."""
    now = SystemClock().now()
    if until - now <= WARNED_BEFORE:
        st.warning(
            f"Your sign-in expires {words.until(until, now)}. Anything you have not sent by then "
            "has to be entered again."
        )


def _reason(found: SignIn | Refused | None, *, is_ended: bool) -> str:
    if is_ended:
        return "You have signed out. Sign in again to continue."
    if isinstance(found, Refused):
        return AGAIN[found.refusal]
    return "This app belongs to a team. Sign in to continue."


def _offer(service: SignInService) -> Trouble | None:
    """The button of a service; what stands in the way, once somebody pressed it."""
    label = f"Sign in with {words.plain(service.title)}" if service.title else "Sign in"
    key = f"{way_back.LEAVING}_{service.id or 'service'}"
    pressed = st.button(label, type="primary", key=key, width="stretch")
    return openid.begin(service) if pressed else None


def _refuse(found: Refused) -> None:
    """Somebody whom the service knows, and who is not of the team."""
    if found.refusal is Refusal.UNLISTED:
        if not st.session_state.setdefault(NOTED, False):
            st.session_state[NOTED] = True
            now = SystemClock().now()
            door_log.note_refused(reasons.Refusal.NOT_LISTED, now, who=found.address)
        st.error("The account that you signed in with has no access to this app.")
        st.write("Ask the person who runs it to let this address in, or use another account.")
        st.code(found.address, language=None, wrap_lines=True)
    else:
        st.error("The service where you signed in has not verified your email address.")
        st.write(
            "Confirm your address there, or ask the person who runs this app to have the service "
            "pass it on. You can also use another account."
        )
    if st.button("Sign in with another account", key="sign_in_as_another"):
        st.logout()


def _named(service: SignInService) -> str:
    return words.plain(service.title) or "The sign-in service"
