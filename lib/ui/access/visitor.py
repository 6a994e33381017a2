"""Who the visitor of this session is, and in which role; asked anew whenever it matters."""

from __future__ import annotations

from typing import assert_never

import streamlit as st

from lib.roles import KEEPER, Person, TeamRole
from lib.settings import Door, Settings, fingerprint
from lib.studio.core import sign_ins
from lib.studio.core.context import Context
from lib.studio.core.typed_text import MAX_NAME, one_line
from lib.ui.access import elevation, openid, this_machine
from lib.ui.access.sign_ins import SignIn

SIGNED_IN = "gate_signed_in"
"""Holds the fingerprint of the passphrase that was entered: another passphrase is asked anew."""
NAME = "person_name"


def sign_in(settings: Settings) -> SignIn | None:
    """The visitor's way in, as the settings are now; None: nobody who may see the app.

    Whether it was ended by a sign-out only the library knows (`is_ended`).
    """
    match settings.door:
        case Door.SIGN_IN:
            return openid.current(settings)
        case Door.PASSPHRASE:
            if st.session_state.get(SIGNED_IN) != fingerprint(settings.team.passphrase):
                return None
            return SignIn(Person(_name("Somebody of the team"), elevation.role(settings)))
        case Door.EVERYBODY:
            return SignIn(Person(_name("A visitor"), TeamRole.ADMIN))
        case Door.TRUSTED_HOST:
            return SignIn(Person(_name("Somebody of the team"), elevation.role(settings)))
        case Door.THIS_MACHINE:
            if this_machine.doubt() is not None:
                return None
            return SignIn(Person(_name("Somebody of the team"), elevation.role(settings)))
        case Door.SHUT:
            return None
        case unknown:
            assert_never(unknown)


def is_ended(context: Context, found: SignIn) -> bool:
    """Whether somebody signed out of it, in this tab or another one."""
    return bool(found.id) and sign_ins.has_ended(context, found.id)


def _name(unnamed: str) -> str:
    """The name that was given in this session."""
    name = one_line(str(st.session_state.get(NAME, "")), MAX_NAME)
    return name if name and name.casefold() != KEEPER.name.casefold() else unnamed
