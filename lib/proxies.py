"""The way out: which proxy an address is asked for through, one answer for all clients.

`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` belong to the machine and not to this app,
as whoever runs the machine sets them for all programs alike: they are read from the environment
itself, and no secrets file has them. Nothing on this machine is asked for through a proxy.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

_PROXY = re.compile(r"https?://[^\s/?#]+/?", re.IGNORECASE)


class UnusableProxy(Exception):
    """A proxy is set, and it is none that can be used. Nothing goes around it."""

    def __init__(self) -> None:
        super().__init__(
            "The proxy in this machine's HTTPS_PROXY cannot be used. It has to be an address such "
            "as http://proxy.example.org:3128."
        )


def proxy_for(url: str) -> str | None:
    """The proxy's address, which may hold a password, or None. Raises `UnusableProxy`."""
    try:
        target = urlsplit(url)
        host, port = target.hostname or "", target.port
    except ValueError:
        return None
    proxies = getproxies_environment()
    given = proxies.get(target.scheme.lower()) or proxies.get("all")
    if not given or not host or _is_spared(host, port, proxies.get("no", "")):
        return None
    found = given.strip() if "://" in given else f"http://{given.strip()}"
    if not _PROXY.fullmatch(found):
        raise UnusableProxy
    return found


def _is_spared(host: str, port: int | None, spared: str) -> bool:
    """Whether it is on this machine, or what `NO_PROXY` names: hosts, domains, networks, or all."""
    address = _address(host)
    if host == "localhost" or (address and address.is_loopback):
        return True
    for name in filter(None, re.split(r"[\s,]+", spared.lower())):
        domain = name.removeprefix("*").removeprefix(".")
        if name == "*" or domain in (host, f"{host}:{port}") or host.endswith(f".{domain}"):
            return True
        if address and (network := _network(name)) and address in network:
            return True
    return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
