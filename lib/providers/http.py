"""HTTP manners shared by the clients: one careful request at a time, its answer whole or none.

`Endpoint` sends and never repeats; what an error answer means is told by `refusals.py`.

    ExchangeError
      Unsendable: the request holds what no request can hold, nothing was tried
      NotSent: the connection was never made, the service knows nothing of it
      NoAnswer: something may have arrived there, and nothing usable came back
"""

from __future__ import annotations

import logging
import re
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Protocol, TypedDict, Unpack

import httpx

from lib.clock import Clock, SystemClock
from lib.json_reading import json_object, number
from lib.models import Money
from lib.proxies import UnusableProxy, proxy_for
from lib.services.offers import BEARER
from lib.time_limit import TimeLimit

MAX_JSON_BYTES = 5_000_000
"""The longest answer is Kyma's list of over 3,000 voices."""
MAX_AUDIO_BYTES = 50_000_000
MAX_DOLLARS = Decimal(1_000_000)
"""More than that in one figure is not money but a mistake, and costly to count with."""
MAX_RETRY_AFTER = 86_400.0
"""Seconds: no service has a pause longer than a day."""

log = logging.getLogger("voicekeep.providers")

# httpx logs each address in full, and addresses of results carry signatures.
logging.getLogger("httpx").setLevel(logging.WARNING)


class ExchangeError(Exception):
    """A request did not lead to an answer."""


class Unsendable(ExchangeError):
    """Half a character, say, that no encoding takes: nothing was tried."""


class NotSent(ExchangeError):
    """The connection was never made: nothing ran."""


class NoAnswer(ExchangeError):
    """The connection was made; what arrived there is not known, and no whole answer came."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds. `read` is for questions that cost nothing, `paid_read` for those that do."""

    connect: float = 5
    read: float = 20
    paid_read: float = 120
    write: float = 60
    pool: float = 5

    def whole(self, *, paid: bool) -> float:
        """The end of a request, however slowly its parts trickle."""
        return self.connect + self.write + self.pool + (self.paid_read if paid else self.read)

    def parts(self, *, paid: bool) -> httpx.Timeout:
        """The limit of each single read and write, as httpx takes it."""
        read = self.paid_read if paid else self.read
        return httpx.Timeout(connect=self.connect, read=read, write=self.write, pool=self.pool)


class Content(TypedDict, total=False):
    """What a request carries, by httpx's names."""

    json: object
    params: Mapping[str, str]
    data: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes, str]]
    """For each field the file's name, its bytes and its media type."""
    cookies: dict[str, str]


class Pace(Protocol):
    """How fast requests may leave."""

    def wait(self, *, paid: bool = False) -> None:
        """Return when the next one may; nothing may hold up what is paid but its own turn."""
        ...


class RateLimit:
    """A token bucket shared by threads: `per_second` requests, a second's worth at once."""

    def __init__(
        self,
        per_second: float,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = per_second
        self._most = max(1.0, per_second)
        self._tokens = self._most
        self._sleep = sleep
        self._monotonic = monotonic
        self._filled_at = monotonic()
        self._lock = threading.Lock()

    def wait(self, *, paid: bool = False) -> None:
        """Take a token; one that is not there yet is reserved and slept for."""
        with self._lock:
            now = self._monotonic()
            self._tokens += (now - self._filled_at) * self._rate
            # Taken before it is slept for, so that threads that wait line up behind each other.
            self._tokens = min(self._most, self._tokens) - 1
            self._filled_at = now
            pause = -self._tokens / self._rate
        if pause > 0:
            self._sleep(pause)


@dataclass(frozen=True)
class Answer:
    """A whole answer: its headers by lower-case name, its body unpacked and bounded."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    received_at: datetime

    @property
    def is_ok(self) -> bool:
        """Whether the status is one of success; what the body says may differ."""
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str:
        """What the service's support wants to know, as far as it is an id."""
        found = self.headers.get("x-request-id", "")
        return found if re.fullmatch(r"[\w.:/+=-]{1,100}", found, re.ASCII) else ""

    @property
    def answered_at(self) -> datetime | None:
        """The service's own clock."""
        return _http_date(self.headers.get("date", ""))

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, whether the header gives seconds or a date."""
        if (seconds := self.seconds("retry-after", 0, MAX_RETRY_AFTER)) is not None:
            return seconds
        if until := _http_date(self.headers.get("retry-after", "")):
            pause = (until - (self.answered_at or self.received_at)).total_seconds()
            return min(max(pause, 0.0), MAX_RETRY_AFTER)
        return None

    def seconds(self, header: str, least: float, most: float) -> float | None:
        """A pause that a header names, kept inside bounds; None where there is none."""
        named = number(self.headers.get(header, ""))
        return None if named is None else min(max(float(named), least), most)

    def json(self) -> dict[str, object] | None:
        """The body as a JSON object with exact numbers (Decimal), or None if it is none."""
        return json_object(self.body)


_NEVER_CONNECTED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,  # the proxy let nothing through
    httpx.UnsupportedProtocol,
)


class Endpoint:
    """One service's base address. The key goes to its origin and nowhere else, in `key_header`:
    the name of a header, and its value with {} for the key.

    Each request has a connection of its own: a kept one that the service has closed meanwhile
    would turn a paid request that never arrived into one with an unknown outcome. Of the machine's
    settings its proxy counts (`lib/proxies.py`), and nothing else.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        limit: Pace,
        timeouts: Timeouts,
        key_header: tuple[str, str] = BEARER,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._origin = _origin(self._base_url)
        self._key = key
        self._key_header = key_header
        self._limit = limit
        self._timeouts = timeouts
        self._clock = clock or SystemClock()
        proxy = None
        self._has_way_out = True
        try:
            # A transport of its own leads to no network.
            proxy = proxy_for(self._base_url) if transport is None else None
        except UnusableProxy as problem:
            log.warning("%s", problem)
            self._has_way_out = False
        self._client = httpx.Client(
            transport=transport,
            proxy=proxy,
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": "voicekeep", "Accept-Encoding": "gzip"},
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def key_is_odd(self) -> bool:
        """A key that cannot stand in a header; the error of trying would quote it."""
        return not (self._key.isascii() and self._key.isprintable() and " " not in self._key)

    def is_home(self, url: str) -> bool:
        """Whether the address has the base address's scheme, host and port."""
        return bool(self._origin) and _origin(url) == self._origin

    def call(
        self,
        method: str,
        path: str,
        *,
        paid: bool = False,
        max_bytes: int = MAX_JSON_BYTES,
        **content: Unpack[Content],
    ) -> Answer:
        """Send a request with the key, once."""
        name, value = self._key_header
        headers = {name: value.format(self._key)} if self._key else {}
        url = f"{self._base_url}/{path}"
        return self._send(method, url, paid=paid, max_bytes=max_bytes, headers=headers, **content)

    def download(self, url: str, *, max_bytes: int) -> Answer:
        """Get an address of the same origin, without the key."""
        if not self.is_home(url):
            raise NotSent("not an address of this service")
        return self._send("GET", url, paid=False, max_bytes=max_bytes)

    def _send(
        self,
        method: str,
        url: str,
        *,
        paid: bool,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        **content: Unpack[Content],
    ) -> Answer:
        if not self._has_way_out:
            raise NotSent("no usable proxy")
        limit = TimeLimit(self._timeouts.whole(paid=paid))
        try:
            request = self._client.build_request(
                method,
                url,
                headers=headers,
                timeout=self._timeouts.parts(paid=paid),
                extensions={"trace": limit.watch},
                **content,
            )
        except httpx.InvalidURL as exc:
            raise NotSent("no address") from exc
        except (ValueError, TypeError):  # its text would quote what cannot be sent
            raise Unsendable("not a request") from None
        self._limit.wait(paid=paid)
        try:
            with limit, closing(self._client.send(request, stream=True)) as response:
                body = _body(response, max_bytes)
        except _NEVER_CONNECTED as exc:
            raise NotSent("no connection") from exc
        except (httpx.HTTPError, OSError) as exc:
            raise NoAnswer("broken off") from exc
        if limit.is_over:  # a body that ends with its connection looks whole when cut
            raise NoAnswer("too slow")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, body, self._clock.now())


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address; None where it is none of the web."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError):
        return None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        return None
    return parsed.scheme, parsed.host, parsed.port or {"http": 80, "https": 443}[parsed.scheme]


def _body(response: httpx.Response, max_bytes: int) -> bytes:
    is_json = "json" in response.headers.get("content-type", "").lower()
    is_refusal = response.status_code >= 400
    limit = min(max_bytes, MAX_JSON_BYTES) if is_json or is_refusal else max_bytes
    try:
        packed = bytearray()
        for chunk in response.iter_raw():
            packed += chunk
            if len(packed) > limit:
                raise NoAnswer("too much")
        return _unpacked(bytes(packed), response.headers.get("content-encoding", ""), limit)
    except (ExchangeError, httpx.HTTPError):
        if is_refusal:  # the status alone says what happened; the body was only to explain it
            return b""
        raise


def _unpacked(packed: bytes, encoding: str, limit: int) -> bytes:
    """Undo gzip within bounds; httpx would unpack a bomb to its full size."""
    if encoding.lower() in ("", "identity"):
        return packed
    if encoding.lower() not in ("gzip", "x-gzip", "deflate"):
        raise NoAnswer("packed in an unknown way")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # of gzip and zlib, as it comes
    try:
        body = unpacker.decompress(packed, limit + 1)
    except zlib.error as exc:
        raise NoAnswer("badly packed") from exc
    if len(body) > limit or not unpacker.eof:
        raise NoAnswer("too much, or not all of it")
    return body


def money(value: object) -> Money | None:
    """Dollars from a JSON number or its text; None where it is no sensible amount."""
    amount = number(value)
    if amount is None or not -MAX_DOLLARS <= amount <= MAX_DOLLARS:
        return None
    return Money.usd(amount)


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def looks_like_audio(data: bytes) -> bool:
    """Whether the first bytes are those of MP3, WAV, Ogg, FLAC, MP4 or AAC (ADTS) audio."""
    if data[:3] == b"ID3" or data[:4] in (b"OggS", b"fLaC") or data[4:8] == b"ftyp":
        return True
    if data[:4] == b"RIFF":
        return data[8:12] == b"WAVE"
    if len(data) < 4 or data[0] != 0xFF:
        return False
    is_mp3 = data[1] & 0xE0 == 0xE0 and data[1] & 0x06 in (0x02, 0x04)  # layer III or II
    return is_mp3 or data[1] & 0xF6 == 0xF0  # ADTS
