"""Who may enter. Closed unless one of the few reasons to open holds."""

from __future__ import annotations

import hmac
import ipaddress
import threading
import time

import streamlit as st

from lib.settings import Settings

SIGNED_IN = "gate_signed_in"
FORWARDED = ("x-forwarded-", "forwarded", "via", "x-real-ip", "cf-connecting-ip")
"""Beginnings of the headers, in lower case, by which proxies say that others ask."""
WRONG_PAUSE = 1.0
"""Seconds between two tries of the passphrase, for the whole process: guessing is slow."""

START_LOCALLY = "python -m streamlit run streamlit_app.py --server.address 127.0.0.1"

_wrong_turns = threading.Lock()


def bound_to_loopback() -> bool:
    """Whether the server answers on this machine only; a question about the bind address."""
    address = st.get_option("server.address")
    if address == "localhost":
        return True
    try:
        return bool(address) and ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def is_open(settings: Settings) -> bool:
    """Whether this visitor may see the app: the demo is open to all, a team's to the team."""
    if settings.is_pure_demo and not settings.keeps_demo_out:
        return True
    if settings.team.trust_host:
        return True
    if st.session_state.get(SIGNED_IN) is True and settings.team.passphrase:
        return True
    return is_local()


def is_local() -> bool:
    """Whether only this machine can ask, and no proxy on it hands on what others ask."""
    handed_on = any(name.lower().startswith(FORWARDED) for name in st.context.headers)
    return bound_to_loopback() and not handed_on


def sign_in_page(settings: Settings) -> None:
    """The closed door: the passphrase, or what the operator has to set first."""
    with st.container(width=480):
        st.title("Voicekeep", anchor=False)
        if settings.team.passphrase:
            _ask_passphrase(settings)
        else:
            _explain(settings)


def _ask_passphrase(settings: Settings) -> None:
    st.write("This app belongs to a team. Enter its passphrase to go on.")
    with st.form("signin", border=False):
        typed = st.text_input("Passphrase", type="password", key="signin_passphrase")
        if st.form_submit_button("Enter", type="primary", key="signin_go"):
            if _right(typed, settings.team.passphrase):
                st.session_state[SIGNED_IN] = True
                st.rerun()
            st.error("This is not the passphrase. Check it and try again.")


def _right(typed: str, passphrase: str) -> bool:
    """Each wrong try costs its own tab a pause, and all tabs together one turn at a time."""
    if hmac.compare_digest(typed.encode(), passphrase.encode()):
        return True
    with _wrong_turns:
        time.sleep(WRONG_PAUSE)
    return False


def _explain(settings: Settings) -> None:
    st.error("This app is closed: it holds a team's keys, and nobody may enter yet.")
    st.write("If you run it, choose one way in and paste it into the secrets:")
    st.code('[team]\npassphrase = "choose your own"', language="toml")
    st.write("or, where the host itself checks visitors, such as a private app:")
    st.code("[team]\ntrust_host = true", language="toml")
    st.write("On your own machine, start it for this machine only:")
    st.code(START_LOCALLY, language="bash")
