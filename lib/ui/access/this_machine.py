"""Whether a visit comes from a browser on this machine and nothing stands in between.

It is what opens an app that holds keys and has neither a passphrase nor a host that checks its
visitors, and it is asked nowhere else. What a browser cannot hide tells: the address it asked for,
and the page that asks. Everything else that comes with a visit is compared with what browsers send
themselves, as nobody can list all the headers by which proxies say that others ask.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from enum import Enum, auto

import streamlit as st
from streamlit.runtime.context import StreamlitHeaders

LOOPBACK_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")
BROWSERS_OWN = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "cookie",
        "dnt",
        "host",
        "origin",
        "pragma",
        "priority",
        "save-data",
        "te",
        "upgrade",
        "user-agent",
    }
)
"""What Chromium, Firefox and Safari send when they open a websocket, in lower case."""
BROWSERS_ALONE = "sec-"
"""A browser keeps these to itself: no page may set them, and no proxy has a use for them."""


class Doubt(Enum):
    """Why a visit may be somebody else's than that of the person at this machine."""

    ADDRESS = auto()
    """The server listens to other machines as well."""
    HOST = auto()
    """The browser asked for another name, which may lead here by a stranger's word alone."""
    ORIGIN = auto()
    """Another page than the app's own opened the connection, or none did."""
    HANDED_ON = auto()
    """It carries a header that no browser sends by itself."""


def doubt() -> Doubt | None:
    """Why this visit is not known to come from this machine; None: it does."""
    if not bound_to_loopback():
        return Doubt.ADDRESS
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    return doubt_about(st.context.headers, scheme)


def bound_to_loopback() -> bool:
    """Whether the server answers on this machine only; a question about the bind address."""
    address = st.get_option("server.address")
    if address == "localhost":
        return True
    try:
        return bool(address) and ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def doubt_about(headers: StreamlitHeaders, scheme: str) -> Doubt | None:
    """What the headers of a websocket's handshake leave open; a repeated one leaves it open too."""
    hosts = headers.get_all("Host")
    if len(hosts) != 1 or not LOOPBACK_HOST.fullmatch(hosts[0]):
        return Doubt.HOST
    if headers.get_all("Origin") != [f"{scheme}://{hosts[0]}"]:
        return Doubt.ORIGIN
    return Doubt.HANDED_ON if foreign_names(headers) else None


def foreign_names(headers: Collection[str]) -> list[str]:
    """The headers that something other than a browser has added."""
    return [
        name
        for name in headers
        if name.lower() not in BROWSERS_OWN and not name.lower().startswith(BROWSERS_ALONE)
    ]
