"""Who a sign-in service says the visitor is; what Streamlit leaves unchecked is checked here.

Streamlit keeps what the service said in a cookie for 30 days and looks neither at its expiry nor at
a sign-out in another tab (https://docs.streamlit.io, `st.user` and `st.logout`, 2026-11).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st

from lib.clock import SystemClock
from lib.roles import Person
from lib.studio.core.typed_text import MAX_NAME, one_line
from lib.team import Team
from lib.ui.access.sign_ins import SignIn


def current(team: Team) -> SignIn | None:
    """The sign-in of this session, in the role that the lists give right now.

    None where there is none, it has expired, or the address is on no list.
    """
    if not st.user.is_logged_in:
        return None
    claims = st.user.to_dict()
    address, ends = _address(claims), _moment(claims.get("exp"))
    role = team.role_of(address)
    if role is None or ends is None or ends <= SystemClock().now():
        return None
    name = one_line(str(claims.get("name") or ""), MAX_NAME)
    return SignIn(Person(name, role, address), _id(claims), ends)


def _address(claims: Mapping[str, object]) -> str:
    """The mail address that the service vouches for; "" where it does not."""
    address, is_verified = claims.get("email"), claims.get("email_verified", True)
    if not isinstance(address, str) or is_verified not in (True, "true"):
        return ""
    return address.strip().lower()


def _id(claims: Mapping[str, object]) -> str:
    """The same for all tabs that came in by this sign-in."""
    parts = (claims.get(name) for name in ("iss", "sub", "iat", "exp"))
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
