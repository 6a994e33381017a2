"""What a sign-in service says of somebody (its claims), and what follows from it; pure rules.

The services are the operator's choice, but what they say is others' input: names are whatever
people call themselves, and addresses count only as far as the service vouches for them.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from lib.roles import Person, is_keepers_name
from lib.sign_in import Auth
from lib.studio.core.typed_text import MAX_NAME, one_line
from lib.team import ADDRESS, Team
from lib.ui.access.sign_ins import SignIn

READ = ("iss", "sub", "aud", "iat", "exp", "nonce", "email", "email_verified", "name", "provider")
"""All claims that are read here (https://openid.net/specs/openid-connect-core-1_0.html, 2 and 5.1),
and Streamlit's word for which service it was.
"""
LONGEST = timedelta(days=30)
"""How long a sign-in lasts at most, whatever the service says; so long its cookie lasts as well."""
MAX_ADDRESS = 254
"""Characters (RFC 5321)."""


class Refusal(Enum):
    """Why what a service said lets nobody in."""

    ANOTHER_SET_UP = auto()
    """It was said to a sign-in that is not the one which is set now."""
    EXPIRED = auto()
    UNVERIFIED = auto()
    """The service vouches for no mail address."""
    UNLISTED = auto()


@dataclass(frozen=True)
class Refused:
    """Nobody who may come in. `address`: the one that is on no list."""

    refusal: Refusal
    address: str = ""


def judge(
    claims: Mapping[str, object], *, auth: Auth, team: Team, now: datetime
) -> SignIn | Refused:
    """The sign-in that these claims make, in the role that the lists give right now."""
    service = auth.service(claims.get("provider"))
    if service is None or service.client_id not in _texts(claims.get("aud")):
        return Refused(Refusal.ANOTHER_SET_UP)
    ends = until(claims)
    if ends is None or ends <= now:
        return Refused(Refusal.EXPIRED)
    address = _address(claims)
    if not address:
        return Refused(Refusal.UNVERIFIED)
    role = team.role_of(address)
    if role is None:
        return Refused(Refusal.UNLISTED, address)
    return SignIn(Person(_name(claims), role, address), sign_in_id(claims), ends)


def _address(claims: Mapping[str, object]) -> str:
    """The mail address that the service vouches for, in lower case; "" where it does not.

    Microsoft says nothing of whether it was verified: there the organization itself gives it.
    Signs that look like others, such as the Kelvin sign in place of a K, are not changed into them.
    """
    address, is_verified = claims.get("email"), claims.get("email_verified", True)
    if not isinstance(address, str) or not (is_verified is True or is_verified == "true"):
        return ""
    is_plain = address.isprintable() and unicodedata.normalize("NFKC", address) == address
    is_one = len(address) <= MAX_ADDRESS and ADDRESS.fullmatch(address) is not None
    return address.lower() if is_plain and is_one else ""


def _name(claims: Mapping[str, object]) -> str:
    """What somebody is called there; "" where that is nothing to be called by."""
    said = claims.get("name")
    name = one_line(said[: 10 * MAX_NAME], MAX_NAME) if isinstance(said, str) else ""
    return "" if is_keepers_name(name) else name


def sign_in_id(claims: Mapping[str, object]) -> str:
    """The same for all tabs that came in by this sign-in, and for no other sign-in."""
    parts = [repr(claims.get(name)) for name in ("iss", "sub", "iat", "exp", "nonce")]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def until(claims: Mapping[str, object]) -> datetime | None:
    """When it ends; None where that is not known. Each service has to say both times."""
    issued, ends = _moment(claims.get("iat")), _moment(claims.get("exp"))
    return min(ends, issued + min(LONGEST, ends - issued)) if issued and ends else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _texts(value: object) -> tuple[str, ...]:
    """One text, or a list of them."""
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str))
