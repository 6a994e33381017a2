"""The one workshop of this process, with its keeper; built at the first visit."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import streamlit as st

from lib import keeper, settings
from lib.settings import Settings
from lib.studio.workshop import Workshop, open_workshop
from lib.ui.gate import bound_to_loopback


@st.cache_resource(show_spinner=False)
def load_settings() -> Settings:
    """Read once per process; a change of secrets restarts a hosted app. Raises `BadSettings`."""
    return settings.load(os.environ, (Path.cwd(), Path.home()))


def _release(workshop: Workshop) -> None:
    workshop.stop_keeper()


@st.cache_resource(show_spinner="Opening the library…", on_release=_release)
def open_shop() -> Workshop:
    """Raises `DatabaseUnavailable`, `VaultError`, `BadSettings`; failures are not remembered."""
    workshop = open_workshop(load_settings(), loopback=bound_to_loopback())
    keeper.start(workshop)
    # What was imported so far stays: the collection after each run need not walk it again.
    gc.collect()
    gc.freeze()
    return workshop
