"""The one workshop of this process, with its keeper; built at the first visit.

A hosted app reloads its modules at every push while caches live on. Objects of the old classes
would no longer be what the new code compares and catches, so each generation of the code has a
workshop of its own, and the one before it is closed.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

import streamlit as st

from lib import keeper, settings
from lib.settings import Settings
from lib.studio.workshop import Workshop, open_workshop
from lib.ui.this_machine import bound_to_loopback


def load_settings() -> Settings:
    """Read once per process; a change of secrets restarts a hosted app. Raises `BadSettings`."""
    return _settings(id(Settings))


def open_shop() -> Workshop:
    """Raises `DatabaseUnavailable`, `VaultError`, `BadSettings`; failures are not remembered."""
    return _shop(id(Workshop))


@st.cache_resource(show_spinner=False, max_entries=1)
def _settings(generation: int) -> Settings:
    return settings.load(os.environ, (Path.cwd(), Path.home()))


@st.cache_resource(
    show_spinner="Opening the library…", max_entries=1, on_release=lambda shop: shop.close()
)
def _shop(generation: int) -> Workshop:
    workshop = open_workshop(load_settings(), loopback=bound_to_loopback())
    keeper.start(workshop)
    # What was imported so far stays: the collection after each run need not walk it again.
    gc.collect()
    gc.freeze()
    return workshop
