"""Bringing a recording: upload, microphone or link; judged by content as soon as it is here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import streamlit as st

from lib.downloads import DownloadError, fetch
from lib.recordings.inspect import Recording, UnreadableRecording, inspect
from lib.recordings.judge import Verdict, judge
from lib.services import CloneOffer
from lib.ui import words
from lib.ui.shared import fields

MAX_BYTES = 200 * 1024 * 1024
UPLOAD_MEGABYTES = 200
LAST_USED = "clone_last_used"
LINK_FAULT = "clone_link_fault"
MIC_RATE = 48_000
"""Hertz; the recorder's own default would be too coarse for cloning."""


@dataclass(frozen=True)
class Brought:
    """A recording that was brought: its bytes and what they are. `fault`: why it is none."""

    data: bytes = field(repr=False)
    file_name: str
    facts: Recording | None
    fault: str = ""

    @property
    def suggested_name(self) -> str:
        stem = PurePosixPath(self.file_name).stem
        return " ".join(stem.replace("_", " ").replace("-", " ").split())[:60] or "My voice"

    def verdict(self, offer: CloneOffer) -> Verdict:
        """Whether this offer takes it, and why not."""
        if self.facts is None:
            return Verdict(False, self.fault)
        return judge(self.facts, offer, len(self.data))


def bring() -> Brought | None:
    """The three ways in; the last one used wins."""
    upload, record, link = st.tabs(["Upload a file", "Record", "From a link"])
    ways: dict[str, tuple[bytes, str]] = {}
    with upload:
        given = fields.file(
            "Recording",
            key="clone_upload",
            max_upload_size=UPLOAD_MEGABYTES,
            help="10 seconds to 5 minutes of one person, without music or noise.",
            on_change=_used,
            args=("upload",),
        )
        if given is not None:
            ways["upload"] = (given.getvalue(), given.name)
    with record:
        spoken = fields.sound(
            "Speak for half a minute",
            key="clone_record",
            sample_rate=MIC_RATE,
            on_change=_used,
            args=("record",),
        )
        if spoken is not None:
            ways["record"] = (spoken.getvalue(), "My voice.wav")
    with link:
        fetched = _from_link()
        if fetched is not None:
            ways["link"] = fetched
    last = st.session_state.get(LAST_USED, "")
    found = ways.get(last) or next(iter(ways.values()), None)
    if found is None:
        return None
    brought = _inspected(*found)
    _show(brought)
    return brought


def _used(way: str) -> None:
    st.session_state[LAST_USED] = way
    st.session_state.pop(LINK_FAULT, None)


def _from_link() -> tuple[bytes, str] | None:
    """The recording behind the address that was entered; one that failed waits for a new try."""
    address = fields.line(
        "Address of a recording",
        key="clone_link",
        placeholder="https://…",
        help="It is fetched, checked and stored here; the service gets our copy.",
        on_change=_used,
        args=("link",),
    ).strip()
    if not address:
        return None
    fault = st.session_state.get(LINK_FAULT, "")
    # A page run follows every click: an address that failed is not fetched again by each.
    if not fault:
        try:
            data = _fetched(address)
        except DownloadError as problem:
            fault = f"{problem} Nothing was stored or spent."
            st.session_state[LINK_FAULT] = fault
        else:
            return data, PurePosixPath(urlsplit(address).path).name or "recording"
    st.error(words.plain(fault))
    st.button(
        "Try again", key="clone_fetch", icon=":material/refresh:", on_click=_used, args=("link",)
    )
    return None


@st.cache_data(max_entries=1, ttl=600, show_spinner="Fetching the recording…")
def _fetched(address: str) -> bytes:
    return fetch(address, max_bytes=MAX_BYTES)


def _inspected(data: bytes, name: str) -> Brought:
    if not data:
        return Brought(b"", name, None, "This file is empty.")
    try:
        return Brought(data, name, _facts(data))
    except UnreadableRecording as problem:
        return Brought(data, name, None, str(problem))


@st.cache_data(max_entries=32, ttl=3600, show_spinner="Listening to the recording…")
def _facts(data: bytes) -> Recording:
    return inspect(data)


def _show(brought: Brought) -> None:
    if brought.facts is None:
        st.error(words.plain(brought.fault), icon=":material/block:")
        return
    facts = brought.facts
    channels = "mono" if facts.channels == 1 else "stereo"
    st.audio(brought.data, format=facts.media_type, alt="The recording you brought")
    st.caption(
        f"{facts.format.upper()}, {words.seconds(facts.seconds)}, "
        f"{facts.sample_rate / 1000:g} kHz {channels}, {len(brought.data) / 1e6:.1f} MB"
    )
