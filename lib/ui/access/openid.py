"""Signing in at a service, by Streamlit; what Streamlit leaves unchecked is checked here.

Streamlit keeps what the service said in a cookie for 30 days and looks neither at its expiry nor at
a sign-out in another tab (https://docs.streamlit.io, `st.user` and `st.logout`, 2026-11).
"""

from __future__ import annotations

import logging
from enum import Enum, auto

import streamlit as st
from streamlit.errors import StreamlitAuthError
from streamlit.runtime.secrets import AttrDict

from lib.clock import SystemClock
from lib.settings import Settings
from lib.sign_in import AUTH, Auth, SignInService, fingerprint_of
from lib.studio.core import sign_ins
from lib.studio.core.context import Context
from lib.ui.access import claims
from lib.ui.access.claims import Refusal, Refused
from lib.ui.access.sign_ins import SignIn

log = logging.getLogger("voicekeep.sign_in")

SET_UP = "openid_set_up"
"""Holds the fingerprint of the [auth] by which Streamlit took this session's cookie."""


class Obstacle(Enum):
    """Why nobody at all can sign in right now."""

    HEADERS = auto()
    """Streamlit takes headers, which anybody can send, for what a service said."""
    NOT_READ = auto()
    """Streamlit goes by another [auth] than the one that was judged: it changed a moment ago."""


class Trouble(Enum):
    """Why a sign-in cannot begin."""

    OUT_OF_REACH = auto()
    SET_UP = auto()
    """Streamlit or the service cannot use what is set."""


def current(settings: Settings) -> SignIn | None:
    """The sign-in of this session, in the role that the lists give right now.

    None where there is none, it has expired, or the address is on no list.
    """
    found = judged(settings)
    return found if isinstance(found, SignIn) else None


def judged(settings: Settings) -> SignIn | Refused | None:
    """The same, or why not; None where nobody has signed in."""
    auth = settings.auth
    if auth is None or auth.fault or obstacle(auth):
        return None
    said = st.user.to_dict()
    if said.get("is_logged_in") is not True:
        return None
    if st.session_state[SET_UP] != auth.fingerprint:
        return Refused(Refusal.ANOTHER_SET_UP)
    return claims.judge(said, auth=auth, team=settings.team, now=SystemClock().now())


def obstacle(auth: Auth) -> Obstacle | None:
    """Why nobody can sign in right now; None: nothing stands in the way.

    Notes what Streamlit goes by, unless that was noted when it took this session's cookie.
    """
    used = used_by_streamlit()
    if SET_UP not in st.session_state:
        st.session_state[SET_UP] = used
    mapped = st.get_option("server.trustedUserHeaders")
    if isinstance(mapped, dict) and {*claims.READ, "is_logged_in"} & {*mapped.values()}:
        return Obstacle.HEADERS
    return None if used == auth.fingerprint else Obstacle.NOT_READ


def begin(service: SignInService) -> Trouble | None:
    """Send the browser to the service; or why that cannot be done, which the log tells in full."""
    try:
        sign_ins.look_for_service(service.metadata_url)
    except sign_ins.OutOfReach:
        log.warning("The sign-in service %s does not answer", service.id or "")
        return Trouble.OUT_OF_REACH
    except sign_ins.NotAService as problem:
        log.warning("The sign-in service %s is no such service: %s", service.id or "", problem)
        return Trouble.SET_UP
    try:
        st.login(service.id)
    except StreamlitAuthError as problem:
        log.warning("Streamlit cannot use [auth]: %s", problem)
        return Trouble.SET_UP
    return None


def sign_out(context: Context) -> None:
    """End this session's sign-in for all tabs and devices that share it, and leave the service.

    Raises `DatabaseUnavailable`; then nobody is signed out.
    """
    said = st.user.to_dict()
    if until := claims.until(said):
        sign_ins.end(context, claims.sign_in_id(said), until)
    st.logout()


def used_by_streamlit() -> str:
    """The fingerprint of the table that Streamlit goes by; "" where it has none."""
    try:
        table = st.secrets.get(AUTH)
    except (OSError, ValueError):  # no file, or none that Streamlit can read
        return ""
    return fingerprint_of(table.to_dict()) if isinstance(table, AttrDict) else ""
