"""How much of what visitors bring is held in memory at once: by one of them, and by all together.

Streamlit takes files from anybody who is connected, shown a field for them or not, and keeps them
until the session is forgotten; its `maxUploadSize` bounds one file, and nothing their number.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import streamlit as st
from starlette.exceptions import HTTPException
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from lib.ui.access import sessions

MEGABYTE = 1024 * 1024
BY_ONE = 208 * MEGABYTE
"""One file of the largest size and a recording of a minute. What was brought is put on the disk and
released at once, so that more need not be in memory.
"""
IN_ALL = 2 * BY_ONE
"""Two of the largest files on their way at the same time. A host with 1 GB has room for that beside
the app itself, which takes 150 MB and 1 MB for each tab.
"""
SMALLEST = MEGABYTE
"""What even an empty file counts for, so that the number of files is bounded as well."""
ON_ITS_WAY = 60.0
"""Seconds in which a field that a file was brought to has surely learnt of it."""

IN_USE = "uploads_in_use"
PAGE = "uploads_page"
BOUNDS = "voicekeep_bounds"


class Refusal(StrEnum):
    """Why a file is not taken."""

    NOT_IN = "not_in"
    FULL_FOR_ONE = "full_for_one"
    FULL_FOR_ALL = "full_for_all"


STATUS = {Refusal.NOT_IN: 403, Refusal.FULL_FOR_ONE: 507, Refusal.FULL_FOR_ALL: 507}
SENTENCES = {
    Refusal.FULL_FOR_ONE: (
        "Your file was not uploaded: this tab holds too much. Upload fewer at a time, or reload. "
        "Nothing was spent."
    ),
    Refusal.FULL_FOR_ALL: (
        "Your file was not uploaded: the app is full right now. Try again in a few minutes. "
        "Nothing was spent."
    ),
}
"""No longer than fits into the corner of a page."""


class Bounds:
    """What this process holds, and is about to hold, of each session."""

    def __init__(self, files: MemoryUploadedFileManager, clock: Callable[[], float]) -> None:
        self._files = files
        self._clock = clock
        self._lock = threading.Lock()
        self._arriving: Counter[str] = Counter()
        self._arrived: dict[str, float] = {}
        self._store = files.add_file

    @contextmanager
    def expect(self, session_id: str, size: int) -> Iterator[Refusal | None]:
        """Keep room for a file of this size, in bytes, for as long as it takes to arrive."""
        weight = max(size, SMALLEST)
        with self._lock:
            refusal = self._judge(session_id, weight, self._arriving)
            if refusal is None:
                self._arriving[session_id] += weight
        try:
            yield refusal
        finally:
            if refusal is None:
                with self._lock:
                    self._arriving[session_id] -= weight
                    self._arriving += Counter()  # forgets those who wait for nothing

    def take(self, session_id: str, file: UploadedFileRec) -> None:
        """In the place of Streamlit's `add_file`: what was not expected is judged here.

        Some hosts might run the page without the entry file's server. Raises `HTTPException`.
        """
        with self._lock:
            refusal = self._judge(session_id, max(len(file.data), SMALLEST), Counter())
            if refusal is not None:
                raise HTTPException(STATUS[refusal], "The file was not uploaded.")
            self._store(session_id, file)
            self._arrived[file.file_id] = self._clock()

    def keep_only(self, session_id: str, in_use: Collection[str]) -> None:
        """Free what a session brought to fields that are gone."""
        long_ago = self._clock() - ON_ITS_WAY
        for file_id in list(self._files.file_storage.get(session_id, ())):
            if file_id not in in_use and self._arrived.get(file_id, 0.0) < long_ago:
                self._files.remove_file(session_id, file_id)
        self._forget_gone()

    def free(self, session_id: str) -> None:
        """Free all that a session brought."""
        self._files.remove_session_files(session_id)
        self._forget_gone()

    def _judge(self, session_id: str, weight: int, arriving: Counter[str]) -> Refusal | None:
        if not sessions.is_in(session_id):
            return Refusal.NOT_IN
        if self._weight_of(session_id) + arriving[session_id] + weight > BY_ONE:
            return Refusal.FULL_FOR_ONE
        if self._weight_of_all() + arriving.total() + weight <= IN_ALL:
            return None
        self._free_the_absent()
        fits = self._weight_of_all() + arriving.total() + weight <= IN_ALL
        return None if fits else Refusal.FULL_FOR_ALL

    def _free_the_absent(self) -> None:
        """Those whose connection broke may yet come back; a person who is here goes first."""
        for session_id in list(self._files.file_storage):
            if not sessions.is_connected(session_id):
                self._files.remove_session_files(session_id)

    def _weight_of_all(self) -> int:
        return sum(self._weight_of(session_id) for session_id in list(self._files.file_storage))

    def _weight_of(self, session_id: str) -> int:
        held = list(self._files.file_storage.get(session_id, {}).values())
        return sum(max(len(file.data), SMALLEST) for file in held)

    def _forget_gone(self) -> None:
        with self._lock:
            held = {
                file_id for files in list(self._files.file_storage.values()) for file_id in files
            }
            self._arrived = {key: at for key, at in self._arrived.items() if key in held}


def bounds() -> Bounds | None:
    """Those of this process, set at the first call; None where no server runs, as in a test."""
    if not runtime.exists():
        return None
    files = runtime.get_instance().uploaded_file_mgr
    if not isinstance(files, MemoryUploadedFileManager):
        return None
    found: Bounds | None = getattr(files, BOUNDS, None)
    if found is None:
        found = Bounds(files, time.monotonic)
        setattr(files, BOUNDS, found)
        files.add_file = found.take  # type: ignore[method-assign]
    return found


def largest() -> int:
    """Bytes of the largest single file that Streamlit takes."""
    return int(st.get_option("server.maxUploadSize")) * MEGABYTE


@contextmanager
def page_run(page: str) -> Iterator[None]:
    """Around a run of this page: what no field of it holds is freed.

    A run that was interrupted, or stopped, may have been about to draw one.
    """
    if st.session_state.get(PAGE) != page:
        st.session_state[PAGE] = page
        _keep_only(())
    st.session_state[IN_USE] = set()
    yield
    _keep_only(st.session_state[IN_USE])


def _keep_only(in_use: Collection[str]) -> None:
    context = get_script_run_ctx()
    if context is not None and (found := bounds()):
        found.keep_only(context.session_id, in_use)


def free_own() -> None:
    """In a page run whose visitor is not in, any more: free what was brought."""
    context = get_script_run_ctx()
    if context is not None and (found := bounds()):
        found.free(context.session_id)


def share_copies() -> None:
    """Streamlit hands each run a deep copy of what a field holds: from now on it shares the bytes,
    which nobody changes, so that a file of 200 MB takes 200 MB and not 400.
    """
    UploadedFile.__deepcopy__ = _shared  # type: ignore[attr-defined]


def _shared(file: UploadedFile, _memo: object) -> UploadedFile:
    data = b"" if file.closed else file.getvalue()
    copy = UploadedFile(UploadedFileRec(file.file_id, file.name, file.type, data), file._file_urls)
    if file.closed:
        copy.close()
    return copy


def release(file: UploadedFile) -> None:
    """Free what was brought, as something else has it now. The field holds nothing from then on,
    though a browser shows the file in it until the field gets another key.
    """
    context = get_script_run_ctx()
    if context and isinstance(files := context.uploaded_file_mgr, MemoryUploadedFileManager):
        files.remove_file(context.session_id, file.file_id)
        st.session_state.get(IN_USE, set()).discard(file.file_id)
    # Streamlit keeps an object of its own for the field until the next run but one.
    for held in [file, *st.session_state.values()]:
        for item in held if isinstance(held, list) else [held]:
            if isinstance(item, UploadedFile) and item.file_id == file.file_id:
                item.close()


def in_use(file: Any) -> None:
    """A field of this run holds this file, or none."""
    if file is not None:
        st.session_state.setdefault(IN_USE, set()).add(file.file_id)
