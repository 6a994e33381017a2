"""Who may enter. Closed unless one of the few reasons to open holds."""

from __future__ import annotations

import streamlit as st

from lib.clock import SystemClock
from lib.settings import Door, Settings
from lib.team import EXAMPLE_PASSPHRASE, MIN_PASSPHRASE, PassphraseFault
from lib.ui import words
from lib.ui.access import auth_help, guessing, sign_in_form, sign_in_services, this_machine
from lib.ui.access.this_machine import Doubt
from lib.ui.access.visitor import sign_in

START_LOCALLY = (
    "python -m streamlit run streamlit_app.py --server.address 127.0.0.1 "
    "--server.allowedHosts 127.0.0.1 --server.allowedHosts localhost"
)
FAULTS = {
    PassphraseFault.NOT_TEXT: "its passphrase is not one line of text in quotes.",
    PassphraseFault.EXAMPLE: "its passphrase is the one of the example, which everybody knows.",
    PassphraseFault.SHORT: f"its passphrase is shorter than {MIN_PASSPHRASE} characters, and could "
    "be guessed.",
    PassphraseFault.UNCLEAR: (
        "a passphrase seems to be set, but in a place or under a name that is not read."
    ),
}
DOUBTS = {
    Doubt.HOST: "It was started for this machine only: open it there, at `localhost` or "
    "`127.0.0.1` and its port. You asked for another address.",
    Doubt.ORIGIN: "It was started for this machine only, and this visit did not come from its own "
    "address. If a proxy stands in front of it, set a passphrase.",
    Doubt.HANDED_ON: (
        "It was started for this machine only, but this visit carries {names}, which browsers do "
        "not send on their own. If an extension of your browser adds that, switch it off for this "
        "address. If a proxy stands in front of the app, set a passphrase."
    ),
}


def is_open(settings: Settings) -> bool:
    """Whether this visitor may see the app."""
    return sign_in(settings) is not None


def warn_of_guessing() -> None:
    """For those who are in: somebody has tried many wrong passphrases of late."""
    now = SystemClock().now()
    if seen := guessing.watch.flood_at(now):
        st.warning(
            "Someone is trying to guess the passphrase of this app. The last of many wrong tries "
            f"was {words.until(seen, now)}. A long passphrase of random words holds up. Change it "
            "in the secrets if others may know it."
        )


def sign_in_page(settings: Settings, *, is_ended: bool = False) -> None:
    """The closed door: what it asks, or what the operator has to set first.

    `is_ended`: whether somebody signed out of this visitor's sign-in.
    """
    with st.container(width=480):
        st.title("Voicekeep", anchor=False)
        if settings.door in (Door.PASSPHRASE, Door.TRUSTED_HOST):
            sign_in_form.draw(settings)
        elif settings.door is Door.SIGN_IN:
            sign_in_services.draw(settings, is_ended=is_ended)
        elif settings.auth and settings.auth.fault:
            auth_help.draw(settings.auth, settings.auth.fault)
        elif settings.team.passphrase_fault:
            _explain_fault(settings.team.passphrase_fault)
        else:
            _explain()


def _explain_fault(fault: PassphraseFault) -> None:
    st.error(f"This app is closed: {FAULTS[fault]}")
    st.write(
        "Only the app is closed: the keeper needs no passphrase. If you run this app, set one of "
        f"at least {MIN_PASSPHRASE} characters in the secrets, such as four random words, and "
        "restart the app:"
    )
    _show_passphrase()


def _explain() -> None:
    st.error("This app is closed: it holds a team's keys, and nobody is allowed in yet.")
    doubt = this_machine.doubt()
    if doubt in DOUBTS:
        names = this_machine.foreign_names(st.context.headers)
        listed = ", ".join(words.plain(name) for name in names[:3])
        st.write(DOUBTS[doubt].format(names=listed))
    st.write("If you run it, choose how people sign in and paste it into the secrets:")
    _show_passphrase()
    st.write("or, where the host itself checks visitors, such as a private app:")
    st.code("[team]\ntrust_host = true", language="toml")
    st.write("On your own machine, start it for this machine only:")
    st.code(START_LOCALLY, language="bash", wrap_lines=True)


def _show_passphrase() -> None:
    st.code(f'[team]\npassphrase = "{EXAMPLE_PASSPHRASE}"', language="toml")
