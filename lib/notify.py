"""Sends one message to the team's channels, and tells which of them took it. Knows no records.

Channels are addresses of Apprise, and secrets: they reach no log, no exception and no answer of
this module, which names a channel by its kind only. Which addresses are used: those that Apprise
understands, but for the kinds that show or write on this machine itself (`LOCAL`); a channel is
somewhere else. Nothing is attached, nothing is stored, and no file names other channels.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import warnings
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Protocol

LOCAL = frozenset(
    {"dbus", "kde", "qt", "glib", "gio", "gnome", "macosx", "windows", "syslog", "blink1", "file"}
)
"""What ends on this machine: nobody looks at a server's desktop, lamp or log."""
SOCKET_SECONDS = 10.0
"""For connecting, and for each answer; an address may ask for less."""
PATIENCE = 20.0
"""Seconds for all channels together, side by side. What answers later counts as failed."""
MOST_CHANNELS = 20
SMALL_CHANNEL = 1_000
"""Characters: a channel of smaller messages (SMS) gets the beginning, any other all parts."""
NAMES = {
    "mailto": "mail",
    "slack": "Slack",
    "discord": "Discord",
    "msteams": "Teams",
    "workflows": "Teams",
    "workflow": "Teams",
    "tgram": "Telegram",
    "matrix": "Matrix",
    "mmost": "Mattermost",
    "gchat": "Google Chat",
    "ntfy": "ntfy",
    "pover": "Pushover",
    "json": "a webhook",
    "xml": "a webhook",
    "form": "a webhook",
    "http": "a web address",
}
_ADDRESS = re.compile(r"([a-z0-9]+://.*?)(?=$|[\s,]+[a-z0-9]{1,32}://)", re.IGNORECASE)
"""How Apprise itself tells addresses apart."""
_SCHEME = re.compile(r"([a-z0-9]{1,16})://", re.IGNORECASE)
_STATUS = re.compile(r"error=(\d{3})")


@dataclass(frozen=True)
class Delivery:
    """How sending went: kinds of channels that took it, and a sentence for each that did not."""

    reached: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def channels(addresses: str) -> tuple[str, ...]:
    """The kinds of channels in the setting, each once, in plain words: "mail", "Slack"."""
    return tuple(dict.fromkeys(kind_of(address) for address in _split(addresses)))


def kind_of(address: str) -> str:
    """What sort of channel an address is, by its scheme alone."""
    found = _SCHEME.match(address)
    if found is None:
        return "something that is not an address"
    scheme = found[1].lower()
    return NAMES.get(scheme) or NAMES.get(scheme.removesuffix("s")) or scheme


def faults(addresses: str) -> tuple[str, ...]:
    """A sentence for each address that cannot be used; nothing is sent."""
    return _open(addresses)[1]


def send(addresses: str, title: str, body: str, *, patience: float = PATIENCE) -> Delivery:
    """Send a plain text to all channels at once. Never raises, never takes much over `patience`."""
    usable, refused = _open(addresses)
    sendings = [_Sending(kind, channel, title, body) for kind, channel in usable]
    # A thread each: one that hangs holds up neither the others nor the end of the process.
    for sending in sendings:
        sending.start()
    end = time.monotonic() + patience
    for sending in sendings:
        sending.join(max(0.0, end - time.monotonic()))
    reached = [sending.kind for sending in sendings if sending.problem == ""]
    late = [
        f"{_capital(sending.kind)} did not answer in time."
        if sending.problem is None
        else f"{_capital(sending.kind)} {sending.problem}"
        for sending in sendings
        if sending.problem != ""
    ]
    return Delivery(tuple(dict.fromkeys(reached)), (*refused, *dict.fromkeys(late)))


class _Channel(Protocol):
    """What is used of `apprise.Apprise`, which has no types."""

    def add(self, servers: object) -> bool: ...

    def notify(self, body: str, *, title: str, body_format: str) -> bool | None: ...


class _Sending(threading.Thread):
    """One channel's sending. `problem`: None while it goes on, "" when it was delivered."""

    def __init__(self, kind: str, channel: _Channel, title: str, body: str) -> None:
        super().__init__(name="voicekeep-notify", daemon=True)
        self.kind = kind
        self.problem: str | None = None
        self._channel = channel
        self._title = title
        self._body = body

    def run(self) -> None:
        _EAR.reason()  # of an earlier thread of the same number
        try:
            done = self._channel.notify(self._body, title=self._title, body_format="text")
        except Exception:  # its text may hold the address
            done = False
        reason = _EAR.reason()
        self.problem = "" if done else reason


class _Ear(logging.Filter):
    """Hears what Apprise says while a thread sends, keeps the reason of a refusal, and lets
    nothing through to any log: its records name addresses, and tokens in full."""

    def __init__(self) -> None:
        super().__init__()
        self._reasons: dict[int, str] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.thread is not None and record.levelno >= logging.WARNING:
            text = record.getMessage()
            if found := _STATUS.search(text):
                self._reasons[record.thread] = _answer(int(found[1]))
            elif "submitting email" in text:
                self._reasons[record.thread] = "could not be reached, or refused the sign-in."
            elif "connection error" in text.lower():
                self._reasons[record.thread] = "could not be reached."
        return False

    def reason(self) -> str:
        """Why the sending of this thread did not go well."""
        return self._reasons.pop(threading.get_ident(), "did not accept it. Check its address.")


_EAR = _Ear()


def _answer(status: int) -> str:
    if status in (401, 403):
        return "refused the key or password in its address."
    if status in (404, 410):
        return "says that its address does not exist."
    if status == 429:
        return "asks for a pause."
    return "has a problem of its own." if status >= 500 else "refused the message."


def _split(addresses: str) -> list[str]:
    """One by one: lines, and within a line as Apprise does it, at spaces or commas."""
    listed = []
    for line in addresses.splitlines():
        found = _ADDRESS.split(line)  # what is no address stands before the first one
        listed += [part.strip(" ,\t") for part in found]
    return [part for part in listed if part]


def _open(addresses: str) -> tuple[list[tuple[str, _Channel]], tuple[str, ...]]:
    """All usable channels with their kind, and a sentence for each address that is none."""
    usable: list[tuple[str, _Channel]] = []
    refused: list[str] = []
    listed = _split(addresses)
    for number, address in enumerate(listed):
        kind = kind_of(address)
        scheme = _SCHEME.match(address)
        if number >= MOST_CHANNELS:
            refused.append(f"Only the first {MOST_CHANNELS} addresses are used.")
            break
        if scheme and scheme[1].lower() in LOCAL:
            refused.append(f"{_capital(kind)} would end on this server, where nobody sees it.")
        elif scheme and (channel := _channel(address)) is not None:
            usable.append((kind, channel))
        else:
            refused.append(f"{_capital(kind)}: messages cannot go to its address.")
    return usable, tuple(dict.fromkeys(refused))


def _channel(address: str) -> _Channel | None:
    """One channel with bounds of our own, or None where Apprise makes nothing of the address."""
    apprise = _apprise()
    asset = apprise.AppriseAsset(
        app_id="Voicekeep",
        app_desc="Voicekeep",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        secure_logging=True,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        pgp_autogen=False,
        pem_autogen=False,
    )
    try:
        plugin = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
        if plugin is None or not plugin.enabled:
            return None
        plugin.socket_connect_timeout = _bounded(plugin.socket_connect_timeout)
        plugin.socket_read_timeout = _bounded(plugin.socket_read_timeout)
        # Whatever the address asks for: it must not outlast our patience, nor be left out.
        plugin.retry = 0
        plugin.optional = False
        plugin.tags = set()
        small = 0 < plugin.body_maxlen < SMALL_CHANNEL
        modes = apprise.OverflowMode
        plugin.overflow_mode = modes.TRUNCATE if small else modes.SPLIT
        channel: _Channel = apprise.Apprise(asset=asset)
        channel.add(plugin)
    except Exception:  # a defect of one plugin, whose text may hold the address
        return None
    return channel


def _bounded(seconds: float | None) -> float:
    return min(seconds, SOCKET_SECONDS) if seconds and seconds > 0 else SOCKET_SECONDS


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def _apprise() -> ModuleType:
    """Apprise, imported when it is first needed, and mute: its records name addresses."""
    logger = logging.getLogger("apprise")
    logger.addFilter(_EAR)
    logger.setLevel(logging.WARNING)
    # It writes down the path of each request, which is the secret of many channels.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a module it looks for, on import
        import apprise

        apprise.Apprise.instantiate("json://localhost")  # loads all kinds of channels
    return apprise
