"""What visitors call themselves. Pure, but for the name that the operating system knows."""

from __future__ import annotations

import getpass
import unicodedata

from lib.roles import KEEPER
from lib.studio.core.typed_text import MAX_NAME, one_line

VISITOR = "A visitor"
"""Whoever looks at the open demo."""
AT_THIS_MACHINE = "Somebody at this machine"
"""Where the operating system knows no name."""
LONGEST_LOOKED_AT = 10 * MAX_NAME
"""Characters; nobody types more."""
FILLERS = "\u115f\u1160\u3164\uffa0"
"""Letters by their class that show as nothing."""


def tidy(typed: str) -> str:
    """A name as it is kept: one line that is not too long, without signs that nobody sees."""
    return one_line(typed[:LONGEST_LOOKED_AT], MAX_NAME)


def fault_of(name: str) -> str:
    """Why nobody can have this tidied name, in a sentence; "" where somebody can."""
    letters = _letters(name)
    if not letters:
        return "Enter your name, so that your team knows who did what."
    if letters == _letters(KEEPER.name):
        return f"{KEEPER.name} is what the app calls itself. Enter your own name."
    return ""


def at_this_machine() -> str:
    """Who is signed in at the operating system that the app runs on."""
    try:
        name = tidy(getpass.getuser())
    except (OSError, KeyError, ImportError):  # by Python's version and the system
        name = ""
    return AT_THIS_MACHINE if fault_of(name) else name


def _letters(name: str) -> str:
    """The letters and digits of a name, however they are written."""
    spelt = unicodedata.normalize("NFKC", name)
    return "".join(sign for sign in spelt if sign.isalnum() and sign not in FILLERS).casefold()
