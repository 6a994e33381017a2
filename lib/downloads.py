"""A stranger's address to bounded, checked bytes.

An address that somebody typed must not become a way into the network this runs in. So: https
only, on its usual port; a name is resolved once, every address of it has to be a public one, and
the connection goes to exactly the address that was checked (a second look-up could answer
otherwise), while the certificate is still held against the name. Redirects are followed by hand
and judged like the first address. Bytes and time are bounded. Nothing of ours goes along: no
proxies, cookies, keys or environment.

DownloadError
  DownloadRefused: the address or the file is not one we fetch
  DownloadFailed: the other side did not give it
"""

from __future__ import annotations

import functools
import io
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent import futures
from contextlib import closing, contextmanager
from enum import StrEnum
from typing import cast

import httpx

from lib.host_names import with_plain_host
from lib.proxies import UnusableProxy, proxy_for
from lib.time_limit import TimeLimit

HTTPS_PORT = 443
MAX_URL_CHARS = 8_192
MAX_REDIRECTS = 3
MAX_ADDRESSES = 4
"""How many addresses of one name are tried before it counts as unreachable."""
CONNECT_SECONDS = 10.0
LOOK_UP_SECONDS = 10.0
_LOOK_UPS = threading.BoundedSemaphore(32)
"""Look-ups under way: those that nobody waits for any more end when the system gives them up."""
_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_REFUSALS = (401, 403)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

Resolver = Callable[[str, int], Sequence[str]]
"""From host and port to its IP addresses, best first. Raises OSError where there are none."""


class DownloadError(Exception):
    """Nothing was fetched. `sentence` says why, for a person, without the address."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class DownloadRefused(DownloadError):
    """The address is not one we go to, or the file is larger than allowed."""


class DownloadFailed(DownloadError):
    """The other side did not give the file. `status` is its HTTP status, if it came that far."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status

    @property
    def gone(self) -> bool:
        """Whether the other side says that there is no such file (any more)."""
        return self.status in _GONE


def system_resolver(host: str, port: int) -> Sequence[str]:
    """What the system knows of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def fetch(
    url: str,
    *,
    max_bytes: int,
    trusted: Collection[str] = (),
    timeout: float = 60.0,
    resolve: Resolver = system_resolver,
    tls: ssl.SSLContext | None = None,
) -> bytes:
    """Download `url`, at most `max_bytes` of it within `timeout` seconds, redirects included.

    `trusted` holds the operator's own base URLs: their origins may be plain http and private, so
    that a local server can stand in. `tls` replaces the usual certificates.
    Raises DownloadRefused and DownloadFailed.
    """
    origins = {_origin(_parsed(base)) for base in trusted}
    target = _parsed(url)
    with TimeLimit(timeout) as limit:
        for _ in range(MAX_REDIRECTS + 1):
            addresses = _checked_addresses(target, origins, resolve, limit)
            with _answer(target, addresses, limit, tls or _usual_certificates()) as response:
                if response.status_code not in _REDIRECTS:
                    return _body(response, max_bytes, limit)
                target = _redirected(target, response)
    raise DownloadRefused(many_redirects(MAX_REDIRECTS))


# --- where to go ------------------------------------------------------------------------------


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(with_plain_host(url) if len(url) <= MAX_URL_CHARS else "")
    except (httpx.InvalidURL, ValueError):
        # No cause: the library's message repeats parts of the address.
        raise DownloadRefused(sentence(Reason.NO_ADDRESS)) from None


def _port(url: httpx.URL) -> int:
    return url.port or (HTTPS_PORT if url.scheme == "https" else 80)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.raw_host.decode("ascii").lower(), _port(url)


def _redirected(url: httpx.URL, response: httpx.Response) -> httpx.URL:
    try:
        return url.join(_parsed(response.headers.get("location", "")))
    except (httpx.InvalidURL, ValueError):
        raise DownloadRefused(sentence(Reason.NO_NEXT_ADDRESS)) from None


def _checked_addresses(
    url: httpx.URL,
    origins: Collection[tuple[str, str, int]],
    resolve: Resolver,
    limit: TimeLimit,
) -> Sequence[str]:
    """The IP addresses to connect to, all of them judged. Raises DownloadRefused."""
    origin = _origin(url)
    _, host, port = origin
    if url.userinfo:
        raise DownloadRefused(sentence(Reason.WITH_LOGIN))
    if origin not in origins and (url.scheme != "https" or not host):
        raise DownloadRefused(sentence(Reason.NOT_HTTPS))
    if origin not in origins and port != HTTPS_PORT:
        raise DownloadRefused(sentence(Reason.OTHER_PORT))
    addresses = _resolved(host, port, resolve, limit)
    # All of them: any may be the one that answers.
    if origin not in origins and not all(is_public(address) for address in addresses):
        raise DownloadRefused(sentence(Reason.NOT_PUBLIC))
    return addresses[:MAX_ADDRESSES]


def _resolved(host: str, port: int, resolve: Resolver, limit: TimeLimit) -> Sequence[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    answer = _looked_up(functools.partial(resolve, host, port))
    try:
        addresses = answer.result(min(_seconds_left(limit), LOOK_UP_SECONDS))
    except futures.TimeoutError:
        _seconds_left(limit)
        raise DownloadFailed(sentence(Reason.NOT_FOUND_IN_TIME)) from None
    except (OSError, UnicodeError) as exc:
        raise DownloadFailed(sentence(Reason.NOT_FOUND)) from exc
    if not addresses:
        raise DownloadFailed(sentence(Reason.NOT_FOUND))
    return addresses


def _looked_up(look_up: Callable[[], Sequence[str]]) -> futures.Future[Sequence[str]]:
    """The answer of a look-up in a thread of its own, as nothing can interrupt the system's."""
    answer: futures.Future[Sequence[str]] = futures.Future()
    under_way = _LOOK_UPS

    def work() -> None:
        try:
            answer.set_result(look_up())
        except BaseException as exc:  # the waiting thread raises it
            answer.set_exception(exc)
        finally:
            under_way.release()

    if not under_way.acquire(blocking=False):
        raise DownloadFailed(sentence(Reason.MANY_LOOK_UPS))
    threading.Thread(target=work, name="look-up", daemon=True).start()
    return answer


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, whatever it is wrapped in."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        elif ip not in _GLOBAL_UNICAST or ip.sixtofour or ip.teredo or ip.scope_id:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


# --- going there ------------------------------------------------------------------------------


def _seconds_left(limit: TimeLimit) -> float:
    """Raises DownloadFailed where none are left."""
    if left := limit.left:
        return left
    raise DownloadFailed(not_in_time(limit.seconds))


@functools.cache
def _usual_certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class _HeldAgainst:
    """Makes connections of a TLS context whose certificates are held against this one name."""

    def __init__(self, name: str, tls: ssl.SSLContext) -> None:
        self._name, self._tls = name, tls

    def set_alpn_protocols(self, protocols: list[str]) -> None:
        self._tls.set_alpn_protocols(protocols)

    def wrap_socket(self, sock: socket.socket, *, server_hostname: str) -> ssl.SSLSocket:
        return self._tls.wrap_socket(sock, server_hostname=self._name)

    def wrap_bio(
        self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *, server_hostname: str
    ) -> ssl.SSLObject:
        return self._tls.wrap_bio(incoming, outgoing, server_hostname=self._name)


@contextmanager
def _answer(
    url: httpx.URL, addresses: Sequence[str], limit: TimeLimit, tls: ssl.SSLContext
) -> Iterator[httpx.Response]:
    """Ask the first address that can be reached. A bare transport: no cookies, no redirects."""
    try:
        proxy = proxy_for(str(url.copy_with(userinfo=b"")))
    except UnusableProxy as problem:
        raise DownloadFailed(str(problem)) from None
    # A proxy's tunnel would hold the certificate against the address that it leads to.
    held = cast(ssl.SSLContext, _HeldAgainst(url.raw_host.decode("ascii"), tls)) if proxy else tls
    with httpx.HTTPTransport(verify=held, trust_env=False, proxy=proxy) as transport:
        try:
            response = _first_answer(transport, url, addresses, limit)
            with closing(response):
                yield response
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            _seconds_left(limit)
            raise DownloadFailed(sentence(Reason.BROKE_OFF)) from exc


def _first_answer(
    transport: httpx.HTTPTransport, url: httpx.URL, addresses: Sequence[str], limit: TimeLimit
) -> httpx.Response:
    for address in addresses:
        try:
            return transport.handle_request(_request(url, address, limit))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as exc:
            _seconds_left(limit)
            failure = exc
    raise DownloadFailed(sentence(Reason.NO_SAFE_WAY)) from failure


def _request(url: httpx.URL, address: str, limit: TimeLimit) -> httpx.Request:
    left = _seconds_left(limit)
    # The connection goes to the address that was checked; the name stays in Host and in TLS.
    return httpx.Request(
        "GET",
        url.copy_with(host=address, fragment=None),
        headers={
            "Host": url.netloc.decode("ascii"),
            "Accept": "*/*",
            "Accept-Encoding": "identity",  # nothing packed, so nothing that unpacks for ever
            "Connection": "close",
            "User-Agent": "Voicekeep",
        },
        extensions={
            "sni_hostname": url.raw_host.decode("ascii"),
            "timeout": httpx.Timeout(left, connect=min(left, CONNECT_SECONDS)).as_dict(),
            "trace": limit.watch,
        },
    )


# --- what comes back --------------------------------------------------------------------------


def _body(response: httpx.Response, max_bytes: int, limit: TimeLimit) -> bytes:
    _refuse_status(response.status_code)
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise DownloadFailed(sentence(Reason.COMPRESSED))
    refusal = DownloadRefused(too_large(max_bytes))
    stated = response.headers.get("content-length", "")
    if stated.isdecimal() and int(stated[:20]) > max_bytes:
        raise refusal
    data = io.BytesIO()  # gives what it holds without a copy
    for chunk in response.iter_raw():
        _seconds_left(limit)
        if data.tell() + len(chunk) > max_bytes:
            raise refusal
        data.write(chunk)
    _seconds_left(limit)  # an ending without a length looks the same when the limit made it
    return data.getvalue()


def _refuse_status(status: int) -> None:
    if status == 200:
        return
    if status in _GONE:
        reason = Reason.GONE
    elif status in _REFUSALS:
        reason = Reason.REFUSED
    elif status == 429 or status >= 500:
        reason = Reason.SERVER_TROUBLE
    else:
        reason = Reason.NO_FILE
    raise DownloadFailed(sentence(reason), status)


# --- in words ---------------------------------------------------------------------------------


class Reason(StrEnum):
    """Why nothing is fetched, as data."""

    NO_ADDRESS = "no_address"
    NO_NEXT_ADDRESS = "no_next_address"
    WITH_LOGIN = "with_login"
    NOT_HTTPS = "not_https"
    OTHER_PORT = "other_port"
    NOT_PUBLIC = "not_public"
    NOT_FOUND_IN_TIME = "not_found_in_time"
    NOT_FOUND = "not_found"
    MANY_LOOK_UPS = "many_look_ups"
    BROKE_OFF = "broke_off"
    NO_SAFE_WAY = "no_safe_way"
    COMPRESSED = "compressed"
    GONE = "gone"
    REFUSED = "refused"
    SERVER_TROUBLE = "server_trouble"
    NO_FILE = "no_file"


SENTENCES = {
    Reason.NO_ADDRESS: "This is not a web address that can be used.",
    Reason.NO_NEXT_ADDRESS: "This address redirects to one that cannot be used.",
    Reason.WITH_LOGIN: "Addresses with a user name or password in them are not fetched.",
    Reason.NOT_HTTPS: "Only addresses that begin with https:// are fetched.",
    Reason.OTHER_PORT: "Only addresses on the usual port of https are fetched.",
    Reason.NOT_PUBLIC: "This address is not on the public internet, so it is not fetched.",
    Reason.NOT_FOUND_IN_TIME: "The server of this address was not found in time. Try again later.",
    Reason.NOT_FOUND: "The server of this address cannot be found.",
    Reason.MANY_LOOK_UPS: "Too many servers are being looked up. Try again later.",
    Reason.BROKE_OFF: "The connection to the server of this address broke.",
    Reason.NO_SAFE_WAY: "The server of this address cannot be reached safely.",
    Reason.COMPRESSED: "The server sent the file compressed in a way that was not requested.",
    Reason.GONE: "There is no file at this address, or it is gone.",
    Reason.REFUSED: (
        "The server does not let us have this file. The link may be private or expired."
    ),
    Reason.SERVER_TROUBLE: "The server of this address has a problem right now. Try again later.",
    Reason.NO_FILE: "The server of this address did not return a file.",
}


def sentence(reason: Reason) -> str:
    """How people read it."""
    return SENTENCES[reason]


def many_redirects(most: int) -> str:
    """One address leads to another, and so on."""
    return f"This address redirects more than {most} times."


def not_in_time(seconds: float) -> str:
    """The download as a whole takes too long."""
    return f"The download was not finished within {seconds:g} seconds."


def too_large(max_bytes: int) -> str:
    """The file is larger than allowed."""
    return f"The file is larger than {max_bytes / 1_000_000:g} MB."
