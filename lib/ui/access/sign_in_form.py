"""What the door asks of somebody whom neither a sign-in service nor the operating system names."""

from __future__ import annotations

import streamlit as st

from lib.settings import Door, Settings
from lib.studio.core.reasons import Refusal
from lib.studio.core.typed_text import MAX_NAME
from lib.ui.access import device, names, passphrases


def draw(settings: Settings) -> None:
    """The form, as soon as it is known that this device cannot do without."""
    form = st.container()
    if device.hands_over(settings):
        st.rerun()
    if device.may_answer():
        return
    with form:
        if device.has_left():
            st.success("You have signed out.", icon=":material/logout:")
        if settings.door is Door.PASSPHRASE:
            _ask_passphrase(settings)
        else:
            _ask_name(settings)


def _ask_passphrase(settings: Settings) -> None:
    st.write("This app belongs to a team. Enter its passphrase to continue.")
    with st.form("signin_form", border=False):
        typed_name = _name()
        typed = st.text_input(
            "Passphrase",
            type="password",
            key="signin_passphrase",
            autocomplete="current-password",
        )
        if not st.form_submit_button("Sign in", type="primary", key="signin_go"):
            return
        name = _checked(typed_name)
        if name and passphrases.is_right(typed, settings.team.passphrase, Refusal.DOOR):
            device.begin(settings, name)
            st.rerun()


def _ask_name(settings: Settings) -> None:
    st.subheader("Who are you?", anchor=False)
    st.write("Your team sees this name beside what you do. You are asked once on this device.")
    with st.form("signin_form", border=False):
        typed_name = _name()
        if not st.form_submit_button("Continue", type="primary", key="signin_go"):
            return
        if name := _checked(typed_name):
            device.begin(settings, name)
            st.rerun()


def _name() -> str:
    return st.text_input(
        "Your name", key="signin_name", max_chars=MAX_NAME, autocomplete="username"
    )


def _checked(typed: str) -> str:
    """The name that somebody gave; "" where it will not do, and then it is said why."""
    name = names.tidy(typed)
    fault = names.fault_of(name)
    if fault:
        st.error(fault)
    return "" if fault else name
