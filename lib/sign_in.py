"""The table `[auth]` of the settings: Streamlit's OpenID Connect sign-in, judged before it is used.

Streamlit reads the table itself, from `secrets.toml` alone, and signs the cookie that tells who
somebody is with its `cookie_secret` (https://docs.streamlit.io, "Use Streamlit authentication",
2026-11). A table that cannot be trusted lets nobody in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

AUTH = "auth"
NEEDED = ("redirect_uri", "cookie_secret")
NEEDED_EACH = ("client_id", "client_secret", "server_metadata_url")
MIN_COOKIE_SECRET = 32
"""Characters. Whoever can guess it can write a cookie that makes them anybody."""
EXAMPLE_COOKIE_SECRET = "at least 32 random characters"  # noqa: S105 - known to all, and refused
EVERY_TENANT = ("/common/", "/organizations/", "/consumers/")
"""Microsoft's addresses for the accounts of every organization, which choose their addresses
themselves (https://learn.microsoft.com, "Secure your application from pseudonymous users", 2026).
"""
TITLES = {"google": "Google", "microsoft": "Microsoft", "okta": "Okta", "auth0": "Auth0"}


class AuthFault(StrEnum):
    """Why a sign-in that is set lets nobody in."""

    ELSEWHERE = "elsewhere"
    """It stands where Streamlit does not read it."""
    INCOMPLETE = "incomplete"
    """Something is missing."""
    WEAK = "weak"
    """The secret that signs the cookies could be guessed."""
    NAME = "name"
    """Streamlit takes no underscore in the name of a service."""
    EVERY_TENANT = "every_tenant"
    """Anybody's organization can claim any address there."""
    NOBODY = "nobody"
    """No address is listed under [team]."""


@dataclass(frozen=True)
class SignInService:
    """One service that can say who somebody is. `id`: as `st.login` takes it, None for the only
    one, which has no name.
    """

    id: str | None
    title: str


@dataclass(frozen=True)
class Auth:
    """The sign-in that is set. `missing`: names, where it is incomplete."""

    services: tuple[SignInService, ...] = ()
    fault: AuthFault | None = None
    missing: tuple[str, ...] = ()


def read_auth(
    table: Mapping[str, object], *, is_read_by_streamlit: bool, lists_people: bool
) -> Auth:
    """What `[auth]` says; `lists_people`: whether an address is listed under [team]."""
    named = {name: inner for name, inner in table.items() if isinstance(inner, Mapping)}
    services = tuple(SignInService(name, TITLES.get(name.lower(), name)) for name in named)
    if not named:
        services = (SignInService(None, ""),)
    missing = tuple(_missing(table, named))
    fault = None
    if not is_read_by_streamlit:
        fault = AuthFault.ELSEWHERE
    elif missing:
        fault = AuthFault.INCOMPLETE
    elif _is_weak(str(table["cookie_secret"])):
        fault = AuthFault.WEAK
    elif any("_" in name for name in named):
        fault = AuthFault.NAME
    elif any(_is_for_every_tenant(each) for each in (named.values() or (table,))):
        fault = AuthFault.EVERY_TENANT
    elif not lists_people:
        fault = AuthFault.NOBODY
    return Auth(services, fault, missing)


def _missing(
    table: Mapping[str, object], named: Mapping[str, Mapping[str, object]]
) -> Iterator[str]:
    """The names of what is needed and not there, as `auth.name` or `auth.service.name`."""
    yield from (f"{AUTH}.{name}" for name in NEEDED if not _is_text(table.get(name)))
    for service, inner in named.items() or [("", table)]:
        place = f"{AUTH}.{service}" if service else AUTH
        yield from (f"{place}.{name}" for name in NEEDED_EACH if not _is_text(inner.get(name)))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_weak(secret: str) -> bool:
    few = len(secret) < MIN_COOKIE_SECRET or len(set(secret)) < MIN_COOKIE_SECRET // 4
    return few or secret.lower().startswith(EXAMPLE_COOKIE_SECRET)


def _is_for_every_tenant(table: Mapping[str, object]) -> bool:
    address = urlsplit(str(table.get("server_metadata_url")).strip().lower())
    host = address.hostname or ""
    is_microsoft = host.endswith((".microsoftonline.com", ".windows.net"))
    return is_microsoft and any(part in f"{address.path}/" for part in EVERY_TENANT)
