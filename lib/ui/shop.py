"""The one workshop of this process, with its keeper; built at the first visit.

A hosted app reloads its modules at every push while caches live on. Objects of the old classes
would no longer be what the new code compares and catches, so each generation of the code has a
workshop of its own, and the one before it is closed.
"""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Mapping

import streamlit as st

from lib import keeper, settings
from lib.setting_problems import SettingProblem, told
from lib.settings import NotUnderstood, Settings
from lib.studio.workshop import Workshop, open_workshop
from lib.ui.gate import bound_to_loopback

log = logging.getLogger("voicekeep.settings")

_written: set[tuple[str, str]] = set()
"""What stood in a secrets file since the start, name and value."""


def load_settings() -> Settings:
    """As they are set right now; read again when a file or the environment changed.

    Raises `BadSettings`.
    """
    folders = settings.usual_folders()
    given = tuple(sorted(os.environ.items()))
    return _settings(id(Settings), hash((given, settings.stamp(folders))))


def open_shop() -> Workshop:
    """Raises `DatabaseUnavailable`, `VaultError`, `BadSettings`; failures are not remembered."""
    return _shop(id(Workshop))


@st.cache_resource(show_spinner=False, max_entries=1)
def _settings(generation: int, stamp: int) -> Settings:
    folders = settings.usual_folders()
    _written.update(settings.written(folders))
    try:
        known = settings.load(_environment(os.environ), folders)
    except NotUnderstood as problem:
        _log(problem.problems)
        raise
    _log(known.problems)
    return known


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment without what Streamlit put there: it copies secrets files into it."""
    return {name: value for name, value in variables.items() if (name, value) not in _written}


def _log(problems: tuple[SettingProblem, ...]) -> None:
    for problem in problems:
        log.warning("%s", told(problem))


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
