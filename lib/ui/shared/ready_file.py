"""A file that was made for one visitor and lies ready on this server's disk until it is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, TypeVar

import streamlit as st

from lib.studio.core.context import Context
from lib.studio.core.scratch import scratch_file

_T = TypeVar("_T")


@dataclass(frozen=True)
class ReadyFile(Generic[_T]):
    """`made_of`: what it depends on, to be compared; `told`: what whoever wrote it said of it."""

    made_of: object
    told: _T
    file: BinaryIO

    def read(self) -> bytes:
        """All of it."""
        self.file.seek(0)
        return self.file.read()


def make(context: Context, key: str, made_of: object, write: Callable[[BinaryIO], object]) -> None:
    """Have `write` fill a file, which lies ready in the session under this key then, in place of
    the one before. Raises what `write` does, and OSError.
    """
    forget(key)
    file = scratch_file(context)
    try:
        st.session_state[key] = ReadyFile(made_of, write(file), file)
    finally:  # whoever leaves the page ends it halfway
        if key not in st.session_state:
            file.close()


def forget(key: str) -> None:
    """Close the file of this key, if there is one."""
    ready: ReadyFile[Any] | None = st.session_state.pop(key, None)
    if ready:
        ready.file.close()
