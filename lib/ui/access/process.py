"""The one context of this process, with its keeper; built at the first visit.

A hosted app reloads its modules at every push while caches live on. Objects of the old classes
would no longer be what the new code compares and catches, so each generation of the code has a
context of its own, and the one before it is closed.
"""

from __future__ import annotations

import gc
import logging
import math
import os
import secrets
import threading
import time

import streamlit as st

from lib import keeper, settings
from lib.setting_problems import describe
from lib.settings import BadSettings, Settings
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.core.records import DatabaseUnavailable, VaultError
from lib.ui.access.this_machine import bound_to_loopback

log = logging.getLogger("voicekeep.settings")

OPENING = "voicekeep-opening"
OPENS_AGAIN_AFTER = 60.0
"""Seconds after which a visitor at the closed door has it tried again."""


def load_settings() -> Settings:
    """As they are set right now; read again when a file or the environment changed.

    Raises `BadSettings`.
    """
    folders = settings.usual_folders()
    given = tuple(sorted(os.environ.items()))
    read = _settings(id(Settings), hash((given, settings.stamp(folders))))
    if isinstance(read, BadSettings):
        raise read.with_traceback(None)
    return read


@st.cache_resource(show_spinner=False)
def own_secret() -> bytes:
    """Something random that only this process knows; another one has another."""
    return secrets.token_bytes(32)


def open_aside() -> None:
    """Have it opened, and so its keeper started, for a visitor who is not in, who never waits.

    One thread does it for all visitors, and while it fails, at most once in a while.
    """
    _opening(id(Context)).begin()


class _Opening:
    """The opening of this process's context in the background."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed_at = -math.inf
        """In the monotonic clock's seconds; +inf while it has not failed: under way, or done."""

    def begin(self) -> None:
        """Try it, unless that was done, is under way or failed a moment ago."""
        with self._lock:
            if time.monotonic() < self._failed_at + OPENS_AGAIN_AFTER:
                return
            self._failed_at = math.inf
        try:
            threading.Thread(target=self._open, name=OPENING, daemon=True).start()
        except RuntimeError as problem:  # no thread is to be had right now
            log.warning("Behind the closed door the keeper cannot start: %s", problem)
            self._failed_at = time.monotonic()

    def _open(self) -> None:
        try:
            open_shop()
            return
        except (BadSettings, DatabaseUnavailable, VaultError) as problem:
            log.warning("Behind the closed door the keeper cannot start: %s", problem)
        except Exception:
            log.exception("Behind the closed door the keeper cannot start")
        self._failed_at = time.monotonic()


@st.cache_resource(show_spinner=False, max_entries=1)
def _opening(generation: int) -> _Opening:
    return _Opening()


def open_shop() -> Context:
    """Raises `DatabaseUnavailable`, `VaultError`, `BadSettings`; failures are not remembered."""
    return _shop(id(Context))


@st.cache_resource(show_spinner=False, max_entries=1)
def _settings(generation: int, stamp: int) -> Settings | BadSettings:
    """What was read, or why it cannot be used; the log names all that is not followed, once."""
    folders = settings.usual_folders()
    written = _written()
    written.update(settings.written(folders))
    # Streamlit copies secrets files into the environment; what it put there is none of it.
    environment = {name: text for name, text in os.environ.items() if (name, text) not in written}
    read: Settings | BadSettings
    try:
        read = settings.load(environment, folders)
    except BadSettings as problem:
        read = problem
    for item in getattr(read, "problems", ()):
        log.warning("%s", describe(item))
    return read


@st.cache_resource(show_spinner=False)
def _written() -> set[tuple[str, str]]:
    """Names and values that stood in a secrets file since the start."""
    return set()


@st.cache_resource(
    show_spinner="Opening the library…", max_entries=1, on_release=lambda shop: shop.close()
)
def _shop(generation: int) -> Context:
    context = open_context(load_settings(), loopback=bound_to_loopback())
    keeper.start(context)
    # What was imported so far stays: no collection need walk it again. There is no garbage yet that
    # would be worth the twentieth of a second that it takes to look for it, while somebody waits.
    gc.freeze()
    return context
