"""Looking at a passphrase that somebody typed: at the door, and where an admin is asked for."""

from __future__ import annotations

import hmac
import math
import unicodedata
from datetime import timedelta

import streamlit as st

from lib.clock import SystemClock
from lib.studio.core import door_log
from lib.studio.core.reasons import Refusal
from lib.ui.access import guessing

LONGEST_TYPED = 1_000


def is_right(typed: str, passphrase: str, refusal: Refusal, *, who: str = "") -> bool:
    """Whether it is the one, unless this tab has to pause; every answer comes at once.

    Draws why not where it is not. A wrong one is noted as this `refusal`, of `who` is in already.
    """
    now = SystemClock().now()
    if pause := guessing.pause_left(st.session_state, now):
        st.error(f"After several wrong tries, wait {_seconds(pause)}, then try again.")
        return False
    if is_same(typed, passphrase):
        return True
    pause = guessing.note_wrong(st.session_state, now)
    guessing.watch.note_wrong(now)
    door_log.note_refused(refusal, now, who=who)
    again = f"try again in {_seconds(pause)}" if pause else "try again"
    st.error(f"This is not the passphrase. Check it and {again}.")
    return False


def is_same(typed: str, passphrase: str) -> bool:
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
