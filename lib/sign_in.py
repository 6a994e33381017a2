"""The table `[auth]` of the settings: Streamlit's OpenID Connect sign-in, judged before it is used.

Streamlit reads the table itself, from `secrets.toml` alone, and signs the cookie that tells who
somebody is with its `cookie_secret` (https://docs.streamlit.io, "Use Streamlit authentication",
2026-11). A table that cannot be trusted lets nobody in.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, unquote, urlsplit

AUTH = "auth"
NEEDED = ("redirect_uri", "cookie_secret")
NEEDED_EACH = ("client_id", "client_secret", "server_metadata_url")
MIN_COOKIE_SECRET = 32
"""Characters. Whoever can guess it can write a cookie that makes them anybody."""
EXAMPLE_COOKIE_SECRET = "at least 32 random characters"  # noqa: S105 - known to all, and refused
CALLBACK = "/oauth2callback"
"""Where Streamlit waits for whoever comes back from a service."""
PORT = "{port}"
"""Streamlit puts its own port in its place."""
NO_SERVICES = frozenset({"client_kwargs"})
"""Tables below [auth] that belong to the only service, which has no name."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MICROSOFT = (
    "microsoftonline.com",
    "microsoftonline.us",
    "microsoftonline.de",
    "microsoftonline.cn",
    "microsoft.com",
    "windows.net",
    "chinacloudapi.cn",
)
"""Where Microsoft and its national clouds sign people in (https://learn.microsoft.com, "National
clouds", 2026-11). The first part of the path names the tenant. In place of one, `common`,
`organizations` and `consumers` stand for the accounts of all, which choose their addresses
themselves (the same, "Secure applications and APIs by validating claims", 2026-11).
"""
TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\w-]+(\.[\w-]+)+")
"""One organization, by its ID or by one of its domains."""
PERSONAL_ACCOUNTS = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of everybody's personal accounts at Microsoft."""
UNNAMED = "default"
"""How Streamlit calls the only service, which has no name."""
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
    """Streamlit takes no underscore in the name of a service, and no two names that differ in case
    alone.
    """
    REDIRECT = "redirect"
    """Nobody would come back to this app, or in the clear."""
    CLEAR = "clear"
    """The service would be asked in the clear, or by anybody who stands in between."""
    EVERY_TENANT = "every_tenant"
    """Anybody's organization can claim any address there."""
    NOBODY = "nobody"
    """No address is listed under [team]."""


@dataclass(frozen=True)
class SignInService:
    """One service that can say who somebody is. `id`: as `st.login` takes it, None for the only
    one, which has no name. `client_id`: what the service calls this app; public.
    """

    id: str | None
    title: str
    client_id: str = ""
    metadata_url: str = ""


@dataclass(frozen=True)
class Auth:
    """The sign-in that is set. `missing`: names, where it is incomplete. `fingerprint`: of the
    table as it was judged.
    """

    services: tuple[SignInService, ...] = ()
    fault: AuthFault | None = None
    missing: tuple[str, ...] = ()
    fingerprint: str = field(default="", repr=False)

    def service(self, said: object) -> SignInService | None:
        """The service that Streamlit knows by this name."""
        return next((each for each in self.services if (each.id or UNNAMED) == said), None)


def read_auth(
    table: Mapping[str, object], *, is_read_by_streamlit: bool, lists_people: bool
) -> Auth:
    """What `[auth]` says; `lists_people`: whether an address is listed under [team]."""
    named = {
        name: inner
        for name, inner in table.items()
        if isinstance(inner, Mapping) and name not in NO_SERVICES
    }
    services = tuple(
        SignInService(
            name or None,
            TITLES.get(name.lower(), name),
            str(inner.get("client_id", "")),
            str(inner.get("server_metadata_url", "")),
        )
        for name, inner in (named or {"": table}).items()
    )
    missing = tuple(_missing(table, named))
    fault = None
    if not is_read_by_streamlit:
        fault = AuthFault.ELSEWHERE
    elif missing:
        fault = AuthFault.INCOMPLETE
    elif _is_weak(str(table["cookie_secret"]), services):
        fault = AuthFault.WEAK
    elif any("_" in name for name in named) or len({name.lower() for name in named}) < len(named):
        fault = AuthFault.NAME
    elif not _leads_back(str(table["redirect_uri"])):
        fault = AuthFault.REDIRECT
    elif any(_is_in_the_clear(each) for each in (table, *named.values())):
        fault = AuthFault.CLEAR
    elif any(_is_for_every_tenant(each.metadata_url) for each in services):
        fault = AuthFault.EVERY_TENANT
    elif not lists_people:
        fault = AuthFault.NOBODY
    return Auth(services, fault, missing, fingerprint_of(table))


def fingerprint_of(table: Mapping[str, object]) -> str:
    """The same for the same table, and for no other one."""
    return hashlib.sha256(json.dumps(table, sort_keys=True, default=str).encode()).hexdigest()


def _missing(
    table: Mapping[str, object], named: Mapping[str, Mapping[str, object]]
) -> Iterator[str]:
    """The names of what is needed and not there, as `auth.name` or `auth.service.name`."""
    yield from (f"{AUTH}.{name}" for name in NEEDED if not _is_text(table.get(name)))
    for service, inner in named.items() or [("", table)]:
        place = f"{AUTH}.{service}" if service else AUTH
        yield from (f"{place}.{name}" for name in NEEDED_EACH if not _is_text(inner.get(name)))


def _is_text(value: object) -> bool:
    """Whether something was filled in; dots stand for it in examples."""
    return isinstance(value, str) and bool(value.strip(" .…"))


def _is_weak(secret: str, services: Collection[SignInService]) -> bool:
    few = len(secret) < MIN_COOKIE_SECRET or len(set(secret)) < MIN_COOKIE_SECRET // 4
    is_public = any(secret in (each.client_id, each.metadata_url) for each in services)
    return few or is_public or secret.strip().lower().startswith(EXAMPLE_COOKIE_SECRET)


def _leads_back(redirect_uri: str) -> bool:
    """Whether people come back to Streamlit's own page, and nobody reads along on the way."""
    address = _split(redirect_uri.replace(PORT, "8501"))
    if address is None or not address.path.endswith(CALLBACK) or address.query or address.fragment:
        return False
    return address.scheme == "https" or _is_loopback(address)


def _is_in_the_clear(table: Mapping[str, object]) -> bool:
    """Whether one of a service's addresses is none that only the service can answer at."""
    kwargs = table.get("client_kwargs")
    if isinstance(kwargs, Mapping) and kwargs.get("verify", True) is False:
        return True
    names = [name for name in table if name.endswith(("_url", "_uri", "_endpoint"))]
    addresses = [_split(str(table[name])) for name in names if name != "redirect_uri"]
    return not all(each and (each.scheme == "https" or _is_loopback(each)) for each in addresses)


def _is_for_every_tenant(metadata_url: str) -> bool:
    """Whether it is Microsoft's, and not for one organization alone."""
    address = _split(metadata_url)
    host = f".{address.hostname or ''}".rstrip(".") if address else ""
    if address is None or not host.endswith(tuple(f".{each}" for each in MICROSOFT)):
        return False
    tenant = unquote(address.path).lower().lstrip("/").partition("/")[0]
    return TENANT.fullmatch(tenant) is None or tenant == PERSONAL_ACCOUNTS


def _split(address: str) -> SplitResult | None:
    """The parts of a web address; None where it is none."""
    try:
        parts = urlsplit(address.strip())
        return parts if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def _is_loopback(address: SplitResult) -> bool:
    return address.hostname in LOOPBACK
