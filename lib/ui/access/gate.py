"""Who may enter. Closed unless one of the few reasons to open holds."""

from __future__ import annotations

import hmac
import math
import unicodedata
from datetime import timedelta

import streamlit as st

from lib.clock import SystemClock
from lib.settings import (
    EXAMPLE_PASSPHRASE,
    MIN_PASSPHRASE,
    PassphraseFault,
    Settings,
    fingerprint,
)
from lib.ui import words
from lib.ui.access import guessing, this_machine
from lib.ui.access.this_machine import Doubt

SIGNED_IN = "gate_signed_in"
"""Holds the fingerprint of the passphrase that was entered: another passphrase is asked anew."""
LONGEST_TYPED = 1_000

START_LOCALLY = (
    "python -m streamlit run streamlit_app.py --server.address 127.0.0.1 "
    "--server.allowedHosts 127.0.0.1 --server.allowedHosts localhost"
)
FAULTS = {
    PassphraseFault.NOT_TEXT: "its passphrase is not one line of text in quotes.",
    PassphraseFault.EXAMPLE: "its passphrase is the one of the example, which everybody knows.",
    PassphraseFault.SHORT: f"its passphrase is shorter than {MIN_PASSPHRASE} characters, and could "
    "be guessed.",
    PassphraseFault.UNCLEAR: "a passphrase seems to be set, in a place or under a name where it is "
    "not read.",
}
DOUBTS = {
    Doubt.HOST: "It was started for this machine only: open it there, at `localhost` or "
    "`127.0.0.1` and its port. You asked for another address.",
    Doubt.ORIGIN: "It was started for this machine only, and this visit did not come from its own "
    "address. If a proxy stands in front of it, set a passphrase.",
    Doubt.HANDED_ON: "It was started for this machine only, but this visit carries {names}, which "
    "browsers do not send by themselves. If an extension of your browser adds that, switch it off "
    "for this address. If a proxy stands in front of the app, set a passphrase.",
}


def is_open(settings: Settings) -> bool:
    """Whether this visitor may see the app: the demo is open to all, a team's to the team.

    A passphrase that is set is asked, whatever else would open.
    """
    team = settings.team
    if team.passphrase_fault:
        return False
    if team.passphrase:
        return st.session_state.get(SIGNED_IN) == fingerprint(team.passphrase)
    if settings.is_pure_demo and not settings.keeps_demo_out:
        return True
    return team.trust_host or this_machine.doubt() is None


def warn_of_guessing() -> None:
    """For those who are in: somebody has tried many wrong passphrases of late."""
    now = SystemClock().now()
    if seen := guessing.watch.flood_at(now):
        st.warning(
            f"Someone is guessing the passphrase of this app. The last of many wrong tries was "
            f"{words.until(seen, now)}. A long passphrase of random words withstands this. "
            "Change it in the secrets if others may know it."
        )


def sign_in_page(settings: Settings) -> None:
    """The closed door: the passphrase, or what the operator has to set first."""
    with st.container(width=480):
        st.title("Voicekeep", anchor=False)
        if settings.team.passphrase_fault:
            _explain_fault(settings.team.passphrase_fault)
        elif settings.team.passphrase:
            _ask_passphrase(settings.team.passphrase)
        else:
            _explain()


def _ask_passphrase(passphrase: str) -> None:
    st.write("This app belongs to a team. Enter its passphrase to go on.")
    with st.form("signin", border=False):
        typed = st.text_input("Passphrase", type="password", key="signin_passphrase")
        if st.form_submit_button("Enter", type="primary", key="signin_go"):
            _try(typed, passphrase)


def _try(typed: str, passphrase: str) -> None:
    """Look at what was typed, unless this tab has to pause; every answer comes at once."""
    now = SystemClock().now()
    if pause := guessing.pause_left(st.session_state, now):
        st.error(f"After several wrong tries, wait {_seconds(pause)}, then press Enter again.")
        return
    if _is_same(typed, passphrase):
        st.session_state[SIGNED_IN] = fingerprint(passphrase)
        st.rerun()
    pause = guessing.note_wrong(st.session_state, now)
    guessing.watch.note_wrong(now)
    again = f"try again in {_seconds(pause)}" if pause else "try again"
    st.error(f"This is not the passphrase. Check it and {again}.")


def _is_same(typed: str, passphrase: str) -> bool:
    """Takes as long for a near miss as for any other text. An odd one is never an error.

    Keyboards spell "ö" in one sign or in two, and a line that is pasted brings blanks along.
    """
    # What is far too long is not worth the time that spelling it anew takes.
    spelt = typed[: max(LONGEST_TYPED, 4 * len(passphrase))]
    return hmac.compare_digest(
        *(
            unicodedata.normalize("NFC", text).strip().encode("utf-8", "surrogatepass")
            for text in (spelt, passphrase)
        )
    )


def _seconds(pause: timedelta) -> str:
    return f"{math.ceil(pause.total_seconds())} s"


def _explain_fault(fault: PassphraseFault) -> None:
    st.error(f"This app is closed: {FAULTS[fault]}")
    st.write(
        "Only the door is shut by this: the keeper needs no passphrase. If you run this app, set "
        f"one of at least {MIN_PASSPHRASE} characters in the secrets, such as four random words, "
        "and restart the app:"
    )
    _show_passphrase()


def _explain() -> None:
    st.error("This app is closed: it holds a team's keys, and nobody may enter yet.")
    doubt = this_machine.doubt()
    if doubt in DOUBTS:
        names = this_machine.foreign_names(st.context.headers)
        listed = ", ".join(words.plain(name) for name in names[:3])
        st.write(DOUBTS[doubt].format(names=listed))
    st.write("If you run it, choose one way in and paste it into the secrets:")
    _show_passphrase()
    st.write("or, where the host itself checks visitors, such as a private app:")
    st.code("[team]\ntrust_host = true", language="toml")
    st.write("On your own machine, start it for this machine only:")
    st.code(START_LOCALLY, language="bash", wrap_lines=True)


def _show_passphrase() -> None:
    st.code(f'[team]\npassphrase = "{EXAMPLE_PASSPHRASE}"', language="toml")
