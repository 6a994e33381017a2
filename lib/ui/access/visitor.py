"""Who the visitor of this session is, and in which role; asked anew whenever it matters."""

from __future__ import annotations

from typing import assert_never

from lib.roles import Person, TeamRole
from lib.settings import Door, Settings
from lib.studio.core import sign_ins
from lib.studio.core.context import Context
from lib.ui.access import device, elevation, names, openid, this_machine
from lib.ui.access.sign_ins import SignIn


def sign_in(settings: Settings) -> SignIn | None:
    """The visitor's way in, as the settings are now; None: nobody who may see the app.

    Whether it was ended by a sign-out only the library knows (`is_ended`).
    """
    match settings.door:
        case Door.SIGN_IN:
            return openid.current(settings)
        case Door.PASSPHRASE | Door.TRUSTED_HOST:
            token = device.current(settings)
            if token is None:
                return None
            return SignIn(Person(token.name, elevation.role(settings)), token.id, token.until)
        case Door.EVERYBODY:
            return SignIn(Person(names.VISITOR, TeamRole.ADMIN))
        case Door.THIS_MACHINE:
            if this_machine.doubt() is not None:
                return None
            return SignIn(Person(names.at_this_machine(), elevation.role(settings)))
        case Door.SHUT:
            return None
        case unknown:
            assert_never(unknown)


def is_ended(context: Context, found: SignIn) -> bool:
    """Whether somebody signed out of it, in this tab or another one."""
    return bool(found.id) and sign_ins.has_ended(context, found.id)
